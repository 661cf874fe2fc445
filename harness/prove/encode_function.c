/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode_function.c - the functions of the expression language, one line each in the table at the end.
 *
 * As in expr_functions.c an encoder here may take its arguments for known: where one is not, the call is not.
 */
#include "prove/encode.h"

#include <string.h>

#include "spec/expr_functions.h"

typedef struct symbol function_encoder(struct encoder *encoder, const struct term *term, const struct symbol *args);

static struct symbol known_truth(struct encoder *encoder, Z3_ast bits)
{
	return (struct symbol){ encoder->yes, bits, type_bool };
}

static Z3_ast word(struct encoder *encoder, struct symbol symbol)
{
	return symbol_as(encoder, symbol, type_u64);
}

static struct symbol without_sign(struct symbol symbol)
{
	symbol.type.is_signed = false;
	return symbol;
}

static struct symbol bits_anywhere(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	Z3_context z3 = encoder->z3;
	Z3_ast high = word(encoder, args[1]), low = word(encoder, args[2]), x = word(encoder, without_sign(args[0]));
	Z3_ast length = Z3_mk_bvsub(z3, high, low), mask, limit = ast_number(encoder, 63, 64), empty;

	mask = Z3_mk_bvshl(z3, ast_number(encoder, ~UINT64_C(1), 64), length);
	mask = ast_if(encoder, Z3_mk_bvult(z3, length, limit), Z3_mk_bvnot(z3, mask), ast_number(encoder, ~UINT64_C(0), 64));
	empty = ast_or(encoder, Z3_mk_bvugt(z3, low, high), Z3_mk_bvugt(z3, low, limit));
	x = ast_if(encoder, empty, ast_number(encoder, 0, 64), Z3_mk_bvand(z3, Z3_mk_bvlshr(z3, x, low), mask));
	return (struct symbol){ encoder->yes, symbol_as(encoder, (struct symbol){ encoder->yes, x, type_u64 }, term->type),
				term->type };
}

static struct symbol encode_bits(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	uint64_t high, low;
	struct symbol part = { 0 };

	if (!symbol_is_constant(encoder, args[1], &high) || !symbol_is_constant(encoder, args[2], &low))
		return bits_anywhere(encoder, term, args);
	if (low > high || low >= args[0].type.bits)
		return symbol_constant(encoder, 0, term->type);
	if (high >= args[0].type.bits)
		high = args[0].type.bits - 1u;
	part.type = (struct int_type){ (uint8_t)(high - low + 1), false };
	part.bits = Z3_mk_extract(encoder->z3, (unsigned)high, (unsigned)low, args[0].bits);
	return (struct symbol){ encoder->yes, symbol_as(encoder, part, term->type), term->type };
}

static struct symbol encode_bit(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	Z3_context z3 = encoder->z3;
	Z3_ast x = word(encoder, without_sign(args[0])), one = ast_number(encoder, 1, 1);
	uint64_t n;

	(void)term;
	if (symbol_is_constant(encoder, args[1], &n)) {
		if (n >= args[0].type.bits)
			return symbol_constant(encoder, 0, type_bool);
		return known_truth(encoder, ast_equal(encoder, Z3_mk_extract(z3, (unsigned)n, (unsigned)n, args[0].bits), one));
	}
	/* what is shifted by its width or more is zero */
	return known_truth(encoder,
			   ast_equal(encoder, Z3_mk_extract(z3, 0, 0, Z3_mk_bvlshr(z3, x, word(encoder, args[1]))), one));
}

static struct symbol encode_popcount(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	Z3_context z3 = encoder->z3;
	Z3_ast sum = ast_number(encoder, 0, 8);

	for (unsigned i = 0; i < args[0].type.bits; i++)
		sum = Z3_mk_bvadd(z3, sum, Z3_mk_zero_ext(z3, 7, Z3_mk_extract(z3, i, i, args[0].bits)));
	return (struct symbol){ encoder->yes, symbol_as(encoder, (struct symbol){ NULL, sum, { 8, false } }, term->type),
				term->type };
}

