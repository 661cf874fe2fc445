/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/run.h"

#include "run/engine.h"

static const struct plan_case *next_of_plan(void *plan)
{
	return plan_next(plan);
}

/* An interrupt may come before all of the stretch that the record ends in was seen again. */
static void hand_on_the_rest(struct past *past, const struct run_sink *sink)
{
	for (; past->next; past_step(past))
		sink->known(sink->context, past->next);
}

int run_plan(const struct run_config *config, const struct survey *survey, struct plan *plan, const char *past,
	     const struct run_sink *sink, struct run_stats *stats, struct err *err)
{
	arena_auto struct arena *arena = arena_new();
	struct engine engine = {
		.config = config,
		.source = { next_of_plan, plan },
		.sink = sink,
		.stats = stats,
		.listens = true,
	};
	int result;

	(void)survey; /* what it found is in the plan */
	*stats = (struct run_stats){ 0 };
	if (past && past_open(&engine.past, past, err))
		return -1;
	result = engine_run(&engine, arena, err);
	if (engine.past.failed) {
		*err = engine.past.err;
		result = -1;
	}
	hand_on_the_rest(&engine.past, sink);
	past_close(&engine.past);
	engine.kept.codec = engine.codec;
	if (!result && !stats->interrupted && sink->ended)
		result = sink->ended(sink->context, &engine.kept, err);
	kept_free(&engine.kept);
	if (sink->progress)
		sink->progress(sink->context, stats->cases);
	return result;
}
