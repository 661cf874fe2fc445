/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.c - the stream of cases: chapters, entries, strategies, in an order that leaves the guest as clean as possible.
 *
 * Two passes: everything that aims at something, then everything random, so that random calls spoil no aimed one and a budget
 * cuts off the least useful cases. Within a pass each chapter is swept twice: the cases that end the guest come last.
 */
#include "plan/internal.h"

#include <stdlib.h>
#include <string.h>

#define REPEATS 64u /* random cases in a row that were there before: there are no others */

const char *const strategy_names[STRATEGY_COUNT] = {
	[STRATEGY_RULE] = "rule",	  [STRATEGY_BOUNDARY] = "boundary", [STRATEGY_RESERVED] = "reserved",
	[STRATEGY_PAIRWISE] = "pairwise", [STRATEGY_RANDOM] = "random",	    [STRATEGY_SEQUENCE] = "sequence",
	[STRATEGY_SAMPLE] = "sample",	  [STRATEGY_ABSENT] = "absent",
};

const struct effort_limits effort_limits[] = {
	[EFFORT_QUICK] = { .values = 8,
			   .pair_values = 5,
			   .strength = 2,
			   .pair_rows = 16,
			   .random_cases = 50,
			   .witnesses = 1,
			   .walk_depth = 4,
			   .walk_nodes = 60,
			   .walk_choices = 3,
			   .variants = 6,
			   .sequences = 24,
			   .endings = 2 },
	[EFFORT_STANDARD] = { .values = 48,
			      .pair_values = 12,
			      .strength = 2,
			      .pair_rows = 400,
			      .random_cases = 2000,
			      .witnesses = 4,
			      .walk_depth = 5,
			      .walk_nodes = 400,
			      .walk_choices = 8,
			      .variants = 16,
			      .sequences = 400,
			      .endings = 24 },
	[EFFORT_DEEP] = { .values = 96,
			  .pair_values = 20,
			  .strength = 3,
			  .pair_rows = 4000,
			  .random_cases = 50000,
			  .witnesses = 16,
			  .walk_depth = 5,
			  .walk_nodes = 2000,
			  .walk_choices = 24,
			  .variants = 24,
			  .sequences = 4000,
			  .endings = 200 },
};

typedef void (*strategy_fn)(struct plan *plan, const struct entry *entry, struct drafts *drafts);

/* The strategies of the first pass, in order. */
static const strategy_fn stages[] = { rules_plan, samples_plan, boundary_plan, reserved_plan, pairwise_plan, sequence_plan };

enum { STAGES = PLAN_COUNT(stages), STAGE_RANDOM = STAGES, STAGE_SLOTS };
enum { PASS_AIMED, PASS_RANDOM, PASSES };

bool plan_has_entry(const struct plan *plan, const struct entry *entry)
{
	return spec_in_version(entry->since, entry->until, plan->version) &&
	       spec_in_version(entry->chapter->since, entry->chapter->until, plan->version);
}

bool plan_is_missing(const struct plan *plan, const struct entry *entry)
{
	return plan->survey.missing && plan->survey.missing[entry->number] && plan_has_entry(plan, spec_question(entry)->entry);
}

bool plan_is_present(const struct plan *plan, const struct entry *entry)
{
	return plan->present[entry->chapter->number] && !plan_is_missing(plan, entry);
}

/* ---- the cursor ---- */

static const struct entry *cursor_entry(const struct plan *plan)
{
	return plan->spec->chapters[plan->cursor.chapter]->entries[plan->cursor.entry];
}

static unsigned char *endings_seen(struct plan *plan)
{
	unsigned stage = plan->cursor.pass == PASS_RANDOM ? STAGE_RANDOM : plan->cursor.stage;

	return &plan->has_endings[cursor_entry(plan)->number * STAGE_SLOTS + stage];
}

/* What was asked for and is not there is left alone: unlike the calls of a chapter, it has nowhere to go. */
static bool is_wanted(const struct plan *plan, const struct entry *entry)
{
	return plan_has_entry(plan, entry) && !plan_is_missing(plan, entry) && (!plan->only || plan->only == entry) &&
	       filter_possible(&plan->filter, entry);
}

/* To the next chapter, sweep or pass; false: there is none. */
static bool next_chapter(struct plan *plan)
{
	struct cursor *cursor = &plan->cursor;

	cursor->entry = 0;
	if (!cursor->ending) {
		cursor->ending = true;
		return true;
	}
	cursor->ending = false;
	if (++cursor->chapter < plan->spec->chapter_count)
		return true;
	cursor->chapter = 0;
	return ++cursor->pass < PASSES;
}

/* The strategy that makes the cases at the cursor; NULL: none does. */
static strategy_fn current_strategy(const struct plan *plan)
{
	const struct entry *entry = cursor_entry(plan);
	unsigned stage = plan->cursor.stage;

	if (!plan_is_present(plan, entry) || entry->is_structure) {
		strategy_fn only = plan_is_present(plan, entry) ? structure_plan : absent_plan;

		return stage ? NULL : only;
	}
	return stages[stage];
}

