/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "run/attribute.h"
#include "run/rerun.h"

/*
 * A blob that fails everywhere must not take for ever. What is bounded is the search for the shortest sequence: every rule that is
 * open is run again in place at least, and what had to be left at that says so (attribution.shortest).
 */
#define TRIES_RULE	  64u
#define TRIES_RUN	  512u
#define SEARCHES_OF_ENTRY 8u

/* A case that is the first to fail some open rule. */
struct suspect {
	const char *id;
	bool known; /* before is filled in */
	const char **before; /* what came before it in its guest */
	size_t before_count;
	size_t number, *numbers; /* in the rerun's list: its own, and of those before it */
	size_t *sequence, sequence_count; /* into numbers: what it took to break an earlier rule; NULL: none did */
};

struct doubt {
	struct rule_row *row;
	struct suspect *suspect;
	unsigned *searches; /* of its entry */
};

struct trials {
	struct attribution_job *job;
	struct arena *arena;
	struct suspect *suspects; /* by id */
	struct doubt *doubts;
	size_t suspect_count, doubt_count;
	unsigned tries; /* of the run, so far */
	struct rerun *rerun;
	struct judge *judge;
	/* the doubt that is looked into, and what may come before it */
	const struct doubt *doubt;
	const size_t *pool;
	uint32_t attempt;
	/* the trial */
	bool on_record, listens, failed;
	enum record_role role;
	size_t heard, count; /* cases that were told; that come before */
	struct err err;
};

/* ---- which cases ---- */

static int by_suspect(const void *left, const void *right)
{
	return strcmp(((const struct suspect *)left)->id, ((const struct suspect *)right)->id);
}

static struct suspect *find_suspect(const struct trials *trials, const char *id)
{
	const struct suspect key = { .id = id };

	return bsearch(&key, trials->suspects, trials->suspect_count, sizeof(key), by_suspect);
}

static void add_doubts(struct trials *trials, struct entry_row *entry)
{
	unsigned *searches = NULL;

	for (size_t i = 0; i < entry->rule_count; i++) {
		if (!matrix_is_open(&entry->rules[i]))
			continue;
		if (!searches)
			searches = arena_new_array(trials->arena, unsigned, 1);
		trials->doubts[trials->doubt_count++] = (struct doubt){ .row = &entry->rules[i], .searches = searches };
	}
}

static void find_doubts(struct trials *trials)
{
	const struct matrix *matrix = trials->job->folding->matrix;
	size_t rules = 0, unique = 0;

	for (size_t i = 0; i < matrix->entry_count; i++)
		rules += matrix->entries[i].rule_count;
	trials->doubts = arena_new_array(trials->arena, struct doubt, rules + 1);
	for (size_t i = 0; i < matrix->entry_count; i++)
		add_doubts(trials, &matrix->entries[i]);
	trials->suspects = arena_new_array(trials->arena, struct suspect, trials->doubt_count + 1);
	for (size_t i = 0; i < trials->doubt_count; i++)
		trials->suspects[i].id = trials->doubts[i].row->attribution.case_id;
	qsort(trials->suspects, trials->doubt_count, sizeof(*trials->suspects), by_suspect);
	for (size_t i = 0; i < trials->doubt_count; i++)
		if (!unique || strcmp(trials->suspects[unique - 1].id, trials->suspects[i].id) != 0)
			trials->suspects[unique++] = trials->suspects[i];
	trials->suspect_count = unique;
	for (size_t i = 0; i < trials->doubt_count; i++)
		trials->doubts[i].suspect = find_suspect(trials, trials->doubts[i].row->attribution.case_id);
}

/* ---- what came before them ---- */

/* The cases of one boot, as far as the journal has been read. */
struct boot {
	uint32_t number;
	struct arena *arena;
	const char **ids;
	size_t count, room;
};

static void add_case(struct boot *boot, const struct recorded_case *recorded)
{
	if (boot->count == boot->room) {
		boot->room = boot->room ? 2 * boot->room : 256;
		boot->ids = xrealloc(boot->ids, boot->room * sizeof(*boot->ids));
	}
	boot->ids[boot->count++] = arena_strdup(boot->arena, recorded->id);
}

