/* SPDX-License-Identifier: BSD-2-Clause */
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

static const char *const versions[] = { "1.0", "2.0" };
static struct chapter chapter = { .name = "base", .since = -1, .until = -1 };
static struct rule must, likely, later_rule;
static const struct rule *rules[] = { &must, &likely, &later_rule };
static struct entry entry, newer;
static const struct entry *entries[] = { &entry, &newer };
static struct spec spec;
static struct recording_head head;
static struct recorded_step step;
static struct recorded_case recorded;
static struct matrix *matrix;

static int setup(void **state)
{
	(void)state;
	must = (struct rule){
		.id = "must", .full_id = "t.base.e:must", .cite = "T 1, 1", .strength = MUST, .since = -1, .until = -1
	};
	likely = (struct rule){
		.id = "likely", .full_id = "t.base.e:likely", .strength = MUST, .likely = true, .since = -1, .until = -1
	};
	later_rule = (struct rule){ .id = "later", .full_id = "t.base.e:later", .strength = MUST, .since = 1, .until = -1 };
	entry = (struct entry){
		.name = "e", .full_id = "t.base.e", .chapter = &chapter, .since = -1, .until = -1, .rules = rules, .rule_count = 3
	};
	newer = (struct entry){ .name = "n", .full_id = "t.base.n", .chapter = &chapter, .number = 1, .since = 1, .until = -1 };
	spec = (struct spec){ .name = "t",
			      .document = "T",
			      .revision = "1",
			      .versions = versions,
			      .version_count = 2,
			      .entries = entries,
			      .entry_count = 2 };
	head = (struct recording_head){ .blob = "b", .blob_version = "1.5", .claimed_major = 1, .claimed_minor = 0 };
	recorded = (struct recorded_case){ .id = "t.base.e:boundary:x=max", .step_count = 1, .steps = &step };
	step.outcome = RECORD_RETURNED;
	matrix = matrix_new(&spec, &head, "run");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	matrix_free(matrix);
	return 0;
}

static void give(const struct rule *rule, enum verdict verdict)
{
	const struct judgement judgement = { .verdict = verdict,
					     .rule = rule,
					     .entry = &entry,
					     .recorded = &recorded,
					     .rule_id = "x",
					     .expected = "a == b",
					     .got = "a = 1" };

	matrix_judged(matrix, &judgement);
}

static const struct rule_row *row(const char *id)
{
	for (size_t i = 0; i < matrix->entries[0].rule_count; i++)
		if (!strcmp(matrix->entries[0].rules[i].id, id))
			return &matrix->entries[0].rules[i];
	return NULL;
}

static void a_blob_whose_mandatory_rules_all_pass_is_conformant(void **state)
{
	(void)state;
	give(&must, VERDICT_PASS);
	matrix_fold(matrix);
	assert_true(matrix->conformant);
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_PASS);
}

static void an_untested_mandatory_rule_prevents_conformance(void **state)
{
	(void)state;
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_string_equal(matrix->why_not, "1 of 1 mandatory rules were not tested");
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_UNTESTED);
}

static void a_part_in_which_nothing_failed_decides_nothing(void **state)
{
	(void)state;
	give(&must, VERDICT_PASS);
	matrix->partial = "--filter 't.base.*'";
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_true(matrix->undecided);
	assert_string_equal(matrix->why_not, "only a part was run (--filter 't.base.*'), and nothing of it failed");
}

static void a_failure_in_a_part_is_one(void **state)
{
	(void)state;
	give(&must, VERDICT_FAIL);
	matrix->partial = "interrupted";
	matrix_fold(matrix);
	assert_false(matrix->undecided);
	assert_string_equal(matrix->why_not, "1 rule failed");
}

static void one_failure_among_many_passes_fails_the_rule_and_the_entry(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		give(&must, i == 500 ? VERDICT_FAIL : VERDICT_PASS);
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_FAIL);
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_FAIL);
}

static void a_failing_universal_rule_prevents_conformance(void **state)
{
	const struct judgement judgement = {
		.verdict = VERDICT_FAIL, .universal = UNIVERSAL_GUARD_ZONES, .entry = &entry, .recorded = &recorded
	};

	(void)state;
	give(&must, VERDICT_PASS);
	matrix_judged(matrix, &judgement);
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_int_equal(row("t.base.e:guard-zones")->cell.verdict, VERDICT_FAIL);
}

/* A batch that is taken apart may come out clean; whoever lied in it is not believed for that. */
static void a_record_that_was_forged_prevents_conformance_though_every_rule_passes(void **state)
{
	(void)state;
	give(&must, VERDICT_PASS);
	matrix->audit.known = true;
	matrix->audit.calls = 100;
	matrix->audit.mismatches = 2;
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_string_equal(matrix->why_not, "2 records are not what the machine emulator saw");
}

