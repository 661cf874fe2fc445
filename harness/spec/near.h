/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * near.h - the known name that a mistyped one was meant to be.
 */
#ifndef ASSAY_SPEC_NEAR_H
#define ASSAY_SPEC_NEAR_H

#include <stdbool.h>

#include "base/arena.h"

struct near {
	const char *wanted, *best; /* best NULL: nothing is near enough */
	unsigned distance;
	bool off; /* looks for nothing */
};

/* Letters to insert, delete, replace or swap to get from one to the other; names are cut at 63 bytes. */
unsigned near_distance(const char *a, const char *b);
void near_consider(struct near *near, const char *candidate);
/* "; did you mean `since`?", or "". */
const char *near_hint(struct arena *arena, const struct near *near);

#endif
