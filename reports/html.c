/* SPDX-License-Identifier: BSD-2-Clause */
/* html.c - one self-contained page: no script, nothing loaded from elsewhere, readable in light and dark. */
#include <inttypes.h>

#include "compare.h"
#include "consumers.h"
#include "formats.h"

static const char style[] =
	":root{color-scheme:light dark;--pass:#1a7f37;--fail:#cf222e;--warn:#9a6700;--quiet:#6e7781;--line:#8883}\n"
	"@media(prefers-color-scheme:dark){:root{--pass:#4ac26b;--fail:#ff7b72;--warn:#d4a72c;--quiet:#8b949e}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.6rem;margin:0}h2{margin:2rem 0 .5rem;font-size:1.15rem}code,pre{font:13px/1.45 ui-monospace,monospace}\n"
	".answer{font-size:1.15rem;font-weight:600;margin:.3rem 0 1rem}.facts{color:var(--quiet)}\n"
	"table{border-collapse:collapse;width:100%}th{text-align:left;color:var(--quiet);font-weight:500}\n"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}\n"
	"tr.chapter td{font-weight:600;padding-top:1rem}.v{font-weight:600;font-size:.85rem}\n"
	".PASS,.CURED{color:var(--pass)}.FAIL,.CRASH,.HANG,.FLAKY{color:var(--fail)}.UNTESTED,.KNOWN,.BROKEN{color:var(--warn)}.SKIP,.OBSERVED{color:var(--quiet)}\n"
	".chip{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .7rem;margin:0 .4rem .3rem 0;font-size:.85rem}.got{color:var(--quiet)}\n"
	"details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}\n"
	"dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}\n";

static void begin_page(FILE *out, const char *title)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      out);
	write_xml_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n", style);
}

static void write_cell(FILE *out, const struct cell *cell)
{
	const char *name = cell ? verdict_names[cell->verdict] : "-";

	fprintf(out, "<td class=\"v %s\">%s</td>", name, name);
}

static void write_facts(const struct matrix *matrix, FILE *out)
{
	const struct recording_head *head = matrix->head;

	fputs("<h1>", out);
	write_xml_text(out, head->blob);
	fprintf(out, "</h1>\n<p class=\"answer %s\">%s", verdict_names[answer_of(matrix)->like], answer_of(matrix)->sentence);
	if (matrix->why_not) {
		fputs(": ", out);
		write_xml_text(out, matrix->why_not);
	}
	fputs("</p>\n<p class=\"facts\">Judged by ", out);
	write_xml_text(out, matrix->spec->document);
	fprintf(out, " %s; it claims version %s. QEMU ", matrix->spec->revision, claimed_version(head));
	write_xml_text(out, head->qemu);
	fprintf(out,
		", seed %" PRIu64 ". %" PRIu64 " cases, %" PRIu64
		" calls; %zu of %zu mandatory rules tested.<br>Blob sha256 <code>%s</code><br>"
		"Specification sha256 <code>%s</code></p>\n",
		head->seed, matrix->cases, matrix->calls, matrix->tested, matrix->mandatory, head->blob_sha256,
		matrix->spec->sha256);
}

/* How many rules have which verdict. */
static void write_summary(const struct matrix *matrix, FILE *out)
{
	struct tally tally = tally_matrix(matrix);

	fputs("<p class=\"summary\">", out);
	for (int verdict = VERDICT_COUNT - 1; verdict >= 0; verdict--)
		if (tally.rules[verdict])
			fprintf(out, "<span class=\"chip %s\"><b>%" PRIu64 "</b> %s</span>\n", verdict_names[verdict],
				tally.rules[verdict], verdict_names[verdict]);
	fputs("</p>\n", out);
}

static void write_audit(const struct matrix *matrix, FILE *out)
{
	if (!matrix->audit.known)
		return;
	fprintf(out, "<p class=\"facts\"><span class=\"v %s\">audit</span> ", matrix->audit.mismatches ? "FAIL" : "PASS");
	if (matrix->audit.mismatches) {
		fprintf(out, "%" PRIu64 " records are not what the machine emulator saw. The first: ", matrix->audit.mismatches);
		write_xml_text(out, matrix->audit.first);
	} else {
		fprintf(out,
			"%" PRIu64
			" calls were looked at from outside, before and after, and all were counted. So the records of these "
			"calls are true, and no call was left out or added; of what is recorded of the others it is a sample.",
			matrix->audit.calls);
	}
	fputs("</p>\n", out);
}

