/* SPDX-License-Identifier: BSD-2-Clause */
/* common.h - what the writers share: words, escapes and small sums over a matrix. */
#ifndef ASSAY_REPORTS_COMMON_H
#define ASSAY_REPORTS_COMMON_H

#include "report.h"

/* Text with the characters that mean something in the format written out as it wants them. */
void write_xml_text(FILE *out, const char *text); /* also in attributes; control characters become U+FFFD */
void write_markdown_cell(FILE *out, const char *text);

/* "PASS" with the escapes of a terminal around it, padded to width; plain when color is false. */
void write_verdict(FILE *out, enum verdict verdict, int width, bool color);

struct tally {
	uint64_t rules[VERDICT_COUNT], checks;
};
/* Rules that failed, in whatever way. */
uint64_t tally_failures(const struct tally *tally);
struct tally tally_entry(const struct entry_row *entry);
struct tally tally_matrix(const struct matrix *matrix);
uint64_t tally_of(const struct matrix *matrix, unsigned verdicts); /* rules whose verdict is in the set (bit per verdict) */

#define AFTER_SHOWN 8u /* cases of a sequence that reports for people name */

/*
 * What a failure takes besides its case, in one line: how often it came again when it is flaky, or what is to be said of the cases
 * that have to come before it. NULL: nothing. In a static buffer.
 */
const char *attribution_note(const struct rule_row *row);
/* Its sequence, or NULL when it takes none. */
const struct attribution *sequence_of(const struct rule_row *row);

/* How the one answer is told: in a sentence, at the end of a page of text, in a cell of a table, and in which colour. */
struct answer {
	const char *sentence, *loud, *cell, *color;
	enum verdict like; /* the verdict whose looks it has on a page */
};
const struct answer *answer_of(const struct matrix *matrix);

/* "2.0", as the blob claims; "none". In a static buffer. */
const char *claimed_version(const struct recording_head *head);

/* Calls visit for every rule row whose verdict is in the set (bit per verdict), in the order of the specification. */
void each_rule(const struct matrix *matrix, unsigned verdicts,
	       void (*visit)(void *context, const struct entry_row *entry, const struct rule_row *row), void *context);

#define VERDICT_BIT(verdict) (1u << (verdict))
#define VERDICTS_FAILING                                                                                                         \
	(VERDICT_BIT(VERDICT_FAIL) | VERDICT_BIT(VERDICT_CRASH) | VERDICT_BIT(VERDICT_HANG) | VERDICT_BIT(VERDICT_FLAKY))

#endif
