/* SPDX-License-Identifier: BSD-2-Clause */
/* private.h - what the files of the matrix share. */
#ifndef ASSAY_MATRIX_PRIVATE_H
#define ASSAY_MATRIX_PRIVATE_H

#include "matrix/matrix.h"

/* The row of a rule by its full id ("sbi.hsm.hart_start:returns"); NULL when there is none. */
struct rule_row *matrix_find_rule(struct matrix *matrix, const char *id);

static inline bool verdict_is_failure(enum verdict verdict)
{
	return verdict == VERDICT_FAIL || verdict == VERDICT_CRASH || verdict == VERDICT_HANG;
}

#endif
