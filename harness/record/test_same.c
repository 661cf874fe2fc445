/* SPDX-License-Identifier: BSD-2-Clause */
/* Two recordings of a case: everything that can differ is seen to differ. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>

#include "record/record.h"

static uint8_t memory[48], other_memory[48] = { [20] = 1 };
static struct recorded_landing landing = { .hart = 1, .pad = 2, .pc = 0x1000 }, other_landing;

static struct recorded_step a_step(void)
{
	return (struct recorded_step){
		.entry = "t.e",
		.outcome = RECORD_RETURNED,
		.arg_count = 2,
		.args = { 7, 150 },
		.result_count = 2,
		.results = { 0, 5 },
		.start = 100,
		.end = 112,
		.clobbered = 4,
		.registers = { [2] = 22 },
		.has_later = true,
		.buffer_count = 1,
		.buffers = { { 0x2000, 16, 16, memory, memory } },
		.landing_count = 1,
		.landings = &landing,
		.has_console = true,
		.console = (const uint8_t *)"ab",
		.console_length = 2,
	};
}

static unsigned differences(struct recorded_step a, struct recorded_step b, char **text)
{
	const struct recorded_case was = { .id = "x", .step_count = 1, .steps = &a },
				   is = { .id = "x", .step_count = 1, .steps = &b };
	size_t size;
	FILE *out = open_memstream(text, &size);
	unsigned count = recorded_differences(&was, &is, out);

	fclose(out);
	return count;
}

#define ASSERT_SEEN(change, words)                                                                                               \
	do {                                                                                                                     \
		struct recorded_step is = a_step();                                                                              \
		char *text;                                                                                                      \
		change;                                                                                                          \
		assert_int_not_equal(differences(a_step(), is, &text), 0);                                                       \
		if (!strstr(text, words))                                                                                        \
			fail_msg("`%s` is not in: %s", words, text);                                                             \
		free(text);                                                                                                      \
	} while (0)

static void the_same_is_the_same(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(differences(a_step(), a_step(), &text), 0);
	assert_string_equal(text, "");
	free(text);
}

static void whatever_differs_is_told(void **state)
{
	(void)state;
	ASSERT_SEEN(is.entry = "t.f", "t.e was called, and is t.f");
	ASSERT_SEEN(is.outcome = RECORD_TRAPPED, "call 1: the outcome");
	ASSERT_SEEN(is.hart = 1, "the hart");
	ASSERT_SEEN(is.args[0] = 8, "argument 0 was 0x7 and is 0x8");
	ASSERT_SEEN(is.results[1] = 6, "result 1 was 0x5 and is 0x6");
	ASSERT_SEEN(is.end = 113, "its time in ticks was 0xc and is 0xd");
	ASSERT_SEEN(is.cause = 2, "cause");
	ASSERT_SEEN(is.pc = 2, "trap's address");
	ASSERT_SEEN(is.trap_value = 2, "trap's value");
	ASSERT_SEEN(is.clobbered = 0, "set of changed registers");
	ASSERT_SEEN(is.registers[2] = 23, "changed register 2");
	ASSERT_SEEN(is.before[3] = 1, "before the call, control register 3");
	ASSERT_SEEN(is.after[3] = 1, "after the call, control register 3");
	ASSERT_SEEN(is.later[3] = 1, "later, control register 3");
	ASSERT_SEEN(is.has_later = false, "looked at later");
	ASSERT_SEEN(is.ipis[1] = 1, "software interrupts");
	ASSERT_SEEN(is.buffer_count = 0, "number of buffers");
	ASSERT_SEEN(is.buffers[0].address = 0x3000, "address");
	ASSERT_SEEN(is.buffers[0].size = 8, "size");
	ASSERT_SEEN(is.buffers[0].after = other_memory, "memory of buffer 0");
	ASSERT_SEEN(is.landing_count = 0, "number of landings");
	ASSERT_SEEN(is.landings = &other_landing, "a landing's hart");
	ASSERT_SEEN(is.console = (const uint8_t *)"ac", "console");
	ASSERT_SEEN(is.console_length = 1, "console");
}

static void when_it_happened_is_no_difference(void **state)
{
	struct recorded_step later = a_step();
	char *text;

	(void)state;
	/* all of it 30 ticks later, the argument that was a time, too */
	later.start += 30;
	later.end += 30;
	later.args[1] += 30;
	assert_int_equal(differences(a_step(), later, &text), 0);
	free(text);
	later.args[1] += 1;
	assert_int_equal(differences(a_step(), later, &text), 1);
	free(text);
}

static void console_bytes_nobody_watched_are_not_compared(void **state)
{
	struct recorded_step is = a_step();
	char *text;

	(void)state;
	is.has_console = false;
	is.console_length = 0;
	assert_int_equal(differences(a_step(), is, &text), 0);
	free(text);
}

static void another_number_of_calls_is_a_difference(void **state)
{
	struct recorded_step step = a_step();
	const struct recorded_case was = { .id = "x", .step_count = 1, .steps = &step }, is = { .id = "x", .steps = &step };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(recorded_differences(&was, &is, out), 1);
	fclose(out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_the_same),
		cmocka_unit_test(whatever_differs_is_told),
		cmocka_unit_test(when_it_happened_is_no_difference),
		cmocka_unit_test(console_bytes_nobody_watched_are_not_compared),
		cmocka_unit_test(another_number_of_calls_is_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
