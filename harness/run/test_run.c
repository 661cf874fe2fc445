/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases in real guests: QEMU, the probe and Debian's OpenSBI; skipped where one of them is missing. */
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

#include "run/test_world.h"

static struct world *ready(void **state)
{
	struct world *world = *state;

	if (!world->config.blob)
		skip();
	return world;
}

static void run_and_hear(struct world *world, const char *expected)
{
	struct run_stats stats;

	if (world_run(world, NULL, &stats))
		fail_msg("%s", world->err.message);
	assert_string_equal(world->heard, expected);
}

static void a_survey_finds_the_claim_and_the_chapters(void **state)
{
	struct world *world = ready(state);

	if (run_survey(world->arena, &world->config, &world->survey, &world->head, &world->err))
		fail_msg("%s", world->err.message);
	assert_int_equal(world->survey.claimed_major, 1);
	assert_int_equal(world->survey.version, 1);
	assert_true(world->survey.present[0]);
	assert_true(world->survey.present[1]);
	assert_false(world->survey.present[2]);
	assert_int_equal(world->head.claimed_major, 1);
	assert_int_equal(world->head.harts, 2);
	assert_int_equal(world->head.register_count, 32);
	assert_string_not_equal(world->head.qemu, "");
	assert_true(world->head.own_low < world->head.own_high);
	assert_int_equal(world->head.map[world->head.map_count - 1][0], world->head.ram_base);
}

/* What the head of the recording says of something; -1: nothing. */
static int recorded_presence(const struct world *world, const char *name)
{
	for (size_t i = 0; i < world->head.chapter_count; i++)
		if (!strcmp(world->head.chapters[i], name))
			return world->head.present[i];
	return -1;
}

static void a_survey_asks_for_entries_that_can_be_asked_for(void **state)
{
	struct world *world = ready(state);
	const struct spec *spec = world->spec;

	if (run_survey(world->arena, &world->config, &world->survey, &world->head, &world->err))
		fail_msg("%s", world->err.message);
	assert_false(world->survey.missing[spec_find_entry(spec, "base.asked")->number]);
	assert_true(world->survey.missing[spec_find_entry(spec, "base.asked_in_vain")->number]);
	assert_false(world->survey.missing[spec_find_entry(spec, "base.probe_extension")->number]);
	assert_int_equal(recorded_presence(world, "there"), 1);
	assert_int_equal(recorded_presence(world, "missing"), 0);
	assert_int_equal(recorded_presence(world, "toy.base.asked"), 1);
	assert_int_equal(recorded_presence(world, "toy.base.asked_in_vain"), 0);
	assert_int_equal(recorded_presence(world, "toy.base.probe_extension"), -1);
}

static void results_come_in_the_order_of_the_plan(void **state)
{
	struct world *world = ready(state);

	world->config.jobs = 2;
	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "base.get_spec_version")->ends_guest = true;
	world_case(world, "c", "base.get_spec_version")->ends_guest = true;
	world_step(world, world_case(world, "d", "base.get_spec_version"), "base.probe_extension");
	run_and_hear(world, "a/0 returned\nb/0 returned\nc/0 returned\nd/0 returned returned\n");
	assert_int_equal(world->boots, 3);
}

static void a_declared_shutdown_is_recorded_once(void **state)
{
	struct world *world = ready(state);

	world_case(world, "a", "base.get_spec_version");
	world_step(world, world_case(world, "b", "there.power_off"), "base.get_spec_version");
	world_case(world, "c", "base.get_spec_version");
	run_and_hear(world, "a/0 returned\nb/0 shutdown not-run\nc/0 returned\n");
	assert_int_equal(world->boots, 2);
}

static void an_undeclared_end_happens_twice_before_it_is_recorded_once(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "old.surprise");
	world_case(world, "c", "there.power_off")->steps[0].args[0].literal = 1;
	world_case(world, "d", "harts.stop");
	world_case(world, "e", "base.get_spec_version");
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_string_equal(world->heard, "a/0 returned\nb/0 shutdown\nc/0 reset\nd/0 hang\ne/0 returned\n");
	assert_int_equal(stats.confirmations, 3);
	assert_int_equal(stats.cases, 5);
	assert_int_equal(world->boots, 5); /* what was seen alone is judged without what came before it */
}

