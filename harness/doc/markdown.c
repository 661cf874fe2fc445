/* SPDX-License-Identifier: BSD-2-Clause */
/* markdown.c - for wikis and repositories: headings, tables and lists, no HTML but the anchors. */
#include <string.h>

#include "base/arena.h"
#include "doc/formats.h"
#include "doc/writer.h"

/* Characters that mean something outside of code. */
static void plain(FILE *out, char c)
{
	if (strchr("\\*_<>[]#|", c))
		fputc('\\', out);
	fputc(c, out);
}

static void marked(FILE *out, const char *text, bool in_table)
{
	bool code = false;

	for (; *text; text++) {
		if (*text == '`')
			code = !code;
		if (*text == '\n')
			fputc(' ', out);
		else if (*text == '`' || (code && !(in_table && *text == '|')))
			fputc(*text, out);
		else if (code)
			fputs("\\|", out);
		else
			plain(out, *text);
	}
}

static void begin(struct doc_page *page, const char *title, const char *subtitle)
{
	fprintf(page->out, "# %s\n\n", title);
	marked(page->out, subtitle, false);
	fputs("\n", page->out);
}

static void end(struct doc_page *page)
{
	(void)page;
}

static void heading(struct doc_page *page, const char *level, const char *anchor, const char *title, const char *note)
{
	fprintf(page->out, "\n<a id=\"%s\"></a>\n\n%s %s", anchor, level, title);
	if (note && *note) {
		fputs(" — ", page->out);
		marked(page->out, note, false);
	}
	fputs("\n", page->out);
}

static void chapter(struct doc_page *page, const char *anchor, const char *title, const char *note)
{
	heading(page, "##", anchor, title, note);
}

static void entry(struct doc_page *page, const char *anchor, const char *name, const char *note)
{
	heading(page, "###", anchor, arena_printf(page->arena, "`%s`", name), note);
}

static void label(struct doc_page *page, const char *text)
{
	fprintf(page->out, "\n**%s**\n", text);
}

static void paragraph(struct doc_page *page, const char *text)
{
	fputs("\n", page->out);
	marked(page->out, text, false);
	fputs("\n", page->out);
}

static void code_line(struct doc_page *page, const char *text)
{
	fprintf(page->out, "\n    %s\n", text);
}

static void row(struct doc_page *page, const char *const *cells)
{
	fputs("|", page->out);
	for (unsigned i = 0; i < page->columns; i++) {
		fputs(" ", page->out);
		marked(page->out, cells[i], true);
		fputs(" |", page->out);
	}
	fputs("\n", page->out);
}

static void table(struct doc_page *page, unsigned columns, const char *const *heads)
{
	static const char *const none[DOC_COLUMNS] = { "", "", "", "", "" };

	page->columns = columns;
	fputs("\n", page->out);
	row(page, heads ? heads : none);
	for (unsigned i = 0; i < columns; i++)
		fputs("|---", page->out);
	fputs("|\n", page->out);
}

static void table_end(struct doc_page *page)
{
	(void)page;
}

static void write_rule(struct doc_page *page, const struct doc_rule *rule)
{
	FILE *out = page->out;

	fprintf(out, "\n- **`%s`**%s%s%s\n", rule->id, rule->versions ? ", " : "", rule->versions ? rule->versions : "",
		rule->likely ? ", likely" : "");
	if (rule->when)
		fprintf(out, "  - when `%s`\n", rule->when);
	if (rule->must)
		fprintf(out, "  - %s `%s`\n", rule->strength, rule->must);
	if (rule->note) {
		fputs("  - ", out);
		marked(out, rule->note, false);
		fputs("\n", out);
	}
	if (rule->cite) {
		fputs("  - *", out);
		marked(out, rule->cite, false);
		fputs("*\n", out);
	}
}

int doc_markdown(const struct spec *spec, int version, FILE *out)
{
	static const struct doc_writer writer = { begin,     end,   chapter, entry,	label,	   paragraph,
						  code_line, table, row,     table_end, write_rule };

	return doc_write(spec, version, out, &writer);
}
