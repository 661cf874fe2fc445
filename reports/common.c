/* SPDX-License-Identifier: BSD-2-Clause */
#include "common.h"

#include <inttypes.h>
#include <string.h>

static const char *const xml_names[256] = {
	['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;", ['\n'] = "&#10;", ['\t'] = "&#9;",
};

void write_xml_text(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (xml_names[c])
			fputs(xml_names[c], out);
		else if (c < 0x20 || c == 0x7f)
			fputs("\xef\xbf\xbd", out);
		else
			fputc(c, out);
	}
}

void write_markdown_cell(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		if (strchr("|\\`*_<", *text))
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
}

static const char *const colors[VERDICT_COUNT] = {
	[VERDICT_SKIP] = "\033[2m",    [VERDICT_PASS] = "\033[32m",    [VERDICT_OBSERVED] = "\033[36m",
	[VERDICT_KNOWN] = "\033[33m",  [VERDICT_CURED] = "\033[1;32m", [VERDICT_UNTESTED] = "\033[33m",
	[VERDICT_BROKEN] = "\033[35m", [VERDICT_FAIL] = "\033[1;31m",  [VERDICT_CRASH] = "\033[1;31m",
	[VERDICT_HANG] = "\033[1;31m", [VERDICT_FLAKY] = "\033[1;35m",
};

void write_verdict(FILE *out, enum verdict verdict, int width, bool color)
{
	fprintf(out, "%s%-*s%s", color ? colors[verdict] : "", width, verdict_names[verdict], color ? "\033[0m" : "");
}

uint64_t tally_failures(const struct tally *tally)
{
	uint64_t sum = 0;

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		sum += verdict_is_failure((enum verdict)verdict) ? tally->rules[verdict] : 0;
	return sum;
}

struct tally tally_entry(const struct entry_row *entry)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < entry->rule_count; i++)
		tally.rules[entry->rules[i].cell.verdict]++;
	for (int verdict = VERDICT_PASS; verdict < VERDICT_COUNT; verdict++)
		if (verdict != VERDICT_UNTESTED)
			tally.checks += entry->cell.counts[verdict];
	return tally;
}

struct tally tally_matrix(const struct matrix *matrix)
{
	struct tally sum = { 0 };

	for (size_t i = 0; i < matrix->entry_count; i++) {
		struct tally one = tally_entry(&matrix->entries[i]);

		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
			sum.rules[verdict] += one.rules[verdict];
		sum.checks += one.checks;
	}
	return sum;
}

uint64_t tally_of(const struct matrix *matrix, unsigned verdicts)
{
	struct tally tally = tally_matrix(matrix);
	uint64_t count = 0;

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (verdicts & VERDICT_BIT(verdict))
			count += tally.rules[verdict];
	return count;
}

const struct attribution *sequence_of(const struct rule_row *row)
{
	return row->attribution.kind == ATTRIBUTION_SEQUENCE ? &row->attribution : NULL;
}

const char *attribution_note(const struct rule_row *row)
{
	static char text[128];
	const struct attribution *attribution = &row->attribution;

	switch (attribution->kind) {
	case ATTRIBUTION_SEQUENCE:
		return attribution->shortest ? NULL
					     : "the search for a shorter sequence was cut off; `assay shrink` goes on with it";
	case ATTRIBUTION_FLAKY:
		snprintf(text, sizeof(text), "flaky: failed again in %u of %u tries of the same", attribution->failed,
			 attribution->tries);
		return text;
	case ATTRIBUTION_OPEN:
		return "seen in a batch only: it takes what the cases before it did or found out";
	default:
		return NULL;
	}
}

static const struct answer conformant = { "Conformant", "CONFORMANT", "yes", "\033[1;32m", VERDICT_PASS },
			   undecided = { "Undecided", "UNDECIDED", "?", "\033[1;33m", VERDICT_UNTESTED },
			   deviant = { "Not conformant", "NOT CONFORMANT", "no", "\033[1;31m", VERDICT_FAIL };

const struct answer *answer_of(const struct matrix *matrix)
{
	return matrix->conformant ? &conformant : matrix->undecided ? &undecided : &deviant;
}

const char *claimed_version(const struct recording_head *head)
{
	static char text[48];

	if (head->claimed_major < 0)
		return "none";
	snprintf(text, sizeof(text), "%" PRId64 ".%" PRId64, head->claimed_major, head->claimed_minor);
	return text;
}

void each_rule(const struct matrix *matrix, unsigned verdicts,
	       void (*visit)(void *context, const struct entry_row *entry, const struct rule_row *row), void *context)
{
	for (size_t i = 0; i < matrix->entry_count; i++) {
		const struct entry_row *entry = &matrix->entries[i];

		for (size_t j = 0; j < entry->rule_count; j++)
			if (verdicts & VERDICT_BIT(entry->rules[j].cell.verdict))
				visit(context, entry, &entry->rules[j]);
	}
}
