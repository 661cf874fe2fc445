/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * find_conflict.c - calls that no answer satisfies.
 *
 * "There is a call such that whatever is seen of it some rule is broken" has two quantifiers, so it is played as a game. One
 * solver names a call; another looks for an answer to it that breaks nothing. An answer that is found is held against all calls
 * from then on: the next one named must not be satisfied by it either. Where a rule says that what is seen equals something given,
 * the answer is remembered as that, not as the number it happened to be. When there is no answer left, the rules without which
 * there would be one are the conflict.
 */
#include "prove/meant.h"
#include "prove/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS	  40u
#define DETOURS	  12u /* calls in states that nobody gets into, before that is given up */
#define CONFLICTS 3u /* told of an entry and version */

struct game {
	struct proof *proof;
	int version;
	bool reset; /* states are as they begin */
	unsigned detours;
	size_t count; /* of rules that play */
	const struct proof_rule **rules;
	Z3_ast *kept, *tracked; /* by rule: it is not broken; that shall hold */
	Z3_ast law, fair; /* of the world; the outcome is declared */
	size_t seen_count, given_count;
	Z3_ast *seen, *given; /* variables */
	size_t *seen_leaf; /* number of the leaf, SIZE_MAX: none */
	struct meant_list meant;
};

/* --- what is given and what is seen --- */

static void add_variable(struct game *game, Z3_ast variable, bool seen, size_t leaf)
{
	if (!seen) {
		game->given[game->given_count++] = variable;
		return;
	}
	game->seen_leaf[game->seen_count] = leaf;
	game->seen[game->seen_count++] = variable;
}

/* The state of what the answer names is not given before the answer is. */
static bool is_of_the_answer(const struct leaf *leaf)
{
	bool given = true;

	for (unsigned i = 0; i < leaf->keys && leaf->kind == LEAF_NAME; i++)
		given &= term_is_given(leaf->term->arg[i]);
	return leaf_is_seen(leaf) || !given;
}

static void find_variables(struct game *game)
{
	struct proof *proof = game->proof;
	struct encoder *encoder = &proof->encoder;
	size_t most = 2 * encoder->leaf_count + 2 * SPEC_BUFFERS + ENCODE_CHAPTERS + 4;

	game->seen = xcalloc(most, sizeof(Z3_ast));
	game->given = xcalloc(most, sizeof(Z3_ast));
	game->seen_leaf = xcalloc(most, sizeof(size_t));
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		bool seen = is_of_the_answer(&encoder->leaves[i]);

		add_variable(game, encoder->leaves[i].symbol.bits, seen, i);
		add_variable(game, encoder->leaves[i].symbol.known, seen, SIZE_MAX);
	}
	add_variable(game, proof->outcome, true, SIZE_MAX);
	add_variable(game, proof->landings, true, SIZE_MAX);
	for (unsigned i = 0; i < SPEC_BUFFERS; i++) {
		add_variable(game, proof->captured[i], false, 0);
		add_variable(game, proof->size[i], false, 0);
	}
	for (unsigned i = 0; i < ENCODE_CHAPTERS; i++) {
		if (encoder->machine.present[i])
			add_variable(game, encoder->machine.present[i], false, 0);
	}
}

/* --- the game --- */

static Z3_ast plain(struct game *game, Z3_ast formula)
{
	return proof_in_plain_world(game->proof, proof_resolved(game->proof, formula));
}

/* A rule that nothing keeps was told of. */
static bool is_hopeless(const struct proof *proof, const struct rule *rule)
{
	for (size_t i = 0; i < proof->found_count; i++) {
		if (proof->found[i].rule == rule && !strcmp(proof->found[i].code, "never-holds"))
			return true;
	}
	return false;
}

