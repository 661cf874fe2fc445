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

static struct plan *plan_with(int version, const char *filter, const bool *present, uint64_t seed)
{
	const struct survey survey = { .version = version,
				       .missing = missing,
				       .present = present,
				       .harts = 1,
				       .ram_size = 128u << 20,
				       .clock_hz = 1000000 };
	const struct plan_options options = { EFFORT_QUICK, seed, filter, seed == 1 ? 5 : 500 };
	struct err err = { 0 };
	struct plan *plan = plan_new(spec, &survey, &options, &err);

	if (!plan)
		fail_msg("%s", err.message);
	return plan;
}

static struct plan *plan_of(int version, const char *filter)
{
	return plan_with(version, filter, NULL, 1);
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

static void what_another_chapter_has_not_is_left_out(void **state)
{
	const struct entry *gone = spec_find_entry(spec, "timer.SetAlarm");
	const struct plan_case *one;
	struct plan *plan;
	unsigned cases = 0;

	(void)state;
	missing[gone->number] = true;
	plan = plan_of(1, "vmi.processor.Halt");
	for (; (one = plan_next(plan)); cases++)
		for (unsigned i = 0; i < one->step_count; i++)
			assert_ptr_not_equal(one->steps[i].entry, gone);
	assert_true(cases > 0);
	missing[gone->number] = false;
	plan_free(plan);
}

static void an_alarm_is_a_little_after_what_the_counter_has_shown(void **state)
{
	struct plan *plan = plan_of(1, "vmi.timer.SetAlarm");
	const struct plan_case *one = plan_next(plan);
	const struct case_value *low, *high;

	(void)state;
	assert_non_null(one);
	low = &one->steps[one->main].args[arg_named(one->entry, "expiry_low")];
	high = &one->steps[one->main].args[arg_named(one->entry, "expiry_high")];
	assert_int_equal(low->source, VALUE_RESULT);
	assert_int_equal(low->literal, 50000);
	assert_string_equal(one->steps[low->from_step].entry->name, "GetCycleCounter");
	assert_int_equal(high->source, VALUE_RESULT);
	assert_int_equal(high->literal, 0);
	assert_int_equal(high->from_step, low->from_step);
	assert_int_equal(high->from_result, low->from_result + 1);
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

static void where_there_is_no_other_processor_none_is_started(void **state)
{
	bool *present = calloc(spec->chapter_count, sizeof(*present));
	struct plan *plan;

	(void)state;
	assert_non_null(present);
	for (size_t i = 0; i < spec->chapter_count; i++)
		present[i] = !spec->chapters[i]->presence;
	plan = plan_with(1, "vmi.startup.*", present, 1);
	assert_null(plan_next(plan));
	plan_free(plan);
	free(present);
}

static uint32_t word(const uint8_t *content, size_t offset)
{
	return content[offset] | content[offset + 1] << 8 | content[offset + 2] << 16 | (uint32_t)content[offset + 3] << 24;
}

/* Nothing starts with it, or it comes out where the probe sees it. */
static bool is_safe(const struct case_buffer *state)
{
	const uint8_t *content = state->content;
	bool starts = content && (word(content, 0) & 0x80000001) == 0x80000001 && !(word(content, 16) & 0x500);

	return content && state->size == 92 &&
	       (!starts || (word(content, 8) == 0x104000 && word(content, 24) == 0x105000 && word(content, 80) == 0x103000));
}

/* Where nobody knows what it executes, another processor may do anything to who is being judged. */
static void another_processor_is_started_only_where_it_is_seen(void **state)
{
	unsigned states = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 8; seed++) {
		struct plan *plan = plan_with(seed % 2, "vmi.startup.*", NULL, seed);
		const struct plan_case *one;

		while ((one = plan_next(plan)))
			for (unsigned i = 0; i < one->step_count; i++)
				for (unsigned b = 0; b < one->steps[i].buffer_count; b++, states++)
					assert_true(one->steps[i].args[arg_named(one->steps[i].entry, "state")].source ==
							    VALUE_BUFFER &&
						    (!one->steps[i].buffers[b].size || is_safe(&one->steps[i].buffers[b])));
		plan_free(plan);
	}
	assert_true(states > 1000);
}

/* Any other number there resets the caller, or interrupts it. */
static void the_interrupt_command_register_gets_four_numbers_only(void **state)
{
	static const uint32_t allowed[][2] = {
		{ 0xfee00310, 0x01000000 }, { 0xfee00300, 0x4500 }, { 0xfee00300, 0x4610 }, { 0xfee00300, 0x4611 }
	};

	(void)state;
	for (uint64_t seed = 1; seed < 4; seed++) {
		struct plan *plan = plan_with(1, "vmi.*p*.*", NULL, seed);
		const struct plan_case *one;

		while ((one = plan_next(plan)))
			for (unsigned i = 0; i < one->step_count; i++) {
				const struct case_step *step = &one->steps[i];
				int reg = arg_named(step->entry, "reg"), value = arg_named(step->entry, "value");
				bool found = reg < 0 || value < 0 || (step->args[reg].literal & 0xfe0) != 0x300;

				for (unsigned a = 0; a < 4 && !found; a++)
					found = step->args[reg].literal == allowed[a][0] &&
						step->args[value].literal == allowed[a][1];
				assert_true(found);
			}
		plan_free(plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_goes_to_the_address_that_was_asked_for_it),
		cmocka_unit_test(an_older_version_asks_nobody_and_calls_slots),
		cmocka_unit_test(what_is_missing_is_called_nowhere),
		cmocka_unit_test(what_another_chapter_has_not_is_left_out),
		cmocka_unit_test(an_alarm_is_a_little_after_what_the_counter_has_shown),
		cmocka_unit_test(nothing_is_written_where_roms_lie),
		cmocka_unit_test(where_there_is_no_other_processor_none_is_started),
		cmocka_unit_test(another_processor_is_started_only_where_it_is_seen),
		cmocka_unit_test(the_interrupt_command_register_gets_four_numbers_only),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
