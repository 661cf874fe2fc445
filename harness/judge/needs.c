/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * needs.c - what observations tell of the needs of consumers: found on the way, while calls are judged.
 *
 * A need over calls is broken by one call that breaks it, and met when there was one that it is over (one with each value of `each`) and none broke it. Whether an
 * entry is there follows from how it stands to the blob; a structure is there when it was seen in the guest's memory.
 */
#include "judge/private.h"

#include <string.h>

static void watch(struct judge *judge, struct watched_need *watched, const struct entry *entry)
{
	watched->next = judge->needs_of[entry->number];
	judge->needs_of[entry->number] = watched;
}

void needs_begin(struct judge *judge)
{
	const struct consumers *consumers = judge->config.consumers;

	judge->needs_of = arena_new_array(judge->arena, struct watched_need *, judge->spec->entry_count + 1);
	judge->needs = arena_new_array(judge->arena, struct watched_need *, consumers ? consumers->count + 1 : 1);
	for (size_t i = 0; consumers && i < consumers->count; i++) {
		const struct consumer *consumer = consumers->list[i];

		judge->needs[i] = arena_new_array(judge->arena, struct watched_need, consumer->need_count);
		for (size_t k = 0; k < consumer->need_count; k++) {
			judge->needs[i][k].need = &consumer->needs[k];
			if (consumer->needs[k].must)
				watch(judge, &judge->needs[i][k], consumer->needs[k].entries[0]);
		}
	}
}

/* ---- needs over calls ---- */

static void break_need(struct judge *judge, struct watched_need *watched, const struct world *world, const char *case_id)
{
	char got[512] = "";

	if (watched->finding.state == NEED_BROKEN)
		return;
	expr_explain(watched->need->must, &world->env, got, sizeof(got));
	watched->finding.state = NEED_BROKEN;
	watched->finding.case_id = arena_strdup(judge->arena, case_id);
	watched->finding.got = arena_strdup(judge->arena, got);
}

static bool is_complete(const struct watched_need *watched)
{
	return !watched->need->each || (unsigned)__builtin_popcountll(watched->seen) == need_each_count(watched->need);
}

static void observe(struct judge *judge, struct watched_need *watched, const struct world *world, const char *case_id)
{
	const struct need *need = watched->need;
	int each = need->each ? need_each(need, world->step->args[need->each_arg]) : 0;
	struct value value;

	if (each < 0 || (need->when && !value_is_true(expr_eval(need->when, &world->env))))
		return;
	value = expr_eval(need->must, &world->env);
	if (!value.known)
		return;
	watched->finding.observations++;
	watched->seen |= UINT64_C(1) << each;
	if (!value.bits)
		break_need(judge, watched, world, case_id);
	else if (watched->finding.state == NEED_UNKNOWN && is_complete(watched))
		watched->finding.state = NEED_MET;
}

/* Is what was seen of a structure what a consumer would see, in the guest's memory? */
static bool is_in_memory(const struct world *world)
{
	return world->structure.size && world->structure.bytes == world->step->buffers[0].after;
}

/* What is known of whether the entry is there: by the first thing that was seen of it. */
static void note_presence(struct judge *judge, const struct world *world)
{
	enum need_state *presence = &judge->infos[world->entry->number].presence;

	if (world->entry->is_structure)
		*presence = *presence == NEED_MET || is_in_memory(world) ? NEED_MET : NEED_BROKEN;
	else if (world->standing == STANDING_MISSING)
		*presence = NEED_BROKEN;
	else if (*presence == NEED_UNKNOWN && world->standing == STANDING_THERE && world->outcome < RECORD_CRASH)
		*presence = NEED_MET;
}

void needs_observe(struct judge *judge, const struct world *world, const char *case_id)
{
	note_presence(judge, world);
	if (world->standing != STANDING_THERE || (world->entry->is_structure && !is_in_memory(world)))
		return;
	for (struct watched_need *watched = judge->needs_of[world->entry->number]; watched; watched = watched->next)
		observe(judge, watched, world, case_id);
}

/* ---- answers ---- */

static enum need_state presence_of(const struct judge *judge, const struct entry *entry)
{
	const struct entry_info *info = &judge->infos[entry->number];

	if (info->standing == STANDING_ABSENT || info->standing == STANDING_OUTSIDE)
		return NEED_BROKEN;
	/* a chapter that was asked for, and is there, need not be called */
	if (info->presence == NEED_UNKNOWN && info->standing == STANDING_THERE && entry->chapter->presence && !entry->absent)
		return NEED_MET;
	return info->presence;
}

/* One of them will do. */
static enum need_state any_presence(const struct judge *judge, const struct need *need)
{
	enum need_state state = NEED_BROKEN;

	for (size_t i = 0; i < need->entry_count; i++) {
		enum need_state one = presence_of(judge, need->entries[i]);

		if (one == NEED_MET)
			return NEED_MET;
		if (one == NEED_UNKNOWN)
			state = NEED_UNKNOWN;
	}
	return state;
}

struct need_finding judge_need(const struct judge *judge, size_t consumer, size_t number)
{
	const struct need *need = judge->needs[consumer][number].need;
	struct need_finding finding = judge->needs[consumer][number].finding;
	const struct entry *entry = need->entry_count ? need->entries[0] : NULL;

	if (need->unobservable) {
		finding.state = NEED_UNKNOWN;
	} else if (!need->must) {
		finding.state = any_presence(judge, need);
		finding.got = finding.state == NEED_BROKEN ? "not there" : NULL;
	} else if (finding.state == NEED_UNKNOWN && entry && !entry->is_structure && presence_of(judge, entry) == NEED_BROKEN) {
		finding.state = NEED_ABSENT;
	}
	return finding;
}