static void begin(struct game *game)
{
	struct proof *proof = game->proof;
	struct encoder *encoder = &proof->encoder;

	game->rules = xcalloc(proof->count + 1, sizeof(*game->rules));
	game->kept = xcalloc(proof->count + 1, sizeof(Z3_ast));
	game->tracked = xcalloc(proof->count + 1, sizeof(Z3_ast));
	for (size_t i = 0; i < proof->count; i++) {
		const struct proof_rule *rule = &proof->rules[i];

		if (!rule_in(rule, game->version) || !rule_demands(rule->rule) || is_hopeless(proof, rule->rule))
			continue;
		meant_find(&game->meant, proof, rule->rule);
		/* who says that he is not there is held to nothing */
		game->kept[game->count] =
			plain(game, ast_or(encoder, symbol_is_true(encoder, proof->absent), ast_not(encoder, rule->broken)));
		game->tracked[game->count] = ast_variable(encoder, "rule", (unsigned)i, type_bool);
		game->rules[game->count++] = rule;
	}
	find_variables(game);
	game->fair = plain(game, proof->declared);
}

/* Where the entry lists its codes, an answer gives one of them. */
static void only_listed_codes(struct game *game)
{
	struct proof *proof = game->proof;
	struct encoder *encoder = &proof->encoder;

	for (size_t i = 0; i < encoder->leaf_count && proof->entry->errors; i++) {
		const struct leaf *leaf = &encoder->leaves[i];
		Z3_ast listed = encoder->no;

		if (leaf->kind != LEAF_NAME || leaf->name->kind != NAME_RESULT ||
		    (int)leaf->name->index != proof->spec->convention.status)
			continue;
		for (size_t k = 0; k < proof->entry->error_count; k++)
			listed = ast_or(
				encoder, listed,
				ast_equal(encoder, leaf->symbol.bits,
					  symbol_constant(encoder, proof->entry->errors[k].value, leaf->symbol.type).bits));
		game->fair = ast_and(encoder, game->fair, listed);
	}
}

static void end(struct game *game)
{
	free(game->rules);
	free(game->kept);
	free(game->tracked);
	free(game->seen);
	free(game->given);
	free(game->seen_leaf);
}

static Z3_ast value_in(struct game *game, Z3_model model, Z3_ast variable)
{
	Z3_ast value = NULL;

	Z3_model_eval(game->proof->z3, model, variable, true, &value);
	return value;
}

/* A solver that looks for answers to the call of this model. */
static Z3_solver answers_to(struct game *game, Z3_model call)
{
	struct proof *proof = game->proof;
	Z3_solver solver = proof_solver(proof);

	Z3_solver_assert(proof->z3, solver, game->law);
	Z3_solver_assert(proof->z3, solver, game->fair);
	for (size_t i = 0; i < game->given_count; i++)
		Z3_solver_assert(proof->z3, solver, Z3_mk_eq(proof->z3, game->given[i], value_in(game, call, game->given[i])));
	for (size_t i = 0; i < game->count; i++)
		Z3_solver_assert(proof->z3, solver, Z3_mk_implies(proof->z3, game->tracked[i], game->kept[i]));
	return solver;
}

/* The bits in which a number is what is meant are taken for that, the others for what they are. */
static Z3_ast mixed(struct game *game, Z3_ast meant, uint64_t meant_bits, uint64_t bits, unsigned width)
{
	struct encoder *encoder = &game->proof->encoder;
	Z3_ast same = ast_number(encoder, ~(meant_bits ^ bits), width),
	       others = ast_number(encoder, bits & (meant_bits ^ bits), width);

	return Z3_mk_bvor(encoder->z3, Z3_mk_bvand(encoder->z3, meant, same), others);
}

/* What this answer is, as something that any call could be given: its numbers, or what a rule says they are. */
static Z3_ast answer_term(struct game *game, Z3_model model, size_t number)
{
	struct encoder *encoder = &game->proof->encoder;
	Z3_ast value = value_in(game, model, game->seen[number]), best = value;
	int best_bits = 0;
	uint64_t bits, meant_bits;

	if (game->seen_leaf[number] == SIZE_MAX || !ast_constant(encoder, value, &bits))
		return value;
	for (size_t i = 0; i < game->meant.count; i++) {
		const struct meant *meant = &game->meant.list[i];
		unsigned width = encoder->leaves[meant->leaf].symbol.type.bits;
		int same;

		if (meant->leaf != game->seen_leaf[number] ||
		    !ast_constant(encoder, value_in(game, model, meant->bits), &meant_bits))
			continue;
		same = (int)width - __builtin_popcountll(meant_bits ^ bits);
		if (same <= best_bits)
			continue;
		best_bits = same;
		best = mixed(game, meant->bits, meant_bits, bits, width);
	}
	return best;
}

