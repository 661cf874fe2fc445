/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define BOOT_HANG_NS 10000000u /* guest time; what a call may take is a unit's affair, see lane.c */
#define STUCK_MS     20000u
#define LOST_MAX     8u /* cases that destroyed the probe; see halve() */
#define FORGED_MAX   8u /* units of one case; later ones are believed to be forged as a whole */
#define CONSOLE_MAX  (1u << 20)
#define SPARE_LANES  2u /* beside those that run: one is read back, one is brought back */
#define PAUSE_MS     20u /* between two looks whether to stop */
#define RESET_MS     5u /* that a reset takes, unless QEMU has to be started anew */

struct guest_config engine_guest_config(const struct run_config *config)
{
	return (struct guest_config){
		.blob = config->blob,
		.arch = config->arch,
		.probe = config->probe,
		.stopper = config->blob->machine->accelerator ? NULL : config->stopper,
		.directory = config->directory,
		.icount = !config->blob->machine->accelerator,
		.hang_ns = BOOT_HANG_NS,
		.stuck_ms = STUCK_MS,
		.console_max = CONSOLE_MAX,
		.sandbox = config->sandbox,
		.interrupt = config->interrupt,
	};
}

static int open_lane(struct engine *engine, struct err *err)
{
	const struct run_config *config = engine->config;
	struct lane *lane = &engine->lanes[engine->lane_count];

	if (lane_open(lane, &engine->guest_config, config->pool, err))
		return -1;
	lane->audit = (struct audit){ .share = config->audit_share, .seed = config->audit_seed };
	engine->lane_count++;
	return 0;
}

/* With the first lane. */
static int begin(struct engine *engine, struct err *err)
{
	const struct run_config *config = engine->config;

	engine->guest_config = engine_guest_config(config);
	engine->jobs = config->jobs ? config->jobs : 1;
	if (engine->jobs > ENGINE_LANES - SPARE_LANES)
		engine->jobs = ENGINE_LANES - SPARE_LANES;
	if (open_lane(engine, err))
		return -1;
	engine->ahead = ahead_new(engine->codec, engine->source, guest_capacity(engine->lanes[0].guest),
				  config->isolate_case ? 1 : SIZE_MAX, err);
	return engine->ahead ? 0 : -1;
}

static void close_all(struct engine *engine)
{
	ahead_free(engine->ahead);
	while (engine->queue) {
		struct unit *unit = engine->queue;

		engine->queue = unit->next;
		unit_free(unit);
	}
	for (unsigned i = 0; i < engine->lane_count; i++)
		lane_close(&engine->lanes[i]);
	arena_free(engine->scratch);
	arena_free(engine->landings);
}

static bool budget_spent(const struct engine *engine)
{
	return engine->config->budget_ms && clock_ms() - engine->begun_ms >= engine->config->budget_ms;
}

/* ---- what an earlier run has done ---- */

static void note_passed(void *context, const struct recorded_case *recorded)
{
	struct engine *engine = context;

	engine->stats->cases += recorded->attempt == 0;
	engine->sink->known(engine->sink->context, recorded);
}

static void note_passed_end(void *context, const struct asked_case *asked, bool alone)
{
	struct engine *engine = context;

	engine_note_end(engine, asked->steps[asked->main].code->entry, alone);
}

static struct audit_tally *tally_of(struct engine *engine)
{
	return engine->config->tally ? engine->config->tally : &engine->tally;
}

/* A stretch that is to be executed; one that is wholly on record is passed by, and none is to be had right now. */
static struct stretch *unless_on_record(struct engine *engine, struct stretch *stretch)
{
	const struct passed passed = { engine, note_passed, note_passed_end };

	if (engine->past.aligned || !past_covers(&engine->past, stretch->count)) {
		engine->past.aligned = true;
		return stretch;
	}
	past_pass(&engine->past, stretch, &passed);
	engine->boot = engine->past.boot;
	if (engine->past.audited)
		audit_recall(tally_of(engine), &engine->past.audit);
	stretch_free(stretch);
	return NULL;
}

/* The next stretch that is to be executed, when it is there. NULL: it is not, or there is none. */
static struct stretch *new_stretch(struct engine *engine, unsigned wait_ms)
{
	struct stretch *stretch = NULL;

