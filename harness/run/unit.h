/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit.h - what one boot of a guest executes: a stretch of neighbouring cases.
 *
 * Units wait in a queue in the order in which their results are handed on. A unit that ends early is replaced by what is left
 * of it; a case that is to be confirmed becomes a unit of its own.
 */
#ifndef ASSAY_RUN_UNIT_H
#define ASSAY_RUN_UNIT_H

#include "run/codec.h"

/* Cases as they come from the plan, with the memory they live in. Belongs to the units that point into it. */
struct stretch {
	struct arena *arena;
	unsigned users;
	size_t count, room;
	struct asked_case **cases;
	size_t steps; /* of all of them */
};

enum unit_state { UNIT_WAITING, UNIT_LAID, UNIT_RUNNING, UNIT_ENDED };

struct lane;

struct unit {
	struct unit *next;
	struct stretch *stretch; /* NULL: no cases, only a boot */
	size_t first, count; /* cases in the stretch */
	uint32_t attempt;
	unsigned listened; /* how often it was run again to find out whose the bytes on the console are */
	bool hung; /* before it was run again for that: in which step, and how much had been written to the console by then */
	size_t hung_step;
	uint64_t hung_console;
	/* A case whose end nobody had declared is run again alone; if that shows no such end, once more behind what came before it. */
	bool confirms; /* alone: what it shows counts if it is such an end, or if nothing came before it */
	bool in_place; /* behind the others: what it shows counts */
	/* of these two: the case as it was first seen, in the stretch's arena. It counts when its end does not come again. NULL: that may have been the host */
	struct recorded_case *first_seen;
	size_t before; /* cases that came before it in its boot */
	/*
	 * Cases at its beginning that have been handed on: they are run again for those that come behind them, and only if the unit
	 * before it came to its end (else `orphaned`). So a batch that was taken apart goes on as it was.
	 */
	size_t skip;
	bool orphaned; /* nothing has to come before its cases any more */
	uint32_t boot; /* number of the boot that its cases belong to; 0: not known yet */
	bool left_out; /* recorded as not run, without a guest: its entry has ended the machine too often */
	unsigned killed; /* guests that somebody killed from outside meanwhile */
	unsigned silent; /* guests whose QEMU gave no answer; the first is believed to be the host's doing */
	unsigned boots; /* that failed before the probe ran */
	enum unit_state state;
	struct lane *lane;
	/* UNIT_ENDED: how, and the step under way */
	enum guest_end end;
	size_t end_step;
};

/* Takes cases from the plan until there are `steps` steps, `cases` cases, or one that must be the last of its boot. NULL: no more. */
struct case_source {
	const struct plan_case *(*next)(void *context);
	void *context;
};
struct stretch *stretch_new(const struct codec *codec, struct case_source source, size_t steps, size_t cases);
void stretch_free(struct stretch *stretch); /* one that no unit was made of */
void stretch_release(struct stretch *stretch); /* one user less */

/* A unit over some cases of a stretch; unit_free() gives the stretch back with its last user. */
struct unit *unit_new(struct stretch *stretch, size_t first, size_t count, uint32_t attempt);
void unit_free(struct unit *unit);

/* A case that is run again, to be sure of it. */
static inline bool unit_is_proof(const struct unit *unit)
{
	return unit->confirms || unit->in_place || unit->attempt;
}

/* A case lies in one batch at a time: where, it knows itself (asked_case.first, asked_step.from). */
static inline bool units_share_cases(const struct unit *unit, const struct unit *other)
{
	return unit->stretch && unit->stretch == other->stretch && unit->first < other->first + other->count &&
	       other->first < unit->first + unit->count;
}

static inline struct asked_case *unit_case(const struct unit *unit, size_t number)
{
	return unit->stretch->cases[unit->first + number];
}

#endif
