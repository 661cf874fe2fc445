/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/trials.h"

#include <stdlib.h>
#include <string.h>

#include "run/attribute.h"
#include "run/suspects.h"

/*
 * A blob that fails everywhere must not take for ever. What is bounded is the search for the shortest sequence: every rule is run again
 * in place at least, and what had to be left at that is recorded as RECORD_SHORTER.
 */
#define TRIES_RULE	  64u
#define TRIES_RUN	  512u
#define SEARCHES_OF_ENTRY 8u

struct trials {
	struct trials_config *config;
	struct arena *arena;
	struct suspects suspects;
	struct rerun *rerun;
	unsigned tries; /* of the run, so far */
	unsigned *searches; /* by number of the entry */
	/* the doubt that is looked into, and what may come before its case */
	const struct doubt *doubt;
	struct suspect *suspect;
	const size_t *pool;
	uint32_t attempt;
	/* the trial */
	bool on_record, failed;
	enum record_role role;
	size_t heard, count; /* cases that were told; that come before */
	struct err err;
};

/* ---- a trial ---- */

static void write_down(struct trials *trials, struct recorded_case recorded, bool last)
{
	recorded.boot = trials->config->boot;
	recorded.attempt = trials->attempt;
	recorded.role = last ? trials->role : RECORD_BEFORE;
	recorded.rule = last ? trials->doubt->rule : NULL;
	if (!trials->err.code)
		trials->config->record(trials->config->context, &recorded, &trials->err);
}

static void hear(void *context, const struct recorded_case *recorded)
{
	struct trials *trials = context;
	bool last = trials->heard++ == trials->count;

	trials->failed |= trials->config->fails(trials->config->context, recorded, last ? trials->doubt->rule : NULL);
	if (trials->on_record)
		write_down(trials, *recorded, last);
}

/* A trial in which a case before it ended the guest is one that did not fail. */
static void write_not_reached(struct trials *trials)
{
	if (trials->on_record && trials->heard <= trials->count)
		write_down(trials, (struct recorded_case){ .id = trials->suspect->id }, true);
}

static int run_again(struct trials *trials, const size_t *kept, size_t count, struct err *err)
{
	size_t *cases = xcalloc(count + 1, sizeof(*cases));
	const struct rerun_request request = {
		.cases = cases, .count = count + 1, .watched = -1, .context = trials, .seen = hear
	};
	int failed;

	for (size_t i = 0; i < count; i++)
		cases[i] = trials->pool[kept[i]];
	cases[count] = trials->suspect->number;
	failed = rerun_run(trials->rerun, &request, err);
	free(cases);
	return failed;
}

static int try(void *context, const size_t *kept, size_t count, bool on_record, enum record_role role, struct err *err)
{
	struct trials *trials = context;

	trials->on_record = on_record;
	trials->role = role;
	trials->failed = false;
	trials->heard = 0;
	trials->count = count;
	trials->config->boot += on_record;
	trials->config->guests++;
	if (run_again(trials, kept, count, err))
		return -1;
	write_not_reached(trials);
	trials->attempt += on_record;
	if (trials->err.code) {
		*err = trials->err;
		return -1;
	}
	return trials->failed;
}

/* ---- a rule ---- */

/* What broke an earlier rule with this case often breaks this one, too; then there is no need to begin with all that came before. */
static int choose_pool(struct trials *trials, struct attribute_config *config, struct err *err)
{
	const struct suspect *suspect = trials->suspect;
	size_t *pool;
	int failed;

	trials->pool = suspect->numbers;
	config->count = suspect->before_count;
	if (!suspect->sequence)
		return 0;
	failed = try(trials, suspect->sequence, suspect->sequence_count, false, RECORD_ITSELF, err);
	if (failed <= 0)
		return failed;
	pool = arena_new_array(trials->arena, size_t, suspect->sequence_count + 1);
	for (size_t i = 0; i < suspect->sequence_count; i++)
		pool[i] = suspect->numbers[suspect->sequence[i]];
	trials->pool = pool;
	config->count = suspect->sequence_count;
	config->known = true;
	return 0;
}

