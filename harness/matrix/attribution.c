/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attribution.c - what a failure takes to happen: the case alone, others before it, or luck.
 *
 * A rule's first failing case stands for all that fail it: a rule has one verdict, and to run every one of thousands of cases again
 * would tell little more. What counts is on record as trials of that rule (enum record_role), so that a recording that is judged again
 * is attributed again, without a guest.
 */
#include <string.h>

#include "matrix/private.h"

static uint64_t failures(const struct rule_row *row)
{
	uint64_t sum = 0;

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		sum += verdict_is_failure((enum verdict)verdict) ? row->cell.counts[verdict] : 0;
	return sum;
}

static enum attribution_kind kind_of(const struct attribution *attribution)
{
	if (!attribution->case_id)
		return ATTRIBUTION_NONE;
	if (attribution->alone)
		return ATTRIBUTION_ALONE;
	if (!attribution->tries)
		return ATTRIBUTION_OPEN;
	return attribution->after && attribution->failed == attribution->tries ? ATTRIBUTION_SEQUENCE : ATTRIBUTION_FLAKY;
}

/* ---- as recordings come ---- */

void attribution_failed(struct matrix *matrix, struct attribution *attribution, const struct recorded_case *recorded)
{
	if (!attribution->case_id)
		attribution->case_id = arena_strdup(matrix->arena, recorded->id);
	attribution->alone |= recorded->attempt == 1;
}

void attribution_begin_trial(struct matrix *matrix, const struct recorded_case *recorded)
{
	struct rule_row *row;

	boot_enter(&matrix->trial.before, recorded);
	matrix->trial.row = NULL;
	if (recorded->role == RECORD_BEFORE) {
		boot_add(&matrix->trial.before, recorded);
		return;
	}
	row = recorded->rule ? matrix_find_rule(matrix, recorded->rule) : NULL;
	if (!row || !row->attribution.case_id || strcmp(row->attribution.case_id, recorded->id) != 0)
		return;
	/* a run that was taken up in the middle of the trials of a rule makes all of them again */
	if (recorded->attempt == RECORD_FIRST_TRIAL) {
		row->attribution.tries = row->attribution.failed = 0;
		row->attribution.after = NULL;
	}
	row->attribution.tries++;
	matrix->trial.row = row;
}

static void keep_sequence(struct matrix *matrix, struct attribution *attribution, const struct recorded_case *recorded)
{
	if (recorded->role == RECORD_ITSELF || attribution->after)
		return;
	attribution->after = boot_copy(&matrix->trial.before, matrix->arena);
	attribution->after_count = matrix->trial.before.count;
	attribution->shortest = recorded->role == RECORD_SHORTEST;
}

void attribution_trial_failed(struct matrix *matrix, const struct rule_row *row, const struct recorded_case *recorded)
{
	struct rule_row *wanted = matrix->trial.row;

	if (!wanted || wanted != row)
		return;
	matrix->trial.row = NULL; /* however many of its calls fail, it failed once */
	wanted->attribution.failed++;
	keep_sequence(matrix, &wanted->attribution, recorded);
}

void attribution_free(struct matrix *matrix)
{
	boot_free(&matrix->trial.before);
}

/* ---- what came of it ---- */

/* What fails now and then does so in all of its cases: one of them was looked into for all. */
static void count_as_flaky(struct matrix *matrix, struct rule_row *row)
{
	uint64_t *counts = row->cell.counts;

	for (int verdict = VERDICT_FLAKY + 1; verdict < VERDICT_COUNT; verdict++) {
		matrix->checks[VERDICT_FLAKY] += counts[verdict];
		matrix->checks[verdict] -= counts[verdict];
		counts[VERDICT_FLAKY] += counts[verdict];
		counts[verdict] = 0;
	}
	for (size_t i = 0; i < row->example_count; i++)
		if (verdict_is_failure(row->examples[i].verdict))
			row->examples[i].verdict = VERDICT_FLAKY;
}

static const char *replay_line(struct matrix *matrix, const struct rule_row *row, const struct example *example)
{
	return arena_printf(matrix->arena, "assay replay %s '%s' --rule '%s'", matrix->rundir, example->case_id, row->id);
}

static void attribute_row(struct matrix *matrix, struct rule_row *row)
{
	struct attribution *attribution = &row->attribution;

	if (failures(row)) /* not what is on record as KNOWN by now */
		attribution->kind = kind_of(attribution);
	if (attribution->kind == ATTRIBUTION_FLAKY)
		count_as_flaky(matrix, row);
	for (size_t i = 0; i < row->example_count && attribution->kind == ATTRIBUTION_SEQUENCE; i++) {
		struct example *example = &row->examples[i];

		if (!verdict_is_failure(example->verdict) || strcmp(example->case_id, attribution->case_id) != 0)
			continue;
		example->sequence = attribution;
		example->replay = replay_line(matrix, row, example);
	}
}

void matrix_attribute(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->entry_count; i++)
		for (size_t j = 0; j < matrix->entries[i].rule_count; j++)
			attribute_row(matrix, &matrix->entries[i].rules[j]);
}

bool matrix_is_open(const struct rule_row *row)
{
	return failures(row) && kind_of(&row->attribution) == ATTRIBUTION_OPEN;
}
