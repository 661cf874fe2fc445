/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.c - the modelled state of the blob while a case is planned.
 *
 * The model holds only what differs from reset, so that "is everything back where it was" is a count.
 */
#include "plan/internal.h"

#include <string.h>

void model_reset(struct model *model)
{
	memset(model, 0, offsetof(struct model, cells));
}

void model_assign(struct model *to, const struct model *from)
{
	memcpy(to, from, offsetof(struct model, cells) + from->count * sizeof(struct cell));
}

/* A copy that is only as long as it needs to be: to be read, never to be written. */
struct model *model_copy(struct arena *arena, const struct model *model)
{
	return arena_copy(arena, model, offsetof(struct model, cells) + model->count * sizeof(struct cell));
}

static int cell_compare(const struct cell *a, unsigned state, const uint64_t key[2])
{
	if (a->state != state)
		return a->state < state ? -1 : 1;
	for (unsigned i = 0; i < 2; i++)
		if (a->key[i] != key[i])
			return a->key[i] < key[i] ? -1 : 1;
	return 0;
}

/* The place of a cell, or where it would go. */
static unsigned cell_place(const struct model *model, unsigned state, const uint64_t key[2], bool *found)
{
	unsigned low = 0, high = model->count;

	*found = false;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = cell_compare(&model->cells[middle], state, key);

		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct value initial_value(const struct plan *plan, const struct state *state, const uint64_t key[2])
{
	struct sight sight = { .plan = plan, .prediction = PREDICT_OPEN, .key = { key[0], key[1] } };

	if (!state->init)
		return value_unknown();
	return value_cast(sight_eval(&sight, state->init), state->type->base);
}

static bool same_value(struct value a, struct value b)
{
	return a.known == b.known && (!a.known || a.bits == b.bits);
}

/* State keys compare by value in the key's type. */
static bool key_bits(const struct state *state, const struct value keys[2], uint64_t bits[2])
{
	bits[0] = bits[1] = 0;
	for (unsigned i = 0; i < state->keys; i++) {
		if (!keys[i].known)
			return false;
		bits[i] = int_truncate(keys[i].bits, state->key_type[i]);
	}
	return true;
}

/* Something was set, and nobody knows at which index. */
static void blur(struct model *model, unsigned state)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < model->count; i++)
		if (model->cells[i].state != state)
			model->cells[kept++] = model->cells[i];
	model->count = kept;
	model->blurred[state / 64 % MODEL_BLURS] |= UINT64_C(1) << state % 64;
}

static bool is_blurred(const struct model *model, unsigned state)
{
	return model->blurred[state / 64 % MODEL_BLURS] >> state % 64 & 1;
}

struct value model_read(const struct plan *plan, const struct model *model, unsigned number, const struct value keys[2])
{
	const struct state *state = plan->spec->states[number];
	uint64_t key[2];
	unsigned place;
	bool found;

	if (!key_bits(state, keys, key))
		return value_unknown();
	place = cell_place(model, number, key, &found);
	if (found)
		return model->cells[place].value;
	return model->overflow || is_blurred(model, number) ? value_unknown() : initial_value(plan, state, key);
}

static void model_set(const struct plan *plan, struct model *model, const struct state *state, const uint64_t key[2],
		      struct value value)
{
	bool found;
	unsigned place = cell_place(model, state->number, key, &found);

	value = value_cast(value, state->type->base);
	if (!is_blurred(model, state->number) && same_value(value, initial_value(plan, state, key))) {
		if (found)
			memmove(&model->cells[place], &model->cells[place + 1], (--model->count - place) * sizeof(struct cell));
		return;
	}
	if (!found) {
		if (model->count == MODEL_CELLS) {
			model->overflow |= state->init != NULL;
			return;
		}
		memmove(&model->cells[place + 1], &model->cells[place], (model->count++ - place) * sizeof(struct cell));
	}
	model->cells[place] = (struct cell){ state->number, { key[0], key[1] }, value };
}

/*
 * A state that nobody knew at reset cannot be put back, and need not be. Of one that was set nobody knows where, the entry's
 * restoring calls have to take care.
 */
bool model_is_reset(const struct plan *plan, const struct model *model)
{
	for (unsigned i = 0; i < model->count; i++) {
		const struct cell *cell = &model->cells[i];
		const struct state *state = plan->spec->states[cell->state];

		if (state->init && !same_value(cell->value, initial_value(plan, state, cell->key)))
			return false;
	}
	return !model->overflow;
}

