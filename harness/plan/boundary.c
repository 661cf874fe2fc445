/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boundary.c - cases made from the menu alone: one odd value at a time, all pairs of them, samples, calls that are absent.
 */
#include "plan/internal.h"

#include <inttypes.h>

static void add_case(struct plan *plan, const struct planned *main, enum strategy strategy, struct drafts *drafts)
{
	struct draft *draft = &plan->draft;

	draft_begin(draft, strategy);
	arena_reset(plan->search);
	if (draft_around(plan, draft, main, true))
		return;
	draft_settle(plan, draft, true);
	drafts_add(drafts, plan->stage, draft);
}

/* The n-th of `wanted` values out of `count`: the first ones, and then evenly from the rest. */
static size_t spread(size_t n, size_t wanted, size_t count)
{
	size_t front = wanted * 2 / 3;

	if (wanted >= count || n < front)
		return n;
	return front + (n - front) * (count - front) / (wanted - front);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void one_odd(struct plan *plan, const struct entry *entry, bool reserved, struct drafts *drafts)
{
	const struct menu *menu = plan_menu(plan, entry);
	struct planned main;

	planned_nominal(plan, entry, &main);
	for (unsigned a = 0; a < entry->arg_count; a++) {
		const struct picks *picks = &menu->args[a];
		size_t index[128] = { 0 }, count = 0, wanted;

		for (size_t i = 1; i < picks->count && count < PLAN_COUNT(index); i++)
			if (picks->list[i].reserved == reserved)
				index[count++] = i;
		wanted = smaller(plan->limits->values, count);
		for (size_t i = 0; i < wanted; i++) {
			main.args[a] = picks->list[index[spread(i, wanted, count)]];
			add_case(plan, &main, reserved ? STRATEGY_RESERVED : STRATEGY_BOUNDARY, drafts);
		}
		main.args[a] = picks->list[0];
	}
}

void boundary_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	struct planned main;

	planned_nominal(plan, entry, &main);
	add_case(plan, &main, STRATEGY_BOUNDARY, drafts);
	one_odd(plan, entry, false, drafts);
}

void reserved_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	one_odd(plan, entry, true, drafts);
}

static unsigned odd_values(const uint16_t *row, unsigned columns)
{
	unsigned odd = 0;

	for (unsigned i = 0; i < columns; i++)
		odd += row[i] != 0;
	return odd;
}

void pairwise_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	const struct menu *menu = plan_menu(plan, entry);
	unsigned columns = (unsigned)entry->arg_count, sizes[SPEC_ARGS];
	struct planned main;
	uint16_t *rows;
	size_t count;

	if (columns < 2)
		return;
	for (unsigned i = 0; i < columns; i++)
		sizes[i] = (unsigned)smaller(menu->args[i].count, plan->limits->pair_values);
	count = combine(plan->stage, sizes, columns, plan->limits->strength, plan->limits->pair_rows, &rows);
	planned_nominal(plan, entry, &main);
	for (size_t r = 0; r < count; r++) {
		const uint16_t *row = &rows[r * columns];

		if (odd_values(row, columns) < 2)
			continue;
		for (unsigned i = 0; i < columns; i++)
			main.args[i] = menu->args[i].list[spread(row[i], sizes[i], menu->args[i].count)];
		add_case(plan, &main, STRATEGY_PAIRWISE, drafts);
	}
}

/* A list is the content of the buffer: its name is the first of its numbers. */
static struct pick sample_content(struct plan *plan, const struct sample *sample, unsigned arg, struct pick pick)
{
	const char *name = "holding:";

	for (size_t i = 0; i < sample->content_count[arg] && i < 6; i++)
		name = arena_printf(plan->stage, "%s%s%#" PRIx64, name, i ? "+" : "", sample->content[arg][i]);
	pick.name = name;
	pick.content = sample->content[arg];
	pick.content_count = sample->content_count[arg];
	return pick;
}

void sample_call(struct plan *plan, const struct entry *entry, size_t number, struct planned *call)
{
	const struct sample *sample = &entry->samples[number];

	planned_nominal(plan, entry, call);
	for (unsigned i = 0; i < entry->arg_count; i++) {
		if (sample->content[i])
			call->args[i] = sample_content(plan, sample, i, call->args[i]);
		else if (sample->has[i])
			call->args[i] = pick_literal(plan->stage, &entry->args[i], NULL, sample->value[i]);
	}
}

void samples_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	for (size_t s = 0; s < entry->sample_count; s++) {
		struct planned main;

		sample_call(plan, entry, s, &main);
		add_case(plan, &main, STRATEGY_SAMPLE, drafts);
	}
}

/* What is not there is called only where the document says what such a call answers. */
void absent_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	struct draft *draft = &plan->draft;

	if (!plan->spec->convention.unsupported)
		return;
	draft_begin(draft, STRATEGY_ABSENT);
	planned_nominal(plan, entry, &draft->calls[0]);
	draft->calls[0].hart = 0;
	draft->count = 1;
	for (unsigned i = 0; i < entry->arg_count; i++)
		if (draft->calls[0].args[i].value.source == VALUE_RESULT)
			draft->calls[0].args[i] = pick_literal(plan->stage, &entry->args[i], NULL, 0);
	draft->ends_guest = entry->outcomes & (OUTCOME_SHUTDOWN | OUTCOME_RESET | OUTCOME_STOPS);
	drafts_add(drafts, plan->stage, draft);
}

void structure_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	struct draft *draft = &plan->draft;

	draft_begin(draft, STRATEGY_BOUNDARY);
	draft->label = "structure";
	draft_add(draft, entry);
	drafts_add(drafts, plan->stage, draft);
}
