/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kept.h - cases that may be wanted once more after a run. To make them again takes the whole plan, which takes longer than to run
 * them, so the stretches of those that failed are kept, as far as memory allows. rerun_new() takes cases from here.
 */
#ifndef ASSAY_RUN_KEPT_H
#define ASSAY_RUN_KEPT_H

#include "run/unit.h"

struct kept {
	const struct codec *codec; /* that the cases were made with */
	struct stretch **stretches;
	size_t count, steps;
};

/* Nothing happens when it is there already, or when there are too many steps. */
void kept_add(struct kept *kept, struct stretch *stretch);
void kept_free(struct kept *kept);

#endif
