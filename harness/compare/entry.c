/* SPDX-License-Identifier: BSD-2-Clause */
/* entry.c - what became of one entry, apart from its arguments and rules. */
#include "compare/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void compare_place(const struct pair *pair)
{
	struct change *change;

	if (!strcmp(pair->old->name, pair->new->name) && !strcmp(pair->old->chapter->name, pair->new->chapter->name))
		return;
	change = pair_change(pair, CHANGED_ENTRY_MOVED, SHIFT_NONE, "has another name in the specification");
	change->before = pair->old->full_id;
	change->after = pair->new->full_id;
	change->cite = pair->new->cite;
}

static void compare_selector(const struct pair *pair)
{
	const char *old = selector_text(pair->work, pair->old_side, pair->old);
	const char *new = selector_text(pair->work, pair->new_side, pair->new);
	struct change *change;

	if (!strcmp(old, new))
		return;
	change = pair_change(pair, CHANGED_SELECTOR, SHIFT_BOTH, "the selector moved");
	change->before = old;
	change->after = new;
	change->cite = pair->new->cite;
}

static bool asked_for(const struct pair *pair, const struct side *side, const struct entry *entry)
{
	const struct spec_call *question = spec_question(entry);

	(void)pair;
	return question && entry_is_there(side, question->entry);
}

static void compare_optional(const struct pair *pair)
{
	bool was = pair->old->absent || asked_for(pair, pair->old_side, pair->old);
	bool is = pair->new->absent || asked_for(pair, pair->new_side, pair->new);

	if (was != is)
		pair_change(pair, CHANGED_PRESENCE, is ? SHIFT_WEAKER : SHIFT_STRONGER, "%s",
			    is ? "may be missing now, though its chapter is there" : "must be there now when its chapter is")
			->cite = pair->new->cite;
	else if (is && !expr_equal(pair->old->absent, pair->new->absent))
		pair_change(pair, CHANGED_PRESENCE, SHIFT_BOTH, "says otherwise that it is missing")->cite = pair->new->cite;
}

/* ---- results ---- */

static void compare_result(const struct pair *pair, unsigned number)
{
	const struct result *old = &pair->old->results[number], *new = &pair->new->results[number];
	const char *label = arena_printf(pair->work->out->arena, "result `%s`", new->name);
	const char *was = place_words(pair->work->out->arena, &old->place);
	const char *is = place_words(pair->work->out->arena, &new->place);

	if (!same_text(old->name, new->name))
		pair_change(pair, CHANGED_RESULT, SHIFT_NONE, "result `%s` is called `%s` now", old->name, new->name);
	if (strcmp(was, is))
		pair_change(pair, CHANGED_RESULT, SHIFT_BOTH, "%s comes in %s instead of %s", label, is, was);
	compare_type(pair, label, old->type, new->type, true);
}

static void compare_results(const struct pair *pair)
{
	size_t old = pair->old->result_count, new = pair->new->result_count;

	for (unsigned i = 0; i < old && i < new; i++)
		compare_result(pair, i);
	if (old != new)
		pair_change(pair, CHANGED_RESULT, old > new ? SHIFT_WEAKER : SHIFT_STRONGER, "%zu results instead of %zu", new,
			    old);
}

/* ---- what may happen ---- */

static void compare_outcomes(const struct pair *pair)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ OUTCOME_RETURNS, "return" },
		{ OUTCOME_LANDS, "run on at a prepared address" },
		{ OUTCOME_STOPS, "stop the CPU" },
		{ OUTCOME_BLOCKS, "return only when something wakes it" },
		{ OUTCOME_SHUTDOWN, "switch the machine off" },
		{ OUTCOME_RESET, "reset the machine" },
		{ OUTCOME_TRAPS, "trap" },
	};

	for (size_t i = 0; i < COMPARE_COUNT(words); i++) {
		bool was = pair->old->outcomes & words[i].bit, is = pair->new->outcomes &words[i].bit;

		if (was != is)
			pair_change(pair, CHANGED_OUTCOME, is ? SHIFT_WEAKER : SHIFT_STRONGER, "%s %s",
				    is ? "may" : "may no longer", words[i].word)
				->cite = pair->new->cite;
	}
}

static struct preserved effective(const struct spec *spec, const struct entry *entry)
{
	const struct convention *convention = &spec->convention;

	if (entry->preserved)
		return *entry->preserved;
	return (struct preserved){ convention->preserve_all_but, convention->preserved_count, convention->preserved, NULL };
}

