/* SPDX-License-Identifier: BSD-2-Clause */
#include "compare/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static const struct int_type u64_type = { 64, false };

/* ---- numbers to draw from ---- */

static void add(uint64_t *list, size_t *count, uint64_t number)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i] == number)
			return;
	if (*count < POOL_MAX)
		list[(*count)++] = number;
}

static void add_literal(void *context, uint64_t bits)
{
	struct pool *pool = context;

	add(pool->list, &pool->count, bits);
}

void pool_add_entry(struct pool *pool, const struct entry *entry)
{
	static const uint64_t always[] = { 0, 1, ~UINT64_C(0) };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add_literal(pool, always[i]);
	for (size_t i = 0; i < entry->rule_count; i++) {
		if (entry->rules[i]->when)
			expr_literals(entry->rules[i]->when, add_literal, pool);
		if (entry->rules[i]->must)
			expr_literals(entry->rules[i]->must, add_literal, pool);
	}
	for (size_t i = 0; i < entry->error_count; i++)
		add(pool->errors, &pool->error_count, entry->errors[i].value);
}

static struct rng rng_for(const struct scene *scene, const char *group, const char *name)
{
	return (struct rng){ hash_text(hash_text(hash_word(scene->seed, 7), group), name ? name : "") };
}

static uint64_t draw_from_pool(const struct scene *scene, struct rng *rng)
{
	return scene->pool->list[rng_below(rng, scene->pool->count)];
}

static uint64_t draw_arg(const struct scene *scene, struct rng *rng)
{
	const struct value *arg = scene->of->arg_count ? &scene->call->args[rng_below(rng, scene->of->arg_count)] : NULL;

	return arg && arg->known ? arg->bits : draw_from_pool(scene, rng);
}

/* What the rules speak of, numbers beside it, the call's own arguments, and single bits. */
static uint64_t draw(const struct scene *scene, const char *group, const char *name)
{
	struct rng rng = rng_for(scene, group, name);

	switch (rng_below(&rng, 10)) {
	case 0:
	case 1:
		return draw_arg(scene, &rng);
	case 2:
		return draw_from_pool(scene, &rng) + rng_below(&rng, 3) - 1;
	case 3:
		return UINT64_C(1) << rng_below(&rng, 64);
	case 4:
		return draw_from_pool(scene, &rng) ^ UINT64_C(1) << rng_below(&rng, 64);
	default:
		return draw_from_pool(scene, &rng);
	}
}

static bool draw_bool(const struct scene *scene, const char *group, const char *name)
{
	struct rng rng = rng_for(scene, group, name);

	return rng_below(&rng, 2);
}

/* ---- names ---- */

static struct value read_arg(const struct view *view, const struct name *name)
{
	const struct scene *scene = view->scene;
	const struct arg *arg = &view->entry->args[name->index];

	for (size_t i = 0; i < scene->of->arg_count; i++)
		if (!strcmp(scene->of->args[i].name, arg->name) && scene->call->args[i].known)
			return value_of(scene->call->args[i].bits, arg->type->base);
	return value_of(draw(scene, "argument", arg->name), arg->type->base);
}

static bool comes_back(const struct scene *scene)
{
	return scene->happened & (OUTCOME_RETURNS | OUTCOME_BLOCKS);
}

static struct value read_result(const struct view *view, unsigned number)
{
	const struct scene *scene = view->scene;
	const struct result *result = &view->entry->results[number];
	bool is_status = (int)number == view->side->spec->convention.status;
	struct rng rng = rng_for(scene, "status", NULL);

	if (!comes_back(scene))
		return value_unknown();
	if (is_status && scene->error_given)
		return value_of(scene->error, result->type->base);
	if (is_status && scene->pool->error_count && rng_below(&rng, 8))
		return value_of(scene->pool->errors[rng_below(&rng, scene->pool->error_count)], result->type->base);
	return value_of(draw(scene, "result", result->name), result->type->base);
}

/* One value for all keys. A state that nobody has set yet may be unknown. */
static struct value read_state(const struct view *view, const struct name *name)
{
	const struct state *state = view->side->spec->states[name->index];
	char id[128];

	snprintf(id, sizeof(id), "%s.%s", state->chapter->name, state->name);
	if (!state->init && !draw_bool(view->scene, "is known", id))
		return value_unknown();
	return value_of(draw(view->scene, "state", id), state->type->base);
}

static uint64_t claimed(const struct side *side, bool minor)
{
	char *end = NULL;
	uint64_t major = strtoull(side_version(side), &end, 10);

	if (!minor)
		return major;
	return end && *end == '.' ? strtoull(end + 1, NULL, 10) : 0;
}

static uint64_t read_fact(const struct view *view, unsigned fact)
{
	const uint64_t facts[FACT_COUNT] = {
		[FACT_HARTS] = MACHINE_HARTS,
		[FACT_RAM_SIZE] = MACHINE_RAM_SIZE,
		[FACT_CLAIMED_MAJOR] = claimed(view->side, false),
		[FACT_CLAIMED_MINOR] = claimed(view->side, true),
		[FACT_CLOCK_HZ] = MACHINE_CLOCK_HZ,
	};

	return fact < FACT_COUNT ? facts[fact] : 0;
}

static bool read_outcome(const struct scene *scene, unsigned outcome)
{
	switch (outcome) {
	case OUT_RETURNED:
		return comes_back(scene);
	case OUT_TRAPPED:
		return scene->happened == OUTCOME_TRAPS;
	case OUT_LANDED:
		return scene->happened == OUTCOME_LANDS || draw_bool(scene, "landed", NULL);
	case OUT_STOPPED:
		return scene->happened == OUTCOME_STOPS;
	case OUT_SHUTDOWN:
		return scene->happened == OUTCOME_SHUTDOWN;
	default:
		return scene->happened == OUTCOME_RESET;
	}
}

