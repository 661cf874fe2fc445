/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directed.c - for every rule a case in which its `when` holds, and one in which it does not.
 *
 * The other side matters as much: a blob that always answers "invalid parameter" passes every rule about bad parameters.
 */
#include "plan/internal.h"

#include <stdlib.h>
#include <string.h>

#define TRIES	      600u /* choices of values per rule and place, where calls come before */
#define SIMPLE_TRIES  4000u
#define RANDOM_TRIES  200u
#define SOLVED_STATES 6u /* of those that a rule can tell apart: in which whoever can solve is asked */

enum side { SIDE_HOLDS, SIDE_NOT, SIDE_OPEN, SIDE_COUNT };

struct hunt {
	struct plan *plan;
	const struct rule *rule;
	struct drafts *drafts;
	const struct walk *walk; /* where the call is made: a state of a walk, or after reset and `prepare` */
	const struct walk_node *node;
	unsigned found[SIDE_COUNT], wanted[SIDE_COUNT], tries;
	bool reads_state, reads_result, mentioned[SPEC_ARGS];
	bool chosen; /* something that the rule reads is the caller's choice */
	bool reads_given; /* memory that the caller fills */
	enum side_answer answer[SIDE_COUNT]; /* the worst, of whoever was asked for it */
	bool simple; /* nothing comes before the call */
	struct draft *open; /* the first case that may or may not be on the side: of a rule that depends on what is seen */
};