static struct symbol encode_aligned(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	Z3_context z3 = encoder->z3;
	Z3_ast x = word(encoder, args[0]), n = word(encoder, args[1]), zero = ast_number(encoder, 0, 64);
	uint64_t step;

	(void)term;
	if (ast_constant(encoder, n, &step) && step && !(step & (step - 1)))
		return known_truth(encoder, ast_equal(encoder, Z3_mk_bvand(z3, x, ast_number(encoder, step - 1, 64)), zero));
	return known_truth(encoder, ast_equal(encoder, Z3_mk_bvurem(z3, x, n), zero)); /* x % 0 is x */
}

static struct symbol extreme(struct encoder *encoder, const struct term *term, const struct symbol *args, bool least)
{
	Z3_context z3 = encoder->z3;
	Z3_ast a = symbol_as(encoder, args[0], term->type), b = symbol_as(encoder, args[1], term->type);
	Z3_ast less = term->type.is_signed ? Z3_mk_bvslt(z3, a, b) : Z3_mk_bvult(z3, a, b);

	return (struct symbol){ encoder->yes, least ? ast_if(encoder, less, a, b) : ast_if(encoder, less, b, a), term->type };
}

static struct symbol encode_min(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	return extreme(encoder, term, args, true);
}

static struct symbol encode_max(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	return extreme(encoder, term, args, false);
}

static struct symbol is_hart(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	(void)term;
	return known_truth(encoder, encode_is_hart(encoder, word(encoder, args[0])));
}

static struct symbol harts_in(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	(void)term;
	return known_truth(encoder, encode_harts_in(encoder, args[0], args[1]));
}

static struct symbol targets(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	(void)term;
	return known_truth(encoder, encode_targets(encoder, args[0], args[1], args[2]));
}

static struct symbol accessible(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	(void)term;
	return encode_accessible(encoder, args);
}

static struct symbol present(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	(void)args;
	return known_truth(encoder, encode_present(encoder, term->number));
}

/* Memory at large: may be anything. */
static struct symbol range(struct encoder *encoder, const struct term *term, const struct symbol *args)
{
	const struct leaf leaf = { .kind = LEAF_RANGE,
				   .term = term,
				   .keys = term->argc,
				   .buffer = term->number,
				   .old = term->old,
				   .symbol.type = term->type };

	return encode_leaf(encoder, &leaf, args);
}

static const struct {
	const char *name;
	function_encoder *encode;
} encoders[] = {
	{ "bits", encode_bits },
	{ "bit", encode_bit },
	{ "popcount", encode_popcount },
	{ "aligned", encode_aligned },
	{ "min", encode_min },
	{ "max", encode_max },
	{ "is_hart", is_hart },
	{ "harts_in", harts_in },
	{ "targets", targets },
	{ "accessible", accessible },
	{ "present", present },
	{ "unchanged", range },
	{ "zero", range },
	{ "sum8", range },
};

struct symbol encode_call(struct encoder *encoder, const struct term *term)
{
	struct symbol args[TERM_ARGS], found;
	Z3_ast known = encoder->yes;

	for (unsigned i = 0; i < term->argc; i++) {
		args[i] = encode(encoder, term->arg[i]);
		known = ast_and(encoder, known, args[i].known);
	}
	if (known == encoder->no)
		return symbol_unknown(encoder, term->type);
	for (size_t i = 0; i < sizeof(encoders) / sizeof(encoders[0]); i++) {
		if (strcmp(encoders[i].name, term->function->name))
			continue;
		found = encoders[i].encode(encoder, term, args);
		found.known = ast_and(encoder, known, found.known);
		return found;
	}
	encoder->exhausted = true; /* a function that was added, and not here */
	return symbol_unknown(encoder, term->type);
}
