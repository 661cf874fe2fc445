/* SPDX-License-Identifier: BSD-2-Clause */
/* Would Linux and sanos run on this ROM? A ROM's answers written by hand, whole and with one fault at a time. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <string.h>

#include "matrix/matrix.h"
#include "run/structures.h"

#define BASE	0xc0000u
#define SIZE	0x20000u
#define ROM	0xc8000u
#define BLOCKS	4u
#define LICENSE 0x60u
#define CALLS	74u

enum { NONE, CALL, JUMP, NOP };

static struct spec *vmi;
static struct consumers *consumers;

/* The ROM: its bytes, and what it answers. */
static uint8_t memory[SIZE];
static uint32_t address[CALLS][2]; /* of a call, when asked for the first and for the second time */
static uint8_t kind[CALLS];
static int32_t init;
static uint32_t apic;
static unsigned left_out = CALLS; /* a call whose kind nobody asked for */
static bool asked; /* was GetRelocationInfo called at all? */

static struct arena *arena;
static struct judge *judge;
static struct matrix *matrix;
static struct recording_head head;

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	vmi = spec_load(ASSAY_SOURCE "/spec/vmi", findings, &err);
	consumers = vmi ? consumers_load(vmi, consumers_directory(vmi), findings) : NULL;
	if (!vmi)
		fprintf(stderr, "%s\n", err.message);
	for (size_t i = 0; i < findings->count; i++)
		fprintf(stderr, "%s:%u: %s\n", findings->list[i].where.file, findings->list[i].where.line,
			findings->list[i].message);
	findings_free(findings);
	return consumers && consumers->count == 3 ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free(vmi);
	return 0;
}

static uint8_t *rom(void)
{
	return memory + (ROM - BASE);
}

static int begin(void **state)
{
	uint8_t *bytes = rom();

	(void)state;
	arena = arena_new();
	memset(memory, 0, sizeof(memory));
	memcpy(bytes, "\x55\xaa\x04", 3);
	memcpy(bytes + 8, "cVmi\0\3\2", 7);
	bytes[22] = LICENSE;
	bytes[24] = 0x40;
	memcpy(bytes + LICENSE, "GPL v2", 7);
	for (unsigned i = 0; i < CALLS; i++) {
		address[i][0] = address[i][1] = ROM + 0x100 + 16 * i;
		kind[i] = CALL;
	}
	kind[33] = kind[34] = JUMP;
	init = 0;
	apic = 0x20;
	asked = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	matrix_free(matrix);
	judge_free(judge);
	matrix = NULL;
	judge = NULL;
	arena_free(arena);
	return 0;
}

/* ---- a recording of it ---- */

static void judge_steps(struct recorded_step *steps, unsigned count)
{
	const struct recorded_case recorded = {
		.id = "a-case", .strategy = "boundary", .boot = 1, .step_count = count, .steps = steps
	};

	matrix_counted(matrix, &recorded);
	judge_case(judge, &recorded);
}

static void judge_structures(struct structures *structures)
{
	for (size_t i = 0; i < vmi->entry_count; i++)
		if (structures->cases[i])
			judge_case(judge, structures->cases[i]);
}

static void judge_question(unsigned number, unsigned time)
{
	struct recorded_step step = { .entry = "vmi.rom.GetRelocationInfo", .outcome = RECORD_RETURNED, .result_count = 3 };

	step.arg_count = 1;
	step.args[0] = number;
	step.results[0] = address[number][time];
	step.results[1] = step.results[2] = kind[number];
	judge_steps(&step, 1);
}

static void judge_calls(void)
{
	struct recorded_step step = { .entry = "vmi.core.Init", .outcome = RECORD_RETURNED, .result_count = 1 };

	step.results[0] = (uint64_t)(int64_t)init;
	judge_steps(&step, 1);
	for (unsigned time = 0; asked && time < 2; time++)
		for (unsigned i = 0; i < CALLS; i++)
			if ((i + 66) % CALLS != left_out)
				judge_question((i + 66) % CALLS, time); /* 66 first: others depend on it */
	step = (struct recorded_step){
		.entry = "vmi.apic.APICRead", .outcome = RECORD_RETURNED, .result_count = 1, .arg_count = 2
	};
	step.args[1] = 0x80;
	step.results[0] = apic;
	judge_steps(&step, 1);
}

static void claim(const struct structures *structures)
{
	struct structure_view view;

	head = (struct recording_head){ .claimed_major = -1, .claimed_minor = -1 };
	if (!structure_first(structures, vmi->claim, &view))
		return;
	head.claimed_major = (int64_t)structure_eval(vmi->claim_major, &view).bits;
	head.claimed_minor = (int64_t)structure_eval(vmi->claim_minor, &view).bits;
}

