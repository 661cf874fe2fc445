/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/results.h"

static struct value read_fact(const struct survey *survey, unsigned fact, struct int_type type)
{
	if (!survey)
		return value_unknown();
	switch ((enum fact)fact) {
	case FACT_HARTS:
		return value_of(survey->harts, type);
	case FACT_BOOT_HART:
	case FACT_SELF:
		return value_of(survey->hart_ids[0], type);
	case FACT_RAM_BASE:
		return value_of(survey->ram_base, type);
	case FACT_RAM_SIZE:
		return value_of(survey->ram_size, type);
	case FACT_CLAIMED_MAJOR:
		return value_of(survey->claimed_major, type);
	case FACT_CLAIMED_MINOR:
		return value_of(survey->claimed_minor, type);
	case FACT_CLOCK_HZ:
		return value_of(survey->clock_hz, type);
	default:
		return value_unknown();
	}
}

static struct value read_name(void *context, const struct name *name, const struct value keys[2])
{
	const struct results *results = context;

	(void)keys;
	switch (name->kind) {
	case NAME_CONSTANT:
		return name->value;
	case NAME_RESULT:
		return results->results && name->index < RECORD_RESULTS ? value_of(results->results[name->index], name->type)
									: value_unknown();
	case NAME_ARG:
		return results->args && name->index < RECORD_ARGS ? value_of(results->args[name->index], name->type)
								  : value_unknown();
	case NAME_OUTCOME:
		return value_bool(name->index == OUT_RETURNED);
	case NAME_FACT:
		return read_fact(results->survey, name->index, name->type);
	default:
		return value_unknown();
	}
}

static struct value is_hart(void *context, uint64_t hart)
{
	const struct results *results = context;

	if (!results->survey)
		return value_unknown();
	for (unsigned i = 0; i < results->survey->harts; i++)
		if (results->survey->hart_ids[i] == hart)
			return value_bool(true);
	return value_bool(false);
}

static struct value present(void *context, unsigned chapter)
{
	const struct results *results = context;

	return results->survey && results->survey->present ? value_bool(results->survey->present[chapter]) : value_unknown();
}

struct value results_eval(const struct expr *expr, const struct results *results)
{
	struct results copy = *results;
	const struct expr_env env = {
		.context = &copy,
		.read = read_name,
		.is_hart = is_hart,
		.present = present,
	};

	return expr_eval(expr, &env);
}