static void console_bytes_nobody_declared_find_their_owner(void **state)
{
	struct world *world = ready(state);

	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "console.mutter")->steps[0].args[0].literal = 'q';
	world_case(world, "c", "base.get_spec_version");
	run_and_hear(world, "a/0 returned\nb/0 returned[q]\nc/0 returned\n");
}

static void declared_console_bytes_need_no_second_run(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "console.say")->steps[0].args[0].literal = 'q';
	world_case(world, "c", "console.listen");
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_string_equal(world->heard, "a/0 returned\nb/0 returned[q]\nc/0 returned\n");
	assert_int_equal(stats.resets, 1);
	assert_int_equal(stats.calls, 3);
}

static void a_doubtful_case_is_run_again_alone(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world->confirm = "b";
	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "base.get_spec_version");
	world_case(world, "c", "base.get_spec_version");
	assert_int_equal(world_run(world, NULL, &stats), 0);
	/* not in the middle of the boot of the others: their state goes on */
	assert_string_equal(world->heard, "a/0 returned\nb/0 returned\nc/0 returned\nb/1 returned\n");
	assert_int_equal(world->boots, 2);
	assert_int_equal(stats.cases, 3);
	assert_int_equal(stats.confirmations, 1);
}

static void every_case_may_have_a_guest_of_its_own(void **state)
{
	struct world *world = ready(state);

	world->config.isolate_case = true;
	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "base.get_spec_version");
	world_case(world, "c", "base.get_spec_version");
	run_and_hear(world, "a/0 returned\nb/0 returned\nc/0 returned\n");
	assert_int_equal(world->boots, 3);
}

/* Runs the plan until `cases` records are there, then takes it up again from their journal. */
static void run_in_two_parts(struct world *world, unsigned cases)
{
	char directory[] = "/tmp/assay-past-XXXXXX", path[64];
	struct run_stats stats;
	int result;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/journal", directory);
	world->writer = journal_create(path, &world->head, &world->err);
	assert_non_null(world->writer);
	world->heard_cases = world->boots = 0;
	world->stop_after = cases;
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_int_equal(world->heard_cases, cases);
	assert_int_equal(journal_close(world->writer, &world->err), 0);
	world->writer = NULL;
	world->interrupt = false;
	world->stop_after = 0;
	world->heard_cases = world->boots = 0;
	result = world_run(world, path, &stats);
	unlink(path);
	rmdir(directory);
	if (result)
		fail_msg("%s", world->err.message);
}

static void a_run_is_taken_up_where_it_ended(void **state)
{
	struct world *world = ready(state);

	world->confirm = "b";
	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "base.get_spec_version");
	world_case(world, "c", "base.get_spec_version");
	run_in_two_parts(world, 2);
	/* in the boot of those before, and nobody forgets what was to be confirmed */
	assert_string_equal(world->heard, "known a/0 returned\nknown b/0 returned\nc/0 returned\nb/1 returned\n");
	assert_int_equal(world->boots, 2);
	run_in_two_parts(world, 4);
	assert_string_equal(world->heard, "known a/0 returned\nknown b/0 returned\nknown c/0 returned\nknown b/1 returned\n");
}

static void boots_that_are_on_record_are_not_made_again(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world_case(world, "a", "base.get_spec_version")->ends_guest = true;
	world_case(world, "b", "old.surprise")->ends_guest = true;
	world_case(world, "c", "old.surprise")->ends_guest = true;
	run_in_two_parts(world, 2);
	assert_string_equal(world->heard, "known a/0 returned\nknown b/0 shutdown\nc/0 shutdown\n");
	assert_int_equal(world->boots, 3);
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_string_equal(world->heard, "a/0 returned\nb/0 shutdown\nc/0 shutdown\n");
}

