/* SPDX-License-Identifier: BSD-2-Clause */
/* html.c - one self-contained page: no script, nothing loaded from elsewhere, readable in light and dark and on paper. */
#include <string.h>

#include "base/arena.h"
#include "doc/formats.h"
#include "doc/writer.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1f2328;--quiet:#656d76;--line:#d0d7de;--soft:#f6f8fa;--paper:#fff;--link:#0969da;"
	"--must:#1a7f37;--not:#cf222e;--should:#9a6700;--open:#8250df}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#8d96a0;--line:#30363d;--soft:#161b22;--paper:#0d1117;"
	"--link:#58a6ff;--must:#4ac26b;--not:#ff7b72;--should:#d4a72c;--open:#bc8cff}}\n"
	"*{box-sizing:border-box}html{scroll-padding-top:1rem}\n"
	"body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif;display:grid;"
	"grid-template-columns:17rem minmax(0,1fr)}\n"
	"a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\n"
	"code,pre{font:.87em/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}code{overflow-wrap:anywhere}\n"
	"nav{position:sticky;top:0;height:100vh;overflow-y:auto;border-right:1px solid var(--line);background:var(--soft);"
	"padding:1.2rem 1rem;font-size:.87rem}\n"
	"nav b{display:block;margin-bottom:.6rem;font-size:1rem}nav a{display:block;padding:.05rem 0;color:var(--ink)}\n"
	"nav details{margin:.15rem 0}nav summary{cursor:pointer;color:var(--quiet)}nav details a{padding-left:1.1rem;overflow-wrap:anywhere}\n"
	"main{padding:2rem 2.5rem 6rem;max-width:66rem}\n"
	"h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}.sub{color:var(--quiet);margin:0 0 2rem}\n"
	"h2{font-size:1.4rem;margin:3.2rem 0 .3rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}\n"
	"h3{font-size:1.1rem;margin:2.4rem 0 .2rem}h3 code{font-size:1em}h4{font-size:.8rem;letter-spacing:.04em;text-transform:uppercase;"
	"color:var(--quiet);margin:1.3rem 0 .3rem;font-weight:600}\n"
	".note{color:var(--quiet);font-size:.87rem;font-weight:400}.note:before{content:\"\\2002\"}\n"
	".sig{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.55rem .8rem;margin:.5rem 0;white-space:pre-wrap;"
	"overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;margin:.4rem 0;width:100%}th{text-align:left;font-weight:600;font-size:.82rem;color:var(--quiet)}\n"
	"th,td{padding:.3rem .8rem .3rem 0;vertical-align:top;border-bottom:1px solid var(--line)}\n"
	"table.facts td:first-child{color:var(--quiet);white-space:nowrap;width:11rem}\n"
	"td:first-child{width:11rem}td:nth-child(2):nth-last-child(3){width:8rem}td:nth-child(3):nth-last-child(2){width:8rem}\n"
	".rule{border-left:3px solid var(--must);padding:.15rem 0 .15rem .9rem;margin:.7rem 0}.rule p{margin:.1rem 0}\n"
	".rule .say{display:grid;grid-template-columns:4.2rem minmax(0,1fr);gap:.1rem .4rem}.rule .say i{font-style:normal;font-weight:600;"
	"font-size:.87rem}\n"
	".must i.m{color:var(--must)}.must-not{border-color:var(--not)}.must-not i.m{color:var(--not)}"
	".should,.may{border-color:var(--should)}.should i.m,.may i.m{color:var(--should)}"
	".open,.unseen{border-color:var(--open)}.likely{border-left-style:dashed}\n"
	".id{font-weight:600}.tag{border:1px solid var(--line);border-radius:1rem;padding:0 .5rem;font-size:.75rem;color:var(--quiet);"
	"margin-left:.4rem;white-space:nowrap}.cite{color:var(--quiet);font-size:.82rem}\n"
	"@media(max-width:60rem){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid "
	"var(--line)}main{padding:1.2rem}table{display:block;overflow-x:auto}}\n"
	"@media print{body{display:block}nav{display:none}.rule,tr{break-inside:avoid}h2,h3{break-after:avoid}}\n";

void doc_xml(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else
			fputc(c < ' ' && c != '\n' && c != '\t' ? ' ' : c, out);
	}
}

static void xml(FILE *out, const char *text)
{
	doc_xml(out, text, strlen(text));
}

/* A backtick begins code, the next one ends it. */
static void marked(FILE *out, const char *text)
{
	bool code = false;

	while (*text) {
		size_t length = strcspn(text, "`");

		doc_xml(out, text, length);
		text += length;
		if (!*text)
			break;
		fputs(code ? "</code>" : "<code>", out);
		code = !code;
		text++;
	}
	fputs(code ? "</code>" : "", out);
}

/* ---- the list of what there is ---- */

static void link_to(FILE *out, const char *anchor, const char *text)
{
	fputs("<a href=\"#", out);
	xml(out, anchor);
	fputs("\">", out);
	xml(out, text);
	fputs("</a>\n", out);
}