	while (!stretch && !engine_interrupted(engine)) {
		enum ahead_news news = ahead_take(engine->ahead, wait_ms, &stretch);

		engine->exhausted = news == AHEAD_NO_MORE;
		if (news == AHEAD_NO_MORE || (news == AHEAD_LATER && !wait_ms))
			break;
		if (stretch)
			stretch = unless_on_record(engine, stretch);
	}
	return stretch;
}

/* ---- the queue ---- */

/* A new unit at the end of the queue, from the plan: one that is made already, unless there is nothing else to do. */
static struct unit *pull(struct engine *engine)
{
	struct unit **end = &engine->queue;
	struct stretch *stretch;

	if (engine->exhausted)
		return NULL;
	stretch = new_stretch(engine, engine->queue ? 0 : PAUSE_MS);
	if (!stretch)
		return NULL;
	while (*end)
		end = &(*end)->next;
	*end = unit_new(stretch, 0, stretch->count, 0);
	if (budget_spent(engine)) {
		/* that there is more is known now; it stays undone */
		unit_free(*end);
		*end = NULL;
		engine->stats->budget_spent = engine->exhausted = true;
	}
	return *end;
}

/* How many units there are, of as many as are asked for: those of the queue, and behind them what the plan has ready. */
static unsigned units_in_sight(struct engine *engine, unsigned most)
{
	unsigned units = 0;

	for (const struct unit *unit = engine->queue; unit && units < most; unit = unit->next)
		units += !unit->left_out;
	while (units && units < most && pull(engine))
		units++;
	return units;
}

/* As many lanes as there are units: many runs have only one, and a boot takes longer than most units. */
static int open_lanes(struct engine *engine, struct err *err)
{
	const unsigned most = engine->single ? 1 : engine->jobs + SPARE_LANES;
	const unsigned wanted = engine->lane_count < most ? units_in_sight(engine, most) : most;

	while (engine->lane_count < wanted)
		if (open_lane(engine, err))
			return -1;
	return 0;
}

/* One before it in the queue has some of its cases, too: halves of what was taken apart, and the whole behind them. */
static bool has_to_wait(const struct engine *engine, const struct unit *unit)
{
	for (const struct unit *earlier = engine->queue; earlier != unit; earlier = earlier->next)
		if (units_share_cases(earlier, unit))
			return true;
	return false;
}

static struct unit *next_waiting(struct engine *engine)
{
	for (struct unit *unit = engine->queue; unit; unit = unit->next)
		if (unit->state == UNIT_WAITING && !unit->left_out && !has_to_wait(engine, unit))
			return unit;
	return pull(engine);
}

static bool more_to_come(const struct engine *engine)
{
	for (const struct unit *unit = engine->queue; unit; unit = unit->next)
		if (unit->state == UNIT_WAITING && !unit->left_out)
			return !engine->stopped;
	return !engine->exhausted && !engine->stopped;
}

/* Brings the guests of idle lanes back, while others keep us busy, and gives each that is back a unit. */
static int fill_lanes(struct engine *engine, struct err *err)
{
	for (unsigned i = 0; i < engine->lane_count; i++) {
		struct lane *lane = &engine->lanes[i];
		struct unit *unit, *rest;
		bool fresh = false;

		if (!lane->unit && more_to_come(engine))
			lane_refresh(lane);
		if (!lane->unit && lane_is_fresh(lane, 0, &fresh, err))
			return -1;
		unit = fresh ? next_waiting(engine) : NULL;
		if (!unit)
			continue;
		if (lane_lay_out(lane, engine->codec, unit, &rest, err))
			return -1;
		if (rest) {
			rest->next = unit->next;
			unit->next = rest;
		}
	}
	return 0;
}

static unsigned count_running(const struct engine *engine)
{
	unsigned running = 0;

	for (const struct unit *unit = engine->queue; unit; unit = unit->next)
		running += unit->state == UNIT_RUNNING;
	return running;
}

