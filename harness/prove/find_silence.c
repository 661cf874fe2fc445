/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * find_silence.c - calls of which no rule says anything.
 *
 * A call is spoken of when, before anything is seen of it, a rule applies to it, whatever that demands; or when some rule forbids
 * it one of the error codes that the entry lists, whatever else is seen. That an entry fills in its results when it succeeds says
 * nothing about whether it has to.
 *
 * What is left is described by as few conditions as do, in the words of the rules: a core of the proof that nothing else is needed.
 */
#include "prove/term_text.h"
#include "prove/witness.h"

#include <stdlib.h>
#include <string.h>

#define REGIONS 3u /* told of an entry and version */
#define TRIES	8u /* that may end in a state which nobody gets into */
#define ATOMS	96u

struct atom {
	const struct expr *expr;
	const struct term *term;
	struct symbol symbol; /* blind, in a plain world */
	Z3_ast holds; /* as in the witness */
	Z3_ast literal;
	int truth; /* 1 true, 0 false, -1 unknown */
};

struct silence {
	struct proof *proof;
	int version;
	Z3_ast law, silent;
	unsigned told;
	size_t atom_count;
	struct atom atoms[ATOMS];
};

/* --- what silence is --- */

static bool is_absent(struct proof *proof, uint64_t status)
{
	Z3_ast absent = proof_blind(proof, symbol_is_true(&proof->encoder, proof->absent), &status);

	return Z3_simplify(proof->z3, absent) == proof->encoder.yes;
}

static Z3_ast says_nothing(struct proof *proof, const struct proof_rule *rule)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast nothing = ast_not(encoder, proof_blind(proof, rule->applies, NULL));

	if (!rule_demands(rule->rule) && rule->rule->strength != SHOULD)
		return nothing;
	for (size_t i = 0; i < proof->entry->error_count && proof->spec->convention.status >= 0; i++) {
		const uint64_t status = proof->entry->errors[i].value;

		if (!is_absent(proof, status))
			nothing = ast_and(encoder, nothing, ast_not(encoder, proof_blind(proof, rule->broken, &status)));
	}
	return nothing;
}

static Z3_ast is_silent(struct proof *proof, int version)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast silent = encoder->yes;

	for (size_t i = 0; i < proof->count; i++) {
		if (rule_in(&proof->rules[i], version))
			silent = ast_and(encoder, silent, says_nothing(proof, &proof->rules[i]));
	}
	return proof_in_plain_world(proof, proof_resolved(proof, silent));
}

/* The same, seen by the evaluator. */
static bool hears_nothing(struct silence *silence, struct witness *witness)
{
	struct proof *proof = silence->proof;

	for (size_t i = 0; i < proof->count; i++) {
		const struct rule *rule = proof->rules[i].rule;

		if (!rule_in(&proof->rules[i], silence->version))
			continue;
		witness->blind = true;
		if (witness_applies(witness, rule))
			return false;
		witness->blind = false;
		for (size_t k = 0; k < proof->entry->error_count && proof->spec->convention.status >= 0; k++) {
			witness->status = &proof->entry->errors[k].value;
			if ((rule_demands(rule) || rule->strength == SHOULD) && witness_breaks(witness, rule) &&
			    !value_is_true(proof->entry->absent ? witness_eval(witness, proof->entry->absent)
								: value_bool(false)))
				return false;
		}
		witness->status = NULL;
	}
	return true;
}

/* --- the words for it --- */

static void add_atom(struct silence *silence, const struct expr *expr, const struct term *term)
{
	struct proof *proof = silence->proof;
	struct atom *atom;
	struct symbol symbol = encode(&proof->encoder, term);

	for (size_t i = 0; i < silence->atom_count; i++) {
		if (silence->atoms[i].symbol.bits == symbol.bits && silence->atoms[i].symbol.known == symbol.known)
			return;
	}
	if (silence->atom_count == ATOMS)
		return;
	atom = &silence->atoms[silence->atom_count++];
	*atom = (struct atom){ .expr = expr, .term = term, .symbol = symbol };
	atom->literal = ast_variable(&proof->encoder, "atom", (unsigned)silence->atom_count, type_bool);
}

static void add_atoms(struct silence *silence, const struct expr *expr, const struct term *term)
{
	bool inner = term->op == TERM_AND || term->op == TERM_OR || term->op == TERM_NOT || term->op == TERM_IMPLIES;

	for (unsigned i = 0; inner && i < term->argc; i++)
		add_atoms(silence, expr, term->arg[i]);
	if (!inner && term->op != TERM_CONSTANT && term_is_given(term))
		add_atom(silence, expr, term);
}

