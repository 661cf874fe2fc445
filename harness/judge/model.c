/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.c - what the state variables of a specification hold before a call.
 *
 * A variable is a map from up to two keys. A key nobody has set holds what `init` says of it, worked out when it is asked for,
 * so that a variable over all 64-bit numbers costs nothing. What a call did when nobody can tell is forgotten: a value that
 * might be wrong never becomes the ground of a verdict.
 */
#include <stdlib.h>

#include "base/rng.h"
#include "judge/private.h"

#define FIRST_SIZE 16

struct slot {
	uint64_t key[2], bits;
	bool used, known;
};

struct table {
	struct slot *slots; /* open addressing */
	size_t size, used; /* size: a power of two, or 0 */
	bool forgotten; /* `init` does not hold any more for keys without a slot */
};

struct change {
	unsigned state;
	bool everywhere; /* which key is not known: all of them may have changed */
	uint64_t key[2];
	struct value value;
};

struct model {
	const struct spec *spec;
	bool booted;
	uint32_t boot;
	struct table *tables; /* by state number */
	struct change *changes;
	size_t change_count, change_size;
};

struct model *model_new(const struct spec *spec)
{
	struct model *model = xcalloc(1, sizeof(*model));

	model->spec = spec;
	model->tables = xcalloc(spec->state_count + 1, sizeof(*model->tables));
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	for (size_t i = 0; i < model->spec->state_count; i++)
		free(model->tables[i].slots);
	free(model->tables);
	free(model->changes);
	free(model);
}

static void clear(struct table *table)
{
	if (table->used)
		memset(table->slots, 0, table->size * sizeof(*table->slots));
	table->used = 0;
}

void model_boot(struct model *model, uint32_t boot)
{
	if (model->booted && model->boot == boot)
		return;
	model->booted = true;
	model->boot = boot;
	for (size_t i = 0; i < model->spec->state_count; i++) {
		clear(&model->tables[i]);
		model->tables[i].forgotten = false;
	}
}

/* The slot of a key, or the free one where it belongs. The table is never full. */
static struct slot *find(const struct table *table, const uint64_t key[2])
{
	size_t at = hash_word(hash_word(0, key[0]), key[1]);

	for (;; at++) {
		struct slot *slot = &table->slots[at & (table->size - 1)];

		if (!slot->used || (slot->key[0] == key[0] && slot->key[1] == key[1]))
			return slot;
	}
}

static void grow(struct table *table)
{
	struct table bigger = { .size = table->size ? table->size * 2 : FIRST_SIZE,
				.used = table->used,
				.forgotten = table->forgotten };

	bigger.slots = xcalloc(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < table->size; i++)
		if (table->slots[i].used)
			*find(&bigger, table->slots[i].key) = table->slots[i];
	free(table->slots);
	*table = bigger;
}

static void set(struct table *table, const uint64_t key[2], struct value value)
{
	struct slot *slot;

	if (table->used * 2 >= table->size)
		grow(table);
	slot = find(table, key);
	table->used += !slot->used;
	*slot = (struct slot){ { key[0], key[1] }, value.bits, true, value.known };
}

static struct value initial(const struct state *state, struct world *world, const uint64_t key[2])
{
	const uint64_t saved[2] = { world->key[0], world->key[1] };
	struct value value;

	if (!state->init)
		return value_unknown();
	memcpy(world->key, key, sizeof(world->key));
	value = expr_eval(state->init, &world->env);
	memcpy(world->key, saved, sizeof(world->key));
	return value.known ? value_of(value.bits, state->type->base) : value;
}

static void to_key(const struct state *state, const uint64_t keys[2], uint64_t key[2])
{
	for (unsigned i = 0; i < 2; i++)
		key[i] = i < state->keys ? int_truncate(keys[i], state->key_type[i]) : 0;
}

struct value model_value(struct model *model, struct world *world, unsigned number, const uint64_t keys[2])
{
	const struct state *state = model->spec->states[number];
	const struct table *table = &model->tables[number];
	uint64_t key[2];

	to_key(state, keys, key);
	if (table->used) {
		const struct slot *slot = find(table, key);

		if (slot->used)
			return slot->known ? value_of(slot->bits, state->type->base) : value_unknown();
	}
	return table->forgotten ? value_unknown() : initial(state, world, key);
}

static struct change *add_change(struct model *model)
{
	if (model->change_count == model->change_size) {
		model->change_size = model->change_size ? model->change_size * 2 : 64;
		model->changes = xrealloc(model->changes, model->change_size * sizeof(*model->changes));
	}
	return &model->changes[model->change_count++];
}

static void work_out(struct model *model, struct world *world, const struct effect *effect)
{
	const struct state *state = model->spec->states[effect->state];
	struct value when = effect->when ? expr_eval(effect->when, &world->env) : value_bool(true);
	struct change change = { .state = effect->state };
	uint64_t keys[2] = { 0, 0 };

	if (value_is_false(when))
		return;
	for (unsigned i = 0; i < effect->keys; i++) {
		struct value key = expr_eval(effect->key[i], &world->env);

		change.everywhere |= !key.known;
		keys[i] = key.bits;
	}
	to_key(state, keys, change.key);
	if (when.known && effect->value)
		change.value = expr_eval(effect->value, &world->env);
	change.value.bits = int_truncate(change.value.bits, state->type->base);
	*add_change(model) = change;
}

static void apply(struct model *model, const struct change *change)
{
	struct table *table = &model->tables[change->state];

	if (!change->everywhere) {
		set(table, change->key, change->value);
		return;
	}
	clear(table);
	table->forgotten = true;
}

void model_apply(struct model *model, struct world *world)
{
	const struct entry *entry = world->entry;

	model->change_count = 0;
	if (!entry->effect_count || was_refused(world))
		return;
	for (size_t i = 0; i < entry->effect_count; i++) {
		const struct effect *effect = &entry->effects[i];
		unsigned times = effect->each ? effect->each : 1;

		for (world->key[0] = 0; world->key[0] < times; world->key[0]++)
			work_out(model, world, effect);
	}
	for (size_t i = 0; i < model->change_count; i++)
		apply(model, &model->changes[i]);
}