/* Lets as many guests run as may, in the order of the queue. */
static int start_lanes(struct engine *engine, struct err *err)
{
	unsigned running = count_running(engine);

	for (struct unit *unit = engine->queue; unit; unit = unit->next) {
		/* the head of the queue is waited for next: it runs in any case */
		if (unit->state == UNIT_LAID && (running < engine->jobs || unit == engine->queue)) {
			if (lane_go(unit->lane, err))
				return -1;
			engine->stats->resets++;
			running++;
		}
	}
	return 0;
}

static bool is_hart(const struct machine *machine, uint64_t id)
{
	for (unsigned i = 0; i < machine->harts; i++)
		if (machine->hart_ids[i] == id)
			return true;
	return false;
}

static void note_facts(struct engine *engine, struct guest *guest, const struct wire_batch *batch)
{
	if (engine->facts.known || !batch->ready || !is_hart(engine->config->blob->machine, batch->boot_hart))
		return;
	engine->facts.known = true;
	engine->facts.boot_hart = (uint32_t)batch->boot_hart;
	engine->facts.own = guest_own_memory(guest);
	snprintf(engine->facts.qemu, sizeof(engine->facts.qemu), "%s", guest_qemu_version(guest));
	engine->facts.program = guest_qemu_program(guest);
	guest_sandbox(guest, engine->facts.sandbox);
	codec_set_boot_hart(engine->codec, engine->facts.boot_hart);
}

static const char *const end_words[] = {
	[GUEST_DONE] = "was done",
	[GUEST_SYNC] = "waited",
	[GUEST_SHUTDOWN] = "switched the machine off",
	[GUEST_RESET] = "reset the machine",
	[GUEST_CRASH] = "crashed",
	[GUEST_HANG] = "hung",
	[GUEST_FLOOD] = "wrote to the console without end",
	[GUEST_KILLED] = "was killed from outside",
	[GUEST_STUCK] = "was waited for in vain",
	[GUEST_INTERRUPTED] = "was interrupted",
};

/* The last line that the guest wrote. */
static const char *last_words(const struct guest *guest, char *out, size_t size)
{
	const uint8_t *bytes;
	size_t used = guest_console(guest, &bytes, NULL), end, start;

	for (end = used; end && bytes[end - 1] < ' '; end--)
		;
	for (start = end; start && bytes[start - 1] >= ' ' && end - start < size - 1; start--)
		;
	if (end > start)
		memcpy(out, bytes + start, end - start);
	out[end - start] = 0;
	return out;
}

/* The blob did not bring up the probe. Once may be bad luck of ours. */
static int failed_boot(struct engine *engine, struct unit *unit, enum guest_end end, struct err *err)
{
	char words[128];

	if (!unit->boots++)
		return 0;
	last_words(unit->lane->guest, words, sizeof(words));
	return err_set(err, end == GUEST_STUCK ? EXIT_BROKEN : EXIT_DEVIANT, "%s: the blob never came to the probe: it %s%s%s",
		       engine->config->blob->path, end_words[end], *words ? "; its last words: " : " without a word", words);
}

/* Undoes that a unit was executed: it is to be executed again. */
static void put_back(struct unit *unit)
{
	unit->lane->unit = NULL;
	unit->lane = NULL;
	unit->state = UNIT_WAITING;
}

/* Has the probe recorded anything at all? */
static bool came_up(const struct lane *lane)
{
	for (size_t i = 0; i < lane->steps; i++)
		if (guest_outcome(lane->guest, i) != WIRE_NOTHING)
			return true;
	return false;
}

/*
 * The probe ran and its memory is gone: some call of the unit wrote where it had no business. What else it wrote is not known, so
 * nothing of the unit is believed. Its first half runs again, and then all of it, of which the second half is believed; and so on, down
 * to the one case that does it behind those that it takes. A blob that does so again and again has shown that it does: later its
 * halves run apart, which is quicker, and finds those that do it alone.
 */
static void halve(struct engine *engine, struct unit *unit)
{
	size_t kept = unit->skip + (unit->count - unit->skip) / 2;
	bool apart = engine->lost >= LOST_MAX;
	struct unit *rest =
		unit_new(unit->stretch, unit->first + (apart ? kept : 0), unit->count - (apart ? kept : 0), unit->attempt);

	rest->skip = apart ? 0 : kept;
	rest->next = unit->next;
	unit->next = rest;
	unit->count = kept;
	put_back(unit);
}

