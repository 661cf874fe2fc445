/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attribute.h - what `assay run` does about rules that failed in a batch and not when their case was run again alone: trials, until
 * it is known what each takes.
 */
#ifndef ASSAY_CLI_ATTRIBUTE_H
#define ASSAY_CLI_ATTRIBUTE_H

#include "cli/rundir.h"
#include "run/kept.h"
#include "run/run.h"

struct attribution_job {
	const struct run_config *config;
	const struct survey *survey;
	struct plan *plan; /* the run's: it is rewound, and the cases are made again */
	const struct recording_head *head;
	const char *journal; /* the file; all that was recorded is in it */
	struct journal_writer *writer;
	struct folding *folding;
	const struct kept *kept; /* cases that need not be made again */
	uint32_t boot; /* the highest number of a boot so far */
	uint64_t guests; /* that were started; added to */
};

/*
 * Every rule that is open (matrix_is_open()) gets its trials, in the order of the specification. They go to the journal and are folded
 * as they come. Nothing is started when no rule is open. EXIT_INTERRUPTED: some are still open.
 */
int attribute_failures(struct attribution_job *job, struct err *err);

#endif
