/* SPDX-License-Identifier: BSD-2-Clause */
/* formats.h - the writers, for the table in formats.c. */
#ifndef ASSAY_REPORTS_FORMATS_H
#define ASSAY_REPORTS_FORMATS_H

#include "report.h"

int text_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int text_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);
int json_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int json_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);
int junit_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int tap_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int markdown_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int markdown_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);
int html_run(const struct matrix *matrix, FILE *out, const struct report_options *options);
int html_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);

#endif