/* Registers are mostly as they were. */
static uint64_t read_control(const struct scene *scene, const char *name)
{
	const char *moment = name, *reg = strchr(name, '.') ? strchr(name, '.') + 1 : name;

	return draw(scene, draw_bool(scene, "is as before", moment) ? "control" : moment, reg);
}

static struct value view_read(void *context, const struct name *name, const struct value keys[2])
{
	const struct view *view = context;
	const struct scene *scene = view->scene;

	(void)keys;
	switch (name->kind) {
	case NAME_CONSTANT:
		return name->value;
	case NAME_ARG:
	case NAME_BUFFER:
		return read_arg(view, name->kind == NAME_ARG ? name : &(struct name){ .index = name->arg });
	case NAME_RESULT:
		return read_result(view, name->index);
	case NAME_STATE:
		return read_state(view, name);
	case NAME_CONTROL:
		return value_of(read_control(scene, name->text), name->type);
	case NAME_OUTCOME:
		return value_bool(read_outcome(scene, name->index));
	case NAME_TRAP:
		return scene->happened == OUTCOME_TRAPS ? value_of(draw(scene, "trap", name->text), name->type) : value_unknown();
	case NAME_LAND:
		return read_outcome(scene, OUT_LANDED) ? value_of(draw(scene, "land", name->text), name->type) : value_unknown();
	case NAME_TIME:
		return value_of(MACHINE_NOW + 20 * name->index, u64_type);
	case NAME_FACT:
		return value_of(read_fact(view, name->index), u64_type);
	default:
		return value_of(draw(scene, "seen", name->text), name->type);
	}
}

/* ---- memory ---- */

static unsigned element_size(const struct arg *arg)
{
	unsigned size = arg->of && !arg->of->member_count ? arg->of->size : 0;

	return size == 2 || size == 4 || size == 8 ? size : 1;
}

/* The same number in every element, or what the caller put there. */
static uint8_t byte_at(const struct view *view, unsigned buffer, uint64_t offset, bool old)
{
	const struct scene *scene = view->scene;
	const struct arg *arg = view->entry->is_structure ? NULL : &view->entry->args[view->entry->buffers[buffer]];
	unsigned size = arg ? element_size(arg) : 1;
	bool before = old || (arg && arg->direction == DIRECTION_IN) || draw_bool(scene, "is unchanged", arg ? arg->name : "");
	unsigned at = (unsigned)(offset % size);

	if (before && view->entry == scene->of && scene->call->content[buffer] && offset < scene->call->size[buffer])
		return scene->call->content[buffer][offset];
	if (view->side->spec->convention.big_endian)
		at = size - 1 - at;
	return (uint8_t)(draw(scene, before ? "memory before" : "memory after", arg ? arg->name : "") >> 8 * at);
}

static struct value view_load(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct view *view = context;
	bool big = view->side->spec->convention.big_endian;
	uint64_t bits = 0;

	if (!view->entry->is_structure && buffer >= view->entry->buffer_count)
		return value_unknown();
	for (unsigned i = 0; i < size; i++)
		bits |= (uint64_t)byte_at(view, buffer, offset + i, old) << 8 * (big ? size - 1 - i : i);
	return value_of(bits, (struct int_type){ (uint8_t)(size * 8), false });
}

/* ---- the machine ---- */

static struct value view_is_hart(void *context, uint64_t hart)
{
	(void)context;
	return value_bool(hart < MACHINE_HARTS);
}

static struct value view_accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	(void)context;
	if (high || low >= MACHINE_NOWHERE || low + length < low)
		return value_bool(false);
	if (low >= MACHINE_RAM_SIZE)
		return value_unknown();
	if (length > MACHINE_RAM_SIZE - low)
		return value_bool(false);
	return low >= MACHINE_OWN ? value_bool(true) : value_unknown();
}

static struct value view_present(void *context, unsigned chapter)
{
	const struct view *view = context;

	if (chapter >= view->side->spec->chapter_count)
		return value_unknown();
	return value_bool(draw_bool(view->scene, "present", view->side->spec->chapters[chapter]->name));
}

static const char *enum_name(const struct type *type, uint64_t bits)
{
	for (size_t i = 0; i < type->enum_count; i++)
		if (type->enums[i].value == bits)
			return type->enums[i].name;
	return NULL;
}

static const char *view_constant_name(void *context, const struct name *name, uint64_t bits)
{
	const struct view *view = context;
	const struct spec *spec = view->side->spec;

	if (name->kind == NAME_RESULT && (int)name->index == spec->convention.status && view->entry->errors)
		return spec_error_name(spec, bits);
	if (name->kind == NAME_ARG)
		return enum_name(view->entry->args[name->index].type, bits);
	return name->kind == NAME_STATE ? enum_name(spec->states[name->index]->type, bits) : NULL;
}

void scene_view(struct view *view, const struct scene *scene, const struct side *side, const struct entry *entry)
{
	*view = (struct view){ scene,
			       side,
			       entry,
			       { view, view_read, view_load, view_is_hart, view_accessible, view_present, view_constant_name,
				 NULL } };
}

struct value view_status(const struct view *view)
{
	int status = view->side->spec->convention.status;

	return status < 0 || status >= (int)view->entry->result_count ? value_unknown() : read_result(view, (unsigned)status);
}
