/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can only be checked when a spec is loaded: entries against the convention and against each other.
 */
#include "spec/load.h"

#include <string.h>

static void error_at(struct load *load, struct where where, const char *code, const char *message)
{
	findings_add(load->findings, SEVERITY_ERROR, where, code, "%s", message);
}

#define ERROR(load, where, code, ...) error_at((load), (where), (code), arena_printf((load)->arena, __VA_ARGS__))

/* --- versions --- */

static void check_bounds(struct load *load, struct where where, const char *what, int since, int until, int outer_since,
			 int outer_until)
{
	const char *const *versions = load->spec->versions;

	if (since >= 0 && until >= 0 && since > until)
		ERROR(load, where, "since-after-until", "%s is there since %s and only until %s", what, versions[since],
		      versions[until]);
	else if ((since >= 0 && since < outer_since) || (outer_until >= 0 && until > outer_until))
		ERROR(load, where, "since-outside", "%s is there in versions that what holds it is not in", what);
}

static void check_versions(struct load *load)
{
	for (size_t i = 0; i < load->chapters.count; i++) {
		const struct chapter *chapter = load->chapters.items[i];

		check_bounds(load, chapter->where, "the chapter", chapter->since, chapter->until, -1, -1);
	}
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		check_bounds(load, entry->where, "the entry", entry->since, entry->until, entry->chapter->since,
			     entry->chapter->until);
	}
	for (size_t i = 0; i < load->rules.count; i++) {
		const struct rule *rule = load->rules.items[i];

		check_bounds(load, rule->where, "the rule", rule->since, rule->until, rule->entry->since, rule->entry->until);
	}
}

/* --- places --- */

static unsigned place_bits(const struct load *load, const struct place *place)
{
	switch (place->kind) {
	case PLACE_INSTRUCTION:
		return place->high - place->low + 1u;
	case PLACE_BLOCK:
		return place->bits ? place->bits : load->spec->convention.word;
	case PLACE_REGISTER:
		return load->spec->convention.word;
	default:
		return 64; /* a wider argument takes more than one slot of the stack */
	}
}

/* Each argument and each constant part of the selector in a place of its own. */
static void check_places(struct load *load, const struct entry *entry)
{
	const struct convention *convention = &load->spec->convention;

	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];

		for (size_t k = 0; k < i; k++) {
			if (place_equal(&arg->place, &entry->args[k].place))
				ERROR(load, arg->where, "register-twice", "argument `%s` and argument `%s` are both in %s",
				      arg->name, entry->args[k].name, place_text(load->arena, &arg->place));
		}
		for (size_t k = 0; k < convention->selector_count; k++) {
			if (entry->selector_known & 1u << k && place_equal(&arg->place, &convention->selector[k]))
				ERROR(load, arg->where, "register-twice", "argument `%s` is in %s, where `%s` of `call` goes",
				      arg->name, place_text(load->arena, &arg->place), convention->selector_name[k]);
		}
		if (arg->type->base.bits > place_bits(load, &arg->place))
			ERROR(load, arg->where, "bad-range", "argument `%s` has %u bits, %s has %u", arg->name,
			      arg->type->base.bits, place_text(load->arena, &arg->place), place_bits(load, &arg->place));
	}
}

static bool must_be_preserved(const struct load *load, const struct entry *entry, const char *reg)
{
	const struct convention *convention = &load->spec->convention;
	bool all_but = entry->preserved ? entry->preserved->all_but : convention->preserve_all_but;
	const char *const *names = entry->preserved ? entry->preserved->names : convention->preserved;
	size_t count = entry->preserved ? entry->preserved->count : convention->preserved_count;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], reg))
			return !all_but;
	}
	return all_but;
}

/* An entry with registers of its own to preserve may do without the convention's results: those it does not rename. */
static bool is_inherited(const struct load *load, const struct entry *entry, size_t number)
{
	const struct convention *convention = &load->spec->convention;

	return number < convention->result_count && entry->results[number].name == convention->results[number].name;
}

static void check_results(struct load *load, const struct entry *entry)
{
	for (size_t i = 0; i < entry->result_count; i++) {
		const struct result *result = &entry->results[i];

		if (result->type->member_count || result->type->base.bits > place_bits(load, &result->place))
			ERROR(load, entry->where, "bad-type", "result `%s` is a number that fits its place, got %u bits for %s",
			      result->name, result->type->base.bits, place_text(load->arena, &result->place));
		if (entry->preserved && is_inherited(load, entry, i))
			continue;
		if (result->place.kind == PLACE_REGISTER && result->place.reg && result->place.reg[0] &&
		    must_be_preserved(load, entry, result->place.reg))
			ERROR(load, entry->where, "result-preserved", "result `%s` is in %s, which the call must preserve",
			      result->name, result->place.reg);
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(entry->results[k].name, result->name))
				ERROR(load, entry->where, "duplicate-id", "a second result `%s`", result->name);
		}
	}
}

