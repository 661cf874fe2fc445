/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode.c - the operators, one function for each that expr_eval.c has, and the leaves.
 */
#include "prove/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void encoder_init(struct encoder *encoder, Z3_context z3, unsigned word)
{
	memset(encoder, 0, sizeof(*encoder));
	encoder->z3 = z3;
	encoder->yes = Z3_mk_true(z3);
	encoder->no = Z3_mk_false(z3);
	encoder->leaves = xcalloc(ENCODE_LEAVES, sizeof(*encoder->leaves));
	encoder->work_max = ENCODE_WORK;
	encoder->machine.word = word;
	encoder->machine.harts = ast_variable(encoder, "harts", 0, type_u64);
	encoder->machine.own_low = ast_variable(encoder, "own", 0, type_u64);
	encoder->machine.own_high = ast_variable(encoder, "own", 1, type_u64);
	encoder->machine.map_low = ast_variable(encoder, "map", 0, type_u64);
	encoder->machine.map_high = ast_variable(encoder, "map", 1, type_u64);
}

void encoder_free(struct encoder *encoder)
{
	free(encoder->leaves);
	free(encoder->axioms);
	free(encoder->exact);
}

/* --- formulas --- */

Z3_ast ast_number(struct encoder *encoder, uint64_t bits, unsigned width)
{
	return Z3_mk_unsigned_int64(encoder->z3, width < 64 ? bits & ((UINT64_C(1) << width) - 1) : bits,
				    Z3_mk_bv_sort(encoder->z3, width));
}

bool ast_constant(struct encoder *encoder, Z3_ast ast, uint64_t *bits)
{
	if (ast == encoder->yes || ast == encoder->no) {
		*bits = ast == encoder->yes;
		return true;
	}
	return Z3_get_ast_kind(encoder->z3, ast) == Z3_NUMERAL_AST && Z3_get_numeral_uint64(encoder->z3, ast, bits);
}

Z3_ast ast_not(struct encoder *encoder, Z3_ast a)
{
	if (a == encoder->yes)
		return encoder->no;
	return a == encoder->no ? encoder->yes : Z3_mk_not(encoder->z3, a);
}

Z3_ast ast_and(struct encoder *encoder, Z3_ast a, Z3_ast b)
{
	if (a == encoder->no || b == encoder->no)
		return encoder->no;
	if (a == encoder->yes || a == b)
		return b;
	return b == encoder->yes ? a : Z3_mk_and(encoder->z3, 2, (Z3_ast[]){ a, b });
}

Z3_ast ast_or(struct encoder *encoder, Z3_ast a, Z3_ast b)
{
	if (a == encoder->yes || b == encoder->yes)
		return encoder->yes;
	if (a == encoder->no || a == b)
		return b;
	return b == encoder->no ? a : Z3_mk_or(encoder->z3, 2, (Z3_ast[]){ a, b });
}

Z3_ast ast_if(struct encoder *encoder, Z3_ast condition, Z3_ast yes, Z3_ast no)
{
	if (condition == encoder->yes || yes == no)
		return yes;
	return condition == encoder->no ? no : Z3_mk_ite(encoder->z3, condition, yes, no);
}

Z3_ast ast_equal(struct encoder *encoder, Z3_ast a, Z3_ast b)
{
	uint64_t left, right;

	if (a == b)
		return encoder->yes;
	if (ast_constant(encoder, a, &left) && ast_constant(encoder, b, &right))
		return left == right ? encoder->yes : encoder->no;
	return Z3_mk_eq(encoder->z3, a, b);
}

Z3_ast ast_variable(struct encoder *encoder, const char *prefix, unsigned number, struct int_type type)
{
	Z3_sort sort = type.bits ? Z3_mk_bv_sort(encoder->z3, type.bits) : Z3_mk_bool_sort(encoder->z3);
	char name[32];

	snprintf(name, sizeof(name), "%s%u", prefix, number);
	return Z3_mk_const(encoder->z3, Z3_mk_string_symbol(encoder->z3, name), sort);
}

static void append(Z3_ast **list, size_t *count, size_t *room, Z3_ast ast)
{
	if (*count == *room)
		*list = xrealloc(*list, (*room = *room * 2 + 16) * sizeof(**list));
	(*list)[(*count)++] = ast;
}

static bool pay(struct encoder *encoder, unsigned price);

void encoder_assume(struct encoder *encoder, Z3_ast axiom)
{
	if (axiom != encoder->yes && pay(encoder, 3))
		append(&encoder->axioms, &encoder->axiom_count, &encoder->axiom_room, axiom);
}

void encoder_exact_if(struct encoder *encoder, Z3_ast condition)
{
	if (condition != encoder->yes)
		append(&encoder->exact, &encoder->exact_count, &encoder->exact_room, condition);
}

