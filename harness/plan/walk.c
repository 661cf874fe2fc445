/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk.c - the states of the model that calls can reach, and how to get there.
 *
 * A walk is about one thing at a time: one CPU, one event, one feature. The arguments that name it (the *subjects*) have the
 * same value in every call; the others are nominal, or odd where an odd value leads to another state. Breadth first, so that
 * the way to a state is a short one; nominal calls first, so that what an interface is about comes before data it just stores.
 */
#include "plan/internal.h"

#include <string.h>

#define HANDLES 3u /* of one kind, alive at the same time */

bool walk_call(const struct walk *walk, const struct draft *path, const struct entry *entry, unsigned back, struct planned *call)
{
	planned_nominal(walk->plan, entry, call);
	for (unsigned i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];
		const struct subject *subject = walk_subject(walk, arg);

		if (subject && subject->pick.value.source != VALUE_RESULT) {
			call->args[i] = subject->pick;
			if (subject->pick.seen.known)
				call->args[i].seen = value_of(subject->pick.seen.bits, arg->type->base);
		}
		if (call->args[i].value.source == VALUE_RESULT && !draft_link(walk->plan, path, call, i, back))
			return false;
	}
	return true;
}

int walk_path(const struct walk_node *node, struct draft *draft)
{
	const struct walk_node *way[CASE_STEPS];
	unsigned length = 0;

	for (; node->parent; node = node->parent)
		way[length++] = node;
	if (draft->count + length > CASE_STEPS)
		return -1;
	while (length)
		draft->calls[draft->count++] = *way[--length]->call;
	return 0;
}

static bool is_known(const struct walk *walk, uint64_t hash)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->hashes[i] == hash)
			return true;
	return false;
}

static uint64_t node_hash(const struct model *model, bool up)
{
	return hash_word(model_hash(model), up);
}

static struct walk_node *add_node(struct walk *walk, const struct walk_node *parent, const struct planned *call,
				  const struct model *model, bool up, uint64_t hash)
{
	struct walk_node *node = &walk->nodes[walk->count];

	walk->hashes[walk->count++] = hash;
	*node = (struct walk_node){ .parent = parent, .model = model_copy(walk->arena, model), .up = up };
	if (call)
		node->call = arena_copy(walk->arena, call, sizeof(*call));
	if (parent)
		node->depth = parent->depth + 1;
	if (walk->goal && walk->goal(walk, node))
		walk->found = node;
	return node;
}

/* Nothing that is still to come would be kept: a call that is not tried costs nothing. */
static bool is_over(const struct walk *walk)
{
	return walk->found || walk->count == walk->room;
}

static unsigned occurrences(const struct draft *path, const struct entry *entry)
{
	unsigned count = 0;

	for (unsigned i = 0; i < path->count; i++)
		count += path->calls[i].entry == entry;
	return count;
}

/*
 * A step to a state that was known is a case of its own when it changes something: what was started, stopped and is started
 * again. Walks back to reset have no use for it.
 */
static void arrive_again(struct walk *walk, const struct walk_node *from, const struct planned *call, const struct model *model,
			 bool up)
{
	uint64_t here = node_hash(from->model, from->up), there = node_hash(model, up);
	uint64_t hash = hash_word(hash_word(here, call->entry->number), there);

	if (here != there && !walk->prefix && !is_known(walk, hash))
		add_node(walk, from, call, model, up, hash)->again = true;
}

/* Takes a step, and keeps the state it leads to if it is a new one. */
static void take_step(struct walk *walk, const struct walk_node *from, const struct draft *path, struct planned *call)
{
	struct model model;
	bool up = from->up, doubtful;

	if (is_over(walk) || (call->hart && !up))
		return;
	if (entry_produces(call->entry) && occurrences(path, call->entry) && !model_is_reset(walk->plan, from->model))
		return; /* one thing at a time */
	model_assign(&model, from->model);
	if (model_call(walk->plan, &model, call, occurrences(path, call->entry), &doubtful) != PREDICT_SUCCESS || model.overflow)
		return;
	if (call_ends_guest(call) || (doubtful && !walk->daring))
		return;
	if (call_brings_up(walk->plan, call))
		up = true;
	if (call->hart && call->entry->outcomes & (OUTCOME_STOPS | OUTCOME_BLOCKS)) {
		up = false;
		call->async = call->entry->outcomes & OUTCOME_BLOCKS;
	}
	if (!is_known(walk, node_hash(&model, up)))
		add_node(walk, from, call, &model, up, node_hash(&model, up));
	else
		arrive_again(walk, from, call, &model, up);
}

static bool has_handle(const struct planned *call)
{
	for (unsigned i = 0; i < call->entry->arg_count; i++)
		if (call->args[i].value.source == VALUE_RESULT)
			return true;
	return false;
}

/* True if the step led somewhere new. Of several handles the last is tried first. */
static bool take_nominal(struct walk *walk, const struct walk_node *from, const struct draft *path, unsigned entry, bool sure)
{
	size_t before = walk->count;
	struct planned call;

	for (unsigned back = 0; back < HANDLES && walk_call(walk, path, walk->entries[entry], back, &call); back++) {
		if (!sure || !walk->says_when[entry] || call_must_succeed(walk->plan, from->model, &call))
			take_step(walk, from, path, &call);
		if (!has_handle(&call))
			break;
	}
	walk->taken[entry] |= walk->count > before;
	return walk->count > before;
}

