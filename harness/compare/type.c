/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * type.c - what became of the type of an argument or a result.
 *
 * More values of an argument are more to do for an implementation; more values of a result are more for a caller to expect.
 */
#include "compare/internal.h"

#include <inttypes.h>
#include <string.h>

struct typed {
	const struct pair *pair;
	const char *label; /* "argument `flags`" */
	enum change_kind kind;
	enum shift more, less; /* what more and fewer values mean */
};

static void changed(const struct typed *typed, enum shift shift, const char *what, const char *before, const char *after)
{
	struct change *change = pair_change(typed->pair, typed->kind, shift, "%s: %s", typed->label, what);

	change->before = before;
	change->after = after;
	change->cite = typed->pair->new->cite;
}

static const char *base_text(const struct typed *typed, struct int_type base)
{
	return arena_printf(typed->pair->work->out->arena, "%c%u", base.is_signed ? 's' : 'u', base.bits);
}

static void compare_base(const struct typed *typed, struct int_type old, struct int_type new)
{
	enum shift shift = old.is_signed != new.is_signed ? SHIFT_BOTH : new.bits > old.bits ? typed->more : typed->less;

	if (old.bits != new.bits || old.is_signed != new.is_signed)
		changed(typed, shift, "another type", base_text(typed, old), base_text(typed, new));
}

struct named_list {
	const char *what;
	const struct named_value *list;
	size_t count;
};

static const struct named_value *find(const struct named_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->list[i].name, name))
			return &list->list[i];
	return NULL;
}

static void compare_named(const struct typed *typed, const struct named_list *old, const struct named_list *new)
{
	struct arena *arena = typed->pair->work->out->arena;

	for (size_t i = 0; i < old->count; i++) {
		const struct named_value *was = &old->list[i], *is = find(new, was->name);
		const char *before = arena_printf(arena, "%s = %#" PRIx64, was->name, was->value);

		if (!is)
			changed(typed, typed->less, arena_printf(arena, "%s removed", old->what), before, NULL);
		else if (is->value != was->value)
			changed(typed, SHIFT_BOTH, arena_printf(arena, "%s renumbered", old->what), before,
				arena_printf(arena, "%s = %#" PRIx64, is->name, is->value));
	}
	for (size_t i = 0; i < new->count; i++)
		if (!find(old, new->list[i].name))
			changed(typed, typed->more, arena_printf(arena, "%s added", new->what), NULL,
				arena_printf(arena, "%s = %#" PRIx64, new->list[i].name, new->list[i].value));
}

static void compare_fields(const struct typed *typed, const struct type *old, const struct type *new)
{
	bool same = old->field_count == new->field_count;

	for (size_t i = 0; same && i < old->field_count; i++)
		same = !strcmp(old->fields[i].name, new->fields[i].name) && old->fields[i].high == new->fields[i].high &&
		       old->fields[i].low == new->fields[i].low;
	if (!same)
		changed(typed, SHIFT_BOTH, "other bit fields", NULL, NULL);
}

static void compare_members(const struct typed *typed, const struct type *old, const struct type *new)
{
	bool same = old->member_count == new->member_count && old->size == new->size;

	for (size_t i = 0; same && i < old->member_count; i++)
		same = !strcmp(old->members[i].name, new->members[i].name) && old->members[i].offset == new->members[i].offset &&
		       old->members[i].type->size == new->members[i].type->size;
	if (!same && (old->member_count || new->member_count))
		changed(typed, SHIFT_BOTH, "another layout", NULL, NULL);
}

/* Reserved values are those that must not be: the more of them, the fewer are left. */
static void compare_reserved(const struct typed *typed, const struct int_set *old, const struct int_set *new)
{
	struct arena *arena = typed->pair->work->out->arena;
	bool more = !set_within(new, old), fewer = !set_within(old, new);

	if (more || fewer)
		changed(typed,
			more && fewer ? SHIFT_BOTH
			: more	      ? typed->less
				      : typed->more,
			"other values are reserved", set_text(arena, old), set_text(arena, new));
}

static void compare_align(const struct typed *typed, unsigned old, unsigned new)
{
	struct arena *arena = typed->pair->work->out->arena;

	old += !old;
	new += !new;
	if (old != new)
		changed(typed, new > old ? typed->less : typed->more, "another alignment", arena_printf(arena, "%u", old),
			arena_printf(arena, "%u", new));
}

void compare_type(const struct pair *pair, const char *label, const struct type *old, const struct type *new, bool is_result)
{
	const struct typed typed = { pair, label, is_result ? CHANGED_RESULT : CHANGED_ARGUMENT,
				     is_result ? SHIFT_WEAKER : SHIFT_STRONGER, is_result ? SHIFT_STRONGER : SHIFT_WEAKER };

	if (old == new)
		return;
	compare_base(&typed, old->base, new->base);
	compare_named(&typed, &(struct named_list){ "value", old->enums, old->enum_count },
		      &(struct named_list){ "value", new->enums, new->enum_count });
	compare_named(&typed, &(struct named_list){ "flag", old->flags, old->flag_count },
		      &(struct named_list){ "flag", new->flags, new->flag_count });
	compare_fields(&typed, old, new);
	compare_members(&typed, old, new);
	compare_reserved(&typed, old->reserved, new->reserved);
	compare_align(&typed, old->align, new->align);
}
