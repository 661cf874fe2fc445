/* SPDX-License-Identifier: BSD-2-Clause */
/* Profiles of consumers: what is read, and that each mistake is found in its line. */
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

#include "spec/consumer.h"

static const char profile[] = "consumer: kernel\n"
			      "title: A kernel\n"
			      "interface: vmi\n"
			      "source: { title: its source, url: \"https://example.org\" }\n"
			      "needs:\n"
			      "  - id: first\n"
			      "    cite: \"main.c, main\"\n"
			      "    line: \"if (x)\"\n"
			      "    entry: rom.header\n"
			      "    must: \"blocks > 0\"\n"
			      "    otherwise: refuses\n"
			      "    because: it does not go on\n"
			      "  - id: second\n"
			      "    cite: \"main.c, main\"\n"
			      "    line: \"if (y)\"\n"
			      "    entry: [rom.header, rom.header_below]\n"
			      "    there: true\n"
			      "    otherwise: crashes\n"
			      "    because: it does not go on\n"
			      "uses: [core.Init]\n";

static struct spec *spec;
static struct findings *findings;
static char path[] = "/tmp/assay-profile-XXXXXX";

static int load(void **state)
{
	struct findings *of_spec = findings_new();
	struct err err = { 0 };
	int fd = mkstemp(path);

	(void)state;
	spec = spec_load(ASSAY_SOURCE "/spec/vmi", of_spec, &err);
	findings_free(of_spec);
	if (fd >= 0)
		close(fd);
	return spec && fd >= 0 ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	unlink(path);
	spec_free(spec);
	return 0;
}

/* The profile with one text replaced, or as it is. */
static const struct consumer *read_with(const char *old, const char *new)
{
	const char *found = old ? strstr(profile, old) : NULL;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(!old || found);
	if (found)
		fprintf(file, "%.*s%s%s", (int)(found - profile), profile, new, found + strlen(old));
	else
		fputs(profile, file);
	fclose(file);
	findings_free(findings);
	findings = findings_new();
	return consumer_load(spec, path, findings);
}

static void a_profile_is_read_in_the_order_of_its_needs(void **state)
{
	const struct consumer *consumer = read_with(NULL, NULL);

	(void)state;
	assert_non_null(consumer);
	assert_string_equal(consumer->name, "kernel");
	assert_string_equal(consumer->source, "its source");
	assert_int_equal(consumer->need_count, 2);
	assert_string_equal(consumer->needs[0].id, "first");
	assert_non_null(consumer->needs[0].must);
	assert_int_equal(consumer->needs[0].otherwise, CONSEQUENCE_REFUSES);
	assert_null(consumer->needs[1].must);
	assert_int_equal(consumer->needs[1].entry_count, 2);
	assert_ptr_equal(consumer->uses[0], spec_find_entry(spec, "core.Init"));
}

static void a_mistake(const char *old, const char *new, unsigned line, const char *code, const char *part)
{
	const struct consumer *consumer = read_with(old, new);

	if (consumer)
		fail_msg("nothing was found wrong with `%s`", new);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->where.line == line && !strcmp(finding->code, code) && strstr(finding->message, part))
			return;
		print_message("%u: %s [%s]\n", finding->where.line, finding->message, finding->code);
	}
	fail_msg("`%s`: not found", new);
}

static void each_mistake_has_its_place(void **state)
{
	(void)state;
	a_mistake("title: A", "titel: A", 2, "unknown-key", "did you mean `title`?");
	a_mistake("blocks > 0", "bloks > 0", 10, "unknown-name", "did you mean `blocks`?");
	a_mistake("blocks > 0", "blocks + 1", 10, "bad-expression", "a truth value expected");
	a_mistake("otherwise: refuses", "otherwise: refuse", 11, "bad-word", "refuses");
	a_mistake("    because: it does not go on\n  - id: second", "  - id: second", 6, "missing-key", "`because`");
	a_mistake("id: second", "id: first", 13, "duplicate-id", "line 6");
	a_mistake("rom.header\n", "rom.heder\n", 9, "unknown-name", "did you mean `rom.header`?");
	a_mistake("[core.Init]", "[core.Int]", 20, "unknown-name", "did you mean `core.Init`?");
	a_mistake("there: true", "there: false", 17, "bad-word", "true");
	a_mistake("there: true", "must: \"blocks > 0\"", 17, "conflicting-keys", "over one entry");
	a_mistake("    there: true\n", "", 13, "missing-key", "one of the keys");
	a_mistake("    entry: rom.header\n", "", 6, "missing-key", "`entry`");
	a_mistake("must: \"blocks > 0\"", "must: \"blocks > 0\"\n    there: true", 6, "conflicting-keys", "one of the keys");
	a_mistake("    must: \"blocks > 0\"", "    each: { nubmer: [1] }\n    must: \"blocks > 0\"", 10, "unknown-name",
		  "no argument `nubmer`");
	a_mistake("entry: rom.header\n    must: \"blocks > 0\"",
		  "entry: rom.GetRelocationInfo\n    each: { number: [0..64] }\n    must: returned", 10, "too-many", "64 values");
	a_mistake("needs:\n", "needs: nothing\nneed:\n", 5, "wrong-type", "a list");
}

static void what_nobody_can_see_needs_no_entry(void **state)
{
	const struct consumer *consumer =
		read_with("    entry: rom.header\n    must: \"blocks > 0\"\n", "    unobservable: nobody asks for it\n");

	(void)state;
	assert_non_null(consumer);
	assert_string_equal(consumer->needs[0].unobservable, "nobody asks for it");
	assert_int_equal(consumer->needs[0].entry_count, 0);
}

static void a_profile_changes_nothing_about_its_spec(void **state)
{
	char sha256[65];
	size_t entries = spec->entry_count, rules = spec->rule_count;

	(void)state;
	memcpy(sha256, spec->sha256, sizeof(sha256));
	read_with(NULL, NULL);
	assert_string_equal(spec->sha256, sha256);
	assert_int_equal(spec->entry_count, entries);
	assert_int_equal(spec->rule_count, rules);
}

static void every_profile_of_the_tree_is_sound(void **state)
{
	struct findings *of_profiles = findings_new();
	struct consumers *consumers = consumers_load(spec, consumers_directory(spec), of_profiles);

	(void)state;
	assert_int_equal(of_profiles->count, 0);
	assert_int_equal(consumers->count, 3);
	findings_free(of_profiles);
}

static void no_directory_has_no_profiles(void **state)
{
	struct findings *of_profiles = findings_new();

	(void)state;
	assert_int_equal(consumers_load(spec, "/nowhere/consumers", of_profiles)->count, 0);
	assert_int_equal(of_profiles->count, 0);
	findings_free(of_profiles);
	findings_free(findings);
	findings = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_read_in_the_order_of_its_needs),
		cmocka_unit_test(each_mistake_has_its_place),
		cmocka_unit_test(what_nobody_can_see_needs_no_entry),
		cmocka_unit_test(a_profile_changes_nothing_about_its_spec),
		cmocka_unit_test(every_profile_of_the_tree_is_sound),
		cmocka_unit_test(no_directory_has_no_profiles),
	};

	return cmocka_run_group_tests_name("consumer", tests, load, unload);
}
