/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shrink.c - one thing that is needed after the other, each found by halves.
 *
 * That takes fewer tries than delta debugging (Zeller, Hildebrandt 2002) when few things are needed, and each try is a guest.
 */
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

/* The try came to nothing. An interrupt cuts the search short, and is no failure of it. */
static void note_failure(struct search *search)
{
	search->shrunk->interrupted = search->err->code == EXIT_INTERRUPTED;
	search->cut |= search->shrunk->interrupted;
	search->broken |= !search->shrunk->interrupted;
	if (search->shrunk->interrupted)
		err_clear(search->err);
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
	if (failed < 0) {
		note_failure(search);
		return false;
	}
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

/* Tries all but the part from `from` to `to`, and leaves that out when it is not needed. */
static bool leave_out(struct search *search, size_t from, size_t to)
{
	const struct shrunk *shrunk = search->shrunk;

	memcpy(search->trial, shrunk->kept, from * sizeof(*search->trial));
	memcpy(search->trial + from, shrunk->kept + to, (shrunk->count - to) * sizeof(*search->trial));
	if (!fails(search, search->trial, shrunk->count - (to - from)))
		return false;
	keep(search, search->trial, shrunk->count - (to - from));
	return true;
}

/*
 * Leaves out what comes before the next thing that is needed, the first `held` being needed already. Of what comes behind those, a
 * beginning that can be left out is looked for by halves. False: nothing else was needed.
 */
static bool find_next(struct search *search, size_t held)
{
	size_t needed; /* with this many left out behind what is held it does not fail; with none it does */

	if (held && leave_out(search, held, search->shrunk->count)) /* that nothing at all is not enough is known */
		return false;
	for (needed = search->shrunk->count - held; needed > 1 && !is_over(search);) {
		size_t half = needed / 2;

		needed = leave_out(search, held, held + half) ? needed - half : half;
	}
	return !is_over(search);
}

/* A few tries for each thing that is needed, if more of them never do less. Where that is not so, one may be left that can go. */
static void narrow(struct search *search)
{
	size_t held = 0, since = 0;

	while (held < search->shrunk->count && find_next(search, held))
		held++;
	for (size_t i = 0; search->shrunk->count > 1 && since < search->shrunk->count && !is_over(search);) {
		bool gone = leave_out(search, i, i + 1);

		since = gone ? 0 : since + 1;
		i += !gone;
		i = i < search->shrunk->count ? i : 0;
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
	bool failed = search->config->known || fails(search, shrunk->kept, shrunk->count);

	if (is_over(search))
		return;
	if (!failed) {
		repeat(search, false);
		shrunk->end = shrunk->failed ? SHRINK_FLAKY : SHRINK_PASSES;
		return;
	}
	if (shrunk->count && fails(search, NULL, 0))
		shrunk->count = 0;
	if (shrunk->count)
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
