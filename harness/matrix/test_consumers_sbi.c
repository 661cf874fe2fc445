/* SPDX-License-Identifier: BSD-2-Clause */
/* Would Linux run on this firmware? Answers of an SBI written by hand, and one of them wrong at a time. */
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

#define NOW 1000u

static struct spec *sbi;
static struct consumers *consumers;
static struct judge *judge;
static struct matrix *matrix;

static const char *const chapters[] = { "time", "ipi", "rfence", "hsm", "srst" };
static bool present[5];
static const char *const registers[] = { "a0", "a1" };
static const char *const control[] = { "satp" };
static struct recording_head head = {
	.claimed_major = 1,
	.chapter_count = 5,
	.chapters = chapters,
	.present = present,
	.harts = 2,
	.hart_ids = { 0, 1 },
	.register_count = 2,
	.registers = registers,
	.control_count = 1,
	.control = control,
};

/* What the firmware does. */
static int64_t version_error;
static enum record_outcome timer;
static uint64_t timer_value;
static struct recorded_landing landing;

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	sbi = spec_load(ASSAY_SOURCE "/spec/sbi", findings, &err);
	consumers = sbi ? consumers_load(sbi, consumers_directory(sbi), findings) : NULL;
	findings_free(findings);
	return consumers && consumers->count == 1 ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free(sbi);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		present[i] = true;
	version_error = 0;
	timer = RECORD_RETURNED;
	timer_value = NOW + 100;
	landing = (struct recorded_landing){ .registers = { 1, 0x1234 } };
	return 0;
}

static int end(void **state)
{
	(void)state;
	matrix_free(matrix);
	judge_free(judge);
	matrix = NULL;
	judge = NULL;
	return 0;
}

static void judge_step(struct recorded_step step)
{
	const struct recorded_case recorded = {
		.id = "a-case", .strategy = "boundary", .boot = 1, .step_count = 1, .steps = &step
	};

	step.result_count = 2;
	step.start = NOW;
	step.end = NOW + 1;
	judge_case(judge, &recorded);
}

static void expect(enum consumer_outcome outcome, const char *need)
{
	struct err err = { 0 };
	const struct consumer_row *row;
	const char *decides;

	matrix = matrix_new(sbi, &head, "run");
	judge = judge_new(&(struct judge_config){ sbi, &head, matrix, matrix_judged, matrix_wants_words, consumers }, &err);
	assert_non_null(judge);
	judge_step((struct recorded_step){ .entry = "sbi.base.get_spec_version",
					   .outcome = RECORD_RETURNED,
					   .results = { (uint64_t)version_error, 0x1000000 } });
	judge_step((struct recorded_step){
		.entry = "sbi.time.set_timer", .outcome = timer, .arg_count = 1, .args = { timer_value } });
	judge_step((struct recorded_step){ .entry = "sbi.hsm.hart_start",
					   .outcome = RECORD_RETURNED,
					   .has_later = true,
					   .arg_count = 3,
					   .args = { 1, 0x80200000, 0x1234 },
					   .landing_count = 1,
					   .landings = &landing });
	matrix_fold(matrix);
	matrix_consumers(matrix, judge, consumers);
	row = &matrix->consumers[0];
	decides = row->reason_count ? row->reasons[0].need->id : "";
	if (row->outcome != outcome || strcmp(decides, need) != 0)
		fail_msg("expected %s by `%s`, got %s by `%s`", consumer_outcome_names[outcome], need,
			 consumer_outcome_names[row->outcome], decides);
}

#define FIRMWARE_TEST(name, change, outcome, need)                                                                               \
	static void name(void **state)                                                                                           \
	{                                                                                                                        \
		(void)state;                                                                                                     \
		change;                                                                                                          \
		expect(outcome, need);                                                                                           \
	}

FIRMWARE_TEST(linux_runs_on_a_whole_firmware, (void)0, CONSUMER_RUNS, "")
FIRMWARE_TEST(linux_takes_one_without_a_version_for_the_oldest, version_error = -1, CONSUMER_LOSES, "a-version-after-0-1")
FIRMWARE_TEST(linux_misses_a_timer, present[0] = false, CONSUMER_LOSES, "timer")
FIRMWARE_TEST(linux_misses_ipis, present[1] = false, CONSUMER_LOSES, "ipi")
FIRMWARE_TEST(linux_misses_remote_fences, present[2] = false, CONSUMER_LOSES, "remote-fences")
FIRMWARE_TEST(linux_starts_no_cpu_without_hsm, present[3] = false, CONSUMER_LOSES, "starts-cpus")
FIRMWARE_TEST(linux_cannot_switch_off_without_srst, present[4] = false, CONSUMER_LOSES, "power-off-and-reboot")
FIRMWARE_TEST(linux_waits_for_a_timer_call_that_hangs, timer = RECORD_HANG, CONSUMER_CRASHES, "timer-comes-back")
FIRMWARE_TEST(linux_needs_what_it_handed_over, landing.registers[1] = 0x34, CONSUMER_CRASHES, "cpus-start-where-they-are-sent")
FIRMWARE_TEST(linux_needs_physical_addresses_at_the_start, landing.control[0] = 1, CONSUMER_CRASHES,
	      "cpus-start-where-they-are-sent")

static void a_time_that_linux_never_asks_for_does_not_stop_it(void **state)
{
	(void)state;
	timer = RECORD_HANG;
	timer_value = UINT64_C(1) << 63;
	expect(CONSUMER_UNKNOWN, "timer-comes-back");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(linux_runs_on_a_whole_firmware),
		TEST(linux_takes_one_without_a_version_for_the_oldest),
		TEST(linux_misses_a_timer),
		TEST(linux_misses_ipis),
		TEST(linux_misses_remote_fences),
		TEST(linux_starts_no_cpu_without_hsm),
		TEST(linux_cannot_switch_off_without_srst),
		TEST(linux_waits_for_a_timer_call_that_hangs),
		TEST(linux_needs_what_it_handed_over),
		TEST(linux_needs_physical_addresses_at_the_start),
		TEST(a_time_that_linux_never_asks_for_does_not_stop_it),
	};

	return cmocka_run_group_tests_name("consumers of SBI", tests, load, unload);
}
