/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_plan.c - the stream of cases: the same every time, each case once, in a useful order.
 */
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

#include "plan/internal.h"
#include "plan/test_fixture.h"

static void the_same_plan_is_the_same_byte_for_byte(void **state)
{
	struct plan *a = fixture_plan(EFFORT_QUICK, 7, NULL), *b = fixture_plan(EFFORT_QUICK, 7, NULL);
	char *first = plan_text(a), *second = plan_text(b), *again;

	(void)state;
	plan_rewind(a);
	again = plan_text(a);
	assert_string_equal(first, second);
	assert_string_equal(first, again);
	free(first);
	free(second);
	free(again);
	plan_free(a);
	plan_free(b);
}

/* The id of the n-th random case from where the plan is. */
static void read_random_id(struct plan *plan, unsigned n, char *id, size_t size)
{
	const struct plan_case *plan_case = NULL;

	while (n && (plan_case = plan_next(plan)))
		n -= plan_case->strategy == STRATEGY_RANDOM;
	assert_non_null(plan_case);
	snprintf(id, size, "%s", plan_case->id);
}

/* Calls are drawn ahead of their turn: what was drawn for another place in the plan must not be taken. */
static void a_plan_may_be_rewound_among_its_random_cases(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	char first[200], again[200];

	(void)state;
	for (unsigned n = 1; n < 200; n += 33) {
		plan_rewind(plan);
		read_random_id(plan, n, first, sizeof(first));
		read_random_id(plan, 3, again, sizeof(again));
		plan_rewind(plan);
		read_random_id(plan, n, again, sizeof(again));
		assert_string_equal(again, first);
	}
	plan_free(plan);
}

static void another_seed_changes_random_cases_and_nothing_else(void **state)
{
	struct plan *a = fixture_plan(EFFORT_QUICK, 1, NULL), *b = fixture_plan(EFFORT_QUICK, 2, NULL);
	const struct plan_case *x, *y;
	unsigned random = 0;

	(void)state;
	while ((x = plan_next(a)) && (y = plan_next(b)) && x->strategy != STRATEGY_RANDOM)
		assert_string_equal(x->id, y->id);
	for (; x && (y = plan_next(b)); x = plan_next(a))
		random += strcmp(x->id, y->id) != 0;
	assert_true(random > 50);
	plan_free(a);
	plan_free(b);
}

static void no_two_cases_share_an_id(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_STANDARD, 1, NULL);
	const struct plan_case *plan_case;
	struct id_set seen = { 0 };
	uint64_t count = 0;

	(void)state;
	while ((plan_case = plan_next(plan))) {
		if (!id_set_add(&seen, hash_text(0, plan_case->id)))
			fail_msg("%s is there twice", plan_case->id);
		assert_true(strlen(plan_case->id) <= 160);
		count++;
	}
	assert_true(count > 5000);
	assert_int_equal(count, plan_count(plan));
	free(seen.slots);
	plan_free(plan);
}

static void more_effort_makes_more_cases(void **state)
{
	struct plan *quick = fixture_plan(EFFORT_QUICK, 1, NULL), *standard = fixture_plan(EFFORT_STANDARD, 1, NULL);

	(void)state;
	assert_in_range(plan_count(quick), 300, 1200);
	assert_true(plan_count(standard) > 8 * plan_count(quick));
	plan_free(quick);
	plan_free(standard);
}

static void a_filtered_plan_is_a_part_of_the_whole(void **state)
{
	struct plan *whole = fixture_plan(EFFORT_QUICK, 1, NULL), *part = fixture_plan(EFFORT_QUICK, 1, "toy.box.r*");
	const struct plan_case *wanted, *got;
	unsigned count = 0;

	(void)state;
	while ((wanted = plan_next(part))) {
		do
			got = plan_next(whole);
		while (got && strcmp(got->id, wanted->id));
		assert_non_null(got);
		assert_string_equal(wanted->entry->name, "run");
		count++;
	}
	assert_true(count > 50);
	plan_free(whole);
	plan_free(part);
}

static void a_filter_may_name_one_case_or_one_rule(void **state)
{
	struct plan *one = fixture_plan(EFFORT_QUICK, 1, "toy.box.open:boundary:nominal");
	struct plan *rule = fixture_plan(EFFORT_QUICK, 1, "toy.box.open:reserved");

	(void)state;
	assert_int_equal(plan_count(one), 1);
	assert_int_equal(plan_count(rule), 2);
	plan_free(one);
	plan_free(rule);
}

