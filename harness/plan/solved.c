/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * solved.c - asks whoever can solve for the values of a call that put it on a side of a rule (spec/side.h).
 *
 * Asked is only for what trying did not find, and what is answered is not believed: the call that is made of it is looked at like any
 * other. Addresses and handles stay what they are, if that is possible: the plan does not know what they will be in the guest.
 */
#include "plan/internal.h"

#include <inttypes.h>

#define CONTENT_MAX 4096u /* numbers behind a buffer */

struct query {
	struct plan *plan;
	struct sight sight;
	struct expr_env env;
	struct side_question question;
	struct side_values values;
};

static bool is_stand_in(const struct pick *pick)
{
	return pick->value.source != VALUE_LITERAL;
}

/* What of the arguments may be chosen. `freely`: also what stands for something that only the guest knows. */
static void ask_for_arguments(struct query *query, const struct planned *call, bool freely)
{
	struct side_question *question = &query->question;

	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		const struct pick *pick = &call->args[i];
		struct side_arg *arg = &question->args[i];

		arg->usual = pick->seen;
		arg->fixed = (is_stand_in(pick) && !freely) || arg_is_selector(query->plan, &call->entry->args[i]);
		arg->harmful = value_harmful(query->plan, &call->entry->args[i], &arg->low, &arg->high);
		if (is_stand_in(pick) && freely)
			arg->usual = value_unknown();
	}
	for (unsigned i = 0; i < call->entry->buffer_count; i++) {
		const struct arg *arg = &call->entry->args[call->entry->buffers[i]];

		question->chosen[i] = arg->direction & DIRECTION_IN &&
				      call->args[call->entry->buffers[i]].value.source == VALUE_BUFFER && !freely;
	}
}

static void describe_machine(struct query *query)
{
	const struct survey *survey = &query->plan->survey;
	struct side_question *question = &query->question;

	for (unsigned i = 0; i < survey->harts; i++)
		if (survey->hart_ids[i] < 64)
			question->harts |= UINT64_C(1) << survey->hart_ids[i];
	question->own_low = plan_own_memory(query->plan);
	question->own_high = survey->ram_base + survey->ram_size - 1;
	question->map_high = PLAN_NOWHERE - 1;
}

/* What stands for a number that only the guest knows: nothing may be calculated from it. */
static struct value without_placeholder(struct value value)
{
	return model_is_placeholder(value) ? value_unknown() : value;
}

static void describe_state(struct query *query, const struct model *model)
{
	struct side_cell *cells = arena_new_array(query->plan->stage, struct side_cell, model->count + 1);

	for (unsigned i = 0; i < model->count; i++)
		cells[i] = (struct side_cell){ model->cells[i].state,
					       { model->cells[i].key[0], model->cells[i].key[1] },
					       without_placeholder(model->cells[i].value) };
	query->question.cells = cells;
	query->question.cell_count = model->count;
	query->question.blurred = model->blurred;
	query->question.blurred_words = MODEL_BLURS;
}

static uint64_t hash_value(uint64_t hash, struct value value)
{
	return hash_word(hash_word(hash, value.known), value.known ? value.bits : 0);
}

static uint64_t hash_survey(uint64_t hash, const struct plan *plan)
{
	const struct survey *survey = &plan->survey;

	hash = hash_word(hash, survey->claimed_major << 32 ^ survey->claimed_minor);
	hash = hash_word(hash_word(hash, survey->ram_base), survey->ram_size);
	hash = hash_word(hash_word(hash, survey->clock_hz), survey->harts);
	for (unsigned i = 0; i < survey->harts; i++)
		hash = hash_word(hash, survey->hart_ids[i]);
	for (size_t i = 0; i < plan->spec->chapter_count; i++)
		hash = hash_word(hash, plan->present[i]);
	return hash;
}

/* Of everything that the answer depends on. */
static uint64_t stamp(const struct query *query)
{
	const struct side_question *question = &query->question;
	const struct sight *sight = &query->sight;
	uint64_t hash = hash_text(hash_text(0, question->spec->sha256), question->rule->full_id);

	hash = hash_word(hash_word(hash, question->wanted), (uint64_t)question->version);
	hash = hash_survey(hash, query->plan);
	hash = hash_word(hash_word(hash, sight->prediction), sight->call->hart);
	for (unsigned i = 0; i < SPEC_RESULTS; i++)
		hash = hash_value(hash, sight->results[i]);
	for (unsigned i = 0; i < sight->call->entry->arg_count; i++)
		hash = hash_value(hash_word(hash, question->args[i].fixed), question->args[i].usual);
	for (unsigned i = 0; i < SPEC_BUFFERS; i++)
		hash = hash_word(hash, question->chosen[i]);
	hash = hash_word(hash, question->answered);
	for (size_t i = 0; i < question->cell_count; i++) {
		const struct side_cell *cell = &question->cells[i];

		hash = hash_word(hash_word(hash, cell->state), cell->key[0]);
		hash = hash_value(hash_word(hash, cell->key[1]), cell->value);
	}
	for (size_t i = 0; i < question->blurred_words; i++)
		hash = hash_word(hash, question->blurred[i]);
	return hash;
}

