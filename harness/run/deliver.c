/* SPDX-License-Identifier: BSD-2-Clause */
/* deliver.c - what becomes of a unit that has ended. */
#include "run/engine.h"

#include "guest/clock.h"

#define REPORT_MS 100u
#define LOOK_EVERY 256u	/* cases between two looks at clock and interrupt */

/* Units that follow from one that has ended, in their order. */
struct followers {
	struct unit *first, **end;
};

static void follow(struct followers *followers, const struct unit *unit, size_t first, size_t count, uint32_t attempt)
{
	if (!count)
		return;
	*followers->end = unit_new(unit->stretch, unit->first + first, count, attempt, unit->sync);
	followers->end = &(*followers->end)->next;
}

static void report(struct engine *engine)
{
	uint64_t now = clock_ms();

	if (!engine->sink->progress || now - engine->reported_ms < REPORT_MS)
		return;
	engine->reported_ms = now;
	engine->sink->progress(engine->sink->context, engine->stats->cases);
}

static void count(struct run_stats *stats, const struct recorded_case *recorded)
{
	stats->cases += recorded->attempt == 0;
	stats->confirmations += recorded->attempt != 0;
	for (unsigned i = 0; i < recorded->step_count; i++)
		stats->calls += recorded->steps[i].outcome != RECORD_NOT_RUN;
}

/* Hands one case on. True when it is to be run again alone. */
static bool hand_on(struct engine *engine, const struct seen_batch *batch, const struct unit *unit, size_t number)
{
	struct recorded_case *recorded;
	bool again;

	arena_reset(engine->scratch);
	recorded = seen_case(engine->scratch, batch, unit_case(unit, number));
	recorded->boot = engine->boot;
	recorded->attempt = unit->attempt;
	count(engine->stats, recorded);
	again = engine->sink->recorded(engine->sink->context, recorded) && !unit->attempt;
	if (engine->stats->cases % LOOK_EVERY == 0)
		report(engine);
	return again;
}

/* How many of the unit's cases were finished before the end. */
static size_t finished_cases(const struct seen_batch *batch, const struct unit *unit)
{
	size_t number = 0;

	if (!batch->ended)
		return unit->count;
	while (number + 1 < unit->count && unit_case(unit, number + 1)->first <= batch->end_step)
		number++;
	return number;
}

/* Time on the guest's clock from its start to the last thing that was seen. */
static double guest_seconds(const struct engine *engine, const struct unit *unit, size_t cases)
{
	const struct asked_case *last = cases ? unit_case(unit, cases - 1) : NULL;
	struct wire_seen seen;

	if (!last)
		return 0;
	guest_seen(unit->lane->guest, last->first + last->step_count - 1u, &seen);
	return seen.outcome == WIRE_RETURNED ? (double)seen.end / (double)engine->config->blob->machine->clock_hz : 0;
}

static struct seen_batch look_at(struct engine *engine, const struct unit *unit, enum guest_end end, size_t end_step)
{
	struct seen_batch batch = {
		.codec = engine->codec, .guest = unit->lane->guest, .marks = unit->lane->marks, .mark_count = unit->lane->mark_count,
		.ended = end != GUEST_DONE, .end_step = end_step, .end = end,
	};

	arena_reset(engine->landings);
	seen_batch_sort_landings(&batch, engine->landings);
	return batch;
}

int engine_deliver(struct engine *engine, struct unit *unit, enum guest_end end, size_t end_step, struct err *err)
{
	struct seen_batch batch = look_at(engine, unit, end, end_step);
	struct followers followers = { NULL, &followers.first };
	size_t finished = finished_cases(&batch, unit), number;

	(void)err;
	engine->boot++;
	for (number = 0; number < finished && !engine_interrupted(engine); number++)
		if (hand_on(engine, &batch, unit, number))
			follow(&followers, unit, number, 1, 1);
	engine->stats->guest_seconds += guest_seconds(engine, unit, finished);
	if (number < unit->count && !engine_interrupted(engine)) {
		bool again = hand_on(engine, &batch, unit, number);

		/* what nobody said may happen has to happen twice before it is believed */
		if (again || (!unit->attempt && !seen_end_was_declared(&batch, unit_case(unit, number))))
			follow(&followers, unit, number, 1, 1);
		follow(&followers, unit, number + 1, unit->count - number - 1, unit->attempt);
	}
	*followers.end = unit->next;
	unit->next = followers.first;
	return 0;
}