uint64_t model_hash_of(const struct model *model, const bool *states)
{
	uint64_t hash = hash_word(1, 0);

	for (unsigned i = 0; i < MODEL_BLURS; i++)
		hash = hash_word(hash, model->blurred[i]);
	for (unsigned i = 0; i < model->count; i++) {
		const struct cell *cell = &model->cells[i];

		if (states && !states[cell->state])
			continue;
		hash = hash_word(hash, cell->state);
		hash = hash_word(hash, cell->key[0]);
		hash = hash_word(hash, cell->key[1]);
		hash = hash_word(hash, cell->value.known ? cell->value.bits : UINT64_C(0x756e6b6e6f776e));
	}
	return hash;
}

uint64_t model_hash(const struct model *model)
{
	return model_hash_of(model, NULL);
}

#define PLACEHOLDERS UINT64_C(0x7a7a000000000000)

bool model_is_placeholder(struct value value)
{
	return value.known && value.bits >> 48 == PLACEHOLDERS >> 48;
}

uint64_t model_placeholder(const struct entry *entry, unsigned occurrence, unsigned result)
{
	return PLACEHOLDERS + entry->number * UINT64_C(0x400) + (occurrence & 0x3f) * 16u + result;
}

/*
 * What an effect sets. A value that only the guest knows stays unknown; while a rule is hunted that nothing else reaches, it is
 * some value, so that `known(x)` holds.
 */
static struct value effect_value(struct sight *sight, const struct effect *effect)
{
	struct value value = effect->value ? sight_eval(sight, effect->value) : value_unknown();

	if (value.known || !effect->value || !sight->plan->vague)
		return value;
	return value_of(model_placeholder(sight->call->entry, 0, effect->state),
			sight->plan->spec->states[effect->state]->type->base);
}

static void apply_effect(struct sight *sight, struct model *model, const struct effect *effect)
{
	const struct state *state = sight->plan->spec->states[effect->state];
	struct value keys[2] = { { 0 } };
	uint64_t key[2];

	if (!value_is_true(sight_eval(sight, effect->when)))
		return;
	for (unsigned i = 0; i < effect->keys && i < 2; i++)
		keys[i] = sight_eval(sight, effect->key[i]);
	if (key_bits(state, keys, key))
		model_set(sight->plan, model, state, key, effect_value(sight, effect));
	else
		blur(model, effect->state);
}

/* Most effects do not apply whatever `i` is: one look instead of one for each. */
static bool may_apply(struct sight *sight, const struct effect *effect)
{
	bool may;

	sight->no_key = effect->each != 0;
	may = !value_is_false(sight_eval(sight, effect->when));
	sight->no_key = false;
	return may;
}

/* What becomes of the model: the effects see the state before the call, whichever of them comes first. */
static void apply_effects(struct sight *sight, struct model *after)
{
	const struct entry *entry = sight->call->entry;

	for (size_t i = 0; i < entry->effect_count; i++) {
		const struct effect *effect = &entry->effects[i];

		if (!may_apply(sight, effect))
			continue;
		for (unsigned n = 0; n < (effect->each ? effect->each : 1); n++) {
			sight->key[0] = n;
			apply_effect(sight, after, effect);
		}
	}
}

/* Everything that decides what a call does to the model. Only a handle depends on how many calls came before. */
static uint64_t transition_key(const struct plan *plan, const struct model *model, const struct planned *call,
			       unsigned occurrence)
{
	uint64_t key = hash_word(model_hash(model), planned_hash(call));

	if (entry_produces(call->entry))
		key = hash_word(key, occurrence);
	return hash_word(key, 2u * model->overflow + plan->vague);
}

enum prediction model_call(const struct plan *plan, struct model *model, const struct planned *call, unsigned occurrence,
			   bool *doubtful)
{
	uint64_t key = transition_key(plan, model, call, occurrence);
	struct transition *transition = &plan->transitions[key % TRANSITIONS];

	if (transition->key != key || !transition->used) {
		struct sight sight = { .plan = plan, .model = model, .call = call };

		model_predict(&sight, occurrence);
		model_assign(&transition->after, model);
		apply_effects(&sight, &transition->after);
		transition->used = true;
		transition->key = key;
		transition->prediction = sight.prediction;
		transition->doubtful = sight.doubtful;
	}
	model_assign(model, &transition->after);
	if (doubtful)
		*doubtful = transition->doubtful;
	return transition->prediction;
}
