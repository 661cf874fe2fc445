/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name in an expression means one thing: what an entry calls its arguments must not hide something else.
 */
#include "spec/load.h"

#include <string.h>

static const char *const kinds[] = {
	[NAME_CONSTANT] = "a constant",
	[NAME_ARG] = "an argument",
	[NAME_RESULT] = "a result",
	[NAME_STATE] = "a state variable",
	[NAME_BUFFER] = "a buffer",
	[NAME_CONTROL] = "a control register",
	[NAME_OUTCOME] = "an outcome",
	[NAME_TRAP] = "part of a trap",
	[NAME_LAND] = "part of a landing",
	[NAME_IPIS] = "what counts interrupts",
	[NAME_CONSOLE] = "the console",
	[NAME_TIME] = "a time",
	[NAME_FACT] = "a fact",
	[NAME_FIELD] = "a field",
	[NAME_KEY] = "an index",
};

/* Words of the expression language, which no name may be. */
static const char *const reserved[] = {
	"in",	"not",	   "true",    "false", "before", "after", "later", "land",
	"trap", "console", "unknown", "known", "old",	 "all",	  "any",
};

static void complain(struct load *load, struct where where, const char *what, const char *name, const char *other)
{
	findings_add(load->findings, SEVERITY_ERROR, where, "name-twice",
		     "%s `%s` has the name of %s; an expression could not tell them apart", what, name, other);
}

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (!strcmp(reserved[i], name))
			return true;
	}
	return false;
}

static void check_name(struct load *load, const struct scope *scope, struct where where, const char *what, const char *name)
{
	struct name found;

	if (is_reserved(name))
		complain(load, where, what, name, "a word of the language");
	else if (scope_find(scope, name, &found))
		complain(load, where, what, name, kinds[found.kind]);
}

/* Arguments against results, and both against what the chapter and the interface name. */
static void check_entry(struct load *load, const struct entry *entry)
{
	const struct scope outside = { .load = load, .chapter = entry->chapter, .see = SEE_WORLD };
	const struct scope results = { .load = load, .chapter = entry->chapter, .entry = entry, .see = SEE_WORLD | SEE_RESULTS };

	for (size_t i = 0; i < entry->arg_count; i++)
		check_name(load, &results, entry->args[i].where, "argument", entry->args[i].name);
	for (size_t i = 0; entry->results != load->spec->convention.results && i < entry->result_count; i++)
		check_name(load, &outside, entry->where, "result", entry->results[i].name);
	for (size_t i = 0; entry->structure && i < entry->structure->field_count; i++)
		check_name(load, &outside, entry->where, "field", entry->structure->fields[i].name);
}

static void check_states(struct load *load)
{
	for (size_t i = 0; i < load->states.count; i++) {
		const struct state *state = load->states.items[i];
		const struct scope scope = { .load = load, .chapter = state->chapter };

		check_name(load, &scope, state->where, "state variable", state->name);
		if (state->type->member_count)
			findings_add(load->findings, SEVERITY_ERROR, state->where, "bad-type",
				     "state variable `%s` is a number, not a struct", state->name);
		for (size_t k = 0; k < i; k++) {
			const struct state *other = load->states.items[k];

			if (other->chapter == state->chapter && !strcmp(other->name, state->name))
				complain(load, state->where, "state variable", state->name, "a state variable");
		}
	}
}

static void check_constants(struct load *load)
{
	const struct scope scope = { .load = load, .see = SEE_WORLD };

	for (const struct constant *constant = load->constants; constant; constant = constant->hh.next) {
		const char *dot = strchr(constant->key, '.'), *name = dot ? dot + 1 : constant->key;
		struct name found;

		if (is_reserved(name))
			complain(load, constant->where, "constant", name, "a word of the language");
		else if (scope_is_built_in(&scope, name, &found))
			complain(load, constant->where, "constant", name, kinds[found.kind]);
	}
}

/* The convention's results are seen from everywhere. */
static void check_convention(struct load *load)
{
	const struct convention *convention = &load->spec->convention;

	for (size_t i = 0; i < load->chapters.count; i++) {
		const struct chapter *chapter = load->chapters.items[i];
		const struct scope scope = { .load = load, .chapter = chapter, .see = SEE_WORLD };

		for (size_t k = 0; k < convention->result_count; k++)
			check_name(load, &scope, chapter->where, "result", convention->results[k].name);
	}
}

void check_names(struct load *load)
{
	check_constants(load);
	check_states(load);
	check_convention(load);
	for (size_t i = 0; i < load->entries.count; i++)
		check_entry(load, load->entries.items[i]);
}
