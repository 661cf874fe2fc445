/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changes.h - what became of an interface (harness/compare), written for people and for machines. As in report.h, writers only read,
 * and return -1 when the stream failed.
 */
#ifndef ASSAY_REPORTS_CHANGES_H
#define ASSAY_REPORTS_CHANGES_H

#include <stdio.h>

#include "compare/compare.h"
#include "report.h"

/* parties: a bit per enum party, whose changes are wanted; options->verbose: clarifications, too. */
int changes_text(const struct comparison *comparison, unsigned parties, FILE *out, const struct report_options *options);
int changes_json(const struct comparison *comparison, unsigned parties, FILE *out, const struct report_options *options);

/* Is the change one for these parties: does it break or concern one of them? */
bool change_is_for(const struct change *change, unsigned parties, bool clarifications);

#endif
