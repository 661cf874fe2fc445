/* SPDX-License-Identifier: BSD-2-Clause */
/* mutate.h - one recorded call, changed in one way after the other. */
#ifndef ASSAY_JUDGE_MUTATE_H
#define ASSAY_JUDGE_MUTATE_H

#include "judge/private.h"

#define MUTATE_LANDINGS 4

struct mutation {
	const struct spec *spec;
	const struct recording_head *head;
	const struct entry *entry;
	const struct recorded_step *original;
	struct arena *arena;	/* for copies of buffers; the caller resets it */
	/* the walk */
	unsigned mutator, variant;
	/* the result */
	const char *name;
	struct recorded_step step;
	struct recorded_landing landings[MUTATE_LANDINGS];
};

/* Fills mutation->step with the next changed observation. False: there are no more. */
bool mutate_next(struct mutation *mutation);

#endif
