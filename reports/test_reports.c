/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define HOSTILE "a < b && \"c\" | #d ]]> \x01 \\ <script>"

static const char *const versions[] = { "1.0" };
static struct chapter chapter = { .name = "base", .title = "Base & more", .since = -1, .until = -1 };
static struct rule rule = { .id = "r", .full_id = "t.base.e:r", .cite = "T <1>, 1", .strength = MUST, .since = -1, .until = -1 };
static const struct rule *rules[] = { &rule };
static struct entry entry = {
	.name = "e", .full_id = "t.base.e", .chapter = &chapter, .since = -1, .until = -1, .rules = rules, .rule_count = 1
};
static const struct entry *entries[] = { &entry };
static struct spec spec = { .name = "t",
			    .document = "T",
			    .revision = "1",
			    .versions = versions,
			    .version_count = 1,
			    .entries = entries,
			    .entry_count = 1 };
static struct recording_head head = { .blob = "b<lob>", .blob_version = "1", .qemu = "QEMU 7", .claimed_major = 1 };
static struct recorded_step step = { .outcome = RECORD_RETURNED };
static struct recorded_case recorded = { .id = "t.base.e:boundary:x=max", .step_count = 1, .steps = &step };

static struct matrix *judged(enum verdict verdict)
{
	struct matrix *matrix;
	const struct judgement judgement = {
		.verdict = verdict, .rule = &rule, .entry = &entry, .recorded = &recorded, .expected = HOSTILE, .got = HOSTILE
	};

	memset(spec.sha256, 'a', 64);
	head.blob_sha256 = spec.sha256;
	head.spec_sha256 = spec.sha256;
	matrix = matrix_new(&spec, &head, "run");
	matrix_counted(matrix, &recorded);
	matrix_judged(matrix, &judgement);
	return matrix;
}

static struct matrix *folded(enum verdict verdict)
{
	struct matrix *matrix = judged(verdict);

	matrix_fold(matrix);
	return matrix;
}

/* The text a format writes; the caller frees it. */
static char *written(const char *format, enum verdict verdict, const struct report_options *options)
{
	struct matrix *matrix = folded(verdict);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(report_find(format)->run(matrix, out, options), 0);
	fclose(out);
	matrix_free(matrix);
	return text;
}

static const struct report_options plain;

static bool holds(const char *format, enum verdict verdict, const char *wanted)
{
	char *text = written(format, verdict, &plain);
	bool found = strstr(text, wanted) != NULL;

	free(text);
	return found;
}

static char *written_by(const char *format, struct matrix *take_matrix)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	matrix_fold(take_matrix);
	assert_int_equal(report_find(format)->run(take_matrix, out, &plain), 0);
	fclose(out);
	matrix_free(take_matrix);
	return text;
}

static void a_run_of_a_part_does_not_list_the_rules_of_the_rest(void **state)
{
	struct matrix *matrix = matrix_new(&spec, &head, "run");
	char *text;

	(void)state;
	text = written_by("text", matrix);
	assert_non_null(strstr(text, "  t.base.e:r  "));
	free(text);
	matrix = matrix_new(&spec, &head, "run");
	matrix->partial = "--filter x";
	text = written_by("text", matrix);
	assert_null(strstr(text, "  t.base.e:r  "));
	assert_non_null(strstr(text, "1 of entries that this part of the plan asked nothing of"));
	assert_non_null(strstr(text, "\nUNDECIDED: only a part was run (--filter x)"));
	free(text);
}

/* A run with one consumer that is stopped by one need; the caller frees the text. */
static char *written_of_consumer(const char *format, enum consumer_outcome outcome)
{
	static const struct need need = { .id = "n",
					  .cite = HOSTILE,
					  .line = HOSTILE,
					  .because = HOSTILE,
					  .unobservable = HOSTILE,
					  .otherwise = CONSEQUENCE_REFUSES };
	static const struct consumer consumer = { .name = "k<ernel>", .title = HOSTILE, .source = HOSTILE };
	static const struct consumer_reason reason = { &need, { .state = NEED_BROKEN, .case_id = "c", .got = HOSTILE } };
	struct consumer_row row = { &consumer, outcome, outcome == CONSUMER_RUNS ? 0 : 1, 0, &reason, NULL };
	struct matrix *matrix = judged(VERDICT_PASS);

	matrix->consumers = &row;
	matrix->consumer_count = 1;
	return written_by(format, matrix);
}

static void a_consumer_is_told_with_its_reason_in_every_format_for_people(void **state)
{
	char *text = written_of_consumer("text", CONSUMER_REFUSES);

	(void)state;
	assert_non_null(strstr(text, "  refuses   k<ernel>"));
	assert_non_null(strstr(text, "      so         a < b"));
	free(text);
	text = written_of_consumer("text", CONSUMER_RUNS);
	assert_non_null(strstr(text, "  runs      k<ernel>"));
	assert_null(strstr(text, "      so  "));
	free(text);
	text = written_of_consumer("html", CONSUMER_CRASHES);
	assert_non_null(strstr(text, "<span class=\"v CRASH\">crashes</span> <code>k&lt;ernel&gt;</code>"));
	assert_null(strstr(text, "<script>"));
	free(text);
}

