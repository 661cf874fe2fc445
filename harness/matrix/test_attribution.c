/* SPDX-License-Identifier: BSD-2-Clause */
/* What a failure takes, from recordings of its trials. */
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

#include "matrix/matrix.h"

static const char *const versions[] = { "1.0" };
static struct chapter chapter = { .name = "base", .since = -1, .until = -1 };
static struct rule rule = { .id = "r", .full_id = "t.base.e:r", .strength = MUST, .since = -1, .until = -1 };
static const struct rule *rules[] = { &rule };
static struct entry entry = {
	.name = "e", .full_id = "t.base.e", .chapter = &chapter, .since = -1, .until = -1, .rules = rules, .rule_count = 1
};
static const struct entry *entries[] = { &entry };
static struct spec spec = { .name = "t", .versions = versions, .version_count = 1, .entries = entries, .entry_count = 1 };
static struct recording_head head = { .blob = "b", .blob_version = "1.5", .claimed_major = 1 };
static struct matrix *matrix;
static const struct rule_row *row;

static int setup(void **state)
{
	(void)state;
	matrix = matrix_new(&spec, &head, "run");
	row = &matrix->entries[0].rules[0];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	matrix_free(matrix);
	return 0;
}

/* A record, and how the rule judges it. */
static void give(const char *id, uint32_t boot, uint32_t attempt, enum record_role role, enum verdict verdict)
{
	struct recorded_step step = { .outcome = RECORD_RETURNED };
	const struct recorded_case recorded = { .id = id,
						.rule = attempt > 1 ? "t.base.e:r" : NULL,
						.boot = boot,
						.attempt = attempt,
						.step_count = 1,
						.steps = &step,
						.role = role };
	const struct judgement judgement = { .verdict = verdict, .rule = &rule, .entry = &entry, .recorded = &recorded };

	matrix_counted(matrix, &recorded);
	matrix_judged(matrix, &judgement);
}

static void fail_in_a_batch(void)
{
	give("x", 1, 0, RECORD_ITSELF, VERDICT_PASS);
	give("y", 1, 0, RECORD_ITSELF, VERDICT_FAIL);
	give("z", 1, 0, RECORD_ITSELF, VERDICT_FAIL);
}

/* One trial of y behind a and b. */
static void give_trial(uint32_t boot, uint32_t attempt, enum record_role role, enum verdict verdict)
{
	give("a", boot, attempt, RECORD_BEFORE, VERDICT_FAIL);
	give("b", boot, attempt, RECORD_BEFORE, VERDICT_PASS);
	give("y", boot, attempt, role, verdict);
}

static void what_fails_alone_again_needs_no_trial(void **state)
{
	(void)state;
	fail_in_a_batch();
	assert_true(matrix_is_open(row));
	give("z", 2, 1, RECORD_ITSELF, VERDICT_FAIL);
	assert_false(matrix_is_open(row));
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_ALONE);
	assert_int_equal(row->cell.verdict, VERDICT_FAIL);
}

static void what_passes_has_nothing_to_attribute(void **state)
{
	(void)state;
	give("x", 1, 0, RECORD_ITSELF, VERDICT_PASS);
	assert_false(matrix_is_open(row));
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_NONE);
}

static void what_nobody_looked_into_is_a_failure_all_the_same(void **state)
{
	(void)state;
	fail_in_a_batch();
	give("y", 2, 1, RECORD_ITSELF, VERDICT_PASS);
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_OPEN);
	assert_int_equal(row->cell.verdict, VERDICT_FAIL);
	assert_false(matrix->conformant);
}

static void what_fails_behind_the_same_every_time_takes_them(void **state)
{
	(void)state;
	fail_in_a_batch();
	give("y", 2, 1, RECORD_ITSELF, VERDICT_PASS);
	give_trial(3, 2, RECORD_SHORTEST, VERDICT_FAIL);
	give_trial(4, 3, RECORD_SHORTEST, VERDICT_FAIL);
	assert_false(matrix_is_open(row));
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_SEQUENCE);
	assert_int_equal(row->cell.verdict, VERDICT_FAIL);
	assert_int_equal(row->attribution.after_count, 2);
	assert_string_equal(row->attribution.after[0], "a");
	assert_string_equal(row->attribution.after[1], "b");
	assert_true(row->attribution.shortest);
	assert_ptr_equal(row->examples[0].sequence, &row->attribution);
	assert_null(row->examples[1].sequence); /* z: nobody has tried it */
	assert_string_equal(row->examples[0].replay, "assay replay run 'y' --rule 't.base.e:r'");
}

static void a_search_that_was_cut_off_is_told_from_one_that_ended(void **state)
{
	(void)state;
	fail_in_a_batch();
	give_trial(3, 2, RECORD_SHORTER, VERDICT_FAIL);
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_SEQUENCE);
	assert_false(row->attribution.shortest);
}

