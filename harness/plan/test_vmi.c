/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_vmi.c - calls that are reached by addresses which other calls return: spec/vmi in cases.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

static struct spec *spec;
static bool *missing;

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	spec = spec_load(ASSAY_SOURCE "/spec/vmi", findings, &err);
	findings_free(findings);
	missing = spec ? calloc(spec->entry_count, sizeof(*missing)) : NULL;
	return missing ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free(spec);
	free(missing);
	return 0;
}

static struct plan *plan_of(int version, const char *filter)
{
	const struct survey survey = {
		.version = version, .missing = missing, .harts = 1, .ram_size = 128u << 20, .clock_hz = 1000000
	};
	const struct plan_options options = { EFFORT_QUICK, 1, filter, 5 };
	struct err err = { 0 };
	struct plan *plan = plan_new(spec, &survey, &options, &err);

	if (!plan)
		fail_msg("%s", err.message);
	return plan;
}

static int arg_named(const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (!strcmp(entry->args[i].name, name))
			return (int)i;
	return -1;
}

/* The number that GetRelocationInfo was asked for in the entry's own preparation. */
static uint64_t number_of(const struct entry *entry)
{
	static const struct expr_env nothing;

	return expr_eval(spec_question(entry)->value[0], &nothing).bits;
}

static void check_step(const struct plan_case *one, unsigned number)
{
	const struct case_step *step = &one->steps[number];
	int target = arg_named(step->entry, "target");
	const struct case_value *value = &step->args[target < 0 ? 0 : target];

	if (target < 0)
		return;
	assert_int_equal(value->source, VALUE_RESULT);
	assert_true(value->from_step < number);
	assert_string_equal(one->steps[value->from_step].entry->name, "GetRelocationInfo");
	assert_int_equal(one->steps[value->from_step].args[0].literal, number_of(step->entry));
}

static void every_call_goes_to_the_address_that_was_asked_for_it(void **state)
{
	struct plan *plan = plan_of(1, NULL);
	const struct plan_case *one;
	unsigned cases = 0;

	(void)state;
	for (; (one = plan_next(plan)); cases++)
		for (unsigned i = 0; i < one->step_count; i++)
			check_step(one, i);
	assert_true(cases > 1000);
	plan_free(plan);
}

static void an_older_version_asks_nobody_and_calls_slots(void **state)
{
	struct plan *plan = plan_of(0, NULL);
	const struct plan_case *one;
	unsigned calls = 0;

	(void)state;
	while ((one = plan_next(plan)))
		for (unsigned i = 0; i < one->step_count; i++, calls++) {
			int target = arg_named(one->steps[i].entry, "target");

			assert_string_not_equal(one->steps[i].entry->name, "GetRelocationInfo");
			if (target < 0)
				continue;
			assert_int_equal(one->steps[i].args[target].source, VALUE_LITERAL);
			assert_int_equal(one->steps[i].args[target].literal, 0);
		}
	assert_true(calls > 1000);
	plan_free(plan);
}

static void what_is_missing_is_called_nowhere(void **state)
{
	const struct entry *gone = spec_find_entry(spec, "cpu.WRMSR"), *needs_it = spec_find_entry(spec, "cpu.RDMSR");
	const struct plan_case *one;
	struct plan *plan;

	(void)state;
	missing[gone->number] = true;
	plan = plan_of(1, NULL);
	while ((one = plan_next(plan)))
		for (unsigned i = 0; i < one->step_count; i++) {
			assert_ptr_not_equal(one->steps[i].entry, gone);
			assert_ptr_not_equal(one->steps[i].entry, needs_it); /* prepared by what is missing */
		}
	plan_free(plan);
	plan = plan_of(0, "vmi.cpu.WRMSR");
	assert_non_null(plan_next(plan)); /* of a version that has no call to ask with, it is there */
	missing[gone->number] = false;
	plan_free(plan);
}

static void nothing_is_written_where_roms_lie(void **state)
{
	struct plan *plan = plan_of(1, "vmi.descriptor.*");
	const struct plan_case *one;

	(void)state;
	while ((one = plan_next(plan)))
		for (unsigned i = 0; i < one->step_count; i++)
			for (unsigned a = 0; a < one->steps[i].entry->arg_count; a++)
				assert_int_not_equal(one->steps[i].args[a].source, VALUE_BLOB);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_goes_to_the_address_that_was_asked_for_it),
		cmocka_unit_test(an_older_version_asks_nobody_and_calls_slots),
		cmocka_unit_test(what_is_missing_is_called_nowhere),
		cmocka_unit_test(nothing_is_written_where_roms_lie),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