static void a_consumer_is_told_to_programs(void **state)
{
	char *text = written_of_consumer("json", CONSUMER_REFUSES);
	json_t *root = json_loads(text, 0, NULL), *row = json_array_get(json_object_get(root, "consumers"), 0);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(row, "outcome")), "refuses");
	row = json_array_get(json_object_get(row, "reasons"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "because")), HOSTILE);
	json_decref(root);
	free(text);
}

static void the_page_says_what_the_audit_found_and_what_that_shows(void **state)
{
	struct matrix *matrix = judged(VERDICT_PASS);
	char *text;

	(void)state;
	matrix->audit.known = true;
	matrix->audit.calls = 7;
	text = written_by("html", matrix);
	assert_non_null(strstr(text, "7 calls were looked at from outside"));
	free(text);
	matrix = judged(VERDICT_PASS);
	matrix->audit.known = true;
	matrix->audit.mismatches = 3;
	matrix->audit.first = HOSTILE;
	text = written_by("html", matrix);
	assert_non_null(strstr(text, "3 records are not what the machine emulator saw"));
	assert_null(strstr(text, HOSTILE));
	free(text);
}

static void json_is_json_whatever_the_blob_said(void **state)
{
	char *text = written("json", VERDICT_FAIL, &plain);
	json_t *root = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(root);
	assert_false(json_is_true(json_object_get(root, "conformant")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(root, "failures"), 0), "got")),
			    HOSTILE);
	json_decref(root);
	free(text);
}

static void junit_tells_failures_from_errors(void **state)
{
	(void)state;
	assert_true(holds("junit", VERDICT_FAIL, "<failure type=\"FAIL\""));
	assert_true(holds("junit", VERDICT_HANG, "<failure type=\"HANG\""));
	assert_true(holds("junit", VERDICT_BROKEN, "<error type=\"BROKEN\""));
	assert_true(holds("junit", VERDICT_PASS, "failures=\"0\" errors=\"0\""));
	assert_true(holds("junit", VERDICT_UNTESTED, "<skipped message=\"untested\""));
}

static void no_text_of_a_blob_becomes_markup(void **state)
{
	(void)state;
	assert_false(holds("junit", VERDICT_FAIL, "<script>"));
	assert_false(holds("html", VERDICT_FAIL, "<script>"));
	assert_false(holds("html", VERDICT_FAIL, "b<lob>"));
	assert_false(holds("junit", VERDICT_FAIL, "\x01"));
}

static void tap_marks_a_failure_and_escapes_directives(void **state)
{
	(void)state;
	assert_true(holds("tap", VERDICT_FAIL, "not ok 1 - t.base.e:r\n  ---\n"));
	assert_true(holds("tap", VERDICT_PASS, "ok 1 - t.base.e:r\n"));
	assert_true(holds("tap", VERDICT_KNOWN, "not ok 1 - t.base.e:r # TODO"));
	assert_true(holds("tap", VERDICT_UNTESTED, "ok 1 - t.base.e:r # SKIP"));
}

static void the_terminal_gets_colour_only_when_asked(void **state)
{
	const struct report_options colored = { .color = true, .width = 80 };
	char *text = written("text", VERDICT_FAIL, &colored);

	(void)state;
	assert_non_null(strstr(text, "\033[1;31m"));
	free(text);
	assert_false(holds("text", VERDICT_FAIL, "\033"));
}

static void a_failure_on_the_terminal_has_all_that_one_needs(void **state)
{
	(void)state;
	assert_true(holds("text", VERDICT_FAIL, "t.base.e:r"));
	assert_true(holds("text", VERDICT_FAIL, "T <1>, 1"));
	assert_true(holds("text", VERDICT_FAIL, "expected   a < b"));
	assert_true(holds("text", VERDICT_FAIL, "assay replay run 't.base.e:boundary:x=max'"));
	assert_true(holds("text", VERDICT_FAIL, "NOT CONFORMANT: 1 rule failed"));
	assert_true(holds("text", VERDICT_PASS, "\nCONFORMANT\n"));
}

static const char *const all_formats[] = { "text", "json", "junit", "tap", "markdown", "html" };
#define FORMATS (sizeof(all_formats) / sizeof(all_formats[0]))

