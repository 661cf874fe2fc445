/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rerun.h - some cases of a plan again, in a chosen order, in one fresh guest: what replay and shrink are made of.
 *
 * Unlike a run, nothing that a blob does is tried again, confirmed or left out: what happens is what is told.
 */
#ifndef ASSAY_RUN_RERUN_H
#define ASSAY_RUN_RERUN_H

#include "run/kept.h"
#include "run/lane.h"
#include "run/run.h"

struct rerun;

struct rerun_config {
	const struct run_config *run;
	const struct survey *survey;
	bool gdb, trace; /* guests that can be looked into, see guest/debug.h */
	const struct kept *kept; /* where cases are looked for before the plan is; must outlive the rerun. May be NULL */
	bool sampled; /* audits as many calls as the run does; else all */
};

/* One boot. The cases are numbers in the list that the rerun was made with; the last one is what it is about. */
struct rerun_request {
	const size_t *cases;
	size_t count;
	bool silence; /* a QEMU that gives no answer, twice, is told as what became of the case; else it is an error (EXIT_BROKEN) */
	bool part; /* as many of them as the guest has room for; else all, or an error */
	int watched; /* step of the last case (joins counted) that the watcher looks at; -1: none */
	const struct lane_watcher *watcher;
	void *context;
	/* called in order for every case that was begun; valid during the call only */
	void (*seen)(void *context, const struct recorded_case *recorded);
};

/*
 * Copies the cases with these ids out of the plan, in the order of the list; all of them different. A case that the plan does not
 * have is an error (EXIT_USAGE). The plan, which is at its beginning, is not used after that.
 */
struct rerun *rerun_new(const struct rerun_config *config, struct plan *plan, const char *const *ids, size_t count,
			struct err *err);
void rerun_free(struct rerun *rerun);

/* EXIT_INTERRUPTED when the run's interrupt flag was set; then some cases may have been told already. */
int rerun_run(struct rerun *rerun, const struct rerun_request *request, struct err *err);

/* The case as it is laid out, and the step of it that is number `call` of its recording, where joins are left out. */
const struct asked_case *rerun_case(const struct rerun *rerun, size_t number);
int rerun_step(const struct rerun *rerun, size_t number, unsigned call);

/* Lays the cases out without running them, for who wants to keep what a guest would start with. The guest stays the rerun's. */
struct guest *rerun_lay_out(struct rerun *rerun, const struct rerun_request *request, struct err *err);

#endif