static void a_broken_harness_is_no_conformance_and_no_failure_of_the_blob(void **state)
{
	(void)state;
	give(&must, VERDICT_BROKEN);
	matrix_fold(matrix);
	assert_false(matrix->conformant);
	assert_int_equal(matrix->summary[VERDICT_FAIL], 0);
	assert_int_equal(matrix->tested, 0);
}

static void a_rule_of_a_later_version_has_no_row(void **state)
{
	(void)state;
	assert_null(row("t.base.e:later"));
}

static void an_entry_of_a_later_version_is_skipped(void **state)
{
	(void)state;
	give(&must, VERDICT_PASS);
	matrix_fold(matrix);
	assert_int_equal(matrix->entries[1].cell.verdict, VERDICT_SKIP);
}

static void an_entry_that_is_not_there_is_skipped_without_a_case(void **state)
{
	static const char *const names[] = { "base", "t.base.e" };
	static const bool present[] = { true, false };
	struct spec_call question = { .entry = &newer, .when = (const struct expr *)&question };

	(void)state;
	matrix_free(matrix);
	entry.prepare = &question;
	entry.prepare_count = 1;
	head.chapters = names;
	head.present = present;
	head.chapter_count = 2;
	matrix = matrix_new(&spec, &head, "run");
	matrix_fold(matrix);
	assert_int_not_equal(matrix->entries[0].cell.verdict, VERDICT_SKIP); /* 1.0 has no call to ask with */
	matrix_free(matrix);
	newer.since = -1;
	matrix = matrix_new(&spec, &head, "run");
	matrix_fold(matrix);
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_SKIP);
	assert_int_equal(matrix->mandatory, 0);
}

static void an_entry_of_a_chapter_that_is_not_there_is_skipped_where_nothing_is_said_of_its_calls(void **state)
{
	static const char *const names[] = { "base" };
	static const bool present[] = { false };
	const struct spec_call question = { .entry = &newer };
	const struct expr *says = (const struct expr *)&question;

	(void)state;
	matrix_free(matrix);
	chapter.presence = &question;
	head.chapters = names;
	head.present = present;
	head.chapter_count = 1;
	spec.convention.unsupported = says;
	matrix = matrix_new(&spec, &head, "run");
	matrix_fold(matrix);
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_UNTESTED); /* there would be a case for it */
	matrix_free(matrix);
	spec.convention.unsupported = NULL;
	matrix = matrix_new(&spec, &head, "run");
	matrix_fold(matrix);
	chapter.presence = NULL;
	assert_int_equal(matrix->entries[0].cell.verdict, VERDICT_SKIP);
	assert_int_equal(matrix->mandatory, 0);
}

static void only_a_few_examples_are_kept_and_each_says_how_to_replay_it(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		give(&must, VERDICT_FAIL);
	assert_int_equal(row("t.base.e:must")->example_count, MATRIX_EXAMPLES);
	assert_string_equal(row("t.base.e:must")->examples[0].replay, "assay replay run 't.base.e:boundary:x=max'");
}

static void a_failure_is_news_until_one_was_seen_alone_or_a_few_were_not(void **state)
{
	struct recorded_case again = recorded;
	struct judgement judgement = { .verdict = VERDICT_FAIL, .rule = &must, .entry = &entry, .recorded = &recorded };

	(void)state;
	assert_true(matrix_is_news(matrix, &judgement));
	matrix_judged(matrix, &judgement);
	assert_true(matrix_is_news(matrix, &judgement));
	again.attempt = 1;
	judgement.recorded = &again;
	matrix_judged(matrix, &judgement);
	assert_true(row("t.base.e:must")->examples[0].alone);
	assert_false(row("t.base.e:must")->examples[1].alone);
	judgement.recorded = &recorded;
	assert_false(matrix_is_news(matrix, &judgement));
}

static void words_are_wanted_exactly_when_they_are_kept(void **state)
{
	static const enum verdict verdicts[] = { VERDICT_PASS, VERDICT_OBSERVED, VERDICT_OBSERVED, VERDICT_SKIP,    VERDICT_FAIL,
						 VERDICT_HANG, VERDICT_FAIL,	 VERDICT_FAIL,	   VERDICT_OBSERVED };
	struct recorded_case again = recorded;

	(void)state;
	again.attempt = 1;
	for (size_t i = 0; i < 2 * sizeof(verdicts) / sizeof(*verdicts); i++) {
		const struct judgement judgement = { .verdict = verdicts[i / 2],
						     .rule = &must,
						     .entry = &entry,
						     .recorded = i % 5 == 4 ? &again : &recorded,
						     .expected = "kept" };
		const struct rule_row old = *row("t.base.e:must");
		bool wanted = matrix_wants_words(matrix, &judgement);

		matrix_judged(matrix, &judgement);
		assert_int_equal(wanted, memcmp(old.examples, row("t.base.e:must")->examples, sizeof(old.examples)) != 0);
	}
}

