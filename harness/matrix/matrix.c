/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix/matrix.h"

#include <string.h>

#include "matrix/private.h"

#define TRIES_MAX 4u

/* Rows for the rules a caller can see; what is unobservable has no row because nothing could ever fill it. */
static bool has_row(const struct rule *rule)
{
	return rule->strength != UNOBSERVABLE;
}

static bool is_mandatory(const struct rule *rule)
{
	return (rule->strength == MUST || rule->strength == MUST_NOT) && !rule->likely;
}

static size_t row_count(const struct entry *entry)
{
	size_t count = UNIVERSAL_COUNT;

	for (size_t i = 0; i < entry->rule_count; i++)
		count += has_row(entry->rules[i]);
	return count;
}

static void init_cell(struct cell *cell)
{
	cell->verdict = VERDICT_UNTESTED;
}

static void init_universal(struct matrix *matrix, const struct entry *entry, unsigned universal, struct rule_row *row)
{
	const char *cite = matrix->spec->convention.cites[universal];

	row->id = arena_printf(matrix->arena, "%s:%s", entry->full_id, universal_rules[universal]);
	row->cite = cite ? cite : entry->cite;
	init_cell(&row->cell);
}

static void init_entry(struct matrix *matrix, struct entry_row *row, const struct entry *entry, int version)
{
	row->name = entry->full_id;
	row->entry = entry;
	row->skipped = !spec_in_version(entry->since, entry->until, version) || judge_is_missing(matrix->head, entry, version) ||
		       judge_is_left_alone(matrix->spec, matrix->head, entry);
	row->rules = arena_new_array(matrix->arena, struct rule_row, row_count(entry));
	init_cell(&row->cell);
	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule *rule = entry->rules[i];
		struct rule_row *rule_row = &row->rules[row->rule_count];

		if (!has_row(rule) || !spec_in_version(rule->since, rule->until, version))
			continue;
		*rule_row = (struct rule_row){ rule->full_id, rule->cite, rule, is_mandatory(rule) };
		init_cell(&rule_row->cell);
		row->rule_count++;
	}
	row->own_count = row->rule_count;
	for (unsigned i = 0; i < UNIVERSAL_COUNT; i++)
		if (universal_is_for(entry, (enum universal)i))
			init_universal(matrix, entry, i, &row->rules[row->rule_count++]);
}

struct matrix *matrix_new(const struct spec *spec, const struct recording_head *head, const char *rundir)
{
	struct arena *arena = arena_new();
	struct matrix *matrix = arena_alloc(arena, sizeof(*matrix));
	int version = judge_version(spec, head);

	matrix->arena = arena;
	matrix->spec = spec;
	matrix->head = head;
	matrix->rundir = arena_strdup(arena, rundir);
	matrix->entry_count = spec->entry_count;
	matrix->entries = arena_new_array(arena, struct entry_row, spec->entry_count);
	for (size_t i = 0; i < spec->entry_count; i++)
		init_entry(matrix, &matrix->entries[i], spec->entries[i], version);
	return matrix;
}

void matrix_free(struct matrix *matrix)
{
	if (!matrix)
		return;
	attribution_free(matrix);
	arena_free(matrix->arena);
}

static struct rule_row *row_of(const struct matrix *matrix, const struct judgement *judgement)
{
	struct entry_row *entry = &matrix->entries[judgement->entry->number];

	if (!judgement->rule)
		return &entry->rules[entry->own_count + (entry->entry->is_structure ? 0 : judgement->universal)];
	for (size_t i = 0; i < entry->own_count; i++)
		if (entry->rules[i].rule == judgement->rule)
			return &entry->rules[i];
	return NULL;
}

static const char *keep(struct matrix *matrix, const char *text)
{
	return arena_strdup(matrix->arena, text ? text : "");
}

static struct example example_of(struct matrix *matrix, const struct rule_row *row, const struct judgement *judgement)
{
	const char *case_id = judgement->recorded->id;

