/* SPDX-License-Identifier: BSD-2-Clause */
/* convention.c - what holds for every call: how it is made, what it keeps, what the universal rules say. */
#include "compare/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct change *about(struct work *work, enum change_kind kind, enum shift shift, const char *what)
{
	return change_add(work, kind, work->out->new.spec->name, shift, "%s", what);
}

static void text_changed(struct work *work, enum change_kind kind, enum shift shift, const char *what, const char *old,
			 const char *new)
{
	struct change *change;

	if (same_text(old, new))
		return;
	change = about(work, kind, shift, what);
	change->before = old;
	change->after = new;
}

/* ---- lists of registers ---- */

static const char *join(struct arena *arena, const char *before, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		before = arena_printf(arena, "%s%s%s", before, i ? ", " : "", names[i]);
	return before;
}

static bool listed(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool keeps(const struct preserved *preserved, const char *name)
{
	return listed(name, preserved->names, preserved->count) != preserved->all_but;
}

static const char *preserved_text(struct arena *arena, const struct preserved *preserved)
{
	if (!preserved->count)
		return preserved->all_but ? "all" : "none";
	return join(arena, preserved->all_but ? "all but " : "", preserved->names, preserved->count);
}

/* Of the registers that either side names; of those that neither does, "all but" keeps more than a list. */
static void weigh(const struct preserved *old, const struct preserved *new, bool *lost, bool *won)
{
	const struct preserved *both[] = { old, new };

	*lost = old->all_but && !new->all_but;
	*won = new->all_but && !old->all_but;
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < both[side]->count; i++) {
			bool was = keeps(old, both[side]->names[i]), is = keeps(new, both[side]->names[i]);

			*lost |= was && !is;
			*won |= is && !was;
		}
	}
}

void compare_preserved(struct work *work, const char *subject, const struct preserved *old, const struct preserved *new)
{
	struct change *change;
	bool lost, won;

	weigh(old, new, &lost, &won);
	if (!lost && !won)
		return;
	change = change_add(work, CHANGED_CLOBBER, subject,
			    lost && won ? SHIFT_BOTH
			    : lost	? SHIFT_WEAKER
					: SHIFT_STRONGER,
			    "%s",
			    lost && won ? "other registers are kept"
			    : lost	? "fewer registers are kept"
					: "more registers are kept");
	change->before = preserved_text(work->out->arena, old);
	change->after = preserved_text(work->out->arena, new);
	change->cite = new->cite;
}

static void compare_registers(struct work *work, const struct convention *old, const struct convention *new)
{
	const struct preserved was = { old->preserve_all_but, old->preserved_count, old->preserved,
				       old->cites[UNIVERSAL_PRESERVED_REGISTERS] };
	const struct preserved is = { new->preserve_all_but, new->preserved_count, new->preserved,
				      new->cites[UNIVERSAL_PRESERVED_REGISTERS] };
	const struct preserved control_was = { false, old->control_preserved, old->control,
					       old->cites[UNIVERSAL_PRESERVED_CONTROL] };
	const struct preserved control_is = { false, new->control_preserved, new->control,
					      new->cites[UNIVERSAL_PRESERVED_CONTROL] };

	compare_preserved(work, work->out->new.spec->name, &was, &is);
	compare_preserved(work, work->out->new.spec->name, &control_was, &control_is);
}

/* ---- how a call is made ---- */

static const char *selectors(struct arena *arena, const struct convention *convention)
{
	const char *text = "";

	for (size_t i = 0; i < convention->selector_count; i++)
		text = arena_printf(arena, "%s%s%s: %s", text, i ? ", " : "", convention->selector_name[i],
				    place_words(arena, &convention->selector[i]));
	return text;
}

static const char *results(struct arena *arena, const struct convention *convention)
{
	const char *text = "";

	for (size_t i = 0; i < convention->result_count; i++) {
		const struct result *result = &convention->results[i];

		text = arena_printf(arena, "%s%s%s %c%u in %s", text, i ? ", " : "", result->name,
				    result->type->base.is_signed ? 's' : 'u', result->type->base.bits,
				    place_words(arena, &result->place));
	}
	return text;
}

/* More registers for arguments that no older call has: nobody has to care. */
static void compare_arguments(struct work *work, const struct convention *old, const struct convention *new)
{
	struct arena *arena = work->out->arena;
	const char *was = join(arena, "", old->arguments, old->argument_count);
	const char *is = join(arena, "", new->arguments, new->argument_count);
	bool longer = new->argument_count > old->argument_count && !strncmp(was, is, strlen(was));

	text_changed(work, CHANGED_CONVENTION, longer ? SHIFT_FREE : SHIFT_BOTH, "arguments go elsewhere", was, is);
}

static const char *order(const struct convention *convention)
{
	return convention->big_endian ? "big" : "little";
}

