/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_solved.c - sides of rules that one value in 2^64 is on (spec/fixtures/needles.yaml): trying does not find them, z3 does.
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

#include "plan/plan.h"
#include "prove/side.h"

static struct spec *spec;

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	spec = spec_load(ASSAY_SOURCE "/spec/fixtures/needles.yaml", findings, &err);
	findings_free(findings);
	return spec ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free(spec);
	return 0;
}

static struct plan *plan_by(const struct side_solver *solver)
{
	static const struct survey survey = { .harts = 1, .ram_base = 0x80000000, .ram_size = 128u << 20, .clock_hz = 10000000 };
	const struct plan_options options = { .seed = 1, .random_cases = 1, .solver = solver };
	struct err err = { 0 };
	struct plan *plan = plan_new(spec, &survey, &options, &err);

	if (!plan)
		fail_msg("%s", err.message);
	return plan;
}

/* The first case of this rule and side, as text; NULL: there is none. *step: its main call. */
static char *case_of(struct plan *plan, const char *label, struct case_step *step, uint8_t content[64])
{
	const struct plan_case *one;
	char *text = NULL, part[100];
	size_t size;

	snprintf(part, sizeof(part), ":%s:", label);
	plan_rewind(plan);
	while ((one = plan_next(plan)) && !(one->strategy == STRATEGY_RULE && strstr(one->id, part)))
		continue;
	if (one) {
		FILE *out = open_memstream(&text, &size);

		plan_print(one, out);
		fclose(out);
		*step = one->steps[one->main];
		if (step->buffer_count && step->buffers[0].content)
			memcpy(content, step->buffers[0].content, 64);
	}
	return text;
}

static struct case_step step_of(struct plan *plan, const char *label)
{
	struct case_step step = { 0 };
	uint8_t content[64];
	char *text = case_of(plan, label, &step, content);

	if (!text)
		fail_msg("no case aims at %s", label);
	free(text);
	return step;
}

static const struct plan_gap *gap_of(struct plan *plan, const char *id, bool holds)
{
	const struct plan_gap *gaps;
	size_t count;

	plan_rewind(plan);
	while (plan_next(plan))
		continue;
	count = plan_gaps(plan, &gaps);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(gaps[i].rule->id, id) && gaps[i].holds == holds)
			return &gaps[i];
	return NULL;
}

static const struct needle {
	const char *id;
	bool holds;
} needles[] = { { "a-product", true },	{ "all-but-one", false },   { "a-quotient", true }, { "fields", true },
		{ "a-function", true }, { "and-it-returns", true }, { "when-open", true } };

static void trying_alone_finds_none_of_them(void **state)
{
	struct plan *plan = plan_by(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(needles) / sizeof(needles[0]); i++) {
		const struct plan_gap *gap = gap_of(plan, needles[i].id, needles[i].holds);

		if (!gap || gap->why != GAP_UNSOLVED)
			fail_msg("%s was found by trying, or nothing was told of it", needles[i].id);
		assert_null(gap_of(plan, needles[i].id, !needles[i].holds));
	}
	plan_free(plan);
}

static void whoever_solves_finds_all_of_them(void **state)
{
	struct plan *plan = plan_by(prove_sides());

	(void)state;
	for (size_t i = 0; i < sizeof(needles) / sizeof(needles[0]); i++) {
		if (gap_of(plan, needles[i].id, true) || gap_of(plan, needles[i].id, false))
			fail_msg("a side of %s is missing", needles[i].id);
	}
	plan_free(plan);
}

static uint64_t literal(const struct case_step *step, unsigned arg)
{
	assert_int_equal(step->args[arg].source, VALUE_LITERAL);
	return step->args[arg].literal;
}

static void the_values_are_what_was_asked_for(void **state)
{
	struct plan *plan = plan_by(prove_sides());
	struct case_step step = step_of(plan, "a-product");

	(void)state;
	assert_true((literal(&step, 0) ^ 0x5bd1e995deadbeef) * 0x9e3779b97f4a7c15 == 0x0123456789abcdef);
	step = step_of(plan, "unless-all-but-one");
	assert_true(literal(&step, 0) * 0x9e3779b97f4a7c15 == 0xfedcba9876543210);
	step = step_of(plan, "a-quotient");
	assert_int_equal(literal(&step, 0), UINT64_C(0xabcdef1234) * 1000003);
	step = step_of(plan, "fields");
	assert_int_equal(literal(&step, 0), 0x7a5000001230003f);
	step = step_of(plan, "a-function");
	assert_true(literal(&step, 0) * 3 + 7 == (literal(&step, 1) ^ 0x00ff00ff00ff00ff));
	assert_int_equal(literal(&step, 0) >> 40, 0x51a7e);
	plan_free(plan);
}

