/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/attribute.h"

#include "run/shrink.h"

static int search(void *context, const size_t *kept, size_t count, struct err *err)
{
	const struct attribute_config *config = context;

	return config->try(config->context, kept, count, false, RECORD_ITSELF, err);
}

/* The same sequence again and again. How often it failed, or -1. */
static int try_again(const struct attribute_config *config, const size_t *kept, size_t count, enum record_role role,
		     unsigned times, struct err *err)
{
	int failed = 0;

	for (unsigned i = 0; i < times; i++) {
		int result = config->try(config->context, kept, count, true, role, err);

		if (result < 0)
			return -1;
		failed += result;
	}
	return failed;
}

/* Alone, and behind all that came before it: a machine that comes back exactly should do the same each time. */
static int find_rate(struct arena *arena, const struct attribute_config *config, struct err *err)
{
	size_t *all = arena_new_array(arena, size_t, config->count + 1);

	for (size_t i = 0; i < config->count; i++)
		all[i] = i;
	if (try_again(config, NULL, 0, RECORD_ITSELF, ATTRIBUTE_FLAKY, err) < 0)
		return -1;
	if (!config->count)
		return 0;
	return try_again(config, all, config->count, RECORD_ITSELF, ATTRIBUTE_FLAKY, err) < 0 ? -1 : 0;
}

int attribute(struct arena *arena, const struct attribute_config *config, struct attributed *attributed, struct err *err)
{
	const struct shrink_config wanted = {
		.count = config->count,
		.tries = config->tries,
		.known = config->known,
		.repeats = 1,
		.context = (void *)config,
		.fails = search,
	};
	struct shrunk found = { .end = SHRINK_PASSES };
	int failed;

	*attributed = (struct attributed){ 0 };
	if (config->count && shrink(arena, &wanted, &found, err))
		return -1;
	attributed->used = found.tries;
	if (found.interrupted)
		return err_set(err, EXIT_INTERRUPTED, "interrupted");
	/* what fails alone now did not fail alone before */
	if (found.end == SHRINK_PASSES || !found.count)
		return find_rate(arena, config, err);
	failed = try_again(config, found.kept, found.count, found.end == SHRINK_DONE ? RECORD_SHORTEST : RECORD_SHORTER,
			   ATTRIBUTE_REPEATS, err);
	if (failed < 0)
		return -1;
	if (failed) {
		attributed->kept = found.kept;
		attributed->count = found.count;
	}
	return failed == ATTRIBUTE_REPEATS ? 0 : find_rate(arena, config, err);
}
