/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "judge/perturb.h"
#include "judge/test_court.h"

static struct perturb *perturb;

static int begin(void **state)
{
	struct err err = { 0 };

	court_begin(state);
	perturb = perturb_new(&(struct judge_config){ court_spec, &court_head, NULL, NULL }, &err);
	return perturb ? 0 : -1;
}

static int end(void **state)
{
	perturb_free(perturb);
	return court_end(state);
}

static void hear(struct recorded_step *steps, unsigned count)
{
	const struct recorded_case recorded = { "c", NULL, NULL, 1, 0, count, 0, steps };

	perturb_case(perturb, &recorded);
}

struct question {
	const char *rule;
	struct perturbed found;
};

static void match(void *context, const struct perturbed *perturbed)
{
	struct question *question = context;

	if (!strcmp(perturbed->rule_id + strlen("demo."), question->rule))
		question->found = *perturbed;
}

static struct perturbed found(const char *rule)
{
	struct question question = { rule, { 0 } };

	perturb_each(perturb, match, &question);
	return question.found;
}

static void a_rule_that_nothing_can_fail_is_found_out(void **state)
{
	struct recorded_step step = CALL("one.anything");

	(void)state;
	hear(&step, 1);
	hear(&step, 1);
	assert_int_equal(found("one.anything:empty").passed, 2);
	assert_null(found("one.anything:empty").failed_by);
	assert_string_equal(found("one.anything:full").failed_by, "a flipped bit in a result");
}

static void a_rule_that_never_passed_is_not_on_the_list(void **state)
{
	struct recorded_step step = CALL("one.plain", 4);

	(void)state;
	hear(&step, 1);
	assert_null(found("one.plain:echo").rule_id);
	assert_non_null(found("one.plain:never").rule_id);
}

static void a_state_of_the_model_is_what_it_was_at_the_call(void **state)
{
	struct recorded_step steps[] = { CALL("states.set_lock"), CALL("states.set_lock") };

	(void)state;
	steps[1].results[0] = (uint64_t)-3;
	hear(steps, 2);
	assert_string_equal(found("states.set_lock:first").failed_by, "another error code");
	assert_string_equal(found("states.set_lock:once").failed_by, "another error code");
}

/* What failed it is a state that no observation of the call itself can change. */
static void a_rule_about_the_state_before_may_fail_on_a_call_it_was_silent_about(void **state)
{
	struct recorded_step steps[] = { CALL("states.set_lock"), CALL("states.set_lock") };

	(void)state;
	hear(steps, 1);
	assert_int_equal(found("states.set_lock:was-open").passed, 1);
	assert_null(found("states.set_lock:was-open").failed_by);
	steps[1].results[0] = (uint64_t)-3;
	hear(steps + 1, 1);
	assert_string_equal(found("states.set_lock:was-open").failed_by, "another error code");
}

static const uint8_t bytes[24] = { [10] = 2, [11] = 3 };
static const struct recorded_landing landing = { .registers = { [1] = 5 } };

/* One call for each of the rules below that passes. */
static void hear_everything(void)
{
	struct recorded_step steps[] = { CALL("one.plain", 4), CALL("one.memory", 0x180000, 0x180100),
					 CALL("one.talk"),     CALL("one.jump", 5),
					 CALL("one.poke", 0),  CALL("one.off"),
					 CALL("one.halt"),     CALL("one.where", 0x180000, 0, 8) };

	steps[0].results[1] = 4;
	steps[0].has_console = true;
	steps[1].buffer_count = 2;
	steps[1].buffers[0] = (struct recorded_buffer){ 0x180000, 8, 8, bytes + 0, bytes + 0 };
	steps[1].buffers[1] = (struct recorded_buffer){ 0x180100, 8, 8, bytes + 0, bytes + 0 };
	steps[2].has_console = true;
	steps[2].console = (const uint8_t *)"hi";
	steps[2].console_length = 2;
	steps[3].outcome = RECORD_LANDED;
	steps[3].has_later = steps[4].has_later = true;
	steps[3].landing_count = 1;
	steps[3].landings = &landing;
	steps[4].ipis[1] = 1;
	steps[4].later[0] = 2;
	steps[5].outcome = RECORD_SHUTDOWN;
	steps[6].outcome = RECORD_STOPPED;
	hear(steps, sizeof(steps) / sizeof(*steps));
}

static void every_way_to_be_wrong_is_tried(void **state)
{
	static const struct {
		const char *rule, *failed_by;
	} table[] = {
		{ "one.plain:echo", "another error code" },
		{ "one.plain:never", "another result" },
		{ "one.plain:returns", "another outcome" },
		{ "one.plain:declared-error", "another error code" },
		{ "one.plain:preserved-registers", "a clobbered register" },
		{ "one.plain:preserved-control", "a changed control register" },
		{ "one.plain:console-silence", "other console output" },
		{ "one.plain:deadline", "another duration" },
		{ "one.memory:guard-zones", "a dirty guard zone" },
		{ "one.memory:declared-writes", "a changed byte in a buffer" },
		{ "one.memory:source-kept", "a changed byte in a buffer" },
		{ "one.memory:copied", "a changed byte in a buffer" },
		{ "one.talk:says-hi", "other console output" },
		{ "one.jump:landed", "a lost landing" },
		{ "one.jump:gets-opaque", "another register at a landing" },
		{ "one.poke:one-each", "another number of interrupts" },
		{ "one.poke:seen", "a changed control register" },
		{ "one.where:mine", "another error code" },
		{ "one.off:returns", "another outcome" },
		{ "one.halt:returns", "another outcome" },
	};

	(void)state;
	hear_everything();
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct perturbed perturbed = found(table[i].rule);

		assert_non_null(perturbed.rule_id);
		if (!perturbed.failed_by)
			fail_msg("nothing fails %s", table[i].rule);
		assert_string_equal(perturbed.failed_by, table[i].failed_by);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rule_that_nothing_can_fail_is_found_out),
		TEST(a_rule_that_never_passed_is_not_on_the_list),
		TEST(a_state_of_the_model_is_what_it_was_at_the_call),
		TEST(a_rule_about_the_state_before_may_fail_on_a_call_it_was_silent_about),
		TEST(every_way_to_be_wrong_is_tried),
	};

	return cmocka_run_group_tests(tests, court_setup, court_teardown);
}
