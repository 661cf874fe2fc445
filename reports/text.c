/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - the matrix on a terminal. Fits 80 columns; wider terminals show more of long lines. */
#include <inttypes.h>
#include <string.h>

#include "compare.h"
#include "consumers.h"
#include "formats.h"

#define DEFAULT_WIDTH 100
#define NAME_WIDTH    34
#define BLOB_WIDTH    14

struct text {
	FILE *out;
	const struct report_options *options;
	unsigned width;
};

static struct text text_on(FILE *out, const struct report_options *options)
{
	return (struct text){ out, options, options->width ? options->width : DEFAULT_WIDTH };
}

static const char *style(const struct text *text, const char *escape)
{
	return text->options->color ? escape : "";
}

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

/* A line that is cut with an ellipsis where the terminal ends: a wrapped table is no table. */
static void print_cut(const struct text *text, unsigned indent, const char *line)
{
	size_t room = text->width > indent + 1 ? text->width - indent : 1, length = strlen(line);

	if (!text->options->width || length <= room)
		fprintf(text->out, "%s\n", line);
	else
		fprintf(text->out, "%.*s…\n", (int)room - 1, line);
}

static void print_head(const struct text *text, const struct matrix *matrix)
{
	const struct recording_head *head = matrix->head;

	fprintf(text->out, "%s%s %s%s  judged by %s %s", style(text, BOLD), head->blob,
		head->blob_version ? head->blob_version : "", style(text, PLAIN), matrix->spec->document, matrix->spec->revision);
	if (head->claimed_major >= 0)
		fprintf(text->out, " (it claims %s)", claimed_version(head));
	fprintf(text->out, "\n%sQEMU %s, seed %" PRIu64 ", blob sha256 %.12s, spec %.12s%s\n\n", style(text, DIM), head->qemu,
		head->seed, head->blob_sha256, head->spec_sha256, style(text, PLAIN));
}

static void print_count(const struct text *text, uint64_t count, enum verdict verdict, const char *word)
{
	static const char *const colors[VERDICT_COUNT] = { [VERDICT_FAIL] = "\033[31m", [VERDICT_UNTESTED] = "\033[33m" };
	const char *color = colors[verdict] ? colors[verdict] : "";

	if (count)
		fprintf(text->out, "  %s%" PRIu64 " %s%s", style(text, color), count, word, style(text, *color ? PLAIN : ""));
}

static void print_entry(const struct text *text, const struct entry_row *entry)
{
	struct tally tally = tally_entry(entry);

	fprintf(text->out, "  %-*s ", NAME_WIDTH, entry->entry->name);
	write_verdict(text->out, entry->cell.verdict, 9, text->options->color);
	if (entry->cell.verdict == VERDICT_SKIP) {
		fputc('\n', text->out);
		return;
	}
	fprintf(text->out, "%7" PRIu64 " checks ", tally.checks);
	print_count(text, tally.rules[VERDICT_PASS], VERDICT_PASS, "rules pass");
	print_count(text, tally.rules[VERDICT_FAIL] + tally.rules[VERDICT_CRASH] + tally.rules[VERDICT_HANG], VERDICT_FAIL,
		    "fail");
	print_count(text, tally.rules[VERDICT_FLAKY], VERDICT_FAIL, "FLAKY");
	print_count(text, tally.rules[VERDICT_KNOWN], VERDICT_KNOWN, "known");
	print_count(text, tally.rules[VERDICT_CURED], VERDICT_CURED, "CURED");
	print_count(text, tally.rules[VERDICT_OBSERVED], VERDICT_OBSERVED, "observed");
	print_count(text, tally.rules[VERDICT_UNTESTED], VERDICT_UNTESTED, "untested");
	print_count(text, tally.rules[VERDICT_BROKEN], VERDICT_BROKEN, "broken");
	fputc('\n', text->out);
}

/* Was anything asked of it that says something? */
static bool was_tried(const struct entry_row *entry)
{
	struct tally tally = tally_entry(entry);

	return entry->cell.verdict != VERDICT_SKIP && tally.checks;
}

/* Entries of one chapter, from `first` on. */
static size_t chapter_end(const struct matrix *matrix, size_t first)
{
	size_t end = first + 1;

	while (end < matrix->entry_count && matrix->entries[end].entry->chapter == matrix->entries[first].entry->chapter)
		end++;
	return end;
}