/* What the first rule took that this case breaks: the next ones begin with that. The pool was all that came before. */
static void keep_sequence(struct trials *trials, const struct attributed *found)
{
	struct suspect *suspect = trials->suspect;

	if (suspect->sequence || !found->kept)
		return;
	suspect->sequence = arena_new_array(trials->arena, size_t, found->count + 1);
	for (size_t i = 0; i < found->count; i++)
		suspect->sequence[i] = found->kept[i];
	suspect->sequence_count = found->count;
}

/* The same of a rule that an earlier run has on record, before this one took it up: it goes on as that would have. */
static void recall_sequence(struct trials *trials)
{
	struct suspect *suspect = trials->suspect;
	const struct doubt *doubt = trials->doubt;
	size_t next = 0;

	if (suspect->sequence || !doubt->after)
		return;
	suspect->sequence = arena_new_array(trials->arena, size_t, doubt->after_count + 1);
	for (size_t i = 0; i < suspect->before_count && next < doubt->after_count; i++)
		if (!strcmp(suspect->before[i], doubt->after[next]))
			suspect->sequence[next++] = i;
	suspect->sequence_count = next;
}

static unsigned tries_left(const struct trials *trials)
{
	unsigned left = trials->tries < TRIES_RUN ? TRIES_RUN - trials->tries : 0;

	if (!left || trials->searches[trials->doubt->entry] >= SEARCHES_OF_ENTRY)
		return 1;
	return left < TRIES_RULE ? left : TRIES_RULE;
}

static int write_search(const struct trials *trials, unsigned tries, struct err *err)
{
	const struct trials_config *config = trials->config;
	const struct recorded_search search = { config->run->spec->entries[trials->doubt->entry]->full_id, tries };

	return config->searched(config->context, &search, err);
}

/* Of an earlier run, before this one took it up: its searches count as they would have. */
static void count_search(void *context, const struct recorded_search *search)
{
	struct trials *trials = context;
	const struct spec *spec = trials->config->run->spec;

	trials->tries += search->tries;
	for (size_t i = 0; i < spec->entry_count; i++)
		trials->searches[i] += !strcmp(spec->entries[i]->full_id, search->entry);
}

static int look_into(struct trials *trials, const struct doubt *doubt, struct err *err)
{
	struct attribute_config config = { .context = trials, .try = try };
	struct attributed found;

	trials->doubt = doubt;
	trials->suspect = suspects_find(&trials->suspects, doubt->case_id);
	trials->attempt = RECORD_FIRST_TRIAL;
	config.tries = tries_left(trials);
	recall_sequence(trials);
	if (choose_pool(trials, &config, err) || attribute(trials->arena, &config, &found, err))
		return -1;
	trials->tries += found.used;
	trials->searches[doubt->entry]++;
	keep_sequence(trials, &found);
	return write_search(trials, found.used, err);
}

/* ---- all of them ---- */

static int prepare(struct trials *trials, const struct doubt *doubts, size_t count, struct err *err)
{
	struct trials_config *config = trials->config;
	const struct rerun_config again = { .run = config->run, .survey = config->survey, .kept = config->kept, .sampled = true };
	const char **ids = arena_new_array(trials->arena, const char *, count + 1);

	trials->searches = arena_new_array(trials->arena, unsigned, config->run->spec->entry_count + 1);
	for (size_t i = 0; i < count; i++)
		ids[i] = doubts[i].case_id;
	suspects_init(&trials->suspects, trials->arena, ids, count);
	if (suspects_look_back(&trials->suspects, config->journal, count_search, trials, err))
		return -1;
	trials->rerun = suspects_rerun(&trials->suspects, &again, config->plan, err);
	return trials->rerun ? 0 : -1;
}

int trials_run(struct trials_config *config, const struct doubt *doubts, size_t count, struct err *err)
{
	struct trials trials = { .config = config, .arena = arena_new() };
	int failed = prepare(&trials, doubts, count, err);

	for (size_t i = 0; i < count && !failed; i++)
		failed = look_into(&trials, &doubts[i], err);
	rerun_free(trials.rerun);
	arena_free(trials.arena);
	return failed;
}
