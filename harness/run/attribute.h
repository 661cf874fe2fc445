/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attribute.h - a failure that was seen in a batch and not when its case was run again alone: does it take others before it, and
 * which, or does it come and go?
 *
 * Knows neither cases nor verdicts, as shrink.h. What is tried depends on what was seen before, never on how fast anything was.
 */
#ifndef ASSAY_RUN_ATTRIBUTE_H
#define ASSAY_RUN_ATTRIBUTE_H

#include "base/arena.h"
#include "base/err.h"
#include "record/record.h"

#define ATTRIBUTE_REPEATS 2u /* how often the shortest sequence has to fail, on record */
#define ATTRIBUTE_FLAKY	  5u /* tries alone, and as many in place, that make the rate of what is flaky */

struct attribute_config {
	size_t count; /* cases that came before it in its guest */
	bool known; /* that it fails after all of them has been seen */
	unsigned tries; /* guests for the search, at most; at least 1 */
	void *context;
	/*
	 * Tries it after these (numbers below `count`, rising). 1: it failed, 0: it did not, -1: err. on_record: what is seen is written
	 * down as a trial of this role, which is what the verdict is made of.
	 */
	int (*try)(void *context, const size_t *kept, size_t count, bool on_record, enum record_role role, struct err *err);
};

struct attributed {
	unsigned used; /* guests that the search took */
	/* the fewest of those before it that it failed after, on record, at least once; in the arena. NULL: it takes none, or luck */
	const size_t *kept;
	size_t count;
};

/* An interrupt is an error (EXIT_INTERRUPTED). */
int attribute(struct arena *arena, const struct attribute_config *config, struct attributed *attributed, struct err *err);

#endif
