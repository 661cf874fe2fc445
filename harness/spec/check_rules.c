/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that cannot do their work: they never say anything, cannot fail, or demand what another rule forbids.
 */
#include "spec/load.h"

#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS	"0123456789"

/* What an expression reads. */
struct uses {
	bool later, land, ipis;
	bool seen; /* anything that the callee could have made otherwise */
};

static bool depends_on_callee(enum name_kind kind)
{
	return kind != NAME_CONSTANT && kind != NAME_ARG && kind != NAME_FACT && kind != NAME_KEY && kind != NAME_STATE;
}

static void note_use(void *context, const struct name *name)
{
	struct uses *uses = context;

	uses->later |= name->kind == NAME_CONTROL && name->when == 2;
	uses->land |= name->kind == NAME_LAND || (name->kind == NAME_OUTCOME && name->index == OUT_LANDED);
	uses->ipis |= name->kind == NAME_IPIS;
	uses->seen |= depends_on_callee(name->kind);
}

static void check_settle(struct load *load, const struct rule *rule)
{
	const struct entry *entry = rule->entry;
	struct uses uses = { 0 };

	if (entry->settle_ns)
		return;
	if (rule->when)
		expr_names(rule->when, note_use, &uses);
	if (rule->must)
		expr_names(rule->must, note_use, &uses);
	if (uses.later)
		findings_add(load->findings, SEVERITY_ERROR, rule->where, "needs-settle",
			     "`later.` is what is there after `settle`, which `%s` does not have", entry->name);
	else if (uses.ipis || (uses.land && !(entry->outcomes & OUTCOME_LANDS)))
		load_warning(load, rule->where, "needs-settle", "what happens on another CPU takes time; give `%s` a `settle`",
			     entry->name);
}

/* A rule over the caller's own values judges nobody. The bytes of a structure have no name that could be seen here. */
static void check_demand(struct load *load, const struct rule *rule)
{
	struct uses uses = { 0 };

	if (!rule->must || rule->entry->is_structure)
		return;
	expr_names(rule->must, note_use, &uses);
	if (rule->when)
		expr_names(rule->when, note_use, &uses);
	if (!uses.seen)
		load_warning(load, rule->where, "cannot-fail",
			     "no callee could break the rule: it reads no result and no observation");
}

/* --- states that are never known --- */

static bool is_ever_set(const struct load *load, const struct state *state)
{
	if (state->init)
		return true;
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		for (size_t k = 0; k < entry->effect_count; k++) {
			if (entry->effects[k].state == state->number && entry->effects[k].value)
				return true;
		}
	}
	return false;
}

static void check_states(struct load *load)
{
	for (size_t i = 0; i < load->states.count; i++) {
		const struct state *state = load->states.items[i];

		if (!is_ever_set(load, state))
			load_warning(load, state->where, "never-known", "nothing sets `%s`: give it an `init` or an effect",
				     state->name);
	}
}

/* --- errors that a rule demands and the entry does not have --- */

static bool is_error(const struct spec *spec, const char *name, size_t length)
{
	for (size_t i = 0; i < spec->error_count; i++) {
		if (!strncmp(spec->errors[i].name, name, length) && !spec->errors[i].name[length])
			return true;
	}
	return false;
}

static bool is_declared(const struct entry *entry, const char *name, size_t length)
{
	for (size_t i = 0; i < entry->error_count; i++) {
		if (!strncmp(entry->errors[i].name, name, length) && !entry->errors[i].name[length])
			return true;
	}
	return false;
}

/* An entry that answers as the rule demands would break `declared-error`. A rule that says which errors must not come is fine. */
static void check_errors(struct load *load, const struct rule *rule)
{
	const char *text = rule->must ? expr_text(rule->must) : "";

	if (rule->strength != MUST || !rule->entry->errors || strstr(text, "!=") || strstr(text, "not in"))
		return;
	while (*(text += strcspn(text, LETTERS))) {
		size_t length = strspn(text, LETTERS DIGITS);

		if (is_error(load->spec, text, length) && !is_declared(rule->entry, text, length))
			load_warning(load, rule->where, "undeclared-error",
				     "the rule demands %.*s, which is not among the `errors` of `%s`", (int)length, text,
				     rule->entry->name);
		text += length;
	}
}

/* What a mistake elsewhere may have caused is not worth a warning. */
void check_rules(struct load *load)
{
	for (size_t i = 0; i < load->rules.count; i++)
		check_settle(load, load->rules.items[i]);
	if (load->findings->errors)
		return;
	for (size_t i = 0; i < load->rules.count; i++) {
		check_demand(load, load->rules.items[i]);
		check_errors(load, load->rules.items[i]);
	}
	check_states(load);
}