/* What should come before its cases did not come to its end, or does not any more: they run without it. */
static bool is_cut_off(const struct unit *unit, enum guest_end end, size_t end_step)
{
	bool early = unit->skip && !unit->in_place && end != GUEST_DONE && end_step < unit_case(unit, unit->skip)->first;

	return unit->orphaned || early;
}

static void let_go(struct unit *unit)
{
	unit->first += unit->skip;
	unit->count -= unit->skip;
	unit->skip = 0;
	unit->boot = 0;
	unit->orphaned = false;
	put_back(unit);
}

static bool is_forged(struct engine *engine, const struct unit *unit, enum guest_end end, size_t end_step)
{
	const struct lane *lane = unit->lane;

	return audit_finish(&lane->audit, engine->codec, unit, lane->guest, end, end_step, tally_of(engine));
}

/*
 * One call may have spoilt the records of others by accident: the unit is taken apart like one whose probe is gone. A blob that
 * goes on is not given the benefit of the doubt for ever.
 */
static bool is_to_be_halved(struct engine *engine, const struct unit *unit)
{
	engine->forged += unit->count - unit->skip == 1;
	return unit->count - unit->skip > 1 && !unit_is_proof(unit) && engine->forged < FORGED_MAX;
}

/*
 * Somebody killed QEMU, or it gave no answer: the first time that tells nothing but of the host. The unit is run again, from a machine
 * that comes back exactly.
 */
static bool tells_nothing(struct engine *engine, struct unit *unit)
{
	if (unit->end != GUEST_STUCK)
		return unit->end == GUEST_KILLED;
	if (!unit->stretch || unit->silent++)
		return false;
	/* what stopped this one may have stopped others: none of them is to be waited for in vain, too */
	for (unsigned i = 0; i < engine->lane_count; i++)
		lane_doubt(&engine->lanes[i]);
	engine->stats->vanished++;
	return true;
}

static int run_again(struct unit *unit, struct err *err)
{
	const struct guest *guest = unit->lane->guest;
	bool was_killed = unit->end == GUEST_KILLED;

	put_back(unit);
	if (was_killed && unit->killed++ == GUEST_KILLED_MAX)
		return guest_killed_too_often(guest, err);
	return 0;
}

/* The head of the queue has ended, and is taken off it or put back. */
static int finish_head(struct engine *engine, struct err *err)
{
	struct unit *unit = engine->queue;
	const enum guest_end end = unit->end;
	const size_t end_step = unit->end_step;
	struct lane *lane = unit->lane;
	struct wire_batch batch;
	uint64_t looks = tally_of(engine)->calls;
	int result = 0;
	bool lost, forged;

	if (tells_nothing(engine, unit))
		return run_again(unit, err);
	if (lane_ended_early(lane, end, end_step)) {
		put_back(unit);
		return 0;
	}
	guest_batch(lane->guest, &batch);
	note_facts(engine, lane->guest, &batch);
	lost = (batch.magic != WIRE_MAGIC || !batch.ready || !guest_is_sound(lane->guest)) && came_up(lane);

	forged = !lost && batch.ready && is_forged(engine, unit, end, end_step);
	if (is_cut_off(unit, end, end_step)) {
		let_go(unit);
	} else if ((lost && unit->count - unit->skip > 1) || (forged && is_to_be_halved(engine, unit))) {
		halve(engine, unit);
	} else if (lost) {
		engine_deliver_lost(engine, unit);
		engine->queue = unit->next;
		put_back(unit);
		unit_free(unit);
	} else if (!batch.ready) {
		result = failed_boot(engine, unit, end, err);
		put_back(unit);
	} else if (!forged && unit->stretch && engine->listens &&
		   lane_listen_closer(lane, end, end == GUEST_DONE ? lane->steps : end_step)) {
		put_back(unit);
	} else {
		if (unit->stretch)
			engine_deliver(engine, unit, end, end_step, forged);
		engine->queue = unit->next;
		put_back(unit);
		unit_free(unit);
		return 0;
	}
	tally_of(engine)->calls = looks; /* what is run again is looked at again */
	return result;
}

