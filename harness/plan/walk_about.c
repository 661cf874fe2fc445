/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk_about.c - what a walk is about: the entries it calls, the states they touch, and the arguments that name its subject.
 */
#include "plan/internal.h"

#include <string.h>

struct reads {
	bool *states;
};

static void see_state(void *context, const struct name *name)
{
	struct reads *reads = context;

	if (name->kind == NAME_STATE)
		reads->states[name->index] = true;
}

static void see_states(struct reads *reads, const struct expr *expr)
{
	if (expr)
		expr_names(expr, see_state, reads);
}

void entry_states(const struct entry *entry, bool *states)
{
	struct reads reads = { states };

	for (size_t i = 0; i < entry->rule_count; i++) {
		see_states(&reads, entry->rules[i]->when);
		see_states(&reads, entry->rules[i]->must);
	}
	for (size_t i = 0; i < entry->effect_count; i++) {
		states[entry->effects[i].state] = true;
		see_states(&reads, entry->effects[i].when);
		see_states(&reads, entry->effects[i].value);
	}
}

bool entry_sets_any(const struct entry *entry, const bool *states)
{
	for (size_t i = 0; i < entry->effect_count; i++)
		if (states[entry->effects[i].state])
			return true;
	return false;
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
	bool *states = arena_alloc(arena, spec->state_count + 1);
	bool secondary = false;

	memset(walk, 0, sizeof(*walk));
	walk->plan = plan;
	walk->arena = arena;
	walk->depth = plan->limits->walk_depth;
	walk->room = plan->limits->walk_nodes;
	walk->states = states;
	for (size_t i = 0; i < chapter->entry_count; i++)
		if (usable(plan, chapter->entries[i]))
			entry_states(chapter->entries[i], states);
	for (size_t i = 0; i < spec->entry_count; i++)
		if (usable(plan, spec->entries[i]) && entry_sets_any(spec->entries[i], states))
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
		.name = arg->name,
		.pick = plan_menu(walk->plan, keys->entry)->args[name->index].list[0],
	};
}

void walk_subjects(struct walk *walk)
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

const struct subject *walk_subject(const struct walk *walk, const struct arg *arg)
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
	walk_subjects(walk);
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
