/* SPDX-License-Identifier: BSD-2-Clause */
#include "consumers.h"

#include <inttypes.h>
#include <string.h>

#include "compare.h"

#define SHOWN	   4u /* reasons, and rules at risk, of one consumer */
#define NAME_WIDTH 28

static const char *const colors[CONSUMER_OUTCOMES] = {
	[CONSUMER_RUNS] = "\033[32m",	 [CONSUMER_LOSES] = "\033[33m",	  [CONSUMER_UNKNOWN] = "\033[33m",
	[CONSUMER_REFUSES] = "\033[31m", [CONSUMER_CRASHES] = "\033[31m",
};

/* The class of a verdict with the same meaning, for the page's style. */
static const char *const classes[CONSUMER_OUTCOMES] = {
	[CONSUMER_RUNS] = "PASS",    [CONSUMER_LOSES] = "KNOWN",   [CONSUMER_UNKNOWN] = "UNTESTED",
	[CONSUMER_REFUSES] = "FAIL", [CONSUMER_CRASHES] = "CRASH",
};

/* What a need demands, in the words of its profile. */
static const char *demand_of(const struct need *need)
{
	if (need->unobservable)
		return need->unobservable;
	return need->must ? expr_text(need->must) : need->entries[0]->full_id;
}

static const char *got_of(const struct consumer_reason *reason)
{
	if (reason->finding.state == NEED_UNKNOWN)
		return "not observed";
	return reason->finding.got ? reason->finding.got : "";
}

static void write_outcome(FILE *out, enum consumer_outcome outcome, int width, bool color)
{
	fprintf(out, "%s%-*s%s", color ? colors[outcome] : "", width, consumer_outcome_names[outcome], color ? "\033[0m" : "");
}

/* ---- one run, as text ---- */

static void text_reason(FILE *out, const struct consumer_reason *reason)
{
	const struct need *need = reason->need;

	fprintf(out, "      needs      %s: %s%s\n", need->id, demand_of(need),
		need->must || need->unobservable ? "" : " is there");
	fprintf(out, "      got        %s\n", got_of(reason));
	fprintf(out, "      source     %s: %s\n", need->cite, need->line);
	fprintf(out, "      so         %s%s\n", reason->finding.state == NEED_UNKNOWN ? "if it is not met: " : "", need->because);
	if (reason->finding.case_id)
		fprintf(out, "      case       %s\n", reason->finding.case_id);
}

/* The one that decides, for who is stopped by it does not come to the rest; or those that are as much worth. */
static size_t deciding_reasons(const struct consumer_row *row)
{
	size_t count = 0;

	if (row->outcome == CONSUMER_REFUSES || row->outcome == CONSUMER_CRASHES)
		return 1;
	while (count < row->reason_count && row->outcome != CONSUMER_RUNS &&
	       row->reasons[count].finding.state == row->reasons[0].finding.state &&
	       (row->reasons[count].need->otherwise == CONSEQUENCE_LOSES) ==
		       (row->reasons[0].need->otherwise == CONSEQUENCE_LOSES))
		count++;
	return count;
}

static void text_row(FILE *out, const struct consumer_row *row, bool color)
{
	size_t reasons = deciding_reasons(row);

	fputs("  ", out);
	write_outcome(out, row->outcome, 9, color);
	fprintf(out, " %-*s %s\n", NAME_WIDTH, row->consumer->name, row->consumer->title);
	for (size_t i = 0; i < reasons && i < SHOWN; i++)
		text_reason(out, &row->reasons[i]);
	if (reasons > SHOWN)
		fprintf(out, "      and %zu more (report.json has them all)\n", reasons - SHOWN);
	for (size_t i = 0; i < row->risk_count && i < SHOWN; i++)
		fprintf(out, "      %s %s\n", i ? "          " : "at risk:  ", row->risks[i]->id);
	if (row->risk_count > SHOWN)
		fprintf(out, "                 and %zu more rules that fail of calls that it makes\n", row->risk_count - SHOWN);
}

