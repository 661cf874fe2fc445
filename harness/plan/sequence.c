/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sequence.c - every entry in every state of its chapter that a few calls can reach.
 */
#include "plan/internal.h"

#include <string.h>

#define CHOICES_TRIED 64u

const struct walk_cache *plan_walks(struct plan *plan, const struct chapter *chapter)
{
	struct walk_cache *cache = &plan->walks;
	unsigned wanted = plan->limits->walk_choices < WALKS_MAX ? plan->limits->walk_choices : WALKS_MAX;

	if (cache->chapter == chapter)
		return cache;
	arena_reset(plan->walking);
	*cache = (struct walk_cache){ .chapter = chapter };
	for (unsigned n = 0; n < CHOICES_TRIED && cache->count < wanted; n++) {
		struct walk *walk = arena_alloc(plan->walking, sizeof(*walk));

		walk_init(walk, plan, plan->walking, chapter);
		if (!walk->entry_count || !walk_choose(walk, n))
			break;
		walk_begin(walk, NULL, false, NULL);
		walk_run(walk);
		walk_dare(walk);
		if (walk->count > 1)
			cache->walks[cache->count++] = walk;
	}
	return cache;
}

/* "after-hart_start,hart_stop(x=max)": the calls before the main one, with the values that are not nominal. */
static const char *after_text(struct plan *plan, const struct draft *draft)
{
	const char *text = "after-";

	if (!draft->main)
		return "after-reset";
	for (unsigned c = 0; c < draft->main; c++) {
		const struct planned *call = &draft->calls[c];
		const char *values = planned_values(plan, call, &draft->calls[draft->main]);

		text = arena_printf(plan->stage, "%s%s%s%s%s%s", text, c ? "," : "", call->entry->name, *values ? "(" : "",
				    values, *values ? ")" : "");
	}
	return text;
}

/*
 * The walk takes the place of the entry's preparation, except for what prepares something else than the walk's own states (a
 * timer that wakes a sleeping CPU).
 */
int walk_case(const struct walk *walk, const struct walk_node *node, const struct planned *main, struct draft *draft)
{
	struct plan *plan = walk->plan;

	if ((main->hart && !node->up) || walk_path(node, draft) || draft->count == CASE_STEPS)
		return -1;
	draft->main = draft->count;
	draft->calls[draft->main] = *main;
	draft->after = after_text(plan, draft);
	if (draft_prepare(plan, draft, main, walk->states) || draft->count == CASE_STEPS)
		return -1;
	draft->main = draft->count;
	draft->calls[draft->count++] = *main;
	return draft_restore(plan, draft, main, walk->states);
}

static void call_at(struct walk *walk, const struct walk_node *node, const struct entry *entry, struct drafts *drafts)
{
	struct plan *plan = walk->plan;
	struct draft *draft = &plan->draft;
	struct planned main;

	draft_begin(draft, STRATEGY_SEQUENCE);
	if (walk_path(node, draft) || !walk_call(walk, draft, entry, 0, &main))
		return;
	draft->count = 0;
	if (walk_case(walk, node, &main, draft) || !id_set_add(&plan->sequences, draft_hash(draft)))
		return;
	draft_settle(plan, draft, true);
	drafts_add(drafts, plan->stage, draft);
}

/*
 * Does the entry see a difference between this state and those it was called in before in this walk? Another way to the same
 * state counts where the last call was about something that the entry knows of.
 */
static bool matters(struct plan *plan, const struct walk_node *node, const bool *states, unsigned walk)
{
	uint64_t hash = hash_word(model_hash_of(node->model, states), walk + 2u * WALKS_MAX * node->up);

	if (id_set_add(&plan->projections, hash))
		return true;
	return node->again && entry_sets_any(node->call->entry, states);
}

/*
 * State by state over all walks at once, so that a limit cuts off the farthest states and no thing altogether. A few states that
 * should make no difference to the entry are among them.
 */
void sequence_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	const struct walk_cache *walks = plan_walks(plan, entry->chapter);
	bool *states = arena_alloc(plan->stage, plan->spec->state_count + 1);
	unsigned wanted = plan->limits->sequences, others = wanted / 8;
	size_t farthest = 0;

	entry_states(entry, states);
	id_set_clear(&plan->sequences);
	id_set_clear(&plan->projections);
	for (unsigned w = 0; w < walks->count; w++)
		farthest = walks->walks[w]->count > farthest ? walks->walks[w]->count : farthest;
	for (size_t n = 0; n < farthest; n++)
		for (unsigned w = 0; w < walks->count && drafts->count < wanted; w++)
			if (n < walks->walks[w]->count &&
			    (matters(plan, &walks->walks[w]->nodes[n], states, w) || (others && others--)))
				call_at(walks->walks[w], &walks->walks[w]->nodes[n], entry, drafts);
}
