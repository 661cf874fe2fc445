/* SPDX-License-Identifier: BSD-2-Clause */
#include "prove/meant.h"

#define STEPS 64u /* of a loop that are looked at */

struct finder {
	struct meant_list *list;
	struct proof *proof;
	Z3_ast when; /* of the demand that is looked at */
};

static Z3_ast plain(struct finder *finder, Z3_ast formula)
{
	return proof_in_plain_world(finder->proof, proof_resolved(finder->proof, formula));
}

static void add(struct finder *finder, const struct term *seen, struct symbol given)
{
	struct encoder *encoder = &finder->proof->encoder;
	struct meant_list *list = finder->list;
	Z3_ast bits = encode(encoder, seen).bits;

	for (size_t i = 0; i < encoder->leaf_count && list->count < MEANT_MAX; i++) {
		const struct symbol *leaf = &encoder->leaves[i].symbol;

		if (leaf->bits != bits || !leaf->type.bits || !given.type.bits)
			continue;
		list->list[list->count++] =
			(struct meant){ i, plain(finder, symbol_as(encoder, given, leaf->type)), plain(finder, finder->when) };
	}
}

/* --- conditions --- */

static bool is_truth(const struct term *term)
{
	return term->type.bits == 0;
}

/* From here on this is true, or false: as far as it asks for what is given. */
static void narrow(struct finder *finder, const struct term *term, bool truth)
{
	struct encoder *encoder = &finder->proof->encoder;
	struct symbol symbol;

	if (truth && term->op == TERM_AND) {
		narrow(finder, term->arg[0], truth);
		narrow(finder, term->arg[1], truth);
	} else if (!truth && term->op == TERM_OR) {
		narrow(finder, term->arg[0], truth);
		narrow(finder, term->arg[1], truth);
	} else if (term->op == TERM_NOT) {
		narrow(finder, term->arg[0], !truth);
	} else if (is_truth(term) && term_is_given(term)) {
		symbol = encode(encoder, term);
		finder->when = ast_and(encoder, finder->when,
				       truth ? symbol_is_true(encoder, symbol) : symbol_is_false(encoder, symbol));
	}
}

/* --- values --- */

static bool is_constant(const struct term *term)
{
	return term->op == TERM_CONSTANT;
}

/* The whole is `given`: what is its part number `part`, if the others are what they are? What cannot be said is taken as the whole. */
static struct symbol part_of(struct finder *finder, const struct term *whole, unsigned part, struct symbol given)
{
	struct encoder *encoder = &finder->proof->encoder;
	const struct term *other = whole->argc == 2 ? whole->arg[1 - part] : NULL;
	Z3_context z3 = finder->proof->z3;
	Z3_ast beside, bits;

	if (!whole->type.bits || !given.type.bits || !other || !term_is_given(other))
		return given;
	bits = symbol_as(encoder, given, whole->type);
	beside = symbol_as(encoder, encode(encoder, other), whole->type);
	if (whole->op == TERM_LEFT && !part && is_constant(other))
		bits = Z3_mk_bvlshr(z3, bits, beside);
	else if (whole->op == TERM_RIGHT && !part && is_constant(other))
		bits = Z3_mk_bvshl(z3, bits, beside);
	else if (whole->op == TERM_BIT_XOR)
		bits = Z3_mk_bvxor(z3, bits, beside);
	else if (whole->op == TERM_ADD)
		bits = Z3_mk_bvsub(z3, bits, beside);
	else if (whole->op == TERM_SUBTRACT)
		bits = part ? Z3_mk_bvsub(z3, beside, bits) : Z3_mk_bvadd(z3, bits, beside);
	return (struct symbol){ encoder->yes, bits, whole->type };
}

static void pair(struct finder *finder, const struct term *seen, struct symbol given)
{
	if (term_is_given(seen))
		return;
	if (seen->op == TERM_READ || seen->op == TERM_LOAD) {
		add(finder, seen, given);
		return;
	}
	for (unsigned i = 0; i < seen->argc; i++)
		pair(finder, seen->arg[i], part_of(finder, seen, i, given));
}

/* What is seen on one side, against the other side as a whole and whatever that is made of. */
static void pair_with_parts(struct finder *finder, const struct term *seen, const struct term *given)
{
	pair(finder, seen, encode(&finder->proof->encoder, given));
	for (unsigned i = 0; given->op != TERM_READ && given->op != TERM_LOAD && i < given->argc; i++)
		pair_with_parts(finder, seen, given->arg[i]);
}

static void find(struct finder *finder, const struct term *term);

/* As encode_loop.c takes its steps. */
static void find_in_loop(struct finder *finder, const struct term *loop)
{
	struct encoder *encoder = &finder->proof->encoder;
	struct symbol low = encode(encoder, loop->arg[0]), high = encode(encoder, loop->arg[1]);
	uint64_t from = 0, to = 0;

	if (!symbol_is_constant(encoder, low, &from))
		return;
	if (!symbol_is_constant(encoder, high, &to))
		to = from + ENCODE_OPEN;
	for (uint64_t i = from; i < to && i - from < STEPS && !encoder->exhausted; i++) {
		encoder->loop[loop->number] =
			symbol_constant(encoder, i, low.type.is_signed || high.type.is_signed ? type_s64 : type_u64);
		find(finder, loop->arg[2]);
	}
}

/* Side number `seen` of a comparison is what this says of the other. */
static void compare(struct finder *finder, const struct term *term, unsigned seen)
{
	bool less = term->op == (seen ? TERM_GREATER : TERM_LESS), more = term->op == (seen ? TERM_LESS : TERM_GREATER);
	const struct term *given = term->arg[1 - seen];
	struct encoder *encoder = &finder->proof->encoder;
	struct symbol bound;

	if (!term_is_given(given))
		return;
	if (!less && !more) {
		pair_with_parts(finder, term->arg[seen], given);
		return;
	}
	bound = encode(encoder, given);
	if (!bound.type.bits)
		return;
	bound.bits = less ? ast_number(encoder, 0, bound.type.bits)
			  : Z3_mk_bvadd(finder->proof->z3, bound.bits, ast_number(encoder, 1, bound.type.bits));
	pair(finder, term->arg[seen], bound);
}

/* What the others say is false, or true before an implication, when this one counts. */
static void find_where_it_counts(struct finder *finder, const struct term *term, unsigned part)
{
	Z3_ast when = finder->when;

	for (unsigned i = 0; i < term->argc; i++) {
		if (i != part && (term->op == TERM_OR || (term->op == TERM_IMPLIES && part)))
			narrow(finder, term->arg[i], term->op == TERM_IMPLIES);
	}
	find(finder, term->arg[part]);
	finder->when = when;
}

static void find(struct finder *finder, const struct term *term)
{
	bool compares = term->op == TERM_EQUAL || term->op == TERM_LESS_EQUAL || term->op == TERM_GREATER_EQUAL ||
			term->op == TERM_LESS || term->op == TERM_GREATER;

	if (term->op == TERM_ALL || term->op == TERM_ANY) {
		find_in_loop(finder, term);
		return;
	}
	if (compares) {
		compare(finder, term, 0);
		compare(finder, term, 1);
	}
	for (unsigned i = 0; i < term->argc; i++)
		find_where_it_counts(finder, term, i);
}

void meant_find(struct meant_list *list, struct proof *proof, const struct rule *rule)
{
	struct finder finder = { list, proof, proof->encoder.yes };

	if (rule->when)
		narrow(&finder, rule->when->root, true);
	find(&finder, rule->must->root);
}
