/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_walk.c - states are reached, rules are aimed at from both sides, and cases clean up behind themselves.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <string.h>

#include "plan/internal.h"
#include "plan/test_fixture.h"

static void every_state_is_reached_and_called_in(void **state)
{
	static const char *const wanted[] = {
		"toy.box.run:sequence:after-open:*",	  "toy.box.run:sequence:after-open,run:*",
		"toy.box.halt:sequence:after-open,run:*", "toy.box.shut:sequence:after-open,run:*",
		"toy.box.run:sequence:after-open,shut:*", "toy.box.open:sequence:after-reset:*",
	};
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);

	(void)state;
	for (size_t i = 0; i < PLAN_COUNT(wanted); i++)
		if (!plan_has(plan, wanted[i]))
			fail_msg("no case %s", wanted[i]);
	plan_free(plan);
}

static void what_was_stopped_is_started_again(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);

	(void)state;
	assert_true(plan_has(plan, "toy.cpu.start:sequence:after-start,stop:*"));
	assert_true(plan_has(plan, "toy.box.halt:sequence:after-open,run,halt:*"));
	plan_free(plan);
}

static void a_rule_about_a_state_is_aimed_at_where_it_holds(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found = plan_find(plan, "toy.box.shut:busy:after-open,run:nominal");

	(void)state;
	assert_non_null(found);
	assert_string_equal(found->rule->full_id, "toy.box.shut:busy");
	assert_string_equal(found->steps[0].entry->name, "open");
	assert_string_equal(found->steps[1].entry->name, "run");
	assert_int_equal(found->main, 2);
	assert_int_equal(found->steps[2].args[0].source, VALUE_RESULT);
	assert_int_equal(found->steps[2].args[0].from_step, 0);
	assert_int_equal(found->steps[2].args[0].from_result, 1);
	plan_free(plan);
}

static void every_rule_is_aimed_at_from_both_sides(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct spec *spec = fixture_spec();
	char pattern[200];

	(void)state;
	for (size_t i = 0; i < spec->rule_count; i++) {
		const struct rule *rule = spec->rules[i];

		if (!rule->when || !strcmp(rule->id, "later-rule"))
			continue;
		snprintf(pattern, sizeof(pattern), "%s:*", rule->full_id);
		if (!plan_has(plan, pattern))
			fail_msg("nothing aims at %s", rule->full_id);
		snprintf(pattern, sizeof(pattern), "%s:unless-%s:*", rule->entry->full_id, rule->id);
		if (!plan_has(plan, pattern))
			fail_msg("nothing aims at the other side of %s", rule->full_id);
	}
	plan_free(plan);
}

static void content_of_a_buffer_is_found_for_a_rule_about_it(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found = plan_find(plan, "toy.box.fill:holds-nine:where=holding:0x100,length=one");

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->steps[0].buffers[0].size, 4);
	assert_int_equal(found->steps[0].buffers[0].content[1], 1);
	plan_free(plan);
}

static void another_cpu_is_brought_up_before_it_calls(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *found = plan_find(plan, "toy.cpu.stop:boundary:nominal");

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->step_count, 2);
	assert_string_equal(found->steps[0].entry->name, "start");
	assert_int_equal(found->steps[0].args[0].literal, 1);
	assert_int_equal(found->steps[0].args[1].source, VALUE_PAD);
	assert_string_equal(found->steps[0].args[1].pad, "park");
	assert_int_equal(found->steps[1].hart, 1);
	plan_free(plan);
}

/* The CPU that calls is the boot CPU, which is on: starting it is what must be refused, not what must work. */
static void nominal_values_are_those_that_work(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);

	(void)state;
	assert_int_equal(plan_find(plan, "toy.cpu.start:boundary:nominal")->steps[0].args[0].literal, 1);
	plan_free(plan);
}

