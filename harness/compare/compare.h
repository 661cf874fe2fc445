/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.h - what became of an interface between two specifications, or two versions of one.
 *
 * A specification allows a set of behaviours. Callers are let down where the new one allows what the old one excluded;
 * implementers where it excludes what the old one allowed. Neither: the change is compatible, or only puts things in other words.
 * Rules are compared by what they demand: whether a rule that went, came or changed makes a difference is looked for in calls.
 */
#ifndef ASSAY_COMPARE_COMPARE_H
#define ASSAY_COMPARE_COMPARE_H

#include "spec/spec.h"

enum party { PARTY_CALLERS, PARTY_IMPLEMENTERS, PARTY_COUNT };

enum impact { IMPACT_CLARIFICATION, IMPACT_COMPATIBLE, IMPACT_BREAKING, IMPACT_COUNT };

/* What an impact rests on. */
enum basis {
	BASIS_FORM, /* it follows from the kind of change */
	BASIS_WITNESS, /* a call shows it */
	BASIS_SEARCH, /* no call that was tried shows a difference */
	BASIS_ASSUMED, /* hardly any call that was tried could show one: taken for breaking */
	BASIS_COUNT
};

enum change_kind {
	CHANGED_DOCUMENT,
	CHANGED_CONVENTION,
	CHANGED_CONSTANT,
	CHANGED_CHAPTER_ADDED,
	CHANGED_CHAPTER_REMOVED,
	CHANGED_PRESENCE,
	CHANGED_ENTRY_ADDED,
	CHANGED_ENTRY_REMOVED,
	CHANGED_ENTRY_MOVED,
	CHANGED_SELECTOR,
	CHANGED_ARGUMENT,
	CHANGED_RESULT,
	CHANGED_ERROR_ADDED,
	CHANGED_ERROR_REMOVED,
	CHANGED_OUTCOME,
	CHANGED_CLOBBER,
	CHANGED_CONSOLE,
	CHANGED_DEADLINE,
	CHANGED_FIELD,
	CHANGED_EFFECT,
	CHANGED_RULE_ADDED,
	CHANGED_RULE_REMOVED,
	CHANGED_RULE,
	CHANGED_REMARK,
	CHANGED_COUNT
};

extern const char *const party_names[PARTY_COUNT]; /* "callers", "implementers" */
extern const char *const impact_names[IMPACT_COUNT];
extern const char *const basis_names[BASIS_COUNT];
extern const char *const change_kind_names[CHANGED_COUNT]; /* "rule-added" */

/* A specification as one of its versions. */
struct side {
	const struct spec *spec;
	int version; /* index into spec->versions; -1: it has none */
};

const char *side_version(const struct side *side); /* "2.0", or the document's revision */

/* A call, and an answer to it that one side allows and the other does not. */
struct witness {
	const char *call; /* "send_ipi(hart_mask = 1, hart_mask_base = 0)" */
	const char *answer; /* "error = -1 (SBI_ERR_FAILED)": what the broken demand looks at */
	const char *demand; /* "sbi.ipi.send_ipi:running-harts": the demand that it breaks */
};

struct weight {
	enum impact impact;
	enum basis basis;
	const struct witness *witness; /* NULL: none */
};

struct change {
	enum change_kind kind;
	const char *subject; /* "sbi.time.set_timer", "sbi.dbtr", "sbi" */
	const char *what; /* "rule `always-succeeds` added" */
	const char *before, *after; /* as written; NULL: there was none, or nothing to show */
	const char *cite; /* of the new text, or of the old one where there is no new one; NULL */
	struct weight on[PARTY_COUNT];
};

struct comparison {
	struct side old, new;
	size_t count;
	struct change *const *changes; /* in the order of the new document; what went comes after what is there */
	size_t breaking[PARTY_COUNT];
	struct arena *arena;
};

/* ---- how witnesses are found ---- */

struct demand {
	const struct rule *rule; /* NULL: `error` below must not be answered */
	uint64_t error;
};

/* Which call, answered how, breaks a demand of one side and keeps all that the other side demands? */
struct question {
	const struct side *breaks_side, *keeps_side;
	const struct entry *breaks, *keeps; /* the entry, as either side has it */
	struct demand broken;
};

enum found { FOUND_WITNESS, FOUND_NONE, FOUND_UNDECIDED };

/*
 * One implementation searches (search.h); a solver could be another. `find` fills *witness when it found one, from the arena,
 * and is total: FOUND_NONE says that the demand was broken often enough and never so that the other side's demands were kept,
 * FOUND_UNDECIDED that it was broken too seldom to say so, or not at all.
 */
struct witness_finder {
	void *context;
	enum found (*find)(void *context, const struct question *question, struct arena *arena, struct witness *witness);
};

/* The comparison refers to both specifications, which have to outlive it. Never fails. */
struct comparison *compare_specs(const struct side *old, const struct side *new, const struct witness_finder *finder);
void comparison_free(struct comparison *comparison);

#endif