static void see_name(void *context, const struct name *name)
{
	struct hunt *hunt = context;

	hunt->chosen |= name->kind == NAME_ARG || name->kind == NAME_BUFFER;
	if (name->kind == NAME_ARG)
		hunt->mentioned[name->index] = true;
	if (name->kind == NAME_BUFFER)
		hunt->mentioned[hunt->rule->entry->buffers[name->index]] = true;
	hunt->reads_state |= name->kind == NAME_STATE;
	hunt->reads_result |= name->kind == NAME_RESULT || name->kind == NAME_OUTCOME || name->kind == NAME_LAND;
	if (name->kind == NAME_BUFFER)
		hunt->reads_given |= hunt->rule->entry->args[hunt->rule->entry->buffers[name->index]].direction & DIRECTION_IN;
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

/*
 * Nothing is known of the rule's reach: perhaps it depends on an answer that only the blob can give. Then it is looked at with
 * nothing known of that.
 */
static void vaguely(struct hunt *hunt, const struct planned *main, void (*look)(struct hunt *hunt, const struct planned *main))
{
	struct hunt kept = *hunt;

	hunt->plan->vague = true;
	hunt->reads_result = false;
	hunt->wanted[SIDE_HOLDS] = hunt->wanted[SIDE_NOT] = 0;
	look(hunt, main);
	hunt->plan->vague = false;
	hunt->reads_result = kept.reads_result;
	memcpy(hunt->wanted, kept.wanted, sizeof(hunt->wanted));
}

/* ---- what trying did not find ---- */

static bool is_missing(const struct hunt *hunt, enum side side)
{
	return !hunt->found[side] && hunt->wanted[side] && !hunt->open;
}

/* A case that may be on the side will do, but for a rule about memory: what lies where there is none may be anything. */
static bool is_worth_asking(const struct hunt *hunt, enum side side)
{
	return is_missing(hunt, side) || (hunt->reads_given && !hunt->found[side] && hunt->wanted[side]);
}

/* In the state that is reached where the call is made. */
static void solve_at(struct hunt *hunt, enum side side, const struct model *model, const struct planned *usual)
{
	struct solved_reads reads = { .answer = hunt->reads_result, .sure = hunt->open };
	struct planned main;
	enum side_answer answer;

	planned_copy(&main, usual);
	memcpy(reads.args, hunt->mentioned, sizeof(reads.args));
	answer = solved_call(hunt->plan, hunt->rule, side == SIDE_HOLDS, model, &reads, &main);
	if (answer == SIDE_UNDECIDED)
		hunt->answer[side] = answer;
	hunt->tries = 0;
	if (answer != SIDE_SOLVED)
		return;
	try(hunt, &main);
	if (side == SIDE_HOLDS && is_missing(hunt, side))
		vaguely(hunt, &main, try);
}

static void solve_nominal(struct hunt *hunt, enum side side, const struct planned *nominal)
{
	struct draft *draft = &hunt->plan->draft;
	struct model model;

	draft_begin(draft, STRATEGY_RULE);
	arena_reset(hunt->plan->search);
	if (draft_around(hunt->plan, draft, nominal, true))
		return;
	draft_model(hunt->plan, draft, draft->main, &model);
	solve_at(hunt, side, &model, nominal);
}

struct rule_states {
	bool *read;
};

static void see_state(void *context, const struct name *name)
{
	if (name->kind == NAME_STATE)
		((struct rule_states *)context)->read[name->index] = true;
}

/* What is too hard in one state is so in others. */
static bool may_ask(const struct hunt *hunt, enum side side, const struct id_set *seen)
{
	return is_missing(hunt, side) && hunt->answer[side] != SIDE_UNDECIDED && seen->count < SOLVED_STATES;
}

/* At nodes that differ in what the rule sees of the state. */
static void solve_walk(struct hunt *hunt, enum side side, const struct walk *walk, const bool *states, struct id_set *seen)
{
	struct draft *path = arena_alloc(hunt->plan->stage, sizeof(*path));

	hunt->walk = walk;
	for (size_t n = 0; n < walk->count && may_ask(hunt, side, seen); n++) {
		struct planned main;

		hunt->node = &walk->nodes[n];
		path->count = 0;
		if (!id_set_add(seen, model_hash_of(hunt->node->model, states)) || walk_path(hunt->node, path) ||
		    !walk_call(walk, path, hunt->rule->entry, 0, &main))
			continue;
		solve_at(hunt, side, hunt->node->model, &main);
	}
	hunt->node = NULL;
}

static void solve_walks(struct hunt *hunt, enum side side)
{
	const struct walk_cache *walks = plan_walks(hunt->plan, hunt->rule->entry->chapter);
	struct rule_states states = { arena_alloc(hunt->plan->stage, hunt->plan->spec->state_count + 1) };
	struct id_set seen = { 0 };

	expr_names(hunt->rule->when, see_state, &states);
	for (unsigned w = 0; w < walks->count; w++)
		solve_walk(hunt, side, walks->walks[w], states.read, &seen);
	free(seen.slots);
}

static void solve(struct hunt *hunt, const struct planned *nominal)
{
	for (enum side side = 0; side < SIDE_OPEN && hunt->plan->options.solver && hunt->chosen; side++) {
		if (is_worth_asking(hunt, side))
			solve_nominal(hunt, side, nominal);
		if (is_missing(hunt, side) && hunt->reads_state)
			solve_walks(hunt, side);
	}
}

static void tell_gap(struct hunt *hunt, enum side side)
{
	struct plan *plan = hunt->plan;
	struct plan_gap gap = { hunt->rule, side == SIDE_HOLDS, GAP_NO_VALUES };

	if (!is_missing(hunt, side))
		return;
	for (size_t i = 0; i < plan->gap_count; i++)
		if (plan->gaps[i].rule == gap.rule && plan->gaps[i].holds == gap.holds)
			return;
	if (!hunt->chosen)
		gap.why = GAP_NO_CHOICE;
	else if (!plan->options.solver)
		gap.why = GAP_UNSOLVED;
	else if (hunt->answer[side] == SIDE_UNDECIDED)
		gap.why = GAP_UNDECIDED;
	plan->gaps = xrealloc(plan->gaps, (plan->gap_count + 1) * sizeof(gap));
	plan->gaps[plan->gap_count++] = gap;
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
		vaguely(&hunt, &nominal, search);
	solve(&hunt, &nominal);
	tell_gap(&hunt, SIDE_HOLDS);
	tell_gap(&hunt, SIDE_NOT);
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
