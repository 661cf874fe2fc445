/* SPDX-License-Identifier: BSD-2-Clause */
/* consumers.c - needs into the one answer: would this consumer run on this blob? */
#include "matrix/matrix.h"

#include "matrix/private.h"

const char *const consumer_outcome_names[CONSUMER_OUTCOMES] = {
	[CONSUMER_RUNS] = "runs",	[CONSUMER_LOSES] = "loses",	[CONSUMER_UNKNOWN] = "unknown",
	[CONSUMER_REFUSES] = "refuses", [CONSUMER_CRASHES] = "crashes",
};

/* By what a need means that is not met. */
static const enum consumer_outcome outcomes[] = {
	[CONSEQUENCE_LOSES] = CONSUMER_LOSES,
	[CONSEQUENCE_REFUSES] = CONSUMER_REFUSES,
	[CONSEQUENCE_CRASHES] = CONSUMER_CRASHES,
};

/* How much a need has to say; 0: nothing. The greatest decides, and of equals the first. */
static unsigned weight(const struct consumer_reason *reason)
{
	bool vital = reason->need->otherwise != CONSEQUENCE_LOSES;

	if (reason->finding.state == NEED_BROKEN)
		return vital ? 4 : 2;
	return reason->finding.state == NEED_UNKNOWN ? (vital ? 3 : 1) : 0;
}

/* A consumer comes to its needs one after the other: what stops it first is what becomes of it. */
static enum consumer_outcome outcome_of(const struct consumer_reason *reason)
{
	if (!reason || weight(reason) == 1)
		return CONSUMER_RUNS;
	return reason->finding.state == NEED_BROKEN ? outcomes[reason->need->otherwise] : CONSUMER_UNKNOWN;
}

static void find_reasons(struct matrix *matrix, struct consumer_row *row, const struct judge *judge, size_t number)
{
	const struct consumer *consumer = row->consumer;
	struct consumer_reason *reasons = arena_new_array(matrix->arena, struct consumer_reason, consumer->need_count);
	struct consumer_reason *all = arena_new_array(matrix->arena, struct consumer_reason, consumer->need_count);

	for (size_t i = 0; i < consumer->need_count; i++)
		all[i] = (struct consumer_reason){ &consumer->needs[i], judge_need(judge, number, i) };
	for (unsigned wanted = 4; wanted > 0; wanted--)
		for (size_t i = 0; i < consumer->need_count; i++)
			if (weight(&all[i]) == wanted)
				reasons[row->reason_count++] = all[i];
	row->reasons = reasons;
	row->outcome = outcome_of(row->reason_count ? &reasons[0] : NULL);
}

static bool is_risk(const struct rule_row *rule)
{
	return verdict_is_failure(rule->cell.verdict) || rule->cell.verdict == VERDICT_KNOWN;
}

static size_t count_rules(const struct matrix *matrix, const struct consumer *consumer)
{
	size_t count = 0;

	for (size_t i = 0; i < consumer->use_count; i++)
		count += matrix->entries[consumer->uses[i]->number].rule_count;
	return count;
}

static void find_risks(struct matrix *matrix, struct consumer_row *row)
{
	const struct consumer *consumer = row->consumer;
	const struct rule_row **risks = arena_new_array(matrix->arena, const struct rule_row *, count_rules(matrix, consumer));

	for (size_t i = 0; i < consumer->use_count; i++) {
		const struct entry_row *entry = &matrix->entries[consumer->uses[i]->number];

		for (size_t k = 0; k < entry->rule_count; k++)
			if (is_risk(&entry->rules[k]))
				risks[row->risk_count++] = &entry->rules[k];
	}
	row->risks = risks;
}

void matrix_consumers(struct matrix *matrix, const struct judge *judge, const struct consumers *consumers)
{
	matrix->consumer_count = consumers->count;
	matrix->consumers = arena_new_array(matrix->arena, struct consumer_row, consumers->count);
	for (size_t i = 0; i < consumers->count; i++) {
		matrix->consumers[i].consumer = consumers->list[i];
		find_reasons(matrix, &matrix->consumers[i], judge, i);
		find_risks(matrix, &matrix->consumers[i]);
	}
}
