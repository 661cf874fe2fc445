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

#define HANDLES 3u	/* of one kind, alive at the same time */
#define UNDO_DEPTH 3u
#define UNDO_NODES 60u

struct reads {
	bool *states;		/* collects ... */
	const bool *wanted;	/* ... or tells whether one of these is read */
	bool found;
};

static void see_state(void *context, const struct name *name)
{
	struct reads *reads = context;

	if (name->kind != NAME_STATE)
		return;
	if (reads->states)
		reads->states[name->index] = true;
	else
		reads->found |= reads->wanted[name->index];
}

static void see_states(struct reads *reads, const struct expr *expr)
{
	if (expr)
		expr_names(expr, see_state, reads);
}

static void states_of(const struct entry *entry, struct reads *reads)
{
	for (size_t i = 0; i < entry->rule_count; i++) {
		see_states(reads, entry->rules[i]->when);
		see_states(reads, entry->rules[i]->must);
	}
	for (size_t i = 0; i < entry->effect_count; i++) {
		reads->states[entry->effects[i].state] = true;
		see_states(reads, entry->effects[i].when);
		see_states(reads, entry->effects[i].value);
	}
}

bool entry_sets_any(const struct entry *entry, const bool *states)
{
	for (size_t i = 0; i < entry->effect_count; i++)
		if (states[entry->effects[i].state])
			return true;
	return false;
}

bool entry_reads_any(const struct entry *entry, const bool *states)
{
	struct reads reads = { NULL, states, false };

	for (size_t i = 0; i < entry->rule_count; i++) {
		see_states(&reads, entry->rules[i]->when);
		see_states(&reads, entry->rules[i]->must);
	}
	return reads.found || entry_sets_any(entry, states);
}

static bool usable(const struct plan *plan, const struct entry *entry)
{
	return plan_has_entry(plan, entry) && plan_is_present(plan, entry) && !entry->is_structure;
}

static void add_entry(struct walk *walk, const struct entry *entry)
{
	for (unsigned i = 0; i < walk->entry_count; i++)
		if (walk->entries[i] == entry)
			return;
	if (walk->entry_count < WALK_ENTRIES)
		walk->entries[walk->entry_count++] = entry;
}

void walk_init(struct walk *walk, struct plan *plan, struct arena *arena, const struct chapter *chapter)
{
	const struct spec *spec = plan->spec;
	struct reads reads = { .states = arena_alloc(arena, spec->state_count + 1) };
	bool secondary = false;

	memset(walk, 0, sizeof(*walk));
	walk->plan = plan;
	walk->arena = arena;
	walk->depth = plan->limits->walk_depth;
	walk->room = plan->limits->walk_nodes;
	walk->states = reads.states;
	for (size_t i = 0; i < chapter->entry_count; i++)
		if (usable(plan, chapter->entries[i]))
			states_of(chapter->entries[i], &reads);
	for (size_t i = 0; i < spec->entry_count; i++)
		if (usable(plan, spec->entries[i]) && entry_sets_any(spec->entries[i], reads.states))
			add_entry(walk, spec->entries[i]);
	for (unsigned i = 0; i < walk->entry_count; i++)
		secondary |= walk->entries[i]->secondary;
	for (size_t i = 0; i < chapter->entry_count; i++)
		secondary |= chapter->entries[i]->secondary;
	if (secondary && spec->convention.bring_up && usable(plan, spec->convention.bring_up->entry))
		add_entry(walk, spec->convention.bring_up->entry);
}

/* ---- subjects ---- */

struct keys {
	struct walk *walk;
	const struct entry *entry;
};

static void see_key(void *context, const struct name *name)
{
	struct keys *keys = context;
	struct walk *walk = keys->walk;
	const struct arg *arg;

	if (name->kind != NAME_ARG || walk->subject_count == WALK_SUBJECTS)
		return;
	arg = &keys->entry->args[name->index];
	if (arg->role == ROLE_BUFFER || arg->role == ROLE_CODE)
		return;
	for (unsigned i = 0; i < walk->subject_count; i++)
		if (!strcmp(walk->subjects[i].name, arg->name))
			return;
	walk->subjects[walk->subject_count++] = (struct subject){
		.name = arg->name, .pick = plan_menu(walk->plan, keys->entry)->args[name->index].list[0],
	};
}