/* The rule failed in a batch; its trials ended like this. The caller frees the text. */
static char *written_after(const char *format, enum record_role role, enum verdict verdict)
{
	struct recorded_case before = {
		.id = "t.base.e:before<&>", .boot = 3, .attempt = 2, .step_count = 1, .steps = &step, .role = RECORD_BEFORE
	};
	struct recorded_case trial = {
		.id = recorded.id, .rule = rule.full_id, .boot = 3, .attempt = 2, .step_count = 1, .steps = &step, .role = role
	};
	const struct judgement judgement = { .verdict = verdict, .rule = &rule, .entry = &entry, .recorded = &trial };
	struct matrix *matrix = judged(VERDICT_FAIL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	matrix_counted(matrix, &before);
	matrix_counted(matrix, &trial);
	matrix_judged(matrix, &judgement);
	matrix_fold(matrix);
	assert_int_equal(report_find(format)->run(matrix, out, &plain), 0);
	fclose(out);
	matrix_free(matrix);
	return text;
}

static void assert_says(const char *format, enum record_role role, enum verdict verdict, const char *words)
{
	char *text = written_after(format, role, verdict);

	if (!strstr(text, words))
		fail_msg("%s: no `%s` in %s", format, words, text);
	free(text);
}

static void every_format_names_what_has_to_come_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		assert_says(all_formats[i], RECORD_SHORTEST, VERDICT_FAIL,
			    strcmp(all_formats[i], "json") ? "only after" : "only_after");
		assert_says(all_formats[i], RECORD_SHORTEST, VERDICT_FAIL, "t.base.e:before");
	}
	assert_says("text", RECORD_SHORTEST, VERDICT_FAIL, "only after t.base.e:before<&>\n");
	assert_says("text", RECORD_SHORTEST, VERDICT_FAIL, "--rule 't.base.e:r'");
	assert_says("junit", RECORD_SHORTEST, VERDICT_FAIL, "before&lt;&amp;&gt;");
	assert_says("html", RECORD_SHORTEST, VERDICT_FAIL, "before&lt;&amp;&gt;");
	assert_says("json", RECORD_SHORTEST, VERDICT_FAIL, "\"shortest\": true");
}

static void every_format_says_when_the_search_was_cut_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++)
		assert_says(all_formats[i], RECORD_SHORTER, VERDICT_FAIL,
			    strcmp(all_formats[i], "json") ? "was cut off" : "\"shortest\": false");
}

static void every_format_tells_how_often_what_is_flaky_failed_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		assert_says(all_formats[i], RECORD_ITSELF, VERDICT_PASS, "FLAKY");
		assert_says(all_formats[i], RECORD_ITSELF, VERDICT_PASS,
			    strcmp(all_formats[i], "json") ? "failed again in 0 of 1 tries" : "\"tries\": 1");
	}
	assert_says("text", RECORD_ITSELF, VERDICT_PASS, "NOT CONFORMANT: 1 rule is flaky");
	assert_says("junit", RECORD_ITSELF, VERDICT_PASS, "<failure type=\"FLAKY\"");
	assert_says("junit", RECORD_ITSELF, VERDICT_PASS, "failures=\"1\"");
	assert_says("tap", RECORD_ITSELF, VERDICT_PASS, "not ok 1 - t.base.e:r\n");
}

static void every_format_is_found_by_its_name_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++)
		assert_non_null(report_find(all_formats[i]));
	assert_null(report_find("pdf"));
}

static void two_runs_stand_side_by_side(void **state)
{
	struct matrix *a = folded(VERDICT_PASS), *b = folded(VERDICT_FAIL);
	const struct matrix *both[] = { a, b };
	const struct report_options by_rule = { .rules = true };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(report_find("markdown")->compare(both, 2, out, &by_rule), 0);
	fclose(out);
	assert_non_null(strstr(text, "| `t.base.e:r` | PASS | FAIL |"));
	assert_non_null(strstr(text, "| **conformant** | yes | no |"));
	free(text);
	matrix_free(a);
	matrix_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_of_a_part_does_not_list_the_rules_of_the_rest),
		cmocka_unit_test(a_consumer_is_told_with_its_reason_in_every_format_for_people),
		cmocka_unit_test(a_consumer_is_told_to_programs),
		cmocka_unit_test(the_page_says_what_the_audit_found_and_what_that_shows),
		cmocka_unit_test(json_is_json_whatever_the_blob_said),
		cmocka_unit_test(junit_tells_failures_from_errors),
		cmocka_unit_test(no_text_of_a_blob_becomes_markup),
		cmocka_unit_test(tap_marks_a_failure_and_escapes_directives),
		cmocka_unit_test(the_terminal_gets_colour_only_when_asked),
		cmocka_unit_test(a_failure_on_the_terminal_has_all_that_one_needs),
		cmocka_unit_test(every_format_names_what_has_to_come_before),
		cmocka_unit_test(every_format_says_when_the_search_was_cut_off),
		cmocka_unit_test(every_format_tells_how_often_what_is_flaky_failed_again),
		cmocka_unit_test(every_format_is_found_by_its_name_and_no_other),
		cmocka_unit_test(two_runs_stand_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
