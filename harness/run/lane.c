/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/lane.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

#define PROOF_NS      5000000u /* as LANE_SUSPICION_NS */
#define LISTEN_EVERY  16u /* cases */
#define LISTEN_LAST   32u /* steps */
#define LISTEN_ROUNDS 2u

int lane_open(struct lane *lane, const struct guest_config *config, struct pool *pool, struct err *err)
{
	*lane = (struct lane){ .attendant = pool_take(pool, config, err), .pool = pool };
	if (!lane->attendant)
		return -1;
	lane->guest = attendant_guest(lane->attendant);
	lane_refresh(lane);
	return 0;
}

void lane_close(struct lane *lane)
{
	pool_give(lane->pool, lane->attendant);
	free(lane->marks);
	audit_free(&lane->audit);
	*lane = (struct lane){ 0 };
}

void lane_refresh(struct lane *lane)
{
	if (lane->state != LANE_USED)
		return;
	lane->mark_count = 0;
	lane->cursor_case = 0;
	lane->steps = 0;
	lane->state = LANE_REFRESHING;
	attendant_ask(lane->attendant);
}

void lane_doubt(struct lane *lane)
{
	if (!lane->unit && lane->state == LANE_FRESH)
		lane->state = LANE_USED;
}

int lane_is_fresh(struct lane *lane, unsigned wait_ms, bool *fresh, struct err *err)
{
	bool done = false;

	if (lane->state == LANE_REFRESHING && attendant_done(lane->attendant, wait_ms, &done, err)) {
		lane->state = LANE_USED;
		return -1;
	}
	if (done)
		lane->state = LANE_FRESH;
	*fresh = lane->state == LANE_FRESH;
	return 0;
}

static int wait_until_fresh(struct lane *lane, struct err *err)
{
	int failed;

	lane_refresh(lane);
	failed = lane->state == LANE_REFRESHING ? attendant_wait(lane->attendant, err) : 0;
	lane->state = failed ? LANE_USED : LANE_FRESH;
	return failed;
}

static void listen_to_case(const struct asked_case *asked)
{
	for (unsigned i = 0; i < asked->step_count; i++)
		asked->steps[i].listen = true;
}

/* The first call comes before the unit, unless that is about it. */
static void open_unit(struct lane *lane, const struct codec *codec, const struct unit *unit)
{
	lane->opening = NULL;
	if (!codec->opening || lane->never_opens || !unit->count || codec_opens(codec, unit_case(unit, 0)) ||
	    !asked_encode(unit->stretch->arena, codec, lane->guest, codec->opening, 0))
		return;
	lane->opening = codec->opening;
	lane->steps = codec->opening->step_count;
}

/* false: it does not belong to this boot, or has no room in it. */
static bool lay_out_case(struct lane *lane, const struct codec *codec, const struct unit *unit, size_t number)
{
	struct asked_case *asked = unit_case(unit, number);

	if (number && (codec_opens(codec, asked) || codec_opens(codec, unit_case(unit, number - 1))))
		return false;
	if (!asked_encode(unit->stretch->arena, codec, lane->guest, asked, lane->steps))
		return false;
	lane->steps += asked->step_count;
	return true;
}

int lane_lay_out(struct lane *lane, const struct codec *codec, struct unit *unit, struct unit **rest, struct err *err)
{
	size_t laid = 0, count = unit->count;
	struct stretch *stretch = unit->stretch;

	*rest = NULL;
	if (wait_until_fresh(lane, err))
		return -1;
	guest_leave(lane->guest, codec->leave_gate, codec->leave);
	for (size_t number = unit->skip; unit_is_proof(unit) && number < count; number++)
		listen_to_case(unit_case(unit, number));
	lane->state = LANE_USED;
	open_unit(lane, codec, unit);
	while (laid < count && lay_out_case(lane, codec, unit, laid))
		laid++;
	if (!laid && count)
		return err_set(err, EXIT_BROKEN,
			       "%s: the guest has no room for this case; give the machine more memory (`ram_mib`)",
			       unit_case(unit, 0)->id);
	if (laid < count)
		*rest = unit_new(stretch, unit->first + laid, count - laid, unit->attempt);
	guest_patience(lane->guest, unit_is_proof(unit) ? PROOF_NS : LANE_SUSPICION_NS);
	unit->count = laid;
	unit->lane = lane;
	unit->state = UNIT_LAID;
	lane->unit = unit;
	audit_begin(&lane->audit, unit, lane->steps, lane->opening, lane->guest);
	return 0;
}