static void write_entries(const struct matrix *matrix, FILE *out)
{
	const struct chapter *chapter = NULL;

	fputs("<table>\n<tr><th>entry<th>verdict<th>rules passed<th>failed<th>untested<th>checks</tr>\n", out);
	for (size_t i = 0; i < matrix->entry_count; i++) {
		const struct entry_row *entry = &matrix->entries[i];
		struct tally tally = tally_entry(entry);

		if (entry->entry->chapter != chapter) {
			chapter = entry->entry->chapter;
			fputs("<tr class=\"chapter\"><td colspan=\"6\">", out);
			write_xml_text(out, chapter->title ? chapter->title : chapter->name);
			fputs("</td></tr>\n", out);
		}
		fputs("<tr><td><code>", out);
		write_xml_text(out, entry->entry->name);
		fputs("</code></td>", out);
		write_cell(out, &entry->cell);
		fprintf(out,
			"<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
			"</td><td class=\"n\">%" PRIu64 "</td></tr>\n",
			tally.rules[VERDICT_PASS], tally_failures(&tally), tally.rules[VERDICT_UNTESTED], tally.checks);
	}
	fputs("</table>\n", out);
}

static void write_field(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "<dt>%s<dd><code>", label);
	write_xml_text(out, text);
	fputs("</code>\n", out);
}

static void write_sequence(FILE *out, const struct attribution *sequence)
{
	size_t count = sequence ? sequence->after_count : 0;
	char more[48];

	for (size_t i = 0; i < count && i < AFTER_SHOWN; i++)
		write_field(out, i ? " " : "only after", sequence->after[i]);
	if (count <= AFTER_SHOWN)
		return;
	snprintf(more, sizeof(more), "and %zu more", count - AFTER_SHOWN);
	write_field(out, " ", more);
}

static void write_finding(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	const struct example *example = row->example_count ? &row->examples[0] : NULL;
	FILE *out = context;
	const char *verdict = verdict_names[row->cell.verdict];

	(void)entry;
	fprintf(out, "<details><summary><span class=\"v %s\">%s</span> <code>", verdict, verdict);
	write_xml_text(out, row->id);
	fprintf(out, "</code>, %" PRIu64 " of %" PRIu64 " checks", row->cell.counts[row->cell.verdict],
		row->cell.counts[row->cell.verdict] + row->cell.counts[VERDICT_PASS]);
	if (example && *example->got) {
		fputs("<br><code class=\"got\">", out);
		write_xml_text(out, example->got);
		fputs("</code>", out);
	}
	fputs("</summary>\n<dl>\n", out);
	write_field(out, "citation", row->cite);
	write_field(out, "on record", row->deviation);
	if (example) {
		write_field(out, "expected", example->expected);
		write_field(out, "got", example->got);
		write_field(out, "case", example->case_id);
		write_sequence(out, sequence_of(row));
		write_field(out, "replay", example->replay);
		write_field(out, "note", attribution_note(row));
	}
	fputs("</dl></details>\n", out);
}

static void write_section(const struct matrix *matrix, FILE *out, const char *title, unsigned verdicts)
{
	uint64_t count = tally_of(matrix, verdicts);

	if (!count)
		return;
	fprintf(out, "<h2>%s (%" PRIu64 ")</h2>\n", title, count);
	each_rule(matrix, verdicts, write_finding, out);
}

int html_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	(void)options;
	begin_page(out, matrix->head->blob);
	write_facts(matrix, out);
	write_summary(matrix, out);
	write_audit(matrix, out);
	write_section(matrix, out, "Failures", VERDICTS_FAILING);
	write_section(matrix, out, "Known deviations", VERDICT_BIT(VERDICT_KNOWN));
	write_section(matrix, out, "Cured", VERDICT_BIT(VERDICT_CURED));
	consumers_html(matrix, out);
	fputs("<h2>Entries</h2>\n", out);
	write_entries(matrix, out);
	write_section(matrix, out, "Untested mandatory rules", VERDICT_BIT(VERDICT_UNTESTED));
	write_section(matrix, out, "Observed: the text leaves it open", VERDICT_BIT(VERDICT_OBSERVED));
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

	fputs("<tr><td><code>", table->out);
	write_xml_text(table->out, id);
	fputs("</code></td>", table->out);
	for (size_t i = 0; i < table->count; i++)
		write_cell(table->out, compare_cell(table->matrices[i], entry, rule));
	fputs("</tr>\n", table->out);
}

int html_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options)
{
	struct table table = { matrices, count, out };

	begin_page(out, "assay matrix");
	if (options->consumers) {
		fputs("<h1>Who would run on what</h1>\n", out);
		consumers_html_table(matrices, count, out);
		return ferror(out) ? -1 : 0;
	}
	fputs("<h1>Matrix</h1>\n", out);
	compare_head_html(out, options->rules ? "rule" : "entry", matrices, count);
	if (count)
		compare_rows(matrices, options, write_row, &table);
	fputs("<tr class=\"chapter\"><td>conformant</td>", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "<td class=\"v %s\">%s</td>", verdict_names[answer_of(matrices[i])->like],
			answer_of(matrices[i])->cell);
	fputs("</tr>\n</table>\n", out);
	return ferror(out) ? -1 : 0;
}
