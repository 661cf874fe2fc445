/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "judge/test_court.h"

static void judge_plain(uint64_t x, uint64_t error, uint64_t value)
{
	struct recorded_step step = CALL("one.plain", x, 1);

	step.results[0] = error;
	step.results[1] = value;
	judge_call(&step);
}

static void a_requirement_passes_or_fails(void **state)
{
	(void)state;
	judge_plain(4, 0, 4);
	assert_int_equal(said("one.plain:echo"), VERDICT_PASS);
	judge_plain(4, 0, 5);
	assert_int_equal(said("one.plain:echo"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:echo"), "error == OK && value == x");
	assert_non_null(strstr(said_got("one.plain:echo"), "value = 5, x = 4; where x = 4"));
	assert_non_null(strstr(said_cite("one.plain:echo"), "5.1"));
}

static void a_rule_whose_condition_is_false_says_nothing(void **state)
{
	(void)state;
	judge_plain(12, 0, 4);
	assert_int_equal(said("one.plain:echo"), UNJUDGED);
}

static void a_prohibition_fails_when_it_holds(void **state)
{
	(void)state;
	judge_plain(12, 0, 12);
	assert_int_equal(said("one.plain:never"), VERDICT_PASS);
	judge_plain(12, 0, 13);
	assert_int_equal(said("one.plain:never"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:never"), "not: value == 13");
}

static void a_recommendation_is_only_observed(void **state)
{
	(void)state;
	judge_plain(12, 0, 2);
	assert_int_equal(said("one.plain:even"), VERDICT_PASS);
	judge_plain(12, 0, 3);
	assert_int_equal(said("one.plain:even"), VERDICT_OBSERVED);
	assert_non_null(strstr(said_expected("one.plain:even"), "recommended"));
}

static void a_permission_never_fails(void **state)
{
	(void)state;
	judge_plain(12, (uint64_t)-1, 2);
	assert_int_equal(said("one.plain:high"), VERDICT_OBSERVED);
	judge_plain(12, 0, 2);
	assert_int_equal(said("one.plain:high"), VERDICT_OBSERVED);
	judge_plain(2, 0, 2);
	assert_int_equal(said("one.plain:high"), UNJUDGED);
}

static void a_rule_that_is_only_likely_does_not_fail(void **state)
{
	(void)state;
	judge_plain(12, 0, 14);
	assert_int_equal(said("one.plain:guess"), VERDICT_OBSERVED);
	assert_string_equal(said_expected("one.plain:guess"), "likely: value != 14");
	judge_plain(12, 0, 12);
	assert_int_equal(said("one.plain:guess"), VERDICT_PASS);
}

static void a_silence_of_the_text_is_observed_with_what_came_back(void **state)
{
	(void)state;
	judge_plain(12, 0, 1);
	assert_int_equal(said("one.plain:open"), UNJUDGED);
	judge_plain(12, (uint64_t)-1, 0x77);
	assert_int_equal(said("one.plain:open"), VERDICT_OBSERVED);
	assert_non_null(strstr(said_got("one.plain:open"), "error = -1 (BAD), value = 0x77"));
	assert_non_null(strstr(said_expected("one.plain:open"), "leaves value open"));
}

static void what_cannot_be_seen_is_never_judged(void **state)
{
	(void)state;
	judge_plain(1, 0, 1);
	assert_int_equal(said("one.plain:hidden"), UNJUDGED);
}

static void an_unknown_result_judges_nothing(void **state)
{
	struct recorded_step step = CALL("one.plain", 4, 1);

	(void)state;
	step.outcome = RECORD_TRAPPED;
	judge_call(&step);
	assert_int_equal(said("one.plain:echo"), UNJUDGED);
	assert_int_equal(said("one.plain:never"), UNJUDGED);
	assert_int_equal(said("one.plain:came-back"), VERDICT_PASS);
	step.outcome = RECORD_HANG;
	judge_call(&step);
	assert_int_equal(said("one.plain:came-back"), VERDICT_FAIL);
}

static void a_call_that_was_not_made_judges_nothing(void **state)
{
	struct recorded_step step = CALL("one.plain", 4, 1);

	(void)state;
	step.outcome = RECORD_NO_HART;
	assert_int_equal(judge_call(&step), VERDICT_SKIP);
	assert_int_equal(said("one.plain:came-back"), UNJUDGED);
	assert_int_equal(said("one.plain:late"), UNJUDGED);
}

static void a_result_that_was_not_recorded_is_unknown(void **state)
{
	struct recorded_step step = CALL("one.plain", 4);

	(void)state;
	step.result_count = 1;
	judge_call(&step);
	assert_int_equal(said("one.plain:never"), UNJUDGED);
	assert_int_equal(said("one.plain:came-back"), VERDICT_PASS);
}

static void a_rule_of_another_version_is_skipped(void **state)
{
	(void)state;
	judge_plain(12, 0, 15);
	assert_int_equal(said("one.plain:late"), VERDICT_FAIL);
	assert_int_equal(said("one.plain:early"), VERDICT_SKIP);
	court_head.claimed_major = 1;
	court_head.claimed_minor = 11;
	court_again();
	judge_plain(12, 0, 15);
	assert_int_equal(said("one.plain:late"), VERDICT_SKIP);
	assert_int_equal(said("one.plain:early"), VERDICT_SKIP);
	court_head.claimed_major = 0;
	court_head.claimed_minor = 9;
	court_again();
	judge_plain(12, 0, 15);
	assert_int_equal(said("one.plain:early"), VERDICT_FAIL);
}

static void an_entry_of_a_newer_version_is_skipped_whole(void **state)
{
	struct recorded_step step = CALL("one.newer");

	(void)state;
	step.results[0] = 5;
	step.clobbered = 1 << 6;
	judge_call(&step);
	assert_int_equal(said("one.newer:works"), VERDICT_FAIL);
	court_head.claimed_major = 1;
	court_again();
	assert_int_equal(judge_call(&step), VERDICT_SKIP);
	assert_int_equal(said("one.newer:works"), VERDICT_SKIP);
	assert_int_equal(said("one.newer:preserved-registers"), UNJUDGED);
}

static void the_newest_version_not_newer_than_the_claim_counts(void **state)
{
	static const struct {
		int64_t major, minor;
		int version;
	} table[] = { { -1, -1, 3 }, { 0, 9, 0 },  { 0, 1, 0 }, { 1, 0, 1 }, { 1, 9, 1 },
		      { 1, 10, 2 },  { 1, 99, 2 }, { 2, 0, 3 }, { 7, 0, 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		court_head.claimed_major = table[i].major;
		court_head.claimed_minor = table[i].minor;
		assert_int_equal(judge_version(court_spec, &court_head), table[i].version);
	}
}

static void a_call_of_an_unknown_entry_is_counted_and_not_judged(void **state)
{
	struct recorded_step step = CALL("one.renamed");

	(void)state;
	assert_int_equal(judge_call(&step), VERDICT_SKIP);
	assert_int_equal(judge_unnamed(court_judge), 1);
}

static void the_worst_verdict_of_all_steps_is_the_case_s(void **state)
{
	struct recorded_step steps[2] = { CALL("one.plain", 4), CALL("one.version") };
	const struct recorded_case recorded = { "c", NULL, NULL, 1, 0, 2, 1, steps };

	(void)state;
	assert_int_equal(judge_case(court_judge, &recorded), VERDICT_FAIL);
	steps[0].results[1] = 4;
	assert_int_equal(judge_case(court_judge, &recorded), VERDICT_OBSERVED - 1);
	steps[1].outcome = RECORD_BROKEN;
	assert_int_equal(judge_case(court_judge, &recorded), VERDICT_BROKEN);
}

/* A journal's strings move: the same address may hold another name later. */
static void an_entry_is_found_by_its_name_and_not_by_where_the_name_is(void **state)
{
	char name[32] = "demo.one.plain";
	struct recorded_step step = CALL("one.plain", 12);

	(void)state;
	step.entry = name;
	judge_call(&step);
	assert_int_equal(said("one.plain:returns"), VERDICT_PASS);
	strcpy(name, "demo.one.version");
	judge_call(&step);
	assert_int_equal(said("one.version:returns"), VERDICT_PASS);
	assert_int_equal(said("one.plain:returns"), UNJUDGED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, court_begin, court_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_requirement_passes_or_fails),
		TEST(a_rule_whose_condition_is_false_says_nothing),
		TEST(a_prohibition_fails_when_it_holds),
		TEST(a_recommendation_is_only_observed),
		TEST(a_permission_never_fails),
		TEST(a_rule_that_is_only_likely_does_not_fail),
		TEST(a_silence_of_the_text_is_observed_with_what_came_back),
		TEST(what_cannot_be_seen_is_never_judged),
		TEST(an_unknown_result_judges_nothing),
		TEST(a_call_that_was_not_made_judges_nothing),
		TEST(a_result_that_was_not_recorded_is_unknown),
		TEST(a_rule_of_another_version_is_skipped),
		TEST(an_entry_of_a_newer_version_is_skipped_whole),
		TEST(the_newest_version_not_newer_than_the_claim_counts),
		TEST(a_call_of_an_unknown_entry_is_counted_and_not_judged),
		TEST(the_worst_verdict_of_all_steps_is_the_case_s),
		TEST(an_entry_is_found_by_its_name_and_not_by_where_the_name_is),
	};

	return cmocka_run_group_tests(tests, court_setup, court_teardown);
}
