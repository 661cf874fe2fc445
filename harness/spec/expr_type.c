/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_type.c - which type a term has, and which terms have none.
 */
#include <stdarg.h>
#include <stdio.h>

#include "spec/expr_functions.h"
#include "spec/expr_term.h"

struct term *expr_complain(struct complaint *complaint, unsigned at, const char *format, ...)
{
	struct expr_mistake *mistake = complaint->mistake;
	va_list args;

	if (complaint->made)
		return NULL;
	complaint->made = true;
	mistake->where = complaint->where;
	mistake->where.column += at;
	va_start(args, format);
	vsnprintf(mistake->message, sizeof(mistake->message), format, args);
	va_end(args);
	return NULL;
}

struct type_text type_name(struct int_type type)
{
	struct type_text name;

	if (type.bits == 0)
		snprintf(name.text, sizeof(name.text), "bool");
	else
		snprintf(name.text, sizeof(name.text), "%c%u", type.is_signed ? 's' : 'u', type.bits % 100u);
	return name;
}

bool type_holds(struct int_type type, uint64_t bits, bool negative)
{
	unsigned digits;

	if (type.bits == 0)
		return !negative && bits <= 1;
	if (negative)
		return type.is_signed && (int64_t)bits >> (type.bits - 1) == -1;
	digits = type.bits - type.is_signed;
	return digits >= 64 || bits >> digits == 0;
}

static bool adapt_constant(struct complaint *complaint, struct term *term, struct int_type type)
{
	const struct int_type any_sign = { type.bits, true };
	bool cut = term->pattern && term->negative && type.bits && type_holds(any_sign, term->bits, true);

	if (!cut && !type_holds(type, term->bits, term->negative)) {
		const struct type_text name = type_name(type);

		if (type.bits == 0)
			expr_complain(complaint, term->at, "a truth value expected, got a number that is neither 0 nor 1");
		else if (term->negative)
			expr_complain(complaint, term->at, "%lld is no value of %s: write %s(%lld) if the bit pattern is meant",
				      (long long)term->bits, name.text, name.text, (long long)term->bits);
		else
			expr_complain(complaint, term->at, "0x%llx is no value of %s: write %s(0x%llx) if its low bits are meant",
				      (unsigned long long)term->bits, name.text, name.text, (unsigned long long)term->bits);
		return false;
	}
	term->bits = int_truncate(term->bits, type);
	return true;
}

/* The arguments that have the type of the whole: bit n for argument n. */
static unsigned same_type_args(const struct term *term)
{
	switch (term->op) {
	case TERM_CONSTANT:
		return 0;
	case TERM_CHOOSE:
		return 6;
	case TERM_NEGATE:
	case TERM_INVERT:
	case TERM_LEFT:
	case TERM_RIGHT:
		return 1;
	default:
		return 3;
	}
}

bool type_adapt(struct complaint *complaint, struct term *term, struct int_type type)
{
	unsigned same = same_type_args(term), i;

	if (!term->adapts)
		return true;
	if (type.bits == 0 && term->op != TERM_CONSTANT) {
		expr_complain(complaint, term->at, "a truth value expected, got a number");
		return false;
	}
	if (term->op == TERM_CONSTANT && !adapt_constant(complaint, term, type))
		return false;
	for (i = 0; i < term->argc; i++)
		if (same >> i & 1 && !type_adapt(complaint, term->arg[i], type))
			return false;
	term->type = type;
	term->adapts = false;
	return true;
}

static bool has_negative(const struct term *term)
{
	unsigned same = same_type_args(term), i;

	if (!term->adapts)
		return false;
	if (term->op == TERM_CONSTANT)
		return term->negative;
	for (i = 0; i < term->argc; i++)
		if (same >> i & 1 && has_negative(term->arg[i]))
			return true;
	return false;
}

bool type_settle(struct complaint *complaint, struct term *term)
{
	return type_adapt(complaint, term, has_negative(term) ? type_s64 : type_u64);
}

bool type_want_truth(struct complaint *complaint, const struct term *term)
{
	if (term_is_truth(term))
		return true;
	if (term->adapts)
		expr_complain(complaint, term->at, "a truth value expected, got a number");
	else
		expr_complain(complaint, term->at, "a truth value expected, got %s: compare it with something, as in x != 0",
			      type_name(term->type).text);
	return false;
}

bool type_want_integer(struct complaint *complaint, const struct term *term)
{
	if (term->adapts || term->type.bits)
		return true;
	expr_complain(complaint, term->at, "an integer expected, got a truth value: write u64(...) to count with it");
	return false;
}

bool type_unify(struct complaint *complaint, struct term *a, struct term *b, unsigned at, struct int_type *type)
{
	*type = a->adapts ? b->type : a->type;
	if (a->adapts && b->adapts)
		return true;
	if (a->adapts)
		return type_adapt(complaint, a, *type);
	if (b->adapts)
		return type_adapt(complaint, b, *type);
	if (a->type.is_signed != b->type.is_signed) {
		unsigned bits = a->type.bits > b->type.bits ? a->type.bits : b->type.bits;

		expr_complain(complaint, at,
			      "%s and %s differ in sign: write %c%u(...) around the first or %c%u(...) around the second",
			      type_name(a->type).text, type_name(b->type).text, b->type.is_signed ? 's' : 'u', bits,
			      a->type.is_signed ? 's' : 'u', bits);
		return false;
	}
	if (b->type.bits > type->bits)
		*type = b->type;
	return true;
}

