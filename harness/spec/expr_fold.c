/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_fold.c - arithmetic over literals alone.
 *
 * A literal is a mathematical number until it meets a type: -1 is not 2^64 - 1, and 0xff + 1 is 256. So folding is exact, in
 * more than 64 bits, and what does not fit in the end is a mistake of the writer. Only ~ makes a pattern of bits, which is cut.
 */
#include "spec/expr_term.h"

typedef __int128 exact;

static exact exact_of(const struct term *term)
{
	return term->negative ? (exact)(int64_t)term->bits : (exact)term->bits;
}

static bool fold_to(struct term *term, exact number, bool pattern)
{
	if (number < INT64_MIN || number > UINT64_MAX)
		return false;
	term->op = TERM_CONSTANT;
	term->argc = 0;
	term->adapts = true;
	term->pattern = pattern;
	term->negative = number < 0;
	term->bits = (uint64_t)number;
	return true;
}

bool fold_unary(struct term *term)
{
	const struct term *a = term->arg[0];

	if (term->op == TERM_NEGATE)
		return fold_to(term, -exact_of(a), a->pattern);
	return fold_to(term, -exact_of(a) - 1, true);
}

static bool fold_left(exact a, exact count, exact *number)
{
	if (count < 0 || count >= 64) {
		*number = 0;
		return a == 0;
	}
	return !__builtin_mul_overflow(a, (exact)1 << count, number);
}

static exact fold_right(exact a, exact count)
{
	if (count < 0 || count >= 64)
		return a < 0 ? -1 : 0;
	return a >> count;
}

bool fold_binary(struct term *term)
{
	exact a = exact_of(term->arg[0]), b = exact_of(term->arg[1]), number = 0;
	bool pattern = term->arg[0]->pattern || term->arg[1]->pattern, fits = true;

	switch (term->op) {
	case TERM_MULTIPLY:
		fits = !__builtin_mul_overflow(a, b, &number);
		break;
	case TERM_DIVIDE:
		number = b ? a / b : -1;
		pattern |= !b;
		break;
	case TERM_REMAINDER:
		number = b ? a % b : a;
		break;
	case TERM_ADD:
		number = a + b;
		break;
	case TERM_SUBTRACT:
		number = a - b;
		break;
	case TERM_LEFT:
		fits = fold_left(a, b, &number);
		break;
	case TERM_RIGHT:
		number = fold_right(a, b);
		break;
	case TERM_BIT_AND:
		number = a & b;
		break;
	case TERM_BIT_XOR:
		number = a ^ b;
		break;
	default:
		number = a | b;
		break;
	}
	return fits && fold_to(term, number, pattern);
}
