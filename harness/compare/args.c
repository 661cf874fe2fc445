/* SPDX-License-Identifier: BSD-2-Clause */
/* args.c - what became of an entry's arguments: matched by name, else by place. */
#include "compare/internal.h"

#include <string.h>

static const struct arg *by_name(const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (!strcmp(entry->args[i].name, name))
			return &entry->args[i];
	return NULL;
}

static const char *place_of(const struct pair *pair, const struct arg *arg)
{
	return place_words(pair->work->out->arena, &arg->place);
}

/* One that has no name of its own on the other side, in the same place. */
static const struct arg *by_place(const struct pair *pair, const struct entry *entry, const struct entry *other,
				  const struct arg *arg)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (!by_name(other, entry->args[i].name) && !strcmp(place_of(pair, &entry->args[i]), place_of(pair, arg)))
			return &entry->args[i];
	return NULL;
}

static void differs(const struct pair *pair, const struct arg *arg, enum shift shift, const char *what)
{
	pair_change(pair, CHANGED_ARGUMENT, shift, "argument `%s`: %s", arg->name, what)->cite = pair->new->cite;
}

static void compare_size(const struct pair *pair, const struct arg *old, const struct arg *new)
{
	struct change *change;

	if (expr_equal(old->size, new->size))
		return;
	change = pair_change(pair, CHANGED_ARGUMENT, SHIFT_BOTH, "argument `%s`: memory of another size", new->name);
	change->before = old->size ? expr_text(old->size) : NULL;
	change->after = new->size ? expr_text(new->size) : NULL;
	change->on[PARTY_CALLERS].basis = change->on[PARTY_IMPLEMENTERS].basis = BASIS_ASSUMED;
}

/* The callee may write memory that it could only read, or the other way round; or it reads what it did not. */
static void compare_direction(const struct pair *pair, const struct arg *old, const struct arg *new)
{
	unsigned changed = old->direction ^ new->direction;
	bool writes = new->direction &DIRECTION_OUT, reads = new->direction &DIRECTION_IN;

	if (changed & DIRECTION_OUT)
		differs(pair, new, writes ? SHIFT_WEAKER : SHIFT_BOTH,
			writes ? "memory that is written now" : "memory that is no longer written");
	if (changed & DIRECTION_IN)
		differs(pair, new, reads ? SHIFT_WEAKER : SHIFT_STRONGER,
			reads ? "memory whose content counts now" : "memory whose content no longer counts");
}

static void compare_buffer(const struct pair *pair, const struct arg *old, const struct arg *new)
{
	compare_size(pair, old, new);
	compare_direction(pair, old, new);
	if (new->align > old->align)
		differs(pair, new, SHIFT_WEAKER, "memory has to be aligned better");
	if (new->align < old->align)
		differs(pair, new, SHIFT_STRONGER, "memory may be aligned worse");
	if (!set_within(old->special, new->special) || !set_within(new->special, old->special))
		differs(pair, new, SHIFT_BOTH, "other addresses have a meaning of their own");
	if (old->of && new->of && (old->of->size != new->of->size || old->of->member_count || new->of->member_count))
		compare_type(pair, arena_printf(pair->work->out->arena, "argument `%s`, elements", new->name), old->of, new->of,
			     false);
}

static bool is_address(enum role role)
{
	return role == ROLE_BUFFER || role == ROLE_CODE;
}

static void compare_arg(const struct pair *pair, const struct arg *old, const struct arg *new)
{
	const char *was = place_of(pair, old), *is = place_of(pair, new);
	struct change *change;

	if (strcmp(old->name, new->name))
		pair_change(pair, CHANGED_ARGUMENT, SHIFT_NONE, "argument `%s` is called `%s` now", old->name, new->name);
	if (strcmp(was, is)) {
		change = pair_change(pair, CHANGED_ARGUMENT, SHIFT_BOTH, "argument `%s` moved", new->name);
		change->before = was;
		change->after = is;
		change->cite = pair->new->cite;
	}
	compare_type(pair, arena_printf(pair->work->out->arena, "argument `%s`", new->name), old->type, new->type, false);
	if (old->role == ROLE_BUFFER && new->role == ROLE_BUFFER)
		compare_buffer(pair, old, new);
	else if (old->role != new->role && (is_address(old->role) || is_address(new->role)))
		differs(pair, new, SHIFT_BOTH, "means something else");
	if (!same_text(old->handle, new->handle) || old->plus != new->plus)
		differs(pair, new, SHIFT_BOTH, "comes from another call");
}

