/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every spec of the tree loads without an error: the interfaces that are directories, and the small ones of spec/fixtures, which
 * hold the shapes that the language must not lose.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/lint.h"
#include "spec/spec.h"

static void check_rules(const struct spec *spec)
{
	for (size_t i = 0; i < spec->rule_count; i++) {
		const struct rule *rule = spec->rules[i];

		assert_int_equal(rule->number, i);
		assert_non_null(rule->cite);
		assert_int_equal(!rule->must, rule->strength > MAY);
		assert_ptr_equal(spec_find_entry(spec, rule->entry->full_id), rule->entry);
	}
}

static void loads_without_an_error(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(*state, findings, &err);
	size_t errors = findings->errors;

	lint_print(stderr, findings);
	if (spec)
		check_rules(spec);
	findings_free(findings);
	assert_int_equal(errors, 0);
	assert_non_null(spec);
	assert_true(spec->entry_count > 0);
	spec_free(spec);
}

int main(void)
{
	const size_t prefix = strlen(ASSAY_SOURCE "/spec/");
	struct CMUnitTest *tests;
	glob_t paths = { 0 };
	int failed;

	if (glob(ASSAY_SOURCE "/spec/fixtures/*.yaml", 0, NULL, &paths) ||
	    glob(ASSAY_SOURCE "/spec/*/interface.yaml", GLOB_APPEND, NULL, &paths)) {
		fprintf(stderr, "no specs below " ASSAY_SOURCE "/spec\n");
		return 1;
	}
	tests = calloc(paths.gl_pathc, sizeof(tests[0]));
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		char *file = strstr(paths.gl_pathv[i], "/interface.yaml");

		/* A spec is named by its directory. */
		if (file)
			*file = 0;
		tests[i] = (struct CMUnitTest){ .name = paths.gl_pathv[i] + prefix,
						.test_func = loads_without_an_error,
						.initial_state = paths.gl_pathv[i] };
	}
	failed = _cmocka_run_group_tests("specs", tests, paths.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&paths);
	return failed;
}
