/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode_machine.c - harts and memory.
 *
 * Hart ids below 64 are the bits of one number; whether greater ones are there is left open, each for itself. Of memory there is
 * one stretch that the caller owns and two ends beyond which there is nothing: what lies between, nobody knows. That is how a
 * judge sees it too (judge/world.c), but for maps with holes. An example is looked for where it is known.
 */
#include "prove/encode.h"

static Z3_ast bit_of(struct encoder *encoder, Z3_ast bits, Z3_ast number)
{
	Z3_context z3 = encoder->z3;
	uint64_t n;

	if (ast_constant(encoder, number, &n))
		return n < 64 ? ast_equal(encoder, Z3_mk_extract(z3, (unsigned)n, (unsigned)n, bits), ast_number(encoder, 1, 1))
			      : encoder->no;
	return ast_equal(encoder, Z3_mk_extract(z3, 0, 0, Z3_mk_bvlshr(z3, bits, number)), ast_number(encoder, 1, 1));
}

Z3_ast encode_is_hart(struct encoder *encoder, Z3_ast hart)
{
	const struct leaf beyond = { .kind = LEAF_HART, .keys = 1, .symbol.type = type_bool };
	Z3_ast small = Z3_mk_bvult(encoder->z3, hart, ast_number(encoder, ENCODE_HARTS, 64));
	struct symbol key = { encoder->yes, hart, type_u64 };
	uint64_t bits;

	if (ast_constant(encoder, hart, &bits) && bits < ENCODE_HARTS)
		return bit_of(encoder, encoder->machine.harts, hart);
	return ast_if(encoder, small, bit_of(encoder, encoder->machine.harts, hart), encode_leaf(encoder, &beyond, &key).bits);
}

static Z3_ast is_all_ones(struct encoder *encoder, struct symbol value)
{
	return ast_equal(encoder, value.bits, ast_number(encoder, ~UINT64_C(0), value.type.bits));
}

/* The mask moved up by its base, with what falls out of 64 bits. */
struct moved {
	Z3_ast mask; /* of hart ids below 64 */
	Z3_ast fits; /* nothing fell out */
};

static struct moved move(struct encoder *encoder, Z3_ast mask, Z3_ast base)
{
	Z3_context z3 = encoder->z3;
	Z3_ast up = Z3_mk_bvshl(z3, mask, base);

	return (struct moved){ up, ast_equal(encoder, Z3_mk_bvlshr(z3, up, base), mask) };
}

static struct symbol bit_pattern(struct symbol value)
{
	value.type.is_signed = false;
	return value;
}

Z3_ast encode_harts_in(struct encoder *encoder, struct symbol mask, struct symbol base)
{
	const struct leaf open = { .kind = LEAF_HART, .keys = 2, .symbol.type = type_bool };
	Z3_context z3 = encoder->z3;
	Z3_ast wide = symbol_as(encoder, bit_pattern(mask), type_u64), from = symbol_as(encoder, base, type_u64);
	struct symbol keys[2] = { { encoder->yes, wide, type_u64 }, { encoder->yes, from, type_u64 } };
	struct moved moved = move(encoder, wide, from);
	Z3_ast low = ast_equal(encoder, Z3_mk_bvand(z3, moved.mask, Z3_mk_bvnot(z3, encoder->machine.harts)),
			       ast_number(encoder, 0, 64));
	Z3_ast empty = ast_equal(encoder, wide, ast_number(encoder, 0, 64)), high;

	/* some of them are beyond 64: all of those have to be there, and none is known to be */
	high = ast_and(encoder, low, encode_leaf(encoder, &open, keys).bits);
	return ast_or(encoder, ast_or(encoder, is_all_ones(encoder, base), empty), ast_if(encoder, moved.fits, low, high));
}

Z3_ast encode_targets(struct encoder *encoder, struct symbol hart, struct symbol mask, struct symbol base)
{
	Z3_context z3 = encoder->z3;
	Z3_ast number = symbol_as(encoder, hart, type_u64), from = symbol_as(encoder, base, type_u64);
	Z3_ast wide = symbol_as(encoder, mask, type_u64), distance, named;
	uint64_t bits, width = mask.type.bits;

	/* for a hart below 64 one shift serves all of them: bit h of the mask moved up is bit h - base of the mask */
	if (width == 64 && ast_constant(encoder, number, &bits) && bits < 64) {
		named = bit_of(encoder, move(encoder, wide, from).mask, number);
	} else {
		distance = Z3_mk_bvsub(z3, number, from);
		named = ast_and(encoder, Z3_mk_bvuge(z3, number, from),
				ast_and(encoder, Z3_mk_bvult(z3, distance, ast_number(encoder, width, 64)),
					bit_of(encoder, wide, distance)));
	}
	return ast_if(encoder, is_all_ones(encoder, base), encode_is_hart(encoder, number), named);
}

/* accessible(high, low, length) */
struct symbol encode_accessible(struct encoder *encoder, const struct symbol args[3])
{
	const struct machine *machine = &encoder->machine;
	Z3_context z3 = encoder->z3;
	Z3_ast high = symbol_as(encoder, args[0], type_u64), low = symbol_as(encoder, args[1], type_u64);
	Z3_ast length = symbol_as(encoder, args[2], type_u64), zero = ast_number(encoder, 0, 64), joins, first = low, last, wraps;
	Z3_ast nowhere, own;

	joins = ast_equal(encoder, high, zero);
	if (machine->word < 64) {
		unsigned above = 64 - machine->word;

		first = Z3_mk_bvor(z3, Z3_mk_bvshl(z3, high, ast_number(encoder, machine->word, 64)), low);
		joins = ast_equal(encoder, Z3_mk_bvlshr(z3, high, ast_number(encoder, above, 64)), zero);
	}
	last = Z3_mk_bvadd(z3, first, Z3_mk_bvsub(z3, length, ast_number(encoder, 1, 64)));
	wraps = Z3_mk_bvult(z3, last, first);
	own = ast_and(encoder, Z3_mk_bvuge(z3, first, machine->own_low), Z3_mk_bvule(z3, last, machine->own_high));
	own = ast_and(encoder, own, ast_not(encoder, ast_or(encoder, wraps, ast_not(encoder, joins))));
	nowhere = ast_or(encoder, Z3_mk_bvult(z3, first, machine->map_low), Z3_mk_bvugt(z3, last, machine->map_high));
	nowhere = ast_or(encoder, nowhere, ast_or(encoder, wraps, ast_not(encoder, joins)));
	encoder_exact_if(encoder, ast_or(encoder, ast_equal(encoder, length, zero), ast_or(encoder, own, nowhere)));
	return (struct symbol){ ast_and(encoder, ast_not(encoder, ast_equal(encoder, length, zero)),
					ast_or(encoder, own, nowhere)),
				own, type_bool };
}

Z3_ast encode_present(struct encoder *encoder, unsigned chapter)
{
	if (chapter >= ENCODE_CHAPTERS) {
		encoder->exhausted = true;
		return encoder->no;
	}
	if (!encoder->machine.present[chapter])
		encoder->machine.present[chapter] = ast_variable(encoder, "present", chapter, type_bool);
	return encoder->machine.present[chapter];
}