int lane_go(struct lane *lane, struct err *err)
{
	lane->unit->state = UNIT_RUNNING;
	return guest_go(lane->guest, lane->steps, err);
}

static uint64_t console_total(const struct lane *lane)
{
	const uint8_t *bytes;
	uint64_t total;

	guest_console(lane->guest, &bytes, &total);
	return total;
}

/* The step with this number of the batch; syncs come in its order. */
static const struct asked_step *find_step(struct lane *lane, size_t step)
{
	const struct unit *unit = lane->unit;

	for (; lane->cursor_case < unit->count; lane->cursor_case++) {
		const struct asked_case *asked = unit_case(unit, lane->cursor_case);

		if (step < asked->first)
			return NULL;
		if (step - asked->first < asked->step_count)
			return &asked->steps[step - asked->first];
	}
	return NULL;
}

static void open_mark(struct lane *lane, size_t step)
{
	uint64_t total = console_total(lane);

	if (!lane->marks || lane->mark_count == lane->mark_room) {
		lane->mark_room = lane->mark_room ? 2 * lane->mark_room : 256;
		lane->marks = xrealloc(lane->marks, lane->mark_room * sizeof(*lane->marks));
	}
	lane->marks[lane->mark_count++] =
		(struct console_mark){ .step = (uint32_t)step, .open = true, .from = total, .to = total };
}

static void close_mark(struct lane *lane)
{
	struct console_mark *mark = lane->mark_count ? &lane->marks[lane->mark_count - 1] : NULL;

	if (!mark || !mark->open)
		return;
	mark->open = false;
	mark->to = console_total(lane);
}

static bool succeeded(const struct lane *lane, const struct codec *codec, const struct asked_step *asked, size_t step)
{
	int result = codec->spec->convention.success.result;
	struct wire_seen seen;

	guest_seen(lane->guest, step, &seen);
	return seen.outcome == WIRE_RETURNED && result >= 0 && (size_t)result < asked->code->entry->result_count &&
	       seen.registers[asked->code->result_register[result]] == codec->spec->convention.success.value;
}

/* Each step syncs twice: before its call, and after it. True when the guest need not go on. */
static bool serve_sync(struct lane *lane, const struct codec *codec, size_t step)
{
	const struct console_mark *mark = lane->mark_count ? &lane->marks[lane->mark_count - 1] : NULL;
	const struct asked_step *asked = find_step(lane, step);
	const struct lane_watcher *watcher = asked && asked->watched ? lane->watcher : NULL;
	bool after = mark && mark->open && mark->step == step;
	const char *input;
	struct err err;

	close_mark(lane);
	guest_console_take_back(lane->guest);
	if (after && watcher)
		watcher->after(watcher->context, lane->guest);
	if (after)
		return asked && asked->risky && succeeded(lane, codec, asked, step);
	open_mark(lane, step);
	input = asked ? asked->code->entry->console_input : NULL;
	if (input)
		guest_console_feed(lane->guest, input, strlen(input), &err); /* what does not arrive the call does not see */
	return watcher && !watcher->before(watcher->context, lane->guest, asked);
}

/* At a call that is audited, and back from it. GUEST_RUNNING: QEMU is being asked, and others are served meanwhile. */
static enum guest_end serve_audit(struct lane *lane, const struct codec *codec, enum guest_end end, bool *over, struct err *err)
{
	int seen = audit_look(&lane->audit, codec, lane->unit, lane->guest, end, err);

	*over = seen <= 0;
	return seen < 0 ? GUEST_STUCK : seen ? end : GUEST_RUNNING;
}

/* What the guest was stopped for. *over: false when it goes on. */
static enum guest_end serve(struct lane *lane, const struct codec *codec, enum guest_end end, size_t step, bool *over,
			    struct err *err)
{
	switch (end) {
	case GUEST_CALL:
	case GUEST_BACK:
		return serve_audit(lane, codec, end, over, err);
	case GUEST_SYNC:
		*over = serve_sync(lane, codec, step);
		return end;
	default:
		close_mark(lane);
		*over = true;
		return end;
	}
}