bool type_common(struct complaint *complaint, struct term *a, struct term *b, unsigned at, struct int_type *type)
{
	if (!type_unify(complaint, a, b, at, type))
		return false;
	if (!a->adapts)
		return true;
	*type = has_negative(a) || has_negative(b) ? type_s64 : type_u64;
	return type_adapt(complaint, a, *type) && type_adapt(complaint, b, *type);
}

static bool is_literal(const struct term *term)
{
	return term->op == TERM_CONSTANT && term->adapts;
}

static struct term *too_wide(struct complaint *complaint, const struct term *term)
{
	return expr_complain(complaint, term->at, "this number does not fit in 64 bits");
}

struct term *type_unary(struct complaint *complaint, struct term *term)
{
	struct term *a = term->arg[0];

	if (term->op == TERM_NOT) {
		term->type = type_bool;
		return type_want_truth(complaint, a) ? term : NULL;
	}
	if (!type_want_integer(complaint, a))
		return NULL;
	term->type = a->type;
	term->adapts = a->adapts;
	if (is_literal(a) && !fold_unary(term))
		return too_wide(complaint, term);
	return term;
}

static struct term *type_logic(struct complaint *complaint, struct term *term)
{
	term->type = type_bool;
	return type_want_truth(complaint, term->arg[0]) && type_want_truth(complaint, term->arg[1]) ? term : NULL;
}

/* Two sides of which at least one is a bool: the other must be one, or a u1, or the literal 0 or 1. */
static bool unify_truths(struct complaint *complaint, struct term *a, struct term *b)
{
	if (a->adapts && !type_adapt(complaint, a, type_bool))
		return false;
	if (b->adapts && !type_adapt(complaint, b, type_bool))
		return false;
	return type_want_truth(complaint, a) && type_want_truth(complaint, b);
}

static bool is_bool(const struct term *term)
{
	return !term->adapts && term->type.bits == 0;
}

/* By value, so two types may differ in width and sign; only a literal has to fit. */
static struct term *type_comparison(struct complaint *complaint, struct term *term)
{
	struct term *a = term->arg[0], *b = term->arg[1];
	bool fine;

	term->type = type_bool;
	if (is_bool(a) || is_bool(b)) {
		if (term->op != TERM_EQUAL && term->op != TERM_NOT_EQUAL)
			return expr_complain(complaint, term->at, "truth values have no order: compare them with == or !=");
		fine = unify_truths(complaint, a, b);
	} else if (a->adapts && b->adapts) {
		fine = type_settle(complaint, a) && type_settle(complaint, b);
	} else {
		fine = type_adapt(complaint, a, b->type) && type_adapt(complaint, b, a->type);
	}
	return fine ? term : NULL;
}

static struct term *type_shift(struct complaint *complaint, struct term *term)
{
	struct term *a = term->arg[0], *count = term->arg[1];

	term->type = a->type;
	term->adapts = a->adapts;
	if (is_literal(a) && is_literal(count))
		return fold_binary(term) ? term : too_wide(complaint, term);
	return type_settle(complaint, count) ? term : NULL;
}

static struct term *type_arithmetic(struct complaint *complaint, struct term *term)
{
	struct term *a = term->arg[0], *b = term->arg[1];

	if (!type_want_integer(complaint, a) || !type_want_integer(complaint, b))
		return NULL;
	if (term->op == TERM_LEFT || term->op == TERM_RIGHT)
		return type_shift(complaint, term);
	if (is_literal(a) && is_literal(b))
		return fold_binary(term) ? term : too_wide(complaint, term);
	if (!type_unify(complaint, a, b, term->at, &term->type))
		return NULL;
	term->adapts = a->adapts && b->adapts;
	return term;
}

struct term *type_binary(struct complaint *complaint, struct term *term)
{
	switch (term->op) {
	case TERM_AND:
	case TERM_OR:
	case TERM_IMPLIES:
		return type_logic(complaint, term);
	case TERM_EQUAL:
	case TERM_NOT_EQUAL:
	case TERM_LESS:
	case TERM_LESS_EQUAL:
	case TERM_GREATER:
	case TERM_GREATER_EQUAL:
		return type_comparison(complaint, term);
	default:
		return type_arithmetic(complaint, term);
	}
}

struct term *type_choose(struct complaint *complaint, struct term *term)
{
	struct term *yes = term->arg[1], *no = term->arg[2];

	if (!type_want_truth(complaint, term->arg[0]))
		return NULL;
	if (is_bool(yes) || is_bool(no)) {
		term->type = type_bool;
		return unify_truths(complaint, yes, no) ? term : NULL;
	}
	if (!type_unify(complaint, yes, no, term->at, &term->type))
		return NULL;
	term->adapts = yes->adapts && no->adapts;
	return term;
}

struct term *type_cast(struct complaint *complaint, struct term *term, struct int_type type)
{
	struct term *a = term->arg[0];

	term->type = type;
	if (is_literal(a)) {
		term->op = TERM_CONSTANT;
		term->argc = 0;
		term->bits = int_truncate(a->bits, type);
		return term;
	}
	return type_settle(complaint, a) ? term : NULL;
}
