/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shrink.h - the fewest things that have to come before something so that it still fails.
 *
 * Knows neither cases nor verdicts: the caller has a list of `count` things and a function that tries some of them, in their
 * order. Whoever executes can call it for a failure that was seen in a batch only.
 */
#ifndef ASSAY_RUN_SHRINK_H
#define ASSAY_RUN_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum shrink_end {
	SHRINK_DONE, /* without any one of `kept` it does not fail any more */
	SHRINK_CUT, /* the tries are used up, or it was interrupted: `kept` fails, and may not be the shortest */
	SHRINK_FLAKY, /* the same tried again gave something else: `failed` of `repeats` */
	SHRINK_PASSES, /* it does not fail, not even after all of them */
};

struct shrink_config {
	size_t count;
	unsigned tries; /* at most this many in all; at least 1 */
	bool known; /* that it fails after all of them has been seen: that is not tried first */
	unsigned repeats; /* how often the beginning, when it passes, and the end result are tried; at least 1 */
	void *context;
	/* 1: it still fails after these (numbers below `count`, rising), 0: it does not, -1: err. EXIT_INTERRUPTED cuts. */
	int (*fails)(void *context, const size_t *kept, size_t count, struct err *err);
	/* told after every try; may be NULL */
	void (*progress)(void *context, unsigned tries, size_t shortest);
};

struct shrunk {
	enum shrink_end end;
	size_t *kept, count; /* in the arena */
	unsigned tries; /* made */
	unsigned failed, repeats; /* of what was tried again: the whole, or the result */
	bool interrupted; /* what cut it */
};

int shrink(struct arena *arena, const struct shrink_config *config, struct shrunk *shrunk, struct err *err);

#endif