/* ---- the answer ---- */

/* A buffer's content as a pick: its numbers, named after them. */
static bool fill_buffer(struct plan *plan, const struct side_values *values, unsigned buffer, const struct arg *arg,
			struct pick *pick)
{
	uint64_t *content = arena_new_array(plan->stage, uint64_t, CONTENT_MAX), number = 0, hash = 0, last = 0;
	size_t count = 0, said = 0;

	for (size_t i = 0; i < values->number_count; i++) {
		const struct side_number *one = &values->numbers[i];

		if (one->buffer != buffer)
			continue;
		if (!content_place(arg->of, one->offset, one->size, &number) || number >= CONTENT_MAX)
			return false;
		content[number] = last = one->bits;
		count = number + 1 > count ? number + 1 : count;
		hash = hash_word(hash_word(hash, number), one->bits);
		said++;
	}
	if (!said)
		return true;
	pick->content = content;
	pick->content_count = count;
	pick->has_fill = false;
	pick->name = said == 1 && !number ? arena_printf(plan->stage, "holding:%#" PRIx64, last)
					  : arena_printf(plan->stage, "holding:~%012" PRIx64, hash >> 16);
	return true;
}

static bool take_values(struct plan *plan, const struct side_values *values, struct planned *call)
{
	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		struct pick *pick = &call->args[i];
		uint64_t number = int_truncate(values->args[i], call->entry->args[i].type->base);

		if (!values->has[i] || (pick->seen.known && pick->seen.bits == number))
			continue;
		if (model_is_placeholder(value_of(number, call->entry->args[i].type->base)))
			return false;
		*pick = known_pick(plan, call->entry, i, number);
		if (!strcmp(pick->name, "given"))
			*pick = pick_literal(plan->stage, &call->entry->args[i], NULL, number);
	}
	for (unsigned i = 0; i < call->entry->buffer_count; i++) {
		unsigned at = call->entry->buffers[i];

		if (!fill_buffer(plan, values, i, &call->entry->args[at], &call->args[at]))
			return false;
	}
	return true;
}

static enum side_answer ask(struct query *query, enum side_wanted wanted)
{
	query->question.wanted = wanted;
	query->question.stamp = stamp(query);
	return query->plan->options.solver->solve(&query->question, &query->values);
}

/*
 * What cannot be with nothing known of the answer cannot be with any answer. If it can be, it should better be sure: whatever the
 * answer is, or if the call succeeds, or if it is refused in one of the ways there are.
 */
static enum side_answer ask_in_turn(struct query *query, const struct solved_reads *reads, bool holds)
{
	enum side_wanted wanted = holds ? SIDE_IS_TRUE : SIDE_IS_FALSE, may_be = holds ? SIDE_MAY_BE_TRUE : SIDE_MAY_BE_FALSE;
	enum side_answer answer = reads->sure ? SIDE_NONE : ask(query, may_be), sure;
	struct side_values open = query->values;

	if (answer != SIDE_SOLVED && !reads->sure)
		return answer;
	sure = ask(query, wanted);
	query->question.answered = true;
	for (size_t i = 0; reads->answer && sure == SIDE_NONE && i <= query->sight.call->entry->error_count; i++) {
		if (!i)
			sight_succeed(&query->sight, 0);
		else if (!sight_refuse(&query->sight, i - 1))
			continue;
		for (unsigned r = 0; r < SPEC_RESULTS; r++)
			query->sight.results[r] = without_placeholder(query->sight.results[r]);
		sure = ask(query, wanted);
	}
	if (sure == SIDE_NONE)
		query->values = open;
	return sure == SIDE_NONE ? answer : sure;
}

/* Is there anything that may be chosen? */
static bool has_choice(const struct planned *call, const struct solved_reads *reads, bool freely)
{
	bool any = false;

	for (unsigned i = 0; i < call->entry->arg_count; i++)
		any |= reads->args[i] &&
		       (is_stand_in(&call->args[i]) == freely || (!freely && call->args[i].value.source == VALUE_BUFFER));
	return any;
}

enum side_answer solved_call(struct plan *plan, const struct rule *rule, bool holds, const struct model *model,
			     const struct solved_reads *reads, struct planned *call)
{
	enum side_answer answer = SIDE_NONE;

	for (unsigned freely = 0; freely < 2 && answer == SIDE_NONE; freely++) {
		struct query query = { .plan = plan, .sight = { .plan = plan, .model = model, .call = call } };

		if (!has_choice(call, reads, freely))
			continue;
		query.sight.prediction = PREDICT_OPEN;
		query.env = sight_env(&query.sight);
		query.question =
			(struct side_question){ .spec = plan->spec, .rule = rule, .version = plan->version, .env = &query.env };
		describe_machine(&query);
		describe_state(&query, model);
		ask_for_arguments(&query, call, freely);
		answer = ask_in_turn(&query, reads, holds);
		if (answer == SIDE_SOLVED && !take_values(plan, &query.values, call))
			answer = SIDE_NONE;
	}
	return answer;
}