/* This answer does not satisfy the call. */
static Z3_ast held_against(struct game *game, Z3_model answer)
{
	struct proof *proof = game->proof;
	Z3_ast *to = xcalloc(game->seen_count + 1, sizeof(*to)), fine = ast_and(&proof->encoder, game->law, game->fair);

	for (size_t i = 0; i < game->count; i++)
		fine = ast_and(&proof->encoder, fine, game->kept[i]);
	for (size_t i = 0; i < game->seen_count; i++)
		to[i] = answer_term(game, answer, i);
	fine = Z3_simplify(proof->z3, Z3_substitute(proof->z3, fine, (unsigned)game->seen_count, game->seen, to));
	free(to);
	return ast_not(&proof->encoder, fine);
}

static Z3_model model_of(struct proof *proof, Z3_solver solver)
{
	Z3_model model = Z3_solver_get_model(proof->z3, solver);

	if (model)
		Z3_model_inc_ref(proof->z3, model);
	return model;
}

/* MOVE_ANSWERED: or the call cannot be made. */
enum move { MOVE_NONE, MOVE_ANSWERED, MOVE_CONFLICT, MOVE_OPEN };

/* --- a conflict --- */

static size_t shrink(struct game *game, Z3_solver solver, Z3_ast *rules, size_t count)
{
	for (size_t i = 0; i < count;) {
		Z3_ast left = rules[i];

		memmove(&rules[i], &rules[i + 1], (count - i - 1) * sizeof(*rules));
		if (proof_ask(game->proof, solver, count - 1, rules) == ANSWER_NO) {
			count--;
			continue;
		}
		memmove(&rules[i + 1], &rules[i], (count - i - 1) * sizeof(*rules));
		rules[i++] = left;
	}
	return count;
}

static const struct rule *rule_of(const struct game *game, Z3_ast tracked)
{
	for (size_t i = 0; i < game->count; i++) {
		if (game->tracked[i] == tracked)
			return game->rules[i]->rule;
	}
	return NULL;
}

/* Does the evaluator see that each of them can be kept only by breaking it? With all others kept, that one is broken. */
static bool is_seen_by_evaluator(struct game *game, Z3_solver solver, const Z3_ast *rules, size_t count, struct witness *witness)
{
	Z3_ast others[256];

	for (size_t i = 0; i < count && count < 256; i++) {
		size_t left = 0;
		Z3_model model;

		for (size_t k = 0; k < count; k++)
			if (k != i)
				others[left++] = rules[k];
		if (proof_ask(game->proof, solver, left, others) != ANSWER_YES)
			return false;
		model = model_of(game->proof, solver);
		witness_read(witness, game->proof, model);
		Z3_model_dec_ref(game->proof->z3, model);
		if (!witness_breaks(witness, rule_of(game, rules[i])))
			return false;
	}
	return true;
}

/* Whether anybody gets into a state is not proved, so a conflict that takes one is a warning. */
static void tell(struct game *game, const Z3_ast *rules, size_t count, const struct witness *witness)
{
	struct proof *proof = game->proof;
	const struct rule *last = rule_of(game, rules[0]);
	bool sure = game->reset;
	char *names = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&names, &size);

	if (!out)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_of(game, rules[i]);

		fprintf(out, "%s`%s`", !i ? "" : i + 1 == count ? " and " : ", ", rule->id);
		sure &= !rule->likely;
		last = rule->number > last->number ? rule : last;
	}
	fclose(out);
	proof_report(proof, sure ? SEVERITY_ERROR : SEVERITY_WARNING, last, "contradiction", "%s%s (version %s), as in %s", names,
		     count == 1 ? " cannot be kept by any answer that the entry declares"
				: " contradict each other: no answer keeps them all",
		     proof->spec->versions[game->version], witness_text(witness));
	free(names);
}

static void drop(struct game *game, Z3_ast tracked)
{
	for (size_t i = 0; i < game->count; i++) {
		if (game->tracked[i] == tracked)
			game->kept[i] = game->proof->encoder.yes;
	}
}

