/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trials in real guests: QEMU, the probe and Debian's OpenSBI; skipped where one of them is missing. What "fails" is made up here: it
 * depends on which cases came before.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/test_world.h"
#include "run/trials.h"

/* A rule that fails where a case has come before in the same guest. */
struct bench {
	const char *takes;
	bool came; /* in this trial */
	char seen[1024]; /* what went on record: id, attempt and role, a line for each trial */
	unsigned records;
	unsigned searches, tries; /* that came to their end, and what they took in all */
	const char *entry; /* of the last one */
};

static bool fails(void *context, const struct recorded_case *recorded, const char *rule)
{
	struct bench *bench = context;
	bool failed = rule && bench->came;

	bench->came = !rule && (bench->came || !strcmp(recorded->id, bench->takes));
	return failed;
}

static int record(void *context, const struct recorded_case *recorded, struct err *err)
{
	static const char *const roles[] = { "itself", "before", "shortest", "shorter" };
	struct bench *bench = context;
	size_t used = strlen(bench->seen);

	(void)err;
	bench->records++;
	snprintf(bench->seen + used, sizeof(bench->seen) - used, "%s/%u/%s%s", recorded->id, recorded->attempt,
		 roles[recorded->role], recorded->role == RECORD_BEFORE ? " " : "\n");
	return 0;
}

static int searched(void *context, const struct recorded_search *search, struct err *err)
{
	struct bench *bench = context;

	(void)err;
	bench->entry = search->entry;
	bench->searches++;
	bench->tries += search->tries;
	return 0;
}

static int record_nothing(void *context, const struct recorded_case *recorded, struct err *err)
{
	(void)recorded;
	((struct bench *)context)->records++;
	return err_set(err, EXIT_BROKEN, "the disk is full");
}

static struct world *ready(void **state)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e" };
	struct world *world = *state;

	if (!world->config.blob)
		skip();
	for (size_t i = 0; i < 5; i++)
		world_case(world, ids[i], "base.get_spec_version");
	return world;
}

/* Runs the plan, with its journal, in which an earlier run has left these searches; and then the trials of these doubts. */
static int attribute_after(struct world *world, struct bench *bench, struct trials_config *config, const struct doubt *doubts,
			   size_t count, const struct recorded_search *before, unsigned before_count)
{
	char directory[] = "/tmp/assay-trials-XXXXXX", path[64];
	struct run_stats stats;
	int result;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/journal", directory);
	world->writer = journal_create(path, &world->head, &world->err);
	assert_non_null(world->writer);
	assert_int_equal(world_run(world, NULL, &stats), 0);
	for (unsigned i = 0; i < before_count; i++)
		assert_int_equal(journal_search(world->writer, before, &world->err), 0);
	assert_int_equal(journal_close(world->writer, &world->err), 0);
	world->writer = NULL;
	config->run = &world->config;
	config->survey = &world->survey;
	config->plan = (struct plan *)world;
	config->journal = path;
	config->context = bench;
	config->fails = fails;
	config->record = config->record ? config->record : record;
	config->searched = searched;
	result = trials_run(config, doubts, count, &world->err);
	unlink(path);
	rmdir(directory);
	return result;
}

static int attribute_all(struct world *world, struct bench *bench, struct trials_config *config, const struct doubt *doubts,
			 size_t count)
{
	return attribute_after(world, bench, config, doubts, count, NULL, 0);
}

static void the_case_that_it_takes_is_found_and_goes_on_record(void **state)
{
	const struct doubt doubt = { "t:r", "e", 0 };
	struct world *world = ready(state);
	struct bench bench = { .takes = "b" };
	struct trials_config config = { .boot = 7 };

	assert_int_equal(attribute_all(world, &bench, &config, &doubt, 1), 0);
	assert_string_equal(bench.seen, "b/2/before e/2/shortest\nb/3/before e/3/shortest\n");
	assert_int_equal(config.boot, 9); /* a boot for each trial on record */
	assert_true(config.guests > 2);
}

static void what_takes_nothing_that_came_before_is_luck(void **state)
{
	const struct doubt doubt = { "t:r", "e", 0 };
	struct world *world = ready(state);
	struct bench bench = { .takes = "nothing" };
	struct trials_config config = { 0 };

	assert_int_equal(attribute_all(world, &bench, &config, &doubt, 1), 0);
	assert_non_null(strstr(bench.seen, "e/2/itself\n"));
	assert_non_null(strstr(bench.seen, "a/7/before b/7/before c/7/before d/7/before e/7/itself\n"));
	assert_null(strstr(bench.seen, "short"));
}

/* The second rule that a case breaks begins with what the first one took: fewer guests find the same. */
static void what_an_earlier_rule_took_is_tried_first(void **state)
{
	const struct doubt doubts[] = { { "t:r", "e", 0 }, { "t:s", "e", 0 } };
	struct world *world = ready(state);
	struct bench one = { .takes = "b" }, two = { .takes = "b" };
	struct trials_config single = { 0 }, both = { 0 };

	assert_int_equal(attribute_all(world, &one, &single, doubts, 1), 0);
	assert_int_equal(attribute_all(world, &two, &both, doubts, 2), 0);
	assert_int_equal(two.records, 2 * one.records);
	assert_true(both.guests < 2 * single.guests);
}

/* What is bounded in a run is bounded in its parts together: as many searches of an entry, as many tries. */
static void searches_of_the_run_that_is_taken_up_count(void **state)
{
	struct world *world = ready(state);
	const char *name = world->config.spec->entries[0]->full_id, *other = world->config.spec->entries[1]->full_id;
	const struct {
		struct recorded_search search;
		unsigned count;
		const char *role;
	} rows[] = {
		{ { name, 1 }, 7, "shortest" },	   { { name, 1 }, 8, "shorter" },    { { other, 1 }, 8, "shortest" },
		{ { other, 400 }, 1, "shortest" }, { { other, 600 }, 1, "shorter" },
	};
	const struct doubt doubt = { "t:r", "e", 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench bench = { .takes = "b" };
		struct trials_config config = { 0 };

		assert_int_equal(attribute_after(world, &bench, &config, &doubt, 1, &rows[i].search, rows[i].count), 0);
		assert_non_null(strstr(bench.seen, rows[i].role));
		assert_int_equal(bench.searches, 1);
		assert_string_equal(bench.entry, name);
		assert_true(bench.tries > 0);
	}
}

static void a_record_that_cannot_be_written_ends_it(void **state)
{
	const struct doubt doubt = { "t:r", "e", 0 };
	struct world *world = ready(state);
	struct bench bench = { .takes = "b" };
	struct trials_config config = { .record = record_nothing };

	assert_int_equal(attribute_all(world, &bench, &config, &doubt, 1), -1);
	assert_string_equal(world->err.message, "the disk is full");
	assert_int_equal(bench.records, 1);
	err_clear(&world->err);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_case_that_it_takes_is_found_and_goes_on_record),
		TEST(what_takes_nothing_that_came_before_is_luck),
		TEST(what_an_earlier_rule_took_is_tried_first),
		TEST(searches_of_the_run_that_is_taken_up_count),
		TEST(a_record_that_cannot_be_written_ends_it),
	};

	return cmocka_run_group_tests_name("run trials", tests, NULL, NULL);
}
