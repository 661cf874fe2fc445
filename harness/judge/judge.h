/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h - verdicts from a recording and a specification. Never starts a process, never looks at the clock.
 */
#ifndef ASSAY_JUDGE_JUDGE_H
#define ASSAY_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/record.h"
#include "spec/consumer.h"

/* From best to worst; a cell shows its worst. */
enum verdict {
	VERDICT_SKIP, /* optional and absent, or not in the claimed version */
	VERDICT_PASS,
	VERDICT_OBSERVED, /* unspecified, or a recommendation: recorded only */
	VERDICT_KNOWN, /* a deviation on record */
	VERDICT_CURED, /* a deviation on record that now passes */
	VERDICT_UNTESTED, /* no case reached it */
	VERDICT_BROKEN, /* ours */
	VERDICT_FLAKY, /* failed, and did not fail again every time when the same was done again: never given by the judge, see matrix.h */
	VERDICT_FAIL,
	VERDICT_CRASH,
	VERDICT_HANG,
	VERDICT_COUNT
};

extern const char *const verdict_names[VERDICT_COUNT];

/* The blob broke a rule: at least once. */
static inline bool verdict_is_failure(enum verdict verdict)
{
	return verdict >= VERDICT_FLAKY && verdict < VERDICT_COUNT;
}

/* One rule on one call. Strings are valid during the callback only. */
struct judgement {
	enum verdict verdict;
	const struct rule *rule; /* NULL: a universal rule */
	enum universal universal; /* when rule is NULL */
	const struct entry *entry;
	const struct recorded_case *recorded;
	unsigned step;
	const char *rule_id; /* "sbi.hsm.hart_start:opaque-in-a1" */
	const char *cite;
	const char *expected, *got; /* NULL for PASS and SKIP, and when nobody wants words */
};

struct judge;

struct judge_config {
	const struct spec *spec;
	const struct recording_head *head;
	void *context;
	void (*judged)(void *context, const struct judgement *judgement);
	/* Will `expected` and `got` be read? To find the words takes longer than to find the verdict. NULL: always. */
	bool (*wants_words)(void *context, const struct judgement *judgement);
	const struct consumers *consumers; /* whose needs are looked at on the way; NULL: none */
};

struct judge *judge_new(const struct judge_config *config, struct err *err);
void judge_free(struct judge *judge);
/* Judges every step of a case, in order, and carries the model's state on to the next. Returns the worst verdict. */
enum verdict judge_case(struct judge *judge, const struct recorded_case *recorded);

/* The version a blob is judged by: index of the newest one that is not newer than its claim; no claim: the newest of all. */
int judge_version(const struct spec *spec, const struct recording_head *head);
/* Was the blob asked for this entry, by a call that its version has, and did it say that it is not there? */
bool judge_is_missing(const struct recording_head *head, const struct entry *entry, int version);
/* Is its chapter not there, and does nothing say what a call of it answers? Then none is made. */
bool judge_is_left_alone(const struct spec *spec, const struct recording_head *head, const struct entry *entry);

/* What the cases so far say of a consumer's need. */
enum need_state {
	NEED_UNKNOWN, /* nothing that was observed tells */
	NEED_ABSENT, /* it is over calls of an entry that is not there: nothing to ask */
	NEED_MET,
	NEED_BROKEN,
};

struct need_finding {
	enum need_state state;
	uint64_t observations; /* that the need was over */
	const char *case_id,
		*got; /* NEED_BROKEN: the first case that shows it, if one does, and what was there; in the judge's memory */
};

/* consumer, need: numbers in the configuration's consumers, and in its needs. */
struct need_finding judge_need(const struct judge *judge, size_t consumer, size_t need);

/* Calls that could not be judged because the specification has no entry of their name (an old recording, a renamed entry). */
uint64_t judge_unnamed(const struct judge *judge);

#endif
