/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directed.c - for every rule a case in which its `when` holds, and one in which it does not.
 *
 * The other side matters as much: a blob that always answers "invalid parameter" passes every rule about bad parameters.
 */
#include "plan/internal.h"

#include <string.h>

#define TRIES	     600u /* choices of values per rule and place, where calls come before */
#define SIMPLE_TRIES 4000u
#define RANDOM_TRIES 200u

enum side { SIDE_HOLDS, SIDE_NOT, SIDE_OPEN, SIDE_COUNT };

struct hunt {
	struct plan *plan;
	const struct rule *rule;
	struct drafts *drafts;
	const struct walk *walk; /* where the call is made: a state of a walk, or after reset and `prepare` */
	const struct walk_node *node;
	unsigned found[SIDE_COUNT], wanted[SIDE_COUNT], tries;
	bool reads_state, reads_result, mentioned[SPEC_ARGS];
	bool simple; /* nothing comes before the call */
	struct draft *open; /* the first case that may or may not be on the side: of a rule that depends on what is seen */
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
	if (hunt->tries >= (hunt->simple ? SIMPLE_TRIES : TRIES))
		return true;
	for (unsigned side = 0; side < SIDE_OPEN; side++)
		if (hunt->found[side] < hunt->wanted[side])
			return false;
	return !hunt->plan->vague || hunt->open;
}

/* The case of a call where the hunt is now, up to the call itself. */
static int place(struct hunt *hunt, const struct planned *main, struct draft *draft)
{
	if (hunt->node)
		return walk_case(hunt->walk, hunt->node, main, draft);
	return draft_around(hunt->plan, draft, main, true);
}

static enum side side_of_value(struct value when)
{
	return !when.known ? SIDE_OPEN : when.bits ? SIDE_HOLDS : SIDE_NOT;
}

/* First without the results, which is cheap, and then with those that the rules predict. */
static enum side side_of(struct hunt *hunt, const struct planned *call, const struct model *model, unsigned occurrence)
{
	struct sight sight = { .plan = hunt->plan, .call = call, .model = model, .prediction = PREDICT_OPEN };
	enum side side = side_of_value(sight_eval(&sight, hunt->rule->when));

	if (side != SIDE_OPEN || !hunt->reads_result)
		return side;
	model_predict(&sight, occurrence);
	return side_of_value(sight_eval(&sight, hunt->rule->when));
}

/* Calls that are made before the main one decide the state; without any it is the one after reset. */
static enum side side_of_draft(struct hunt *hunt, const struct draft *draft)
{
	struct model model;

	draft_model(hunt->plan, draft, draft->main, &model);
	return side_of(hunt, &draft->calls[draft->main], &model, draft_occurrence(draft, draft->main));
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
	static const struct model reset;
	struct draft *draft = &hunt->plan->draft;
	enum side side;

