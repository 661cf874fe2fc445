/* SPDX-License-Identifier: BSD-2-Clause */
/* resume.h - a recording that is gone on with. */
#ifndef ASSAY_CLI_RESUME_H
#define ASSAY_CLI_RESUME_H

#include "cli/rundir.h"

/*
 * Opens the journal of request->resume for more. Blob, specification, seed and effort are taken from the recording; only how to run
 * and print is taken from the line. *past gets what the recording was made with, *journal the writer, which is the caller's even on
 * failure. Prints what is wrong; returns an exit code.
 */
int resume_open(struct arena *arena, struct plan_request *request, struct recording_head *past, struct journal_writer **journal);
/*
 * Is it all the same now, as far as both heads say it? A recording is never gone on with by something else: EXIT_USAGE. rundir NULL:
 * nothing is resumed, and all is well.
 */
int resume_check(const char *rundir, const struct recording_head *past, const struct recording_head *now, struct err *err);

#endif
