/* SPDX-License-Identifier: BSD-2-Clause */
/* diff.h - what changed between two runs. */
#ifndef ASSAY_CLI_DIFF_H
#define ASSAY_CLI_DIFF_H

#include <stdio.h>

#include "matrix/matrix.h"

enum change { CHANGE_REGRESSION, CHANGE_CURE, CHANGE_NEW, CHANGE_GONE, CHANGE_OTHER, CHANGE_COUNT };

struct change_counts {
	size_t count[CHANGE_COUNT];
};

/* Prints one line per changed rule, and counts. */
struct change_counts diff_print(FILE *out, const struct matrix *old, const struct matrix *new);
/* Gate: judges the old run, prints what is worse on stderr. An exit code: 0 when nothing is. */
int diff_against(const char *rundir, const struct matrix *new);

#endif
