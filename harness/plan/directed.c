/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directed.c - for every rule a case in which its `when` holds, and one in which it does not.
 *
 * The other side matters as much: a blob that always answers "invalid parameter" passes every rule about bad parameters.
 */
#include "plan/internal.h"

#include <string.h>

#define TRIES 600u	/* choices of values per rule and place */
#define RANDOM_TRIES 200u

enum side { SIDE_HOLDS, SIDE_NOT, SIDE_OPEN, SIDE_COUNT };

struct hunt {
	struct plan *plan;
	const struct rule *rule;
	struct drafts *drafts;
	const struct walk *walk;	/* where the call is made: a state of a walk, or after reset and `prepare` */
	const struct walk_node *node;
	unsigned found[SIDE_COUNT], wanted[SIDE_COUNT], tries;
	bool reads_state, reads_result, mentioned[SPEC_ARGS];
	struct draft *open;	/* the first case that may or may not be on the side: of a rule that depends on what is seen */
};

static void see_name(void *context, const struct name *name)
{
	struct hunt *hunt = context;

	if (name->kind == NAME_ARG)
		hunt->mentioned[name->index] = true;
	if (name->kind == NAME_BUFFER)
		hunt->mentioned[hunt->rule->entry->buffers[name->index]] = true;
	hunt->reads_state |= name->kind == NAME_STATE;
	hunt->reads_result |= name->kind == NAME_RESULT || name->kind == NAME_OUTCOME || name->kind == NAME_LAND;
}

static bool done(const struct hunt *hunt)
{
	return (hunt->found[SIDE_HOLDS] >= hunt->wanted[SIDE_HOLDS] && hunt->found[SIDE_NOT] >= hunt->wanted[SIDE_NOT]) ||
	       hunt->tries >= TRIES;
}

/* The case of a call where the hunt is now, up to the call itself. */
static int place(struct hunt *hunt, const struct planned *main, struct draft *draft)
{
	if (hunt->node)
		return walk_case(hunt->walk, hunt->node, main, draft);
	return draft_around(hunt->plan, draft, main, true);
}

static enum side side_of(struct hunt *hunt, const struct draft *draft)
{
	struct sight sight = { .plan = hunt->plan, .call = &draft->calls[draft->main] };
	struct model model;
	struct value when;

	draft_model(hunt->plan, draft, draft->main, &model);
	sight.model = &model;
	model_predict(&sight, draft_occurrence(draft, draft->main));
	when = sight_eval(&sight, hunt->rule->when);
	if (!when.known)
		return SIDE_OPEN;
	return when.bits ? SIDE_HOLDS : SIDE_NOT;
}

static void keep(struct hunt *hunt, struct draft *draft, enum side side)
{
	draft->rule = hunt->rule;
	draft->label = hunt->rule->id;
	if (side == SIDE_NOT)
		draft->label = arena_printf(hunt->plan->stage, "unless-%s", hunt->rule->id);
	draft_settle(hunt->plan, draft, true);
	drafts_add(hunt->drafts, hunt->plan->stage, draft);
}

static void try(struct hunt *hunt, const struct planned *main)
{
	struct draft *draft = &hunt->plan->draft;
	enum side side;

	if (done(hunt))
		return;
	hunt->tries++;
	draft_begin(draft, STRATEGY_RULE);
	arena_reset(hunt->plan->search);
	if (place(hunt, main, draft))
		return;
	side = side_of(hunt, draft);
	if (hunt->found[side] >= hunt->wanted[side])
		return;
	hunt->found[side]++;
	if (side != SIDE_OPEN) {
		keep(hunt, draft, side);
		return;
	}
	hunt->open = arena_alloc(hunt->plan->stage, sizeof(*draft));
	draft_copy(hunt->open, draft);
}

/* Changes up to `depth` arguments from `first` on. `all`: also those that the rule does not mention. */
static void vary(struct hunt *hunt, struct planned *main, unsigned first, unsigned depth, bool all)
{
	const struct menu *menu = plan_menu(hunt->plan, main->entry);

	for (unsigned a = first; a < main->entry->arg_count && !done(hunt); a++) {
		struct pick kept = main->args[a];

		if (!all && !hunt->mentioned[a])
			continue;
		for (size_t i = 0; i < menu->args[a].count && !done(hunt); i++) {
			main->args[a] = menu->args[a].list[i];
			if (depth == 1)
				try(hunt, main);
			else
				vary(hunt, main, a + 1, depth - 1, all);
		}
		main->args[a] = kept;
	}
}

static void vary_at_random(struct hunt *hunt, struct planned *main)
{
	const struct menu *menu = plan_menu(hunt->plan, main->entry);
	struct rng rng = { hash_text(0, hunt->rule->full_id) };

	for (unsigned n = 0; n < RANDOM_TRIES && !done(hunt); n++) {
		for (unsigned a = 0; a < main->entry->arg_count; a++)
			if (hunt->mentioned[a] || !rng_below(&rng, 3))
				main->args[a] = menu->args[a].list[rng_below(&rng, menu->args[a].count)];
		try(hunt, main);
	}
}

static void search(struct hunt *hunt, const struct planned *nominal)
{
	struct planned main = *nominal;

	hunt->tries = 0;
	try(hunt, &main);
	vary(hunt, &main, 0, 1, false);
	vary(hunt, &main, 0, 2, false);
	if (hunt->reads_result)
		vary(hunt, &main, 0, 1, true);
	main = *nominal;
	if (!hunt->node)
		vary_at_random(hunt, &main);
}

static void search_walk(struct hunt *hunt, const struct walk *walk)
{
	struct draft *path = arena_alloc(hunt->plan->stage, sizeof(*path));

	hunt->walk = walk;
	for (size_t n = 0; n < walk->count; n++) {
		struct planned main;

		hunt->node = &walk->nodes[n];
		hunt->tries = 0;
		path->count = 0;
		if (walk_path(hunt->node, path) || !walk_call(walk, path, hunt->rule->entry, &main))
			continue;
		try(hunt, &main);
		vary(hunt, &main, 0, 1, false);
	}
	hunt->node = NULL;
}

static void aim(struct plan *plan, const struct rule *rule, struct drafts *drafts)
{
	unsigned witnesses = plan->limits->witnesses;
	struct hunt hunt = { .plan = plan, .rule = rule, .drafts = drafts,
			     .wanted = { witnesses, rule->strength == UNSPECIFIED ? 0 : witnesses, 1 } };
	struct planned nominal;

	expr_names(rule->when, see_name, &hunt);
	planned_nominal(plan, rule->entry, &nominal);
	search(&hunt, &nominal);
	if (hunt.reads_state && (hunt.found[SIDE_HOLDS] < witnesses || hunt.found[SIDE_NOT] < hunt.wanted[SIDE_NOT])) {
		const struct walk_cache *walks = plan_walks(plan, rule->entry->chapter);

		for (unsigned w = 0; w < walks->count; w++)
			search_walk(&hunt, walks->walks[w]);
	}
	if (!hunt.found[SIDE_HOLDS] && hunt.open)
		keep(&hunt, hunt.open, SIDE_HOLDS);
}

void rules_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts)
{
	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule *rule = entry->rules[i];

		if (rule->when && rule->strength != UNOBSERVABLE && plan_has_rule(plan, rule))
			aim(plan, rule, drafts);
	}
}
