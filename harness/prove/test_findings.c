/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every file of spec/fixtures/unsound can be loaded, and says in its own lines what is to be proved of it:
 * "# expect: CODE: PART OF MESSAGE". Exactly that must be found, and the same a second time, from the cache.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prove/prove.h"
#include "spec/lint.h"

#define DIRECTORY ASSAY_SOURCE "/spec/fixtures/unsound"
#define MARK	  "# expect: "

static char cache[] = "/tmp/assay-proofs-XXXXXX";

static struct findings *findings_of(const char *path, const char *kept, struct prove_summary *summary)
{
	const struct prove_options options = { 2, kept };
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(path, findings, &err);

	if (!spec)
		fail_msg("%s", err.message);
	assert_int_equal(findings->count, 0);
	assert_int_equal(prove_spec(spec, &options, findings, summary, &err), 0);
	findings_sort(findings);
	spec_free(spec);
	return findings;
}

static bool expects(const char *line, const struct finding *finding)
{
	const char *mark = strstr(line, MARK), *code = mark ? mark + strlen(MARK) : "";
	size_t length = strcspn(code, ":");

	return mark && !strncmp(code, finding->code, length) && !finding->code[length] && code[length] &&
	       strstr(finding->message, code + length + 2);
}

static int check_line(const struct findings *findings, const char *path, unsigned number, const char *line)
{
	bool found = false;
	int wrong = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->where.line != number)
			continue;
		found |= expects(line, finding);
		if (expects(line, finding))
			continue;
		print_message("%s:%u: not expected: %s [%s]\n", path, number, finding->message, finding->code);
		wrong++;
	}
	if (strstr(line, MARK) && !found)
		print_message("%s:%u: expected, not found: %s\n", path, number, strstr(line, MARK));
	return wrong + (strstr(line, MARK) && !found);
}

static void proves_what_its_lines_expect(void **state)
{
	const char *path = *state;
	struct prove_summary summary;
	struct findings *findings = findings_of(path, NULL, &summary);
	FILE *file = fopen(path, "r");
	char line[1024];
	unsigned number = 0, undecided = 0;
	int wrong = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		wrong += check_line(findings, path, ++number, line);
		undecided += strstr(line, MARK "undecided:") != NULL;
	}
	fclose(file);
	assert_int_equal(wrong, 0);
	assert_true(findings->count > 0);
	assert_int_equal(summary.undecided, undecided);
	findings_free(findings);
}

static char *text_of(const struct findings *findings)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	lint_print(out, findings);
	fclose(out);
	return text;
}

static void check_same(const struct findings *first, const struct findings *second)
{
	char *a = text_of(first), *b = text_of(second);

	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void each_file(const char *directory, void (*visit)(const char *path))
{
	struct dirent **files;
	int count = scandir(directory, &files, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char path[4500];

		snprintf(path, sizeof(path), "%s/%s", directory, files[i]->d_name);
		if (files[i]->d_name[0] != '.')
			visit(path);
		free(files[i]);
	}
	free(files);
}

static void check_kept(const char *path)
{
	struct prove_summary cold, warm;
	struct findings *first = findings_of(path, cache, &cold), *second = findings_of(path, cache, &warm);

	assert_int_equal(warm.cached, warm.entries);
	check_same(first, second);
	findings_free(first);
	findings_free(second);
}

static void what_was_proved_is_kept(void **state)
{
	(void)state;
	each_file(DIRECTORY, check_kept);
}

static void damage(const char *path)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	fputc('X', file);
	fclose(file);
}

static void a_damaged_cache_is_none(void **state)
{
	const char *path = DIRECTORY "/codes-contradict.yaml";
	struct prove_summary before, after;
	struct findings *first = findings_of(path, cache, &before), *second;

	(void)state;
	assert_int_equal(before.cached, before.entries);
	each_file(cache, damage);
	second = findings_of(path, cache, &after);
	assert_int_equal(after.cached, 0);
	check_same(first, second);
	findings_free(first);
	findings_free(second);
}

static void forget(const char *path)
{
	unlink(path);
}

static int is_yaml(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && !strcmp(end, ".yaml");
}

static char *joined(const char *format, const char *name)
{
	char *text;

	if (asprintf(&text, format, name) < 0)
		abort();
	return text;
}

int main(void)
{
	struct dirent **files;
	int count = scandir(DIRECTORY, &files, is_yaml, alphasort), failed;
	struct CMUnitTest *tests;

	if (count < 30 || !mkdtemp(cache)) {
		fprintf(stderr, "%s: %d specs, at least 30 were expected\n", DIRECTORY, count);
		return 1;
	}
	tests = calloc((size_t)count + 2, sizeof(tests[0]));
	for (int i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){ .name = joined("%s", files[i]->d_name),
						.test_func = proves_what_its_lines_expect,
						.initial_state = joined(DIRECTORY "/%s", files[i]->d_name) };
	tests[count] = (struct CMUnitTest)cmocka_unit_test(what_was_proved_is_kept);
	tests[count + 1] = (struct CMUnitTest)cmocka_unit_test(a_damaged_cache_is_none);
	failed = _cmocka_run_group_tests("findings", tests, (size_t)count + 2, NULL, NULL);
	each_file(cache, forget);
	rmdir(cache);
	for (int i = 0; i < count; i++) {
		free((char *)tests[i].name);
		free(tests[i].initial_state);
		free(files[i]);
	}
	free(files);
	free(tests);
	return failed;
}
