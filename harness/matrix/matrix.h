/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * matrix.h - verdicts folded into cells: rules, entries, blobs. What every report is written from.
 *
 * Memory grows with the number of rules and with the failures kept (a few per rule), not with the number of cases.
 */
#ifndef ASSAY_MATRIX_MATRIX_H
#define ASSAY_MATRIX_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "judge/judge.h"

#define MATRIX_EXAMPLES 3 /* failures kept in full per rule */

struct cell {
	enum verdict
		verdict; /* the worst; UNTESTED when no case reached it, SKIP when its entry is absent or of another version */
	uint64_t counts[VERDICT_COUNT];
};

struct example {
	enum verdict verdict;
	bool alone; /* seen again alone, in a fresh guest: replay shows it; else it takes the cases before it */
	const char *case_id, *rule_id, *cite, *expected, *got, *replay; /* replay: the command that runs it again */
};

struct rule_row {
	const char *id, *cite; /* full id */
	const struct rule *rule; /* NULL: universal */
	bool mandatory; /* counts for `conformant` */
	struct cell cell;
	unsigned tries; /* cases run again alone to see the failure apart from what came before */
	size_t example_count;
	struct example examples[MATRIX_EXAMPLES]; /* one that was seen alone comes first */
	const char *deviation; /* reason on record, or NULL */
};

struct entry_row {
	const char *name; /* full id */
	const struct entry *entry;
	bool skipped;
	struct cell cell;
	size_t rule_count; /* its own rules, then the universal ones */
	struct rule_row *rules;
};

struct matrix {
	const struct spec *spec;
	const struct recording_head *head;
	const char *rundir; /* for replay lines */
	size_t entry_count;
	struct entry_row *entries;
	uint64_t left_out; /* cases not run: their entry had ended the machine too often, or a step before them did */
	uint64_t cases, calls, summary[VERDICT_COUNT]; /* summary: rules by verdict */
	uint64_t checks[VERDICT_COUNT]; /* judgements by verdict */
	size_t mandatory, tested;
	bool conformant;
	const char *why_not; /* one line, NULL when conformant */
	struct {
		double calls_per_second, guest_seconds, wall_seconds;
		uint64_t resets;
	} timing;
	/* of the run itself: whether the records stood up to what QEMU saw. `first`: the first mismatch in words */
	struct {
		bool known;
		uint64_t calls, mismatches;
		const char *first;
	} audit;
	bool partial; /* budget, filter or interrupt: not the whole plan */
	struct arena *arena;
};

/* head must outlive the matrix. rundir is used for replay lines. */
struct matrix *matrix_new(const struct spec *spec, const struct recording_head *head, const char *rundir);
void matrix_free(struct matrix *matrix);
/* The judge's callback: context is the matrix. */
void matrix_judged(void *matrix, const struct judgement *judgement);
/* Will the words of this judgement be kept? For the judge's `wants_words`: context is the matrix. */
bool matrix_wants_words(void *matrix, const struct judgement *judgement);
/* Should this failure be looked at alone? Until one of its rule was seen alone, or a few were not. Asked before matrix_judged(). */
bool matrix_is_news(struct matrix *matrix, const struct judgement *judgement);
void matrix_counted(struct matrix *matrix, const struct recorded_case *recorded);
/* Known deviations (blobs/deviations/NAME.yaml): FAIL becomes KNOWN, PASS becomes CURED. Expired ones do not count. */
int matrix_deviations(struct matrix *matrix, const char *path, const char *today, struct err *err);
/* Folds rules into entries, decides `conformant`. Once, after the last judgement. */
void matrix_fold(struct matrix *matrix);

#endif
