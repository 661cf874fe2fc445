/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.h - a model of z3 as a world that our own evaluator can look at, and as text. Private to prove/.
 *
 * z3's word is not taken for it: a call is shown to a reader only when the evaluator sees in it what was proved.
 */
#ifndef ASSAY_PROVE_WITNESS_H
#define ASSAY_PROVE_WITNESS_H

#include "prove/proof.h"

struct witness_row {
	const struct leaf *leaf;
	struct value key[3], value;
};

struct witness {
	struct proof *proof;
	size_t count;
	struct witness_row *rows; /* one for each leaf, in the proof's arena */
	bool captured[SPEC_BUFFERS];
	uint64_t size[SPEC_BUFFERS], harts, own_low, own_high, map_low, map_high;
	bool present[ENCODE_CHAPTERS];
	uint8_t fill[2]; /* every byte that no formula speaks of: after the call, before it */
	bool has_after;
	const uint64_t *status; /* nothing is seen but this; NULL: what the rows say */
	bool blind; /* nothing is seen at all */
	struct expr_env env;
};

/* A model of a formula in a plain world. */
void witness_read(struct witness *witness, struct proof *proof, Z3_model model);
struct value witness_eval(struct witness *witness, const struct expr *expr); /* NULL: true */
bool witness_applies(struct witness *witness, const struct rule *rule);
bool witness_breaks(struct witness *witness, const struct rule *rule);
/*
 * NULL: every state of the witness is one that somebody could have got into. Else a law that is true of all states and not of this
 * one: some call gave it its value, or it has it from the beginning (proof_reach.c).
 */
Z3_ast proof_unreachable(struct witness *witness, int version);
/* "hart_start(hartid = 0x5) with hart_state[5] = STOPPED", of what the rules ask for; in the proof's arena. */
const char *witness_text(const struct witness *witness);

#endif