static void compare_call(struct work *work, const struct convention *old, const struct convention *new)
{
	struct arena *arena = work->out->arena;

	text_changed(work, CHANGED_CONVENTION, SHIFT_BOTH, "calls go through another gate", old->gate, new->gate);
	text_changed(work, CHANGED_CONVENTION, SHIFT_BOTH, "the word has another width",
		     arena_printf(arena, "%u bits", old->word), arena_printf(arena, "%u bits", new->word));
	text_changed(work, CHANGED_CONVENTION, SHIFT_BOTH, "the order of bytes changed", order(old), order(new));
	text_changed(work, CHANGED_CONVENTION, SHIFT_BOTH, "the selector goes elsewhere", selectors(arena, old),
		     selectors(arena, new));
	text_changed(work, CHANGED_CONVENTION, SHIFT_BOTH, "results come otherwise", results(arena, old), results(arena, new));
	compare_arguments(work, old, new);
}

static void compare_unsupported(struct work *work, const struct convention *old, const struct convention *new)
{
	struct change *change;

	if (expr_equal(old->unsupported, new->unsupported))
		return;
	change = about(work, CHANGED_CONVENTION,
		       !old->unsupported   ? SHIFT_STRONGER
		       : !new->unsupported ? SHIFT_WEAKER
					   : SHIFT_BOTH,
		       "calls that are not there answer otherwise");
	change->before = old->unsupported ? expr_text(old->unsupported) : NULL;
	change->after = new->unsupported ? expr_text(new->unsupported) : NULL;
	change->cite = new->cites[UNIVERSAL_UNSUPPORTED];
}

/* ---- universal rules ---- */

static void compare_universal(struct work *work, const struct convention *old, const struct convention *new)
{
	unsigned changed = old->unspecified ^ new->unspecified;

	for (unsigned i = 0; i < UNIVERSAL_COUNT; i++) {
		bool is_open = new->unspecified >> i & 1;
		struct change *change;

		if (!(changed >> i & 1))
			continue;
		change = change_add(work, CHANGED_CONVENTION, work->out->new.spec->name, is_open ? SHIFT_WEAKER : SHIFT_STRONGER,
				    "universal rule `%s` is %s", universal_rules[i],
				    is_open ? "no longer demanded" : "demanded now");
		change->cite = new->cites[i];
	}
}

static const char *time_text(struct arena *arena, uint64_t ns)
{
	return ns ? arena_printf(arena, "%" PRIu64 " ns", ns) : NULL;
}

static void compare_deadline(struct work *work, const struct convention *old, const struct convention *new)
{
	bool open = new->unspecified >> UNIVERSAL_DEADLINE & 1;
	enum shift shift = new->deadline_ns > old->deadline_ns ? SHIFT_WEAKER : SHIFT_STRONGER;

	text_changed(work, CHANGED_DEADLINE, open ? SHIFT_NONE : shift, "the deadline of calls changed",
		     time_text(work->out->arena, old->deadline_ns), time_text(work->out->arena, new->deadline_ns));
}

/* ---- named numbers ---- */

static const struct named_value *find_value(const struct named_value *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

struct names {
	const char *what;
	const struct named_value *old, *new;
	size_t old_count, new_count;
};

/* That a name came or went changes no call; what calls may answer and what rules ask for is compared with them. */
static void compare_names(struct work *work, const struct names *names)
{
	struct arena *arena = work->out->arena;
	const char *subject = work->out->new.spec->name;

	for (size_t i = 0; i < names->old_count; i++) {
		const struct named_value *was = &names->old[i], *is = find_value(names->new, names->new_count, was->name);
		struct change *change;

		if (is && is->value == was->value)
			continue;
		change = change_add(work, CHANGED_CONSTANT, subject, is ? SHIFT_BOTH : SHIFT_NONE, "%s `%s` %s", names->what,
				    was->name, is ? "has another value" : "removed");
		change->before = arena_printf(arena, "%" PRId64, (int64_t)was->value);
		change->after = is ? arena_printf(arena, "%" PRId64, (int64_t)is->value) : NULL;
	}
	for (size_t i = 0; i < names->new_count; i++)
		if (!find_value(names->old, names->old_count, names->new[i].name))
			change_add(work, CHANGED_CONSTANT, subject, SHIFT_FREE, "%s `%s` added", names->what, names->new[i].name)
				->after = arena_printf(arena, "%" PRId64, (int64_t)names->new[i].value);
}

void compare_convention(struct work *work)
{
	const struct spec *a = work->out->old.spec, *b = work->out->new.spec;
	const struct names errors = { "error code", a->errors, b->errors, a->error_count, b->error_count };
	const struct names constants = { "constant", a->constants, b->constants, a->constant_count, b->constant_count };

	text_changed(work, CHANGED_DOCUMENT, SHIFT_NONE, "the interface has another name", a->name, b->name);
	text_changed(work, CHANGED_DOCUMENT, SHIFT_NONE, "the document has another title", a->document, b->document);
	text_changed(work, CHANGED_DOCUMENT, SHIFT_NONE, "the document was revised", a->revision, b->revision);
	compare_call(work, &a->convention, &b->convention);
	compare_registers(work, &a->convention, &b->convention);
	compare_unsupported(work, &a->convention, &b->convention);
	compare_universal(work, &a->convention, &b->convention);
	compare_deadline(work, &a->convention, &b->convention);
	compare_names(work, &errors);
	compare_names(work, &constants);
}