/* Callers that leave it out pass something in its place, and implementers that wait for it get something. */
static void arg_came(const struct pair *pair, const struct arg *arg)
{
	struct change *change = pair_change(pair, CHANGED_ARGUMENT, SHIFT_BOTH, "argument `%s` added", arg->name);

	change->after = place_of(pair, arg);
	change->cite = pair->new->cite;
}

static void arg_went(const struct pair *pair, const struct arg *arg)
{
	struct change *change = pair_change(pair, CHANGED_ARGUMENT, SHIFT_STRONGER, "argument `%s` removed", arg->name);

	change->before = place_of(pair, arg);
	change->cite = pair->new->cite;
}

void compare_args(const struct pair *pair)
{
	bool known[SPEC_ARGS] = { false };

	for (size_t i = 0; i < pair->new->arg_count; i++) {
		const struct arg *new = &pair->new->args[i], *old = by_name(pair->old, new->name);

		if (arg_selects(pair->new_side->spec, new))
			continue;
		if (!old)
			old = by_place(pair, pair->old, pair->new, new);
		if (!old || arg_selects(pair->old_side->spec, old)) {
			arg_came(pair, new);
			continue;
		}
		known[old - pair->old->args] = true;
		compare_arg(pair, old, new);
	}
	for (size_t i = 0; i < pair->old->arg_count; i++)
		if (!known[i] && !arg_selects(pair->old_side->spec, &pair->old->args[i]))
			arg_went(pair, &pair->old->args[i]);
}

/* ---- structures ---- */

static const struct structure_field *find_field(const struct structure *structure, const char *name)
{
	for (size_t i = 0; i < structure->field_count; i++)
		if (!strcmp(structure->fields[i].name, name))
			return &structure->fields[i];
	return NULL;
}

static bool found_alike(const struct structure *a, const struct structure *b)
{
	return same_text(a->signature, b->signature) && same_text(a->pointer, b->pointer) && a->range_low == b->range_low &&
	       a->range_high == b->range_high && a->step == b->step && a->is_offset == b->is_offset &&
	       a->big_endian == b->big_endian && expr_equal(a->shape, b->shape) && expr_equal(a->size, b->size);
}

void compare_structures(const struct pair *pair)
{
	const struct structure *old = pair->old->structure, *new = pair->new->structure;

	if (!found_alike(old, new))
		pair_change(pair, CHANGED_FIELD, SHIFT_BOTH, "is found otherwise")->cite = pair->new->cite;
	if (old->optional != new->optional)
		pair_change(pair, CHANGED_PRESENCE, new->optional ? SHIFT_WEAKER : SHIFT_STRONGER, "%s",
			    new->optional ? "need not be there now" : "has to be there now")
			->cite = pair->new->cite;
	for (size_t i = 0; i < new->field_count; i++) {
		const struct structure_field *is = &new->fields[i], *was = find_field(old, is->name);

		if (!was)
			pair_change(pair, CHANGED_FIELD, SHIFT_STRONGER, "field `%s` added", is->name);
		else if (was->offset != is->offset || was->count != is->count || was->type->size != is->type->size)
			pair_change(pair, CHANGED_FIELD, SHIFT_BOTH, "field `%s` is laid out otherwise", is->name);
	}
	for (size_t i = 0; i < old->field_count; i++)
		if (!find_field(new, old->fields[i].name))
			pair_change(pair, CHANGED_FIELD, SHIFT_WEAKER, "field `%s` removed", old->fields[i].name);
}
