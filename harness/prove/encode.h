/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode.h - a term of the expression language as a formula of z3.
 *
 * Every term becomes two formulas: is its value known, and which is it? What the term asks of the world becomes a leaf: a pair of
 * variables of its own, and equal keys mean equal leaves. What cannot be said exactly (memory compared at large, a loop whose end
 * is far) becomes a pair that may be anything: then there is more in the formula's world than in ours, so "impossible" can be
 * believed, and "possible" has to be shown to the evaluator. encode_machine.c says what harts and memory may look like.
 *
 * Everything lives as long as the context of z3, which the owner of the encoder made and deletes.
 */
#ifndef ASSAY_PROVE_ENCODE_H
#define ASSAY_PROVE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <z3.h>

#include "spec/expr_term.h"

#define ENCODE_HARTS	64u /* hart ids below this are told apart */
#define ENCODE_OPEN	8u /* steps of a loop whose end is not a constant */
#define ENCODE_STEPS	20000u /* of all loops of an entry together */
#define ENCODE_LEAVES	4000u
#define ENCODE_WORK	60000u /* terms of all rules of an entry, as price_of() counts them, unless `work_max` is made less */
#define ENCODE_CHAPTERS 64u

struct symbol {
	Z3_ast known; /* a bool */
	Z3_ast bits; /* a bool, or a bit vector as wide as the type */
	struct int_type type;
};

enum leaf_kind {
	LEAF_NAME, /* the value of a name */
	LEAF_MEMORY, /* a number in a buffer */
	LEAF_RANGE, /* unchanged(), zero(), sum8() */
	LEAF_HART, /* is a number of 64 or more a hart? */
	LEAF_LOOP, /* a loop with more steps than were taken */
};

struct leaf {
	enum leaf_kind kind;
	const struct name *name; /* LEAF_NAME, else NULL */
	const struct term *term; /* the first that asked */
	unsigned keys;
	Z3_ast key[3]; /* u64, or as wide as the key's type */
	struct int_type key_type[3];
	unsigned buffer, bytes; /* LEAF_MEMORY */
	bool old;
	struct symbol symbol;
};

/* The machine that formulas speak of; see encode_machine.c. */
struct machine {
	unsigned word; /* bits of an address */
	Z3_ast harts; /* bit n: hart n is there */
	Z3_ast own_low, own_high; /* memory the caller owns */
	Z3_ast map_low, map_high; /* beyond these there is nothing */
	Z3_ast present[ENCODE_CHAPTERS]; /* NULL: never asked for */
};

struct encoder {
	Z3_context z3;
	Z3_ast yes, no;
	struct machine machine;
	struct symbol loop[EXPR_LOOPS];
	unsigned steps, work, work_max;
	size_t leaf_count, axiom_count, axiom_room, exact_count, exact_room;
	struct leaf *leaves;
	Z3_ast *axioms; /* equal keys, equal leaves */
	Z3_ast *exact; /* while these hold, nothing was left open, and of all memory it is known whose it is */
	bool exhausted; /* the formula got too big: what was encoded since means nothing */
};

void encoder_init(struct encoder *encoder, Z3_context z3, unsigned word);
void encoder_free(struct encoder *encoder);
struct symbol encode(struct encoder *encoder, const struct term *term);
/* Is it true? NULL is. */
struct symbol encode_truth(struct encoder *encoder, const struct expr *expr);

/* --- for the parts of the encoder, and for those who state more about its leaves --- */

struct symbol symbol_constant(struct encoder *encoder, uint64_t bits, struct int_type type);
struct symbol symbol_unknown(struct encoder *encoder, struct int_type type);
/* As a number of this type: truncated, or extended by the sign it has. */
Z3_ast symbol_as(struct encoder *encoder, struct symbol symbol, struct int_type type);
bool symbol_is_constant(struct encoder *encoder, struct symbol symbol, uint64_t *bits); /* extended, as an evaluator's value */
Z3_ast ast_number(struct encoder *encoder, uint64_t bits, unsigned width);
bool ast_constant(struct encoder *encoder, Z3_ast ast, uint64_t *bits);
Z3_ast ast_and(struct encoder *encoder, Z3_ast a, Z3_ast b);
Z3_ast ast_or(struct encoder *encoder, Z3_ast a, Z3_ast b);
Z3_ast ast_not(struct encoder *encoder, Z3_ast a);
Z3_ast ast_if(struct encoder *encoder, Z3_ast condition, Z3_ast yes, Z3_ast no);
Z3_ast ast_equal(struct encoder *encoder, Z3_ast a, Z3_ast b);
Z3_ast ast_variable(struct encoder *encoder, const char *prefix, unsigned number, struct int_type type);
void encoder_assume(struct encoder *encoder, Z3_ast axiom);
void encoder_exact_if(struct encoder *encoder, Z3_ast condition);

/* The leaf with these keys; a new one is tied to those of the same kind that may have equal keys. */
struct symbol encode_leaf(struct encoder *encoder, const struct leaf *wanted, const struct symbol *keys);

/* Parts: encode_loop.c, encode_function.c, encode_machine.c, encode_arithmetic.c. */
struct symbol encode_arithmetic(struct encoder *encoder, const struct term *term, struct symbol a, struct symbol b);
struct symbol encode_comparison(struct encoder *encoder, const struct term *term, struct symbol a, struct symbol b);
struct symbol encode_in(struct encoder *encoder, struct symbol a, const struct int_set *set);
struct symbol encode_loop(struct encoder *encoder, const struct term *term);
struct symbol encode_call(struct encoder *encoder, const struct term *term);
Z3_ast encode_is_hart(struct encoder *encoder, Z3_ast hart); /* u64 */
Z3_ast encode_harts_in(struct encoder *encoder, struct symbol mask, struct symbol base);
Z3_ast encode_targets(struct encoder *encoder, struct symbol hart, struct symbol mask, struct symbol base);
struct symbol encode_accessible(struct encoder *encoder, const struct symbol args[3]);
Z3_ast encode_present(struct encoder *encoder, unsigned chapter);

/* True where the value is known and true; known and false. */
static inline Z3_ast symbol_is_true(struct encoder *encoder, struct symbol symbol)
{
	return ast_and(encoder, symbol.known, symbol.bits);
}

static inline Z3_ast symbol_is_false(struct encoder *encoder, struct symbol symbol)
{
	return ast_and(encoder, symbol.known, ast_not(encoder, symbol.bits));
}

#endif
