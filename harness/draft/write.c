/* SPDX-License-Identifier: BSD-2-Clause */
/* write.c - the draft as a specification in one file. Everything in it is `unspecified`: it demands nothing of anybody. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "draft/draft.h"

#define NOT_SPECIFIED "observed, not specified"

/* Words in double quotes, as YAML wants them. */
static void quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	fputc('"', out);
}

static void pair(FILE *out, const char *indent, const char *key, const char *text)
{
	fprintf(out, "%s%s: ", indent, key);
	quoted(out, text);
	fputc('\n', out);
}

/* Citations have the document's name before them, and get it again when the draft is read. */
static const char *section(const struct spec *spec, const char *cite)
{
	const char *revision = cite ? strstr(cite, spec->revision) : NULL;

	if (!revision || strncmp(revision + strlen(spec->revision), ", ", 2))
		return cite ? cite : NOT_SPECIFIED;
	return revision + strlen(spec->revision) + 2;
}

static void list(FILE *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? ", " : "", names[i]);
}

/* ---- the interface ---- */

static void write_head(const struct draft *draft, FILE *out)
{
	const struct spec *spec = draft->spec;

	fprintf(out,
		"# Calls that the specification `%s` does not name, as a blob answered them. Observed, not specified: nothing here is\n"
		"# a rule. What is to become one needs a citation.\n"
		"assay: 1\ninterface: %s\n",
		spec->name, spec->name);
	pair(out, "", "title", arena_printf(draft->arena, "%s: what it does not name", spec->title));
	fputs("document:\n", out);
	pair(out, "  ", "title", spec->document);
	pair(out, "  ", "revision", spec->revision);
	if (spec->url)
		pair(out, "  ", "url", spec->url);
	fputs("versions: [", out);
	for (size_t i = 0; i < spec->version_count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", spec->versions[i]);
	fputs("]\n", out);
}

static void write_selector(const struct draft *draft, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;

	fputs("  selector: { ", out);
	for (size_t i = 0; i < convention->selector_count; i++)
		fprintf(out, "%s%s: %s", i ? ", " : "", convention->selector_name[i],
			place_text(draft->arena, &convention->selector[i]));
	fputs(" }\n  arguments: [", out);
	list(out, convention->arguments, convention->argument_count);
	fputs("]\n  results:\n", out);
	for (size_t i = 0; i < convention->result_count; i++)
		fprintf(out, "    - { name: %s, type: %c%u, in: %s }\n", convention->results[i].name,
			convention->results[i].type->base.is_signed ? 's' : 'u', convention->results[i].type->base.bits,
			place_text(draft->arena, &convention->results[i].place));
}

static void write_kept(const struct draft *draft, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;

	fprintf(out, "  preserved:\n    %s: [", convention->preserve_all_but ? "all_but" : "only");
	list(out, convention->preserved, convention->preserved_count);
	fputs("]\n", out);
	pair(out, "    ", "cite", section(draft->spec, convention->cites[UNIVERSAL_PRESERVED_REGISTERS]));
	if (!convention->control_count)
		return;
	fputs("  control:\n    preserved: [", out);
	list(out, convention->control, convention->control_preserved);
	fputs("]\n    watched: [", out);
	list(out, convention->control + convention->control_preserved, convention->control_count - convention->control_preserved);
	fputs("]\n", out);
	pair(out, "    ", "cite", section(draft->spec, convention->cites[UNIVERSAL_PRESERVED_CONTROL]));
}

static void write_status(const struct draft *draft, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;

	if (convention->status >= 0)
		fprintf(out, "  status: %s\n", convention->results[convention->status].name);
	if (convention->status >= 0 || convention->success.value)
		fprintf(out, "  success: { %s: %" PRId64 " }\n", convention->results[convention->success.result].name,
			(int64_t)convention->success.value);
	if (!convention->unsupported)
		return;
	fputs("  unsupported:\n", out);
	pair(out, "    ", "must", expr_text(convention->unsupported));
	pair(out, "    ", "cite", section(draft->spec, convention->cites[UNIVERSAL_UNSUPPORTED]));
}

static void write_convention(const struct draft *draft, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;

	fprintf(out, "convention:\n  gate: %s\n  word: %u\n  byte_order: %s\n", convention->gate, convention->word,
		convention->big_endian ? "big" : "little");
	write_selector(draft, out);
	write_kept(draft, out);
	write_status(draft, out);
	fprintf(out, "  deadline: %" PRIu64 "us\n  cites:\n", convention->deadline_ns / 1000);
	for (int i = 0; i < UNIVERSAL_COUNT; i++)
		if (i != UNIVERSAL_FOUND && convention->cites[i])
			pair(out, "    ", universal_rules[i], section(draft->spec, convention->cites[i]));
	fputs("  unspecified: [", out);
	for (int i = 0; i < UNIVERSAL_FOUND; i++)
		fprintf(out, "%s%s", i ? ", " : "", universal_rules[i]);
	fputs("]\n", out);
}

static void write_values(FILE *out, const char *key, const struct named_value *values, size_t count, bool is_signed)
{
	if (!count)
		return;
	fprintf(out, "%s:\n", key);
	for (size_t i = 0; i < count; i++)
		fprintf(out, is_signed ? "  %s: %" PRId64 "\n" : "  %s: 0x%" PRIx64 "\n", values[i].name, values[i].value);
}

/* ---- calls ---- */

/* Addresses in the first arguments, numbers in the others; a sample may put a number in an address's place. */
static unsigned address_count(const struct convention *convention)
{
	return convention->argument_count < RECORD_BUFFERS ? (unsigned)convention->argument_count : RECORD_BUFFERS;
}

static void write_args(const struct draft *draft, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;
	unsigned addresses = address_count(convention);

	fputs("        args:\n", out);
	for (unsigned i = 0; i < convention->argument_count; i++) {
		fprintf(out, "          - { name: arg%u, type: u%u", i, convention->word);
		if (i < addresses)
			fprintf(out, ", buffer: { size: %u, direction: inout, align: 8 }", DRAFT_MEMORY);
		fputs(" }\n", out);
	}
}

/*
 * What is passed in the place of the addresses: nothing, one address with a length before it or behind it, all of them, small
 * numbers, ones. A register that is not named is an address, or 0.
 */
static void write_samples(const struct draft *draft, FILE *out)
{
	static const char *const samples[][RECORD_BUFFERS] = {
		{ "0", "0", "0" },    { "16", NULL, "0" }, { NULL, "16", "0" },
		{ NULL, NULL, NULL }, { "1", "1", "1" },   { "-1", "-1", "-1" },
	};
	unsigned addresses = address_count(&draft->spec->convention);

	if (!addresses)
		return;
	fputs("        samples:\n", out);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *comma = "";

		fputs("          - { ", out);
		for (unsigned a = 0; a < addresses; a++) {
			if (!samples[i][a])
				continue;
			fprintf(out, "%sarg%u: %s", comma, a, samples[i][a]);
			comma = ", ";
		}
		fputs(*comma ? " }\n" : "}\n", out);
	}
}