/* Is it in a state that nobody gets into? Then no call in such a state is named again. */
static bool is_out_of_reach(struct game *game, Z3_solver calls, struct witness *witness)
{
	struct proof *proof = game->proof;
	Z3_ast reachable = proof_unreachable(witness, game->version);

	if (!reachable || ++game->detours > DETOURS)
		return false;
	game->law = ast_and(&proof->encoder, game->law, reachable);
	Z3_solver_assert(proof->z3, calls, reachable);
	return true;
}

/* A conflict is told of, and a rule of it plays no more. */
static enum move settle(struct game *game, Z3_solver calls, Z3_solver solver)
{
	struct proof *proof = game->proof;
	Z3_ast_vector core = Z3_solver_get_unsat_core(proof->z3, solver);
	size_t count;
	Z3_ast *rules;
	struct witness witness;
	enum move move = MOVE_OPEN;

	Z3_ast_vector_inc_ref(proof->z3, core);
	count = Z3_ast_vector_size(proof->z3, core);
	rules = xcalloc(count + 1, sizeof(*rules));
	/* in the order of the file */
	for (size_t i = 0, k = 0; i < game->count; i++)
		for (size_t n = 0; n < count; n++)
			if (Z3_ast_vector_get(proof->z3, core, (unsigned)n) == game->tracked[i])
				rules[k++] = game->tracked[i];
	Z3_ast_vector_dec_ref(proof->z3, core);
	count = shrink(game, solver, rules, count);
	if (!count || !is_seen_by_evaluator(game, solver, rules, count, &witness)) {
		proof_undecided(proof, "the evaluator does not see the conflict of %zu rules in version %s", count,
				proof->spec->versions[game->version]);
	} else if (!game->reset && is_out_of_reach(game, calls, &witness)) {
		move = MOVE_ANSWERED;
	} else if (game->detours > DETOURS) {
		proof_undecided(proof, "can its states become what makes rules contradict each other?");
	} else {
		tell(game, rules, count, &witness);
		drop(game, rules[count - 1]);
		move = MOVE_CONFLICT;
	}
	free(rules);
	return move;
}

/* One call is named and answered. */
static enum move play(struct game *game, Z3_solver calls)
{
	struct proof *proof = game->proof;
	enum answer answer = proof_ask(proof, calls, 0, NULL);
	enum move move = MOVE_OPEN;
	Z3_model call, found;
	Z3_solver solver;

	if (answer != ANSWER_YES)
		return answer == ANSWER_NO ? MOVE_NONE : MOVE_OPEN;
	call = model_of(proof, calls);
	solver = answers_to(game, call);
	Z3_model_dec_ref(proof->z3, call);
	answer = proof_ask(proof, solver, game->count, game->tracked);
	if (answer == ANSWER_YES) {
		found = model_of(proof, solver);
		Z3_solver_assert(proof->z3, calls, held_against(game, found));
		Z3_model_dec_ref(proof->z3, found);
		move = MOVE_ANSWERED;
	} else if (answer == ANSWER_NO) {
		move = settle(game, calls, solver);
	}
	proof_solver_free(proof, solver);
	return move;
}

/* Answers that satisfy much: each code that is listed, and with it nothing, everything, or what the rules mean. */
enum offer { OFFER_NOTHING, OFFER_EVERYTHING, OFFER_MEANT, OFFERS };

static Z3_ast offered_value(struct game *game, size_t number, enum offer offer)
{
	struct encoder *encoder = &game->proof->encoder;
	const struct leaf *leaf = &encoder->leaves[number];
	uint64_t bits = offer == OFFER_EVERYTHING || (offer == OFFER_MEANT && leaf->kind == LEAF_RANGE) ? ~UINT64_C(0) : 0;
	Z3_ast value = symbol_constant(encoder, bits, leaf->symbol.type).bits;

	for (size_t i = offer == OFFER_MEANT ? game->meant.count : 0; i--;) {
		const struct meant *meant = &game->meant.list[i];

		if (meant->leaf == number)
			value = ast_if(encoder, meant->when, meant->bits, value);
	}
	return value;
}