/* Was nothing of a chapter tried? Then *verdict is what there is to say of it: SKIP or UNTESTED. */
static bool is_untried(const struct matrix *matrix, size_t first, size_t end, enum verdict *verdict)
{
	*verdict = VERDICT_SKIP;
	for (size_t i = first; i < end; i++) {
		if (was_tried(&matrix->entries[i]))
			return false;
		if (matrix->entries[i].cell.verdict != VERDICT_SKIP)
			*verdict = VERDICT_UNTESTED;
	}
	return true;
}

/* A chapter of which nothing was tried is one line. */
static void print_chapter(const struct text *text, const struct matrix *matrix, size_t first, size_t end)
{
	const struct chapter *chapter = matrix->entries[first].entry->chapter;
	enum verdict verdict;

	if (is_untried(matrix, first, end, &verdict)) {
		fprintf(text->out, "%s%-36s%s ", style(text, BOLD), chapter->name, style(text, PLAIN));
		write_verdict(text->out, verdict, 9, text->options->color);
		fprintf(text->out, "%s%7zu entries  %s%s\n", style(text, DIM), end - first, chapter->title ? chapter->title : "",
			style(text, PLAIN));
		return;
	}
	fprintf(text->out, "%s%s%s  %s%s%s\n", style(text, BOLD), chapter->name, style(text, PLAIN), style(text, DIM),
		chapter->title ? chapter->title : "", style(text, PLAIN));
	for (size_t i = first; i < end; i++)
		print_entry(text, &matrix->entries[i]);
}

static void print_entries(const struct text *text, const struct matrix *matrix)
{
	for (size_t first = 0, end; first < matrix->entry_count; first = end) {
		end = chapter_end(matrix, first);
		print_chapter(text, matrix, first, end);
	}
}

static void print_field(const struct text *text, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(text->out, "      %s%-10s%s ", style(text, DIM), label, style(text, PLAIN));
	print_cut(text, 17, value);
}

static void print_sequence(const struct text *text, const struct attribution *sequence)
{
	size_t count = sequence ? sequence->after_count : 0;

	for (size_t i = 0; i < count && i < AFTER_SHOWN; i++)
		print_field(text, i ? "" : "only after", sequence->after[i]);
	if (count > AFTER_SHOWN)
		fprintf(text->out, "                 and %zu more (report.json has them all)\n", count - AFTER_SHOWN);
}

static void print_row(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	const struct text *text = context;
	const struct example *example = row->example_count ? &row->examples[0] : NULL;
	uint64_t times = row->cell.counts[row->cell.verdict];

	(void)entry;
	fputs("  ", text->out);
	write_verdict(text->out, row->cell.verdict, 0, text->options->color);
	fprintf(text->out, "  %s%s%s  %s%" PRIu64 " of %" PRIu64 " times%s\n", style(text, BOLD), row->id, style(text, PLAIN),
		style(text, DIM), times, times + row->cell.counts[VERDICT_PASS], style(text, PLAIN));
	print_field(text, "citation", row->cite);
	print_field(text, "on record", row->deviation);
	if (!example)
		return;
	print_field(text, "expected", example->expected);
	print_field(text, "got", example->got);
	print_sequence(text, sequence_of(row));
	fprintf(text->out, "      %sreplay%s     %s\n", style(text, DIM), style(text, PLAIN), example->replay);
	print_field(text, "note", attribution_note(row));
}

static void print_section(const struct text *text, const struct matrix *matrix, const char *title, unsigned verdicts)
{
	uint64_t count = tally_of(matrix, verdicts);

	if (!count)
		return;
	fprintf(text->out, "\n%s%s%s (%" PRIu64 ")\n", style(text, BOLD), title, style(text, PLAIN), count);
	each_rule(matrix, verdicts, print_row, (void *)text);
}

/* The rules that a part of the plan should have reached; of entries that it had nothing to do with, only how many. */
struct untested {
	const struct text *text;
	bool partial;
	size_t elsewhere;
};

static void print_id(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	struct untested *untested = context;
	const struct text *text = untested->text;

	if (untested->partial && !was_tried(entry)) {
		untested->elsewhere += row->mandatory;
		return;
	}
	fprintf(text->out, "  %s  %s%s%s\n", row->id, style(text, DIM), row->cite ? row->cite : "", style(text, PLAIN));
}

static void print_untested(const struct text *text, const struct matrix *matrix)
{
	struct untested untested = { .text = text, .partial = matrix->partial != NULL };
	size_t count = matrix->mandatory - matrix->tested;

	if (!count)
		return;
	fprintf(text->out, "\n%sUntested mandatory rules%s (%zu)\n", style(text, BOLD), style(text, PLAIN), count);
	each_rule(matrix, VERDICT_BIT(VERDICT_UNTESTED), print_id, &untested);
	if (untested.elsewhere)
		fprintf(text->out, "  %s%zu of entries that this part of the plan asked nothing of%s\n", style(text, DIM),
			untested.elsewhere, style(text, PLAIN));
}