/* --- values --- */

struct symbol symbol_constant(struct encoder *encoder, uint64_t bits, struct int_type type)
{
	if (!type.bits)
		return (struct symbol){ encoder->yes, bits ? encoder->yes : encoder->no, type };
	return (struct symbol){ encoder->yes, ast_number(encoder, bits, type.bits), type };
}

struct symbol symbol_unknown(struct encoder *encoder, struct int_type type)
{
	struct symbol symbol = symbol_constant(encoder, 0, type);

	symbol.known = encoder->no;
	return symbol;
}

bool symbol_is_constant(struct encoder *encoder, struct symbol symbol, uint64_t *bits)
{
	if (symbol.known != encoder->yes || !ast_constant(encoder, symbol.bits, bits))
		return false;
	*bits = int_truncate(*bits, symbol.type);
	return true;
}

Z3_ast symbol_as(struct encoder *encoder, struct symbol symbol, struct int_type type)
{
	unsigned from = symbol.type.bits, to = type.bits;
	uint64_t bits;

	if (from == to)
		return symbol.bits;
	if (to <= 64 && ast_constant(encoder, symbol.bits, &bits)) {
		bits = int_truncate(int_truncate(bits, symbol.type), type);
		return to ? ast_number(encoder, bits, to) : bits ? encoder->yes : encoder->no;
	}
	if (!from)
		return ast_if(encoder, symbol.bits, ast_number(encoder, 1, to), ast_number(encoder, 0, to));
	if (!to)
		return ast_not(encoder, ast_equal(encoder, symbol.bits, ast_number(encoder, 0, from)));
	if (to < from)
		return Z3_mk_extract(encoder->z3, to - 1, 0, symbol.bits);
	return symbol.type.is_signed ? Z3_mk_sign_ext(encoder->z3, to - from, symbol.bits)
				     : Z3_mk_zero_ext(encoder->z3, to - from, symbol.bits);
}

/* --- leaves --- */

static bool same_place(const struct leaf *a, const struct leaf *b)
{
	if (a->kind != b->kind || a->keys != b->keys || a->kind == LEAF_LOOP)
		return false;
	if (a->kind == LEAF_NAME)
		return a->name->kind == b->name->kind && a->name->index == b->name->index && a->name->when == b->name->when &&
		       (a->name->kind != NAME_LAND || !strcmp(a->name->text, b->name->text));
	if (a->kind == LEAF_RANGE)
		return a->term->function == b->term->function && a->term->number == b->term->number && a->old == b->old;
	return a->buffer == b->buffer && a->old == b->old && a->bytes == b->bytes;
}

static Z3_ast keys_equal(struct encoder *encoder, const struct leaf *a, const struct leaf *b)
{
	Z3_ast equal = encoder->yes;

	/* simplified: that base + 1 is not base + 2 is seen at once, and not proved again with every question */
	for (unsigned i = 0; i < a->keys; i++)
		equal = ast_and(encoder, equal, Z3_simplify(encoder->z3, ast_equal(encoder, a->key[i], b->key[i])));
	return equal;
}

/* The same number, whatever types it was asked for in. */
static void tie(struct encoder *encoder, Z3_ast equal, const struct leaf *a, const struct leaf *b)
{
	Z3_ast same = ast_equal(encoder, symbol_as(encoder, a->symbol, b->symbol.type), b->symbol.bits);

	if (equal == encoder->no)
		return;
	same = ast_and(encoder, same, ast_equal(encoder, a->symbol.known, b->symbol.known));
	encoder_assume(encoder, ast_or(encoder, ast_not(encoder, equal), same));
}

static Z3_ast key_of(struct encoder *encoder, struct symbol key)
{
	uint64_t bits;
	Z3_ast wide = symbol_as(encoder, key, type_u64);

	return ast_constant(encoder, wide, &bits) ? wide : Z3_simplify(encoder->z3, wide);
}

struct symbol encode_leaf(struct encoder *encoder, const struct leaf *wanted, const struct symbol *keys)
{
	unsigned number = (unsigned)encoder->leaf_count;
	struct leaf leaf = *wanted, *made;
	Z3_ast known = encoder->yes;

