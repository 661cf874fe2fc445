/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.c - the list of changes, and what each shift of what is allowed means to whom. */
#include "compare/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const party_names[PARTY_COUNT] = { "callers", "implementers" };

const char *const impact_names[IMPACT_COUNT] = {
	[IMPACT_CLARIFICATION] = "clarification",
	[IMPACT_COMPATIBLE] = "compatible",
	[IMPACT_BREAKING] = "breaking",
};

const char *const basis_names[BASIS_COUNT] = {
	[BASIS_FORM] = "form",
	[BASIS_WITNESS] = "witness",
	[BASIS_SEARCH] = "search",
	[BASIS_ASSUMED] = "assumed",
};

const char *const change_kind_names[CHANGED_COUNT] = {
	[CHANGED_DOCUMENT] = "document",
	[CHANGED_CONVENTION] = "convention",
	[CHANGED_CONSTANT] = "constant",
	[CHANGED_CHAPTER_ADDED] = "chapter-added",
	[CHANGED_CHAPTER_REMOVED] = "chapter-removed",
	[CHANGED_PRESENCE] = "presence",
	[CHANGED_ENTRY_ADDED] = "entry-added",
	[CHANGED_ENTRY_REMOVED] = "entry-removed",
	[CHANGED_ENTRY_MOVED] = "entry-moved",
	[CHANGED_SELECTOR] = "selector",
	[CHANGED_ARGUMENT] = "argument",
	[CHANGED_RESULT] = "result",
	[CHANGED_ERROR_ADDED] = "error-added",
	[CHANGED_ERROR_REMOVED] = "error-removed",
	[CHANGED_OUTCOME] = "outcome",
	[CHANGED_CLOBBER] = "clobber",
	[CHANGED_CONSOLE] = "console",
	[CHANGED_DEADLINE] = "deadline",
	[CHANGED_FIELD] = "field",
	[CHANGED_EFFECT] = "effect",
	[CHANGED_RULE_ADDED] = "rule-added",
	[CHANGED_RULE_REMOVED] = "rule-removed",
	[CHANGED_RULE] = "rule-changed",
	[CHANGED_REMARK] = "remark",
};

static const enum impact impacts[SHIFT_COUNT][PARTY_COUNT] = {
	[SHIFT_NONE] = { IMPACT_CLARIFICATION, IMPACT_CLARIFICATION }, [SHIFT_FREE] = { IMPACT_COMPATIBLE, IMPACT_COMPATIBLE },
	[SHIFT_WEAKER] = { IMPACT_BREAKING, IMPACT_COMPATIBLE },       [SHIFT_STRONGER] = { IMPACT_COMPATIBLE, IMPACT_BREAKING },
	[SHIFT_BOTH] = { IMPACT_BREAKING, IMPACT_BREAKING },
};

const char *side_version(const struct side *side)
{
	return side->version >= 0 ? side->spec->versions[side->version] : side->spec->revision;
}

struct change *change_add(struct work *work, enum change_kind kind, const char *subject, enum shift shift, const char *format,
			  ...)
{
	struct change *change = arena_alloc(work->out->arena, sizeof(*change));
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	change->kind = kind;
	change->subject = subject;
	change->what = arena_strdup(work->out->arena, text);
	for (int party = 0; party < PARTY_COUNT; party++)
		change->on[party].impact = impacts[shift][party];
	if (work->out->count == work->room)
		work->list = xrealloc(work->list, (work->room = work->room * 2 + 64) * sizeof(*work->list));
	work->list[work->out->count++] = change;
	return change;
}

static void count_breaking(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++)
		for (int party = 0; party < PARTY_COUNT; party++)
			comparison->breaking[party] += comparison->changes[i]->on[party].impact == IMPACT_BREAKING;
}

struct comparison *compare_specs(const struct side *old, const struct side *new, const struct witness_finder *finder)
{
	struct comparison *comparison = xcalloc(1, sizeof(*comparison));
	struct work work = { .out = comparison, .finder = finder };

	comparison->arena = arena_new();
	comparison->old = *old;
	comparison->new = *new;
	compare_convention(&work);
	compare_entries(&work);
	comparison->changes = arena_copy(comparison->arena, work.list, comparison->count * sizeof(*work.list));
	free(work.list);
	count_breaking(comparison);
	return comparison;
}

void comparison_free(struct comparison *comparison)
{
	if (!comparison)
		return;
	arena_free(comparison->arena);
	free(comparison);
}
