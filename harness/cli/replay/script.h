/* SPDX-License-Identifier: BSD-2-Clause */
/* script.h - case.sh of a bundle: what bundle.sh has to know of a case to run it and to compare what comes of it. */
#ifndef ASSAY_CLI_REPLAY_SCRIPT_H
#define ASSAY_CLI_REPLAY_SCRIPT_H

#include <stdio.h>

#include "cli/cli.h"
#include "guest/save.h"
#include "record/record.h"
#include "run/asked.h"

struct script {
	struct words *words; /* QEMU's command line */
	struct guest_layout layout;
	const struct asked_case *asked; /* as it is laid out */
	const struct recorded_step *steps; /* as it was seen; joins left out */
	unsigned step_count;
	const struct subject *subject;
};

/* The step of the last call that was made: the one that did not come back, if there is one. */
unsigned script_last_step(const struct script *script);
void script_write(const struct script *script, FILE *out);

#endif