static bool was_run(const struct recorded_case *recorded)
{
	for (unsigned i = 0; i < recorded->step_count; i++)
		if (recorded->steps[i].outcome != RECORD_NOT_RUN)
			return true;
	return false;
}

static void keep_before(struct trials *trials, const struct boot *boot, const char *id)
{
	struct suspect *suspect = find_suspect(trials, id);

	if (!suspect || suspect->known)
		return;
	suspect->known = true;
	suspect->before_count = boot->count;
	suspect->before = arena_new_array(trials->arena, const char *, boot->count + 1);
	for (size_t i = 0; i < boot->count; i++)
		suspect->before[i] = arena_strdup(trials->arena, boot->ids[i]);
}

static int read_journal(struct trials *trials, struct boot *boot, struct err *err)
{
	struct journal_reader *reader = journal_open(trials->job->journal, err);
	const struct recorded_case *recorded;
	int more = reader ? 1 : -1;

	while (reader && (more = journal_next(reader, &recorded, err)) > 0) {
		if (recorded->attempt || !was_run(recorded))
			continue;
		if (boot->number != recorded->boot) {
			arena_reset(boot->arena);
			boot->number = recorded->boot;
			boot->count = 0;
		}
		keep_before(trials, boot, recorded->id);
		add_case(boot, recorded);
	}
	journal_free(reader);
	return more;
}

static int find_before(struct trials *trials, struct err *err)
{
	struct boot boot = { .arena = arena_new() };
	int failed = read_journal(trials, &boot, err);

	free(boot.ids);
	arena_free(boot.arena);
	return failed;
}

/* ---- the cases made again ---- */

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t number_of(const char *const *ids, size_t count, const char *id)
{
	const char *const *found = bsearch(&id, ids, count, sizeof(*ids), by_text);

	return found ? (size_t)(found - ids) : 0;
}

/* All that any suspect takes, each once, sorted. */
static const char **collect_ids(struct trials *trials, size_t *count)
{
	size_t total = 0, unique = 0;
	const char **ids;

	for (size_t i = 0; i < trials->suspect_count; i++)
		total += trials->suspects[i].before_count + 1;
	ids = arena_new_array(trials->arena, const char *, total + 1);
	total = 0;
	for (size_t i = 0; i < trials->suspect_count; i++) {
		const struct suspect *suspect = &trials->suspects[i];

		ids[total++] = suspect->id;
		for (size_t j = 0; j < suspect->before_count; j++)
			ids[total++] = suspect->before[j];
	}
	qsort(ids, total, sizeof(*ids), by_text);
	for (size_t i = 0; i < total; i++)
		if (!unique || strcmp(ids[unique - 1], ids[i]) != 0)
			ids[unique++] = ids[i];
	*count = unique;
	return ids;
}

static int prepare(struct trials *trials, struct err *err)
{
	const struct attribution_job *job = trials->job;
	const struct rerun_config config = { .run = job->config, .survey = job->survey, .kept = job->kept, .sampled = true };
	size_t count;
	const char **ids = collect_ids(trials, &count);

	for (size_t i = 0; i < trials->suspect_count; i++) {
		struct suspect *suspect = &trials->suspects[i];

		suspect->number = number_of(ids, count, suspect->id);
		suspect->numbers = arena_new_array(trials->arena, size_t, suspect->before_count + 1);
		for (size_t j = 0; j < suspect->before_count; j++)
			suspect->numbers[j] = number_of(ids, count, suspect->before[j]);
	}
	plan_rewind(job->plan);
	trials->rerun = rerun_new(&config, job->plan, ids, count, err);
	return trials->rerun ? 0 : -1;
}

/* ---- a trial ---- */

static void listen(void *context, const struct judgement *judgement)
{
	struct trials *trials = context;

	if (trials->listens && verdict_is_failure(judgement->verdict))
		trials->failed |= !strcmp(judgement->rule_id, trials->doubt->row->id);
}

static bool wants_no_words(void *context, const struct judgement *judgement)
{
	(void)context;
	(void)judgement;
	return false;
}