	if (done(hunt))
		return;
	hunt->tries++;
	if (hunt->simple || hunt->node) {
		side = side_of(hunt, main, hunt->node ? hunt->node->model : &reset, 0);
		if (!hunt->plan->vague && hunt->found[side] >= hunt->wanted[side])
			return;
	}
	draft_begin(draft, STRATEGY_RULE);
	arena_reset(hunt->plan->search);
	if (place(hunt, main, draft))
		return;
	side = side_of_draft(hunt, draft);
	if (hunt->plan->vague && side == SIDE_HOLDS)
		side = SIDE_OPEN;
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

struct seeds {
	size_t count;
	uint64_t list[24];
};

static void see_seed(void *context, uint64_t bits)
{
	struct seeds *seeds = context;

	if (seeds->count < PLAN_COUNT(seeds->list))
		seeds->list[seeds->count++] = bits;
}

/* Is it nominal, an end, or next to a number that the rule speaks of? */
static bool is_hot(const struct pick *pick, const struct pick *nominal, const struct seeds *seeds)
{
	uint64_t bits = pick->seen.bits;

	if (pick == nominal || !pick->seen.known || bits < 2 || bits == ~UINT64_C(0) || pick->value.source != VALUE_LITERAL)
		return true;
	for (size_t i = 0; i < seeds->count; i++)
		if (bits + 1 - int_truncate(seeds->list[i], pick->seen.type) < 3)
			return true;
	return false;
}

/* All combinations of the few values of each argument that this rule could care about. */
static void vary_hot(struct hunt *hunt, struct planned *main, unsigned first, const struct seeds *seeds)
{
	const struct picks *picks;
	struct pick kept;
	unsigned a = first;

	while (a < main->entry->arg_count && !hunt->mentioned[a])
		a++;
	if (a == main->entry->arg_count) {
		try(hunt, main);
		return;
	}
	picks = &plan_menu(hunt->plan, main->entry)->args[a];
	kept = main->args[a];
	for (size_t i = 0; i < picks->count && !done(hunt); i++) {
		if (!is_hot(&picks->list[i], picks->list, seeds))
			continue;
		main->args[a] = picks->list[i];
		vary_hot(hunt, main, a + 1, seeds);
	}
	main->args[a] = kept;
}

static void search(struct hunt *hunt, const struct planned *nominal)
{
	struct planned main = *nominal;
	struct seeds seeds = { 0 };

	hunt->tries = 0;
	try(hunt, &main);
	for (size_t s = 0; s < main.entry->sample_count; s++) {
		sample_call(hunt->plan, main.entry, s, &main);
		try(hunt, &main);
	}
	main = *nominal;
	vary(hunt, &main, 0, 1, false);
	vary(hunt, &main, 0, 2, false);
	if (hunt->reads_result)
		vary(hunt, &main, 0, 1, true);
	main = *nominal;
	hunt->tries = 0;
	expr_literals(hunt->rule->when, see_seed, &seeds);
	vary_hot(hunt, &main, 0, &seeds);
	hunt->tries = 0;
	main = *nominal;
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
		if (walk_path(hunt->node, path) || !walk_call(walk, path, hunt->rule->entry, 0, &main))
			continue;
		try(hunt, &main);
		vary(hunt, &main, 0, 1, false);
	}
	hunt->node = NULL;
}

/* Nothing is known of the rule's reach: perhaps it depends on an answer that only the blob can give. */
static void search_vaguely(struct hunt *hunt, const struct planned *nominal)
{
	hunt->plan->vague = true;
	hunt->reads_result = false;
	hunt->wanted[SIDE_HOLDS] = hunt->wanted[SIDE_NOT] = 0;
	search(hunt, nominal);
	hunt->plan->vague = false;
}

static bool needs_handles(const struct entry *entry)
{
	for (unsigned i = 0; i < entry->arg_count; i++)
		if (entry->args[i].role == ROLE_HANDLE)
			return true;
	return false;
}

static void aim(struct plan *plan, const struct rule *rule, struct drafts *drafts)
{
	unsigned witnesses = plan->limits->witnesses;
	struct hunt hunt = { .plan = plan,
			     .rule = rule,
			     .drafts = drafts,
			     .wanted = { witnesses, rule->strength == UNSPECIFIED ? 0 : witnesses, 1 } };
	struct planned nominal;

	expr_names(rule->when, see_name, &hunt);
	hunt.simple = !rule->entry->prepare_count && !rule->entry->secondary && !needs_handles(rule->entry);
	planned_nominal(plan, rule->entry, &nominal);
	search(&hunt, &nominal);
	if (hunt.reads_state && (hunt.found[SIDE_HOLDS] < witnesses || hunt.found[SIDE_NOT] < hunt.wanted[SIDE_NOT])) {
		const struct walk_cache *walks = plan_walks(plan, rule->entry->chapter);

		for (unsigned w = 0; w < walks->count; w++)
			search_walk(&hunt, walks->walks[w]);
	}
	if (!hunt.found[SIDE_HOLDS] && !hunt.open)
		search_vaguely(&hunt, &nominal);
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
