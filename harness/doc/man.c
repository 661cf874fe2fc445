/* SPDX-License-Identifier: BSD-2-Clause */
/* man.c - one page for section 7, in the macros of man(7), for man -l and mandoc. */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "doc/formats.h"
#include "doc/writer.h"

/* roff reads a dot or a quote at the start of a line as a request, and a hyphen as one that may be broken. */
static void roff(FILE *out, char c, bool start)
{
	if (start && (c == '.' || c == '\''))
		fputs("\\&", out);
	if (c == '\\')
		fputs("\\e", out);
	else if (c == '-')
		fputs("\\-", out);
	else if (c == '^')
		fputs("\\(ha", out);
	else if (c == '~')
		fputs("\\(ti", out);
	else
		fputc(c == '\n' ? ' ' : c, out);
}

static void marked(FILE *out, const char *text)
{
	bool code = false, start = true;

	for (; *text; text++) {
		if (*text == '`') {
			fputs(code ? "\\fR" : "\\fB", out);
			code = !code;
		} else {
			roff(out, *text, start);
		}
		start = false;
	}
	fputs(code ? "\\fR\n" : "\n", out);
}

/* An argument of a macro. */
static void quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputs("\\(dq", out);
		else
			roff(out, *text, false);
	}
	fputc('"', out);
}

static void begin(struct doc_page *page, const char *title, const char *subtitle)
{
	FILE *out = page->out;

	fputs(".TH ", out);
	for (const char *c = page->spec->name; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fputs(" 7 \"\" ", out);
	quoted(out, page->version >= 0 ? page->spec->versions[page->version] : page->spec->revision);
	fputs(" ", out);
	quoted(out, title);
	fprintf(out, "\n.SH NAME\n%s \\- ", page->spec->name);
	marked(out, title);
	fputs(".SH DESCRIPTION\n", out);
	marked(out, subtitle);
}

static void end(struct doc_page *page)
{
	(void)page;
}

static void section(struct doc_page *page, const char *macro, const char *title, const char *note)
{
	fprintf(page->out, ".%s ", macro);
	quoted(page->out, title);
	fputs("\n", page->out);
	if (note && *note)
		marked(page->out, note);
}

static void chapter(struct doc_page *page, const char *anchor, const char *title, const char *note)
{
	char upper[128];
	size_t i;

	(void)anchor;
	for (i = 0; i < sizeof(upper) - 1 && title[i]; i++)
		upper[i] = (char)toupper((unsigned char)title[i]);
	upper[i] = '\0';
	section(page, "SH", upper, note);
}

static void entry(struct doc_page *page, const char *anchor, const char *name, const char *note)
{
	(void)anchor;
	section(page, "SS", name, note);
	fputs(note && *note ? ".PP\n" : "", page->out);
}

static void label(struct doc_page *page, const char *text)
{
	fputs(".PP\n.I ", page->out);
	quoted(page->out, text);
	fputs("\n", page->out);
}

static void paragraph(struct doc_page *page, const char *text)
{
	fputs(".PP\n", page->out);
	marked(page->out, text);
}

static void code_line(struct doc_page *page, const char *text)
{
	fputs(".B ", page->out);
	quoted(page->out, text);
	fputs("\n", page->out);
}

/* Tables become lists: the first cell is what is explained, the others explain it. */
static void table(struct doc_page *page, unsigned columns, const char *const *heads)
{
	(void)heads;
	page->columns = columns;
}

static void row(struct doc_page *page, const char *const *cells)
{
	bool begun = false;

	fputs(".TP\n", page->out);
	marked(page->out, cells[0]);
	for (unsigned i = 1; i < page->columns; i++) {
		if (!*cells[i])
			continue;
		if (begun)
			fputs("\\(em\n", page->out);
		marked(page->out, cells[i]);
		begun = true;
	}
	if (!begun)
		fputs("\\&\n", page->out);
}

static void table_end(struct doc_page *page)
{
	(void)page;
}

static void expression(FILE *out, const char *word, const char *text)
{
	fprintf(out, "%s ", word);
	fputs("\\fB", out);
	for (; *text; text++)
		roff(out, *text, false);
	fputs("\\fR\n", out);
}

static void write_rule(struct doc_page *page, const struct doc_rule *rule)
{
	FILE *out = page->out;
	const char *brk = "";

	fputs(".TP\n", out);
	marked(out, arena_printf(page->arena, "`%s`%s%s%s", rule->id, rule->versions ? ", " : "",
				 rule->versions ? rule->versions : "", rule->likely ? ", likely" : ""));
	if (rule->when)
		expression(out, "when", rule->when), brk = ".br\n";
	if (rule->must)
		fputs(brk, out), expression(out, rule->strength, rule->must), brk = ".br\n";
	if (rule->note)
		fputs(brk, out), marked(out, rule->note), brk = ".br\n";
	if (rule->cite)
		fputs(brk, out), marked(out, arena_printf(page->arena, "(%s)", rule->cite));
}

int doc_man(const struct spec *spec, int version, FILE *out)
{
	static const struct doc_writer writer = { begin,     end,   chapter, entry,	label,	   paragraph,
						  code_line, table, row,     table_end, write_rule };

	return doc_write(spec, version, out, &writer);
}
