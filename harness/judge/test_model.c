/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "judge/test_court.h"

static enum verdict lock(uint64_t error, uint32_t boot, uint32_t attempt)
{
	struct recorded_step step = CALL("states.set_lock");

	step.results[0] = error;
	judge_call_in(&step, boot, attempt);
	if (said("states.set_lock:first") != UNJUDGED)
		return said("states.set_lock:first");
	return said("states.set_lock:once");
}

#define DENIED ((uint64_t)-3)
#define BAD    ((uint64_t)-1)

static void an_effect_of_one_case_is_seen_in_the_next(void **state)
{
	(void)state;
	assert_int_equal(lock(DENIED, 1, 0), VERDICT_FAIL);
	assert_int_equal(lock(0, 1, 0), VERDICT_PASS);
	assert_int_equal(said("states.set_lock:once"), UNJUDGED);
	assert_int_equal(lock(0, 1, 0), VERDICT_FAIL);
	assert_int_equal(said("states.set_lock:first"), UNJUDGED);
	assert_int_equal(lock(DENIED, 1, 0), VERDICT_PASS);
}

static void a_new_boot_forgets(void **state)
{
	(void)state;
	lock(0, 1, 0);
	assert_int_equal(lock(0, 2, 0), VERDICT_PASS);
	assert_int_equal(lock(DENIED, 2, 0), VERDICT_PASS);
}

static void an_attempt_alone_neither_sees_nor_disturbs_the_batch(void **state)
{
	(void)state;
	lock(0, 1, 0);
	assert_int_equal(lock(0, 7, 1), VERDICT_PASS);
	assert_int_equal(lock(0, 8, 2), VERDICT_PASS);
	assert_int_equal(lock(DENIED, 1, 0), VERDICT_PASS);
	assert_int_equal(lock(DENIED, 8, 2), VERDICT_PASS);
}

static void a_call_that_was_not_made_has_no_effect(void **state)
{
	struct recorded_step step = CALL("states.set_lock");

	(void)state;
	step.outcome = RECORD_NO_HART;
	judge_call(&step);
	step.outcome = RECORD_NOT_RUN;
	judge_call(&step);
	assert_int_equal(lock(0, 1, 0), VERDICT_PASS);
}

static void a_call_that_is_not_there_has_no_effect(void **state)
{
	struct recorded_step step = CALL("extra.thing");

	(void)state;
	((bool *)court_head.present)[1] = false;
	court_again();
	step.results[0] = (uint64_t)-2;
	judge_call(&step);
	assert_int_equal(lock(0, 1, 0), VERDICT_PASS);
	step.results[0] = 0; /* it says that it is not there, and works */
	judge_call_in(&step, 2, 0);
	assert_int_equal(lock(DENIED, 2, 0), VERDICT_PASS);
}

static void what_a_call_did_that_never_came_back_is_unknown(void **state)
{
	struct recorded_step step = CALL("states.set_lock");

	(void)state;
	step.outcome = RECORD_TRAPPED;
	judge_call(&step);
	assert_int_equal(lock(DENIED, 1, 0), UNJUDGED);
	assert_int_equal(lock(0, 1, 0), UNJUDGED);
	assert_int_equal(lock(DENIED, 1, 0), VERDICT_PASS); /* the last one said that it is locked now */
}

static enum verdict level(uint64_t key, uint64_t to, uint64_t error, uint64_t value)
{
	struct recorded_step step = CALL("states.set_level", key, to);

	step.results[0] = error;
	step.results[1] = value;
	judge_call(&step);
	return said("states.set_level:old");
}

static void a_map_holds_a_value_for_each_key(void **state)
{
	(void)state;
	assert_int_equal(level(4, 1, 0, 7), VERDICT_PASS); /* init: 7 at the boot CPU */
	assert_int_equal(level(5, 2, 0, 0), VERDICT_PASS);
	assert_int_equal(level(UINT64_MAX, 300, 0, 0), VERDICT_PASS);
	assert_int_equal(level(4, 1, 0, 1), VERDICT_PASS);
	assert_int_equal(level(5, 2, 0, 2), VERDICT_PASS);
	assert_int_equal(level(UINT64_MAX, 3, 0, 44), VERDICT_PASS); /* 300 in eight bits */
	assert_int_equal(level(UINT64_MAX, 3, 0, 45), VERDICT_FAIL);
}