static void open_stage(struct plan *plan)
{
	strategy_fn strategy = current_strategy(plan);

	plan->drafts.count = 0;
	plan->cursor.next = 0;
	fuzz_begin(plan, cursor_entry(plan));
	plan->cursor.endings = 0;
	plan->cursor.open = true;
	if (!plan->cursor.stage) { /* a rule may be called like a strategy */
		id_set_clear(&plan->ids);
		id_set_clear(&plan->endings);
		id_sieve_clear(&plan->drawn);
	}
	if (plan->cursor.ending && !*endings_seen(plan))
		return;
	arena_reset(plan->stage);
	arena_reset(plan->scratch);
	if (plan->cursor.pass == PASS_AIMED && strategy)
		strategy(plan, cursor_entry(plan), &plan->drafts);
}

/* Moves to a stage that is not open yet; false at the end of the plan. */
static bool next_stage(struct plan *plan)
{
	struct cursor *cursor = &plan->cursor;
	unsigned last = cursor->pass == PASS_AIMED ? STAGES : 1;

	if (cursor->open) {
		cursor->open = false;
		cursor->stage++;
	}
	for (;;) {
		if (cursor->pass >= PASSES)
			return false;
		if (cursor->entry >= plan->spec->chapters[cursor->chapter]->entry_count) {
			cursor->stage = 0;
			if (!next_chapter(plan))
				return false;
			last = cursor->pass == PASS_AIMED ? STAGES : 1;
		} else if (cursor->stage >= last || !is_wanted(plan, cursor_entry(plan))) {
			cursor->stage = 0;
			cursor->entry++;
		} else {
			open_stage(plan);
			return true;
		}
	}
}

/* ---- drafts ---- */

static uint64_t random_limit(const struct plan *plan)
{
	const struct entry *entry = cursor_entry(plan);

	if (!plan_is_present(plan, entry) || entry->is_structure || !entry->arg_count)
		return 0;
	if (plan->cursor.ending && !plan->has_endings[entry->number * STAGE_SLOTS + STAGE_RANDOM])
		return 0;
	return plan->options.random_cases ? plan->options.random_cases : plan->limits->random_cases;
}

static const struct draft *next_random(struct plan *plan)
{
	const struct entry *entry = cursor_entry(plan);
	uint64_t limit = random_limit(plan);
	unsigned repeats = 0;

	while (plan->drawn.count < limit && repeats < REPEATS) {
		if (fuzz_draft(plan, entry, &plan->draft) || !id_sieve_add(&plan->drawn, plan->draft.hash)) {
			repeats++;
			continue;
		}
		draft_settle(plan, &plan->draft, false);
		return &plan->draft;
	}
	return NULL;
}

static const struct draft *next_draft(struct plan *plan)
{
	if (plan->cursor.pass == PASS_RANDOM)
		return next_random(plan);
	return plan->cursor.next < plan->drafts.count ? plan->drafts.list[plan->cursor.next++] : NULL;
}

/*
 * Cases that end the guest cost a boot each: they wait for the second sweep, only so many are made, and none is made again under
 * another name. So do cases that leave something behind; those beyond the limit are made in a guest that is not fresh.
 */
static bool is_its_turn(struct plan *plan, const struct draft *draft, bool *ends_guest)
{
	bool free_place = draft->strategy == STRATEGY_RULE || plan->cursor.endings < plan->limits->endings;

	*ends_guest = draft->ends_guest || (draft->dirty && free_place);
	if ((draft->ends_guest || draft->dirty) != plan->cursor.ending) {
		*endings_seen(plan) |= draft->ends_guest || draft->dirty;
		return false;
	}
	if (!plan->cursor.ending)
		return true;
	if (draft->ends_guest && !free_place)
		return false;
	plan->cursor.endings += *ends_guest;
	return !*ends_guest || id_set_add(&plan->endings, draft_hash(draft));
}

static const struct plan_case *make_case(struct plan *plan, const struct draft *draft)
{
	const char *id = draft_id(plan, draft);
	bool ends_guest;

	if (draft->strategy != STRATEGY_RANDOM && !id_set_add(&plan->ids, hash_text(0, id)))
		return NULL;
	if (!is_its_turn(plan, draft, &ends_guest))
		return NULL;
	draft_emit(plan, draft, &plan->current);
	plan->current.id = id;
	plan->current.ends_guest = ends_guest;
	return filter_case(&plan->filter, &plan->current) ? &plan->current : NULL;
}