void consumers_text(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	if (!matrix->consumer_count)
		return;
	fprintf(out, "\n%sWho would run on it%s (%zu)\n", options->color ? "\033[1m" : "", options->color ? "\033[0m" : "",
		matrix->consumer_count);
	for (size_t i = 0; i < matrix->consumer_count; i++)
		text_row(out, &matrix->consumers[i], options->color);
}

/* ---- one run, as a page ---- */

static void html_field(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "<dt>%s<dd>", label);
	write_xml_text(out, text);
	fputc('\n', out);
}

static void html_reason(FILE *out, const struct consumer_reason *reason)
{
	const struct need *need = reason->need;

	fputs("<dl>", out);
	html_field(out, "needs", need->id);
	html_field(out, "that is", demand_of(need));
	html_field(out, "got", got_of(reason));
	html_field(out, "source", need->cite);
	html_field(out, "line", need->line);
	html_field(out, reason->finding.state == NEED_UNKNOWN ? "if not met" : "so", need->because);
	html_field(out, "case", reason->finding.case_id);
	fputs("</dl>\n", out);
}

static void html_row(FILE *out, const struct consumer_row *row)
{
	fprintf(out, "<details><summary><span class=\"v %s\">%s</span> <code>", classes[row->outcome],
		consumer_outcome_names[row->outcome]);
	write_xml_text(out, row->consumer->name);
	fputs("</code> ", out);
	write_xml_text(out, row->consumer->title);
	fputs("</summary>\n", out);
	for (size_t i = 0; i < row->reason_count; i++)
		html_reason(out, &row->reasons[i]);
	for (size_t i = 0; i < row->risk_count; i++) {
		fputs(i ? "<br><code>" : "<p>Rules that fail of calls that it makes:<br><code>", out);
		write_xml_text(out, row->risks[i]->id);
		fputs("</code>", out);
	}
	fputs("<p class=\"facts\">", out);
	write_xml_text(out, row->consumer->source);
	fputs("</p></details>\n", out);
}

void consumers_html(const struct matrix *matrix, FILE *out)
{
	if (!matrix->consumer_count)
		return;
	fprintf(out, "<h2>Who would run on it (%zu)</h2>\n", matrix->consumer_count);
	for (size_t i = 0; i < matrix->consumer_count; i++)
		html_row(out, &matrix->consumers[i]);
}

/* ---- one run, for programs ---- */

static json_t *text_of(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();

	return value ? value : json_string("(not UTF-8)");
}

static json_t *reason_json(const struct consumer_reason *reason)
{
	static const char *const consequences[] = { "loses", "refuses", "crashes" };
	const struct need *need = reason->need;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I}", "need", need->id, "otherwise",
			 consequences[need->otherwise], "cite", need->cite, "line", need->line, "because", need->because,
			 "expected", text_of(demand_of(need)), "got",
			 text_of(reason->finding.state == NEED_UNKNOWN ? NULL : reason->finding.got), "case",
			 text_of(reason->finding.case_id), "observations", (json_int_t)reason->finding.observations);
}

static json_t *row_json(const struct consumer_row *row)
{
	json_t *reasons = json_array(), *risks = json_array();

	for (size_t i = 0; i < row->reason_count; i++)
		json_array_append_new(reasons, reason_json(&row->reasons[i]));
	for (size_t i = 0; i < row->risk_count; i++)
		json_array_append_new(risks, json_string(row->risks[i]->id));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "consumer", row->consumer->name, "title", row->consumer->title,
			 "source", row->consumer->source, "outcome", consumer_outcome_names[row->outcome], "reasons", reasons,
			 "at_risk", risks);
}

json_t *consumers_json(const struct matrix *matrix)
{
	json_t *list = json_array();

	for (size_t i = 0; i < matrix->consumer_count; i++)
		json_array_append_new(list, row_json(&matrix->consumers[i]));
	return list;
}

/* ---- several runs ---- */

static const struct consumer_row *find(const struct matrix *matrix, const char *name)
{
	for (size_t i = 0; i < matrix->consumer_count; i++)
		if (!strcmp(matrix->consumers[i].consumer->name, name))
			return &matrix->consumers[i];
	return NULL;
}

