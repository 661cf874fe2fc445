/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/run.h"

#include "run/engine.h"

static const struct plan_case *next_of_plan(void *plan)
{
	return plan_next(plan);
}

/* Boots are numbered apart from those of the run that is taken up: a case costs at most a few of them. */
static uint32_t first_boot(uint64_t skip)
{
	return (uint32_t)(skip * 4);
}

int run_plan(const struct run_config *config, const struct survey *survey, struct plan *plan, uint64_t skip,
	     const struct run_sink *sink, struct run_stats *stats, struct err *err)
{
	arena_auto struct arena *arena = arena_new();
	struct engine engine = {
		.config = config,
		.source = { next_of_plan, plan },
		.sink = sink,
		.stats = stats,
		.listens = true,
		.boot = first_boot(skip),
	};
	int result;

	(void)survey; /* what it found is in the plan */
	*stats = (struct run_stats){ 0 };
	for (uint64_t i = 0; i < skip; i++)
		if (!plan_next(plan))
			break;
	result = engine_run(&engine, arena, err);
	if (sink->progress)
		sink->progress(sink->context, stats->cases);
	return result;
}
