/* SPDX-License-Identifier: BSD-2-Clause */
/* recall.h - what a run recorded of one case, which rules it failed there, and what came before it in the same guest. */
#ifndef ASSAY_CLI_RECALL_H
#define ASSAY_CLI_RECALL_H

#include "judge/judge.h"
#include "record/record.h"

#define FAILINGS_MAX 16u /* of one case that are told one by one */

struct failing {
	enum verdict verdict;
	unsigned step; /* call of the case, from 0 */
	const char *rule, *cite, *expected, *got;
};

/* How a case was judged. */
struct judged {
	enum verdict verdict; /* the worst */
	size_t count;
	struct failing list[FAILINGS_MAX]; /* what failed; strings in the arena it was made with */
};

/* Is every rule that failed in `was` among those that fail in `is`? only: look at this rule alone, or NULL. */
bool judged_covers(const struct judged *is, const struct judged *was, const char *only);
/* A judge that fills a struct judged, and shows what it finds in a stream, while `open`. */
struct listener {
	struct arena *arena;
	struct judged *judged;
	FILE *out; /* NULL: shows nothing */
};
void listen_judged(void *listener, const struct judgement *judgement);

struct recall {
	const char *id;
	struct journal_reader *batch_reader, *alone_reader, *trial_reader;
	const struct recorded_case *batch, *alone; /* in the batch, and when it was run again alone; NULL: was not */
	struct judged batch_judged, alone_judged;
	size_t before_count;
	const char *const *before; /* ids, in order, up to the case */
	/* the first trial that showed what a rule takes, see recall_trial(); NULL: there is none */
	const struct recorded_case *trial;
	struct judged trial_judged;
	size_t after_count;
	const char *const *after; /* ids of the cases before it in that trial */
};

/* An error (EXIT_USAGE) when there is no such run. A case that it did not record leaves both NULL. */
int recall_case(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec, const char *id,
		struct err *err);
/* Looks for a trial of this rule, or of any when it is NULL. */
int recall_trial(struct recall *recall, struct arena *arena, const char *journal, const struct spec *spec, const char *rule,
		 struct err *err);
void recall_free(struct recall *recall);

/* What `assay shrink` found out, RUNDIR/shrunk/HASH.json. NULL: nothing. *count may be 0: it fails alone. */
const char *const *shrunk_read(struct arena *arena, const char *rundir, const char *id, size_t *count);
int shrunk_write(struct arena *arena, const char *rundir, const char *id, const char *const *before, size_t count,
		 const struct judged *judged, bool shortest, const char **path, struct err *err);

#endif
