/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * private.h - what the files of the judge share.
 *
 *     judge.c      walks the steps of a case, decides which rules apply, hands verdicts out
 *     world.c      one recorded step as the environment of expressions
 *     model.c      what the state variables hold before a step
 *     rules.c      the rules of an entry
 *     universal.c  the rules every call is held to (memory.c: those about memory)
 *     needs.c      what the calls tell of the needs of consumers
 *     perturb.c    whether a rule that passed could have failed (mutate.c: had the observation been another)
 *
 * A verdict comes first and without words; the words are made only for what is not PASS.
 */
#ifndef ASSAY_JUDGE_PRIVATE_H
#define ASSAY_JUDGE_PRIVATE_H

#include <uthash.h>

#include "judge/judge.h"
#include "spec/structure.h"

#define NO_VERDICT VERDICT_COUNT /* the rule has nothing to say about this call */

/* How an entry stands to the blob, before anything it answered is looked at. */
enum standing {
	STANDING_THERE,
	STANDING_ABSENT, /* its chapter is not there, or the blob was asked for it and it is not */
	STANDING_MISSING, /* optional, and this call answered that it is not there */
	STANDING_OUTSIDE, /* not in the version the blob claims */
	STANDING_UNSURE, /* the recording does not say whether its chapter is there */
};

struct entry_info {
	const struct entry *entry;
	enum standing standing; /* never MISSING */
	enum need_state presence; /* as far as was seen: UNKNOWN, MET or BROKEN */
	uint32_t preserved; /* registers, by the architecture's number */
	const char *universal_ids[UNIVERSAL_COUNT];
	UT_hash_handle hh; /* by full id */
};

/* A register or control register by name. */
struct register_name {
	const char *name;
	int number, control; /* into the landing's arrays; -1: it is none */
	UT_hash_handle hh;
};

/* A journal hands the same string out for the same entry; this spares the hash most of the time. */
struct name_cache {
	const char *name;
	const struct entry_info *info;
};
#define NAME_CACHE 256

struct model;

/* A need that is over an entry, and what is known of it so far. */
struct watched_need {
	const struct need *need;
	struct need_finding finding;
	uint64_t seen; /* a bit for each value of `each` */
	struct watched_need *next; /* of the same entry */
};

struct judge {
	struct judge_config config;
	const struct spec *spec;
	const struct recording_head *head;
	struct arena *arena;
	int version;
	uint32_t convention_preserved;
	struct entry_info *infos, *by_name; /* infos: by entry number */
	struct register_name *register_names;
	int control[SPEC_CONTROL]; /* the convention's control registers in the recording's arrays; -1: not recorded */
	struct model *batch, *alone; /* alone: of cases that are run again by themselves */
	struct name_cache cache[NAME_CACHE];
	uint64_t unnamed;
	struct watched_need **needs; /* by consumer; each by need */
	struct watched_need **needs_of; /* by entry number: those with `must`, and those of structures */
	char expected[1024], got[2048];
};

/* One recorded step, as expressions see it. Filled by world_init(). */
struct world {
	struct expr_env env;
	const struct judge *judge;
	struct model *model;
	const struct entry_info *info;
	const struct entry *entry;
	const struct recorded_step *step;
	enum record_outcome outcome; /* what the step's outcome means for this entry */
	enum standing standing;
	uint64_t key[2]; /* NAME_KEY */
	struct structure_view structure; /* as it was seen, in the guest's memory or else in the blob's file; size 0: not */
};

void world_init(struct world *world, const struct judge *judge, struct model *model, const struct entry_info *info,
		const struct recorded_step *step);
/* Is what was captured after the call (buffers) worth looking at? */
bool world_has_after(const struct world *world);

struct model *model_new(const struct spec *spec);
void model_free(struct model *model);
/* The model as it is when a guest has been started anew. Nothing happens when it is the boot the model is in already. */
void model_boot(struct model *model, uint32_t boot);
struct value model_value(struct model *model, struct world *world, unsigned state, const uint64_t keys[2]);
/* The effects of the world's call; none when it was refused because it is not there. */
void model_apply(struct model *model, struct world *world);

/* The verdict of one rule of the entry on the world's step. */
enum verdict rule_verdict(const struct world *world, const struct rule *rule);
void rule_words(const struct world *world, const struct rule *rule, char *expected, size_t expected_size, char *got,
		size_t got_size);

enum verdict universal_verdict(const struct world *world, enum universal universal);
void universal_words(const struct world *world, enum universal universal, char *expected, size_t expected_size, char *got,
		     size_t got_size);
const char *outcome_words(enum record_outcome outcome);
/* The call is not there and said so: it did nothing. */
bool was_refused(const struct world *world);

/* needs.c */
void needs_begin(struct judge *judge);
/* What the world's call tells of the needs over its entry; `case_id` is its case. */
void needs_observe(struct judge *judge, const struct world *world, const char *case_id);

/* For perturb.c: what judge_case() does around the rules. */
struct model *judge_enter(struct judge *judge, const struct recorded_case *recorded);
const struct entry_info *judge_find(struct judge *judge, const char *name);
static inline bool was_called(const struct recorded_step *step)
{
	return step->outcome != RECORD_NOT_RUN && step->outcome != RECORD_NO_HART;
}

#endif
