/* SPDX-License-Identifier: BSD-2-Clause */
/* test_doc.c - reference pages hold all of a version and nothing of another, in every format. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "doc/writer.h"

static struct spec *load(const char *path)
{
	struct findings *findings = findings_new();
	struct err err = { .message = "" };
	struct spec *spec = spec_load(path, findings, &err);

	findings_free(findings);
	if (!spec)
		fail_msg("%s", err.message);
	return spec;
}

static char *written(const struct spec *spec, int version, const struct doc_format *format)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(format->write(spec, version, out), 0);
	fclose(out);
	return text;
}

/* As a man page writes it. */
static const char *in_roff(struct arena *arena, const char *id)
{
	const char *text = "";

	for (; *id; id++)
		text = arena_printf(arena, *id == '-' ? "%s\\-" : "%s%c", text, *id);
	return text;
}

static void has_all(const struct spec *spec, int version, const struct doc_format *format)
{
	arena_auto struct arena *arena = arena_new();
	char *text = written(spec, version, format);

	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct entry *entry = spec->entries[i];
		const struct doc_page page = { .spec = spec, .version = version };

		if (!doc_has_entry(&page, entry))
			continue;
		if (!strstr(text, in_roff(arena, entry->name)))
			fail_msg("%s: no %s", format->name, entry->full_id);
		for (size_t r = 0; r < entry->rule_count; r++) {
			const struct rule *rule = entry->rules[r];

			if (!spec_in_version(rule->since, rule->until, version))
				continue;
			if (!strstr(text, rule->id) && !strstr(text, in_roff(arena, rule->id)))
				fail_msg("%s: no %s", format->name, rule->full_id);
		}
	}
	free(text);
}

static void every_format_holds_every_entry_and_every_rule(void **state)
{
	static const char *const specs[] = { "spec/sbi", "spec/vmi", "spec/fixtures/papr.yaml", "spec/fixtures/acpi.yaml" };

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		char path[300];
		struct spec *spec;

		snprintf(path, sizeof(path), "%s/%s", ASSAY_SOURCE, specs[i]);
		spec = load(path);
		for (const struct doc_format *format = doc_formats; format->name; format++)
			for (int version = spec->version_count ? 0 : -1; version < (int)spec->version_count; version++)
				has_all(spec, version, format);
		spec_free(spec);
	}
}

static void an_older_version_has_nothing_of_a_newer_one(void **state)
{
	struct spec *spec = load(ASSAY_SOURCE "/spec/sbi");

	(void)state;
	for (const struct doc_format *format = doc_formats; format->name; format++) {
		char *old = written(spec, 1, format), *new = written(spec, (int)spec->version_count - 1, format);

		assert_string_equal(spec->versions[1], "0.2");
		assert_null(strstr(old, "debug_console_write"));
		assert_non_null(strstr(new, "debug_console_write"));
		free(old);
		free(new);
	}
	spec_free(spec);
}

static const char odd[] =
	"assay: 1\n"
	"interface: odd\n"
	"title: Odd\n"
	"document: { title: Odd, revision: '1' }\n"
	"versions: ['1']\n"
	"convention:\n"
	"  gate: ecall\n"
	"  word: 64\n"
	"  byte_order: little\n"
	"  selector: { fid: a7 }\n"
	"  arguments: [a0, a1]\n"
	"  results: [{ name: value, type: u64, in: a0 }]\n"
	"  preserved: { all_but: [a0], cite: '1' }\n"
	"  deadline: 1ms\n"
	"chapters:\n"
	"  - chapter: one\n"
	"    title: One\n"
	"    cite: '1'\n"
	"    entries:\n"
	"      - name: first\n"
	"        cite: '1'\n"
	"        call: { fid: 1 }\n"
	"        args: [{ name: x, type: u64 }, { name: y, type: u64 }]\n"
	"        rules: [{ id: odd-one, cite: '.so <b>', must: 'x < 1 || value > 0', note: '.so /etc/passwd <script>&|_x_' }]\n";

static struct spec *load_odd(void)
{
	char path[] = "/tmp/assay-doc-XXXXXX.yaml";
	int file = mkstemps(path, 5);
	struct spec *spec;

	assert_true(file >= 0);
	assert_int_equal(write(file, odd, strlen(odd)), strlen(odd));
	close(file);
	spec = load(path);
	unlink(path);
	return spec;
}

/* What an author writes is text, whatever it means to the format. */
static void text_stays_text(void **state)
{
	struct spec *spec = load_odd();
	char *html = written(spec, 0, &doc_formats[0]), *markdown = written(spec, -1, &doc_formats[1]),
	     *man = written(spec, 0, &doc_formats[2]);

	(void)state;
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "<b>."));
	assert_non_null(strstr(html, "&lt;script&gt;&amp;|_x_"));
	assert_non_null(strstr(html, "x &lt; 1 || value &gt; 0"));
	assert_non_null(strstr(markdown, "\\<script\\>&\\|\\_x\\_"));
	assert_non_null(strstr(markdown, "`x < 1 || value > 0`"));
	assert_null(strstr(man, "\n.so"));
	assert_non_null(strstr(man, "\n\\&.so /etc/passwd"));
	free(html);
	free(markdown);
	free(man);
	spec_free(spec);
}

static void a_page_is_the_same_every_time(void **state)
{
	struct spec *spec = load_odd();

	(void)state;
	for (const struct doc_format *format = doc_formats; format->name; format++) {
		char *one = written(spec, 0, format), *two = written(spec, -1, format);

		assert_string_equal(one, two);
		free(one);
		free(two);
	}
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_holds_every_entry_and_every_rule),
		cmocka_unit_test(an_older_version_has_nothing_of_a_newer_one),
		cmocka_unit_test(text_stays_text),
		cmocka_unit_test(a_page_is_the_same_every_time),
	};

	return cmocka_run_group_tests_name("reference pages", tests, NULL, NULL);
}
