/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every file of spec/fixtures/wrong says in its own lines what the loader must find there: "# expect: CODE: PART OF MESSAGE".
 * The loader must find exactly that: nothing less, nothing more, nothing in another line.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec.h"

#define DIRECTORY ASSAY_SOURCE "/spec/fixtures/wrong"
#define MARK	  "# expect: "

static bool expects(const char *line, const struct finding *finding)
{
	const char *mark = strstr(line, MARK), *code = mark ? mark + strlen(MARK) : "";
	size_t length = strcspn(code, ":");

	return mark && !strncmp(code, finding->code, length) && !finding->code[length] && code[length] &&
	       strstr(finding->message, code + length + 2);
}

static size_t findings_in(const struct findings *findings, unsigned line)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].where.line == line;
	return count;
}

static int check_line(const struct findings *findings, const char *path, unsigned number, const char *line)
{
	size_t count = findings_in(findings, number);
	int wrong = 0;

	if (strstr(line, MARK) && !count) {
		print_message("%s:%u: expected, not found: %s\n", path, number, strstr(line, MARK));
		wrong++;
	}
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->where.line != number || expects(line, finding))
			continue;
		print_message("%s:%u:%u: not expected: %s [%s]\n", path, number, finding->where.column, finding->message,
			      finding->code);
		wrong++;
	}
	return wrong;
}

static void finds_what_its_lines_expect(void **state)
{
	const char *path = *state;
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(path, findings, &err);
	FILE *file = fopen(path, "r");
	char line[1024];
	unsigned number = 0;
	int wrong = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		wrong += check_line(findings, path, ++number, line);
	}
	fclose(file);
	for (size_t i = 0; i < findings->count; i++)
		wrong += findings->list[i].where.line > number || strcmp(findings->list[i].where.file, path);
	assert_int_equal(wrong, 0);
	assert_true(findings->count > 0);
	assert_int_equal(!spec, findings->errors > 0);
	assert_int_equal(err.message[0] != 0, findings->errors > 0);
	spec_free(spec);
	findings_free(findings);
}

static int is_yaml(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && !strcmp(end, ".yaml");
}

static char *text_of(const char *format, const char *name, int length)
{
	char *text;

	if (asprintf(&text, format, length, name) < 0)
		abort();
	return text;
}

int main(void)
{
	struct dirent **files;
	int count = scandir(DIRECTORY, &files, is_yaml, alphasort), failed;
	struct CMUnitTest *tests;

	if (count < 60) {
		fprintf(stderr, "%s: %d wrong specs, at least 60 were expected\n", DIRECTORY, count);
		return 1;
	}
	tests = calloc((size_t)count, sizeof(tests[0]));
	for (int i = 0; i < count; i++) {
		const char *name = files[i]->d_name;

		tests[i].name = text_of("%.*s", name, (int)(strrchr(name, '.') - name));
		tests[i].test_func = finds_what_its_lines_expect;
		tests[i].initial_state = text_of(DIRECTORY "/%.*s", name, (int)strlen(name));
		free(files[i]);
	}
	free(files);
	failed = _cmocka_run_group_tests("wrong specs", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++) {
		free((char *)tests[i].name);
		free(tests[i].initial_state);
	}
	free(tests);
	return failed;
}