static void find_subjects(struct walk *walk)
{
	walk->subject_count = 0;
	for (unsigned e = 0; e < walk->entry_count; e++) {
		struct keys keys = { walk, walk->entries[e] };

		for (size_t i = 0; i < keys.entry->effect_count; i++)
			for (unsigned k = 0; k < keys.entry->effects[i].keys; k++)
				if (keys.entry->effects[i].key[k])
					expr_names(keys.entry->effects[i].key[k], see_key, &keys);
	}
}

static const struct subject *subject_of(const struct walk *walk, const struct arg *arg)
{
	for (unsigned i = 0; i < walk->subject_count; i++)
		if (!strcmp(walk->subjects[i].name, arg->name))
			return &walk->subjects[i];
	return NULL;
}

/* The picks that a subject can have: those of the first entry that has it. */
static const struct picks *subject_picks(const struct walk *walk, const char *name)
{
	for (unsigned e = 0; e < walk->entry_count; e++) {
		const struct entry *entry = walk->entries[e];

		for (unsigned i = 0; i < entry->arg_count; i++)
			if (!strcmp(entry->args[i].name, name))
				return &plan_menu(walk->plan, entry)->args[i];
	}
	return NULL;
}

/* The n-th choice counts through the other values of each subject in turn. A handle has only the value that was produced. */
bool walk_choose(struct walk *walk, unsigned n)
{
	find_subjects(walk);
	for (size_t i = 1; n; i++) {
		bool any = false;

		for (unsigned s = 0; s < walk->subject_count && n; s++) {
			struct subject *subject = &walk->subjects[s];
			const struct picks *picks = subject_picks(walk, subject->name);

			if (!picks || i >= picks->count || picks->list[0].value.source == VALUE_RESULT)
				continue;
			any = true;
			if (!--n)
				subject->pick = picks->list[i];
		}
		if (!any)
			return false;
	}
	return true;
}

/* ---- steps ---- */