static void compare_registers(const struct pair *pair)
{
	struct preserved old = effective(pair->old_side->spec, pair->old), new = effective(pair->new_side->spec, pair->new);

	if (pair->old->preserved || pair->new->preserved)
		compare_preserved(pair->work, pair->new->full_id, &old, &new);
}

static bool may_change(const struct side *side, const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < side->spec->convention.control_count; i++)
		if (entry->changes & (1u << i) && !strcmp(side->spec->convention.control[i], name))
			return true;
	return false;
}

static void compare_changes(const struct pair *pair, const struct side *one, const struct entry *entry, const struct side *other,
			    const struct entry *others, bool won)
{
	for (size_t i = 0; i < one->spec->convention.control_count; i++) {
		const char *name = one->spec->convention.control[i];

		if (entry->changes & (1u << i) && !may_change(other, others, name))
			pair_change(pair, CHANGED_CLOBBER, won ? SHIFT_WEAKER : SHIFT_STRONGER, "%s change `%s`",
				    won ? "may" : "may no longer", name);
	}
}

static bool is_open(const struct side *side, enum universal rule)
{
	return side->spec->convention.unspecified >> rule & 1;
}

/* Where no text forbids a call to print or to take its time, saying so is no permission. */
static void compare_console(const struct pair *pair)
{
	bool open = is_open(pair->old_side, UNIVERSAL_CONSOLE_SILENCE) && is_open(pair->new_side, UNIVERSAL_CONSOLE_SILENCE);
	bool is = pair->new->console_output;

	if (pair->old->console_output != is)
		pair_change(pair, CHANGED_CONSOLE,
			    open ? SHIFT_NONE
			    : is ? SHIFT_WEAKER
				 : SHIFT_STRONGER,
			    "%s write to the console", is ? "may" : "may no longer");
}

static uint64_t deadline(const struct side *side, const struct entry *entry)
{
	return entry->deadline_ns != side->spec->convention.deadline_ns ? entry->deadline_ns : 0;
}

static void compare_deadline(const struct pair *pair)
{
	uint64_t old = deadline(pair->old_side, pair->old), new = deadline(pair->new_side, pair->new);
	struct arena *arena = pair->work->out->arena;
	enum shift shift = pair->new->deadline_ns > pair->old->deadline_ns ? SHIFT_WEAKER : SHIFT_STRONGER;
	struct change *change;

	if (old == new)
		return;
	change = pair_change(pair, CHANGED_DEADLINE, is_open(pair->new_side, UNIVERSAL_DEADLINE) ? SHIFT_NONE : shift,
			     "the deadline changed");
	change->before = arena_printf(arena, "%" PRIu64 " ns", pair->old->deadline_ns);
	change->after = arena_printf(arena, "%" PRIu64 " ns", pair->new->deadline_ns);
}

/* ---- what it leaves for later calls ---- */

static bool same_effect(const struct pair *pair, const struct effect *a, const struct effect *b)
{
	const struct state *old = pair->old_side->spec->states[a->state], *new = pair->new_side->spec->states[b->state];

	return !strcmp(old->name, new->name) && a->keys == b->keys && a->each == b->each && expr_equal(a->when, b->when) &&
	       expr_equal(a->value, b->value) && expr_equal(a->key[0], b->key[0]) && expr_equal(a->key[1], b->key[1]);
}

static void compare_effects(const struct pair *pair)
{
	bool same = pair->old->effect_count == pair->new->effect_count;

	for (size_t i = 0; same && i < pair->old->effect_count; i++)
		same = same_effect(pair, &pair->old->effects[i], &pair->new->effects[i]);
	if (!same) {
		struct change *change = pair_change(pair, CHANGED_EFFECT, SHIFT_BOTH, "later calls are judged by another effect");

		change->on[PARTY_CALLERS].basis = change->on[PARTY_IMPLEMENTERS].basis = BASIS_ASSUMED;
	}
}

void compare_entry(const struct pair *pair)
{
	compare_place(pair);
	if (pair->old->is_structure && pair->new->is_structure) {
		compare_structures(pair);
	} else {
		compare_selector(pair);
		compare_args(pair);
		compare_results(pair);
		compare_errors(pair);
	}
	compare_optional(pair);
	compare_outcomes(pair);
	compare_registers(pair);
	compare_changes(pair, pair->new_side, pair->new, pair->old_side, pair->old, true);
	compare_changes(pair, pair->old_side, pair->old, pair->new_side, pair->new, false);
	compare_console(pair);
	compare_deadline(pair);
	compare_rules(pair);
	compare_effects(pair);
}
