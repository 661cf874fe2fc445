/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c - the rules of an entry: when they apply, and what it means that they do not hold.
 *
 * Unknown says nothing: a rule whose `when` or `must` cannot be told is not judged on that call.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge/private.h"

/* By strength: the verdict when the demand holds, and when it does not. */
static const struct {
	enum verdict holds, broken;
	const char *words;
} strengths[] = {
	[MUST] = { VERDICT_PASS, VERDICT_FAIL, "" },
	[MUST_NOT] = { VERDICT_FAIL, VERDICT_PASS, "not: " },
	[SHOULD] = { VERDICT_PASS, VERDICT_OBSERVED, "recommended: " },
	[MAY] = { VERDICT_OBSERVED, VERDICT_OBSERVED, "permitted: " },
	[UNSPECIFIED] = { VERDICT_OBSERVED, VERDICT_OBSERVED, "unspecified: " },
	[UNOBSERVABLE] = { NO_VERDICT, NO_VERDICT, "" },
};

enum verdict rule_verdict(const struct world *world, const struct rule *rule)
{
	enum verdict verdict;
	struct value demand;

	if (rule->strength == UNOBSERVABLE || (world->entry->is_structure && !world->structure.size))
		return NO_VERDICT;
	if (!spec_in_version(rule->since, rule->until, world->judge->version))
		return VERDICT_SKIP;
	if (rule->when && !value_is_true(expr_eval(rule->when, &world->env)))
		return NO_VERDICT;
	demand = rule->must ? expr_eval(rule->must, &world->env) : value_bool(true);
	if (!demand.known)
		return NO_VERDICT;
	verdict = demand.bits ? strengths[rule->strength].holds : strengths[rule->strength].broken;
	return verdict == VERDICT_FAIL && rule->likely ? VERDICT_OBSERVED : verdict;
}

static size_t add(char *out, size_t size, size_t used, const char *format, ...) __attribute__((format(printf, 4, 5)));

static size_t add(char *out, size_t size, size_t used, const char *format, ...)
{
	va_list args;
	int length;

	if (used + 1 >= size)
		return used;
	va_start(args, format);
	length = vsnprintf(out + used, size - used, format, args);
	va_end(args);
	return length > 0 ? used + (size_t)length : used;
}

/* What came back, for a silence: "error = -3 (SBI_ERR_INVALID_PARAM), value = 0x0". */
static void add_results(const struct world *world, char *out, size_t size)
{
	const struct entry *entry = world->entry;
	size_t used = 0;

	if (entry->is_structure)
		used = add(out, size, 0, "at 0x%" PRIx64, world->step->args[0]);
	else if (world->outcome != RECORD_RETURNED)
		add(out, size, 0, "%s", outcome_words(world->outcome));
	for (size_t i = 0; world->outcome == RECORD_RETURNED && i < entry->result_count && i < world->step->result_count; i++) {
		const struct name name = { .kind = NAME_RESULT, .index = (unsigned)i };
		const struct int_type type = entry->results[i].type->base;
		uint64_t bits = int_truncate(world->step->results[i], type);
		const char *known = world->env.constant_name(world->env.context, &name, bits);

		used = add(out, size, used, type.is_signed ? "%s%s = %" PRId64 : "%s%s = 0x%" PRIx64, i ? ", " : "",
			   entry->results[i].name, bits);
		if (known)
			used = add(out, size, used, " (%s)", known);
	}
}

/* Why the rule applied, behind what was found: "...; where hartid = 0xff". */
static void add_reason(const struct world *world, const struct rule *rule, char *out, size_t size)
{
	static const char where[] = "; where ";
	size_t used = strlen(out);

	if (!rule->when || used + sizeof(where) >= size)
		return;
	memcpy(out + used, where, sizeof(where));
	expr_explain(rule->when, &world->env, out + used + sizeof(where) - 1, size - used - sizeof(where) + 1);
	if (!out[used + sizeof(where) - 1])
		out[used] = 0;
}

void rule_words(const struct world *world, const struct rule *rule, char *expected, size_t expected_size, char *got,
		size_t got_size)
{
	const char *demand = rule->strength == UNSPECIFIED ? rule->note : expr_text(rule->must);

	snprintf(expected, expected_size, "%s%s%s", rule->likely ? "likely: " : "", strengths[rule->strength].words,
		 demand ? demand : "");
	got[0] = 0;
	if (rule->strength == UNSPECIFIED)
		add_results(world, got, got_size);
	else
		expr_explain(rule->must, &world->env, got, got_size);
	add_reason(world, rule, got, got_size);
}
