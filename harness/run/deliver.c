/* SPDX-License-Identifier: BSD-2-Clause */
/* deliver.c - what becomes of a unit that has ended. */
#include "run/engine.h"

#include "base/clock.h"

#define SPOILED_IN_VAIN_MAX 8u
#define REST_MIN	    512u /* cases */
#define CONFIRMED_MAX	    1u /* ends that an entry did not declare; later ones are believed at once */
#define REPORT_MS	    250u
#define LOOK_EVERY	    256u /* cases between two looks at clock and interrupt */

/* Units that follow from one that has ended, in their order. */
struct followers {
	struct unit *first, **end;
};

/* At least one case. */
static struct unit *follow(struct followers *followers, const struct unit *unit, size_t first, size_t count, uint32_t attempt)
{
	struct unit *follower = unit_new(unit->stretch, unit->first + first, count, attempt);

	*followers->end = follower;
	followers->end = &follower->next;
	return follower;
}

static const struct entry *entry_of(const struct unit *unit, size_t number)
{
	const struct asked_case *asked = unit_case(unit, number);

	return asked->steps[asked->main].code->entry;
}

/* Now and then, however slow the cases are: what was handed on so far is to reach the disk. */
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

static bool lacks_a_hart(const struct recorded_case *recorded)
{
	for (unsigned i = 0; i < recorded->step_count; i++)
		if (recorded->steps[i].outcome == RECORD_NO_HART)
			return true;
	return false;
}

/*
 * A CPU that should make a call is not there. In a guest that others have used, one of them may have lost it: the case, and what
 * comes after it, deserves a fresh one. A blob with which that never helps is not tried over and over.
 */
static bool is_spoiled(struct engine *engine, const struct recorded_case *recorded, size_t number)
{
	if (!lacks_a_hart(recorded))
		return false;
	if (number)
		return engine->spoiled_in_vain < SPOILED_IN_VAIN_MAX;
	engine->spoiled_in_vain++;
	return false;
}

/* An earlier run may have ended, by its budget, with trials of what it had seen so far: they stand between two of its stretches. */
static void hand_on_trials(struct engine *engine)
{
	for (; engine->past.next && recorded_is_trial(engine->past.next); past_step(&engine->past))
		engine->sink->known(engine->sink->context, engine->past.next);
}

/* To the sink, unless it is on record already: then the record itself. True: it is to be run again alone. */
static bool tell(struct engine *engine, struct recorded_case *recorded)
{
	const struct run_sink *sink = engine->sink;
	const struct recorded_case *known;
	bool again;

	hand_on_trials(engine);
	known = past_match(&engine->past, recorded);
	if (engine->past.failed)
		return false;
	if (!known)
		return sink->recorded(sink->context, recorded);
	again = sink->known(sink->context, known);
	past_step(&engine->past);
	return again;
}

/* A call that takes longer than a suspected hang is given, and comes back when it is given more. */
static bool is_slow(const struct engine *engine, const struct asked_case *asked, const struct recorded_case *recorded)
{
	uint64_t hz = engine->config->blob->machine->clock_hz, suspicious = LANE_SUSPICION_NS * hz / 1000000000u;

	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];
		uint64_t end = i + 1 < recorded->step_count && step[1].outcome != RECORD_NOT_RUN ? step[1].start : step->end;

		if (step->outcome != RECORD_NOT_RUN && end > step->start && end - step->start >= suspicious)
			return true;
	}
	return asked->steps[asked->step_count - 1].code->settle >= suspicious;
}

/* The end that the case was run again for did not come, though the same was done. */
static bool is_gone(const struct engine *engine, const struct seen_batch *batch, const struct unit *unit,
		    const struct asked_case *asked, const struct recorded_case *now)
{
	if ((!unit->confirms && !unit->in_place) || seen_undeclared_end(batch, asked))
		return false;
	return unit->first_seen || !is_slow(engine, asked, now);
}

/*
 * That the blob is flaky is no reason to forget what it did: what was first seen goes on record, and the trials that follow are the
 * judge's affair.
 */
static struct recorded_case *what_counts(struct engine *engine, const struct seen_batch *batch, const struct unit *unit,
					 size_t number)
{
	struct recorded_case *now = seen_case(engine->scratch, batch, unit_case(unit, number));

	if (!is_gone(engine, batch, unit, unit_case(unit, number), now))
		return now;
	if (!unit->first_seen) {
		engine->stats->vanished++;
		return now;
	}
	engine_note_end(engine, entry_of(unit, number), unit->confirms);
	return unit->first_seen;
}

enum handing { HANDED_ON, RUN_AGAIN, SPOILED };

