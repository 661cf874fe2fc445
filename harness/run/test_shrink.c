/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the fewest things that it takes, with things that are nothing but numbers. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "run/shrink.h"

/* Something that fails when all these numbers came before it, in a way that a test can choose. */
struct world {
	struct arena *arena;
	struct shrink_config config;
	struct shrunk shrunk;
	struct err err;
	const size_t *needed;
	size_t needed_count;
	const char *answers; /* '1' or '0' for each try, instead of what is needed; NULL: none */
	unsigned made, break_at, interrupt_at; /* tries; 0: never */
};

static bool has(const size_t *list, size_t count, size_t wanted)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == wanted)
			return true;
	return false;
}

static int fails(void *context, const size_t *kept, size_t count, struct err *err)
{
	struct world *world = context;

	world->made++;
	if (world->made == world->break_at)
		return err_set(err, EXIT_BROKEN, "broken");
	if (world->made == world->interrupt_at)
		return err_set(err, EXIT_INTERRUPTED, "interrupted");
	for (size_t i = 1; i < count; i++)
		assert_true(kept[i - 1] < kept[i]); /* in their order */
	if (world->answers && world->answers[world->made - 1])
		return world->answers[world->made - 1] == '1';
	for (size_t i = 0; i < world->needed_count; i++)
		if (!has(kept, count, world->needed[i]))
			return 0;
	return 1;
}

static int set_up(void **state)
{
	static struct world world;

	world = (struct world){ .arena = arena_new() };
	world.config = (struct shrink_config){ .count = 1000, .tries = 10000, .repeats = 3, .context = &world, .fails = fails };
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	arena_free(((struct world *)*state)->arena);
	return 0;
}

static void search(struct world *world, const size_t *needed, size_t count)
{
	world->needed = needed;
	world->needed_count = count;
	assert_int_equal(shrink(world->arena, &world->config, &world->shrunk, &world->err), 0);
}

static void assert_kept(const struct world *world, const size_t *needed, size_t count)
{
	assert_int_equal(world->shrunk.end, SHRINK_DONE);
	assert_int_equal(world->shrunk.count, count);
	if (count)
		assert_memory_equal(world->shrunk.kept, needed, count * sizeof(*needed));
	assert_int_equal(world->shrunk.failed, world->shrunk.repeats);
	assert_int_equal(world->shrunk.tries, world->made);
}

static void what_fails_alone_needs_nothing(void **state)
{
	struct world *world = *state;

	search(world, NULL, 0);
	assert_kept(world, NULL, 0);
	assert_int_equal(world->made, 4); /* all, nothing, and nothing twice more */
}

static void one_of_a_thousand_is_found_in_a_few_tries(void **state)
{
	struct world *world = *state;

	for (size_t needed = 0; needed < 1000; needed += 111) {
		world->made = 0;
		search(world, &needed, 1);
		assert_kept(world, &needed, 1);
		assert_true(world->made < 30);
	}
}

static void several_that_lie_apart_are_found(void **state)
{
	static const size_t needed[] = { 0, 17, 500, 999 };
	struct world *world = *state;

	search(world, needed, 4);
	assert_kept(world, needed, 4);
	assert_true(world->made < 300);
}

static void all_may_be_needed(void **state)
{
	static const size_t needed[] = { 0, 1, 2, 3, 4 };
	struct world *world = *state;

	world->config.count = 5;
	search(world, needed, 5);
	assert_kept(world, needed, 5);
}

static void the_same_search_gives_the_same(void **state)
{
	static const size_t needed[] = { 3, 700 };
	struct world *world = *state;
	unsigned made;

	search(world, needed, 2);
	made = world->made;
	world->made = 0;
	search(world, needed, 2);
	assert_int_equal(world->made, made);
}

static void tries_that_are_used_up_leave_what_was_found(void **state)
{
	static const size_t needed[] = { 3, 700 };
	struct world *world = *state;

	world->config.tries = 10;
	search(world, needed, 2);
	assert_int_equal(world->shrunk.end, SHRINK_CUT);
	assert_int_equal(world->made, 10);
	assert_true(has(world->shrunk.kept, world->shrunk.count, 3));
	assert_true(has(world->shrunk.kept, world->shrunk.count, 700));
}

static void an_interrupt_leaves_what_was_found(void **state)
{
	static const size_t needed[] = { 900 };
	struct world *world = *state;

	world->interrupt_at = 6;
	search(world, needed, 1);
	assert_int_equal(world->shrunk.end, SHRINK_CUT);
	assert_int_equal(world->shrunk.tries, 5);
	assert_true(world->shrunk.count < 1000);
	assert_true(has(world->shrunk.kept, world->shrunk.count, 900));
}

static void what_does_not_fail_is_tried_again_and_passes(void **state)
{
	static const size_t never[] = { 5000 };
	struct world *world = *state;

	search(world, never, 1);
	assert_int_equal(world->shrunk.end, SHRINK_PASSES);
	assert_int_equal(world->shrunk.repeats, 3);
	assert_int_equal(world->shrunk.failed, 0);
	assert_int_equal(world->made, 3);
}

static void what_fails_sometimes_is_flaky_with_its_rate(void **state)
{
	struct world *world = *state;

	world->answers = "01001";
	world->config.repeats = 5;
	search(world, NULL, 0);
	assert_int_equal(world->shrunk.end, SHRINK_FLAKY);
	assert_int_equal(world->shrunk.failed, 2);
	assert_int_equal(world->shrunk.repeats, 5);
}

static void a_result_that_does_not_fail_again_is_flaky(void **state)
{
	struct world *world = *state;

	world->answers = "1101"; /* all and nothing fail, then nothing fails once of twice */
	search(world, NULL, 0);
	assert_int_equal(world->shrunk.end, SHRINK_FLAKY);
	assert_int_equal(world->shrunk.failed, 2);
	assert_int_equal(world->shrunk.repeats, 3);
}

static void what_goes_wrong_is_an_error(void **state)
{
	struct world *world = *state;

	world->break_at = 4;
	assert_int_equal(shrink(world->arena, &world->config, &world->shrunk, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fails_alone_needs_nothing),
		TEST(one_of_a_thousand_is_found_in_a_few_tries),
		TEST(several_that_lie_apart_are_found),
		TEST(all_may_be_needed),
		TEST(the_same_search_gives_the_same),
		TEST(tries_that_are_used_up_leave_what_was_found),
		TEST(an_interrupt_leaves_what_was_found),
		TEST(what_does_not_fail_is_tried_again_and_passes),
		TEST(what_fails_sometimes_is_flaky_with_its_rate),
		TEST(a_result_that_does_not_fail_again_is_flaky),
		TEST(what_goes_wrong_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
