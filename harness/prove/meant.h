/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * meant.h - what a demand says that something seen should be, as something given. Private to prove/.
 *
 * Of `(u64(high) << 32 | low) == frequency` the low half of `frequency` is meant by `low`, and its high half by `high`; of
 * `i == entry || table[i] == old(table[i])` the old value by `table[i]`, for all but one. It is a guess at an answer, not more:
 * whoever takes it asks whether that answer is one.
 */
#ifndef ASSAY_PROVE_MEANT_H
#define ASSAY_PROVE_MEANT_H

#include "prove/proof.h"

#define MEANT_MAX 512u

struct meant {
	size_t leaf; /* number of one that is seen */
	Z3_ast bits; /* of what is given, in the type of the leaf */
	Z3_ast when; /* of what is given, as far as that says when it is meant */
};

/* All formulas are in the plain world. */
struct meant_list {
	size_t count;
	struct meant list[MEANT_MAX];
};

/* Adds what this rule's demand means; what does not fit into the list is left out. */
void meant_find(struct meant_list *list, struct proof *proof, const struct rule *rule);

#endif
