/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * junit.c - JUnit XML as continuous-integration servers read it: a suite per entry, a case per rule. What the blob did is a
 * failure, what the harness did is an error. reports/schema/junit.xsd describes it.
 */
#include <inttypes.h>

#include "common.h"
#include "formats.h"

static void write_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	write_xml_text(out, value);
	fputc('"', out);
}

static void write_attribution(FILE *out, const struct rule_row *row)
{
	const struct attribution *sequence = sequence_of(row);

	for (size_t i = 0; sequence && i < sequence->after_count; i++) {
		fputs(i ? "\n            " : "\nonly after: ", out);
		write_xml_text(out, sequence->after[i]);
	}
	if (!attribution_note(row))
		return;
	fputs("\nnote: ", out);
	write_xml_text(out, attribution_note(row));
}

static void write_problem(FILE *out, const char *element, const struct rule_row *row)
{
	const struct example *example = row->example_count ? &row->examples[0] : NULL;

	fprintf(out, "      <%s type=\"%s\"", element, verdict_names[row->cell.verdict]);
	write_attribute(out, "message", example ? example->expected : "");
	fputs(">citation: ", out);
	write_xml_text(out, row->cite);
	if (example) {
		fputs("\nexpected: ", out);
		write_xml_text(out, example->expected);
		fputs("\ngot: ", out);
		write_xml_text(out, example->got);
		fputs("\nreplay: ", out);
		write_xml_text(out, example->replay);
	}
	write_attribution(out, row);
	fprintf(out, "\n</%s>\n", element);
}

static const char *skip_reason(enum verdict verdict)
{
	static const char *const reasons[VERDICT_COUNT] = {
		[VERDICT_SKIP] = "absent, or nothing to check",
		[VERDICT_OBSERVED] = "observed: the text leaves it open",
		[VERDICT_KNOWN] = "known deviation",
		[VERDICT_UNTESTED] = "untested",
	};

	return reasons[verdict];
}

static void write_case(FILE *out, const struct entry_row *entry, const struct rule_row *row)
{
	enum verdict verdict = row->cell.verdict;

	fputs("    <testcase", out);
	write_attribute(out, "classname", entry->name);
	write_attribute(out, "name", row->id);
	fputs(" time=\"0\">\n", out);
	if (verdict_is_failure(verdict))
		write_problem(out, "failure", row);
	else if (verdict == VERDICT_BROKEN)
		write_problem(out, "error", row);
	else if (skip_reason(verdict))
		fprintf(out, "      <skipped message=\"%s\"/>\n", skip_reason(verdict));
	fputs("    </testcase>\n", out);
}

static void write_counts(FILE *out, const struct tally *tally, uint64_t tests)
{
	const uint64_t *rules = tally->rules;

	fprintf(out, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\" skipped=\"%" PRIu64 "\"", tests,
		tally_failures(tally), rules[VERDICT_BROKEN],
		rules[VERDICT_SKIP] + rules[VERDICT_OBSERVED] + rules[VERDICT_KNOWN] + rules[VERDICT_UNTESTED]);
}

static void write_suite(FILE *out, const struct entry_row *entry)
{
	struct tally tally = tally_entry(entry);

	fputs("  <testsuite", out);
	write_attribute(out, "name", entry->name);
	write_counts(out, &tally, entry->rule_count);
	fputs(" time=\"0\">\n", out);
	for (size_t i = 0; i < entry->rule_count; i++)
		write_case(out, entry, &entry->rules[i]);
	fputs("  </testsuite>\n", out);
}

int junit_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	struct tally tally = tally_matrix(matrix);
	uint64_t tests = 0;

	(void)options;
	for (size_t i = 0; i < matrix->entry_count; i++)
		tests += matrix->entries[i].rule_count;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
	write_attribute(out, "name", matrix->head->blob);
	write_counts(out, &tally, tests);
	fprintf(out, " time=\"%.3f\">\n", matrix->timing.wall_seconds);
	for (size_t i = 0; i < matrix->entry_count; i++)
		write_suite(out, &matrix->entries[i]);
	fputs("</testsuites>\n", out);
	return ferror(out) ? -1 : 0;
}
