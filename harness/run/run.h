/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - executes a plan in guests and records what was seen.
 *
 * The plan is made ahead on a thread of its own (ahead.h). `jobs` guests run at once, and two more are laid out, read back or brought
 * back meanwhile, as far as there is work for them; each is brought back to its start by an attendant of its own (attendant.h).
 * Everything else is one thread's, and results are handed to the sink in the order of the plan, whatever ran when: no verdict depends
 * on who is faster.
 */
#ifndef ASSAY_RUN_RUN_H
#define ASSAY_RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/guest.h"
#include "plan/plan.h"
#include "record/record.h"

struct pool;

/* What audits (audit.h) found. */
struct audit_tally {
	uint64_t calls; /* that were looked at before and after */
	uint64_t mismatches;
	char first[200]; /* the first mismatch, in words */
};

struct run_config {
	const struct spec *spec;
	const struct blob *blob;
	const struct arch *arch;
	const char *probe; /* ELF file */
	const char *stopper; /* see guest.h */
	const char *directory; /* the run directory; exists */
	bool isolate_case; /* every case in a fresh guest */
	enum sandbox_policy sandbox;
	struct pool *pool; /* of guests that are configured by all this, see pool.h; NULL: every step starts its own */
	unsigned jobs; /* guests at work at once; at least 1 */
	unsigned audit_share; /* percent of the calls that QEMU is asked about */
	uint64_t audit_seed; /* which ones */
	struct audit_tally *tally; /* added to */
	uint64_t budget_ms; /* host time after which no new batch begins; 0: none */
	const volatile bool *interrupt;
};

struct run_stats {
	uint64_t cases, calls, resets, confirmations;
	uint64_t left_out; /* cases not run because their entry had ended the machine too often before */
	uint64_t vanished; /* times that QEMU gave no answer, and the calls were run again */
	double guest_seconds, wall_seconds;
	bool budget_spent, interrupted;
};

struct kept;

/* What becomes of recordings. Called in the order of the plan, from one thread. */
struct run_sink {
	void *context;
	/* true: run it again alone, to confirm (asked once per case, for attempt 0) */
	bool (*recorded)(void *context, const struct recorded_case *recorded);
	/* resume: this was on record already; as recorded() otherwise. NULL: there is nothing to resume */
	bool (*known)(void *context, const struct recorded_case *recorded);
	/* progress: cases done so far, known ones among them; called now and then */
	void (*progress)(void *context, uint64_t done);
	/*
	 * After the last case, unless the run failed or was interrupted: the time to run some cases again (rerun_new()), with those that
	 * are kept. An error is the run's. May be NULL.
	 */
	int (*ended)(void *context, const struct kept *kept, struct err *err);
};

/* Boots the blob once and finds out what it claims and has. *survey's arrays live in the arena. */
int run_survey(struct arena *arena, const struct run_config *config, struct survey *survey, struct recording_head *head,
	       struct err *err);
/* past: the journal of an earlier run that is taken up, or NULL. Every record in it is handed to the sink, as known. */
int run_plan(const struct run_config *config, const struct survey *survey, struct plan *plan, const char *past,
	     const struct run_sink *sink, struct run_stats *stats, struct err *err);

#endif
