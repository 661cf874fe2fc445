/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli/certify/statement.h"
#include "sandbox/sandbox.h"

#define FAILURES_SHOWN 20u

/* Control characters of ASCII and, as UTF-8 writes them (C2 80 to C2 9F), of Unicode. */
void print_safely(FILE *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		bool unicode = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

		fputc(*c < 0x20 || *c == 0x7f || unicode ? '?' : *c, out);
		c += unicode;
	}
}

/* "  label     words": an empty label goes on with the line before. */
static void line(FILE *out, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void line(FILE *out, const char *label, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(out, "  %-10s ", label);
	print_safely(out, text ? text : "");
	fputc('\n', out);
	free(text);
}

static const char * or (const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void show_subject(const struct statement *s, FILE *out)
{
	line(out, "blob", "%s %s", s->blob, or (s->blob_version, ""));
	line(out, "", "sha256 %s", s->blob_sha256);
	line(out, "judged by", "%s %s, version %s; the blob claims %s%s%s", or (s->document, s->spec), or (s->revision, ""),
	     or (s->judged_by, "(none)"), s->claim ? "something else: --claim " : "", or (s->claim, s->claimed_version),
	     s->claim ? " was asked for" : "");
	line(out, "", "sha256 %s", s->spec_sha256);
}

static void show_run(const struct statement *s, FILE *out)
{
	char all[SANDBOX_NAMES_SIZE];
	bool whole = s->sandbox && !strcmp(s->sandbox, sandbox_names(SANDBOX_ALL, all));

	line(out, "tested", "%" PRId64 " of %" PRId64 " mandatory rules; %zu rules passed, %zu warned, %zu failed",
	     (int64_t)s->tested, (int64_t)s->mandatory, s->passed, s->warned, s->failed);
	line(out, "run", "%" PRId64 " cases, %" PRId64 " calls, %" PRId64 " cases left out; effort %s, seed %" PRIu64,
	     (int64_t)s->cases, (int64_t)s->calls, (int64_t)s->left_out, s->effort, s->seed);
	if (s->random_cases)
		line(out, "", "%" PRIu64 " random cases an entry, instead of as many as the effort says", s->random_cases);
	line(out, "made with", "assay %s, QEMU %s; judged by assay %s", s->assay, s->qemu, s->judge);
	line(out, "machine", "%s, %" PRId64 " CPU%s, %" PRId64 " MiB", or (s->arch, "not on record"), (int64_t)s->harts,
	     s->harts == 1 ? "" : "s", (int64_t)(s->ram_bytes >> 20));
	if (s->machine)
		line(out, "", "%s", s->machine);
	line(out, "command", "%s", or (s->command, "not on record"));
	line(out, "sandbox", "%s%s", s->sandbox && !whole ? "only " : "", or (s->sandbox, "not on record"));
	line(out, "journal", "sha256 %s", s->journal_sha256);
	if (s->url)
		line(out, "published", "%s", s->url);
}

static void show_list(const json_t *list, const char *label, FILE *out)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		line(out, i ? "" : label, "- %s", or (json_string_value(json_array_get(list, i)), ""));
}

static void show_audit(const struct statement *s, FILE *out)
{
	line(out, "audit", "%" PRId64 " calls (%" PRId64 " %%) looked at from outside, %" PRId64 " mismatches%s%s",
	     (int64_t)s->audit_calls, (int64_t)s->audit_percent, (int64_t)s->mismatches, s->first_mismatch ? "; the first: " : "",
	     or (s->first_mismatch, ""));
	show_list(s->shows, "shows", out);
	show_list(s->cannot_show, "not shown", out);
}

static void show_failures(const struct statement *s, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < s->rule_count && count < FAILURES_SHOWN; i++)
		if (s->rules[i].claimed == CLAIMED_FAILED)
			line(out, count++ ? "" : "failed", "%s", s->rules[i].id);
	if (s->failed > count)
		line(out, "", "and %zu more", s->failed - count);
	for (size_t i = 0; i < json_array_size(s->untested) && i < FAILURES_SHOWN; i++)
		line(out, i ? "" : "untested", "%s", or (json_string_value(json_array_get(s->untested, i)), ""));
	if (json_array_size(s->untested) > FAILURES_SHOWN)
		line(out, "", "and %zu more", json_array_size(s->untested) - FAILURES_SHOWN);
}

void statement_show(const struct statement *statement, FILE *out)
{
	show_subject(statement, out);
	line(out, "result", "%s%s%s", statement->conformant ? "PASSED" : "FAILED", statement->reason ? ": " : "",
	     or (statement->reason, ""));
	show_failures(statement, out);
	show_run(statement, out);
	show_audit(statement, out);
}
