/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * predict.c - what the rules say of a call that has not been made: may it succeed, and if not, how is it refused?
 *
 * A call succeeds unless a rule that applies to it forbids that. Most of the planner's time goes here, so rules that cannot
 * apply whatever the results are put aside first, and what was predicted once is remembered.
 */
#include "plan/internal.h"

#include <string.h>

#define RULES_MAX 128u

bool plan_has_rule(const struct plan *plan, const struct rule *rule)
{
	return spec_in_version(rule->since, rule->until, plan->version);
}

static void forget_results(struct sight *sight)
{
	memset(sight->results, 0, sizeof(sight->results));
}

struct applicable {
	unsigned count;
	const struct rule *rules[RULES_MAX];
};

/* The requirements whose `when` is not false already, with nothing known of the outcome. */
static void find_applicable(struct sight *sight, struct applicable *applicable)
{
	const struct entry *entry = sight->call->entry;

	applicable->count = 0;
	sight->prediction = PREDICT_OPEN;
	forget_results(sight);
	for (size_t i = 0; i < entry->rule_count && applicable->count < RULES_MAX; i++) {
		const struct rule *rule = entry->rules[i];

		if ((rule->strength != MUST && rule->strength != MUST_NOT) || !plan_has_rule(sight->plan, rule))
			continue;
		if (!value_is_false(sight_eval(sight, rule->when)))
			applicable->rules[applicable->count++] = rule;
	}
}

enum objection { OBJECTION_NONE, OBJECTION_PERHAPS, OBJECTION_YES };

/* Does one of them forbid the results that are assumed? Perhaps: if it applies, which only the guest knows. */
static enum objection objection(struct sight *sight, const struct applicable *applicable)
{
	enum objection worst = OBJECTION_NONE;

	for (unsigned i = 0; i < applicable->count; i++) {
		const struct rule *rule = applicable->rules[i];
		struct value must = sight_eval(sight, rule->must), when;

		if (rule->strength == MUST ? !value_is_false(must) : !value_is_true(must))
			continue;
		when = sight_eval(sight, rule->when);
		if (value_is_true(when))
			return OBJECTION_YES;
		if (!when.known)
			worst = OBJECTION_PERHAPS;
	}
	return worst;
}

static void assume_success(struct sight *sight)
{
	const struct convention *convention = &sight->plan->spec->convention;
	const struct entry *entry = sight->call->entry;
	int status = convention->success.result;

	sight->prediction = PREDICT_SUCCESS;
	forget_results(sight);
	if (entry->errors && status >= 0 && (size_t)status < entry->result_count)
		sight->results[status] = value_of(convention->success.value, entry->results[status].type->base);
}

/* Handles are all different; anything else is assumed to be the same whenever it is asked for. */
static void fill_placeholders(struct sight *sight, unsigned occurrence)
{
	const struct entry *entry = sight->call->entry;

	for (unsigned i = 0; i < entry->result_count; i++)
		if (!sight->results[i].known && (!sight->plan->vague || entry->results[i].produces))
			sight->results[i] = value_of(model_placeholder(entry, entry->results[i].produces ? occurrence : 0, i),
						     entry->results[i].type->base);
}

void sight_succeed(struct sight *sight, unsigned occurrence)
{
	assume_success(sight);
	fill_placeholders(sight, occurrence);
}

bool sight_refuse(struct sight *sight, size_t error)
{
	const struct convention *convention = &sight->plan->spec->convention;
	const struct entry *entry = sight->call->entry;
	int status = convention->status;

	sight->prediction = PREDICT_REFUSED;
	forget_results(sight);
	if (status < 0 || (size_t)status >= entry->result_count || error >= entry->error_count)
		return false;
	if (status == convention->success.result && entry->errors[error].value == convention->success.value)
		return false;
	sight->results[status] = value_of(entry->errors[error].value, entry->results[status].type->base);
	return true;
}

/* The first error code that no rule forbids; none: the results stay unknown. */
static void assume_refusal(struct sight *sight, const struct applicable *applicable)
{
	for (size_t i = 0; i < sight->call->entry->error_count; i++)
		if (sight_refuse(sight, i) && objection(sight, applicable) != OBJECTION_YES)
			return;
	sight->prediction = PREDICT_REFUSED;
	forget_results(sight);
}

uint64_t planned_hash(const struct planned *call)
{
	uint64_t hash = hash_word(call->entry->number + 1, call->hart);

	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		const struct pick *pick = &call->args[i];

		hash = hash_word(hash, pick->value.source + 8u * pick->misalign);
		hash = hash_word(hash, pick->seen.known ? pick->seen.bits : ~pick->value.literal);
		if (pick->value.source == VALUE_BUFFER) {
			hash = hash_word(hash, pick->fill);
			hash = hash_word(hash, pick->has_fill + 2u * pick->borrowed);
			hash = hash_word(hash, (uintptr_t)pick->content);
		}
	}
	return hash;
}

enum prediction model_predict(struct sight *sight, unsigned occurrence)
{
	uint64_t key = hash_word(model_hash(sight->model), planned_hash(sight->call));
	struct prediction_memo *memo = &sight->plan->memo[key % PREDICTION_MEMOS];
	struct applicable applicable;
	enum objection found;

	if (memo->key != key || !memo->used) {
		find_applicable(sight, &applicable);
		assume_success(sight);
		found = objection(sight, &applicable);
		if (found == OBJECTION_YES)
			assume_refusal(sight, &applicable);
		*memo = (struct prediction_memo){
			.used = true, .key = key, .prediction = sight->prediction, .doubtful = found == OBJECTION_PERHAPS
		};
		memcpy(memo->results, sight->results, sizeof(memo->results));
	}
	sight->prediction = memo->prediction;
	sight->doubtful = memo->doubtful;
	memcpy(sight->results, memo->results, sizeof(memo->results));
	if (sight->prediction == PREDICT_SUCCESS)
		fill_placeholders(sight, occurrence);
	return sight->prediction;
}

/* Does this rule, where it applies, leave nothing but success? */
static bool demands_success(struct sight *sight, const struct entry *entry, const struct rule *rule)
{
	const struct convention *convention = &sight->plan->spec->convention;
	int status = convention->status;
	bool any = false;

	if (rule->strength != MUST || !rule->when || !plan_has_rule(sight->plan, rule) || status < 0 || !entry->error_count ||
	    (size_t)status >= entry->result_count)
		return false;
	for (size_t i = 0; i < entry->error_count; i++) {
		if (entry->errors[i].value == convention->success.value)
			continue;
		forget_results(sight);
		sight->results[status] = value_of(entry->errors[i].value, entry->results[status].type->base);
		if (!value_is_false(sight_eval(sight, rule->must)))
			return false;
		any = true;
	}
	return any;
}

bool entry_says_when(const struct plan *plan, const struct entry *entry)
{
	struct sight sight = { .plan = plan, .prediction = PREDICT_OPEN };

	for (size_t i = 0; i < entry->rule_count; i++)
		if (demands_success(&sight, entry, entry->rules[i]))
			return true;
	return false;
}

bool call_must_succeed(const struct plan *plan, const struct model *model, const struct planned *call)
{
	const struct entry *entry = call->entry;
	struct sight sight = { .plan = plan, .model = model, .call = call, .prediction = PREDICT_OPEN };

	for (size_t i = 0; i < entry->rule_count; i++) {
		forget_results(&sight);
		if (entry->rules[i]->when && value_is_true(sight_eval(&sight, entry->rules[i]->when)) &&
		    demands_success(&sight, entry, entry->rules[i]))
			return true;
	}
	return false;
}
