/* SPDX-License-Identifier: BSD-2-Clause */
/* shrink.c - delta debugging (Zeller, Hildebrandt 2002) over the things that come before. */
#include "run/shrink.h"

#include <string.h>

struct search {
	const struct shrink_config *config;
	struct shrunk *shrunk;
	size_t *trial;
	struct err *err;
	bool cut, broken;
};

static bool is_over(const struct search *search)
{
	return search->cut || search->broken;
}

/* One try. False when it does not fail, and when there can be no more tries. */
static bool fails(struct search *search, const size_t *kept, size_t count)
{
	const struct shrink_config *config = search->config;
	int failed;

	search->cut |= search->shrunk->tries >= config->tries;
	if (is_over(search))
		return false;
	failed = config->fails(config->context, kept, count, search->err);
	search->cut |= failed < 0 && search->err->code == EXIT_INTERRUPTED;
	search->broken |= failed < 0 && !search->cut;
	if (failed < 0)
		return false;
	search->shrunk->tries++;
	if (config->progress)
		config->progress(config->context, search->shrunk->tries,
				 failed && count < search->shrunk->count ? count : search->shrunk->count);
	return failed;
}

static void keep(struct search *search, const size_t *kept, size_t count)
{
	memmove(search->shrunk->kept, kept, count * sizeof(*kept));
	search->shrunk->count = count;
}

/* Tries only the part from `from` to `to`. */
static bool part_is_enough(struct search *search, size_t from, size_t to)
{
	const size_t *part = search->shrunk->kept + from;

	if (!fails(search, part, to - from))
		return false;
	keep(search, part, to - from);
	return true;
}

/* Tries all but the part from `from` to `to`. */
static bool rest_is_enough(struct search *search, size_t from, size_t to)
{
	const struct shrunk *shrunk = search->shrunk;

	memcpy(search->trial, shrunk->kept, from * sizeof(*search->trial));
	memcpy(search->trial + from, shrunk->kept + to, (shrunk->count - to) * sizeof(*search->trial));
	if (!fails(search, search->trial, shrunk->count - (to - from)))
		return false;
	keep(search, search->trial, shrunk->count - (to - from));
	return true;
}

/* Takes the latest first: what a failure needs is more often near it. */
static bool any_part(struct search *search, size_t parts, bool (*is_enough)(struct search *, size_t, size_t))
{
	size_t count = search->shrunk->count;

	for (size_t i = parts; i-- > 0 && !is_over(search);)
		if (is_enough(search, i * count / parts, (i + 1) * count / parts))
			return true;
	return false;
}

static void narrow(struct search *search)
{
	size_t parts = 2;

	while (search->shrunk->count > 1 && !is_over(search)) {
		size_t count = search->shrunk->count;

		if (any_part(search, parts, part_is_enough))
			parts = 2;
		else if (parts > 2 && any_part(search, parts, rest_is_enough))
			parts = parts > 3 ? parts - 1 : 2;
		else if (parts < count)
			parts = 2 * parts < count ? 2 * parts : count;
		else
			break;
		parts = parts < search->shrunk->count ? parts : search->shrunk->count;
	}
}

/* How often of `repeats` it fails with what is kept, the first try (`failed`) counted. */
static void repeat(struct search *search, bool failed)
{
	struct shrunk *shrunk = search->shrunk;

	shrunk->failed = failed;
	for (shrunk->repeats = 1; shrunk->repeats < search->config->repeats && !is_over(search);) {
		failed = fails(search, shrunk->kept, shrunk->count);
		if (is_over(search))
			break;
		shrunk->repeats++;
		shrunk->failed += failed;
	}
}

static void search_all(struct search *search)
{
	struct shrunk *shrunk = search->shrunk;
	bool failed = fails(search, shrunk->kept, shrunk->count);

	if (is_over(search))
		return;
	if (!failed) {
		repeat(search, false);
		shrunk->end = shrunk->failed ? SHRINK_FLAKY : SHRINK_PASSES;
		return;
	}
	if (shrunk->count && fails(search, NULL, 0))
		shrunk->count = 0;
	narrow(search);
	if (is_over(search))
		return;
	repeat(search, true);
	shrunk->end = shrunk->failed < shrunk->repeats ? SHRINK_FLAKY : SHRINK_DONE;
}

int shrink(struct arena *arena, const struct shrink_config *config, struct shrunk *shrunk, struct err *err)
{
	struct search search = { .config = config, .shrunk = shrunk, .err = err };

	*shrunk = (struct shrunk){ .end = SHRINK_CUT, .count = config->count };
	shrunk->kept = arena_new_array(arena, size_t, config->count + 1);
	search.trial = arena_new_array(arena, size_t, config->count + 1);
	for (size_t i = 0; i < config->count; i++)
		shrunk->kept[i] = i;
	search_all(&search);
	return search.broken ? -1 : 0;
}
