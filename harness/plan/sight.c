/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sight.c - what an expression sees of a call that has not been made yet.
 *
 * Arguments, facts and model state are known; results are what was predicted; everything only a real call can show is unknown.
 */
#include "plan/internal.h"

static struct value word(uint64_t bits)
{
	return value_of(bits, (struct int_type){ 64, false });
}

uint64_t plan_own_memory(const struct plan *plan)
{
	return plan->survey.ram_base + plan->survey.ram_size / 2;
}

static struct value read_fact(const struct sight *sight, unsigned fact)
{
	const struct survey *survey = &sight->plan->survey;
	unsigned hart = sight->call ? sight->call->hart : 0;
	const uint64_t facts[FACT_COUNT] = {
		[FACT_HARTS] = survey->harts,
		[FACT_BOOT_HART] = survey->hart_ids[0],
		[FACT_SELF] = survey->hart_ids[hart],
		[FACT_RAM_BASE] = survey->ram_base,
		[FACT_RAM_SIZE] = survey->ram_size,
		[FACT_CLAIMED_MAJOR] = survey->claimed_major,
		[FACT_CLAIMED_MINOR] = survey->claimed_minor,
		[FACT_CLOCK_HZ] = survey->clock_hz,
	};

	return fact < FACT_COUNT ? word(facts[fact]) : value_unknown();
}

/* What follows from one declared outcome alone; several leave it open. */
static struct value one_of(unsigned declared, unsigned wanted)
{
	unsigned ends = OUTCOME_STOPS | OUTCOME_SHUTDOWN | OUTCOME_RESET;

	if (!(declared & wanted))
		return value_bool(false);
	return (declared & ends) == wanted ? value_bool(true) : value_unknown();
}

/*
 * A refused call returns. One that succeeds and may stop, switch off or reset does that; what else it may do is open, and
 * whether some CPU enters a pad always is.
 */
static struct value read_outcome(const struct sight *sight, unsigned outcome)
{
	unsigned declared = sight->call->entry->outcomes;

	if (sight->prediction == PREDICT_OPEN)
		return value_unknown();
	if (sight->prediction == PREDICT_REFUSED)
		return value_bool(outcome == OUT_RETURNED);
	switch (outcome) {
	case OUT_RETURNED:
		if (declared & (OUTCOME_STOPS | OUTCOME_SHUTDOWN | OUTCOME_RESET) || !(declared & OUTCOME_RETURNS))
			return value_bool(false);
		return declared == OUTCOME_RETURNS ? value_bool(true) : value_unknown();
	case OUT_STOPPED:
		return one_of(declared, OUTCOME_STOPS);
	case OUT_SHUTDOWN:
		return one_of(declared, OUTCOME_SHUTDOWN);
	case OUT_RESET:
		return one_of(declared, OUTCOME_RESET);
	case OUT_TRAPPED:
		return declared & OUTCOME_TRAPS ? value_unknown() : value_bool(false);
	default:
		return value_unknown();
	}
}

static struct value sight_read(void *context, const struct name *name, const struct value keys[2])
{
	const struct sight *sight = context;

	switch (name->kind) {
	case NAME_CONSTANT:
		return name->value;
	case NAME_ARG:
		return sight->call ? sight->call->args[name->index].seen : value_unknown();
	case NAME_RESULT:
		return name->index < SPEC_RESULTS ? sight->results[name->index] : value_unknown();
	case NAME_STATE:
		return sight->model ? model_read(sight->plan, sight->model, name->index, keys) : value_unknown();
	case NAME_OUTCOME:
		return sight->call ? read_outcome(sight, name->index) : value_unknown();
	case NAME_FACT:
		return read_fact(sight, name->index);
	case NAME_KEY:
		return name->index < 2 && !sight->no_key ? value_of(sight->key[name->index], name->type) : value_unknown();
	default:
		return value_unknown();
	}
}

/* The bytes behind a buffer are known before the call, and after it where the callee may only read them. */
static bool sight_blank(void *context, unsigned buffer, bool old)
{
	const struct sight *sight = context;
	const struct entry *entry = sight->call ? sight->call->entry : NULL;

	if (!entry || buffer >= entry->buffer_count)
		return true;
	if (!old && entry->args[entry->buffers[buffer]].direction != DIRECTION_IN)
		return true;
	return !planned_has_content(sight->call, buffer);
}

static struct value sight_load(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct sight *sight = context;

	return sight_blank(context, buffer, old) ? value_unknown() : planned_content(sight->call, buffer, offset, size);
}

static struct value sight_is_hart(void *context, uint64_t hart)
{
	const struct survey *survey = &((const struct sight *)context)->plan->survey;

	for (unsigned i = 0; i < survey->harts; i++)
		if (survey->hart_ids[i] == hart)
			return value_bool(true);
	return value_bool(false);
}

/*
 * Only the middle of RAM and what is certainly nowhere can be told apart before there is a guest: the firmware's memory and
 * device memory stay unknown.
 */
static struct value sight_accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	const struct plan *plan = ((const struct sight *)context)->plan;
	uint64_t end = plan->survey.ram_base + plan->survey.ram_size;

	if (high || low >= PLAN_NOWHERE || low + length < low)
		return value_bool(false);
	/* how long it is may be an answer, too */
	if (low >= end || model_is_placeholder(value_of(length, (struct int_type){ 64, false })))
		return value_unknown();
	if (low >= plan->survey.ram_base && length > end - low)
		return value_bool(false);
	return low >= plan_own_memory(plan) ? value_bool(true) : value_unknown();
}

static struct value sight_present(void *context, unsigned chapter)
{
	const struct plan *plan = ((const struct sight *)context)->plan;

	return chapter < plan->spec->chapter_count ? value_bool(plan->present[chapter]) : value_unknown();
}

struct expr_env sight_env(struct sight *sight)
{
	return (struct expr_env){
		.context = sight,
		.read = sight_read,
		.load = sight_load,
		.is_hart = sight_is_hart,
		.accessible = sight_accessible,
		.present = sight_present,
		.blank = sight_blank,
	};
}

struct value sight_eval(struct sight *sight, const struct expr *expr)
{
	struct expr_env env = sight_env(sight);

	return expr ? expr_eval(expr, &env) : value_bool(true);
}
