/* SPDX-License-Identifier: BSD-2-Clause */
/* What ran in one boot, told as its cases come. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "record/boot.h"

static void add(struct boot_ids *boot, const char *id, uint32_t number)
{
	const struct recorded_case recorded = { .id = id, .boot = number };

	boot_add(boot, &recorded);
}

static void cases_of_one_boot_are_kept_in_order(void **state)
{
	struct boot_ids boot = { 0 };

	(void)state;
	add(&boot, "b", 3);
	add(&boot, "a", 3);
	assert_int_equal(boot.count, 2);
	assert_string_equal(boot.ids[0], "b");
	assert_string_equal(boot.ids[1], "a");
	boot_free(&boot);
}

static void those_of_another_boot_are_forgotten_when_it_is_entered(void **state)
{
	const struct recorded_case next = { .id = "c", .boot = 4 };
	struct boot_ids boot = { 0 };

	(void)state;
	add(&boot, "a", 3);
	boot_enter(&boot, &next);
	assert_int_equal(boot.count, 0);
	add(&boot, "c", 4);
	boot_enter(&boot, &next);
	assert_int_equal(boot.count, 1);
	boot_free(&boot);
}

static void a_copy_outlives_the_boot(void **state)
{
	struct arena *arena = arena_new();
	struct boot_ids boot = { 0 };
	const char *const *copy;
	char id[8];

	(void)state;
	assert_non_null(boot_copy(&boot, arena));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		add(&boot, id, 1);
	}
	copy = boot_copy(&boot, arena);
	add(&boot, "x", 2);
	boot_free(&boot);
	assert_string_equal(copy[0], "c0");
	assert_string_equal(copy[999], "c999");
	arena_free(arena);
}

static void a_case_was_run_when_one_of_its_calls_took_place(void **state)
{
	struct recorded_step steps[] = { { .outcome = RECORD_NOT_RUN }, { .outcome = RECORD_NOT_RUN } };
	const struct recorded_case recorded = { .step_count = 2, .steps = steps };

	(void)state;
	assert_false(recorded_was_run(&recorded));
	steps[1].outcome = RECORD_HANG;
	assert_true(recorded_was_run(&recorded));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_of_one_boot_are_kept_in_order),
		cmocka_unit_test(those_of_another_boot_are_forgotten_when_it_is_entered),
		cmocka_unit_test(a_copy_outlives_the_boot),
		cmocka_unit_test(a_case_was_run_when_one_of_its_calls_took_place),
	};

	return cmocka_run_group_tests_name("record boot", tests, NULL, NULL);
}