	for (unsigned i = 0; i < leaf.keys; i++) {
		leaf.key[i] = key_of(encoder, keys[i]);
		leaf.key_type[i] = keys[i].type;
		known = ast_and(encoder, known, keys[i].known);
	}
	for (unsigned i = 0; i < number && !encoder->exhausted; i++) {
		struct symbol found = encoder->leaves[i].symbol;

		if (!same_place(&encoder->leaves[i], &leaf) || keys_equal(encoder, &encoder->leaves[i], &leaf) != encoder->yes ||
		    found.type.bits != leaf.symbol.type.bits)
			continue;
		found.known = ast_and(encoder, found.known, known);
		return found;
	}
	if (number == ENCODE_LEAVES) {
		encoder->exhausted = true;
		return symbol_unknown(encoder, leaf.symbol.type);
	}
	leaf.symbol.known = ast_variable(encoder, "k", number, type_bool);
	leaf.symbol.bits = ast_variable(encoder, "v", number, leaf.symbol.type);
	for (unsigned i = 0; i < number && !encoder->exhausted; i++) {
		if (same_place(&encoder->leaves[i], &leaf))
			tie(encoder, keys_equal(encoder, &encoder->leaves[i], &leaf), &encoder->leaves[i], &leaf);
	}
	made = &encoder->leaves[encoder->leaf_count++];
	*made = leaf;
	leaf.symbol.known = ast_and(encoder, leaf.symbol.known, known);
	return leaf.symbol;
}

static struct symbol read_name(struct encoder *encoder, const struct term *term)
{
	struct leaf leaf = { .kind = LEAF_NAME, .name = term->name, .term = term, .keys = term->argc, .symbol.type = term->type };
	struct symbol keys[2];

	for (unsigned i = 0; i < term->argc; i++)
		keys[i] = encode(encoder, term->arg[i]);
	return encode_leaf(encoder, &leaf, keys);
}

/* The offset of an element, and unknown where that is beyond 64 bits or the index below zero. */
static struct symbol offset_of(struct encoder *encoder, const struct term *term, struct symbol index)
{
	uint64_t most = term->stride ? (~UINT64_C(0) - term->offset) / term->stride : ~UINT64_C(0), bits;
	Z3_context z3 = encoder->z3;
	Z3_ast wide = symbol_as(encoder, index, type_u64), offset;

	if (symbol_is_constant(encoder, index, &bits)) {
		if (type_is_negative(index.type, bits) || bits > most)
			return symbol_unknown(encoder, type_u64);
		return symbol_constant(encoder, bits * term->stride + term->offset, type_u64);
	}
	if (index.type.is_signed)
		index.known = ast_and(encoder, index.known, Z3_mk_bvsge(z3, index.bits, ast_number(encoder, 0, index.type.bits)));
	if (most != ~UINT64_C(0))
		index.known = ast_and(encoder, index.known, Z3_mk_bvule(z3, wide, ast_number(encoder, most, 64)));
	offset = Z3_mk_bvadd(z3, Z3_mk_bvmul(z3, wide, ast_number(encoder, term->stride, 64)),
			     ast_number(encoder, term->offset, 64));
	return (struct symbol){ index.known, offset, type_u64 };
}

static struct symbol load(struct encoder *encoder, const struct term *term)
{
	struct leaf leaf = { .kind = LEAF_MEMORY,
			     .term = term,
			     .keys = 1,
			     .buffer = term->number,
			     .bytes = term->bytes,
			     .old = term->old,
			     .symbol.type = { (uint8_t)(8 * term->bytes), false } };
	struct symbol offset = offset_of(encoder, term, encode(encoder, term->arg[0])), found;

	found = encode_leaf(encoder, &leaf, &offset);
	found.bits = symbol_as(encoder, found, term->type);
	found.type = term->type;
	return found;
}

/* --- operators --- */

static struct symbol both(struct encoder *encoder, struct symbol a, struct symbol b)
{
	Z3_ast known = ast_or(encoder, symbol_is_false(encoder, a), symbol_is_false(encoder, b));

	known = ast_or(encoder, known, ast_and(encoder, a.known, b.known));
	return (struct symbol){ known, ast_and(encoder, a.bits, b.bits), type_bool };
}

static struct symbol negated(struct encoder *encoder, struct symbol a)
{
	return (struct symbol){ a.known, ast_not(encoder, a.bits), type_bool };
}

static struct symbol truth(struct encoder *encoder, struct symbol a)
{
	return (struct symbol){ a.known, symbol_as(encoder, a, type_bool), type_bool };
}

static struct symbol either(struct encoder *encoder, struct symbol a, struct symbol b)
{
	return negated(encoder, both(encoder, negated(encoder, a), negated(encoder, b)));
}

static struct symbol logic(struct encoder *encoder, const struct term *term)
{
	struct symbol a = truth(encoder, encode(encoder, term->arg[0])), b = truth(encoder, encode(encoder, term->arg[1]));

	switch (term->op) {
	case TERM_AND:
		return both(encoder, a, b);
	case TERM_OR:
		return either(encoder, a, b);
	default:
		return either(encoder, negated(encoder, a), b);
	}
}