static void write_outcomes(const struct observed *observed, FILE *out)
{
	static const struct {
		enum record_outcome outcome;
		const char *word;
	} words[] = { { RECORD_TRAPPED, "traps" },
		      { RECORD_LANDED, "lands" },
		      { RECORD_STOPPED, "stops" },
		      { RECORD_SHUTDOWN, "shutdown" },
		      { RECORD_RESET, "reset" } };

	fputs("        outcomes: [returns", out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (observed->outcomes & (1u << words[i].outcome))
			fprintf(out, ", %s", words[i].word);
	fputs("]\n", out);
}

static void write_call(const struct draft *draft, const struct draft_call *call, const struct recording_head *head, FILE *out)
{
	const struct convention *convention = &draft->spec->convention;

	fprintf(out, "      - name: %s\n        cite: " NOT_SPECIFIED "\n        call: { ", call->name);
	for (size_t i = 0; i < convention->selector_count; i++)
		fprintf(out, "%s%s: 0x%" PRIx64, i ? ", " : "", convention->selector_name[i], call->selector[i]);
	fputs(" }\n", out);
	write_args(draft, out);
	if (head)
		write_outcomes(&call->observed, out);
	if (head && call->observed.console)
		fputs("        console: { output: any }\n", out);
	write_samples(draft, out);
	if (!head)
		return;
	fputs("        unspecified:\n          - id: observed\n            cite: " NOT_SPECIFIED "\n", out);
	pair(out, "            ", "note", draft_words(draft, call, head));
}

int draft_write(const struct draft *draft, const struct recording_head *head, FILE *out)
{
	const struct spec *spec = draft->spec;
	const char *chapter = "";

	write_head(draft, out);
	write_convention(draft, out);
	write_values(out, "errors", spec->errors, spec->error_count, true);
	write_values(out, "constants", spec->constants, spec->constant_count, false);
	fputs("chapters:\n", out);
	for (size_t i = 0; i < draft->count; i++) {
		const struct draft_call *call = &draft->calls[i];

		if (head && !draft_is_there(call))
			continue;
		if (strcmp(chapter, call->chapter))
			fprintf(out,
				"  - chapter: %s\n    title: %s, " NOT_SPECIFIED "\n    cite: " NOT_SPECIFIED "\n    entries:\n",
				call->chapter, call->chapter);
		chapter = call->chapter;
		write_call(draft, call, head, out);
	}
	return ferror(out) ? -1 : 0;
}
