/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rundir.h - a run on disk: RUNDIR/run.json, RUNDIR/journal, the console log and the reports; and reading one back.
 */
#ifndef ASSAY_CLI_RUNDIR_H
#define ASSAY_CLI_RUNDIR_H

#include "cli/cli.h"
#include "judge/judge.h"
#include "matrix/matrix.h"
#include "record/record.h"

/* Makes the directory: `wanted`, or the first free assay-runs/BLOB-N. NULL and err when it exists or cannot be made. */
const char *rundir_create(struct arena *arena, const char *wanted, const char *blob, struct err *err);
const char *rundir_file(struct arena *arena, const char *rundir, const char *name);

/* Writes run.json and one file per report format, each whole or not at all. */
int rundir_write(struct arena *arena, const char *rundir, const struct matrix *matrix, struct err *err);

/* The head's `options`, as they were given: what replay and resume need to make the same plan again. */
const char *request_to_text(struct arena *arena, const struct plan_request *request, const struct subject *subject);
int request_from_text(struct arena *arena, const char *text, struct plan_request *request, struct err *err);

/* `--claim 3.0`: the blob is judged by this version, whatever it says of itself. NULL: by what it says. */
int subject_claim(const struct subject *subject, const char *claim, struct survey *survey, struct recording_head *head,
		  struct err *err);

/* Recordings into verdicts. */
struct folding {
	struct matrix *matrix;
	struct judge *judge;
	struct consumers *consumers; /* the spec's */
	bool fresh_failure; /* the case judged last failed a rule that had not failed before */
	uint64_t failing_cases;
};
int folding_begin(struct folding *folding, struct spec *spec, const struct recording_head *head, const char *rundir,
		  struct err *err);
enum verdict folding_case(struct folding *folding, const struct recorded_case *recorded);
/* After the last case: rows, the answer, and what it means for consumers. */
void folding_end(struct folding *folding);
void folding_free(struct folding *folding);

/* An old run, judged again. */
struct old_run {
	struct arena *arena;
	struct journal_reader *reader;
	struct spec *spec;
	struct folding folding;
	struct matrix *matrix;
	const char *rundir;
	struct plan_request request; /* what was asked for, as far as the recording has it */
};

/* spec: another specification than the recorded one, or NULL. Prints nothing but what is wrong with that. old_run_free() in any case. */
int old_run_read(struct old_run *run, const char *rundir, const char *spec, struct err *err);
/* The same, and says what is wrong or to be known of the run; returns an exit code. */
int old_run_load(struct old_run *run, const char *rundir, const char *spec);
void old_run_free(struct old_run *run);

#endif