const struct plan_case *plan_next(struct plan *plan)
{
	for (;;) {
		const struct draft *draft;
		const struct plan_case *made;

		if (!plan->cursor.open && !next_stage(plan))
			return NULL;
		arena_reset(plan->scratch);
		draft = next_draft(plan);
		if (!draft) {
			if (!next_stage(plan))
				return NULL;
			continue;
		}
		made = make_case(plan, draft);
		if (made)
			return made;
	}
}

void plan_rewind(struct plan *plan)
{
	memset(&plan->cursor, 0, sizeof(plan->cursor));
}

/* ---- life ---- */

static void copy_survey(struct plan *plan, const struct survey *survey)
{
	size_t chapters = plan->spec->chapter_count;

	plan->survey = *survey;
	plan->present = arena_alloc(plan->arena, chapters + 1);
	for (size_t i = 0; i < chapters; i++)
		plan->present[i] = !survey->present || survey->present[i];
	plan->survey.present = plan->present;
	if (survey->missing)
		plan->survey.missing = arena_copy(plan->arena, survey->missing, plan->spec->entry_count * sizeof(bool));
	plan->version = survey->version >= 0 ? survey->version : (int)plan->spec->version_count - 1;
}

static struct plan *plan_make(const struct spec *spec, const struct survey *survey, const struct plan_options *options)
{
	struct plan *plan = xcalloc(1, sizeof(*plan));

	plan->spec = spec;
	plan->options = *options;
	plan->limits = &effort_limits[options->effort];
	plan->arena = arena_new();
	plan->stage = arena_new();
	plan->scratch = arena_new();
	plan->search = arena_new();
	plan->walking = arena_new();
	copy_survey(plan, survey);
	plan->memo = xcalloc(PREDICTION_MEMOS, sizeof(*plan->memo));
	plan->transitions = xcalloc(TRANSITIONS, sizeof(*plan->transitions));
	plan->menus = arena_new_array(plan->arena, struct menu, spec->entry_count + 1);
	plan->has_endings = arena_alloc(plan->arena, (spec->entry_count + 1) * STAGE_SLOTS);
	if (options->filter)
		plan->options.filter = arena_strdup(plan->arena, options->filter);
	filter_init(&plan->filter, plan->options.filter);
	/* All of them now and in order: what is nominal for one entry may depend on another's, never on what is filtered. */
	for (size_t i = 0; i < spec->entry_count; i++)
		if (plan_has_entry(plan, spec->entries[i]))
			plan_menu(plan, spec->entries[i]);
	return plan;
}

static bool filter_hits(struct plan *plan)
{
	bool hit;

	for (size_t i = 0; i < plan->spec->entry_count; i++)
		if (filter_entry(&plan->filter, plan->spec->entries[i]))
			return true;
	hit = plan_next(plan) != NULL;
	plan_rewind(plan);
	return hit;
}

struct plan *plan_new(const struct spec *spec, const struct survey *survey, const struct plan_options *options, struct err *err)
{
	struct plan *plan = plan_make(spec, survey, options);
	char hint[200];

	if (!options->filter || filter_hits(plan))
		return plan;
	filter_nearest(spec, options->filter, hint, sizeof(hint));
	plan_free(plan);
	return err_null(err, EXIT_USAGE, "--filter: no entry and no case of %s matches `%s`%s", spec->name, options->filter,
			hint);
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	plan_free(plan->finder);
	free(plan->gaps);
	free(plan->drafts.list);
	free(plan->ids.slots);
	free(plan->sequences.slots);
	free(plan->projections.slots);
	free(plan->endings.slots);
	free(plan->drawn.bits);
	free(plan->no_way_back.slots);
	free(plan->memo);
	free(plan->transitions);
	arena_free(plan->walking);
	arena_free(plan->search);
	arena_free(plan->scratch);
	arena_free(plan->stage);
	arena_free(plan->arena);
	free(plan);
}

size_t plan_gaps(const struct plan *plan, const struct plan_gap **gaps)
{
	*gaps = plan->gaps;
	return plan->gap_count;
}

static struct plan *plan_copy(const struct plan *plan)
{
	struct plan *copy = plan_make(plan->spec, &plan->survey, &plan->options);

	copy->only = plan->only;
	return copy;
}

uint64_t plan_count(struct plan *plan)
{
	struct plan *copy = plan_copy(plan);
	uint64_t count = 0;

	while (plan_next(copy))
		count++;
	plan_free(copy);
	return count;
}

const struct plan_case *plan_find(struct plan *plan, const char *id)
{
	const struct plan_case *found;

	plan_free(plan->finder);
	plan->finder = plan_copy(plan);
	for (size_t i = 0; i < plan->spec->entry_count; i++) {
		const char *entry = plan->spec->entries[i]->full_id;

		if (!strncmp(id, entry, strlen(entry)) && id[strlen(entry)] == ':')
			plan->finder->only = plan->spec->entries[i];
	}
	if (!plan->finder->only)
		return NULL;
	while ((found = plan_next(plan->finder)))
		if (!strcmp(found->id, id))
			return found;
	return NULL;
}