/* --- selectors --- */

static bool is_argument_there(const struct entry *entry, const struct place *place)
{
	for (size_t i = 0; i < entry->arg_count; i++) {
		if (place_equal(&entry->args[i].place, place))
			return true;
	}
	return false;
}

/* Is there a number that neither type excepts? */
static bool share_a_number(const struct type *a, const struct type *b)
{
	const uint64_t last = int_truncate(~UINT64_C(0), (struct int_type){ a->base.bits, false });
	const struct int_range *range;

	for (uint64_t bits = 0;; bits = (uint64_t)range->high + 1) {
		range = a->except ? int_set_find(a->except, bits) : NULL;
		range = !range && b->except ? int_set_find(b->except, bits) : range;
		if (!range)
			return true;
		if ((uint64_t)range->high >= last)
			return false;
	}
}

static bool is_number(const struct arg *arg)
{
	return arg->role == ROLE_PLAIN && !arg->type->base.is_signed;
}

/* Calls that are never made with the same number in the same place: whoever is called can tell which one is meant. */
static bool told_apart(const struct entry *a, const struct entry *b)
{
	for (size_t i = 0; i < a->arg_count; i++)
		for (size_t j = 0; j < b->arg_count; j++)
			if (place_equal(&a->args[i].place, &b->args[j].place) && is_number(&a->args[i]) &&
			    is_number(&b->args[j]) && a->args[i].type->base.bits == b->args[j].type->base.bits &&
			    !share_a_number(a->args[i].type, b->args[j].type))
				return true;
	return false;
}

/* Parts that are left to an argument may meet anything; that is what they are for. */
static bool selectors_meet(const struct load *load, const struct entry *a, const struct entry *b)
{
	const struct convention *convention = &load->spec->convention;

	for (size_t i = 0; i < convention->selector_count; i++) {
		unsigned bit = 1u << i;

		if (is_argument_there(a, &convention->selector[i]) || is_argument_there(b, &convention->selector[i]))
			return false;
		if (a->selector_known & b->selector_known & bit && a->selector[i] != b->selector[i])
			return false;
	}
	return convention->selector_count > 0;
}

static bool versions_meet(const struct entry *a, const struct entry *b)
{
	return (a->until < 0 || b->since <= a->until) && (b->until < 0 || a->since <= b->until);
}

static void check_selector(struct load *load, size_t number)
{
	const struct entry *entry = load->entries.items[number];

	for (size_t i = 0; i < number; i++) {
		const struct entry *other = load->entries.items[i];

		if (other->is_structure || !selectors_meet(load, entry, other) || !versions_meet(entry, other) ||
		    told_apart(entry, other))
			continue;
		ERROR(load, entry->where, "duplicate-selector", "`%s` is called like `%s` (%s:%u)", entry->name, other->name,
		      other->where.file, other->where.line);
		return;
	}
}

/* --- memory --- */

static bool is_readable_type(const struct type *type)
{
	if (!type->member_count)
		return type->base.bits == 8 || type->base.bits == 16 || type->base.bits == 32 || type->base.bits == 64;
	for (size_t i = 0; i < type->member_count; i++) {
		if (!is_readable_type(type->members[i].type))
			return false;
	}
	return true;
}

static void check_buffers(struct load *load, const struct entry *entry)
{
	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];

		if (arg->role == ROLE_BUFFER && arg->of && !is_readable_type(arg->of))
			ERROR(load, arg->where, "bad-type", "buffer `%s`: memory holds numbers of 8, 16, 32 or 64 bits",
			      arg->name);
	}
}

/* --- handles --- */

static bool is_produced(const struct load *load, const char *handle)
{
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		for (size_t k = 0; k < entry->result_count; k++) {
			if (entry->results[k].produces && !strcmp(entry->results[k].produces, handle))
				return true;
		}
	}
	return false;
}

static void check_handles(struct load *load, const struct entry *entry)
{
	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];

		if (arg->handle && !is_produced(load, arg->handle))
			ERROR(load, arg->where, "unknown-name", "no result `produces: %s`", arg->handle);
	}
}

static void check_entry(struct load *load, size_t number)
{
	const struct entry *entry = load->entries.items[number];

	if (entry->is_structure)
		return;
	check_places(load, entry);
	check_results(load, entry);
	check_selector(load, number);
	check_buffers(load, entry);
	check_handles(load, entry);
	if (entry->errors && load->spec->convention.status < 0)
		ERROR(load, entry->where, "missing-key", "`errors` says nothing while the convention has no `status`");
}

void check_spec(struct load *load)
{
	check_versions(load);
	for (size_t i = 0; i < load->entries.count; i++)
		check_entry(load, i);
	check_names(load);
	check_chapters(load);
	check_rules(load);
}