/*
 * A machine that comes back exactly hangs again in the same call. Once that is under way and has written all that it wrote the first
 * time, there is nothing more to see.
 */
static bool hangs_again(const struct lane *lane, size_t step)
{
	const struct unit *unit = lane->unit;
	struct wire_seen seen;

	if (!unit->hung || step != unit->hung_step || console_total(lane) < unit->hung_console)
		return false;
	guest_seen(lane->guest, step, &seen);
	return seen.outcome == WIRE_STARTED;
}

enum guest_end lane_poll(struct lane *lane, const struct codec *codec, size_t *step, struct err *err)
{
	enum guest_end end;

	while ((end = guest_poll(lane->guest, step, err)) != GUEST_RUNNING) {
		bool over;

		end = serve(lane, codec, end, *step, &over, err);
		if (over)
			return end;
		if (guest_continue(lane->guest, err))
			return GUEST_STUCK;
	}
	if (hangs_again(lane, *step)) {
		guest_stop(lane->guest);
		close_mark(lane);
		return GUEST_HANG;
	}
	return end;
}

enum guest_end lane_wait(struct lane *lane, const struct codec *codec, const volatile bool *interrupt, size_t *step,
			 struct err *err)
{
	enum guest_end end;

	while ((end = lane_poll(lane, codec, step, err)) == GUEST_RUNNING) {
		if (interrupt && *interrupt)
			return GUEST_INTERRUPTED;
		guest_await(&lane->guest, 1);
	}
	return end;
}

bool lane_ended_early(struct lane *lane, enum guest_end end, size_t end_step)
{
	bool early = lane->opening && end != GUEST_DONE && end_step < lane->opening->step_count &&
		     guest_outcome(lane->guest, end_step) == WIRE_STARTED;

	lane->never_opens |= early;
	return early;
}

uint64_t lane_console_rest(const struct lane *lane)
{
	uint64_t rest = console_total(lane);

	for (size_t i = 0; i < lane->mark_count; i++)
		rest -= lane->marks[i].to - lane->marks[i].from;
	return rest;
}

/* The first case of every few, and the last ones before the end: what ends a guest often says so. */
static void listen_here_and_there(const struct unit *unit, size_t end_step)
{
	for (size_t number = 0; number < unit->count; number++) {
		const struct asked_case *asked = unit_case(unit, number);

		asked->steps[0].listen |= number % LISTEN_EVERY == 0;
		if (asked->first <= end_step && end_step - asked->first < LISTEN_LAST)
			listen_to_case(asked);
	}
}

/* Every step in [from, to). Returns whether there is one that nobody listens to. */
static bool listen_between(const struct unit *unit, size_t *cursor, size_t from, size_t to)
{
	bool more = false;

	for (; *cursor < unit->count; ++*cursor) {
		const struct asked_case *asked = unit_case(unit, *cursor);

		for (unsigned i = 0; i < asked->step_count; i++) {
			if (asked->first + i < from || asked->first + i >= to)
				continue;
			more |= !asked->steps[i].listen;
			asked->steps[i].listen = true;
		}
		if (asked->first + asked->step_count >= to)
			break;
	}
	return more;
}

static bool listen_where_it_was(const struct lane *lane, size_t end_step)
{
	uint64_t written = 0, total = console_total(lane);
	size_t next = 0, cursor = 0;
	bool more = false;

	for (size_t i = 0; i < lane->mark_count; i++) {
		if (lane->marks[i].from > written)
			more |= listen_between(lane->unit, &cursor, next, lane->marks[i].step);
		written = lane->marks[i].to;
		next = lane->marks[i].step + 1;
	}
	if (total > written)
		more |= listen_between(lane->unit, &cursor, next, end_step + 1);
	return more;
}

bool lane_listen_closer(struct lane *lane, enum guest_end end, size_t end_step)
{
	struct unit *unit = lane->unit;

	if (!lane_console_rest(lane) || unit->listened == LISTEN_ROUNDS)
		return false;
	unit->hung = end == GUEST_HANG;
	unit->hung_step = end_step;
	unit->hung_console = console_total(lane);
	if (!unit->listened++ && unit->count > 1) {
		listen_here_and_there(unit, end_step);
		return true;
	}
	return listen_where_it_was(lane, end_step);
}
