/* SPDX-License-Identifier: BSD-2-Clause */
/* Stretches of a plan, made ahead of time. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run/ahead.h"

#define LONG_MS 10000u

/* A plan of so many cases of one step each; case number `closed` is the last of its boot. */
struct source {
	struct entry entry;
	struct plan_case plan_case;
	char id[32];
	unsigned count, closed;
	atomic_uint made;
	atomic_bool held; /* makes no more for the moment */
};

static struct entry_code code;
static struct codec codec = { .codes = &code };

static void a_moment(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static const struct plan_case *next(void *context)
{
	struct source *source = context;

	while (atomic_load(&source->held))
		a_moment();
	if (source->made == source->count)
		return NULL;
	snprintf(source->id, sizeof(source->id), "case-%u", source->made);
	source->plan_case = (struct plan_case){ .id = source->id, .entry = &source->entry, .step_count = 1 };
	source->plan_case.steps[0].entry = &source->entry;
	source->plan_case.ends_guest = source->made++ == source->closed;
	return &source->plan_case;
}

static struct ahead *begin(struct source *source, size_t capacity, size_t cases)
{
	struct err err;
	struct ahead *ahead = ahead_new(&codec, (struct case_source){ next, source }, capacity, cases, &err);

	assert_non_null(ahead);
	return ahead;
}

/* Takes everything, and says how many cases each stretch had: "3 4 1 ". The cases come in order. */
static void assert_lengths(struct ahead *ahead, const char *expected)
{
	char lengths[256] = "", id[32];
	struct stretch *stretch;
	unsigned seen = 0;

	while (ahead_take(ahead, LONG_MS, &stretch) == AHEAD_READY) {
		for (size_t i = 0; i < stretch->count; i++) {
			snprintf(id, sizeof(id), "case-%u", seen++);
			assert_string_equal(stretch->cases[i]->id, id);
		}
		snprintf(lengths + strlen(lengths), sizeof(lengths) - strlen(lengths), "%zu ", stretch->count);
		stretch_free(stretch);
	}
	assert_string_equal(lengths, expected);
}

static void all_cases_come_once_and_in_order(void **state)
{
	struct source source = { .count = 20000, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);

	(void)state;
	assert_lengths(ahead, "16361 3639 ");
	ahead_free(ahead);
}

static void a_guest_is_never_asked_for_more_than_it_can_hold(void **state)
{
	struct source source = { .count = 200, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, 100 + CASE_STEPS - 1, SIZE_MAX);

	(void)state;
	assert_lengths(ahead, "100 100 ");
	ahead_free(ahead);
}

static void a_case_that_may_end_the_guest_ends_its_stretch(void **state)
{
	struct source source = { .count = 10, .closed = 6 };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);

	(void)state;
	assert_lengths(ahead, "7 3 ");
	ahead_free(ahead);
}

static void each_case_can_have_a_stretch_of_its_own(void **state)
{
	struct source source = { .count = 4, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, SIZE_MAX, 1);

	(void)state;
	assert_lengths(ahead, "1 1 1 1 ");
	ahead_free(ahead);
}

static void an_empty_plan_has_no_stretch(void **state)
{
	struct source source = { .count = 0 };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);
	struct stretch *stretch;

	(void)state;
	assert_int_equal(ahead_take(ahead, LONG_MS, &stretch), AHEAD_NO_MORE);
	assert_null(stretch);
	ahead_free(ahead);
}

static void nobody_has_to_wait_for_a_stretch_that_is_being_made(void **state)
{
	struct source source = { .count = 1, .closed = UINT32_MAX, .held = true };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);
	struct stretch *stretch;

	(void)state;
	assert_int_equal(ahead_take(ahead, 0, &stretch), AHEAD_LATER);
	assert_int_equal(ahead_take(ahead, 1, &stretch), AHEAD_LATER);
	atomic_store(&source.held, false);
	assert_lengths(ahead, "1 ");
	ahead_free(ahead);
}

/* Gives it the time to make far more than it should. */
static unsigned made_in_a_while(struct source *source)
{
	for (unsigned i = 0; i < 50; i++)
		a_moment();
	return atomic_load(&source->made);
}

static void only_so_many_stretches_are_kept_ready(void **state)
{
	struct source source = { .count = 1000000, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, SIZE_MAX, 1);

	(void)state;
	assert_true(made_in_a_while(&source) <= 257);
	ahead_free(ahead);
}

static void only_so_many_steps_are_kept_ready(void **state)
{
	struct source source = { .count = 1000000, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);

	(void)state;
	assert_true(made_in_a_while(&source) <= 2 * 32768);
	ahead_free(ahead);
}

static void it_can_be_given_up_in_the_middle(void **state)
{
	struct source source = { .count = UINT32_MAX, .closed = UINT32_MAX };
	struct ahead *ahead = begin(&source, SIZE_MAX, SIZE_MAX);
	struct stretch *stretch;

	(void)state;
	assert_int_equal(ahead_take(ahead, LONG_MS, &stretch), AHEAD_READY);
	stretch_free(stretch);
	ahead_free(ahead);
}

/* A case knows where it lies, so two units that have one must not lie in two guests at once; the engine asks this. */
static void units_know_whether_they_share_a_case(void **state)
{
	struct stretch stretch = { .count = 16 }, other = { .count = 16 };
	const struct unit whole = { .stretch = &stretch, .first = 0, .count = 16, .skip = 8 };
	const struct unit half = { .stretch = &stretch, .first = 4, .count = 4 };
	const struct unit next = { .stretch = &stretch, .first = 8, .count = 1 };
	const struct unit elsewhere = { .stretch = &other, .first = 4, .count = 4 };
	const struct unit boot = { .count = 0 };

	(void)state;
	assert_true(units_share_cases(&whole, &half)); /* also those that it only repeats */
	assert_true(units_share_cases(&half, &whole));
	assert_true(units_share_cases(&next, &whole));
	assert_false(units_share_cases(&half, &next));
	assert_false(units_share_cases(&next, &half));
	assert_false(units_share_cases(&elsewhere, &half));
	assert_false(units_share_cases(&boot, &boot));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases_come_once_and_in_order),
		cmocka_unit_test(a_guest_is_never_asked_for_more_than_it_can_hold),
		cmocka_unit_test(a_case_that_may_end_the_guest_ends_its_stretch),
		cmocka_unit_test(each_case_can_have_a_stretch_of_its_own),
		cmocka_unit_test(an_empty_plan_has_no_stretch),
		cmocka_unit_test(nobody_has_to_wait_for_a_stretch_that_is_being_made),
		cmocka_unit_test(only_so_many_stretches_are_kept_ready),
		cmocka_unit_test(only_so_many_steps_are_kept_ready),
		cmocka_unit_test(it_can_be_given_up_in_the_middle),
		cmocka_unit_test(units_know_whether_they_share_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