static void judge_all(void)
{
	const struct memory guest = { BASE, memory, SIZE }, nothing = { ROM, memory, 0 };
	struct structures structures;
	struct err err = { 0 };

	matrix_free(matrix);
	judge_free(judge);
	structures_find(arena, vmi, &guest, &nothing, &structures);
	claim(&structures);
	matrix = matrix_new(vmi, &head, "run");
	judge = judge_new(&(struct judge_config){ vmi, &head, matrix, matrix_judged, matrix_wants_words, consumers }, &err);
	assert_non_null(judge);
	judge_structures(&structures);
	judge_calls();
	matrix_fold(matrix);
	matrix_consumers(matrix, judge, consumers);
}

/* ---- what comes of it ---- */

static const struct consumer_row *row_of(const char *name)
{
	for (size_t i = 0; i < matrix->consumer_count; i++)
		if (!strcmp(matrix->consumers[i].consumer->name, name))
			return &matrix->consumers[i];
	fail_msg("no consumer %s", name);
	return NULL;
}

static void expect(const char *name, enum consumer_outcome outcome, const char *need)
{
	const struct consumer_row *row = row_of(name);
	const char *decides = row->reason_count ? row->reasons[0].need->id : "";

	if (row->outcome != outcome || strcmp(decides, need ? need : "") != 0)
		fail_msg("%s: expected %s by `%s`, got %s by `%s`", name, consumer_outcome_names[outcome], need ? need : "",
			 consumer_outcome_names[row->outcome], decides);
}

static void expect_linux(enum consumer_outcome outcome, const char *need)
{
	judge_all();
	expect("linux-2.6.25-vmi", outcome, need);
	expect("linux-2.6.36-vmi", outcome, need);
}

#define LINUX_TEST(name, change, outcome, need)                                                                                  \
	static void name(void **state)                                                                                           \
	{                                                                                                                        \
		(void)state;                                                                                                     \
		change;                                                                                                          \
		expect_linux(outcome, need);                                                                                     \
	}

LINUX_TEST(linux_runs_on_a_whole_rom, (void)0, CONSUMER_RUNS, NULL)
LINUX_TEST(linux_runs_on_another_gpl, memcpy(rom() + LICENSE, "GPL\0\0\0", 7), CONSUMER_RUNS, NULL)
LINUX_TEST(linux_runs_without_a_clock, memset(&kind[66], NONE, 5), CONSUMER_RUNS, NULL)
LINUX_TEST(linux_does_not_look_at_a_clock_without_a_frequency, (kind[66] = NONE, kind[68] = JUMP), CONSUMER_RUNS, NULL)
LINUX_TEST(linux_stops_where_a_clock_is_jumped_to, kind[68] = JUMP, CONSUMER_CRASHES, "fetched-calls-are-no-jumps")
LINUX_TEST(linux_runs_native_where_there_is_no_rom, rom()[0] = 0, CONSUMER_REFUSES, "a-rom")
LINUX_TEST(linux_refuses_another_abi, rom()[13] = 13, CONSUMER_REFUSES, "version")
LINUX_TEST(linux_refuses_a_rom_without_a_pci_header, rom()[24] = 0, CONSUMER_REFUSES, "pci-header")
LINUX_TEST(linux_refuses_a_rom_without_a_license, rom()[22] = 0, CONSUMER_REFUSES, "says-its-license")
LINUX_TEST(linux_refuses_another_license, memcpy(rom() + LICENSE, "BSD", 4), CONSUMER_REFUSES, "gpl")
LINUX_TEST(linux_refuses_a_license_that_only_begins_so, memcpy(rom() + LICENSE, "GPL v3", 7), CONSUMER_REFUSES, "gpl")
LINUX_TEST(linux_refuses_a_rom_whose_init_fails, init = -1, CONSUMER_REFUSES, "init-succeeds")
LINUX_TEST(linux_stops_where_a_wrapped_call_is_a_jump, kind[47] = JUMP, CONSUMER_CRASHES, "wrapped-calls-are-no-jumps")
LINUX_TEST(linux_stops_where_a_fetched_call_is_a_jump, kind[44] = JUMP, CONSUMER_CRASHES, "fetched-calls-are-no-jumps")
LINUX_TEST(linux_crashes_without_iret, kind[33] = NONE, CONSUMER_CRASHES, "iret-is-patched")
LINUX_TEST(linux_crashes_where_sysexit_is_nothing, kind[34] = NOP, CONSUMER_CRASHES, "sysexit-is-patched")
LINUX_TEST(linux_crashes_where_the_frequency_is_nothing, kind[66] = NOP, CONSUMER_CRASHES, "frequency-can-be-called")
LINUX_TEST(linux_crashes_on_half_a_clock, kind[68] = NONE, CONSUMER_CRASHES, "a-clock-comes-whole")
LINUX_TEST(linux_stops_for_a_kind_it_does_not_know, kind[30] = 7, CONSUMER_CRASHES, "kinds-that-it-knows")
LINUX_TEST(linux_stops_without_its_apic, apic = 0, CONSUMER_CRASHES, "apic-by-offset")
LINUX_TEST(linux_uses_both_of_two_answers, address[31][1] += 4, CONSUMER_LOSES, "the-same-answer-again")
LINUX_TEST(linux_does_without_a_call_that_is_a_jump, kind[15] = JUMP, CONSUMER_LOSES, "direct-calls-are-no-jumps")
LINUX_TEST(what_nobody_asked_for_is_not_known, asked = false, CONSUMER_UNKNOWN, "wrapped-calls-are-no-jumps")

