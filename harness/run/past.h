/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * past.h - what an earlier run has recorded already.
 *
 * A run that is taken up has to come to the verdicts that it would have come to undisturbed. What a guest shows may depend on what
 * was asked of it before, so a run is not taken up in the middle of a stretch: stretches that are on record are passed by, and the
 * one in which the record ends is executed again from its start. A machine that comes back exactly does the same again; what is on
 * record of it already is not recorded twice, but compared.
 */
#ifndef ASSAY_RUN_PAST_H
#define ASSAY_RUN_PAST_H

#include "record/record.h"
#include "run/unit.h"

struct past {
	struct journal_reader *reader; /* NULL: nothing was recorded */
	uint64_t records, cases; /* still to come; cases: those of attempt 0 */
	const struct recorded_case *next; /* NULL: none */
	bool aligned; /* the stretches that are wholly on record have been passed */
	uint32_t boot; /* the highest number of a boot so far */
	bool audited; /* it is on record how the audit stood at the end of what has been passed: */
	struct recorded_audit audit;
	uint32_t shift; /* from the numbers of boots now to those on record */
	bool failed;
	struct err err;
};

/* What past_pass() tells of each case of a stretch. */
struct passed {
	void *context;
	void (*record)(void *context, const struct recorded_case *recorded);
	/* the case had come to an end that nobody declared; alone: and in a boot of its own */
	void (*ended)(void *context, const struct asked_case *asked, bool alone);
};

/* Reads the journal once to see how much there is. */
int past_open(struct past *past, const char *journal, struct err *err);
void past_close(struct past *past);

/* Is all that follows from a stretch of so many cases on record? Only if something after it is. */
bool past_covers(const struct past *past, size_t cases);
void past_pass(struct past *past, const struct stretch *stretch, const struct passed *passed);
/*
 * The record of what has just been seen again, valid until past_step(), or NULL when it is new; its boot is numbered as those
 * before. A record of something else is an error (past->err): this is another plan than that of the record.
 */
const struct recorded_case *past_match(struct past *past, struct recorded_case *seen);
void past_step(struct past *past);

#endif
