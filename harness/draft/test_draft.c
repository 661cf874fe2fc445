/* SPDX-License-Identifier: BSD-2-Clause */
/* test_draft.c - which calls are tried, what is made of what they did, and that the draft is a specification without a finding. */
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
#include <unistd.h>

#include "draft/draft.h"

static const char toy[] =
	"assay: 1\n"
	"interface: toy\n"
	"title: 'A \"toy\"'\n"
	"document: { title: The toy, short: Toy, revision: '1' }\n"
	"versions: ['1', '2']\n"
	"convention:\n"
	"  gate: ecall\n"
	"  word: 64\n"
	"  byte_order: little\n"
	"  selector: { eid: a7, fid: a6 }\n"
	"  arguments: [a0, a1, a2, a3]\n"
	"  results: [{ name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 }]\n"
	"  preserved: { all_but: [a0, a1], cite: '1' }\n"
	"  control: { preserved: [satp], watched: [sip], cite: '1' }\n"
	"  success: { error: OK }\n"
	"  status: error\n"
	"  unsupported: { must: 'error == NO_CALL', cite: '1' }\n"
	"  deadline: 1ms\n"
	"  cites: { returns: '1' }\n"
	"errors: { OK: 0, NO_CALL: -1 }\n"
	"sets: { spare: [0x100..0x102] }\n"
	"chapters:\n"
	"  - chapter: box\n"
	"    title: Boxes\n"
	"    cite: '1'\n"
	"    call: { eid: 0x10 }\n"
	"    entries:\n"
	"      - { name: one, cite: '1', call: { fid: 1 }, errors: [OK], rules: [{ id: r, cite: '1', must: 'error == OK' }] }\n"
	"      - { name: three, cite: '1', call: { fid: 3 }, errors: [OK], rules: [{ id: r, cite: '1', must: 'error == OK' }] }\n"
	"      - name: unknown\n"
	"        cite: '1'\n"
	"        args: [{ name: fid, type: { base: u32, except: [1, 3] }, in: a6 }]\n"
	"        errors: [NO_CALL]\n"
	"        rules: [{ id: r, cite: '1', must: 'error == NO_CALL' }]\n"
	"  - chapter: old\n"
	"    title: Old calls\n"
	"    cite: '2'\n"
	"    entries:\n"
	"      - name: any\n"
	"        cite: '2'\n"
	"        call: { eid: 0x101 }\n"
	"        args: [{ name: fid, type: u64, in: a6, nominal: 0 }]\n"
	"        errors: [OK]\n"
	"        rules: [{ id: r, cite: '2', must: 'error == OK' }]\n";

static struct findings *findings;

static struct spec *load(const char *text)
{
	char path[] = "/tmp/assay-draft-XXXXXX.yaml";
	struct err err = { .message = "" };
	int file = mkstemps(path, 5);
	struct spec *spec;

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
	findings_free(findings);
	findings = findings_new();
	spec = spec_load(path, findings, &err);
	unlink(path);
	if (!spec)
		fail_msg("%s\n%s", err.message, text);
	return spec;
}

static int set_up(void **state)
{
	*state = load(toy);
	return 0;
}

static int tear_down(void **state)
{
	spec_free(*state);
	findings_free(findings);
	findings = NULL;
	return 0;
}

static struct draft *made(const struct spec *spec, unsigned near, size_t limit, const char *range)
{
	const struct draft_wish wish = { near, limit, range != NULL, &range };
	struct err err = { .message = "" };
	struct draft *draft = draft_new(spec, 1, &wish, &err);

	if (!draft)
		fail_msg("%s", err.message);
	return draft;
}

static bool tries(const struct draft *draft, uint64_t eid, uint64_t fid)
{
	for (size_t i = 0; i < draft->count; i++)
		if (draft->calls[i].selector[0] == eid && draft->calls[i].selector[1] == fid)
			return true;
	return false;
}

static void neighbours_of_named_calls_are_tried_and_those_are_not(void **state)
{
	struct draft *draft = made(*state, 2, 100, NULL);

	assert_true(tries(draft, 0x10, 0) && tries(draft, 0x10, 2) && tries(draft, 0x10, 4) && tries(draft, 0x10, 5));
	assert_false(tries(draft, 0x10, 1) || tries(draft, 0x10, 3) || tries(draft, 0x10, 6));
	assert_int_equal(draft->count, 4);
	draft_free(draft);
}

