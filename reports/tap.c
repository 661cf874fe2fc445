/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.c - Test Anything Protocol, version 14: one test point per rule. https://testanything.org/tap-version-14-specification.html */
#include <inttypes.h>
#include <string.h>

#include "common.h"
#include "formats.h"

struct tap {
	FILE *out;
	uint64_t number;
};

/* A test point's description must not look like the start of a directive. */
static void write_description(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_yaml_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
	fputs("\"\n", out);
}

static void write_yaml_line(FILE *out, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "    %s: ", key);
	write_yaml_text(out, text);
}

static void write_sequence(FILE *out, const struct attribution *sequence)
{
	for (size_t i = 0; sequence && i < sequence->after_count; i++) {
		fputs(i ? "      - " : "    only after:\n      - ", out);
		write_yaml_text(out, sequence->after[i]);
	}
}

static void write_point(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	static const char *const directives[VERDICT_COUNT] = {
		[VERDICT_SKIP] = " # SKIP absent, or nothing to check",
		[VERDICT_OBSERVED] = " # SKIP observed: the text leaves it open",
		[VERDICT_KNOWN] = " # TODO known deviation",
		[VERDICT_UNTESTED] = " # SKIP untested",
		[VERDICT_BROKEN] = " # SKIP broken: the harness failed",
	};
	struct tap *tap = context;
	enum verdict verdict = row->cell.verdict;
	bool ok = !verdict_is_failure(verdict) && verdict != VERDICT_KNOWN;

	(void)entry;
	fprintf(tap->out, "%s %" PRIu64 " - ", ok ? "ok" : "not ok", ++tap->number);
	write_description(tap->out, row->id);
	fprintf(tap->out, "%s\n", directives[verdict] ? directives[verdict] : "");
	if (ok || !row->example_count)
		return;
	fputs("  ---\n", tap->out);
	write_yaml_line(tap->out, "verdict", verdict_names[verdict]);
	write_yaml_line(tap->out, "citation", row->cite);
	write_yaml_line(tap->out, "expected", row->examples[0].expected);
	write_yaml_line(tap->out, "got", row->examples[0].got);
	write_sequence(tap->out, sequence_of(row));
	write_yaml_line(tap->out, "replay", row->examples[0].replay);
	write_yaml_line(tap->out, "note", attribution_note(row));
	fputs("  ...\n", tap->out);
}

int tap_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	struct tap tap = { out, 0 };
	uint64_t points = 0;

	(void)options;
	for (size_t i = 0; i < matrix->entry_count; i++)
		points += matrix->entries[i].rule_count;
	fprintf(out, "TAP version 14\n1..%" PRIu64 "\n", points);
	each_rule(matrix, ~0u, write_point, &tap);
	if (!matrix->conformant)
		fprintf(out, "# %s: %s\n", matrix->undecided ? "undecided" : "not conformant", matrix->why_not);
	return ferror(out) ? -1 : 0;
}
