/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second pass: what may name things that come later in the files.
 */
#include "spec/load.h"

void load_later(struct load *load, struct work work)
{
	list_add(&load->works, arena_copy(load->arena, &work, sizeof(work)));
}

void load_run_later(struct load *load)
{
	for (size_t i = 0; i < load->works.count; i++) {
		const struct work *work = load->works.items[i];

		/* Constants are looked up from the chapter of the walk. */
		load->chapter = (struct chapter *)work->scope.chapter;
		work->run(load, work);
	}
	load->chapter = NULL;
}

static void run_expr(struct load *load, const struct work *work)
{
	*(const struct expr **)work->slot = scope_parse(load, &work->scope, work->node, work->wanted_bool);
}

void load_expr(struct load *load, const struct node *node, const struct expr **slot, bool wanted_bool, unsigned see)
{
	if (!load_is(load, node, NODE_SCALAR, "an expression"))
		return;
	load_later(load, (struct work){
				 .run = run_expr,
				 .node = node,
				 .slot = slot,
				 .wanted_bool = wanted_bool,
				 .scope = { .load = load, .chapter = load->chapter, .entry = load->entry, .see = see },
			 });
}