/* 0x101 is a call whatever its function number is. */
static void ranges_are_tried_but_for_what_has_a_name(void **state)
{
	struct draft *draft = made(*state, 1, 100, "eid=spare,0x200");

	assert_true(tries(draft, 0x100, 0) && tries(draft, 0x100, 1) && tries(draft, 0x102, 1) && tries(draft, 0x200, 0));
	assert_false(tries(draft, 0x101, 0) || tries(draft, 0x101, 1));
	assert_int_equal(draft->left_out, 0);
	draft_free(draft);
}

static void a_range_that_is_too_large_is_tried_at_its_ends_and_between(void **state)
{
	struct draft *draft = made(*state, 0, 16, "eid=0x1000..0x1fff");

	assert_true(tries(draft, 0x1000, 0) && tries(draft, 0x1fff, 0));
	assert_in_range(draft->count, 8, 16);
	assert_true(draft->left_out > 4000);
	draft_free(draft);
}

/* The parts behind do not tell calls from each other here: they stay as they are. */
static void the_part_that_differs_is_varied(void **state)
{
	static const char chapters[] =
		"  - chapter: box\n"
		"    title: Boxes\n"
		"    cite: '1'\n"
		"    call: { fid: 9 }\n"
		"    entries:\n"
		"      - { name: one, cite: '1', call: { eid: 1 }, errors: [OK], rules: [{ id: r, cite: '1', must: 'error == OK' }] }\n"
		"      - { name: two, cite: '1', call: { eid: 3 }, errors: [OK], rules: [{ id: r, cite: '1', must: 'error == OK' }] }\n";
	const char *at = strstr(toy, "chapters:\n") + strlen("chapters:\n");
	char text[sizeof(toy) + sizeof(chapters)];
	struct spec *spec;
	struct draft *draft;

	(void)state;
	snprintf(text, sizeof(text), "%.*s%s", (int)(at - toy), toy, chapters);
	spec = load(text);
	draft = made(spec, 1, 100, "7");
	assert_true(tries(draft, 0, 9) && tries(draft, 2, 9) && tries(draft, 4, 9) && tries(draft, 7, 9));
	assert_int_equal(draft->count, 4);
	assert_string_equal(draft->calls[0].chapter, "fid_0x9");
	assert_string_equal(draft->calls[0].name, "eid_0x7");
	draft_free(draft);
	spec_free(spec);
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const wrong[] = { "eid=5..4", "eid=", "eid=0x", "nid=1", "eid=1..", "eid=nothing", "eid=1,,2" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct draft_wish wish = { 1, 100, 1, &wrong[i] };
		struct err err = { .message = "" };

		assert_null(draft_new(*state, 1, &wish, &err));
		assert_int_equal(err.code, EXIT_USAGE);
		assert_non_null(strstr(err.message, "--select"));
	}
}

/* ---- what was seen ---- */

static const char *const registers[] = { "a0", "a1", "s3" }, *const control[] = { "satp", "sip" };
static const struct recording_head head = {
	.register_count = 3, .registers = registers, .control_count = 2, .control = control, .control_mask = { ~0ull, ~0ull }
};

static void see(struct draft *draft, struct recorded_step step)
{
	struct recorded_case recorded = { .id = "x", .step_count = 1, .steps = &step };

	step.entry = "toy.eid_0x10.fid_0x2";
	draft_see(draft, &recorded, &head);
}

static const struct draft_call *call(const struct draft *draft)
{
	for (size_t i = 0; i < draft->count; i++)
		if (!strcmp(draft->calls[i].name, "fid_0x2"))
			return &draft->calls[i];
	fail();
	return NULL;
}

static void a_call_that_answers_as_absent_calls_do_is_not_there(void **state)
{
	struct draft *draft = made(*state, 2, 100, NULL);

	see(draft, (struct recorded_step){ .outcome = RECORD_RETURNED, .result_count = 2, .results = { (uint64_t)-1, 5 } });
	assert_false(draft_is_there(call(draft)));
	see(draft, (struct recorded_step){ .outcome = RECORD_NOT_RUN });
	assert_false(draft_is_there(call(draft)));
	see(draft, (struct recorded_step){ .outcome = RECORD_RETURNED, .result_count = 2, .results = { 0, 5 } });
	assert_true(draft_is_there(call(draft)));
	draft_free(draft);
}

