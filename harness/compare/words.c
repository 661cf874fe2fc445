/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c - parts of a specification as texts that can be compared and shown, and what is part of a version. */
#include "compare/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

const char *place_words(struct arena *arena, const struct place *place)
{
	const char *text = place_text(arena, place);

	return *text ? text : "nowhere";
}

bool entry_is_there(const struct side *side, const struct entry *entry)
{
	return spec_in_version(entry->since, entry->until, side->version) &&
	       spec_in_version(entry->chapter->since, entry->chapter->until, side->version);
}

bool entry_may_be_missing(const struct entry *entry)
{
	return entry->absent || spec_question(entry) || (entry->structure && entry->structure->optional);
}

bool rule_is_there(const struct side *side, const struct rule *rule)
{
	return spec_in_version(rule->since, rule->until, side->version);
}

bool rule_demands(const struct rule *rule)
{
	return (rule->strength == MUST || rule->strength == MUST_NOT) && !rule->likely;
}

/* ---- selectors ---- */

static bool same_place(const struct place *a, const struct place *b)
{
	return a->kind == b->kind && a->offset == b->offset && a->high == b->high && a->low == b->low &&
	       same_text(a->reg, b->reg);
}

static const struct arg *arg_at(const struct entry *entry, const struct place *place)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (same_place(&entry->args[i].place, place))
			return &entry->args[i];
	return NULL;
}

bool arg_selects(const struct spec *spec, const struct arg *arg)
{
	for (size_t i = 0; i < spec->convention.selector_count; i++)
		if (same_place(&spec->convention.selector[i], &arg->place))
			return true;
	return false;
}

/* The prepared call that the handle comes from, if this version has it. */
static const struct spec_call *producer(const struct side *side, const struct entry *entry, const char *handle)
{
	for (size_t i = 0; i < entry->prepare_count; i++) {
		const struct entry *made = entry->prepare[i].entry;

		for (size_t r = 0; r < made->result_count; r++)
			if (same_text(made->results[r].produces, handle) && entry_is_there(side, made))
				return &entry->prepare[i];
	}
	return NULL;
}

static void write_call(FILE *out, const struct spec_call *call)
{
	const char *comma = "";

	fprintf(out, "%s.%s(", call->entry->chapter->name, call->entry->name);
	for (size_t i = 0; i < call->entry->arg_count; i++) {
		if (!call->value[i])
			continue;
		fprintf(out, "%s%s = %s", comma, call->entry->args[i].name, expr_text(call->value[i]));
		comma = ", ";
	}
	fputc(')', out);
}

/* A part that is an argument: what the entry before gave, a choice of the caller's, or nothing in this version. */
static bool write_part(FILE *out, const struct side *side, const struct entry *entry, const struct arg *arg, const char *name)
{
	const struct spec_call *call = arg->handle ? producer(side, entry, arg->handle) : NULL;

	if (arg->handle && !call)
		return false;
	fprintf(out, "%s = ", name);
	if (call)
		write_call(out, call);
	else
		fputs("any", out);
	return true;
}

const char *selector_text(const struct work *work, const struct side *side, const struct entry *entry)
{
	const struct convention *convention = &side->spec->convention;
	const char *comma = "", *kept;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool written;

	for (size_t i = 0; out && i < convention->selector_count; i++) {
		const struct arg *arg = arg_at(entry, &convention->selector[i]);

		written = entry->selector_known & (1u << i) || arg;
		fputs(written ? comma : "", out);
		if (entry->selector_known & (1u << i))
			fprintf(out, "%s = %#" PRIx64, convention->selector_name[i], entry->selector[i]);
		else if (arg)
			written = write_part(out, side, entry, arg, convention->selector_name[i]);
		comma = written ? ", " : "";
	}
	if (out)
		fclose(out);
	kept = arena_strdup(work->out->arena, text ? text : "");
	free(text);
	return kept;
}

bool calls_equal(const struct spec_call *a, const struct spec_call *b)
{
	if (!a || !b)
		return a == b;
	if (!same_text(a->entry->name, b->entry->name) || a->entry->arg_count != b->entry->arg_count ||
	    !expr_equal(a->when, b->when))
		return false;
	for (size_t i = 0; i < a->entry->arg_count; i++)
		if (!expr_equal(a->value[i], b->value[i]) || !same_text(a->pad[i], b->pad[i]))
			return false;
	return true;
}

/* ---- sets ---- */

static bool has(const struct int_set *set, uint64_t bits)
{
	return set && int_set_has(set, bits);
}

/* A set differs from another first at an end of a range of either. */
bool set_within(const struct int_set *inner, const struct int_set *outer)
{
	for (size_t i = 0; inner && i < inner->count; i++)
		if (!has(outer, (uint64_t)inner->ranges[i].low) || !has(outer, (uint64_t)inner->ranges[i].high))
			return false;
	for (size_t i = 0; outer && i < outer->count; i++) {
		uint64_t below = (uint64_t)outer->ranges[i].low - 1, above = (uint64_t)outer->ranges[i].high + 1;

		if ((has(inner, below) && !has(outer, below)) || (has(inner, above) && !has(outer, above)))
			return false;
	}
	return true;
}

const char *set_text(struct arena *arena, const struct int_set *set)
{
	const char *text = NULL;

	for (size_t i = 0; set && i < set->count; i++) {
		uint64_t low = (uint64_t)set->ranges[i].low, high = (uint64_t)set->ranges[i].high;

		text = arena_printf(arena, "%s%s%#" PRIx64, text ? text : "", text ? ", " : "", low);
		if (low != high)
			text = arena_printf(arena, "%s..%#" PRIx64, text, high);
	}
	return text;
}
