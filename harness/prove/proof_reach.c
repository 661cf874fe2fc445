/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof_reach.c - which values a state can have.
 *
 * A conflict in a state that nobody can get into is none. A state has the value it begins with, or one that an effect of some
 * entry gave it: then there was a call of that entry whose answer broke no rule. One such call is looked for; what state it was made
 * in is not asked.
 */
#include "prove/witness.h"

#include <stdlib.h>

/* Copies of entries in the formulas of one; where there would be more, a state may be anything its type names. */
#define COPIES 64u

struct copy {
	struct proof *proof, *source; /* who asks; whose effect it is */
	unsigned count;
	Z3_ast *from, *to;
};

static Z3_ast renamed(struct copy *copy, Z3_ast formula)
{
	return Z3_substitute(copy->proof->z3, formula, copy->count, copy->from, copy->to);
}

static void rename_variable(struct copy *copy, Z3_ast variable)
{
	Z3_context z3 = copy->proof->z3;

	copy->from[copy->count] = variable;
	copy->to[copy->count++] = Z3_mk_fresh_const(z3, "reach", Z3_get_sort(z3, variable));
}

static void copy_begin(struct copy *copy, struct proof *proof, struct proof *source)
{
	struct encoder *encoder = &source->encoder;
	size_t most = 2 * encoder->leaf_count + 2 * SPEC_BUFFERS + 4;

	*copy = (struct copy){ proof, source, 0, xcalloc(most, sizeof(Z3_ast)), xcalloc(most, sizeof(Z3_ast)) };
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		rename_variable(copy, encoder->leaves[i].symbol.bits);
		rename_variable(copy, encoder->leaves[i].symbol.known);
	}
	rename_variable(copy, source->outcome);
	rename_variable(copy, source->landings);
	rename_variable(copy, source->console);
	for (unsigned i = 0; i < SPEC_BUFFERS; i++) {
		rename_variable(copy, source->captured[i]);
		rename_variable(copy, source->size[i]);
	}
}

static void copy_end(struct copy *copy)
{
	free(copy->from);
	free(copy->to);
}

/* `key` and `key2` where a state begins; `i` where an effect is repeated. */
static void bind_keys(struct copy *copy, const struct encoder *encoder, const Z3_ast *keys, unsigned count)
{
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];

		if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_KEY && leaf->name->index < count)
			copy->to[2 * i] =
				symbol_as(&copy->proof->encoder, (struct symbol){ NULL, keys[leaf->name->index], type_u64 },
					  leaf->symbol.type);
	}
}

static struct proof *source_of(struct proof *proof, const struct entry *entry)
{
	struct proof **source = &proof->sources[entry->number];

	if (!*source) {
		*source = arena_alloc(proof->arena, sizeof(**source));
		if (!proof_init(*source, entry, proof->spec, proof->z3, proof->arena))
			proof->encoder.exhausted = true;
	}
	return *source;
}

/*
 * A formula of the source, for any world: results may be anything, and so may be how the call ended; of states, of memory after the
 * call and of landings nothing is known. A rule that needs these says nothing then, which makes more states possible, never fewer.
 */
static Z3_ast sketch(struct proof *source, Z3_ast formula)
{
	struct encoder *encoder = &source->encoder;
	Z3_ast *from = xcalloc(encoder->leaf_count + 1, sizeof(*from)), *to = xcalloc(encoder->leaf_count + 1, sizeof(*to));

	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];
		bool plain = leaf->kind == LEAF_NAME && leaf->name->kind != NAME_STATE && leaf->name->kind != NAME_LAND &&
			     (leaf->name->kind != NAME_OUTCOME || leaf->name->index != OUT_LANDED);

		from[i] = leaf->symbol.known;
		to[i] = plain ? encoder->yes : encoder->no;
	}
	formula = Z3_substitute(source->z3, formula, (unsigned)encoder->leaf_count, from, to);
	free(from);
	free(to);
	return proof_in_plain_world(source, formula);
}

static struct symbol sketch_symbol(struct proof *source, struct symbol symbol)
{
	return (struct symbol){ sketch(source, symbol.known), sketch(source, symbol.bits), symbol.type };
}