static void another_plan_than_the_recorded_one_is_not_taken_up(void **state)
{
	struct world *world = ready(state);
	char directory[] = "/tmp/assay-past-XXXXXX", path[64];
	struct run_stats stats;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/journal", directory);
	world_case(world, "a", "base.get_spec_version");
	world->writer = journal_create(path, &world->head, &world->err);
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_int_equal(journal_close(world->writer, &world->err), 0);
	world->writer = NULL;
	world->cases[0].id = "z";
	assert_int_equal(world_run(world, path, &stats), -1);
	assert_non_null(strstr(world->err.message, "where it has a there is z"));
	unlink(path);
	rmdir(directory);
}

static void an_interrupt_ends_a_run_between_two_cases(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world->stop_after = 2;
	for (int i = 0; i < 5; i++)
		world_case(world, "a", "base.get_spec_version");
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_true(stats.interrupted);
	assert_int_equal(world->heard_cases, 2);
}

static void a_budget_ends_a_run_before_the_next_batch(void **state)
{
	struct world *world = ready(state);
	struct run_stats stats;

	world->config.budget_ms = 1;
	world->config.isolate_case = true;
	for (int i = 0; i < 20; i++)
		world_case(world, "a", "base.get_spec_version");
	assert_int_equal(world_run(world, NULL, &stats), 0);
	assert_true(stats.budget_spent);
	assert_true(world->heard_cases < 20);
}

static void a_cpu_that_was_sent_nowhere_takes_nobody_with_it(void **state)
{
	struct world *world = ready(state);
	struct plan_case *plan_case = world_case(world, "a", "harts.start");

	plan_case->steps[0].args[0].literal = 1;
	plan_case->steps[0].args[1].literal = 0x10;
	plan_case = world_case(world, "b", "harts.start");
	plan_case->steps[0].args[0].literal = 1;
	plan_case->steps[0].args[1] = (struct case_value){ .source = VALUE_PAD, .pad = "park" };
	world_step(world, plan_case, "base.get_spec_version")->hart = 1;
	run_and_hear(world, "a/0 returned\nb/0 returned returned\n");
	assert_int_equal(world->boots, 2);
}

static void a_blob_that_does_not_boot_is_named(void **state)
{
	/* lui a0, 0x100; lui a1, 0x5; addiw a1, a1, 0x555; sw a1, 0(a0); j . : switches the machine off at once */
	static const uint32_t firmware[32] = { 0x00100537, 0x000055b7, 0x5555859b, 0x00b52023, 0x0000006f };
	struct world *world = ready(state);
	struct blob blob = *world->config.blob;
	char path[] = "/tmp/assay-firmware-XXXXXX";
	int fd = mkstemp(path), result;

	assert_int_equal(write(fd, firmware, sizeof(firmware)), sizeof(firmware));
	close(fd);
	blob.path = path;
	world->config.blob = &blob;
	result = run_survey(world->arena, &world->config, &world->survey, &world->head, &world->err);
	unlink(path);
	assert_int_equal(result, -1);
	assert_int_equal(world->err.code, EXIT_DEVIANT);
	if (!strstr(world->err.message, "never came to the probe: it switched the machine off"))
		fail_msg("%s", world->err.message);
}

int main(void)
{
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_survey_finds_the_claim_and_the_chapters),
		WORLD_TEST(a_survey_asks_for_entries_that_can_be_asked_for),
		WORLD_TEST(results_come_in_the_order_of_the_plan),
		WORLD_TEST(a_declared_shutdown_is_recorded_once),
		WORLD_TEST(an_undeclared_end_happens_twice_before_it_is_recorded_once),
		WORLD_TEST(console_bytes_nobody_declared_find_their_owner),
		WORLD_TEST(declared_console_bytes_need_no_second_run),
		WORLD_TEST(a_doubtful_case_is_run_again_alone),
		WORLD_TEST(every_case_may_have_a_guest_of_its_own),
		WORLD_TEST(a_run_is_taken_up_where_it_ended),
		WORLD_TEST(boots_that_are_on_record_are_not_made_again),
		WORLD_TEST(another_plan_than_the_recorded_one_is_not_taken_up),
		WORLD_TEST(an_interrupt_ends_a_run_between_two_cases),
		WORLD_TEST(a_budget_ends_a_run_before_the_next_batch),
		WORLD_TEST(a_cpu_that_was_sent_nowhere_takes_nobody_with_it),
		WORLD_TEST(a_blob_that_does_not_boot_is_named),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