static void what_was_not_asked_for_each_is_not_known(void **state)
{
	(void)state;
	left_out = 68;
	expect_linux(CONSUMER_UNKNOWN, "fetched-calls-are-no-jumps");
	left_out = CALLS;
}

static void what_comes_first_decides(void **state)
{
	(void)state;
	kind[33] = NONE;
	rom()[22] = 0;
	expect_linux(CONSUMER_REFUSES, "says-its-license");
	assert_string_equal(row_of("linux-2.6.25-vmi")->reasons[1].need->id, "iret-is-patched");
}

static void a_rom_below_the_scan_of_the_document_is_found_and_not_known(void **state)
{
	(void)state;
	memcpy(memory, rom(), 2048);
	memset(rom(), 0, 2048);
	expect_linux(CONSUMER_UNKNOWN, "version");
}

static void the_two_kernels_differ_over_one_call(void **state)
{
	(void)state;
	kind[12] = JUMP;
	judge_all();
	expect("linux-2.6.25-vmi", CONSUMER_LOSES, "direct-calls-are-no-jumps");
	expect("linux-2.6.36-vmi", CONSUMER_CRASHES, "wrapped-calls-are-no-jumps");
}

static void sanos_wants_the_other_abi(void **state)
{
	(void)state;
	judge_all();
	expect("sanos-vmi", CONSUMER_REFUSES, "version");
	rom()[13] = 13;
	judge_all();
	expect("sanos-vmi", CONSUMER_CRASHES, "minor-version");
	rom()[12] = 3;
	judge_all();
	expect("sanos-vmi", CONSUMER_UNKNOWN, "every-call-can-be-called");
	init = -1;
	judge_all();
	expect("sanos-vmi", CONSUMER_REFUSES, "init-succeeds");
}

static void a_reason_says_what_was_there_and_in_which_case(void **state)
{
	const struct need_finding *finding;

	(void)state;
	kind[33] = NONE;
	judge_all();
	finding = &row_of("linux-2.6.25-vmi")->reasons[0].finding;
	assert_string_equal(finding->case_id, "a-case");
	assert_non_null(strstr(finding->got, "kind = "));
	assert_int_equal(finding->observations, 2);
}

static void rules_that_fail_of_calls_it_makes_are_a_risk(void **state)
{
	(void)state;
	init = 5;
	judge_all();
	assert_true(row_of("linux-2.6.25-vmi")->risk_count > 0);
	assert_string_equal(row_of("linux-2.6.25-vmi")->risks[0]->id, "vmi.core.Init:two-answers");
}

int main(void)
{
#define ROM_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		ROM_TEST(linux_runs_on_a_whole_rom),
		ROM_TEST(linux_runs_on_another_gpl),
		ROM_TEST(linux_runs_without_a_clock),
		ROM_TEST(linux_does_not_look_at_a_clock_without_a_frequency),
		ROM_TEST(linux_stops_where_a_clock_is_jumped_to),
		ROM_TEST(linux_runs_native_where_there_is_no_rom),
		ROM_TEST(linux_refuses_another_abi),
		ROM_TEST(linux_refuses_a_rom_without_a_pci_header),
		ROM_TEST(linux_refuses_a_rom_without_a_license),
		ROM_TEST(linux_refuses_another_license),
		ROM_TEST(linux_refuses_a_license_that_only_begins_so),
		ROM_TEST(linux_refuses_a_rom_whose_init_fails),
		ROM_TEST(linux_stops_where_a_wrapped_call_is_a_jump),
		ROM_TEST(linux_stops_where_a_fetched_call_is_a_jump),
		ROM_TEST(linux_crashes_without_iret),
		ROM_TEST(linux_crashes_where_sysexit_is_nothing),
		ROM_TEST(linux_crashes_where_the_frequency_is_nothing),
		ROM_TEST(linux_crashes_on_half_a_clock),
		ROM_TEST(linux_stops_for_a_kind_it_does_not_know),
		ROM_TEST(linux_stops_without_its_apic),
		ROM_TEST(linux_uses_both_of_two_answers),
		ROM_TEST(linux_does_without_a_call_that_is_a_jump),
		ROM_TEST(what_nobody_asked_for_is_not_known),
		ROM_TEST(what_was_not_asked_for_each_is_not_known),
		ROM_TEST(what_comes_first_decides),
		ROM_TEST(a_rom_below_the_scan_of_the_document_is_found_and_not_known),
		ROM_TEST(the_two_kernels_differ_over_one_call),
		ROM_TEST(sanos_wants_the_other_abi),
		ROM_TEST(a_reason_says_what_was_there_and_in_which_case),
		ROM_TEST(rules_that_fail_of_calls_it_makes_are_a_risk),
	};

	return cmocka_run_group_tests_name("consumers", tests, load, unload);
}
