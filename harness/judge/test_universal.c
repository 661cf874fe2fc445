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

static void a_call_that_returns_passes_and_one_that_traps_fails(void **state)
{
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	step.results[1] = 1;
	judge_call(&step);
	assert_int_equal(said("one.plain:returns"), VERDICT_PASS);
	step.outcome = RECORD_TRAPPED;
	step.cause = 2;
	step.pc = 0x1234;
	assert_int_equal(judge_call(&step), VERDICT_FAIL);
	assert_int_equal(said("one.plain:returns"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:returns"), "returns");
	assert_non_null(strstr(said_got("one.plain:returns"), "pc 0x1234"));
	assert_non_null(strstr(said_cite("one.plain:returns"), "3"));
}

static void every_outcome_nobody_declared_has_its_verdict(void **state)
{
	static const struct {
		enum record_outcome outcome;
		enum verdict verdict;
	} table[] = {
		{ RECORD_LANDED, VERDICT_FAIL },   { RECORD_STOPPED, VERDICT_FAIL }, { RECORD_SHUTDOWN, VERDICT_CRASH },
		{ RECORD_RESET, VERDICT_CRASH },   { RECORD_CRASH, VERDICT_CRASH },  { RECORD_HANG, VERDICT_HANG },
		{ RECORD_BROKEN, VERDICT_BROKEN }, { RECORD_NOT_RUN, UNJUDGED },     { RECORD_NO_HART, UNJUDGED },
	};
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		step.outcome = table[i].outcome;
		judge_call(&step);
		assert_int_equal(said("one.plain:returns"), table[i].verdict);
		assert_int_equal(said("one.plain:declared-error"), UNJUDGED);
		assert_int_equal(said("one.plain:preserved-registers"), UNJUDGED);
	}
}

static void a_declared_outcome_passes(void **state)
{
	struct recorded_step off = CALL("one.off"), halt = CALL("one.halt"), nap = CALL("one.nap"), jump = CALL("one.jump", 5);

	(void)state;
	off.outcome = RECORD_SHUTDOWN;
	judge_call(&off);
	assert_int_equal(said("one.off:returns"), VERDICT_PASS);
	assert_int_equal(said("one.off:really"), VERDICT_PASS);
	off.outcome = RECORD_RESET;
	judge_call(&off);
	assert_int_equal(said("one.off:returns"), VERDICT_CRASH);
	halt.outcome = RECORD_STOPPED;
	judge_call(&halt);
	assert_int_equal(said("one.halt:returns"), VERDICT_PASS);
	nap.outcome = RECORD_STOPPED;
	judge_call(&nap);
	assert_int_equal(said("one.nap:returns"), VERDICT_PASS);
	jump.outcome = RECORD_RETURNED;
	judge_call(&jump);
	assert_int_equal(said("one.jump:returns"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.jump:returns"), "lands");
}

static void a_machine_at_rest_is_a_stop_only_where_stopping_is_declared(void **state)
{
	struct recorded_step halt = CALL("one.halt"), nap = CALL("one.nap");

	(void)state;
	halt.outcome = nap.outcome = RECORD_HANG;
	judge_call(&halt);
	assert_int_equal(said("one.halt:returns"), VERDICT_PASS);
	assert_int_equal(said("one.halt:really"), VERDICT_PASS);
	assert_int_equal(judge_call(&nap), VERDICT_HANG);
}

static void an_error_code_the_entry_does_not_declare_fails(void **state)
{
	struct recorded_step step = CALL("one.plain", 20, 1);

	(void)state;
	step.results[0] = (uint64_t)-1;
	judge_call(&step);
	assert_int_equal(said("one.plain:declared-error"), VERDICT_PASS);
	step.results[0] = (uint64_t)-3;
	judge_call(&step);
	assert_int_equal(said("one.plain:declared-error"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:declared-error"), "error in { OK, BAD }");
	assert_string_equal(said_got("one.plain:declared-error"), "error = -3 (DENIED)");
	step.results[0] = 77;
	judge_call(&step);
	assert_string_equal(said_got("one.plain:declared-error"), "error = 77 (no error code at all)");
}

static void an_entry_without_a_list_of_errors_may_answer_anything(void **state)
{
	struct recorded_step step = CALL("one.version");

	(void)state;
	step.results[0] = 77;
	judge_call(&step);
	assert_int_equal(said("one.version:declared-error"), UNJUDGED);
}

static void a_clobbered_register_fails(void **state)
{
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	judge_call(&step);
	assert_int_equal(said("one.plain:preserved-registers"), VERDICT_PASS);
	step.clobbered = 1 << 5 | 1 << 1;
	step.registers[5] = 7;
	step.expected[5] = 8;
	judge_call(&step);
	assert_int_equal(said("one.plain:preserved-registers"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:preserved-registers"), "r5 = 0x8");
	assert_string_equal(said_got("one.plain:preserved-registers"), "r5 = 0x7");
}

static void an_entry_may_keep_more_than_the_convention_asks(void **state)
{
	struct recorded_step plain = CALL("one.plain", 1, 1), keeps = CALL("one.keeps_one");

	(void)state;
	plain.clobbered = keeps.clobbered = 1 << 1;
	judge_call(&plain);
	assert_int_equal(said("one.plain:preserved-registers"), VERDICT_PASS);
	judge_call(&keeps);
	assert_int_equal(said("one.keeps_one:preserved-registers"), VERDICT_FAIL);
}

static void a_changed_control_register_fails_within_its_mask(void **state)
{
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	step.before[1] = 0x101;
	step.after[1] = 0x201; /* mode: outside the mask */
	step.after[0] = 9; /* pending: only watched */
	judge_call(&step);
	assert_int_equal(said("one.plain:preserved-control"), VERDICT_PASS);
	step.after[1] = 0x102;
	step.after[2] = 5;
	judge_call(&step);
	assert_int_equal(said("one.plain:preserved-control"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.plain:preserved-control"), "mode = 0x101, base = 0x0");
	assert_string_equal(said_got("one.plain:preserved-control"), "mode = 0x102, base = 0x5");
}

static void an_entry_may_change_the_control_registers_it_names(void **state)
{
	struct recorded_step step = CALL("one.shift");

	(void)state;
	step.before[1] = 0x101;
	step.after[1] = 0x102;
	judge_call(&step);
	assert_int_equal(said("one.shift:preserved-control"), VERDICT_PASS);
	step.after[2] = 5;
	judge_call(&step);
	assert_int_equal(said("one.shift:preserved-control"), VERDICT_FAIL);
	assert_string_equal(said_got("one.shift:preserved-control"), "base = 0x5");
}

static void an_entry_that_was_asked_for_and_is_not_there_is_skipped(void **state)
{
	static const char *const names[] = { "one", "extra", "states", "demo.one.asked" };
	static bool present[] = { true, true, true, true };
	struct recorded_step step = CALL("one.asked");

	(void)state;
	court_head.chapters = names;
	court_head.present = present;
	court_head.chapter_count = 4;
	court_again();
	judge_call(&step);
	assert_int_equal(said("one.asked:works"), VERDICT_PASS);
	present[3] = false;
	court_again();
	judge_call(&step);
	assert_int_equal(said("one.asked:works"), VERDICT_SKIP);
	assert_true(
		judge_is_missing(&court_head, spec_find_entry(court_spec, "one.asked"), judge_version(court_spec, &court_head)));
	assert_false(
		judge_is_missing(&court_head, spec_find_entry(court_spec, "one.plain"), judge_version(court_spec, &court_head)));
}

static uint8_t before[24], after[24];

static struct recorded_step memory_call(void)
{
	struct recorded_step step = CALL("one.memory", 0x180000, 0x180100);

	for (unsigned i = 0; i < sizeof(before); i++)
		before[i] = after[i] = (uint8_t)i;
	step.buffer_count = 2;
	step.buffers[0] = (struct recorded_buffer){ 0x180000, 8, 8, before, after };
	step.buffers[1] = (struct recorded_buffer){ 0x180100, 8, 0, before + 8, after + 8 };
	return step;
}

static void a_dirty_guard_zone_fails_on_both_sides(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	judge_call(&step);
	assert_int_equal(said("one.memory:guard-zones"), VERDICT_PASS);
	after[7] = 0xff;
	judge_call(&step);
	assert_int_equal(said("one.memory:guard-zones"), VERDICT_FAIL);
	assert_string_equal(said_expected("one.memory:guard-zones"), "source[-1] = 0x07 as before");
	assert_non_null(strstr(said_got("one.memory:guard-zones"), "source[-1] = 0xff at 0x17ffff"));
	after[7] = 7;
	after[16] = 1;
	judge_call(&step);
	assert_non_null(strstr(said_got("one.memory:guard-zones"), "source[8] = 0x01 at 0x180008"));
}

static void a_buffer_without_guard_has_nothing_to_pass(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	step.buffers[0].guard = 0;
	judge_call(&step);
	assert_int_equal(said("one.memory:guard-zones"), UNJUDGED);
	step.buffer_count = 0;
	judge_call(&step);
	assert_int_equal(said("one.memory:guard-zones"), UNJUDGED);
	assert_int_equal(said("one.memory:declared-writes"), UNJUDGED);
}

static void memory_that_may_only_be_read_must_stay(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	step.buffers[1].guard = 0;
	judge_call(&step);
	assert_int_equal(said("one.memory:declared-writes"), VERDICT_PASS);
	after[10] = 99;
	judge_call(&step);
	assert_int_equal(said("one.memory:declared-writes"), VERDICT_FAIL);
	assert_non_null(strstr(said_got("one.memory:declared-writes"), "source[2] = 0x63"));
}

static void the_target_of_a_call_may_be_written(void **state)
{
	struct recorded_step step = memory_call();
	uint8_t written[8] = { 1, 2, 3 };

	(void)state;
	step.buffers[1].after = written;
	judge_call(&step);
	assert_int_equal(said("one.memory:declared-writes"), VERDICT_PASS);
}

static void memory_is_not_judged_after_a_call_that_did_not_come_back(void **state)
{
	struct recorded_step step = memory_call();

	(void)state;
	after[0] = 0xff;
	step.outcome = RECORD_HANG;
	judge_call(&step);
	assert_int_equal(said("one.memory:guard-zones"), UNJUDGED);
}

static void output_nobody_declared_fails(void **state)
{
	struct recorded_step step = CALL("one.plain", 1, 1), talk = CALL("one.talk");

	(void)state;
	judge_call(&step);
	assert_int_equal(said("one.plain:console-silence"), UNJUDGED); /* nobody listened */
	step.has_console = talk.has_console = true;
	judge_call(&step);
	assert_int_equal(said("one.plain:console-silence"), VERDICT_PASS);
	step.console = talk.console = (const uint8_t *)"h\n";
	step.console_length = talk.console_length = 2;
	judge_call(&step);
	assert_int_equal(said("one.plain:console-silence"), VERDICT_FAIL);
	assert_string_equal(said_got("one.plain:console-silence"), "2 bytes: \"h\\x0a\"");
	judge_call(&talk);
	assert_int_equal(said("one.talk:console-silence"), UNJUDGED);
	assert_int_equal(said("one.talk:says-hi"), VERDICT_PASS);
}

static void a_call_over_its_deadline_fails(void **state)
{
	struct recorded_step step = CALL("one.plain", 1, 1), nap = CALL("one.nap");

	(void)state;
	step.end = step.start + 1000; /* 1 ms at 1 MHz */
	judge_call(&step);
	assert_int_equal(said("one.plain:deadline"), VERDICT_PASS);
	step.end++;
	nap.end = 1u << 30;
	judge_call(&step);
	assert_int_equal(said("one.plain:deadline"), VERDICT_FAIL);
	assert_string_equal(said_got("one.plain:deadline"), "1001000 ns");
	judge_call(&nap);
	assert_int_equal(said("one.nap:deadline"), UNJUDGED);
}

static void what_the_document_leaves_open_is_observed_but_never_a_machine_that_hangs(void **state)
{
	unsigned *unspecified = &((struct spec *)court_spec)->convention.unspecified;
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	*unspecified = 1u << UNIVERSAL_RETURNS | 1u << UNIVERSAL_CONSOLE_SILENCE | 1u << UNIVERSAL_DEADLINE;
	step.has_console = true;
	step.console = (const uint8_t *)"h";
	step.console_length = 1;
	step.end = step.start + 1001;
	judge_call(&step);
	assert_int_equal(said("one.plain:console-silence"), VERDICT_OBSERVED);
	assert_int_equal(said("one.plain:deadline"), VERDICT_OBSERVED);
	assert_string_equal(said_expected("one.plain:console-silence"), "unspecified: nothing on the console");
	step.outcome = RECORD_HANG;
	assert_int_equal(judge_call(&step), VERDICT_HANG);
	*unspecified = 0;
}

static void a_forged_record_is_a_failure_of_the_call_alone_whatever_the_document_leaves_open(void **state)
{
	unsigned *unspecified = &((struct spec *)court_spec)->convention.unspecified;
	struct recorded_step step = CALL("one.plain", 1, 1);

	(void)state;
	*unspecified = 1u << UNIVERSAL_RETURNS;
	step.outcome = RECORD_FORGED;
	assert_int_equal(judge_call(&step), VERDICT_FAIL);
	assert_int_equal(said("one.plain:returns"), VERDICT_FAIL);
	assert_string_equal(said_got("one.plain:returns"), "forged: the record is not what the machine emulator saw");
	assert_int_equal(said("one.plain:preserved-registers"), UNJUDGED);
	*unspecified = 0;
}

static void a_call_that_is_not_there_must_say_so_and_its_rules_are_skipped(void **state)
{
	struct recorded_step step = CALL("extra.thing");

	(void)state;
	judge_call(&step);
	assert_int_equal(said("extra.thing:unsupported"), UNJUDGED);
	assert_int_equal(said("extra.thing:works"), VERDICT_PASS);
	((bool *)court_head.present)[1] = false;
	court_again();
	assert_int_equal(judge_call(&step), VERDICT_FAIL);
	assert_int_equal(said("extra.thing:unsupported"), VERDICT_FAIL);
	assert_non_null(strstr(said_got("extra.thing:unsupported"), "error = 0"));
	assert_int_equal(said("extra.thing:works"), VERDICT_SKIP);
	step.results[0] = (uint64_t)-2;
	assert_int_equal(judge_call(&step), VERDICT_PASS);
	assert_int_equal(said("extra.thing:unsupported"), VERDICT_PASS);
	assert_int_equal(said("extra.thing:works"), VERDICT_SKIP);
	assert_int_equal(said("extra.thing:declared-error"), UNJUDGED);
}

static void a_call_that_is_not_there_still_keeps_the_registers(void **state)
{
	struct recorded_step step = CALL("extra.thing");

	(void)state;
	((bool *)court_head.present)[1] = false;
	court_again();
	step.results[0] = (uint64_t)-2;
	step.clobbered = 1 << 6;
	judge_call(&step);
	assert_int_equal(said("extra.thing:preserved-registers"), VERDICT_FAIL);
	step.outcome = RECORD_HANG;
	assert_int_equal(judge_call(&step), VERDICT_HANG);
}

static void an_optional_entry_that_says_it_is_absent_is_skipped(void **state)
{
	struct recorded_step step = CALL("one.maybe");

	(void)state;
	step.results[0] = (uint64_t)-1;
	judge_call(&step);
	assert_int_equal(said("one.maybe:works"), VERDICT_FAIL);
	step.results[0] = (uint64_t)-2;
	judge_call(&step);
	assert_int_equal(said("one.maybe:works"), VERDICT_SKIP);
	assert_int_equal(said("one.maybe:unsupported"), VERDICT_PASS);
}

static void a_chapter_the_recording_does_not_know_is_not_judged_by_its_rules(void **state)
{
	struct recorded_step step = CALL("extra.thing");

	(void)state;
	court_head.chapter_count = 1;
	court_again();
	step.results[0] = 5;
	judge_call(&step);
	assert_int_equal(said("extra.thing:works"), UNJUDGED);
	assert_int_equal(said("extra.thing:unsupported"), UNJUDGED);
	assert_int_equal(said("extra.thing:returns"), VERDICT_PASS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, court_begin, court_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_that_returns_passes_and_one_that_traps_fails),
		TEST(every_outcome_nobody_declared_has_its_verdict),
		TEST(a_declared_outcome_passes),
		TEST(a_machine_at_rest_is_a_stop_only_where_stopping_is_declared),
		TEST(an_error_code_the_entry_does_not_declare_fails),
		TEST(an_entry_without_a_list_of_errors_may_answer_anything),
		TEST(a_clobbered_register_fails),
		TEST(an_entry_may_keep_more_than_the_convention_asks),
		TEST(an_entry_may_change_the_control_registers_it_names),
		TEST(an_entry_that_was_asked_for_and_is_not_there_is_skipped),
		TEST(a_changed_control_register_fails_within_its_mask),
		TEST(a_dirty_guard_zone_fails_on_both_sides),
		TEST(a_buffer_without_guard_has_nothing_to_pass),
		TEST(memory_that_may_only_be_read_must_stay),
		TEST(the_target_of_a_call_may_be_written),
		TEST(memory_is_not_judged_after_a_call_that_did_not_come_back),
		TEST(output_nobody_declared_fails),
		TEST(a_call_over_its_deadline_fails),
		TEST(what_the_document_leaves_open_is_observed_but_never_a_machine_that_hangs),
		TEST(a_forged_record_is_a_failure_of_the_call_alone_whatever_the_document_leaves_open),
		TEST(a_call_that_is_not_there_must_say_so_and_its_rules_are_skipped),
		TEST(a_call_that_is_not_there_still_keeps_the_registers),
		TEST(an_optional_entry_that_says_it_is_absent_is_skipped),
		TEST(a_chapter_the_recording_does_not_know_is_not_judged_by_its_rules),
	};

	return cmocka_run_group_tests(tests, court_setup, court_teardown);
}
