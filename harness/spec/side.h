/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * side.h - a question about a rule's `when`: which values of a call put it on this side?
 *
 * Who plans cases asks (plan/solved.c) and who proves answers (prove/side.c); neither knows the other, cli/ brings them together.
 * What is answered depends on nothing but the question: not on the host, its speed, or what was asked before.
 */
#ifndef ASSAY_SPEC_SIDE_H
#define ASSAY_SPEC_SIDE_H

#include "spec/spec.h"

#define SIDE_NUMBERS 16u

enum side_wanted {
	SIDE_IS_TRUE,
	SIDE_IS_FALSE,
	SIDE_MAY_BE_TRUE, /* or is unknown before the call is made */
	SIDE_MAY_BE_FALSE,
};

/* What an argument may be. */
struct side_arg {
	bool fixed; /* nothing but `usual`, which only the guest knows if it is unknown */
	struct value usual; /* what it is where that will do */
	bool harmful; /* none of low..high */
	uint64_t low, high;
};

/* A state with these keys has this value. */
struct side_cell {
	unsigned state;
	uint64_t key[2];
	struct value value;
};

struct side_question {
	const struct spec *spec;
	const struct rule *rule;
	enum side_wanted wanted;
	int version; /* of the other rules that the call must keep; index into spec->versions */
	struct side_arg args[SPEC_ARGS];
	bool chosen[SPEC_BUFFERS]; /* what the callee reads there may be chosen, too */
	const struct expr_env *env; /* what is known of the rest: asked for names without keys, and for chapters */
	bool answered; /* the answer is what `env` says: no other requirement may forbid it */
	uint64_t harts; /* bit n: a CPU has the id n */
	uint64_t own_low, own_high, map_high; /* memory that is the caller's; beyond map_high there is none */
	size_t cell_count;
	const struct side_cell *cells; /* a state that is in none of them has its initial value... */
	const uint64_t *blurred; /* ...or is unknown, where bit n of this is set for state n */
	size_t blurred_words;
	uint64_t stamp; /* the same for the same question, and for no other */
};

/* A number behind a buffer, in the interface's byte order. */
struct side_number {
	unsigned buffer, size; /* bytes */
	uint64_t offset, bits;
};

/*
 * The usual value of an argument if it will do, else the smallest that does, one argument after the other; then the smallest numbers
 * in memory. Arguments that the rule does not ask for have none.
 */
struct side_values {
	bool has[SPEC_ARGS];
	uint64_t args[SPEC_ARGS]; /* extended, as in struct value */
	size_t number_count;
	struct side_number numbers[SIDE_NUMBERS];
};

enum side_answer { SIDE_NONE, SIDE_SOLVED, SIDE_UNDECIDED };

struct side_solver {
	/* May be called by several threads. Fills *values when it returns SIDE_SOLVED. */
	enum side_answer (*solve)(const struct side_question *question, struct side_values *values);
};

#endif
