/* SPDX-License-Identifier: BSD-2-Clause */
/* again.h - a recorded run brought back to life, so that one case of it can be run again. What replay and shrink share. */
#ifndef ASSAY_CLI_REPLAY_AGAIN_H
#define ASSAY_CLI_REPLAY_AGAIN_H

#include "cli/recall.h"
#include "cli/rundir.h"
#include "run/rerun.h"

#define GUESTS_DIRECTORY_SIZE 32

/* What the commands are told that run a case again. Strings point into argv. */
struct again_request {
	const char *rundir, *id;
	const char *rule; /* that has to fail; NULL: all that the case failed in the run */
	enum sandbox_policy sandbox;
};

extern const struct argp_child again_request_child[]; /* its input is a struct again_request; it takes the words, too */

struct again {
	struct arena *arena;
	const char *rundir, *id;
	struct plan_request request; /* as the run was asked for */
	struct subject subject;
	struct run_config config;
	struct survey survey;
	struct recording_head head; /* of what is run now */
	struct recall recall;
	char directory[GUESTS_DIRECTORY_SIZE]; /* the guests' */
};

/* Makes an empty directory for guests that no run directory is for; rmdir() takes it away again. "" on failure. */
int guests_directory(char directory[GUESTS_DIRECTORY_SIZE], struct err *err);

/* Finds everything, and asks the blob what it is. Prints what is wrong; an exit code. again_close() in any case. */
int again_open(struct again *again, const struct again_request *request);
void again_close(struct again *again);

/* Guests for the case after some others (ids); their numbers are 0 to count - 1, the case's is count. */
struct again_guests {
	bool gdb, trace;
};
struct rerun *again_prepare(struct again *again, const char *const *before, size_t count, struct again_guests guests,
			    struct err *err);

/* What became of the case once. Texts in the arena. */
struct trial {
	bool reached; /* no case before it ended the guest */
	struct judged judged;
	const char *shown; /* the case and its verdicts, as text */
	const char *differences; /* to `than`, a line each */
	unsigned difference_count;
	struct recorded_step *steps; /* a copy, without memory and landings */
	unsigned step_count, main;
};

/* than: a recording to compare with, or NULL. The request's own callback is not called. */
int again_try(struct again *again, struct rerun *rerun, const struct rerun_request *request, const struct recorded_case *than,
	      struct trial *trial, struct err *err);

/* A structure is read, not called: nothing comes before it, and nothing can be looked into. */
bool again_is_read(const struct again *again);
/* As again_try(), of such a case. */
int again_read(struct again *again, const struct recorded_case *than, struct trial *trial, struct err *err);

#endif