static void write_down(struct trials *trials, struct recorded_case recorded, bool last)
{
	recorded.boot = trials->job->boot;
	recorded.attempt = trials->attempt;
	recorded.role = last ? trials->role : RECORD_BEFORE;
	recorded.rule = last ? trials->doubt->row->id : NULL;
	if (!trials->err.code && !journal_write(trials->job->writer, &recorded, &trials->err))
		folding_case(trials->job->folding, &recorded);
}

static void hear(void *context, const struct recorded_case *recorded)
{
	struct trials *trials = context;
	bool last = trials->heard++ == trials->count;

	trials->listens = last;
	judge_case(trials->judge, recorded);
	if (trials->on_record)
		write_down(trials, *recorded, last);
}

/* A trial in which a case before it ended the guest is one that did not fail. */
static void write_not_reached(struct trials *trials)
{
	if (trials->on_record && trials->heard <= trials->count)
		write_down(trials, (struct recorded_case){ .id = trials->doubt->suspect->id }, true);
}

static int try(void *context, const size_t *kept, size_t count, bool on_record, enum record_role role, struct err *err)
{
	struct trials *trials = context;
	size_t *cases = xcalloc(count + 1, sizeof(*cases));
	const struct rerun_request request = {
		.cases = cases, .count = count + 1, .watched = -1, .context = trials, .seen = hear
	};
	int result;

	for (size_t i = 0; i < count; i++)
		cases[i] = trials->pool[kept[i]];
	cases[count] = trials->doubt->suspect->number;
	trials->on_record = on_record;
	trials->role = role;
	trials->failed = false;
	trials->heard = 0;
	trials->count = count;
	trials->job->boot += on_record;
	trials->job->guests++;
	result = rerun_run(trials->rerun, &request, err);
	free(cases);
	if (result)
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
static int choose_pool(struct trials *trials, const struct suspect *suspect, struct attribute_config *config, struct err *err)
{
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

/* The sequence that the rule's trials ended with, for the next rule that this case breaks. */
static void keep_sequence(struct trials *trials, struct suspect *suspect, const struct attribution *attribution)
{
	size_t next = 0;

	if (suspect->sequence || !attribution->after)
		return;
	suspect->sequence = arena_new_array(trials->arena, size_t, attribution->after_count + 1);
	for (size_t i = 0; i < suspect->before_count && next < attribution->after_count; i++)
		if (!strcmp(suspect->before[i], attribution->after[next]))
			suspect->sequence[next++] = i;
	suspect->sequence_count = next;
}

static unsigned tries_left(const struct trials *trials, const struct doubt *doubt)
{
	unsigned left = trials->tries < TRIES_RUN ? TRIES_RUN - trials->tries : 0;

	if (!left || *doubt->searches >= SEARCHES_OF_ENTRY)
		return 1;
	return left < TRIES_RULE ? left : TRIES_RULE;
}

static int look_into(struct trials *trials, const struct doubt *doubt, struct err *err)
{
	struct attribute_config config = { .context = trials, .try = try, .tries = tries_left(trials, doubt) };
	unsigned used = 0;

	trials->doubt = doubt;
	trials->attempt = ATTRIBUTION_FIRST;
	if (choose_pool(trials, doubt->suspect, &config, err) || attribute(trials->arena, &config, &used, err))
		return -1;
	trials->tries += used;
	++*doubt->searches;
	keep_sequence(trials, doubt->suspect, &doubt->row->attribution);
	return 0;
}

static int look_into_all(struct trials *trials, struct err *err)
{
	const struct judge_config config = { trials->job->config->spec, trials->job->head, trials, listen, wants_no_words };

	if (find_before(trials, err) || prepare(trials, err))
		return -1;
	trials->judge = judge_new(&config, err);
	if (!trials->judge)
		return -1;
	for (size_t i = 0; i < trials->doubt_count; i++)
		if (look_into(trials, &trials->doubts[i], err))
			return -1;
	return 0;
}

int attribute_failures(struct attribution_job *job, struct err *err)
{
	struct trials trials = { .job = job, .arena = arena_new() };
	int failed = 0;

	find_doubts(&trials);
	if (trials.doubt_count)
		failed = look_into_all(&trials, err);
	judge_free(trials.judge);
	rerun_free(trials.rerun);
	arena_free(trials.arena);
	return failed;
}