static void a_case_leaves_the_model_as_it_was(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	const struct plan_case *plan_case;
	unsigned started = 0;

	(void)state;
	while ((plan_case = plan_next(plan)) && plan_case->strategy != STRATEGY_RANDOM) {
		int running = 0;

		for (unsigned i = 0; i < plan_case->step_count && !plan_case->ends_guest; i++) {
			const struct case_step *step = &plan_case->steps[i];

			if (!strcmp(step->entry->name, "start") && step->args[0].source == VALUE_LITERAL &&
			    step->args[0].literal == 1 && step->args[1].source == VALUE_PAD)
				running = 1;
			if (!strcmp(step->entry->name, "stop"))
				running = 0;
			started += (unsigned)running;
		}
		if (running)
			fail_msg("%s leaves a CPU running", plan_case->id);
	}
	assert_true(started > 5);
	plan_free(plan);
}

static void placeholders_of_two_calls_differ(void **state)
{
	const struct entry *open = spec_find_entry(fixture_spec(), "box.open"), *run = spec_find_entry(fixture_spec(), "box.run");

	(void)state;
	assert_true(model_placeholder(open, 0, 1) != model_placeholder(open, 1, 1));
	assert_true(model_placeholder(open, 0, 1) != model_placeholder(run, 0, 1));
}

static struct walk *begin_box_walk(struct plan *plan, unsigned room, walk_goal goal)
{
	struct walk *walk = arena_alloc(plan->walking, sizeof(*walk));

	walk_init(walk, plan, plan->walking, spec_find_entry(fixture_spec(), "box.open")->chapter);
	walk->room = room;
	assert_true(walk_choose(walk, 0));
	walk_begin(walk, NULL, false, goal);
	return walk;
}

static bool is_running(const struct walk *walk, const struct walk_node *node)
{
	(void)walk;
	return node->call && !strcmp(node->call->entry->name, "run");
}

static void a_walk_ends_at_the_first_node_that_is_its_goal(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct walk *all = begin_box_walk(plan, 40, NULL), *some = begin_box_walk(plan, 40, is_running);
	size_t first = 0;

	(void)state;
	assert_null(walk_run(all));
	while (first < all->count && !is_running(all, &all->nodes[first]))
		first++;
	assert_true(first > 0 && first + 1 < all->count);
	assert_ptr_equal(walk_run(some), &some->nodes[first]);
	assert_int_equal(some->count, first + 1);
	assert_ptr_equal(walk_dare(some), &some->nodes[first]);
	plan_free(plan);
}

static bool any_transition(const struct plan *plan)
{
	for (size_t i = 0; i < TRANSITIONS; i++)
		if (plan->transitions[i].used)
			return true;
	return false;
}

static void a_walk_that_is_full_tries_no_more_calls(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct walk *walk = begin_box_walk(plan, 3, NULL);

	(void)state;
	walk_run(walk);
	assert_int_equal(walk->count, 3);
	assert_true(any_transition(plan));
	memset(plan->transitions, 0, TRANSITIONS * sizeof(*plan->transitions));
	walk_run(walk);
	walk_dare(walk);
	assert_int_equal(walk->count, 3);
	assert_false(any_transition(plan));
	plan_free(plan);
}

/* Calls box.open in a state that differs from reset in nothing but `overflow`. */
static enum prediction open_box(struct plan *plan, unsigned occurrence, bool overflow, struct model *model)
{
	struct planned call;

	planned_nominal(plan, spec_find_entry(fixture_spec(), "box.open"), &call);
	model_reset(model);
	model->overflow = overflow;
	return model_call(plan, model, &call, occurrence, NULL);
}

static bool any_prediction(const struct plan *plan)
{
	for (size_t i = 0; i < PREDICTION_MEMOS; i++)
		if (plan->memo[i].used)
			return true;
	return false;
}

static void what_a_call_does_is_found_out_once(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct model first, again;

	(void)state;
	assert_int_equal(open_box(plan, 0, false, &first), PREDICT_SUCCESS);
	memset(plan->memo, 0, PREDICTION_MEMOS * sizeof(*plan->memo));
	assert_int_equal(open_box(plan, 0, false, &again), PREDICT_SUCCESS);
	assert_false(any_prediction(plan));
	assert_int_equal(first.count, 1);
	assert_int_equal(again.count, 1);
	assert_memory_equal(&first, &again, offsetof(struct model, cells) + sizeof(struct cell));
	plan->vague = true; /* another question */
	open_box(plan, 0, false, &again);
	assert_true(any_prediction(plan));
	plan_free(plan);
}

