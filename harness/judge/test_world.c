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

static uint8_t before[8], after[8], target[8];

static struct recorded_step memory_call(void)
{
	struct recorded_step step = CALL("one.memory", 0x180000, 0x180100);

	for (unsigned i = 0; i < 8; i++)
		before[i] = after[i] = (uint8_t)i;
	memset(target, 0, sizeof(target));
	step.buffer_count = 2;
	step.buffers[0] = (struct recorded_buffer){ 0x180000, 8, 0, before, after };
	step.buffers[1] = (struct recorded_buffer){ 0x180100, 8, 0, target, target };
	return step;
}

static void memory_is_read_in_the_interface_s_byte_order(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	judge_call(&step);
	assert_int_equal(said("one.memory:copied"), VERDICT_PASS);
	assert_int_equal(said("one.memory:first-is-old"), VERDICT_PASS);
	assert_int_equal(said("one.memory:source-kept"), VERDICT_PASS);
	target[0] = 1;
	judge_call(&step);
	assert_int_equal(said("one.memory:copied"), VERDICT_FAIL);
	after[7] = 99;
	judge_call(&step);
	assert_int_equal(said("one.memory:source-kept"), VERDICT_FAIL);
}

static void an_argument_that_points_elsewhere_makes_the_memory_unknown(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	step.args[0] = UINT64_MAX;
	judge_call(&step);
	assert_int_equal(said("one.memory:copied"), UNJUDGED);
	assert_int_equal(said("one.memory:source-kept"), UNJUDGED);
	step.args[0] = 0x180000;
	step.buffers[0].after = NULL;
	judge_call(&step);
	assert_int_equal(said("one.memory:copied"), UNJUDGED);
	assert_int_equal(said("one.memory:first-is-old"), VERDICT_PASS);
	step.buffer_count = 0;
	judge_call(&step);
	assert_int_equal(said("one.memory:first-is-old"), UNJUDGED);
}

static void an_argument_inside_its_buffer_is_read_from_there(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	step.args[0] = 0x180002;
	judge_call(&step);
	assert_int_equal(said("one.memory:first-is-old"), VERDICT_FAIL); /* 0x0504 */
	step.args[0] = 0x180006;
	judge_call(&step);
	assert_int_equal(said("one.memory:first-is-old"), UNJUDGED); /* beyond the end */
}

static const struct recorded_landing landed = { .hart = 0, .registers = { [1] = 5 }, .control = { 0 } };

static void a_landing_is_seen_by_its_registers(void **state)
{
	struct recorded_step step = CALL("one.jump", 5);
	struct recorded_landing landing = landed;

	(void)state;
	step.outcome = RECORD_LANDED;
	step.has_later = true;
	step.landing_count = 1;
	step.landings = &landing;
	judge_call(&step);
	assert_int_equal(said("one.jump:landed"), VERDICT_PASS);
	assert_int_equal(said("one.jump:gets-opaque"), VERDICT_PASS);
	landing.control[1] = 1;
	judge_call(&step);
	assert_int_equal(said("one.jump:gets-opaque"), VERDICT_FAIL);
	landing = landed;
	landing.registers[1] = 6;
	judge_call(&step);
	assert_int_equal(said("one.jump:gets-opaque"), VERDICT_FAIL);
	assert_non_null(strstr(said_got("one.jump:gets-opaque"), "land.r1 = 6"));
}

static void no_landing_is_known_only_when_somebody_looked(void **state)
{
	struct recorded_step step = CALL("one.jump", 5);

	(void)state;
	step.outcome = RECORD_TRAPPED;
	judge_call(&step);
	assert_int_equal(said("one.jump:landed"), UNJUDGED);
	step.has_later = true;
	judge_call(&step);
	assert_int_equal(said("one.jump:landed"), VERDICT_FAIL);
	step.has_later = false;
	step.outcome = RECORD_RETURNED; /* it should have landed, and came back */
	judge_call(&step);
	assert_int_equal(said("one.jump:landed"), VERDICT_FAIL);
}

static void interrupts_are_counted_by_the_platform_s_number_of_the_cpu(void **state)
{
	struct recorded_step step = CALL("one.poke", 0);

	(void)state;
	step.ipis[1] = 1; /* hart_ids: 4, 0 */
	step.later[0] = 2;
	judge_call(&step);
	assert_int_equal(said("one.poke:one-each"), UNJUDGED); /* nobody waited */
	assert_int_equal(said("one.poke:seen"), UNJUDGED);
	step.has_later = true;
	judge_call(&step);
	assert_int_equal(said("one.poke:one-each"), VERDICT_PASS);
	assert_int_equal(said("one.poke:seen"), VERDICT_PASS);
	step.args[0] = 4;
	judge_call(&step);
	assert_int_equal(said("one.poke:one-each"), VERDICT_FAIL);
	step.args[0] = 1;
	judge_call(&step);
	assert_int_equal(said("one.poke:one-each"), UNJUDGED);
}

enum reach { MINE, NOWHERE, NOBODY_KNOWS };

static enum reach reach_of(uint64_t low, uint64_t high, uint64_t length)
{
	struct recorded_step step = CALL("one.where", low, high, length);

	judge_call(&step);
	if (said("one.where:mine") != UNJUDGED)
		return MINE;
	return said("one.where:nowhere") != UNJUDGED ? NOWHERE : NOBODY_KNOWS;
}

static void memory_is_accessible_inaccessible_or_nobody_knows(void **state)
{
	(void)state;
	assert_int_equal(reach_of(0x180000, 0, 16), MINE);
	assert_int_equal(reach_of(0x18fff0, 0, 16), MINE);
	assert_int_equal(reach_of(0x18fff0, 0, 17), NOBODY_KNOWS);
	assert_int_equal(reach_of(0x100000, 0, 16), NOBODY_KNOWS); /* RAM, but whose? */
	assert_int_equal(reach_of(0x1ffff0, 0, 16), NOBODY_KNOWS);
	assert_int_equal(reach_of(0x1ffff0, 0, 17), NOWHERE);
	assert_int_equal(reach_of(0x8ff8, 0, 16), NOBODY_KNOWS); /* across two ranges that touch */
	assert_int_equal(reach_of(0x9ff8, 0, 16), NOWHERE);
	assert_int_equal(reach_of(0x180000, 1, 16), NOWHERE);
	assert_int_equal(reach_of(UINT64_MAX, 0, 2), NOWHERE);
	assert_int_equal(reach_of(0x180000, 0, UINT64_MAX), NOWHERE);
	assert_int_equal(reach_of(0x10, 0, 0), NOBODY_KNOWS);
	court_head.map_count = 0;
	court_again();
	assert_int_equal(reach_of(0x10, 0, 1), NOBODY_KNOWS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, court_begin, court_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_is_read_in_the_interface_s_byte_order),
		TEST(an_argument_that_points_elsewhere_makes_the_memory_unknown),
		TEST(an_argument_inside_its_buffer_is_read_from_there),
		TEST(a_landing_is_seen_by_its_registers),
		TEST(no_landing_is_known_only_when_somebody_looked),
		TEST(interrupts_are_counted_by_the_platform_s_number_of_the_cpu),
		TEST(memory_is_accessible_inaccessible_or_nobody_knows),
	};

	return cmocka_run_group_tests(tests, court_setup, court_teardown);
}