static void list_chapter(struct doc_page *page, const struct chapter *chapter)
{
	bool begun = false;

	for (size_t i = 0; i < chapter->entry_count; i++) {
		if (!doc_has_entry(page, chapter->entries[i]))
			continue;
		if (!begun) {
			fputs("<details open><summary>", page->out);
			xml(page->out, chapter->title ? chapter->title : chapter->name);
			fputs("</summary>\n", page->out);
			link_to(page->out, arena_printf(page->arena, "%s.%s", page->spec->name, chapter->name), "overview");
		}
		begun = true;
		link_to(page->out, chapter->entries[i]->full_id, chapter->entries[i]->name);
	}
	fputs(begun ? "</details>\n" : "", page->out);
}

static void begin(struct doc_page *page, const char *title, const char *subtitle)
{
	FILE *out = page->out;

	fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      out);
	xml(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n<nav>\n<b>", style);
	xml(out, title);
	fputs("</b>\n", out);
	if (page->spec->convention.gate)
		link_to(out, "convention", "Calling convention");
	for (size_t i = 0; i < page->spec->chapter_count; i++)
		list_chapter(page, page->spec->chapters[i]);
	fputs("</nav>\n<main>\n<h1>", out);
	xml(out, title);
	fputs("</h1>\n<p class=\"sub\">", out);
	marked(out, subtitle);
	fputs("</p>\n", out);
}

static void end(struct doc_page *page)
{
	fputs("</main>\n</html>\n", page->out);
}

/* ---- parts ---- */

static void heading(struct doc_page *page, const char *level, const char *anchor, const char *title, const char *note, bool code)
{
	fprintf(page->out, "<%s id=\"", level);
	xml(page->out, anchor);
	fputs(code ? "\"><code>" : "\">", page->out);
	xml(page->out, title);
	fputs(code ? "</code>" : "", page->out);
	if (note && *note) {
		fputs("<span class=\"note\">", page->out);
		xml(page->out, note);
		fputs("</span>", page->out);
	}
	fprintf(page->out, "</%s>\n", level);
}

static void chapter(struct doc_page *page, const char *anchor, const char *title, const char *note)
{
	heading(page, "h2", anchor, title, note, false);
}

static void entry(struct doc_page *page, const char *anchor, const char *name, const char *note)
{
	heading(page, "h3", anchor, name, note, true);
}

static void label(struct doc_page *page, const char *text)
{
	fprintf(page->out, "<h4>%s</h4>\n", text);
}

static void paragraph(struct doc_page *page, const char *text)
{
	fputs("<p>", page->out);
	marked(page->out, text);
	fputs("</p>\n", page->out);
}

static void code_line(struct doc_page *page, const char *text)
{
	fputs("<pre class=\"sig\">", page->out);
	xml(page->out, text);
	fputs("</pre>\n", page->out);
}

static void table(struct doc_page *page, unsigned columns, const char *const *heads)
{
	page->columns = columns;
	fputs(heads ? "<table>\n<tr>" : "<table class=\"facts\">\n", page->out);
	for (unsigned i = 0; heads && i < columns; i++)
		fprintf(page->out, "<th>%s</th>", heads[i]);
	fputs(heads ? "</tr>\n" : "", page->out);
}

static void row(struct doc_page *page, const char *const *cells)
{
	fputs("<tr>", page->out);
	for (unsigned i = 0; i < page->columns; i++) {
		fputs("<td>", page->out);
		marked(page->out, cells[i]);
		fputs("</td>", page->out);
	}
	fputs("</tr>\n", page->out);
}

static void table_end(struct doc_page *page)
{
	fputs("</table>\n", page->out);
}

static void say(FILE *out, const char *class, const char *word, const char *expression)
{
	fprintf(out, "<i%s>%s</i><code>", class, word);
	xml(out, expression);
	fputs("</code>\n", out);
}

static void class_of(FILE *out, const struct doc_rule *rule)
{
	fputs("<div class=\"rule ", out);
	for (const char *c = rule->strength; *c; c++)
		fputc(*c == ' ' ? '-' : *c, out);
	fputs(rule->likely ? " likely\">\n" : "\">\n", out);
}

static void write_rule(struct doc_page *page, const struct doc_rule *rule)
{
	FILE *out = page->out;

	class_of(out, rule);
	fputs("<p><code class=\"id\">", out);
	xml(out, rule->id);
	fputs("</code>", out);
	if (rule->versions)
		fprintf(out, "<span class=\"tag\">%s</span>", rule->versions);
	if (rule->likely)
		fputs("<span class=\"tag\" title=\"rests on a reading of an unclear text\">likely</span>", out);
	fputs("</p>\n<div class=\"say\">\n", out);
	if (rule->when)
		say(out, "", "when", rule->when);
	if (rule->must)
		say(out, " class=\"m\"", rule->strength, rule->must);
	fputs("</div>\n", out);
	if (rule->note) {
		fputs("<p>", out);
		xml(out, rule->note);
		fputs("</p>\n", out);
	}
	if (rule->cite) {
		fputs("<p class=\"cite\">", out);
		xml(out, rule->cite);
		fputs("</p>\n", out);
	}
	fputs("</div>\n", out);
}

int doc_html(const struct spec *spec, int version, FILE *out)
{
	static const struct doc_writer writer = { begin,     end,   chapter, entry,	label,	   paragraph,
						  code_line, table, row,     table_end, write_rule };

	return doc_write(spec, version, out, &writer);
}
