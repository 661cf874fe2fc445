/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_loop.c - all() and any().
 *
 * Most loops are about the members of a set: `any(i, 0, 64, bit(mask, i) && ...)`. Where the bit is clear, a step settles nothing
 * and leaves the result as it is, so only the others are taken. The steps that were passed over count as if they had been.
 */
#include <string.h>

#include "spec/expr_functions.h"
#include "spec/expr_term.h"

/* Is it the same at every step, and does it cost nothing to find out? */
static bool is_steady(const struct term *term, unsigned loop)
{
	unsigned i;

	if (term->op == TERM_CALL || term->op == TERM_ALL || term->op == TERM_ANY)
		return false;
	if (term->op == TERM_LOOP && term->number == loop)
		return false;
	for (i = 0; i < term->argc; i++)
		if (!is_steady(term->arg[i], loop))
			return false;
	return true;
}

/* bit(mask, i) */
static const struct term *mask_of_bit(const struct term *term, unsigned loop)
{
	const struct term *mask = term->arg[0], *number = term->arg[1];

	if (strcmp(term->function->name, "bit") || number->op != TERM_LOOP || number->number != loop || !is_steady(mask, loop))
		return NULL;
	return mask;
}

/*
 * A mask such that the condition is `truth`, whatever else holds, at every step whose bit is clear in it. Only what is evaluated
 * first is looked at: nothing but the bit is then evaluated at such a step.
 */
static const struct term *find_mask(const struct term *condition, unsigned loop, bool truth)
{
	switch (condition->op) {
	case TERM_CALL:
		return truth ? NULL : mask_of_bit(condition, loop);
	case TERM_NOT:
		return find_mask(condition->arg[0], loop, !truth);
	case TERM_AND:
		return truth ? NULL : find_mask(condition->arg[0], loop, false);
	case TERM_OR:
		return truth ? find_mask(condition->arg[0], loop, true) : NULL;
	case TERM_IMPLIES:
		return truth ? find_mask(condition->arg[0], loop, false) : NULL;
	default:
		return NULL;
	}
}

const struct term *loop_mask(const struct term *loop, const struct term *condition)
{
	return find_mask(condition, loop->number, loop->op == TERM_ALL);
}

/* The first step from `at` on whose bit is set; `high`: there is none. A range may begin below zero, bits do not. */
static uint64_t next_set(uint64_t mask, uint64_t at, uint64_t high)
{
	uint64_t from = at < 64 ? at : 0, next;

	if (!(mask >> from))
		return high;
	next = from + (unsigned)__builtin_ctzll(mask >> from);
	return next - at < high - at ? next : high;
}

/* Counts steps that settle nothing; false: one of them was beyond the limit, where a step is unknown. */
static bool pass_over(struct evaluation *evaluation, uint64_t steps)
{
	evaluation->steps += (unsigned)steps;
	return !steps || evaluation->steps <= EXPR_STEPS_ALL;
}

/* One step of a loop: its variable is set, the condition evaluated. */
static struct value step(const struct term *loop, struct evaluation *evaluation, uint64_t i)
{
	if (++evaluation->steps > EXPR_STEPS_ALL)
		return value_unknown();
	evaluation->loop[loop->number] = i;
	return term_eval(loop->arg[2], evaluation);
}

/* Unknown: all steps have to be taken. They are where an explanation is told of them, up to the limit. */
static struct value mask_now(const struct term *loop, struct evaluation *evaluation)
{
	return loop->mask && !evaluation->trace ? term_eval(loop->mask, evaluation) : value_unknown();
}

/* `decisive` is the value of the condition at one step that settles the whole; *last is the step at which it ended. */
static struct value run_loop(const struct term *loop, struct evaluation *evaluation, uint64_t low, uint64_t high, bool decisive,
			     uint64_t *last)
{
	struct value result = value_bool(!decisive), mask = mask_now(loop, evaluation), one;
	uint64_t at = low;

	for (;; at = *last + 1) {
		*last = mask.known ? next_set(mask.bits, at, high) : at;
		if (!pass_over(evaluation, *last - at))
			result = value_unknown();
		if (*last == high)
			return result;
		one = step(loop, evaluation, *last);
		if (one.known && (one.bits != 0) == decisive)
			return value_bool(decisive);
		if (!one.known)
			result = value_unknown();
	}
}

/* An explanation shows the step that settled a loop, or all of them when none did. */
static struct value run_loop_told(const struct term *loop, struct evaluation *evaluation, uint64_t low, uint64_t high,
				  bool decisive)
{
	trace_function *trace = evaluation->trace;
	struct value result;
	uint64_t last;

	evaluation->trace = NULL;
	result = run_loop(loop, evaluation, low, high, decisive, &last);
	evaluation->trace = trace;
	if (last != high)
		step(loop, evaluation, last);
	else
		run_loop(loop, evaluation, low, high, decisive, &last);
	return result;
}

struct value loop_eval(const struct term *loop, struct evaluation *evaluation, bool decisive)
{
	struct value low = term_eval(loop->arg[0], evaluation), high = term_eval(loop->arg[1], evaluation);
	uint64_t last;

	if (!low.known || !high.known)
		return value_unknown();
	if (!term_is_less(loop->arg[0], low.bits, loop->arg[1], high.bits))
		return value_bool(!decisive);
	if (high.bits - low.bits > EXPR_STEPS)
		return value_unknown();
	if (evaluation->trace)
		return run_loop_told(loop, evaluation, low.bits, high.bits, decisive);
	return run_loop(loop, evaluation, low.bits, high.bits, decisive, &last);
}