static void collect(struct silence *silence)
{
	struct proof *proof = silence->proof;

	for (size_t i = 0; i < proof->count; i++) {
		const struct rule *rule = proof->rules[i].rule;

		if (!rule_in(&proof->rules[i], silence->version))
			continue;
		if (rule->when)
			add_atoms(silence, rule->when, rule->when->root);
		if (rule->must)
			add_atoms(silence, rule->must, rule->must->root);
	}
}

/* What the witness makes of an atom, as a formula. */
static void decide(struct silence *silence, struct witness *witness, struct atom *atom)
{
	const struct expr part = { atom->term, atom->expr->text, atom->expr->where };
	struct proof *proof = silence->proof;
	struct encoder *encoder = &proof->encoder;
	struct value value = witness_eval(witness, &part);

	atom->truth = !value.known ? -1 : value.bits != 0;
	atom->holds = !value.known ? ast_not(encoder, atom->symbol.known)
		      : value.bits ? symbol_is_true(encoder, atom->symbol)
				   : symbol_is_false(encoder, atom->symbol);
	atom->holds = proof_in_plain_world(proof, proof_resolved(proof, proof_blind(proof, atom->holds, NULL)));
}

/* Keeps those of the first `count` literals without which the rest is not enough. */
static size_t shrink(struct proof *proof, Z3_solver solver, Z3_ast *literals, size_t count)
{
	for (size_t i = 0; i < count;) {
		Z3_ast left = literals[i];

		literals[i] = literals[count - 1];
		if (proof_ask(proof, solver, count - 1, literals) == ANSWER_NO) {
			count--;
			continue;
		}
		literals[i++] = left;
		/* the last one was copied to where the first stood */
	}
	return count;
}

static size_t core_of(struct proof *proof, Z3_solver solver, Z3_ast *literals)
{
	Z3_ast_vector core = Z3_solver_get_unsat_core(proof->z3, solver);
	size_t count;

	Z3_ast_vector_inc_ref(proof->z3, core);
	count = Z3_ast_vector_size(proof->z3, core);
	for (size_t i = 0; i < count && i < ATOMS; i++)
		literals[i] = Z3_ast_vector_get(proof->z3, core, (unsigned)i);
	Z3_ast_vector_dec_ref(proof->z3, core);
	return count < ATOMS ? count : ATOMS;
}

static void print_atom(FILE *out, const struct atom *atom)
{
	bool bare = atom->truth == 1 || atom->term->op == TERM_READ || atom->term->op == TERM_CALL;

	fprintf(out, "%s%s", atom->truth == 0 ? "!" : atom->truth < 0 ? "unknown: " : "", bare ? "" : "(");
	term_print(out, atom->term, atom->expr->text);
	fprintf(out, "%s", bare ? "" : ")");
}

static const char *words(struct silence *silence, const Z3_ast *literals, size_t count, Z3_ast *region)
{
	struct proof *proof = silence->proof;
	char *text = NULL;
	size_t size = 0, told = 0;
	FILE *out = open_memstream(&text, &size);
	const char *kept;

	if (!out)
		abort();
	*region = proof->encoder.yes;
	for (size_t i = 0; i < silence->atom_count; i++) {
		for (size_t k = 0; k < count; k++) {
			if (literals[k] != silence->atoms[i].literal)
				continue;
			fprintf(out, "%s", told++ ? " && " : "");
			print_atom(out, &silence->atoms[i]);
			*region = ast_and(&proof->encoder, *region, silence->atoms[i].holds);
		}
	}
	fclose(out);
	kept = arena_strdup(proof->arena, text);
	free(text);
	return kept;
}

/* The fewest conditions that make a call silent, all of which the witness fulfils; NULL: there are none. */
static const char *describe(struct silence *silence, struct witness *witness, Z3_ast *region)
{
	struct proof *proof = silence->proof;
	Z3_solver solver = proof_solver(proof);
	Z3_ast literals[ATOMS];
	const char *text = NULL;
	size_t count = silence->atom_count;

	witness->blind = true;
	Z3_solver_assert(proof->z3, solver, silence->law);
	Z3_solver_assert(proof->z3, solver, ast_not(&proof->encoder, silence->silent));
	for (size_t i = 0; i < count; i++) {
		decide(silence, witness, &silence->atoms[i]);
		literals[i] = silence->atoms[i].literal;
		Z3_solver_assert(proof->z3, solver, Z3_mk_implies(proof->z3, literals[i], silence->atoms[i].holds));
	}
	witness->blind = false;
	if (proof_ask(proof, solver, count, literals) == ANSWER_NO) {
		count = shrink(proof, solver, literals, core_of(proof, solver, literals));
		text = words(silence, literals, count, region);
	}
	proof_solver_free(proof, solver);
	return text;
}

/* --- the search --- */

