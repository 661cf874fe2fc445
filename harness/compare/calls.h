/* SPDX-License-Identifier: BSD-2-Clause */
/* calls.h - the calls of an entry that a plan would make, as numbers. */
#ifndef ASSAY_COMPARE_CALLS_H
#define ASSAY_COMPARE_CALLS_H

#include "compare/compare.h"

#define CALLS_MAX 600 /* of one entry */

/* The machine that the calls are for: two CPUs, memory from zero on. */
#define MACHINE_HARTS	 2u
#define MACHINE_RAM_SIZE (UINT64_C(128) << 20)
#define MACHINE_CLOCK_HZ UINT64_C(10000000)
#define MACHINE_NOW	 UINT64_C(1000000000)
#define MACHINE_OWN	 (MACHINE_RAM_SIZE / 2) /* from here on memory is the caller's */
#define MACHINE_NOWHERE	 (UINT64_C(1) << 44)

struct call {
	struct value args[SPEC_ARGS]; /* unknown: what an earlier call gave */
	const char *text[SPEC_ARGS]; /* for people; NULL: the number itself */
	size_t size[SPEC_BUFFERS];
	const uint8_t *content[SPEC_BUFFERS]; /* NULL: not said */
};

struct calls {
	size_t count;
	struct call *list;
};

/* In the order of the plan; lives as long as the arena. */
struct calls calls_of(struct arena *arena, const struct side *side, const struct entry *entry);

#endif