/* table[3] is what table[entry] is, when entry is 3. */
static Z3_ast offered_place(struct game *game, size_t number, enum offer offer)
{
	struct encoder *encoder = &game->proof->encoder;
	const struct leaf *leaf = &encoder->leaves[number];
	Z3_ast value = offered_value(game, number, offer);
	uint64_t bits;

	for (size_t i = 0; i < encoder->leaf_count && offer == OFFER_MEANT && leaf->kind == LEAF_MEMORY; i++) {
		const struct leaf *other = &encoder->leaves[i];

		if (i == number || other->kind != LEAF_MEMORY || other->buffer != leaf->buffer || other->bytes != leaf->bytes ||
		    other->old || ast_constant(encoder, other->key[0], &bits))
			continue;
		if (ast_constant(encoder, leaf->key[0], &bits) || i < number)
			value = ast_if(encoder, plain(game, ast_equal(encoder, leaf->key[0], other->key[0])),
				       symbol_as(encoder,
						 (struct symbol){ NULL, offered_value(game, i, offer), other->symbol.type },
						 leaf->symbol.type),
				       value);
	}
	return value;
}

static Z3_ast offered(struct game *game, size_t number, uint64_t status, enum offer offer)
{
	struct encoder *encoder = &game->proof->encoder;
	const struct leaf *leaf = &encoder->leaves[number];

	if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_OUTCOME)
		return symbol_constant(encoder, leaf->name->index == OUT_RETURNED, leaf->symbol.type).bits;
	if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_RESULT &&
	    (int)leaf->name->index == game->proof->spec->convention.status)
		return symbol_constant(encoder, status, leaf->symbol.type).bits;
	return offered_place(game, number, offer);
}

static void make_offer(struct game *game, Z3_solver calls, uint64_t status, enum offer offer)
{
	struct proof *proof = game->proof;
	struct encoder *encoder = &proof->encoder;
	Z3_ast *to = xcalloc(game->seen_count + 2, sizeof(*to)), fine = ast_and(encoder, game->law, game->fair);

	for (size_t i = 0; i < game->count; i++)
		fine = ast_and(encoder, fine, game->kept[i]);
	for (size_t i = 0; i < game->seen_count; i++)
		to[i] = game->seen_leaf[i] == SIZE_MAX ? game->seen[i] : offered(game, game->seen_leaf[i], status, offer);
	fine = Z3_substitute(proof->z3, fine, (unsigned)game->seen_count, game->seen, to);
	to[0] = ast_number(encoder, OUT_RETURNED, 3);
	to[1] = ast_number(encoder, 0, 8);
	fine = Z3_simplify(proof->z3, Z3_substitute(proof->z3, fine, 2, (Z3_ast[]){ proof->outcome, proof->landings }, to));
	Z3_solver_assert(proof->z3, calls, ast_not(encoder, fine));
	free(to);
}

static void make_offers(struct game *game, Z3_solver calls)
{
	const struct entry *entry = game->proof->entry;

	for (size_t i = 0; i < entry->error_count || !i; i++) {
		for (enum offer offer = 0; offer < OFFERS; offer++)
			make_offer(game, calls, i < entry->error_count ? entry->errors[i].value : 0, offer);
	}
}

/* Until no call is left, or one has no answer. */
static enum move play_on(struct game *game)
{
	Z3_solver calls = proof_solver(game->proof);
	enum move move = MOVE_ANSWERED;

	Z3_solver_assert(game->proof->z3, calls, game->law);
	make_offers(game, calls);
	for (unsigned i = 0; i < ROUNDS && move == MOVE_ANSWERED; i++)
		move = play(game, calls);
	proof_solver_free(game->proof, calls);
	return move;
}

void find_conflicts(struct proof *proof, int version)
{
	struct game game = { .proof = proof, .version = version };
	enum move move = MOVE_NONE;

	begin(&game);
	only_listed_codes(&game);
	for (unsigned i = 0; i < 2 && move != MOVE_OPEN; i++) {
		game.reset = i == 0;
		game.law = proof_plain_law(proof, version, game.reset);
		for (unsigned k = 0, found = 1; k < CONFLICTS && found; k++) {
			move = play_on(&game);
			found = move == MOVE_CONFLICT;
		}
	}
	if (move == MOVE_OPEN || move == MOVE_ANSWERED)
		proof_undecided(proof, "is there a call that no answer satisfies (version %s)?", proof->spec->versions[version]);
	end(&game);
}
