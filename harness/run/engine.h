/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.h - executes cases in guests, several at a time, and hands on what was seen in the order of the cases.
 *
 * The engine knows nothing of where cases come from: survey and run both use it.
 */
#ifndef ASSAY_RUN_ENGINE_H
#define ASSAY_RUN_ENGINE_H

#include "run/ahead.h"
#include "run/kept.h"
#include "run/lane.h"
#include "run/past.h"
#include "run/run.h"

#define ENGINE_LANES 16
#define ENDED_MAX    4 /* undeclared ends of one entry after which the rest of its cases in the stretch are left out */

/* What a boot tells of the machine, apart from any call. */
struct boot_facts {
	bool known;
	uint32_t boot_hart;
	struct address_range own;
	char qemu[64], sandbox[SANDBOX_NAMES_SIZE];
	const char *program; /* QEMU's; lives as long as the process */
};

struct engine {
	const struct run_config *config;
	struct codec *codec;
	struct case_source source;
	const struct run_sink *sink;
	struct run_stats *stats;
	struct guest_config guest_config;
	struct lane lanes[ENGINE_LANES];
	unsigned lane_count, jobs; /* lanes that are open; guests that may run at once */
	struct unit *queue; /* in the order of delivery */
	struct ahead *ahead; /* makes the stretches */
	bool exhausted; /* the plan has no more cases, or none is wanted */
	bool stopped; /* interrupted */
	unsigned lost; /* cases that destroyed the probe */
	unsigned forged; /* units of one case that did not stand up to their audit */
	unsigned spoiled_in_vain; /* fresh guests that lacked a CPU all the same */
	uint8_t *confirmed; /* by entry: undeclared ends that were run again */
	uint8_t *ended; /* by entry: undeclared ends, at most ENDED_MAX */
	bool listens; /* finds out which call writes to the console */
	bool single; /* one guest does: what there is to ask is soon asked */
	bool only_boot; /* there is nothing to ask: the boot itself is all that is wanted */
	struct past past;
	struct kept kept; /* stretches with something in them that was to be run again alone */
	uint32_t boot; /* number of the next boot */
	uint64_t begun_ms, reported_ms;
	struct boot_facts facts;
	struct audit_tally tally; /* where the configuration has none */
	struct arena *scratch, *landings;
};

/* Everything but the members config, source, sink, stats, listens, single, only_boot and past is the engine's. */
int engine_run(struct engine *engine, struct arena *arena, struct err *err);

/* An undeclared end of this entry, seen in a guest for itself or in a batch. */
void engine_note_end(struct engine *engine, const struct entry *entry, bool alone);
bool engine_interrupted(struct engine *engine);
/* How every guest of a run is configured. */
struct guest_config engine_guest_config(const struct run_config *config);

/* deliver.c: hands on what a unit that has ended was seen to do; what follows from it is put into the queue behind it. */
/* A case that destroyed the probe, alone or in place: all that is known is that it took the machine down. */
void engine_deliver_lost(struct engine *engine, struct unit *unit);
/* What the unit behind this one, if it is the rest of the same batch, is to make of how this one ended. */
void engine_go_on(struct unit *unit, bool sound);
void engine_leave_out(struct engine *engine, const struct unit *unit);
void engine_deliver(struct engine *engine, struct unit *unit, enum guest_end end, size_t end_step, bool forged);

#endif
