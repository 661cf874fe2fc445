/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.h - the cell of one entry or rule in each of several matrices. */
#ifndef ASSAY_REPORTS_COMPARE_H
#define ASSAY_REPORTS_COMPARE_H

#include "common.h"

/* rule NULL: the entry's cell. NULL when that matrix has no such row (the runs may have been judged by different specs). */
const struct cell *compare_cell(const struct matrix *matrix, const char *entry, const char *rule);

/* Calls row for every entry of the first matrix, and for every rule of it when options->rules; id is what the row is called. */
void compare_rows(const struct matrix *const *matrices, const struct report_options *options,
		  void (*row)(void *context, const char *id, const char *entry, const char *rule), void *context);

/* The head of a table with a column for each matrix. */
void compare_head_html(FILE *out, const char *first, const struct matrix *const *matrices, size_t count);
void compare_head_markdown(FILE *out, const char *first, const struct matrix *const *matrices, size_t count);

#endif
