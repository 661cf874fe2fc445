/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode_loop.c - all() and any(): as many conditions as there are steps.
 *
 * A loop whose ends are constants is taken as a whole. Of any other the first few steps are taken; where there are more of them
 * the result is left open.
 */
#include "prove/encode.h"

struct run {
	const struct term *loop;
	bool is_all;
	Z3_ast settled, all_known; /* some step settled it; every step was known */
};

static void take(struct encoder *encoder, struct run *run, Z3_ast happens, struct symbol i)
{
	struct symbol one;
	Z3_ast settles;

	if (++encoder->steps > ENCODE_STEPS || encoder->exhausted) {
		encoder->exhausted = true;
		return;
	}
	encoder->loop[run->loop->number] = i;
	one = encode(encoder, run->loop->arg[2]);
	one.bits = symbol_as(encoder, one, type_bool);
	settles = run->is_all ? symbol_is_false(encoder, one) : symbol_is_true(encoder, one);
	run->settled = ast_or(encoder, run->settled, ast_and(encoder, happens, settles));
	run->all_known = ast_and(encoder, run->all_known, ast_or(encoder, ast_not(encoder, happens), one.known));
}

static struct symbol result(struct encoder *encoder, const struct run *run)
{
	return (struct symbol){ ast_or(encoder, run->settled, run->all_known),
				run->is_all ? ast_not(encoder, run->settled) : run->settled, type_bool };
}

static struct int_type variable_type(struct symbol low, struct symbol high)
{
	return low.type.is_signed || high.type.is_signed ? type_s64 : type_u64;
}

static struct symbol whole(struct encoder *encoder, struct run *run, struct symbol low, struct symbol high)
{
	struct int_type type = variable_type(low, high);
	uint64_t from = 0, to = 0;

	symbol_is_constant(encoder, low, &from);
	symbol_is_constant(encoder, high, &to);
	if (!term_is_less(run->loop->arg[0], from, run->loop->arg[1], to))
		return symbol_constant(encoder, run->is_all, type_bool);
	if (to - from > EXPR_STEPS)
		return symbol_unknown(encoder, type_bool);
	for (uint64_t i = from; i != to && !encoder->exhausted; i++)
		take(encoder, run, encoder->yes, symbol_constant(encoder, i, type));
	return result(encoder, run);
}

/* low < high, as numbers, and how far apart they are. */
static Z3_ast comes_before(struct encoder *encoder, const struct term *loop, struct symbol low, struct symbol high)
{
	const struct term less = { .op = TERM_LESS, .argc = 2, .arg = { loop->arg[0], loop->arg[1] } };

	return encode_comparison(encoder, &less, low, high).bits;
}

static struct symbol beginning(struct encoder *encoder, struct run *run, struct symbol low, struct symbol high)
{
	const struct leaf open = { .kind = LEAF_LOOP, .term = run->loop, .symbol.type = type_bool };
	Z3_context z3 = encoder->z3;
	struct int_type type = variable_type(low, high);
	Z3_ast from = symbol_as(encoder, low, type_u64), steps, any_step = comes_before(encoder, run->loop, low, high), far, fine;
	struct symbol rest = encode_leaf(encoder, &open, NULL), found;

	steps = Z3_mk_bvsub(z3, symbol_as(encoder, high, type_u64), from);
	for (unsigned i = 0; i < ENCODE_OPEN && !encoder->exhausted; i++) {
		Z3_ast at = Z3_simplify(z3, Z3_mk_bvadd(z3, from, ast_number(encoder, i, 64)));

		take(encoder, run, ast_and(encoder, any_step, Z3_mk_bvugt(z3, steps, ast_number(encoder, i, 64))),
		     (struct symbol){ encoder->yes, at, type });
	}
	found = result(encoder, run);
	far = ast_and(encoder, any_step, Z3_mk_bvugt(z3, steps, ast_number(encoder, ENCODE_OPEN, 64)));
	fine = ast_and(encoder, low.known, high.known);
	encoder_exact_if(encoder, ast_not(encoder, ast_and(encoder, fine, far)));
	return (struct symbol){ ast_and(encoder, fine, ast_if(encoder, far, rest.known, found.known)),
				ast_if(encoder, far, rest.bits, found.bits), type_bool };
}

struct symbol encode_loop(struct encoder *encoder, const struct term *term)
{
	struct run run = { term, term->op == TERM_ALL, encoder->no, encoder->yes };
	struct symbol low = encode(encoder, term->arg[0]), high = encode(encoder, term->arg[1]);
	uint64_t bits;

	if (low.known == encoder->no || high.known == encoder->no)
		return symbol_unknown(encoder, type_bool);
	if (symbol_is_constant(encoder, low, &bits) && symbol_is_constant(encoder, high, &bits))
		return whole(encoder, &run, low, high);
	return beginning(encoder, &run, low, high);
}
