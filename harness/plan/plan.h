/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h - the cases that follow from a specification.
 *
 * A plan is a stream: cases are made one after the other, each is valid until the next is asked for, and memory does not grow
 * with their number. The same spec, survey and options give the same cases, byte for byte; a filter takes some of them away and
 * changes none.
 *
 * Order: first everything that aims at something, chapter by chapter, then everything random. A case undoes what it did where
 * calls can do that; those that end the guest or leave something behind come at the end of their chapter.
 */
#ifndef ASSAY_PLAN_PLAN_H
#define ASSAY_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spec/side.h"
#include "spec/spec.h"

#define CASE_STEPS 24

enum effort { EFFORT_QUICK, EFFORT_STANDARD, EFFORT_DEEP };

enum strategy {
	STRATEGY_RULE, /* rule-directed: each side of a rule's `when` */
	STRATEGY_BOUNDARY,
	STRATEGY_RESERVED,
	STRATEGY_PAIRWISE,
	STRATEGY_RANDOM,
	STRATEGY_SEQUENCE,
	STRATEGY_SAMPLE,
	STRATEGY_ABSENT, /* a call that is not there */
	STRATEGY_COUNT
};

extern const char *const strategy_names[STRATEGY_COUNT];

enum value_source {
	VALUE_LITERAL,
	VALUE_NOW, /* literal + the guest's clock at the call */
	VALUE_RESULT, /* literal + result `from_result` of step `from_step` of this case */
	VALUE_PAD, /* literal + the address of pad `pad` */
	VALUE_BUFFER, /* literal + the address of buffer number `buffer` of step `from_step`: nearly always this step's own */
	VALUE_RAM_END, /* literal + the first address after RAM */
	VALUE_BLOB, /* literal + the address the blob is loaded at */
};

struct case_value {
	enum value_source source;
	uint64_t literal;
	unsigned from_step, from_result, buffer;
	const char *pad;
};

struct case_buffer {
	size_t size; /* bytes; 0: no memory, the address is an odd one or another step's */
	size_t align, misalign; /* the address is a multiple of align, plus misalign */
	const uint8_t *content; /* size bytes; NULL: filled with the guard pattern */
};

struct case_step {
	const struct entry *entry;
	unsigned hart; /* 0: the boot CPU; 1..: others */
	bool async; /* do not wait: a later step wakes or joins it */
	bool join; /* no call: wait for `hart` */
	struct case_value args[SPEC_ARGS];
	unsigned buffer_count;
	struct case_buffer buffers[SPEC_BUFFERS];
};

struct plan_case {
	const char *id; /* "sbi.base.probe_extension:boundary:extension_id=max" */
	enum strategy strategy;
	const struct entry *entry; /* the entry the case is about: that of step `main` */
	const struct rule *rule; /* STRATEGY_RULE: the rule aimed at; else NULL */
	bool ends_guest; /* may end or lock up the machine, or leaves something that only a reset undoes */
	unsigned step_count, main;
	struct case_step steps[CASE_STEPS];
};

/* What is known of the blob before the plan is made (run finds it out with a survey; `assay plan` assumes everything). */
struct survey {
	int version; /* index into spec->versions; -1: no claim, the newest is meant */
	uint64_t claimed_major, claimed_minor;
	const bool *present; /* by chapter number */
	const bool *missing; /* by entry number: asked for, and not there; NULL: none */
	bool unreachable; /* what calls are found by is not in the guest's memory: none can be made */
	unsigned harts;
	uint32_t hart_ids[8]; /* [0]: the boot CPU */
	uint64_t ram_base, ram_size;
	uint64_t clock_hz;
};

struct plan_options {
	enum effort effort;
	uint64_t seed;
	const char *filter; /* fnmatch(3) pattern over entry ids and case ids; NULL: all */
	uint64_t random_cases; /* per entry; 0: as effort says */
	const struct side_solver
		*solver; /* asked for values that trying does not find; NULL: nobody is. Lives longer than the plan */
};

/* A side of a rule's `when` that no case aims at, and why. */
enum gap_why {
	GAP_UNSOLVED, /* trying did not find it, and there is nobody to ask */
	GAP_UNDECIDED, /* whoever was asked gave up */
	GAP_NO_VALUES, /* no values of the call do, in the states that the plan knows to get into */
	GAP_NO_CHOICE, /* nothing that the caller chooses decides it: the blob's answer does, or the state it is in */
};

struct plan_gap {
	const struct rule *rule;
	bool holds; /* the side: `when` holds */
	enum gap_why why;
};

struct plan;

/* A filter that matches no entry and no case is an error (EXIT_USAGE) with the nearest names. */
struct plan *plan_new(const struct spec *spec, const struct survey *survey, const struct plan_options *options, struct err *err);
void plan_free(struct plan *plan);
/* The next case, or NULL at the end. Valid until the next call. */
const struct plan_case *plan_next(struct plan *plan);
void plan_rewind(struct plan *plan);
/* The case with this id, or NULL; found by walking the plan from the start. Valid until the next plan_next(). */
const struct plan_case *plan_find(struct plan *plan, const char *id);
uint64_t plan_count(struct plan *plan); /* how many there are; walks a copy */
/*
 * Sides that no case aims at, of the part that was walked so far, in the order of the plan. That a call gets to them all the same, in
 * a sequence or by chance, is not ruled out. *gaps is valid until the next plan_next().
 */
size_t plan_gaps(const struct plan *plan, const struct plan_gap **gaps);

/* One case as text, for `assay plan` and replay: one line a step, values by name. Into the stream. */
#include <stdio.h>
void plan_print(const struct plan_case *plan_case, FILE *out);

#endif
