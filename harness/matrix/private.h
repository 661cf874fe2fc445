/* SPDX-License-Identifier: BSD-2-Clause */
/* private.h - what the files of the matrix share. */
#ifndef ASSAY_MATRIX_PRIVATE_H
#define ASSAY_MATRIX_PRIVATE_H

#include "matrix/matrix.h"

/* The row of a rule by its full id ("sbi.hsm.hart_start:returns"); NULL when there is none. */
struct rule_row *matrix_find_rule(struct matrix *matrix, const char *id);

/* attribution.c: a failure in the batch, or of a case that was run again alone. */
void attribution_failed(struct matrix *matrix, struct attribution *attribution, const struct recorded_case *recorded);
/* A record of a trial, before it is judged; and a failure of that record. */
void attribution_begin_trial(struct matrix *matrix, const struct recorded_case *recorded);
void attribution_trial_failed(struct matrix *matrix, const struct rule_row *row, const struct recorded_case *recorded);
void attribution_free(struct matrix *matrix);

#endif
