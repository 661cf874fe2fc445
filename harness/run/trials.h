/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trials.h - rules that failed in a batch and not when their case was run again alone: trials, until it is known what each takes.
 *
 * attribute.h decides what is tried and shrink.h how the search goes; here it is done in guests. What a case amounts to is the
 * caller's to say: nothing here knows a verdict.
 */
#ifndef ASSAY_RUN_TRIALS_H
#define ASSAY_RUN_TRIALS_H

#include "run/rerun.h"

/* A rule, by its full id, and the first case that failed it. */
struct doubt {
	const char *rule, *case_id;
	size_t entry; /* number of the rule's: searches are bounded for each */
	/* what an earlier rule took that the case broke, when that is on record and no doubt any more; NULL: nothing is */
	const char *const *after;
	size_t after_count;
};

struct trials_config {
	const struct run_config *run;
	const struct survey *survey;
	const struct kept *kept; /* cases that need not be made again */
	struct plan *plan; /* the run's: it is rewound, and the cases are made again */
	const char *journal; /* the file; all that was recorded is in it */
	void *context;
	/* Every case of every trial, in order. rule: does it fail that? NULL: it comes before another one, and leaves a state. */
	bool (*fails)(void *context, const struct recorded_case *recorded, const char *rule);
	/* The same case, when it is to be on record. */
	int (*record)(void *context, const struct recorded_case *recorded, struct err *err);
	/* A search has come to its end, which is to be on record. */
	int (*searched)(void *context, const struct recorded_search *search, struct err *err);
	uint32_t boot; /* the highest number of a boot so far; goes on */
	uint64_t guests; /* that were started; added to */
};

/* Each doubt gets its trials, one after the other. EXIT_INTERRUPTED: some did not. */
int trials_run(struct trials_config *config, const struct doubt *doubts, size_t count, struct err *err);

#endif
