/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit.h - are the records what happened?
 *
 * The blob shares all of the guest's memory with the probe: it can write records itself, skip calls, change what is asked. QEMU saw
 * what was really done (guest_witness()). Some things are compared after every batch: that the probe ran as it was built, that each
 * CPU made as many calls as the records say, that no record lacks and none is there too early. For a sample of the calls the
 * machine is held before and after the call, and the registers that QEMU tells are compared with what was asked and recorded.
 */
#ifndef ASSAY_RUN_AUDIT_H
#define ASSAY_RUN_AUDIT_H

#include "run/unit.h"

/* A call that the machine was held at. */
struct audit_call {
	uint32_t step; /* number in the batch */
	bool returned, memory_differs;
	uint64_t memory; /* digest of the step's memory when the call returned */
	uint64_t before[WIRE_REGISTERS], after[WIRE_REGISTERS]; /* after: when it returned */
};

struct audit {
	unsigned share; /* percent of the calls */
	uint64_t seed; /* which ones */
	uint32_t *orders; /* which calls of the batch, from 1 in the order in which they are made */
	size_t order_count, order_room, next;
	struct audit_call *calls;
	size_t call_count, call_room;
	size_t under_way
		[WIRE_HARTS]; /* each CPU's call that was held and has not returned: its place in `calls` plus 1; 0: none */
	size_t strangers; /* calls that nobody asked for */
	size_t cursor; /* case of the unit whose call was found last */
	const struct asked_case *opening; /* laid out before the unit; NULL: none */
};

void audit_free(struct audit *audit);
/* The unit has been laid out behind the opening (NULL: none), in so many steps all in all. Picks the calls, the same ones for the same seed. */
void audit_begin(struct audit *audit, const struct unit *unit, size_t steps, const struct asked_case *opening,
		 struct guest *guest);
/* At GUEST_CALL and GUEST_BACK. 1: it was looked at. 0: it is to be called again, QEMU is being asked. -1: QEMU gave no answer. */
int audit_look(struct audit *audit, const struct codec *codec, const struct unit *unit, struct guest *guest, enum guest_end end,
	       struct err *err);
/* The unit has ended. Adds to the tally; returns whether something does not match. */
bool audit_finish(const struct audit *audit, const struct codec *codec, const struct unit *unit, const struct guest *guest,
		  enum guest_end end, size_t end_step, struct audit_tally *tally);
/* It stands as it did: what was counted since then is counted again. */
void audit_recall(struct audit_tally *tally, const struct recorded_audit *audit);

#endif