/* Every leaf of every state that is asked for needs a copy of these: they are made once. */
static const struct proof_effect *sketched_effect(struct proof *source, const struct effect *effect)
{
	struct proof_effect *made = &source->effects[effect - source->entry->effects];

	if (made->may_apply)
		return made;
	made->may_apply = ast_not(&source->encoder, sketch(source, symbol_is_false(&source->encoder, made->when)));
	for (unsigned i = 0; i < effect->keys; i++)
		made->sketched_key[i] = sketch_symbol(source, made->key[i]);
	made->sketched_value = sketch_symbol(source, made->value);
	return made;
}

static Z3_ast keeps_rules(struct proof *source, int version)
{
	struct encoder *encoder = &source->encoder;
	Z3_ast known = source->keeps_rules[version], kept = encoder->yes;

	if (known)
		return known;
	for (size_t i = 0; i < source->count; i++) {
		if (rule_in(&source->rules[i], version) && rule_demands(source->rules[i].rule))
			kept = ast_and(encoder, kept, ast_not(encoder, sketch(source, source->rules[i].broken)));
	}
	source->keeps_rules[version] = kept;
	return kept;
}

/* Where it is known, it is that. */
static Z3_ast may_be(struct copy *copy, struct symbol symbol, Z3_ast wanted, struct int_type type)
{
	struct encoder *encoder = &copy->source->encoder;
	Z3_ast same = ast_equal(encoder, renamed(copy, symbol_as(encoder, symbol, type)), wanted);

	return ast_or(encoder, ast_not(encoder, renamed(copy, symbol.known)), same);
}

static Z3_ast given_by(struct proof *proof, struct proof *source, const struct effect *effect, const struct leaf *leaf,
		       int version)
{
	struct encoder *encoder = &source->encoder;
	const struct proof_effect *made;
	struct copy copy;
	Z3_ast formula;

	if (!effect->value)
		return encoder->no;
	made = sketched_effect(source, effect);
	copy_begin(&copy, proof, source);
	formula = ast_and(encoder, renamed(&copy, made->may_apply), renamed(&copy, keeps_rules(source, version)));
	for (unsigned i = 0; i < effect->keys; i++)
		formula = ast_and(encoder, formula, may_be(&copy, made->sketched_key[i], leaf->key[i], type_u64));
	formula = ast_and(encoder, formula, may_be(&copy, made->sketched_value, leaf->symbol.bits, leaf->symbol.type));
	copy_end(&copy);
	return formula;
}

static Z3_ast begins_as(struct proof *proof, const struct state *state, const struct leaf *leaf)
{
	struct encoder init;
	struct symbol value;
	struct copy copy = { .proof = proof };
	Z3_ast formula;

	if (!state->init)
		return proof->encoder.no;
	encoder_init(&init, proof->z3, proof->spec->convention.word);
	value = encode(&init, state->init->root);
	copy.from = xcalloc(2 * init.leaf_count + 1, sizeof(Z3_ast));
	copy.to = xcalloc(2 * init.leaf_count + 1, sizeof(Z3_ast));
	for (size_t i = 0; i < init.leaf_count; i++) {
		uint64_t bits = 0;
		const struct leaf *asked = &init.leaves[i];
		struct int_type type = asked->symbol.type;

		copy.from[copy.count] = asked->symbol.bits;
		copy.to[copy.count] = asked->symbol.bits;
		if (asked->kind == LEAF_NAME && asked->name->kind == NAME_FACT &&
		    proof_plain_fact(proof, asked->name->index, &bits))
			copy.to[copy.count] = symbol_constant(&init, bits, type).bits;
		copy.from[copy.count + 1] = asked->symbol.known;
		copy.to[copy.count + 1] = init.yes;
		copy.count += 2;
	}
	bind_keys(&copy, &init, leaf->key, leaf->keys);
	formula = ast_and(&init, value.known, ast_equal(&init, symbol_as(&init, value, leaf->symbol.type), leaf->symbol.bits));
	formula = renamed(&copy, formula);
	copy_end(&copy);
	encoder_free(&init);
	return formula;
}

