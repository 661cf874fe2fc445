/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/attribute.h"

#include <string.h>

#include "run/trials.h"

/* What is open in the matrix goes to the trials; what they see goes to the judge, and into the journal and the matrix. */
struct attributing {
	struct attribution_job *job;
	struct judge *judge; /* of its own: a trial is another boot than those that the matrix folds */
	const char *rule; /* that is looked for in the case that is judged; NULL: none */
	bool failed;
};

/* ---- which rules ---- */

/* What the first rule before this one took that the same case broke, where that is on record already. */
static const struct attribution *find_recorded(const struct matrix *matrix, const struct rule_row *rule)
{
	for (size_t i = 0; i < matrix->entry_count; i++)
		for (size_t j = 0; j < matrix->entries[i].rule_count; j++) {
			const struct rule_row *row = &matrix->entries[i].rules[j];

			if (row == rule)
				return NULL;
			if (row->attribution.after && !strcmp(row->attribution.case_id, rule->attribution.case_id))
				return &row->attribution;
		}
	return NULL;
}

static void add_doubts(const struct matrix *matrix, size_t number, struct doubt *doubts, size_t *count)
{
	const struct entry_row *entry = &matrix->entries[number];

	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule_row *row = &entry->rules[i];
		const struct attribution *recorded = matrix_is_open(row) ? find_recorded(matrix, row) : NULL;

		if (matrix_is_open(row))
			doubts[(*count)++] = (struct doubt){
				.rule = row->id,
				.case_id = row->attribution.case_id,
				.entry = number,
				.after = recorded ? recorded->after : NULL,
				.after_count = recorded ? recorded->after_count : 0,
			};
	}
}

static struct doubt *find_doubts(struct arena *arena, const struct matrix *matrix, size_t *count)
{
	struct doubt *doubts;
	size_t rules = 0;

	for (size_t i = 0; i < matrix->entry_count; i++)
		rules += matrix->entries[i].rule_count;
	doubts = arena_new_array(arena, struct doubt, rules + 1);
	*count = 0;
	for (size_t i = 0; i < matrix->entry_count; i++)
		add_doubts(matrix, i, doubts, count);
	return doubts;
}

/* ---- what the trials see ---- */

static void listen(void *context, const struct judgement *judgement)
{
	struct attributing *attributing = context;

	if (attributing->rule && verdict_is_failure(judgement->verdict))
		attributing->failed |= !strcmp(judgement->rule_id, attributing->rule);
}

static bool wants_no_words(void *context, const struct judgement *judgement)
{
	(void)context;
	(void)judgement;
	return false;
}

static bool fails(void *context, const struct recorded_case *recorded, const char *rule)
{
	struct attributing *attributing = context;

	attributing->rule = rule;
	attributing->failed = false;
	judge_case(attributing->judge, recorded);
	return attributing->failed;
}

static int record(void *context, const struct recorded_case *recorded, struct err *err)
{
	struct attribution_job *job = ((struct attributing *)context)->job;

	if (journal_write(job->writer, recorded, err))
		return -1;
	folding_case(job->folding, recorded);
	return 0;
}

static int searched(void *context, const struct recorded_search *search, struct err *err)
{
	return journal_search(((struct attributing *)context)->job->writer, search, err);
}

/* ---- the whole ---- */

static int look_into(struct attributing *attributing, const struct doubt *doubts, size_t count, struct err *err)
{
	struct attribution_job *job = attributing->job;
	const struct judge_config judge = { job->config->spec, job->head, attributing, listen, wants_no_words };
	struct trials_config config = {
		.run = job->config,
		.survey = job->survey,
		.kept = job->kept,
		.plan = job->plan,
		.journal = job->journal,
		.context = attributing,
		.fails = fails,
		.record = record,
		.searched = searched,
		.boot = job->boot,
	};
	int failed;

	attributing->judge = judge_new(&judge, err);
	failed = attributing->judge ? trials_run(&config, doubts, count, err) : -1;
	judge_free(attributing->judge);
	job->guests += config.guests;
	return failed;
}

int attribute_failures(struct attribution_job *job, struct err *err)
{
	struct attributing attributing = { .job = job };
	arena_auto struct arena *arena = arena_new();
	size_t count;
	const struct doubt *doubts = find_doubts(arena, job->folding->matrix, &count);

	return count ? look_into(&attributing, doubts, count, err) : 0;
}