static void what_does_not_fail_again_is_flaky_with_its_rate_and_no_pass(void **state)
{
	(void)state;
	fail_in_a_batch();
	give("y", 2, 1, RECORD_ITSELF, VERDICT_PASS);
	give("y", 3, 2, RECORD_ITSELF, VERDICT_PASS);
	give("y", 4, 3, RECORD_ITSELF, VERDICT_FAIL);
	give_trial(5, 4, RECORD_ITSELF, VERDICT_PASS);
	assert_false(matrix_is_open(row));
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_FLAKY);
	assert_int_equal(row->attribution.failed, 1);
	assert_int_equal(row->attribution.tries, 3);
	assert_int_equal(row->cell.verdict, VERDICT_FLAKY);
	assert_int_equal(row->cell.counts[VERDICT_FLAKY], 2); /* z, too */
	assert_int_equal(row->cell.counts[VERDICT_FAIL], 0);
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_FLAKY);
	assert_int_equal(row->examples[0].verdict, VERDICT_FLAKY);
	assert_false(matrix->conformant);
	assert_string_equal(matrix->why_not, "1 rule is flaky: failed, and not every time");
}

static void a_sequence_that_fails_only_sometimes_is_flaky(void **state)
{
	(void)state;
	fail_in_a_batch();
	give_trial(3, 2, RECORD_SHORTEST, VERDICT_FAIL);
	give_trial(4, 3, RECORD_SHORTEST, VERDICT_PASS);
	matrix_fold(matrix);
	assert_int_equal(row->cell.verdict, VERDICT_FLAKY);
	assert_int_equal(row->attribution.failed, 1);
	assert_int_equal(row->attribution.tries, 2);
}

static void trials_are_no_cases_and_no_checks(void **state)
{
	(void)state;
	fail_in_a_batch();
	give_trial(3, 2, RECORD_SHORTEST, VERDICT_FAIL);
	matrix_fold(matrix);
	assert_int_equal(matrix->cases, 3);
	assert_int_equal(matrix->calls, 3);
	assert_int_equal(row->cell.counts[VERDICT_FAIL], 2);
	assert_int_equal(row->cell.counts[VERDICT_PASS], 1);
}

static void a_call_that_fails_twice_in_a_trial_failed_once(void **state)
{
	struct recorded_step steps[2] = { { .outcome = RECORD_RETURNED }, { .outcome = RECORD_RETURNED } };
	const struct recorded_case trial = {
		.id = "y", .rule = "t.base.e:r", .boot = 3, .attempt = 2, .step_count = 2, .steps = steps
	};
	const struct judgement judgement = { .verdict = VERDICT_FAIL, .rule = &rule, .entry = &entry, .recorded = &trial };

	(void)state;
	fail_in_a_batch();
	matrix_counted(matrix, &trial);
	matrix_judged(matrix, &judgement);
	matrix_judged(matrix, &judgement);
	assert_int_equal(row->attribution.failed, 1);
}

static void trials_that_are_begun_again_replace_those_before(void **state)
{
	(void)state;
	fail_in_a_batch();
	give("y", 3, 2, RECORD_ITSELF, VERDICT_FAIL);
	give("y", 4, 3, RECORD_ITSELF, VERDICT_PASS);
	give("a", 5, 4, RECORD_BEFORE, VERDICT_PASS); /* and here the run was killed */
	give_trial(6, 2, RECORD_SHORTEST, VERDICT_FAIL);
	give_trial(7, 3, RECORD_SHORTEST, VERDICT_FAIL);
	matrix_fold(matrix);
	assert_int_equal(row->attribution.kind, ATTRIBUTION_SEQUENCE);
	assert_int_equal(row->attribution.tries, 2);
	assert_int_equal(row->attribution.after_count, 2);
}

static void a_trial_of_a_rule_that_is_gone_is_nobodys(void **state)
{
	struct recorded_step step = { .outcome = RECORD_RETURNED };
	const struct recorded_case trial = {
		.id = "y", .rule = "t.base.e:old", .boot = 3, .attempt = 2, .step_count = 1, .steps = &step
	};

	(void)state;
	fail_in_a_batch();
	matrix_counted(matrix, &trial);
	assert_int_equal(row->attribution.tries, 0);
	assert_true(matrix_is_open(row));
}

static void no_deviation_on_record_excuses_or_cures_what_is_flaky(void **state)
{
	char path[] = "/tmp/assay-deviations-XXXXXX";
	int fd = mkstemp(path);
	struct err err = { 0 };

	(void)state;
	fail_in_a_batch();
	give("y", 3, 2, RECORD_ITSELF, VERDICT_PASS);
	assert_true(dprintf(fd, "deviations:\n  - { rule: \"t.base.e:r\", reason: because }\n") > 0);
	close(fd);
	assert_int_equal(matrix_deviations(matrix, path, "2026-01-01", &err), 0);
	unlink(path);
	matrix_fold(matrix);
	assert_int_equal(row->cell.verdict, VERDICT_FLAKY);
	assert_int_equal(row->cell.counts[VERDICT_KNOWN] + row->cell.counts[VERDICT_CURED], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fails_alone_again_needs_no_trial),
		TEST(what_passes_has_nothing_to_attribute),
		TEST(what_nobody_looked_into_is_a_failure_all_the_same),
		TEST(what_fails_behind_the_same_every_time_takes_them),
		TEST(a_search_that_was_cut_off_is_told_from_one_that_ended),
		TEST(what_does_not_fail_again_is_flaky_with_its_rate_and_no_pass),
		TEST(a_sequence_that_fails_only_sometimes_is_flaky),
		TEST(trials_are_no_cases_and_no_checks),
		TEST(a_call_that_fails_twice_in_a_trial_failed_once),
		TEST(trials_that_are_begun_again_replace_those_before),
		TEST(a_trial_of_a_rule_that_is_gone_is_nobodys),
		TEST(no_deviation_on_record_excuses_or_cures_what_is_flaky),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
