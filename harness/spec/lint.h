/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.h - findings and the size of a spec as text, for `assay lint`.
 */
#ifndef ASSAY_SPEC_LINT_H
#define ASSAY_SPEC_LINT_H

#include <stdio.h>

#include "spec/spec.h"

/* One line a finding: FILE:LINE:COL: error|warning: MESSAGE [CODE]. Returns the number of errors. */
int lint_print(FILE *out, const struct findings *findings);
/* How many entries, rules, unspecified and unobservable items each chapter has, as an aligned table. */
void lint_summary(FILE *out, const struct spec *spec);
/* Brings findings into the order of file, line and column and drops repetitions. spec_load() has done it. */
void findings_sort(struct findings *findings);

#endif