	return (struct example){
		.verdict = judgement->verdict,
		.alone = judgement->recorded->attempt > 0,
		.case_id = keep(matrix, case_id),
		.rule_id = row->id,
		.cite = row->cite,
		.expected = keep(matrix, judgement->expected),
		.got = keep(matrix, judgement->got),
		.replay = arena_printf(matrix->arena, "assay replay %s '%s'", matrix->rundir, case_id),
	};
}

/* OBSERVED says one thing per rule; failures may differ from case to case. */
static size_t examples_wanted(const struct judgement *judgement)
{
	if (judgement->verdict == VERDICT_PASS || judgement->verdict == VERDICT_SKIP)
		return 0;
	return judgement->verdict == VERDICT_OBSERVED ? 1 : MATRIX_EXAMPLES;
}

/* The first one that was seen alone goes to the front, for the replay line that is shown is the first example's. */
static bool goes_to_front(const struct rule_row *row, const struct judgement *judgement)
{
	return judgement->recorded->attempt > 0 && row->example_count && !row->examples[0].alone;
}

static void add_example(struct matrix *matrix, struct rule_row *row, const struct judgement *judgement, size_t wanted)
{
	if (goes_to_front(row, judgement)) {
		row->example_count = row->example_count < wanted ? row->example_count : wanted - 1;
		memmove(&row->examples[1], &row->examples[0], row->example_count * sizeof(row->examples[0]));
		row->examples[0] = example_of(matrix, row, judgement);
		row->example_count++;
	} else if (row->example_count < wanted) {
		row->examples[row->example_count++] = example_of(matrix, row, judgement);
	}
}

bool matrix_wants_words(void *context, const struct judgement *judgement)
{
	const struct rule_row *row = row_of(context, judgement);
	size_t wanted = recorded_is_trial(judgement->recorded) ? 0 : examples_wanted(judgement);

	return row && wanted && (row->example_count < wanted || goes_to_front(row, judgement));
}

void matrix_judged(void *context, const struct judgement *judgement)
{
	struct matrix *matrix = context;
	struct rule_row *row = row_of(matrix, judgement);
	size_t wanted = examples_wanted(judgement);

	if (!row)
		return;
	if (recorded_is_trial(judgement->recorded)) {
		if (verdict_is_failure(judgement->verdict))
			attribution_trial_failed(matrix, row, judgement->recorded);
		return;
	}
	if (verdict_is_failure(judgement->verdict))
		attribution_failed(matrix, &row->attribution, judgement->recorded);
	row->cell.counts[judgement->verdict]++;
	matrix->checks[judgement->verdict]++;
	if (wanted)
		add_example(matrix, row, judgement, wanted);
}

bool matrix_is_news(struct matrix *matrix, const struct judgement *judgement)
{
	struct rule_row *row = verdict_is_failure(judgement->verdict) ? row_of(matrix, judgement) : NULL;

	if (!row || judgement->recorded->attempt || row->tries >= TRIES_MAX || row->attribution.alone)
		return false;
	row->tries++;
	return true;
}

void matrix_counted(struct matrix *matrix, const struct recorded_case *recorded)
{
	bool ran = recorded->step_count && recorded->steps[recorded->main].outcome != RECORD_NOT_RUN;

	if (recorded_is_trial(recorded)) {
		attribution_begin_trial(matrix, recorded);
		return;
	}
	matrix->cases += ran && recorded->attempt == 0;
	matrix->left_out += !ran && recorded->attempt == 0;
	for (unsigned i = 0; i < recorded->step_count; i++)
		matrix->calls += recorded->steps[i].outcome != RECORD_NOT_RUN && recorded->steps[i].outcome != RECORD_READ;
}

struct rule_row *matrix_find_rule(struct matrix *matrix, const char *id)
{
	for (size_t i = 0; i < matrix->entry_count; i++)
		for (size_t j = 0; j < matrix->entries[i].rule_count; j++)
			if (!strcmp(matrix->entries[i].rules[j].id, id))
				return &matrix->entries[i].rules[j];
	return NULL;
}