static void a_call_that_does_not_return_is_there(void **state)
{
	struct draft *draft = made(*state, 2, 100, NULL);

	see(draft, (struct recorded_step){ .outcome = RECORD_HANG });
	assert_true(draft_is_there(call(draft)));
	assert_non_null(strstr(draft_words(draft, call(draft), &head), "hung"));
	draft_free(draft);
}

static void all_that_was_seen_is_said(void **state)
{
	struct draft *draft = made(*state, 2, 100, NULL);
	uint8_t before[32] = { 0 }, after[32] = { [8] = 1, [9] = 1, [31] = 1 };
	struct recorded_step step = { .outcome = RECORD_RETURNED,
				      .result_count = 2,
				      .results = { 0, 0x5eed },
				      .buffer_count = 2,
				      .buffers = { { 0 }, { .size = 16, .guard = 8, .before = before, .after = after } },
				      .clobbered = 4,
				      .before = { 1, 1 },
				      .after = { 2, 2 },
				      .has_console = true,
				      .console_length = 3 };
	const char *words;

	see(draft, step);
	words = draft_words(draft, call(draft), &head);
	assert_non_null(strstr(words, "returned error OK value 0x5eed"));
	assert_non_null(strstr(words, "wrote 2 bytes where argument 1 points to"));
	assert_non_null(strstr(words, "wrote memory beside that"));
	assert_non_null(strstr(words, "did not keep s3"));
	assert_non_null(strstr(words, "changed satp"));
	assert_null(strstr(words, "sip")); /* which is only watched */
	assert_non_null(strstr(words, "3 bytes to the console"));
	assert_non_null(strstr(words, "(0 of 1 calls"));
	draft_free(draft);
}

/* ---- the specification ---- */

static char *written(const struct draft *draft, const struct recording_head *of)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(draft_write(draft, of, out), 0);
	fclose(out);
	return text;
}

static void the_questions_are_a_specification_with_samples(void **state)
{
	struct draft *draft = made(*state, 2, 100, "eid=spare");
	char *text = written(draft, NULL);
	struct spec *spec = load(text);

	assert_int_equal(findings->count, 0);
	assert_int_equal(spec->entry_count, draft->count);
	for (size_t i = 0; i < spec->entry_count; i++) {
		assert_int_equal(spec->entries[i]->sample_count, 6);
		assert_int_equal(spec->entries[i]->buffer_count, 3);
		assert_int_equal(spec->entries[i]->rule_count, 0);
	}
	spec_free(spec);
	free(text);
	draft_free(draft);
}

static void the_draft_demands_nothing_and_has_no_finding(void **state)
{
	struct draft *draft = made(*state, 2, 100, NULL);
	struct spec *spec;
	char *text;

	see(draft, (struct recorded_step){ .outcome = RECORD_RETURNED, .result_count = 2, .results = { 0, 5 } });
	see(draft, (struct recorded_step){ .outcome = RECORD_SHUTDOWN });
	text = written(draft, &head);
	spec = load(text);
	assert_int_equal(findings->count, 0);
	assert_int_equal(spec->entry_count, 1);
	assert_string_equal(spec->entries[0]->full_id, "toy.eid_0x10.fid_0x2");
	assert_int_equal(spec->entries[0]->outcomes, OUTCOME_RETURNS | OUTCOME_SHUTDOWN);
	assert_int_equal(spec->entries[0]->rule_count, 1);
	assert_int_equal(spec->entries[0]->rules[0]->strength, UNSPECIFIED);
	for (int i = 0; i < UNIVERSAL_FOUND; i++)
		assert_true(spec->convention.unspecified >> i & 1);
	spec_free(spec);
	free(text);
	draft_free(draft);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(neighbours_of_named_calls_are_tried_and_those_are_not),
		TEST(ranges_are_tried_but_for_what_has_a_name),
		TEST(a_range_that_is_too_large_is_tried_at_its_ends_and_between),
		TEST(the_part_that_differs_is_varied),
		TEST(what_is_no_range_is_refused),
		TEST(a_call_that_answers_as_absent_calls_do_is_not_there),
		TEST(a_call_that_does_not_return_is_there),
		TEST(all_that_was_seen_is_said),
		TEST(the_questions_are_a_specification_with_samples),
		TEST(the_draft_demands_nothing_and_has_no_finding),
	};

	return cmocka_run_group_tests_name("drafts", tests, NULL, NULL);
}
