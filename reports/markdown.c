/* SPDX-License-Identifier: BSD-2-Clause */
/* markdown.c - for pull requests, wikis and the published matrices. Holds no times: the same run gives the same file. */
#include <inttypes.h>
#include <string.h>

#include "compare.h"
#include "consumers.h"
#include "formats.h"

static void write_head(const struct matrix *matrix, FILE *out)
{
	const struct recording_head *head = matrix->head;

	fprintf(out, "# %s judged by %s %s\n\n", head->blob, matrix->spec->document, matrix->spec->revision);
	fprintf(out, "**%s**", answer_of(matrix)->sentence);
	if (matrix->why_not)
		fprintf(out, ": %s", matrix->why_not);
	fprintf(out, ".\n\n| | |\n|---|---|\n");
	fprintf(out, "| blob | %s %s, sha256 `%s` |\n", head->blob, head->blob_version ? head->blob_version : "",
		head->blob_sha256);
	fprintf(out, "| claims | version %s |\n", claimed_version(head));
	fprintf(out, "| QEMU | %s |\n| seed | %" PRIu64 " |\n", head->qemu, head->seed);
	fprintf(out, "| cases | %" PRIu64 " (%" PRIu64 " calls) |\n", matrix->cases, matrix->calls);
	fprintf(out, "| mandatory rules | %zu, tested %zu |\n\n", matrix->mandatory, matrix->tested);
}

static void write_entry(const struct entry_row *entry, FILE *out)
{
	struct tally tally = tally_entry(entry);

	fprintf(out, "| `%s` | %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " |\n", entry->name,
		verdict_names[entry->cell.verdict], tally.rules[VERDICT_PASS], tally_failures(&tally), tally.rules[VERDICT_KNOWN],
		tally.rules[VERDICT_UNTESTED], tally.checks);
}

static void write_sequence(const struct attribution *sequence, FILE *out)
{
	size_t count = sequence ? sequence->after_count : 0;

	for (size_t i = 0; i < count && i < AFTER_SHOWN; i++)
		fprintf(out, "    %-11s %s\n", i ? "" : "only after:", sequence->after[i]);
	if (count > AFTER_SHOWN)
		fprintf(out, "                and %zu more\n", count - AFTER_SHOWN);
}

static void write_finding(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	const struct example *example = row->example_count ? &row->examples[0] : NULL;
	FILE *out = context;

	(void)entry;
	fprintf(out, "### `%s`\n\n%s in %" PRIu64 " of %" PRIu64 " checks. %s\n\n", row->id, verdict_names[row->cell.verdict],
		row->cell.counts[row->cell.verdict], row->cell.counts[row->cell.verdict] + row->cell.counts[VERDICT_PASS],
		row->cite ? row->cite : "");
	if (row->deviation)
		fprintf(out, "On record: %s\n\n", row->deviation);
	if (example)
		fprintf(out, "    expected  %s\n    got       %s\n    case      %s\n", example->expected, example->got,
			example->case_id);
	write_sequence(sequence_of(row), out);
	if (attribution_note(row))
		fprintf(out, "    note      %s\n", attribution_note(row));
	fputs("\n", out);
}

static void write_untested(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	(void)entry;
	fprintf(context, "* `%s` (%s)\n", row->id, row->cite ? row->cite : "");
}

int markdown_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	(void)options;
	write_head(matrix, out);
	fputs("| entry | verdict | rules passed | failed | known | untested | checks |\n|---|---|---:|---:|---:|---:|---:|\n",
	      out);
	for (size_t i = 0; i < matrix->entry_count; i++)
		write_entry(&matrix->entries[i], out);
	fputs("\n## Failures\n\n", out);
	each_rule(matrix, VERDICTS_FAILING, write_finding, out);
	fputs("## Known deviations\n\n", out);
	each_rule(matrix, VERDICT_BIT(VERDICT_KNOWN) | VERDICT_BIT(VERDICT_CURED), write_finding, out);
	fputs("## Untested mandatory rules\n\n", out);
	each_rule(matrix, VERDICT_BIT(VERDICT_UNTESTED), write_untested, out);
	return ferror(out) ? -1 : 0;
}

struct table {
	const struct matrix *const *matrices;
	size_t count;
	FILE *out;
};

static void write_row(void *context, const char *id, const char *entry, const char *rule)
{
	const struct table *table = context;

	fprintf(table->out, "| `%s` |", id);
	for (size_t i = 0; i < table->count; i++) {
		const struct cell *cell = compare_cell(table->matrices[i], entry, rule);

		fprintf(table->out, " %s |", cell ? verdict_names[cell->verdict] : "-");
	}
	fputc('\n', table->out);
}

int markdown_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options)
{
	struct table table = { matrices, count, out };

	if (options->consumers) {
		consumers_markdown_table(matrices, count, out);
		return ferror(out) ? -1 : 0;
	}
	compare_head_markdown(out, options->rules ? "rule" : "entry", matrices, count);
	if (count)
		compare_rows(matrices, options, write_row, &table);
	fputs("| **conformant** |", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %s |", answer_of(matrices[i])->cell);
	fputc('\n', out);
	return ferror(out) ? -1 : 0;
}
