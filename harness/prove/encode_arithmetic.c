/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode_arithmetic.c - comparison, arithmetic and sets, as expr_eval.c has them: total, by value, wrapping.
 */
#include "prove/encode.h"

static Z3_ast known_both(struct encoder *encoder, struct symbol a, struct symbol b)
{
	return ast_and(encoder, a.known, b.known);
}

/* Both operands as numbers of one width in which neither loses its value; *sign: how that width has to be compared. */
static void widen(struct encoder *encoder, struct symbol a, struct symbol b, Z3_ast *left, Z3_ast *right, bool *sign)
{
	bool mixed = a.type.is_signed != b.type.is_signed;
	/* an unsigned number beside a signed one takes a digit more */
	uint8_t left_bits = a.type.bits + (mixed && !a.type.is_signed), right_bits = b.type.bits + (mixed && !b.type.is_signed);
	uint8_t bits = left_bits > right_bits ? left_bits : right_bits;
	struct int_type type = { bits ? bits : 1, a.type.is_signed || b.type.is_signed };

	*sign = type.is_signed;
	*left = symbol_as(encoder, a, type);
	*right = symbol_as(encoder, b, type);
}

static Z3_ast compare(struct encoder *encoder, enum term_op op, Z3_ast a, Z3_ast b, bool sign)
{
	Z3_context z3 = encoder->z3;

	switch (op) {
	case TERM_EQUAL:
		return ast_equal(encoder, a, b);
	case TERM_NOT_EQUAL:
		return ast_not(encoder, ast_equal(encoder, a, b));
	case TERM_LESS:
		return sign ? Z3_mk_bvslt(z3, a, b) : Z3_mk_bvult(z3, a, b);
	case TERM_LESS_EQUAL:
		return sign ? Z3_mk_bvsle(z3, a, b) : Z3_mk_bvule(z3, a, b);
	case TERM_GREATER:
		return sign ? Z3_mk_bvsgt(z3, a, b) : Z3_mk_bvugt(z3, a, b);
	default:
		return sign ? Z3_mk_bvsge(z3, a, b) : Z3_mk_bvuge(z3, a, b);
	}
}

struct symbol encode_comparison(struct encoder *encoder, const struct term *term, struct symbol a, struct symbol b)
{
	Z3_ast left, right;
	bool sign;

	widen(encoder, a, b, &left, &right, &sign);
	return (struct symbol){ known_both(encoder, a, b), compare(encoder, (enum term_op)term->op, left, right, sign),
				type_bool };
}

/* z3 divides by zero as we do without a sign: all ones, and the dividend as the remainder. */
static Z3_ast divide(struct encoder *encoder, struct int_type type, Z3_ast a, Z3_ast b)
{
	Z3_context z3 = encoder->z3;
	Z3_ast zero = ast_number(encoder, 0, type.bits);

	if (!type.is_signed)
		return Z3_mk_bvudiv(z3, a, b);
	return ast_if(encoder, ast_equal(encoder, b, zero), ast_number(encoder, ~UINT64_C(0), type.bits), Z3_mk_bvsdiv(z3, a, b));
}

static Z3_ast remainder_of(struct encoder *encoder, struct int_type type, Z3_ast a, Z3_ast b)
{
	Z3_context z3 = encoder->z3;

	if (!type.is_signed)
		return Z3_mk_bvurem(z3, a, b);
	return ast_if(encoder, ast_equal(encoder, b, ast_number(encoder, 0, type.bits)), a, Z3_mk_bvsrem(z3, a, b));
}

/* The count has a type of its own; below zero it is a large one. */
static Z3_ast shift(struct encoder *encoder, bool left, struct int_type type, Z3_ast a, struct symbol count)
{
	Z3_context z3 = encoder->z3;
	Z3_ast wide = symbol_as(encoder, count, type_u64), by, shifted, beyond;
	uint64_t bits;

	by = symbol_as(encoder, (struct symbol){ encoder->yes, wide, type_u64 }, type);
	if (left)
		shifted = Z3_mk_bvshl(z3, a, by);
	else
		shifted = type.is_signed ? Z3_mk_bvashr(z3, a, by) : Z3_mk_bvlshr(z3, a, by);
	if (ast_constant(encoder, wide, &bits) && bits < type.bits)
		return shifted;
	beyond = ast_number(encoder, 0, type.bits);
	if (!left && type.is_signed)
		beyond = Z3_mk_bvashr(z3, a, ast_number(encoder, type.bits - 1u, type.bits));
	return ast_if(encoder, Z3_mk_bvult(z3, wide, ast_number(encoder, type.bits, 64)), shifted, beyond);
}

struct symbol encode_arithmetic(struct encoder *encoder, const struct term *term, struct symbol a, struct symbol b)
{
	const struct int_type type = term->type;
	Z3_context z3 = encoder->z3;
	struct symbol result = { known_both(encoder, a, b), NULL, type };
	Z3_ast left = symbol_as(encoder, a, type), right;

	if (term->op == TERM_LEFT || term->op == TERM_RIGHT) {
		result.bits = shift(encoder, term->op == TERM_LEFT, type, left, b);
		return result;
	}
	right = symbol_as(encoder, b, type);
	switch (term->op) {
	case TERM_MULTIPLY:
		result.bits = Z3_mk_bvmul(z3, left, right);
		break;
	case TERM_DIVIDE:
		result.bits = divide(encoder, type, left, right);
		break;
	case TERM_REMAINDER:
		result.bits = remainder_of(encoder, type, left, right);
		break;
	case TERM_ADD:
		result.bits = Z3_mk_bvadd(z3, left, right);
		break;
	case TERM_SUBTRACT:
		result.bits = Z3_mk_bvsub(z3, left, right);
		break;
	case TERM_BIT_AND:
		result.bits = Z3_mk_bvand(z3, left, right);
		break;
	case TERM_BIT_XOR:
		result.bits = Z3_mk_bvxor(z3, left, right);
		break;
	default:
		result.bits = Z3_mk_bvor(z3, left, right);
		break;
	}
	return result;
}

/* Counted from `low` upwards, as int_set_has() does. Equal ends and whole halves of the numbers are simpler than that. */
static Z3_ast in_range(struct encoder *encoder, Z3_ast a, struct int_range range)
{
	Z3_context z3 = encoder->z3;
	uint64_t low = (uint64_t)range.low, length = (uint64_t)range.high - low;

	if (!length)
		return ast_equal(encoder, a, ast_number(encoder, low, 64));
	if (!low)
		return Z3_mk_bvule(z3, a, ast_number(encoder, length, 64));
	if (low <= (uint64_t)range.high)
		return ast_and(encoder, Z3_mk_bvuge(z3, a, ast_number(encoder, low, 64)),
			       Z3_mk_bvule(z3, a, ast_number(encoder, (uint64_t)range.high, 64)));
	return ast_or(encoder, Z3_mk_bvuge(z3, a, ast_number(encoder, low, 64)),
		      Z3_mk_bvule(z3, a, ast_number(encoder, (uint64_t)range.high, 64)));
}

struct symbol encode_in(struct encoder *encoder, struct symbol a, const struct int_set *set)
{
	Z3_ast wide = symbol_as(encoder, a, type_u64), in = encoder->no;

	for (size_t i = 0; i < set->count; i++)
		in = ast_or(encoder, in, in_range(encoder, wide, set->ranges[i]));
	return (struct symbol){ a.known, in, type_bool };
}
