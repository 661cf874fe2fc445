/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/run.h"

#include "run/engine.h"
#include "run/structures.h"

/* The calls. Structures are read before there are any. */
static const struct plan_case *next_of_plan(void *plan)
{
	const struct plan_case *plan_case;

	do
		plan_case = plan_next(plan);
	while (plan_case && plan_case->entry->is_structure);
	return plan_case;
}

/* ---- structures ---- */

struct reading {
	const struct run_config *config;
	const struct run_sink *sink;
	struct run_stats *stats;
	struct past *past;
	struct structures first, again; /* again: read in another guest, for what is to be confirmed */
	uint32_t boot;
	struct arena *arena;
};

/* To the sink, unless it is on record. True: it is to be confirmed. */
static bool hand_on(struct reading *reading, struct recorded_case *recorded)
{
	const struct recorded_case *known = past_match(reading->past, recorded);
	bool again;

	reading->stats->cases += !recorded->attempt && !reading->past->failed;
	reading->stats->confirmations += recorded->attempt;
	if (reading->past->failed)
		return false;
	if (!known)
		return reading->sink->recorded(reading->sink->context, recorded);
	again = reading->sink->known(reading->sink->context, known);
	past_step(reading->past);
	return again;
}

static int confirm(struct reading *reading, const struct entry *entry, struct err *err)
{
	struct run_config alone = *reading->config;
	struct recorded_case *recorded;

	alone.pool = NULL; /* in a boot of its own: one from the pool would show the first one's memory */
	if (!reading->again.cases && structures_read(reading->arena, &alone, &reading->again, err))
		return -1;
	recorded = reading->again.cases[entry->number];
	recorded->boot = reading->boot + 1;
	recorded->attempt = 1;
	hand_on(reading, recorded);
	return 0;
}

static int hand_on_structures(struct reading *reading, struct plan *plan, struct err *err)
{
	const struct spec *spec = reading->config->spec;

	for (size_t i = 0; i < spec->entry_count && !reading->past->failed; i++) {
		struct recorded_case *recorded = reading->first.cases[i];

		if (!recorded || !plan_find(plan, recorded->id))
			continue;
		recorded->boot = reading->boot;
		if (hand_on(reading, recorded) && confirm(reading, spec->entries[i], err))
			return -1;
	}
	return 0;
}

static int run_structures(struct reading *reading, struct engine *engine, struct plan *plan, struct err *err)
{
	if (!spec_has_structures(reading->config->spec))
		return 0;
	reading->boot = 1;
	if (structures_read(reading->arena, reading->config, &reading->first, err) || hand_on_structures(reading, plan, err))
		return -1;
	engine->boot = reading->boot + (reading->again.cases != NULL);
	engine->stats->resets += engine->boot;
	return 0;
}

/* ---- all of it ---- */

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
	struct reading reading = { .config = config, .sink = sink, .stats = stats, .past = &engine.past, .arena = arena };
	int result;

	*stats = (struct run_stats){ 0 };
	if (past && past_open(&engine.past, past, err))
		return -1;
	result = run_structures(&reading, &engine, plan, err);
	if (!result && !survey->unreachable && !engine.past.failed)
		result = engine_run(&engine, arena, err);
	if (engine.past.failed) {
		*err = engine.past.err;
		result = -1;
	}
	hand_on_the_rest(&engine.past, sink);
	past_close(&engine.past);
	engine.kept.codec = engine.codec;
	if (!result && !stats->interrupted && engine.codec && sink->ended)
		result = sink->ended(sink->context, &engine.kept, err);
	kept_free(&engine.kept);
	if (sink->progress)
		sink->progress(sink->context, stats->cases);
	return result;
}
