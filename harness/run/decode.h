/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.h - from what the probe saw to a recorded case. Believes nothing that it reads from the guest. */
#ifndef ASSAY_RUN_DECODE_H
#define ASSAY_RUN_DECODE_H

#include "run/codec.h"

/* Console bytes of one step: positions in what the guest wrote since its reset. */
struct console_mark {
	uint32_t step;
	bool open; /* the step did not come to its second sync */
	uint64_t from, to;
};

/* What decoding needs of the batch as a whole; made once when it has ended. */
struct seen_batch {
	const struct codec *codec;
	const struct guest *guest;
	size_t landing_count;
	const struct landing_place *landings; /* in the order of steps */
	size_t mark_count;
	const struct console_mark *marks; /* in the order of steps */
	bool accounted; /* the marks hold every byte of the console: a step without one wrote nothing */
	bool ended; /* by an event, at this step: */
	size_t end_step;
	enum guest_end end;
	bool forged; /* the audit found that the records are not what happened */
};

struct landing_place {
	uint32_t step, number;
};

void seen_batch_sort_landings(struct seen_batch *batch, struct arena *arena);
/* A case that was left out: none of its calls was made. */
struct recorded_case *unseen_case(struct arena *scratch, const struct asked_case *asked);
/* The case as it was seen. It lives in the scratch arena. */
struct recorded_case *seen_case(struct arena *scratch, const struct seen_batch *batch, const struct asked_case *asked);
/* Did the call end the machine in a way that its entry does not know? */
bool is_undeclared_end(enum record_outcome outcome, const struct entry *entry);
/* Did the batch end in this case, and by something that the entry it is put down to may not do? */
bool seen_undeclared_end(const struct seen_batch *batch, const struct asked_case *asked);

/* Arguments as they were passed: what only the guest could know is taken from what it saw, a record for each step of the case. */
void asked_resolve(const struct codec *codec, const struct asked_case *asked, struct asked_step *step,
		   const struct wire_seen *seen);
/* What a register has to hold at the call, once the arguments are resolved. False: it depends on the very moment of the call. */
bool asked_register(const struct codec *codec, const struct asked_step *step, unsigned number, uint64_t *value);

#endif