static void print_conclusion(const struct text *text, const struct matrix *matrix)
{
	const struct answer *answer = answer_of(matrix);

	fprintf(text->out, "\n%s%s%s", style(text, answer->color), answer->loud, style(text, PLAIN));
	fprintf(text->out, matrix->why_not ? ": %s\n" : "\n", matrix->why_not);
	fprintf(text->out, "%" PRIu64 " cases, %" PRIu64 " calls; %zu of %zu mandatory rules tested; recorded in %s\n",
		matrix->cases, matrix->calls, matrix->tested, matrix->mandatory, matrix->rundir);
	if (matrix->left_out)
		fprintf(text->out,
			"%" PRIu64 " cases were left out: the entry they are about had taken the machine down too often\n",
			matrix->left_out);
	if (matrix->vanished)
		fprintf(text->out, "QEMU gave no answer %" PRIu64 " times, and the calls were run again: the host was busy\n",
			matrix->vanished);
	if (matrix->audit.known)
		fprintf(text->out, "%saudit: %" PRIu64 " calls looked at from outside, %" PRIu64 " mismatches%s%s%s\n",
			style(text, matrix->audit.mismatches ? "\033[1;31m" : DIM), matrix->audit.calls, matrix->audit.mismatches,
			matrix->audit.mismatches ? "; FORGED RECORDS, the first: " : "",
			matrix->audit.mismatches ? matrix->audit.first : "", style(text, PLAIN));
	if (matrix->timing.wall_seconds > 0)
		fprintf(text->out, "%s%.1f s, %.0f calls a second, %" PRIu64 " guest starts%s\n", style(text, DIM),
			matrix->timing.wall_seconds, matrix->timing.calls_per_second, matrix->timing.resets, style(text, PLAIN));
}

int text_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	struct text text = text_on(out, options);

	print_head(&text, matrix);
	print_entries(&text, matrix);
	print_section(&text, matrix, "Failures", VERDICTS_FAILING);
	print_section(&text, matrix, "Not judged: the harness failed", VERDICT_BIT(VERDICT_BROKEN));
	print_section(&text, matrix, "Known deviations", VERDICT_BIT(VERDICT_KNOWN));
	print_section(&text, matrix, "Cured: take these off the record", VERDICT_BIT(VERDICT_CURED));
	if (options->verbose) {
		print_section(&text, matrix, "Observed, not judged", VERDICT_BIT(VERDICT_OBSERVED));
		print_section(&text, matrix, "Passed", VERDICT_BIT(VERDICT_PASS));
	}
	print_untested(&text, matrix);
	consumers_text(matrix, out, options);
	print_conclusion(&text, matrix);
	return ferror(out) ? -1 : 0;
}

struct table {
	const struct text *text;
	const struct matrix *const *matrices;
	size_t count;
	int width;
};

static void print_compared(void *context, const char *id, const char *entry, const char *rule)
{
	const struct table *table = context;
	FILE *out = table->text->out;

	if (rule)
		fprintf(out, "  %-*s", table->width - 2, strchr(id, ':') + 1);
	else
		fprintf(out, "%-*s", table->width, id);
	for (size_t i = 0; i < table->count; i++) {
		const struct cell *cell = compare_cell(table->matrices[i], entry, rule);

		fputs("  ", out);
		if (cell)
			write_verdict(out, cell->verdict, BLOB_WIDTH, table->text->options->color);
		else
			fprintf(out, "%-*s", BLOB_WIDTH, "-");
	}
	fputc('\n', out);
}

int text_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options)
{
	struct text text = text_on(out, options);
	struct table table = { &text, matrices, count, options->rules ? 56 : 40 };

	if (options->consumers) {
		consumers_text_table(matrices, count, out, options);
		return ferror(out) ? -1 : 0;
	}
	fprintf(out, "%-*s", table.width, "");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %s%-*s%s", style(&text, BOLD), BLOB_WIDTH, matrices[i]->head->blob, style(&text, PLAIN));
	fputc('\n', out);
	if (count)
		compare_rows(matrices, options, print_compared, &table);
	fprintf(out, "%-*s", table.width, "conformant");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %-*s", BLOB_WIDTH, answer_of(matrices[i])->cell);
	fputc('\n', out);
	return ferror(out) ? -1 : 0;
}