bool walk_call(const struct walk *walk, const struct draft *path, const struct entry *entry, unsigned back, struct planned *call)
{
	planned_nominal(walk->plan, entry, call);
	for (unsigned i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];
		const struct subject *subject = subject_of(walk, arg);

		if (subject && subject->pick.value.source != VALUE_RESULT) {
			call->args[i] = subject->pick;
			if (subject->pick.seen.known)
				call->args[i].seen = value_of(subject->pick.seen.bits, arg->type->base);
		}
		if (call->args[i].value.source == VALUE_RESULT && !draft_link(path, call, i, back))
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
	return node;
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
static void arrive_again(struct walk *walk, const struct walk_node *from, const struct planned *call, const struct model *model, bool up)
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

	if (call->hart && !up)
		return;
	if (entry_produces(call->entry) && occurrences(path, call->entry) && !model_is_reset(walk->plan, from->model))
		return;	/* one thing at a time */
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
	if (walk->count == walk->room)
		return;
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

		if (subject_of(walk, &entry->args[a]) || kept.value.source != VALUE_LITERAL)
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
			if (entry->samples[s].has[a] && !entry->samples[s].content[a] && !subject_of(walk, &entry->args[a]))
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
static const struct walk_node *take_sure_steps(struct walk *walk, struct draft *path, walk_goal goal)
{
	for (size_t next = 0; next < walk->count; next++) {
		struct walk_node *node = &walk->nodes[next];

		if (goal && goal(walk, node))
			return node;
		if (node->left || !path_to(walk, node, path))
			continue;
		node->left = true;
		for (unsigned e = 0; e < walk->entry_count; e++)
			take_nominal(walk, node, path, e, true);
		if (has_bring_up(walk))
			take_bring_up(walk, node, path);
	}
	return NULL;
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

void walk_begin(struct walk *walk, const struct model *start, bool up)
{
	static const struct model reset;

	start = start ? start : &reset;
	walk->nodes = arena_new_array(walk->arena, struct walk_node, walk->room);
	walk->hashes = arena_new_array(walk->arena, uint64_t, walk->room);
	walk->count = 0;
	add_node(walk, NULL, NULL, start, up, node_hash(start, up));
}

const struct walk_node *walk_run(struct walk *walk, walk_goal goal)
{
	struct draft *path = arena_alloc(walk->arena, sizeof(*path));
	const struct walk_node *found;

	for (unsigned e = 0; e < walk->entry_count; e++)
		walk->says_when[e] = entry_says_when(walk->plan, walk->entries[e]);
	found = take_sure_steps(walk, path, goal);
	for (unsigned e = 0; e < walk->entry_count && !found; e++)
		if (!walk->taken[e] && take_first_chance(walk, path, e))
			found = take_sure_steps(walk, path, goal);
	return found;
}

const struct walk_node *walk_dare(struct walk *walk, walk_goal goal)
{
	struct draft *path = arena_alloc(walk->arena, sizeof(*path));

	walk->daring = true;
	for (size_t next = 0; next < walk->count; next++) {
		const struct walk_node *node = &walk->nodes[next];

		if (goal && goal(walk, node))
			return node;
		if (!path_to(walk, node, path))
			continue;
		for (unsigned e = 0; e < walk->entry_count; e++) {
			take_nominal(walk, node, path, e, false);
			take_variants(walk, node, path, walk->entries[e]);
			take_samples(walk, node, path, walk->entries[e]);
		}
	}
	return NULL;
}

/* ---- the way back ---- */

static bool at_reset(const struct walk *walk, const struct walk_node *node)
{
	return model_is_reset(walk->plan, node->model);
}

/* The subjects are what the case's calls were about, the main call's first. */
static void take_subjects(struct walk *walk, const struct draft *draft)
{
	find_subjects(walk);
	for (unsigned s = 0; s < walk->subject_count; s++) {
		for (unsigned c = 0; c <= draft->count; c++) {
			const struct planned *call = &draft->calls[c ? c - 1 : draft->main];
			bool found = false;

			for (unsigned i = 0; i < call->entry->arg_count && !found; i++)
				if (!strcmp(call->entry->args[i].name, walk->subjects[s].name)) {
					walk->subjects[s].pick = call->args[i];
					found = true;
				}
			if (found)
				break;
		}
	}
}

/* The restoring calls of whatever was called, the last one's first. */
static int restore_all(struct plan *plan, struct draft *draft)
{
	unsigned count = draft->count;

	for (unsigned c = count; c-- > 0;) {
		struct planned call = draft->calls[c];

		if (!call.join && draft_restore(plan, draft, &call, NULL))
			return -1;
	}
	return 0;
}

static bool restored(struct plan *plan, struct draft *draft)
{
	unsigned before = draft->count;
	struct model model;

	if (!restore_all(plan, draft) && draft->count > before) {
		draft_model(plan, draft, draft->count, &model);
		if (model_is_reset(plan, &model))
			return true;
	}
	draft->count = before;
	return false;
}

/* What decides whether there is a way back: the state, what the walk is about, and which handles there are to use. */
static uint64_t undo_hash(const struct walk *walk, const struct model *model)
{
	uint64_t hash = model_hash(model);

	for (unsigned c = 0; c < walk->prefix->count; c++)
		if (entry_produces(walk->prefix->calls[c].entry))
			hash = hash_word(hash, walk->prefix->calls[c].entry->number);
	for (unsigned s = 0; s < walk->subject_count; s++)
		hash = hash_word(hash, walk->subjects[s].pick.value.literal);
	return hash;
}

int walk_undo(struct plan *plan, struct draft *draft, const struct model *model)
{
	const struct chapter *chapter = draft->calls[draft->main].entry->chapter;
	const struct walk_node *node;
	struct walk *walk;

	arena_reset(plan->search);
	walk = arena_alloc(plan->search, sizeof(*walk));
	walk_init(walk, plan, plan->search, chapter);
	walk->depth = UNDO_DEPTH;
	walk->room = UNDO_NODES;
	walk->prefix = draft;
	take_subjects(walk, draft);
	if (plan->no_way_back_of != chapter)
		id_set_clear(&plan->no_way_back);
	plan->no_way_back_of = chapter;
	if (id_set_has(&plan->no_way_back, undo_hash(walk, model)))
		return -1;
	walk_begin(walk, model, draft_is_up(plan, draft));
	node = walk_run(walk, at_reset);
	if (!node && restored(plan, draft))
		return 0;
	if (!node)
		node = walk_dare(walk, at_reset);
	if (node && !walk_path(node, draft))
		return 0;
	if (!node)
		id_set_add(&plan->no_way_back, undo_hash(walk, model));
	return -1;
}
