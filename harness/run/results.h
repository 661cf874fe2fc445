/* SPDX-License-Identifier: BSD-2-Clause */
/* results.h - expressions over the results of one call and the facts of the machine: claim, presence, absence. */
#ifndef ASSAY_RUN_RESULTS_H
#define ASSAY_RUN_RESULTS_H

#include "plan/plan.h"
#include "record/record.h"

struct results {
	const uint64_t *results; /* NULL: none */
	const uint64_t *args; /* NULL: none */
	const struct survey *survey; /* NULL: no facts */
};

struct value results_eval(const struct expr *expr, const struct results *results);

#endif
