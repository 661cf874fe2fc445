/* SPDX-License-Identifier: BSD-2-Clause */
/* consumers.h - who would run on the blob, in each format: a part of a run's report, and a table of several runs. */
#ifndef ASSAY_REPORTS_CONSUMERS_H
#define ASSAY_REPORTS_CONSUMERS_H

#include <jansson.h>

#include "common.h"

/* Nothing is written where there are no profiles of the interface. */
void consumers_text(const struct matrix *matrix, FILE *out, const struct report_options *options);
void consumers_html(const struct matrix *matrix, FILE *out);
json_t *consumers_json(const struct matrix *matrix);

void consumers_text_table(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);
void consumers_markdown_table(const struct matrix *const *matrices, size_t count, FILE *out);
void consumers_html_table(const struct matrix *const *matrices, size_t count, FILE *out);

#endif
