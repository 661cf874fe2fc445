/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * draft.h - calls that a specification does not name, what a blob did when they were made, and a specification that says so.
 *
 * The questions are a specification, too (draft_write() without observations): it is planned and run like any other, with a few
 * samples for each selector. What comes back is folded call by call and written as one that demands nothing.
 */
#ifndef ASSAY_DRAFT_DRAFT_H
#define ASSAY_DRAFT_DRAFT_H

#include <stdio.h>

#include "base/err.h"
#include "record/record.h"
#include "spec/spec.h"

#define DRAFT_ANSWERS 4u /* different ones that are kept of a call */
#define DRAFT_MEMORY  64u /* bytes behind each address that is handed over */

/* What was seen of one call, over all its samples. */
struct observed {
	unsigned made, absent; /* samples; those that were answered like a call that is not there */
	unsigned outcomes; /* a bit per enum record_outcome */
	unsigned answer_count; /* up to DRAFT_ANSWERS */
	uint64_t answers[DRAFT_ANSWERS][RECORD_RESULTS];
	uint32_t clobbered; /* registers that the convention keeps, by the architecture's numbers */
	uint32_t control; /* control registers that changed */
	unsigned written[RECORD_BUFFERS]; /* bytes that changed behind each address, at most */
	bool beside; /* memory around them changed */
	unsigned console; /* bytes, at most */
};

struct draft_call {
	const char *chapter, *name; /* "eid_0x10", "fid_0x7" */
	uint64_t selector[SPEC_RESULTS];
	struct observed observed;
};

struct draft {
	const struct spec *spec;
	size_t count;
	struct draft_call *calls; /* chapter by chapter */
	uint64_t left_out; /* selectors of the wanted ranges that are not tried: there were too many */
	struct arena *arena;
};

struct draft_wish {
	unsigned near; /* how far beyond the named numbers of the last part */
	size_t limit; /* calls at most */
	size_t range_count;
	const char *const *ranges; /* "eid=0x100..0x1ff", "eid=experimental_eids,0x20" */
};

/* NULL and err: a range that is none, or an interface in which no selector is constant. */
struct draft *draft_new(const struct spec *spec, int version, const struct draft_wish *wish, struct err *err);
void draft_free(struct draft *draft);

/* Folds what was seen; cases of other calls are left alone. The head names the control registers. */
void draft_see(struct draft *draft, const struct recorded_case *recorded, const struct recording_head *head);

/* Something answered as if it were there. */
bool draft_is_there(const struct draft_call *call);
/* Why it is thought to be there, and all else that was seen, in a sentence. From the draft's arena. */
const char *draft_words(const struct draft *draft, const struct draft_call *call, const struct recording_head *head);

/* A specification: of all calls and without a word about them (head NULL), or of those that are there. -1: the stream failed. */
int draft_write(const struct draft *draft, const struct recording_head *head, FILE *out);

#endif