static void of_many_values_the_smallest_are_taken_and_what_does_not_matter_stays_usual(void **state)
{
	struct plan *plan = plan_by(prove_sides());
	struct case_step step = step_of(plan, "a-function");

	(void)state;
	assert_int_equal(literal(&step, 0), 0x51a7e0000000000);
	assert_int_equal(literal(&step, 2), 5);
	plan_free(plan);
}

static void what_lies_in_memory_is_solved_too(void **state)
{
	struct plan *plan = plan_by(prove_sides());
	struct case_step step;
	uint8_t content[64] = { 0 };
	uint32_t magic, length;
	uint64_t check;
	char *text = case_of(plan, "a-record", &step, content);

	(void)state;
	assert_non_null(text);
	assert_int_equal(step.args[0].source, VALUE_BUFFER);
	memcpy(&magic, content, 4);
	memcpy(&length, content + 4, 4);
	memcpy(&check, content + 8, 8);
	assert_int_equal(magic, 0x4e45444c);
	assert_int_equal(length, 0x10001);
	assert_true(check == ((uint64_t)length << 32 | magic) * 0x9e3779b97f4a7c15);
	free(text);
	plan_free(plan);
}

static void in_a_state_that_other_calls_lead_to(void **state)
{
	struct plan *plan = plan_by(prove_sides());
	struct case_step step;
	uint8_t content[64];
	char *text = case_of(plan, "when-open", &step, content);

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "open_door()"));
	assert_true((literal(&step, 0) ^ 0xa5a5a5a5) * 0x2545f4914f6cdd1d == 0x0f1e2d3c4b5a6978);
	free(text);
	plan_free(plan);
}

static void what_must_not_be_tried_is_not_chosen(void **state)
{
	struct plan *plan = plan_by(prove_sides());
	struct case_step step = step_of(plan, "somewhere");

	(void)state;
	assert_int_equal(gap_of(plan, "excepted", true)->why, GAP_NO_VALUES);
	assert_int_equal(step.args[0].source, VALUE_BLOB); /* it might be there, for all a plan knows */
	plan_free(plan);
}

static void what_is_too_hard_is_told(void **state)
{
	struct plan *plan = plan_by(prove_sides());

	(void)state;
	assert_int_equal(gap_of(plan, "two-primes", true)->why, GAP_UNDECIDED);
	plan_free(plan);
}

static enum side_answer lie(const struct side_question *question, struct side_values *values)
{
	memset(values, 0, sizeof(*values));
	for (unsigned i = 0; i < question->rule->entry->arg_count; i++) {
		values->has[i] = true;
		values->args[i] = 0x1234567;
	}
	return SIDE_SOLVED;
}

static void a_solver_is_not_believed(void **state)
{
	static const struct side_solver liar = { lie };
	struct plan *plan = plan_by(&liar);

	(void)state;
	for (size_t i = 0; i < sizeof(needles) / sizeof(needles[0]); i++)
		if (!gap_of(plan, needles[i].id, needles[i].holds))
			fail_msg("%s was believed", needles[i].id);
	plan_free(plan);
}

static char *whole(struct plan *plan)
{
	const struct plan_case *one;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	while ((one = plan_next(plan)))
		plan_print(one, out);
	fclose(out);
	plan_free(plan);
	return text;
}

/* Those that trying finds keep their names and values. */
static void solving_adds_cases_and_changes_none(void **state)
{
	char *without = whole(plan_by(NULL)), *with = whole(plan_by(prove_sides())), *rest = without, *line;

	(void)state;
	assert_true(strlen(with) > strlen(without));
	while ((line = strsep(&rest, "\n")))
		if (strstr(line, ":rule:") || strstr(line, ":boundary:"))
			assert_non_null(strstr(with, line));
	free(without);
	free(with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trying_alone_finds_none_of_them),
		cmocka_unit_test(whoever_solves_finds_all_of_them),
		cmocka_unit_test(the_values_are_what_was_asked_for),
		cmocka_unit_test(of_many_values_the_smallest_are_taken_and_what_does_not_matter_stays_usual),
		cmocka_unit_test(what_lies_in_memory_is_solved_too),
		cmocka_unit_test(in_a_state_that_other_calls_lead_to),
		cmocka_unit_test(what_must_not_be_tried_is_not_chosen),
		cmocka_unit_test(what_is_too_hard_is_told),
		cmocka_unit_test(a_solver_is_not_believed),
		cmocka_unit_test(solving_adds_cases_and_changes_none),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
