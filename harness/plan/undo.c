/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * undo.c - the way back: calls after which the model is as it was after reset, so that the next case finds a clean blob.
 */
#include "plan/internal.h"

#include <string.h>

#define UNDO_DEPTH 3u
#define UNDO_NODES 60u

static bool at_reset(const struct walk *walk, const struct walk_node *node)
{
	return model_is_reset(walk->plan, node->model);
}

/* The subjects are what the case's calls were about, the main call's first. */
static void take_subjects(struct walk *walk, const struct draft *draft)
{
	walk_subjects(walk);
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
	walk_begin(walk, model, draft_is_up(plan, draft), at_reset);
	node = walk_run(walk);
	if (!node && restored(plan, draft))
		return 0;
	if (!node)
		node = walk_dare(walk);
	if (node && !walk_path(node, draft))
		return 0;
	if (!node)
		id_set_add(&plan->no_way_back, undo_hash(walk, model));
	return -1;
}
