/* SPDX-License-Identifier: BSD-2-Clause */
/* What a failure takes, in worlds that are pretended: machines that come back exactly, and some that do not. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "run/attribute.h"

struct world {
	struct arena *arena;
	struct attribute_config config;
	struct err err;
	const size_t *needed; /* it fails after these */
	size_t needed_count;
	bool never; /* nothing makes it fail */
	const char *luck; /* '1' or '0' for each try that is on record, instead; NULL: none */
	unsigned made, break_at, interrupt_at; /* tries; 0: never */
	struct attributed found;
	unsigned alone, behind; /* on record */
	size_t last[1000], last_count;
	enum record_role role; /* of the last that is on record */
};

static bool has(const size_t *list, size_t count, size_t wanted)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == wanted)
			return true;
	return false;
}

static void write_down(struct world *world, const size_t *kept, size_t count, enum record_role role)
{
	world->alone += !count;
	world->behind += count != 0;
	world->role = role;
	world->last_count = count;
	if (count)
		memcpy(world->last, kept, count * sizeof(*kept));
}

static int try(void *context, const size_t *kept, size_t count, bool on_record, enum record_role role, struct err *err)
{
	struct world *world = context;

	world->made++;
	if (world->made == world->break_at)
		return err_set(err, EXIT_BROKEN, "broken");
	if (world->made == world->interrupt_at)
		return err_set(err, EXIT_INTERRUPTED, "interrupted");
	if (on_record)
		write_down(world, kept, count, role);
	if (on_record && world->luck && *world->luck)
		return *world->luck++ == '1';
	for (size_t i = 0; i < world->needed_count; i++)
		if (!has(kept, count, world->needed[i]))
			return 0;
	return !world->never;
}

static int set_up(void **state)
{
	static struct world world;

	world = (struct world){ .arena = arena_new() };
	world.config = (struct attribute_config){ .count = 1000, .tries = 60, .context = &world, .try = try };
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	arena_free(((struct world *)*state)->arena);
	return 0;
}

static void look_into(struct world *world, const size_t *needed, size_t count)
{
	world->needed = needed;
	world->needed_count = count;
	assert_int_equal(attribute(world->arena, &world->config, &world->found, &world->err), 0);
}

static void a_sequence_is_shrunk_and_goes_on_record_as_often_as_it_has_to_fail(void **state)
{
	static const size_t needed[] = { 17, 500 };
	struct world *world = *state;

	look_into(world, needed, 2);
	assert_int_equal(world->behind, ATTRIBUTE_REPEATS);
	assert_int_equal(world->alone, 0);
	assert_int_equal(world->role, RECORD_SHORTEST);
	assert_int_equal(world->last_count, 2);
	assert_memory_equal(world->last, needed, sizeof(needed));
	assert_int_equal(world->found.count, 2);
	assert_memory_equal(world->found.kept, needed, sizeof(needed));
	assert_true(world->found.used <= 30);
	assert_int_equal(world->made, world->found.used + ATTRIBUTE_REPEATS);
}

static void tries_that_are_used_up_say_that_it_may_be_shorter(void **state)
{
	static const size_t needed[] = { 17, 500 };
	struct world *world = *state;

	world->config.tries = 10;
	look_into(world, needed, 2);
	assert_int_equal(world->role, RECORD_SHORTER);
	assert_int_equal(world->found.used, 10);
	assert_true(world->last_count > 2 && world->last_count < 1000);
	assert_true(has(world->last, world->last_count, 17) && has(world->last, world->last_count, 500));
}

static void with_a_single_try_it_is_seen_in_place_at_least(void **state)
{
	static const size_t needed[] = { 17 };
	struct world *world = *state;

	world->config.tries = 1;
	look_into(world, needed, 1);
	assert_int_equal(world->role, RECORD_SHORTER);
	assert_int_equal(world->last_count, 1000);
	assert_int_equal(world->behind, ATTRIBUTE_REPEATS);
}

static void what_never_comes_again_is_tried_alone_and_in_place(void **state)
{
	struct world *world = *state;

	world->never = true;
	look_into(world, NULL, 0);
	assert_int_equal(world->alone, ATTRIBUTE_FLAKY);
	assert_int_equal(world->behind, ATTRIBUTE_FLAKY);
	assert_int_equal(world->role, RECORD_ITSELF);
	assert_int_equal(world->last_count, 1000);
}

static void what_had_nothing_before_it_is_tried_alone(void **state)
{
	struct world *world = *state;

	world->config.count = 0;
	look_into(world, NULL, 0);
	assert_int_equal(world->alone, ATTRIBUTE_FLAKY);
	assert_int_equal(world->behind, 0);
	assert_int_equal(world->found.used, 0);
}

static void what_fails_alone_this_time_did_not_before_and_gets_a_rate(void **state)
{
	struct world *world = *state;

	look_into(world, NULL, 0);
	assert_int_equal(world->alone, ATTRIBUTE_FLAKY);
	assert_int_equal(world->behind, ATTRIBUTE_FLAKY);
}

static void a_sequence_that_does_not_fail_again_gets_a_rate_too(void **state)
{
	static const size_t needed[] = { 17 };
	struct world *world = *state;

	world->luck = "10";
	look_into(world, needed, 1);
	assert_int_equal(world->alone, ATTRIBUTE_FLAKY);
	assert_int_equal(world->behind, ATTRIBUTE_REPEATS + ATTRIBUTE_FLAKY);
}

static void the_same_world_is_asked_the_same(void **state)
{
	static const size_t needed[] = { 3, 44, 700 };
	struct world *world = *state;
	unsigned made;

	look_into(world, needed, 3);
	made = world->made;
	world->made = 0;
	look_into(world, needed, 3);
	assert_int_equal(world->made, made);
}

static void an_interrupt_records_nothing_halfway(void **state)
{
	static const size_t needed[] = { 17 };
	struct world *world = *state;

	world->needed = needed;
	world->needed_count = 1;
	world->interrupt_at = 4;
	assert_int_equal(attribute(world->arena, &world->config, &world->found, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_INTERRUPTED);
	assert_int_equal(world->alone + world->behind, 0);
}

static void what_goes_wrong_is_an_error(void **state)
{
	struct world *world = *state;

	world->never = true;
	world->break_at = 3;
	assert_int_equal(attribute(world->arena, &world->config, &world->found, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sequence_is_shrunk_and_goes_on_record_as_often_as_it_has_to_fail),
		TEST(tries_that_are_used_up_say_that_it_may_be_shorter),
		TEST(with_a_single_try_it_is_seen_in_place_at_least),
		TEST(what_never_comes_again_is_tried_alone_and_in_place),
		TEST(what_had_nothing_before_it_is_tried_alone),
		TEST(what_fails_alone_this_time_did_not_before_and_gets_a_rate),
		TEST(a_sequence_that_does_not_fail_again_gets_a_rate_too),
		TEST(the_same_world_is_asked_the_same),
		TEST(an_interrupt_records_nothing_halfway),
		TEST(what_goes_wrong_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
