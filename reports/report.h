/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - what harness/matrix folded, written for people and for machines. One file per format.
 *
 * Writers only read. They return 0, or -1 when the stream failed (ferror): the caller says which file. Machine formats are
 * the same, byte for byte, for the same matrix, but for the timing figures; nothing else in them depends on the clock.
 */
#ifndef ASSAY_REPORTS_REPORT_H
#define ASSAY_REPORTS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "matrix/matrix.h"

struct report_options {
	bool color; /* terminal escapes */
	unsigned width; /* columns of the terminal; 0: not a terminal */
	bool rules; /* one row per rule instead of per entry (compare) */
	bool verbose; /* list passing rules too */
	bool consumers; /* who would run on what, instead of entries (compare) */
};

struct report_format {
	const char *name; /* of --format */
	const char *file; /* name in a run directory, or NULL: only on request */
	int (*run)(const struct matrix *matrix, FILE *out, const struct report_options *options);
	/* entries (or rules) by blobs; NULL: the format has no such form */
	int (*compare)(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options);
};

extern const struct report_format report_formats[]; /* ends with name NULL */
const struct report_format *report_find(const char *name); /* NULL: no such format */

#endif