static void many_keys_find_their_values_again(void **state)
{
	(void)state;
	for (uint64_t key = 100; key < 1100; key++)
		assert_int_equal(level(key * 0x100000001, key, 0, 0), VERDICT_PASS);
	for (uint64_t key = 100; key < 1100; key++)
		assert_int_equal(level(key * 0x100000001, 0, 0, key & 0xff), VERDICT_PASS);
}

static void a_forgotten_value_is_not_judged(void **state)
{
	(void)state;
	assert_int_equal(level(5, 2, DENIED, 0), VERDICT_PASS);
	assert_int_equal(level(5, 2, 0, 0), UNJUDGED);
	assert_int_equal(level(6, 2, 0, 0), VERDICT_PASS);
	assert_int_equal(level(5, 2, 0, 2), VERDICT_PASS);
}

static void a_key_nobody_knows_makes_the_whole_map_unknown(void **state)
{
	struct recorded_step step = CALL("states.set_level", 9, 9);

	(void)state;
	assert_int_equal(level(5, 2, 0, 0), VERDICT_PASS);
	step.outcome = RECORD_TRAPPED; /* its effects: level[key0] or level[value] */
	judge_call(&step);
	assert_int_equal(level(5, 2, 0, 2), UNJUDGED);
	assert_int_equal(level(77, 3, 0, 2), UNJUDGED);
	assert_int_equal(level(77, 3, 0, 3), VERDICT_PASS);
}

static enum verdict pair(uint64_t a, uint64_t b, uint64_t value)
{
	struct recorded_step step = CALL("states.set_pair", a, b);

	step.results[1] = value;
	judge_call(&step);
	return said("states.set_pair:old");
}

static void a_map_may_have_two_keys_and_no_beginning(void **state)
{
	(void)state;
	assert_int_equal(pair(1, 2, 10), UNJUDGED);
	assert_int_equal(pair(2, 1, 20), UNJUDGED);
	assert_int_equal(pair(1, 2, 11), VERDICT_PASS);
	assert_int_equal(pair(2, 1, 21), VERDICT_PASS);
	assert_int_equal(pair(1, 2 + 256, 12), VERDICT_PASS); /* the second key has eight bits */
	assert_int_equal(pair(1, 2, 12), VERDICT_FAIL);
}

static enum verdict swap(uint64_t mask, uint64_t ask, uint64_t value)
{
	struct recorded_step step = CALL("states.swap_bits", mask, ask);

	step.results[1] = value;
	judge_call(&step);
	return said("states.swap_bits:old");
}

static void an_effect_repeats_over_its_range_and_reads_the_state_before(void **state)
{
	(void)state;
	assert_int_equal(swap(0x8000000000000005, 0, 0), VERDICT_PASS);
	assert_int_equal(swap(0, 2, 1), VERDICT_PASS);
	assert_int_equal(swap(4, 63, 1), VERDICT_PASS);
	assert_int_equal(swap(0, 2, 0), VERDICT_PASS);
	assert_int_equal(swap(0, 0, 1), VERDICT_PASS);
	assert_int_equal(swap(0, 1, 0), VERDICT_PASS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, court_begin, court_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_effect_of_one_case_is_seen_in_the_next),
		TEST(a_new_boot_forgets),
		TEST(an_attempt_alone_neither_sees_nor_disturbs_the_batch),
		TEST(a_call_that_was_not_made_has_no_effect),
		TEST(a_call_that_is_not_there_has_no_effect),
		TEST(what_a_call_did_that_never_came_back_is_unknown),
		TEST(a_map_holds_a_value_for_each_key),
		TEST(many_keys_find_their_values_again),
		TEST(a_forgotten_value_is_not_judged),
		TEST(a_key_nobody_knows_makes_the_whole_map_unknown),
		TEST(a_map_may_have_two_keys_and_no_beginning),
		TEST(an_effect_repeats_over_its_range_and_reads_the_state_before),
	};

	return cmocka_run_group_tests(tests, court_setup, court_teardown);
}
