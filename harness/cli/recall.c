/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/recall.h"

#include <stdlib.h>
#include <string.h>

#include "cli/show.h"
#include "record/boot.h"

static bool is_among(const struct judged *judged, const char *rule)
{
	for (size_t i = 0; i < judged->count; i++)
		if (!strcmp(judged->list[i].rule, rule))
			return true;
	return false;
}

bool judged_covers(const struct judged *is, const struct judged *was, const char *only)
{
	if (only)
		return is_among(is, only);
	for (size_t i = 0; i < was->count; i++)
		if (!is_among(is, was->list[i].rule))
			return false;
	return true;
}

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : "";
}

void listen_judged(void *context, const struct judgement *judgement)
{
	struct listener *listener = context;
	struct judged *judged = listener->judged;

	if (!judged)
		return;
	if (listener->out)
		show_judgement(listener->out, judgement);
	if (judgement->verdict > judged->verdict)
		judged->verdict = judgement->verdict;
	if (!verdict_is_failure(judgement->verdict) || judged->count == FAILINGS_MAX || is_among(judged, judgement->rule_id))
		return;
	judged->list[judged->count++] = (struct failing){
		.verdict = judgement->verdict,
		.step = judgement->step,
		.rule = arena_strdup(listener->arena, judgement->rule_id),
		.cite = copy(listener->arena, judgement->cite),
		.expected = copy(listener->arena, judgement->expected),
		.got = copy(listener->arena, judgement->got),
	};
}

/* Which record of a case is wanted, of those that the journal has. */
enum wanted { WANTED_BATCH, WANTED_ALONE, WANTED_TRIAL };

static enum wanted kind_of(const struct recorded_case *recorded)
{
	return recorded_is_trial(recorded) ? WANTED_TRIAL : recorded->attempt ? WANTED_ALONE : WANTED_BATCH;
}

static bool is_wanted(const struct recorded_case *recorded, const char *id, enum wanted wanted, const char *rule)
{
	bool shows = recorded->role == RECORD_SHORTEST || recorded->role == RECORD_SHORTER;

	if (kind_of(recorded) != wanted || strcmp(recorded->id, id) != 0)
		return false;
	return wanted != WANTED_TRIAL || (shows && recorded->rule && (!rule || !strcmp(recorded->rule, rule)));
}

/* Reads up to a record of the case, and leaves the reader there: the record is valid as long as nobody reads on. */
static int find_record(struct journal_reader *reader, const char *id, enum wanted wanted, const char *rule,
		       struct boot_ids *before, const struct recorded_case **found, struct err *err)
{
	const struct recorded_case *recorded;
	int more;

	while ((more = journal_next(reader, &recorded, err)) > 0) {
		if (is_wanted(recorded, id, wanted, rule)) {
			*found = recorded_was_run(recorded) ? recorded : NULL;
			boot_enter(before, recorded);
			return 0;
		}
		if (kind_of(recorded) == wanted && (wanted == WANTED_TRIAL || recorded_was_run(recorded)))
			boot_add(before, recorded);
	}
	before->count = 0;
	return more;
}

static int find_records(struct recall *recall, struct arena *arena, const char *journal, struct err *err)
{
	struct boot_ids list = { 0 };
	int failed;

	recall->batch_reader = journal_open(journal, err);
	recall->alone_reader = recall->batch_reader ? journal_open(journal, err) : NULL;
	failed = !recall->alone_reader ||
		 find_record(recall->batch_reader, recall->id, WANTED_BATCH, NULL, &list, &recall->batch, err);
	if (!failed) {
		recall->before = boot_copy(&list, arena);
		recall->before_count = recall->batch ? list.count : 0;
		failed = find_record(recall->alone_reader, recall->id, WANTED_ALONE, NULL, &list, &recall->alone, err);
	}
	boot_free(&list);
	return failed ? -1 : 0;
}

/* Judges a record of the case after all that came before it in its guest, for the state that it found. */
static int judge_in_place(const struct recorded_case *wanted, struct judged *judged, const char *journal, struct judge *judge,
			  struct listener *listener, struct err *err)
{
	struct journal_reader *reader = journal_open(journal, err);
	const struct recorded_case *recorded;
	int more = reader ? 1 : -1;

	while (reader && (more = journal_next(reader, &recorded, err)) > 0) {
		if (recorded->attempt != wanted->attempt || recorded->boot != wanted->boot)
			continue;
		if (!strcmp(recorded->id, wanted->id)) {
			listener->judged = judged;
			judged->verdict = judge_case(judge, recorded);
			listener->judged = NULL;
			break;
		}
		judge_case(judge, recorded);
	}
	journal_free(reader);
	return more < 0 ? -1 : 0;
}

static int judge_records(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec,
			 struct err *err)
{
	struct listener listener = { .arena = arena };
	struct judge *judge =
		judge_new(&(struct judge_config){ spec, journal_head(recall->batch_reader), &listener, listen_judged }, err);
	int failed = judge ? 0 : -1;

	if (judge && recall->batch)
		failed = judge_in_place(recall->batch, &recall->batch_judged, journal, judge, &listener, err);
	if (judge && !failed && recall->alone) {
		listener.judged = &recall->alone_judged;
		recall->alone_judged.verdict = judge_case(judge, recall->alone);
	}
	judge_free(judge);
	return failed;
}

int recall_case(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec, const char *id,
		struct err *err)
{
	*recall = (struct recall){ .id = id };
	return find_records(recall, arena, journal, err) || judge_records(recall, arena, journal, spec, err) ? -1 : 0;
}

static int judge_trial(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec, struct err *err)
{
	struct listener listener = { .arena = arena };
	struct judge *judge =
		judge_new(&(struct judge_config){ spec, journal_head(recall->trial_reader), &listener, listen_judged }, err);
	int failed = !judge || judge_in_place(recall->trial, &recall->trial_judged, journal, judge, &listener, err);

	judge_free(judge);
	return failed ? -1 : 0;
}

int recall_trial(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec, const char *rule,
		 struct err *err)
{
	struct boot_ids list = { 0 };
	int failed;

	recall->trial_reader = journal_open(journal, err);
	failed = !recall->trial_reader ||
		 find_record(recall->trial_reader, recall->id, WANTED_TRIAL, rule, &list, &recall->trial, err);
	if (!failed && recall->trial) {
		recall->after = boot_copy(&list, arena);
		recall->after_count = list.count;
		failed = judge_trial(recall, arena, journal, spec, err);
	}
	boot_free(&list);
	return failed ? -1 : 0;
}

void recall_free(struct recall *recall)
{
	journal_free(recall->trial_reader);
	journal_free(recall->batch_reader);
	journal_free(recall->alone_reader);
}
