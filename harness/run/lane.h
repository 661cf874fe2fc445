/* SPDX-License-Identifier: BSD-2-Clause */
/* lane.h - one guest and the unit it executes. */
#ifndef ASSAY_RUN_LANE_H
#define ASSAY_RUN_LANE_H

#include "run/attendant.h"
#include "run/audit.h"
#include "run/decode.h"
#include "run/unit.h"

/* Somebody who looks at one call from close by. The guest waits for both functions. */
struct lane_watcher {
	void *context;
	/* false: the guest is of no use any more, and the unit ends here */
	bool (*before)(void *context, struct guest *guest, const struct asked_step *step);
	void (*after)(void *context, struct guest *guest); /* only when the call came to its end */
};

/* Guest time without progress: what looks like a hang after this has to last for more than twice as long to be one. */
#define LANE_SUSPICION_NS 2000000u

enum lane_state {
	LANE_USED,
	LANE_REFRESHING, /* the guest is its attendant's */
	LANE_FRESH, /* has been reset since it was used last */
};

struct lane {
	struct guest *guest;
	struct attendant *attendant;
	struct pool *pool; /* where the two come from; may be NULL */
	struct unit *unit; /* NULL: idle */
	enum lane_state state;
	size_t steps; /* laid out */
	const struct asked_case *opening; /* laid out before the unit: the call that comes first; NULL: none */
	bool never_opens; /* that call did not come to an end: it is not made any more */
	/* console bytes by step, as the syncs come in */
	struct console_mark *marks;
	size_t mark_count, mark_room;
	size_t cursor_case; /* of the unit: where the syncs have come to */
	struct audit audit;
	const struct lane_watcher *watcher; /* of the steps that are `watched`; NULL: nobody */
};

/* The guest, from the pool if there is one, is started or brought back in the background. lane_close() gives it back. */
int lane_open(struct lane *lane, const struct guest_config *config, struct pool *pool, struct err *err);
void lane_close(struct lane *lane);
/* Brings the guest of an idle lane back to its start, in the background. */
void lane_refresh(struct lane *lane);
/* One that waits for a unit may have been stopped by the host: it is brought back once more before it gets one. */
void lane_doubt(struct lane *lane);
/* Is it? Waits at most so long for it. -1: it failed. */
int lane_is_fresh(struct lane *lane, unsigned wait_ms, bool *fresh, struct err *err);
/*
 * Lays the unit out, in a fresh guest: waits for it if need be. What does not fit is taken off its end: *rest gets a unit with it, or NULL. A single case that does not fit
 * into an empty guest is an error.
 */
int lane_lay_out(struct lane *lane, const struct codec *codec, struct unit *unit, struct unit **rest, struct err *err);
int lane_go(struct lane *lane, struct err *err);
/*
 * Looks for the end of the unit, without waiting, and serves its syncs and audits. GUEST_RUNNING: it has not come. GUEST_SYNC: a
 * risky call succeeded, or a watcher had enough; the guest is of no use any more after *step.
 */
enum guest_end lane_poll(struct lane *lane, const struct codec *codec, size_t *step, struct err *err);
/* The same, until it has come. */
enum guest_end lane_wait(struct lane *lane, const struct codec *codec, const volatile bool *interrupt, size_t *step,
			 struct err *err);
/*
 * After a run: did it end in the call that comes before everything else? That tells nothing of the unit, which is to be run again: without
 * it, for what becomes of the call has cases of its own.
 */
bool lane_ended_early(struct lane *lane, enum guest_end end, size_t end_step);
/* Console bytes that no step's marks account for. */
uint64_t lane_console_rest(const struct lane *lane);
/*
 * After a run: is it to be run again, because there are such bytes and looking at more steps may tell whose they are? Which ones,
 * is noted in the cases. A machine that comes back exactly does the same again whether or not the host looks on, so first some
 * steps are looked at, then those between which something was written. end_step: the first step that was not finished.
 */
bool lane_listen_closer(struct lane *lane, enum guest_end end, size_t end_step);

#endif