/* Hands one case on. RUN_AGAIN: it is to be run again alone. SPOILED: it was not handed on. */
static enum handing hand_on(struct engine *engine, const struct seen_batch *batch, const struct unit *unit, size_t number)
{
	struct recorded_case *recorded;
	bool again;

	arena_reset(engine->scratch);
	recorded = what_counts(engine, batch, unit, number);
	recorded->boot = unit->boot;
	recorded->attempt = unit->attempt;
	if (is_spoiled(engine, recorded, unit->in_place ? 0 : number))
		return SPOILED;
	count(engine->stats, recorded);
	again = tell(engine, recorded) && !unit->attempt;
	if (again)
		kept_add(&engine->kept, unit->stretch);
	if (engine->stats->cases % LOOK_EVERY == 0)
		report(engine);
	return again ? RUN_AGAIN : HANDED_ON;
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
		.codec = engine->codec,
		.guest = unit->lane->guest,
		.marks = unit->lane->marks,
		.mark_count = unit->lane->mark_count,
		.accounted = !lane_console_rest(unit->lane),
		.ended = end != GUEST_DONE,
		.end_step = end_step,
		.end = end,
	};

	arena_reset(engine->landings);
	seen_batch_sort_landings(&batch, engine->landings);
	return batch;
}

/* A part of what is left goes on in a fresh guest, not all at once: what went wrong may do so again soon. */
static void follow_part(struct followers *followers, const struct unit *unit, size_t first, size_t count, size_t gone)
{
	size_t next = 2 * gone > REST_MIN ? 2 * gone : REST_MIN;

	next = next < count ? next : count;
	follow(followers, unit, first, next, unit->attempt);
	if (next < count)
		follow(followers, unit, first + next, count - next, unit->attempt);
}

static bool is_given_up(const struct engine *engine, const struct unit *unit, size_t number)
{
	return !unit->attempt && engine->ended[entry_of(unit, number)->number] >= ENDED_MAX;
}

/*
 * What is left of a unit. Cases of an entry that has ended the machine again and again are left out, as far as the stretch goes:
 * stretches are cut by the plan alone, so what is left out does not depend on which guest was faster.
 */
static void follow_rest(struct engine *engine, struct followers *followers, const struct unit *unit, size_t first)
{
	size_t start = first, end;

	for (; start < unit->count; start = end) {
		bool given_up = is_given_up(engine, unit, start);

		for (end = start + 1; end < unit->count && is_given_up(engine, unit, end) == given_up; end++)
			;
		if (given_up)
			follow(followers, unit, start, end - start, unit->attempt)->left_out = true;
		else
			follow_part(followers, unit, start, end - start, first);
	}
}

static struct recorded_case *unseen(struct engine *engine, const struct unit *unit, size_t number)
{
	struct recorded_case *recorded;

	arena_reset(engine->scratch);
	recorded = unseen_case(engine->scratch, unit_case(unit, number));
	recorded->boot = engine->boot;
	recorded->attempt = unit->attempt;
	return recorded;
}

void engine_go_on(struct unit *unit, bool sound)
{
	struct unit *next = unit->next;

	if (!next || !next->skip || next->in_place || next->stretch != unit->stretch || next->first != unit->first)
		return;
	if (sound)
		next->boot = unit->boot;
	else
		next->orphaned = true;
}

void engine_leave_out(struct engine *engine, const struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		engine->stats->left_out++;
		tell(engine, unseen(engine, unit, i));
	}
}

void engine_deliver_lost(struct engine *engine, struct unit *unit)
{
	size_t number = unit->count - 1;
	struct recorded_case *recorded = unseen(engine, unit, number);
	struct followers followers = { NULL, &followers.first };

	recorded->steps[recorded->main].outcome = RECORD_CRASH;
	recorded->boot = unit->boot && !unit->confirms ? unit->boot : ++engine->boot;
	engine->lost += !unit->attempt;
	if (!unit->attempt)
		engine_note_end(engine, entry_of(unit, number), false);
	count(engine->stats, recorded);
	if (tell(engine, recorded) && !unit->attempt) {
		kept_add(&engine->kept, unit->stretch);
		follow(&followers, unit, number, 1, 1);
	}
	engine_go_on(unit, false);
	*followers.end = unit->next;
	unit->next = followers.first;
}

void engine_note_end(struct engine *engine, const struct entry *entry, bool alone)
{
	engine->confirmed[entry->number] += alone && engine->confirmed[entry->number] < CONFIRMED_MAX;
	engine->ended[entry->number] += engine->ended[entry->number] < ENDED_MAX;
}

