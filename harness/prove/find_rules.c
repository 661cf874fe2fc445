/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * find_rules.c - rules that never apply, that nothing breaks, that nothing keeps; error codes that no call may give.
 *
 * "Impossible" is proved in all worlds there are, and in some there are not: a finding stands whatever the machine.
 */
#include "prove/proof.h"

static void undecided(struct proof *proof, const struct rule *rule, const char *question)
{
	proof_undecided(proof, "`%s`: %s", rule->id, question);
}

static void check_demand(struct proof *proof, const struct proof_rule *rule)
{
	struct encoder *encoder = &proof->encoder;
	enum answer broken = proof_possible(proof, rule->broken), kept;

	if (broken == ANSWER_OPEN)
		undecided(proof, rule->rule, "can it be broken?");
	if (broken == ANSWER_NO) {
		proof_report(proof, SEVERITY_WARNING, rule->rule, "vacuous",
			     "nothing could break `%s`: what it demands holds whenever it applies", rule->rule->id);
		return;
	}
	kept = proof_possible(proof, ast_and(encoder, rule->applies, symbol_is_true(encoder, rule->demand)));
	if (kept == ANSWER_OPEN)
		undecided(proof, rule->rule, "can it be kept?");
	/* a rule that applies by what it sees may mean just that: this must not be seen */
	if (kept == ANSWER_NO && proof_possible(proof, proof_blind(proof, rule->applies, NULL)) == ANSWER_YES)
		proof_report(proof, SEVERITY_ERROR, rule->rule, "never-holds",
			     "nothing could keep `%s`: what it demands never holds", rule->rule->id);
}

static void check_rule(struct proof *proof, const struct proof_rule *rule)
{
	enum answer applies = proof_possible(proof, rule->applies);

	if (applies == ANSWER_OPEN)
		undecided(proof, rule->rule, "does it ever apply?");
	if (applies == ANSWER_NO)
		proof_report(proof, SEVERITY_WARNING, rule->rule, "never-applies", "`%s` never applies: its `when` cannot hold",
			     rule->rule->id);
	else if (rule->rule->must && rule->rule->strength != MAY)
		check_demand(proof, rule);
}

/* --- codes --- */

static Z3_ast gives_code(struct proof *proof, uint64_t code)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast formula = proof->returns;

	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];

		if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_RESULT &&
		    (int)leaf->name->index == proof->spec->convention.status)
			formula = ast_and(
				encoder, formula,
				ast_equal(encoder, leaf->symbol.bits, symbol_constant(encoder, code, leaf->symbol.type).bits));
	}
	return formula;
}

static enum answer may_give(struct proof *proof, uint64_t code, int version)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast formula = gives_code(proof, code), absent = symbol_is_true(encoder, proof->absent);

	/* what is only likely to be demanded forbids nothing */
	for (size_t i = 0; i < proof->count; i++) {
		const struct rule *rule = proof->rules[i].rule;

		if (rule_in(&proof->rules[i], version) && rule_demands(rule) && !rule->likely)
			formula = ast_and(encoder, formula, ast_or(encoder, absent, ast_not(encoder, proof->rules[i].broken)));
	}
	return proof_possible(proof, formula);
}

static void check_code(struct proof *proof, const struct named_value *code, size_t count, const int *versions)
{
	for (size_t i = 0; i < count; i++) {
		enum answer answer = may_give(proof, code->value, versions[i]);

		if (answer == ANSWER_OPEN)
			proof_undecided(proof, "may it give %s?", code->name);
		if (answer != ANSWER_NO)
			return;
	}
	proof_report(proof, SEVERITY_WARNING, NULL, "unreachable-error", "`%s` lists %s, which its rules forbid in every call",
		     proof->entry->name, code->name);
}

void find_idle_rules(struct proof *proof)
{
	int versions[64];
	size_t count;

	for (size_t i = 0; i < proof->count; i++)
		check_rule(proof, &proof->rules[i]);
	if (proof->spec->version_count > sizeof(versions) / sizeof(versions[0]) || proof->spec->convention.status < 0)
		return;
	count = proof_versions(proof, versions);
	for (size_t i = 0; i < proof->entry->error_count; i++)
		check_code(proof, &proof->entry->errors[i], count, versions);
}