/* Every consumer once, in the order in which the runs have them. */
static void each_consumer(const struct matrix *const *matrices, size_t count, void (*visit)(void *context, const char *name),
			  void *context)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < matrices[i]->consumer_count; k++) {
			const char *name = matrices[i]->consumers[k].consumer->name;
			size_t before = 0;

			while (before < i && !find(matrices[before], name))
				before++;
			if (before == i)
				visit(context, name);
		}
	}
}

struct table {
	const struct matrix *const *matrices;
	size_t count;
	FILE *out;
	bool color;
};

#define BLOB_WIDTH 14

static void text_cells(void *context, const char *name)
{
	const struct table *table = context;

	fprintf(table->out, "%-*s", NAME_WIDTH, name);
	for (size_t i = 0; i < table->count; i++) {
		const struct consumer_row *row = find(table->matrices[i], name);

		fputs("  ", table->out);
		if (row)
			write_outcome(table->out, row->outcome, BLOB_WIDTH, table->color);
		else
			fprintf(table->out, "%-*s", BLOB_WIDTH, "-");
	}
	fputc('\n', table->out);
}

/* Why it is not "runs", by the need that decided. */
static void text_why(void *context, const char *name)
{
	const struct table *table = context;

	for (size_t i = 0; i < table->count; i++) {
		const struct consumer_row *row = find(table->matrices[i], name);

		if (!row || row->outcome == CONSUMER_RUNS)
			continue;
		fprintf(table->out, "\n%s on %s: %s\n", name, table->matrices[i]->head->blob,
			consumer_outcome_names[row->outcome]);
		text_reason(table->out, &row->reasons[0]);
	}
}

void consumers_text_table(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options)
{
	struct table table = { matrices, count, out, options->color };

	fprintf(out, "%-*s", NAME_WIDTH, "");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %s%-*s%s", options->color ? "\033[1m" : "", BLOB_WIDTH, matrices[i]->head->blob,
			options->color ? "\033[0m" : "");
	fputc('\n', out);
	each_consumer(matrices, count, text_cells, &table);
	each_consumer(matrices, count, text_why, &table);
}

static void markdown_cells(void *context, const char *name)
{
	const struct table *table = context;

	fputs("| ", table->out);
	write_markdown_cell(table->out, name);
	fputs(" |", table->out);
	for (size_t i = 0; i < table->count; i++) {
		const struct consumer_row *row = find(table->matrices[i], name);

		fprintf(table->out, " %s", row ? consumer_outcome_names[row->outcome] : "-");
		if (row && row->outcome != CONSUMER_RUNS) {
			fputs(": ", table->out);
			write_markdown_cell(table->out, row->reasons[0].need->because);
		}
		fputs(" |", table->out);
	}
	fputc('\n', table->out);
}

void consumers_markdown_table(const struct matrix *const *matrices, size_t count, FILE *out)
{
	struct table table = { matrices, count, out, false };

	compare_head_markdown(out, "consumer", matrices, count);
	each_consumer(matrices, count, markdown_cells, &table);
}

static void html_cells(void *context, const char *name)
{
	const struct table *table = context;

	fputs("<tr><td><code>", table->out);
	write_xml_text(table->out, name);
	fputs("</code></td>", table->out);
	for (size_t i = 0; i < table->count; i++) {
		const struct consumer_row *row = find(table->matrices[i], name);

		fprintf(table->out, "<td><span class=\"v %s\">%s</span>", row ? classes[row->outcome] : "",
			row ? consumer_outcome_names[row->outcome] : "-");
		if (row && row->outcome != CONSUMER_RUNS) {
			fputs("<br>", table->out);
			write_xml_text(table->out, row->reasons[0].need->because);
		}
		fputs("</td>", table->out);
	}
	fputs("</tr>\n", table->out);
}

void consumers_html_table(const struct matrix *const *matrices, size_t count, FILE *out)
{
	struct table table = { matrices, count, out, false };

	compare_head_html(out, "consumer", matrices, count);
	each_consumer(matrices, count, html_cells, &table);
	fputs("</table>\n", out);
}