static struct symbol choose(struct encoder *encoder, const struct term *term)
{
	struct symbol condition = truth(encoder, encode(encoder, term->arg[0]));
	struct symbol yes = encode(encoder, term->arg[1]), no = encode(encoder, term->arg[2]);
	Z3_ast yes_bits = symbol_as(encoder, yes, term->type), no_bits = symbol_as(encoder, no, term->type), known, agree;

	known = ast_if(encoder, condition.bits, yes.known, no.known);
	agree = ast_and(encoder, ast_and(encoder, yes.known, no.known), ast_equal(encoder, yes_bits, no_bits));
	return (struct symbol){ ast_if(encoder, condition.known, known, agree),
				ast_if(encoder, condition.bits, yes_bits, no_bits), term->type };
}

static struct symbol unary(struct encoder *encoder, const struct term *term)
{
	struct symbol a = encode(encoder, term->arg[0]);

	switch (term->op) {
	case TERM_KNOWN:
		return (struct symbol){ encoder->yes, a.known, type_bool };
	case TERM_NOT:
		return negated(encoder, truth(encoder, a));
	case TERM_NEGATE:
		return (struct symbol){ a.known, Z3_mk_bvneg(encoder->z3, symbol_as(encoder, a, term->type)), term->type };
	case TERM_INVERT:
		return (struct symbol){ a.known, Z3_mk_bvnot(encoder->z3, symbol_as(encoder, a, term->type)), term->type };
	case TERM_IN:
		return encode_in(encoder, a, term->set);
	case TERM_NOT_IN:
		return negated(encoder, encode_in(encoder, a, term->set));
	default: /* a cast */
		return (struct symbol){ a.known, symbol_as(encoder, a, term->type), term->type };
	}
}

static struct symbol folded(struct encoder *encoder, struct symbol symbol)
{
	if (Z3_get_ast_kind(encoder->z3, symbol.bits) == Z3_APP_AST)
		symbol.bits = Z3_simplify(encoder->z3, symbol.bits);
	return symbol;
}

/* As gates go: what a solver makes of a quotient of two numbers it does not know is large. */
static unsigned price_of(const struct term *term)
{
	bool constant = term->argc == 2 && (term->arg[0]->op == TERM_CONSTANT || term->arg[1]->op == TERM_CONSTANT);

	switch ((enum term_op)term->op) {
	case TERM_MULTIPLY:
		return constant ? 200 : 2000;
	case TERM_DIVIDE:
	case TERM_REMAINDER:
		return constant ? 2000 : 4000;
	case TERM_CALL:
		return 10;
	default:
		return 1;
	}
}

/* False: that is too much. */
static bool pay(struct encoder *encoder, unsigned price)
{
	encoder->work += price;
	encoder->exhausted |= encoder->work > encoder->work_max;
	return !encoder->exhausted;
}

struct symbol encode(struct encoder *encoder, const struct term *term)
{
	if (!pay(encoder, price_of(term)))
		return symbol_unknown(encoder, term->type);
	switch ((enum term_op)term->op) {
	case TERM_CONSTANT:
		return symbol_constant(encoder, term->bits, term->type);
	case TERM_READ:
		return read_name(encoder, term);
	case TERM_LOAD:
		return load(encoder, term);
	case TERM_LOOP:
		return encoder->loop[term->number];
	case TERM_CALL:
		return encode_call(encoder, term);
	case TERM_ALL:
	case TERM_ANY:
		return encode_loop(encoder, term);
	case TERM_AND:
	case TERM_OR:
	case TERM_IMPLIES:
		return logic(encoder, term);
	case TERM_CHOOSE:
		return choose(encoder, term);
	case TERM_EQUAL:
	case TERM_NOT_EQUAL:
	case TERM_LESS:
	case TERM_LESS_EQUAL:
	case TERM_GREATER:
	case TERM_GREATER_EQUAL:
		return folded(encoder,
			      encode_comparison(encoder, term, encode(encoder, term->arg[0]), encode(encoder, term->arg[1])));
	case TERM_MULTIPLY:
	case TERM_DIVIDE:
	case TERM_REMAINDER:
	case TERM_ADD:
	case TERM_SUBTRACT:
	case TERM_LEFT:
	case TERM_RIGHT:
	case TERM_BIT_AND:
	case TERM_BIT_XOR:
	case TERM_BIT_OR:
		return folded(encoder,
			      encode_arithmetic(encoder, term, encode(encoder, term->arg[0]), encode(encoder, term->arg[1])));
	default:
		return folded(encoder, unary(encoder, term));
	}
}

struct symbol encode_truth(struct encoder *encoder, const struct expr *expr)
{
	struct symbol symbol;

	if (!expr)
		return symbol_constant(encoder, 1, type_bool);
	symbol = encode(encoder, expr->root);
	symbol.bits = symbol_as(encoder, symbol, type_bool);
	symbol.type = type_bool;
	return symbol;
}