bool engine_interrupted(struct engine *engine)
{
	engine->stopped |= engine->config->interrupt && *engine->config->interrupt;
	return engine->stopped;
}

/* Takes what is not to be run off the head of the queue. */
static void leave_out(struct engine *engine)
{
	while (engine->queue && engine->queue->left_out) {
		struct unit *unit = engine->queue;

		engine_leave_out(engine, unit);
		engine->queue = unit->next;
		unit_free(unit);
	}
}

/* Looks at every guest that runs. One that has ended waits for its turn at the head of the queue, and another may run for it. */
static void look_at_lanes(struct engine *engine)
{
	struct err stuck; /* that unit's end tells it, too */

	for (struct unit *unit = engine->queue; unit; unit = unit->next) {
		if (unit->state != UNIT_RUNNING)
			continue;
		unit->end = lane_poll(unit->lane, engine->codec, &unit->end_step, &stuck);
		if (unit->end != GUEST_RUNNING)
			unit->state = UNIT_ENDED;
	}
}

/* Waits a little for a guest that is being brought back, if there is one. */
static int pause_for_a_guest(struct engine *engine, unsigned wait_ms, bool *fresh, struct err *err)
{
	*fresh = false;
	for (unsigned i = 0; i < engine->lane_count; i++)
		if (engine->lanes[i].state == LANE_REFRESHING)
			return lane_is_fresh(&engine->lanes[i], wait_ms, fresh, err);
	return 0;
}

static int pause_for_lanes(struct engine *engine, struct err *err)
{
	struct guest *running[ENGINE_LANES];
	size_t count = 0;
	bool fresh;

	for (const struct unit *unit = engine->queue; unit; unit = unit->next)
		if (unit->state == UNIT_RUNNING)
			running[count++] = unit->lane->guest;
	if (!count)
		return pause_for_a_guest(engine, PAUSE_MS, &fresh, err);
	guest_await(running, count);
	return 0;
}

/* Results are taken in while other guests run: one that will be back in a moment goes first. */
static int take_in_head(struct engine *engine, struct err *err)
{
	bool fresh = false;

	if (count_running(engine) < engine->jobs && more_to_come(engine) && pause_for_a_guest(engine, RESET_MS, &fresh, err))
		return -1;
	return fresh ? 0 : finish_head(engine, err);
}

/* One round: whoever can do something does it. */
static int turn(struct engine *engine, struct err *err)
{
	leave_out(engine);
	if (open_lanes(engine, err) || fill_lanes(engine, err) || start_lanes(engine, err))
		return -1;
	look_at_lanes(engine);
	/* what was not waited for any more tells nothing */
	if (engine_interrupted(engine) || (engine->queue && engine->queue->left_out))
		return 0;
	if (!engine->queue || engine->queue->state != UNIT_ENDED)
		return pause_for_lanes(engine, err);
	return start_lanes(engine, err) ? -1 : take_in_head(engine, err);
}

static int execute(struct engine *engine, struct err *err)
{
	int result = 0;

	while (!result && !engine_interrupted(engine) && !engine->past.failed && (engine->queue || !engine->exhausted))
		result = turn(engine, err);
	engine->stats->interrupted = engine_interrupted(engine);
	return engine->stats->interrupted ? 0 : result;
}

int engine_run(struct engine *engine, struct arena *arena, struct err *err)
{
	const struct run_config *config = engine->config;
	int result;

	engine->begun_ms = engine->reported_ms = clock_ms();
	engine->scratch = arena_new();
	engine->landings = arena_new();
	engine->confirmed = arena_new_array(arena, uint8_t, config->spec->entry_count);
	engine->ended = arena_new_array(arena, uint8_t, config->spec->entry_count);
	engine->codec = codec_new(arena, config->spec, config->arch, config->blob->machine, err);
	if (engine->only_boot)
		engine->queue = unit_new(NULL, 0, 0, 0);
	result = engine->codec && !begin(engine, err) ? execute(engine, err) : -1;
	close_all(engine);
	engine->stats->wall_seconds = (double)(clock_ms() - engine->begun_ms) / 1000;
	return result;
}