static void take_variants(struct walk *walk, const struct walk_node *from, const struct draft *path, const struct entry *entry)
{
	const struct menu *menu = plan_menu(walk->plan, entry);
	struct planned call;

	if (!walk_call(walk, path, entry, 0, &call))
		return;
	for (unsigned a = 0; a < entry->arg_count; a++) {
		struct pick kept = call.args[a];

		if (walk_subject(walk, &entry->args[a]) || kept.value.source != VALUE_LITERAL)
			continue;
		for (size_t i = 0; i < menu->args[a].count && i < walk->plan->limits->variants; i++) {
			call.args[a] = menu->args[a].list[i];
			if (call.args[a].value.source == VALUE_LITERAL)
				take_step(walk, from, path, &call);
		}
		call.args[a] = kept;
	}
}

/* What a spec's author found worth trying often needs several arguments at once. */
static void take_samples(struct walk *walk, const struct walk_node *from, const struct draft *path, const struct entry *entry)
{
	struct planned call;

	for (size_t s = 0; s < entry->sample_count; s++) {
		if (!walk_call(walk, path, entry, 0, &call))
			return;
		for (unsigned a = 0; a < entry->arg_count; a++)
			if (entry->samples[s].has[a] && !entry->samples[s].content[a] && !walk_subject(walk, &entry->args[a]))
				call.args[a] = pick_literal(walk->arena, &entry->args[a], NULL, entry->samples[s].value[a]);
		take_step(walk, from, path, &call);
	}
}

/* bring_up as its spec writes it: the walk's own subject may be another CPU. */
static void take_bring_up(struct walk *walk, const struct walk_node *from, const struct draft *path)
{
	struct draft *draft = arena_alloc(walk->arena, sizeof(*draft));

	if (!from->up && !from->parent && !draft_bring_up(walk->plan, draft) && draft->count == 1)
		take_step(walk, from, path, &draft->calls[0]);
}

static bool has_bring_up(const struct walk *walk)
{
	const struct spec_call *bring_up = walk->plan->spec->convention.bring_up;

	for (unsigned i = 0; bring_up && i < walk->entry_count; i++)
		if (walk->entries[i] == bring_up->entry)
			return true;
	return false;
}

static bool path_to(const struct walk *walk, const struct walk_node *node, struct draft *path)
{
	path->count = 0;
	if (walk->prefix)
		draft_copy(path, walk->prefix);
	return !node->again && node->depth < walk->depth && !walk_path(node, path);
}

/* All sure steps, until there are no new ones. */
static void take_sure_steps(struct walk *walk, struct draft *path)
{
	for (size_t next = 0; next < walk->count && !is_over(walk); next++) {
		struct walk_node *node = &walk->nodes[next];

		if (node->left || !path_to(walk, node, path))
			continue;
		node->left = true;
		for (unsigned e = 0; e < walk->entry_count; e++)
			take_nominal(walk, node, path, e, true);
		if (has_bring_up(walk))
			take_bring_up(walk, node, path);
	}
}

/* An entry that is never sure to succeed is called where it may, once. */
static bool take_first_chance(struct walk *walk, struct draft *path, unsigned entry)
{
	size_t count = walk->count;

	for (size_t next = 0; next < count; next++)
		if (path_to(walk, &walk->nodes[next], path) && take_nominal(walk, &walk->nodes[next], path, entry, false))
			return true;
	return false;
}

void walk_begin(struct walk *walk, const struct model *start, bool up, walk_goal goal)
{
	static const struct model reset;

	start = start ? start : &reset;
	walk->nodes = arena_new_array(walk->arena, struct walk_node, walk->room);
	walk->hashes = arena_new_array(walk->arena, uint64_t, walk->room);
	walk->count = 0;
	walk->goal = goal;
	walk->found = NULL;
	add_node(walk, NULL, NULL, start, up, node_hash(start, up));
}

const struct walk_node *walk_run(struct walk *walk)
{
	struct draft *path = arena_alloc(walk->arena, sizeof(*path));

	for (unsigned e = 0; e < walk->entry_count; e++)
		walk->says_when[e] = entry_says_when(walk->plan, walk->entries[e]);
	take_sure_steps(walk, path);
	for (unsigned e = 0; e < walk->entry_count && !is_over(walk); e++)
		if (!walk->taken[e] && take_first_chance(walk, path, e))
			take_sure_steps(walk, path);
	return walk->found;
}

const struct walk_node *walk_dare(struct walk *walk)
{
	struct draft *path = arena_alloc(walk->arena, sizeof(*path));

	walk->daring = true;
	for (size_t next = 0; next < walk->count && !is_over(walk); next++) {
		const struct walk_node *node = &walk->nodes[next];

		if (!path_to(walk, node, path))
			continue;
		for (unsigned e = 0; e < walk->entry_count; e++) {
			take_nominal(walk, node, path, e, false);
			take_variants(walk, node, path, walk->entries[e]);
			take_samples(walk, node, path, walk->entries[e]);
		}
	}
	return walk->found;
}