static void expect_no_plan(const char *filter, const char *message)
{
	struct plan_options options = { .filter = filter };
	struct err err = { 0 };

	assert_null(plan_new(fixture_spec(), fixture_survey(), &options, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_string_equal(err.message, message);
}

static void a_filter_that_matches_nothing_is_an_error_with_a_hint(void **state)
{
	(void)state;
	expect_no_plan("toy.box.opem",
		       "--filter: no entry and no case of toy matches `toy.box.opem`; did you mean `toy.box.open`?");
	expect_no_plan("toy.box", "--filter: no entry and no case of toy matches `toy.box`; did you mean `toy.box.*`?");
	expect_no_plan(
		"toy.box.open:boundary:nomina",
		"--filter: no entry and no case of toy matches `toy.box.open:boundary:nomina`; did you mean `toy.box.open`?");
}

static void a_case_is_found_by_its_id_wherever_the_stream_is(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found;
	const char *next;

	(void)state;
	plan_next(plan);
	found = plan_find(plan, "toy.box.open:boundary:nominal");
	assert_non_null(found);
	assert_string_equal(found->id, "toy.box.open:boundary:nominal");
	assert_null(plan_find(plan, "toy.box.open:boundary:nothing"));
	assert_null(plan_find(plan, "toy.nothing"));
	next = plan_next(plan)->id;
	assert_non_null(strstr(next, "toy.cpu.start"));
	plan_free(plan);
}

static void a_chapter_that_is_absent_gets_one_case_per_entry(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_STANDARD, 1, "toy.gone.*");
	const struct plan_case *one = plan_next(plan);

	(void)state;
	assert_string_equal(one->id, "toy.gone.one:absent:nominal");
	assert_int_equal(one->strategy, STRATEGY_ABSENT);
	assert_string_equal(plan_next(plan)->id, "toy.gone.two:absent:nominal");
	assert_null(plan_next(plan));
	plan_free(plan);
}

static void what_the_claimed_version_lacks_is_not_called(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);

	(void)state;
	assert_false(plan_has(plan, "toy.box.newer:*"));
	assert_false(plan_has(plan, "toy.box.run:later-rule:*"));
	plan_free(plan);
}

static void excepted_values_are_never_passed(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_STANDARD, 3, "toy.box.open");
	const struct plan_case *plan_case;

	(void)state;
	while ((plan_case = plan_next(plan)))
		for (unsigned i = 0; i < plan_case->step_count; i++)
			if (plan_case->steps[i].entry == plan_case->entry)
				assert_true((uint32_t)plan_case->steps[i].args[0].literal < 0x10000);
	plan_free(plan);
}

static void cases_that_end_the_guest_come_after_those_that_leave_nothing(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *plan_case;
	unsigned count = 0;

	(void)state;
	while ((plan_case = plan_next(plan)) && plan_case->strategy != STRATEGY_RANDOM) {
		count += plan_case->ends_guest && !strcmp(plan_case->entry->chapter->name, "box");
		if (!strcmp(plan_case->entry->name, "fill"))
			assert_int_equal(count, 0);
	}
	assert_in_range(count, 1, 20);
	plan_free(plan);
}

static void a_call_that_must_be_refused_does_not_end_the_guest(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);

	(void)state;
	assert_true(plan_find(plan, "toy.box.explode:boundary:how=max")->ends_guest == false);
	assert_true(plan_find(plan, "toy.box.explode:unless-unknown-how:nominal")->ends_guest);
	plan_free(plan);
}

static void junk_in_the_upper_half_is_seen_truncated(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found = plan_find(plan, "toy.box.open:reserved:flags=dirty-upper");

	(void)state;
	assert_non_null(found);
	assert_int_equal((uint32_t)found->steps[0].args[0].literal, 0);
	assert_true(found->steps[0].args[0].literal >> 32 != 0);
	plan_free(plan);
}

static void buffers_have_the_size_and_content_the_spec_gives_them(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found = plan_find(plan, "toy.box.fill:sample:where=holding:0x5+0x6,length=0x2");
	static const uint8_t content[8] = { 5, 0, 0, 0, 6, 0, 0, 0 };
	const struct case_buffer *buffer;

	(void)state;
	assert_non_null(found);
	buffer = &found->steps[0].buffers[0];
	assert_int_equal(buffer->size, 8);
	assert_int_equal(buffer->align, 4);
	assert_memory_equal(buffer->content, content, 8);
	found = plan_find(plan, "toy.box.fill:boundary:where=nowhere");
	assert_int_equal(found->steps[0].buffers[0].size, 0);
	found = plan_find(plan, "toy.box.fill:boundary:where=unaligned+1");
	assert_int_equal(found->steps[0].buffers[0].misalign, 1);
	plan_free(plan);
}

static void a_case_prints_one_line_a_call(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	(void)state;
	plan_print(plan_find(plan, "toy.box.halt:boundary:nominal"), out);
	fclose(out);
	assert_string_equal(bytes, "toy.box.halt:boundary:nominal\n"
				   "   1  hart 0  toy.box.open(flags = 0)\n"
				   ">  2  hart 0  toy.box.halt(box = value of call 1)\n"
				   "   3  hart 0  toy.box.shut(box = value of call 1)\n");
	free(bytes);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_plan_is_the_same_byte_for_byte),
		cmocka_unit_test(a_plan_may_be_rewound_among_its_random_cases),
		cmocka_unit_test(another_seed_changes_random_cases_and_nothing_else),
		cmocka_unit_test(no_two_cases_share_an_id),
		cmocka_unit_test(more_effort_makes_more_cases),
		cmocka_unit_test(a_filtered_plan_is_a_part_of_the_whole),
		cmocka_unit_test(a_filter_may_name_one_case_or_one_rule),
		cmocka_unit_test(a_filter_that_matches_nothing_is_an_error_with_a_hint),
		cmocka_unit_test(a_case_is_found_by_its_id_wherever_the_stream_is),
		cmocka_unit_test(a_chapter_that_is_absent_gets_one_case_per_entry),
		cmocka_unit_test(what_the_claimed_version_lacks_is_not_called),
		cmocka_unit_test(excepted_values_are_never_passed),
		cmocka_unit_test(cases_that_end_the_guest_come_after_those_that_leave_nothing),
		cmocka_unit_test(a_call_that_must_be_refused_does_not_end_the_guest),
		cmocka_unit_test(junk_in_the_upper_half_is_seen_truncated),
		cmocka_unit_test(buffers_have_the_size_and_content_the_spec_gives_them),
		cmocka_unit_test(a_case_prints_one_line_a_call),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fixture_free();
	return failed;
}