/*
 * What nobody said may happen has to happen twice before it is believed, until the entry has shown often enough that it does such
 * things. In the order of the plan, so that it does not depend on which guest was faster.
 */
static bool needs_confirmation(struct engine *engine, const struct seen_batch *batch, const struct unit *unit, size_t number)
{
	const struct entry *entry = entry_of(unit, number);

	if (unit->attempt || !seen_undeclared_end(batch, unit_case(unit, number)))
		return false;
	if (!unit->confirms && !unit->in_place && engine->confirmed[entry->number] < CONFIRMED_MAX)
		return true;
	engine_note_end(engine, entry, unit->confirms);
	return false;
}

/*
 * Run alone, the case did not come to the end that it came to behind others. It takes what they did: they are run again, which a
 * machine that comes back exactly does alike, and the case with more patience.
 */
static bool has_to_be_seen_in_place(const struct unit *unit, const struct seen_batch *batch)
{
	if (!unit->confirms || !unit->before)
		return false;
	return !seen_undeclared_end(batch, unit_case(unit, 0));
}

static void see_in_place(struct unit *unit)
{
	struct unit *again = unit_new(unit->stretch, unit->first - unit->before, unit->before + 1, 0);

	again->in_place = true;
	again->before = again->skip = unit->before;
	again->first_seen = unit->first_seen;
	again->boot = unit->boot;
	again->next = unit->next;
	unit->next = again;
}

/*
 * What is on record when the end does not come again. A QEMU that gave no answer tells of the host: that is counted
 * (run_stats.vanished). A hang does not, for it is measured on the guest's own clock, which is read before it is looked once more
 * whether there was progress.
 */
static struct recorded_case *first_seen(const struct seen_batch *batch, const struct unit *unit, size_t number)
{
	return batch->end == GUEST_STUCK ? NULL : seen_case(unit->stretch->arena, batch, unit_case(unit, number));
}

/* What has just been seen was seen alone: it is its own confirmation. */
static void confirm_itself(struct engine *engine, const struct seen_batch *batch, const struct unit *unit, size_t number)
{
	struct recorded_case *recorded;

	arena_reset(engine->scratch);
	recorded = seen_case(engine->scratch, batch, unit_case(unit, number));
	recorded->boot = ++engine->boot;
	recorded->attempt = 1;
	tell(engine, recorded);
}

/* The case in which the guest came to its end. Returns the first case that is still to be run. */
static size_t deliver_end(struct engine *engine, const struct seen_batch *batch, const struct unit *unit, size_t number,
			  struct followers *followers)
{
	enum handing handing;

	if (needs_confirmation(engine, batch, unit, number)) {
		struct unit *again = follow(followers, unit, number, 1, 0);

		again->confirms = true;
		again->before = number;
		again->first_seen = first_seen(batch, unit, number);
		again->boot = number ? unit->boot : 0;
		engine->stats->confirmations++;
		return number + 1;
	}
	handing = hand_on(engine, batch, unit, number);
	if (handing == SPOILED)
		return number;
	if (handing == RUN_AGAIN && unit->confirms)
		confirm_itself(engine, batch, unit, number);
	else if (handing == RUN_AGAIN)
		follow(followers, unit, number, 1, 1);
	return number + 1;
}

void engine_deliver(struct engine *engine, struct unit *unit, enum guest_end end, size_t end_step, bool forged)
{
	struct seen_batch batch = look_at(engine, unit, end, end_step);
	struct followers followers = { NULL, &followers.first };
	size_t finished = finished_cases(&batch, unit), number;
	enum handing handing = HANDED_ON;

	batch.forged = forged;
	unit->boot = unit->boot ? unit->boot : ++engine->boot;
	if (has_to_be_seen_in_place(unit, &batch)) {
		see_in_place(unit);
		return;
	}
	/* it ran alone: what the others did before it did not happen to it */
	if (unit->confirms)
		unit->boot = ++engine->boot;
	for (number = unit->skip; number < finished && !engine_interrupted(engine); number++) {
		handing = hand_on(engine, &batch, unit, number);
		if (handing == SPOILED)
			break;
		if (handing == RUN_AGAIN)
			follow(&followers, unit, number, 1, 1);
	}
	engine->stats->guest_seconds += guest_seconds(engine, unit, number);
	if (handing != SPOILED && number < unit->count && !engine_interrupted(engine))
		number = deliver_end(engine, &batch, unit, number, &followers);
	engine_go_on(unit, end == GUEST_DONE && number == unit->count);
	if (number < unit->count)
		follow_rest(engine, &followers, unit, number);
	*followers.end = unit->next;
	unit->next = followers.first;
	report(engine);
}
