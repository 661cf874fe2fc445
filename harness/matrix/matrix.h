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
#include "record/boot.h"

#define MATRIX_EXAMPLES 3 /* failures kept in full per rule */

struct cell {
	enum verdict
		verdict; /* the worst; UNTESTED when no case reached it, SKIP when its entry is absent or of another version */
	uint64_t counts[VERDICT_COUNT];
};

/* What it takes to make a rule fail, as trials have shown for the first case that failed it. */
enum attribution_kind {
	ATTRIBUTION_NONE, /* nothing failed */
	ATTRIBUTION_ALONE, /* a case that failed it in the batch failed it again, alone in a fresh guest */
	ATTRIBUTION_SEQUENCE, /* it takes the cases in `after`, and failed after them every time */
	ATTRIBUTION_FLAKY, /* the same done again gives now this, now that: `failed` of `tries` */
	ATTRIBUTION_OPEN, /* not alone, and nobody has looked any further */
};

struct attribution {
	enum attribution_kind kind; /* matrix_attribute() */
	const char *case_id; /* the first that failed the rule; NULL: none */
	bool alone;
	unsigned tries, failed; /* trials that are on record */
	const char *const *after; /* ids; NULL: none are known */
	size_t after_count;
	bool shortest; /* none of `after` can be left out; else tries were used up before that was known */
};

struct example {
	enum verdict verdict;
	bool alone; /* seen again alone, in a fresh guest: replay shows it; else it takes the cases before it */
	const struct attribution *sequence; /* the cases it takes before it, or NULL */
	const char *case_id, *rule_id, *cite, *expected, *got, *replay; /* replay: the command that runs it again */
};

struct rule_row {
	const char *id, *cite; /* full id */
	const struct rule *rule; /* NULL: universal */
	bool mandatory; /* counts for `conformant` */
	struct cell cell;
	unsigned tries; /* cases run again alone to see the failure apart from what came before */
	struct attribution attribution;
	size_t example_count;
	struct example examples[MATRIX_EXAMPLES]; /* one that was seen alone comes first */
	const char *deviation; /* reason on record, or NULL */
};

struct entry_row {
	const char *name; /* full id */
	const struct entry *entry;
	bool skipped;
	struct cell cell;
	size_t rule_count, own_count; /* its own rules, then the universal ones */
	struct rule_row *rules;
};

/* Would a consumer run on the blob? From best to worst. */
enum consumer_outcome {
	CONSUMER_RUNS,
	CONSUMER_LOSES, /* it runs, without something */
	CONSUMER_UNKNOWN, /* something that it needs was not observed */
	CONSUMER_REFUSES,
	CONSUMER_CRASHES,
	CONSUMER_OUTCOMES
};

extern const char *const consumer_outcome_names[CONSUMER_OUTCOMES]; /* "runs", ... */

/* A need that is not met, or of which nobody knows. */
struct consumer_reason {
	const struct need *need;
	struct need_finding finding;
};

struct consumer_row {
	const struct consumer *consumer;
	enum consumer_outcome outcome;
	size_t reason_count, risk_count;
	const struct consumer_reason *reasons; /* the one that decides comes first */
	const struct rule_row *const *risks; /* rules that failed of calls that it makes */
};

/* The trial that is being read: its cases come one after the other. */
struct matrix_trial {
	struct boot_ids before; /* so far */
	struct rule_row *row; /* of a trial that has not failed yet; NULL: none */
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
	bool undecided; /* nothing of what was run speaks against it, and not all was run */
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
	uint64_t vanished; /* of the run itself: times that QEMU gave no answer, and the calls were run again */
	size_t consumer_count;
	struct consumer_row *consumers; /* in the order of their profiles */
	struct matrix_trial trial;
	const char *partial; /* why not the whole plan was run ("--filter sbi.hsm.*"); NULL: it was. Must outlive the matrix */
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
/* Did the rule fail, and not when its case was run again alone, and nobody knows more yet? Then it wants trials. */
bool matrix_is_open(const struct rule_row *row);
/*
 * Works out what each failure takes. What is flaky is counted as FLAKY from here on. Once all judgements are in; the two below do it
 * themselves, and to do it again changes nothing.
 */
void matrix_attribute(struct matrix *matrix);
/* Known deviations (blobs/deviations/NAME.yaml): FAIL becomes KNOWN, PASS becomes CURED. Expired ones do not count, and FLAKY is excused by none. */
int matrix_deviations(struct matrix *matrix, const char *path, const char *today, struct err *err);
/* Folds rules into entries, decides `conformant`. Once, after the last judgement. */
void matrix_fold(struct matrix *matrix);
/* What the judge has found of consumers' needs, and what was folded, into rows; after matrix_fold(). The judge must outlive the matrix. */
void matrix_consumers(struct matrix *matrix, const struct judge *judge, const struct consumers *consumers);

#endif
