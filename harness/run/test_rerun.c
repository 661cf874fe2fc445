/* SPDX-License-Identifier: BSD-2-Clause */
/* Chosen cases in real guests: QEMU, the probe and Debian's OpenSBI; skipped where one of them is missing. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>

#include "guest/debug.h"
#include "guest/internal.h"
#include "run/engine.h"
#include "run/pool.h"
#include "run/rerun.h"
#include "run/test_world.h"

struct heard {
	char text[512];
	uint64_t begin[16], took[16]; /* ticks, of each case's first call */
	size_t count;
	unsigned before, after; /* calls of the watcher */
	uint64_t gate;
};

static void hear(void *context, const struct recorded_case *recorded)
{
	struct heard *heard = context;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%s%s:%d", used ? " " : "", recorded->id,
		 recorded->steps[recorded->main].outcome);
	heard->begin[heard->count] = recorded->steps[0].start;
	heard->took[heard->count++] = recorded->steps[0].end - recorded->steps[0].start;
}

static struct world *ready(void **state)
{
	struct world *world = *state;

	if (!world->config.blob)
		skip();
	world_case(world, "a", "base.get_spec_version");
	world_case(world, "b", "base.probe_extension");
	world_case(world, "stop", "harts.stop");
	world_case(world, "mutter", "console.mutter")->steps[0].args[0].literal = 'q';
	return world;
}

static struct rerun *prepare(struct world *world, const char *const *ids, size_t count)
{
	const struct rerun_config config = { .run = &world->config, .survey = &world->survey };

	world->next = 0;
	return rerun_new(&config, (struct plan *)world, ids, count, &world->err);
}

static void run(struct world *world, struct rerun *rerun, const size_t *cases, size_t count, struct heard *heard)
{
	const struct rerun_request request = { .cases = cases, .count = count, .watched = -1, .context = heard, .seen = hear };

	*heard = (struct heard){ 0 };
	if (rerun_run(rerun, &request, &world->err))
		fail_msg("%s", world->err.message);
}

static void cases_run_in_the_order_that_is_wanted(void **state)
{
	static const char *const ids[] = { "b", "mutter", "a" };
	static const size_t first[] = { 2, 0 }, second[] = { 0, 2, 0 };
	struct world *world = ready(state);
	struct rerun *rerun = prepare(world, ids, 3);
	struct heard heard;

	assert_non_null(rerun);
	run(world, rerun, first, 2, &heard);
	assert_string_equal(heard.text, "a:1 b:1");
	run(world, rerun, second, 3, &heard);
	assert_string_equal(heard.text, "b:1 a:1 b:1");
	rerun_free(rerun);
}

static void nothing_is_told_behind_the_end(void **state)
{
	static const char *const ids[] = { "a", "stop", "b" };
	static const size_t all[] = { 0, 1, 2 };
	struct world *world = ready(state);
	struct rerun *rerun = prepare(world, ids, 3);
	struct heard heard;

	assert_non_null(rerun);
	run(world, rerun, all, 3, &heard);
	assert_string_equal(heard.text, "a:1 stop:8");
	rerun_free(rerun);
}

static void the_same_cases_take_the_same_time(void **state)
{
	static const char *const ids[] = { "a", "b" };
	static const size_t both[] = { 0, 1 };
	struct world *world = ready(state);
	struct rerun *rerun = prepare(world, ids, 2);
	struct heard once, again;

	assert_non_null(rerun);
	run(world, rerun, both, 2, &once);
	run(world, rerun, both, 2, &again);
	assert_memory_equal(once.begin, again.begin, sizeof(once.begin));
	assert_memory_equal(once.took, again.took, sizeof(once.took));
	rerun_free(rerun);
}

static void a_case_that_is_not_in_the_plan_is_an_error(void **state)
{
	static const char *const ids[] = { "a", "nowhere" };
	struct world *world = ready(state);

	assert_null(prepare(world, ids, 2));
	assert_int_equal(world->err.code, EXIT_USAGE);
	assert_non_null(strstr(world->err.message, "nowhere"));
}

static bool before(void *context, struct guest *guest, const struct asked_step *step)
{
	struct heard *heard = context;

	heard->before++;
	heard->gate = guest_gate(guest, step->code->gate, step->hart);
	return true;
}

static void after(void *context, struct guest *guest)
{
	(void)guest;
	((struct heard *)context)->after++;
}

static void the_call_that_is_watched_is_waited_for(void **state)
{
	static const char *const ids[] = { "a", "b" };
	static const size_t both[] = { 0, 1 };
	struct world *world = ready(state);
	struct rerun *rerun = prepare(world, ids, 2);
	struct heard heard = { 0 };
	const struct lane_watcher watcher = { &heard, before, after };
	const struct rerun_request request = {
		.cases = both, .count = 2, .watched = 0, .watcher = &watcher, .context = &heard, .seen = hear
	};

	assert_non_null(rerun);
	assert_int_equal(rerun_run(rerun, &request, &world->err), 0);
	assert_string_equal(heard.text, "a:1 b:1");
	assert_int_equal(heard.before, 1);
	assert_int_equal(heard.after, 1);
	assert_int_not_equal(heard.gate, 0);
	rerun_free(rerun);
}

/* The second one's guest is where the first one's was: it has not booted for it. */
static void a_guest_that_nobody_uses_is_used_again(void **state)
{
	static const char *const ids[] = { "a" };
	static const size_t first[] = { 0 };
	struct world *world = ready(state);
	struct heard heard = { 0 }, again = { 0 };
	struct attendant *attendant;
	struct guest_config config;
	struct rerun *rerun;
	pid_t pid;

	world->config.pool = pool_new();
	rerun = prepare(world, ids, 1);
	assert_non_null(rerun);
	run(world, rerun, first, 1, &heard);
	rerun_free(rerun);
	config = engine_guest_config(&world->config);
	attendant = pool_take(world->config.pool, &config, &world->err);
	assert_non_null(attendant);
	pid = attendant_guest(attendant)->qemu.pid;
	assert_int_not_equal(pid, 0);
	pool_give(world->config.pool, attendant);
	rerun = prepare(world, ids, 1);
	assert_non_null(rerun);
	run(world, rerun, first, 1, &again);
	rerun_free(rerun);
	assert_string_equal(again.text, heard.text);
	assert_int_equal(again.begin[0], heard.begin[0]);
	assert_ptr_equal(pool_take(world->config.pool, &config, &world->err), attendant);
	assert_int_equal(attendant_guest(attendant)->qemu.pid, pid);
	pool_give(world->config.pool, attendant);
	pool_free(world->config.pool);
	world->config.pool = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cases_run_in_the_order_that_is_wanted),  TEST(nothing_is_told_behind_the_end),
		TEST(the_same_cases_take_the_same_time),      TEST(a_case_that_is_not_in_the_plan_is_an_error),
		TEST(the_call_that_is_watched_is_waited_for), TEST(a_guest_that_nobody_uses_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