/* Every value that an effect gives it is a constant: is it one of these? *open: some are not. */
static Z3_ast is_some_constant(struct proof *proof, const struct state *state, const struct leaf *leaf, bool *open)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast law = encoder->no;

	for (size_t i = 0; i < proof->spec->entry_count; i++) {
		const struct entry *entry = proof->spec->entries[i];

		for (size_t k = 0; k < entry->effect_count; k++) {
			const struct effect *effect = &entry->effects[k];

			if (effect->state != state->number || !effect->value)
				continue;
			*open |= effect->value->root->op != TERM_CONSTANT;
			law = ast_or(
				encoder, law,
				ast_equal(encoder, leaf->symbol.bits,
					  symbol_constant(encoder, int_truncate(effect->value->root->bits, leaf->symbol.type),
							  leaf->symbol.type)
						  .bits));
		}
	}
	return law;
}

static Z3_ast is_given(struct proof *proof, const struct state *state, const struct leaf *leaf, int version)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast law = encoder->no;

	for (size_t i = 0; i < proof->spec->entry_count; i++) {
		const struct entry *entry = proof->spec->entries[i];

		if (entry->is_structure || !spec_in_version(entry->since, entry->until, version))
			continue;
		for (size_t k = 0; k < entry->effect_count; k++) {
			const struct effect *effect = &entry->effects[k];

			if (effect->state != state->number)
				continue;
			if (++proof->copies > COPIES)
				return encoder->yes;
			law = ast_or(encoder, law, given_by(proof, source_of(proof, entry), effect, leaf, version));
		}
	}
	return law;
}

/* Cheap, and true of all states: each is as it began, or has one of the values that effects give it. */
Z3_ast proof_plain_value(struct proof *proof, const struct leaf *leaf, bool reset)
{
	const struct state *state = proof->spec->states[leaf->name->index];
	bool open = false;
	Z3_ast begins = begins_as(proof, state, leaf), constant = is_some_constant(proof, state, leaf, &open);

	if (reset)
		return begins;
	return open ? proof->encoder.yes : ast_or(&proof->encoder, begins, constant);
}

/* Some call, or the beginning, gives this leaf its value. */
static Z3_ast is_reached(struct proof *proof, const struct leaf *leaf, int version)
{
	const struct state *state = proof->spec->states[leaf->name->index];

	proof->copies = 0;
	return ast_or(&proof->encoder, begins_as(proof, state, leaf), is_given(proof, state, leaf, version));
}

static enum answer ask(struct proof *proof, Z3_ast law, Z3_ast formula)
{
	Z3_solver solver;
	enum answer answer;

	formula = Z3_simplify(proof->z3, ast_and(&proof->encoder, law, formula));
	if (formula == proof->encoder.no)
		return ANSWER_NO;
	solver = proof_solver(proof);
	Z3_solver_assert(proof->z3, solver, formula);
	answer = proof_ask(proof, solver, 0, NULL);
	proof_solver_free(proof, solver);
	return answer;
}

/* The leaf as it is in the witness: its value, and what it was asked for. */
static struct leaf fixed(struct proof *proof, const struct witness_row *row)
{
	struct leaf leaf = *row->leaf;

	leaf.symbol.bits = symbol_constant(&proof->encoder, row->value.bits, leaf.symbol.type).bits;
	for (unsigned i = 0; i < leaf.keys; i++)
		leaf.key[i] = ast_number(&proof->encoder, row->key[i].bits, 64);
	return leaf;
}

static bool is_of_a_loop(struct proof *proof, const struct leaf *leaf)
{
	bool constant = leaf->keys > 0;
	uint64_t bits;

	for (unsigned i = 0; i < leaf->keys; i++)
		constant &= ast_constant(&proof->encoder, leaf->key[i], &bits);
	return constant;
}

Z3_ast proof_unreachable(struct witness *witness, int version)
{
	struct proof *proof = witness->proof;

	for (size_t i = 0; i < witness->count && i < proof->rule_leaves; i++) {
		const struct witness_row *row = &witness->rows[i];
		struct leaf here;

		if (row->leaf->kind != LEAF_NAME || row->leaf->name->kind != NAME_STATE || is_of_a_loop(proof, row->leaf))
			continue;
		here = fixed(proof, row);
		if (ask(proof, proof->encoder.yes, is_reached(proof, &here, version)) == ANSWER_NO)
			return proof_in_plain_world(proof, proof_resolved(proof, is_reached(proof, row->leaf, version)));
	}
	return NULL;
}