static void a_call_made_before_gives_another_handle(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct model first, second;

	(void)state;
	open_box(plan, 0, false, &first);
	open_box(plan, 1, false, &second);
	assert_int_equal(first.count, 1);
	assert_int_equal(second.count, 1);
	assert_true(first.cells[0].key[0] != second.cells[0].key[0]);
	plan_free(plan);
}

/* All of this stands for buffers with other bytes in them. */
static void calls_that_pass_other_bytes_are_other_calls(void **state)
{
	static const struct pick buffers[] = {
		{ .value.source = VALUE_BUFFER },
		{ .value.source = VALUE_BUFFER, .borrowed = true },
		{ .value.source = VALUE_BUFFER, .has_fill = true },
		{ .value.source = VALUE_BUFFER, .has_fill = true, .fill = 1 },
		{ .value.source = VALUE_BUFFER, .has_fill = true, .fill = ~UINT64_C(0) },
	};
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	uint64_t hashes[PLAN_COUNT(buffers)];
	struct planned call;

	(void)state;
	planned_nominal(plan, spec_find_entry(fixture_spec(), "box.fill"), &call);
	for (size_t i = 0; i < PLAN_COUNT(buffers); i++) {
		call.args[0] = buffers[i];
		hashes[i] = planned_hash(&call);
		for (size_t other = 0; other < i; other++)
			assert_true(hashes[i] != hashes[other]);
	}
	plan_free(plan);
}

static void a_model_that_ran_over_stays_so(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct model model;

	(void)state;
	open_box(plan, 0, false, &model);
	assert_false(model.overflow);
	open_box(plan, 0, true, &model);
	assert_true(model.overflow);
	open_box(plan, 0, false, &model);
	assert_false(model.overflow);
	plan_free(plan);
}

/* A firmware that says how much memory it wants says so when it runs: the plan must not take its stand-in for a size. */
static void memory_of_a_length_that_only_the_guest_knows_may_be_there(void **state)
{
	struct plan *plan = fixture_plan(EFFORT_QUICK, 1, NULL);
	struct sight sight = { .plan = plan };
	const struct expr_env env = sight_env(&sight);
	const uint64_t own = plan_own_memory(plan), answer = model_placeholder(plan->spec->entries[0], 0, 1);

	(void)state;
	assert_true(value_is_true(env.accessible(&sight, 0, own, 4096)));
	assert_true(value_is_false(env.accessible(&sight, 0, own, 2 * plan->survey.ram_size)));
	assert_false(env.accessible(&sight, 0, own, answer).known);
	assert_true(value_is_false(env.accessible(&sight, 0, PLAN_NOWHERE, answer)));
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_reached_and_called_in),
		cmocka_unit_test(what_was_stopped_is_started_again),
		cmocka_unit_test(a_rule_about_a_state_is_aimed_at_where_it_holds),
		cmocka_unit_test(every_rule_is_aimed_at_from_both_sides),
		cmocka_unit_test(content_of_a_buffer_is_found_for_a_rule_about_it),
		cmocka_unit_test(another_cpu_is_brought_up_before_it_calls),
		cmocka_unit_test(nominal_values_are_those_that_work),
		cmocka_unit_test(a_case_leaves_the_model_as_it_was),
		cmocka_unit_test(placeholders_of_two_calls_differ),
		cmocka_unit_test(a_walk_ends_at_the_first_node_that_is_its_goal),
		cmocka_unit_test(a_walk_that_is_full_tries_no_more_calls),
		cmocka_unit_test(what_a_call_does_is_found_out_once),
		cmocka_unit_test(a_call_made_before_gives_another_handle),
		cmocka_unit_test(calls_that_pass_other_bytes_are_other_calls),
		cmocka_unit_test(a_model_that_ran_over_stays_so),
		cmocka_unit_test(memory_of_a_length_that_only_the_guest_knows_may_be_there),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fixture_free();
	return failed;
}
