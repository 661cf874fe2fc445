/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof.h - one entry as formulas, and the questions asked of them. Private to prove/.
 *
 * What a formula speaks of is either *given* (arguments, facts, states, memory before the call) or *seen* (results, outcome,
 * memory after it). Rules are encoded once, whatever the version; a question is about the rules of one version.
 */
#ifndef ASSAY_PROVE_PROOF_H
#define ASSAY_PROVE_PROOF_H

#include "base/arena.h"
#include "prove/encode.h"
#include "spec/spec.h"

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_OPEN };

struct proof_rule {
	const struct rule *rule;
	struct symbol when,
		demand; /* `demand`: what must hold, whether it is written as must or must_not; known and true without one */
	Z3_ast applies, broken; /* when is true; and the demand is false */
};

/* What a call changes in a state, once for each state that an effect sets. */
struct proof_effect {
	struct symbol when, key[2], value;
	Z3_ast may_apply; /* the effect as a sketch, see proof_reach.c; NULL: not made yet */
	struct symbol sketched_key[2], sketched_value;
};

/* What was found of an entry: of one of its rules, or of the whole. */
struct proved {
	enum severity severity;
	const struct rule *rule; /* NULL: the entry */
	const char *code, *message;
};

struct proof {
	const struct spec *spec;
	const struct entry *entry;
	struct arena *arena;
	Z3_context z3;
	struct encoder encoder;
	size_t count;
	struct proof_rule *rules; /* in the order of the entry */
	struct proof_effect *effects; /* as those of the entry */
	struct proof **sources; /* by entry: those whose effects matter, for proof_reach.c */
	Z3_ast *keeps_rules; /* by version, for proof_reach.c: a call that breaks no rule, as a sketch; NULL: not made yet */
	unsigned copies;
	size_t rule_leaves; /* leaves that a rule asked for; the others are of effects */
	struct symbol absent; /* the entry says that it is not there */
	Z3_ast outcome, landings, later, console; /* see proof_world.c */
	Z3_ast captured[SPEC_BUFFERS], size[SPEC_BUFFERS]; /* what lies behind a buffer is known; bytes */
	size_t known_count;
	Z3_ast *known_from, *known_to; /* when a leaf that is seen is known */
	Z3_ast law, plain_law; /* what holds in every world; in the plain one */
	Z3_solver all_worlds, plain_world; /* to which these were told; NULL: not yet */
	Z3_ast returns, declared; /* the call returns; its outcome is one that the entry declares */
	uint64_t effort, spent; /* of which this much */
	size_t found_count;
	struct proved *found;
	const char *undecided; /* the first question that stayed open; NULL: none did */
	bool failed; /* z3 said that something is wrong with what it was asked */
};

/* What z3 may spend on one question and on one entry, in its own units: the same on every machine. */
#define PROVE_QUESTION 4000000u
#define PROVE_EFFORT   8000000u
#define PROVE_ALL      1600000000u /* and on all entries together: each has an equal share of it */
#define PROVE_BYTE     600u /* and for a byte of text: who writes little cannot make others work for long */
#define PROVE_SHARES   8u /* into so many the text's effort is divided, when there are as many entries: few of them need it */
#define PROVE_TERM     64u /* of an entry's effort, for each term of its rules: what z3 makes of a formula before it counts */
#define PROVE_MEMORY   1024u /* MiB that a solver may see in use */

uint64_t proof_effort(const struct spec *spec); /* an entry's */
/* False: the formulas got too big, nothing can be said. */
bool proof_init(struct proof *proof, const struct entry *entry, const struct spec *spec, Z3_context z3, struct arena *arena);
void proof_free(struct proof *proof);

/* --- worlds (proof_world.c) --- */

bool leaf_is_seen(const struct leaf *leaf);
bool term_is_given(const struct term *term); /* it reads nothing that is seen */
void proof_state_law(struct proof *proof);
/* A machine of four harts with 128 MiB, a version, states that somebody sets: what a witness should look like. */
Z3_ast proof_in_plain_world(struct proof *proof, Z3_ast formula);
/* reset: states are as they begin, which is unknown for some; else they may be anything that effects make them. */
Z3_ast proof_plain_law(struct proof *proof, int version, bool reset);
bool proof_plain_fact(const struct proof *proof, unsigned fact, uint64_t *bits); /* false: there is none */
Z3_ast proof_plain_value(struct proof *proof, const struct leaf *leaf,
			 bool reset); /* of a state: what it might be (proof_reach.c) */
/* The formula of somebody who sees nothing of the call, or nothing but that it returned this status. */
Z3_ast proof_blind(struct proof *proof, Z3_ast formula, const uint64_t *status);
/* In terms of what is given and of the values that are seen: nothing is left that says what is known of these. */
Z3_ast proof_resolved(struct proof *proof, Z3_ast formula);

/* --- questions (proof.c) --- */

Z3_solver proof_solver(struct proof *proof);
void proof_solver_free(struct proof *proof, Z3_solver solver);
enum answer proof_ask(struct proof *proof, Z3_solver solver, size_t count, const Z3_ast *assumed);
/* Can this and the worlds' law hold together? The plain world is asked first, where that is easy to see. */
enum answer proof_possible(struct proof *proof, Z3_ast formula);
Z3_ast proof_all(struct proof *proof, size_t count, const Z3_ast *formulas);

/* --- findings --- */

void proof_report(struct proof *proof, enum severity severity, const struct rule *rule, const char *code, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void proof_undecided(struct proof *proof, const char *format, ...) __attribute__((format(printf, 2, 3)));

void find_idle_rules(struct proof *proof); /* find_rules.c: rules and codes that nothing can make use of */
void find_silence(struct proof *proof, int version); /* find_silence.c: calls of which no rule says anything */
void find_conflicts(struct proof *proof, int version); /* find_conflict.c: calls that no answer could satisfy */

/* The versions whose rules differ: of each set of rules the newest version that has it. Returns how many. */
size_t proof_versions(const struct proof *proof, int *versions);

static inline bool rule_in(const struct proof_rule *rule, int version)
{
	return spec_in_version(rule->rule->since, rule->rule->until, version);
}

/* A requirement: its breach is a failure, or would be if the reading of the text were sure. */
static inline bool rule_demands(const struct rule *rule)
{
	return rule->strength == MUST || rule->strength == MUST_NOT;
}

#endif