/* Zero, or what is nominal, wherever that is as silent. */
static void make_plain(struct silence *silence, Z3_solver solver)
{
	struct proof *proof = silence->proof;
	struct encoder *encoder = &proof->encoder;
	Z3_ast assumed[2 * SPEC_ARGS];
	size_t count = 0;

	for (size_t i = 0; i < encoder->leaf_count && count < SPEC_ARGS; i++) {
		const struct leaf *leaf = &encoder->leaves[i];
		const struct arg *arg;
		Z3_ast wish;

		if (leaf->kind != LEAF_NAME || leaf->name->kind != NAME_ARG)
			continue;
		arg = &proof->entry->args[leaf->name->index];
		wish = ast_variable(encoder, "wish", (unsigned)i, type_bool);
		Z3_solver_assert(
			proof->z3, solver,
			Z3_mk_implies(
				proof->z3, wish,
				ast_equal(
					encoder, leaf->symbol.bits,
					symbol_constant(encoder, arg->has_nominal ? arg->nominal : 0, leaf->symbol.type).bits)));
		assumed[count] = wish;
		count += proof_ask(proof, solver, count + 1, assumed) == ANSWER_YES;
	}
	/* the last question leaves its model */
	proof_ask(proof, solver, count, assumed);
}

static bool take_witness(struct silence *silence, Z3_solver solver, struct witness *witness)
{
	Z3_model model = Z3_solver_get_model(silence->proof->z3, solver);

	if (!model)
		return false;
	Z3_model_inc_ref(silence->proof->z3, model);
	witness_read(witness, silence->proof, model);
	Z3_model_dec_ref(silence->proof->z3, model);
	return hears_nothing(silence, witness);
}

static void tell(struct silence *silence, const struct witness *witness, const char *region)
{
	struct proof *proof = silence->proof;
	const char *version = proof->spec->version_count > 1 ? proof->spec->versions[silence->version] : NULL;

	const char *when = !region ? "" : *region ? " when " : " to any call";

	proof_report(proof, SEVERITY_WARNING, NULL, "silent", "no rule of %s%s%s says what it answers%s%s, as in %s",
		     proof->entry->name, version ? " in version " : "", version ? version : "", when, region ? region : "",
		     witness_text(witness));
}

/* Then no call in such a state is looked at again. */
static bool is_out_of_reach(struct silence *silence, struct witness *witness)
{
	Z3_ast reachable = proof_unreachable(witness, silence->version);

	if (reachable)
		silence->law = ast_and(&silence->proof->encoder, silence->law, reachable);
	return reachable != NULL;
}

/* An older version is as silent as a newer one. */
static bool was_told(const struct proof *proof, const char *region)
{
	for (size_t i = 0; region && i < proof->found_count; i++) {
		if (!strcmp(proof->found[i].code, "silent") && strstr(proof->found[i].message, region))
			return true;
	}
	return false;
}

static enum answer next_region(struct silence *silence)
{
	struct proof *proof = silence->proof;
	Z3_solver solver = proof_solver(proof);
	struct witness witness;
	Z3_ast region = NULL;
	const char *text;
	enum answer answer;

	Z3_solver_assert(proof->z3, solver, silence->law);
	Z3_solver_assert(proof->z3, solver, silence->silent);
	answer = proof_ask(proof, solver, 0, NULL);
	if (answer == ANSWER_YES) {
		make_plain(silence, solver);
		if (!take_witness(silence, solver, &witness)) {
			proof_undecided(proof, "the evaluator sees a rule apply to %s", witness_text(&witness));
			answer = ANSWER_OPEN;
		}
	}
	proof_solver_free(proof, solver);
	if (answer != ANSWER_YES)
		return answer;
	if (is_out_of_reach(silence, &witness))
		return ANSWER_YES;
	text = describe(silence, &witness, &region);
	silence->told++;
	if (!was_told(proof, text))
		tell(silence, &witness, text);
	/* region: what is not to be found again */
	silence->silent =
		region ? ast_and(&proof->encoder, silence->silent, ast_not(&proof->encoder, region)) : proof->encoder.no;
	return ANSWER_YES;
}

void find_silence(struct proof *proof, int version)
{
	struct silence *silence;
	enum answer answer = ANSWER_YES;

	if (proof->entry->is_structure)
		return;
	silence = xcalloc(1, sizeof(*silence));
	silence->proof = proof;
	silence->version = version;
	silence->law = proof_plain_law(proof, version, false);
	silence->silent = is_silent(proof, version);
	collect(silence);
	for (unsigned i = 0; silence->told < REGIONS && i < REGIONS + TRIES && answer == ANSWER_YES; i++)
		answer = next_region(silence);
	if (answer == ANSWER_OPEN)
		proof_undecided(proof, "is there a call that no rule speaks of?");
	free(silence);
}