static int with_deviations(const char *text, struct err *err)
{
	char path[] = "/tmp/assay-deviations-XXXXXX";
	int fd = mkstemp(path), result;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = matrix_deviations(matrix, path, "2026-01-01", err);
	unlink(path);
	return result;
}

static void a_failure_on_record_is_known_and_still_no_conformance(void **state)
{
	struct err err = { 0 };

	(void)state;
	give(&must, VERDICT_FAIL);
	assert_int_equal(with_deviations("deviations:\n  - { rule: \"t.base.e:must\", reason: because }\n", &err), 0);
	matrix_fold(matrix);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_KNOWN);
	assert_string_equal(row("t.base.e:must")->deviation, "because");
	assert_false(matrix->conformant);
}

static void a_deviation_on_record_that_passes_is_cured(void **state)
{
	struct err err = { 0 };

	(void)state;
	give(&must, VERDICT_PASS);
	assert_int_equal(with_deviations("deviations:\n  - { rule: \"t.base.e:must\", reason: because }\n", &err), 0);
	matrix_fold(matrix);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_CURED);
	assert_true(matrix->conformant);
}

static void what_two_rows_excuse_is_known_and_not_cured(void **state)
{
	struct err err = { 0 };

	(void)state;
	give(&must, VERDICT_FAIL);
	give(&must, VERDICT_PASS);
	assert_int_equal(with_deviations("deviations:\n  - { rule: \"t.base.e:must\", reason: one }\n"
					 "  - { rule: \"t.base.e:must\", reason: two }\n",
					 &err),
			 0);
	matrix_fold(matrix);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_KNOWN);
}

static void an_expired_deviation_is_a_failure_again(void **state)
{
	struct err err = { 0 };

	(void)state;
	give(&must, VERDICT_FAIL);
	assert_int_equal(with_deviations("deviations:\n  - { rule: \"t.base.e:must\", reason: x, expires: 2025-12-31 }\n", &err),
			 0);
	matrix_fold(matrix);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_FAIL);
}

static void a_deviation_holds_only_for_its_versions(void **state)
{
	struct err err = { 0 };

	(void)state;
	give(&must, VERDICT_FAIL);
	assert_int_equal(
		with_deviations("deviations:\n  - { rule: \"t.base.e:must\", reason: x, from: \"1.0\", to: \"1.4.9\" }\n", &err),
		0);
	matrix_fold(matrix);
	assert_int_equal(row("t.base.e:must")->cell.verdict, VERDICT_FAIL);
}

static void a_deviation_of_an_unknown_rule_is_an_error_with_its_place(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(with_deviations("deviations:\n  - { rule: nothing, reason: x }\n", &err), -1);
	assert_non_null(strstr(err.message, ":2:"));
	assert_int_equal(err.code, EXIT_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_blob_whose_mandatory_rules_all_pass_is_conformant),
		TEST(a_part_in_which_nothing_failed_decides_nothing),
		TEST(a_failure_in_a_part_is_one),
		TEST(an_untested_mandatory_rule_prevents_conformance),
		TEST(one_failure_among_many_passes_fails_the_rule_and_the_entry),
		TEST(a_failing_universal_rule_prevents_conformance),
		TEST(a_record_that_was_forged_prevents_conformance_though_every_rule_passes),
		TEST(a_broken_harness_is_no_conformance_and_no_failure_of_the_blob),
		TEST(a_rule_of_a_later_version_has_no_row),
		TEST(an_entry_of_a_later_version_is_skipped),
		TEST(an_entry_that_is_not_there_is_skipped_without_a_case),
		TEST(an_entry_of_a_chapter_that_is_not_there_is_skipped_where_nothing_is_said_of_its_calls),
		TEST(only_a_few_examples_are_kept_and_each_says_how_to_replay_it),
		TEST(a_failure_is_news_until_one_was_seen_alone_or_a_few_were_not),
		TEST(words_are_wanted_exactly_when_they_are_kept),
		TEST(a_failure_on_record_is_known_and_still_no_conformance),
		TEST(a_deviation_on_record_that_passes_is_cured),
		TEST(what_two_rows_excuse_is_known_and_not_cured),
		TEST(an_expired_deviation_is_a_failure_again),
		TEST(a_deviation_holds_only_for_its_versions),
		TEST(a_deviation_of_an_unknown_rule_is_an_error_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
