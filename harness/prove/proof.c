/* SPDX-License-Identifier: BSD-2-Clause */
#include "prove/proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void encode_rule(struct proof *proof, const struct rule *rule)
{
	struct encoder *encoder = &proof->encoder;
	struct proof_rule *made = &proof->rules[proof->count++];

	made->rule = rule;
	made->when = encode_truth(&proof->encoder, rule->when);
	made->demand = encode_truth(&proof->encoder, rule->must);
	if (rule->strength == MUST_NOT)
		made->demand.bits = ast_not(encoder, made->demand.bits);
	made->applies = symbol_is_true(encoder, made->when);
	made->broken = ast_and(encoder, made->applies, symbol_is_false(encoder, made->demand));
}

static void encode_effect(struct proof *proof, const struct effect *effect, struct proof_effect *made)
{
	made->when = encode_truth(&proof->encoder, effect->when);
	for (unsigned i = 0; i < effect->keys; i++)
		made->key[i] = encode(&proof->encoder, effect->key[i]->root);
	if (effect->value)
		made->value = encode(&proof->encoder, effect->value->root);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What a text buys goes in powers of two, or every change of it would make what was proved of other entries stale. */
static uint64_t bought(const struct spec *spec)
{
	uint64_t share = PROVE_BYTE * spec->bytes / least(spec->entry_count ? spec->entry_count : 1, PROVE_SHARES);

	return share ? UINT64_C(1) << (63 - __builtin_clzll(share)) : 1;
}

uint64_t proof_effort(const struct spec *spec)
{
	return least(least(PROVE_ALL / (spec->entry_count + 1), PROVE_EFFORT), bought(spec));
}

bool proof_init(struct proof *proof, const struct entry *entry, const struct spec *spec, Z3_context z3, struct arena *arena)
{
	memset(proof, 0, sizeof(*proof));
	proof->spec = spec;
	proof->entry = entry;
	proof->z3 = z3;
	proof->arena = arena;
	proof->effort = proof_effort(spec);
	encoder_init(&proof->encoder, z3, spec->convention.word);
	proof->encoder.work_max = (unsigned)least(ENCODE_WORK, proof->effort / PROVE_TERM);
	proof->rules = xcalloc(entry->rule_count + 1, sizeof(*proof->rules));
	for (size_t i = 0; i < entry->rule_count; i++) {
		if (entry->rules[i]->strength != UNOBSERVABLE)
			encode_rule(proof, entry->rules[i]);
	}
	proof->rule_leaves = proof->encoder.leaf_count;
	proof->effects = xcalloc(entry->effect_count + 1, sizeof(*proof->effects));
	proof->sources = xcalloc(spec->entry_count + 1, sizeof(struct proof *));
	proof->keeps_rules = xcalloc(spec->version_count + 1, sizeof(Z3_ast));
	for (size_t i = 0; i < entry->effect_count; i++)
		encode_effect(proof, &entry->effects[i], &proof->effects[i]);
	proof->absent =
		entry->absent ? encode_truth(&proof->encoder, entry->absent) : symbol_constant(&proof->encoder, 0, type_bool);
	if (!proof->encoder.exhausted)
		proof_state_law(proof);
	return !proof->encoder.exhausted;
}

void proof_free(struct proof *proof)
{
	for (size_t i = 0; i < proof->spec->entry_count; i++) {
		if (proof->sources[i])
			proof_free(proof->sources[i]);
	}
	if (proof->plain_world)
		proof_solver_free(proof, proof->plain_world);
	if (proof->all_worlds)
		proof_solver_free(proof, proof->all_worlds);
	free(proof->sources);
	free(proof->keeps_rules);
	free(proof->effects);
	free(proof->rules);
	free(proof->found);
	free(proof->known_from);
	free(proof->known_to);
	encoder_free(&proof->encoder);
}

Z3_ast proof_all(struct proof *proof, size_t count, const Z3_ast *formulas)
{
	return count ? Z3_mk_and(proof->z3, (unsigned)count, formulas) : proof->encoder.yes;
}

/* Bits are solved as bits, by one solver without a clock and without threads: the same question takes the same way. */
Z3_solver proof_solver(struct proof *proof)
{
	Z3_solver solver = Z3_mk_solver_for_logic(proof->z3, Z3_mk_string_symbol(proof->z3, "QF_FD"));
	Z3_params params;

	/* what nobody holds is gone with the next thing that is made */
	Z3_solver_inc_ref(proof->z3, solver);
	params = Z3_mk_params(proof->z3);
	Z3_params_inc_ref(proof->z3, params);
	Z3_params_set_uint(proof->z3, params, Z3_mk_string_symbol(proof->z3, "rlimit"), PROVE_QUESTION);
	Z3_params_set_uint(proof->z3, params, Z3_mk_string_symbol(proof->z3, "max_memory"), PROVE_MEMORY);
	Z3_solver_set_params(proof->z3, solver, params);
	Z3_params_dec_ref(proof->z3, params);
	return solver;
}

void proof_solver_free(struct proof *proof, Z3_solver solver)
{
	Z3_solver_dec_ref(proof->z3, solver);
}

/* What this solver has spent so far. */
static uint64_t spent_by(struct proof *proof, Z3_solver solver)
{
	Z3_stats stats = Z3_solver_get_statistics(proof->z3, solver);
	uint64_t spent = 0;

	Z3_stats_inc_ref(proof->z3, stats);
	for (unsigned i = 0; i < Z3_stats_size(proof->z3, stats); i++) {
		if (!strcmp(Z3_stats_get_key(proof->z3, stats, i), "rlimit count"))
			spent = Z3_stats_get_uint_value(proof->z3, stats, i);
	}
	Z3_stats_dec_ref(proof->z3, stats);
	return spent;
}

enum answer proof_ask(struct proof *proof, Z3_solver solver, size_t count, const Z3_ast *assumed)
{
	Z3_lbool found;

	if (proof->spent > proof->effort || proof->encoder.exhausted)
		return ANSWER_OPEN;
	found = Z3_solver_check_assumptions(proof->z3, solver, (unsigned)count, assumed);
	proof->spent = spent_by(proof, solver);
	if (Z3_get_error_code(proof->z3) != Z3_OK) {
		proof->failed = true;
		return ANSWER_OPEN;
	}
	return found == Z3_L_TRUE ? ANSWER_YES : found == Z3_L_FALSE ? ANSWER_NO : ANSWER_OPEN;
}

/* The worlds' law is told once, and every question taken back. */
static enum answer ask_of(struct proof *proof, Z3_solver *worlds, Z3_ast law, Z3_ast formula)
{
	enum answer answer;

	if (formula == proof->encoder.no)
		return ANSWER_NO;
	if (!*worlds) {
		*worlds = proof_solver(proof);
		Z3_solver_assert(proof->z3, *worlds, law);
	}
	Z3_solver_push(proof->z3, *worlds);
	Z3_solver_assert(proof->z3, *worlds, formula);
	answer = proof_ask(proof, *worlds, 0, NULL);
	Z3_solver_pop(proof->z3, *worlds, 1);
	return answer;
}

enum answer proof_possible(struct proof *proof, Z3_ast formula)
{
	Z3_ast plain;

	formula = Z3_simplify(proof->z3, proof_resolved(proof, formula));
	if (formula == proof->encoder.no)
		return ANSWER_NO;
	plain = proof_in_plain_world(proof, formula);
	if (ask_of(proof, &proof->plain_world, proof->plain_law, plain) == ANSWER_YES)
		return ANSWER_YES;
	return ask_of(proof, &proof->all_worlds, proof->law, formula);
}

/* --- findings --- */

static const char *print(struct proof *proof, const char *format, va_list args)
{
	char text[1200];

	vsnprintf(text, sizeof(text), format, args);
	return arena_strdup(proof->arena, text);
}

void proof_report(struct proof *proof, enum severity severity, const struct rule *rule, const char *code, const char *format, ...)
{
	va_list args;

	proof->found = xrealloc(proof->found, (proof->found_count + 1) * sizeof(*proof->found));
	va_start(args, format);
	proof->found[proof->found_count++] = (struct proved){ severity, rule, code, print(proof, format, args) };
	va_end(args);
}

void proof_undecided(struct proof *proof, const char *format, ...)
{
	va_list args;

	if (proof->undecided)
		return;
	va_start(args, format);
	proof->undecided = print(proof, format, args);
	va_end(args);
}

/* --- versions --- */

static bool same_rules(const struct proof *proof, int a, int b)
{
	for (size_t i = 0; i < proof->count; i++) {
		if (rule_in(&proof->rules[i], a) != rule_in(&proof->rules[i], b))
			return false;
	}
	return true;
}

static bool asks_for_the_claim(const struct proof *proof)
{
	for (size_t i = 0; i < proof->encoder.leaf_count; i++) {
		const struct leaf *leaf = &proof->encoder.leaves[i];

		if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_FACT &&
		    (leaf->name->index == FACT_CLAIMED_MAJOR || leaf->name->index == FACT_CLAIMED_MINOR))
			return true;
	}
	return false;
}

size_t proof_versions(const struct proof *proof, int *versions)
{
	bool claim = asks_for_the_claim(proof);
	size_t count = 0;

	for (int v = (int)proof->spec->version_count - 1; v >= 0; v--) {
		bool known = !spec_in_version(proof->entry->since, proof->entry->until, v);

		for (size_t i = 0; !known && !claim && i < count; i++)
			known = same_rules(proof, versions[i], v);
		if (!known)
			versions[count++] = v;
	}
	return count;
}
