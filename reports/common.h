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
struct tally tally_entry(const struct entry_row *entry);
struct tally tally_matrix(const struct matrix *matrix);

static inline bool verdict_fails(enum verdict verdict)
{
	return verdict >= VERDICT_FAIL && verdict < VERDICT_COUNT;
}

/* "2.0", as the blob claims; "none". In a static buffer. */
const char *claimed_version(const struct recording_head *head);

/* Calls visit for every rule row whose verdict is in the set (bit per verdict), in the order of the specification. */
void each_rule(const struct matrix *matrix, unsigned verdicts,
	       void (*visit)(void *context, const struct entry_row *entry, const struct rule_row *row), void *context);

#define VERDICT_BIT(verdict) (1u << (verdict))
#define VERDICTS_FAILING     (VERDICT_BIT(VERDICT_FAIL) | VERDICT_BIT(VERDICT_CRASH) | VERDICT_BIT(VERDICT_HANG))

#endif
