/* SPDX-License-Identifier: BSD-2-Clause */
/* mutate.h - one recorded call, changed in one way after the other. */
#ifndef ASSAY_JUDGE_MUTATE_H
#define ASSAY_JUDGE_MUTATE_H

#include "judge/private.h"

#define MUTATE_LANDINGS 4
#define MUTATE_VALUES	64

struct mutation {
	const struct spec *spec;
	const struct recording_head *head;
	const struct entry *entry;
	const struct recorded_step *original;
	struct arena *arena; /* for copies of buffers; the caller resets it */
	size_t value_count;
	uint64_t values[MUTATE_VALUES]; /* that a result may take: see mutate_begin() */
	/* the walk */
	unsigned mutator, variant;
	/* the result */
	const char *name;
	struct recorded_step step;
	struct recorded_landing landings[MUTATE_LANDINGS];
};

/* Before the first one: finds the numbers that matter to a rule (NULL: none), those it names itself and the call's arguments. */
void mutate_begin(struct mutation *mutation, const struct rule *rule);
/* Fills mutation->step with the next changed observation. False: there are no more. */
bool mutate_next(struct mutation *mutation);

#endif
