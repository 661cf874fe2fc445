/* SPDX-License-Identifier: BSD-2-Clause */
/* internal.h - what the files of the comparison share. */
#ifndef ASSAY_COMPARE_INTERNAL_H
#define ASSAY_COMPARE_INTERNAL_H

#include "base/arena.h"
#include "compare/compare.h"

/* What a change does to the set of what is allowed; each means an impact on callers and one on implementers. */
enum shift {
	SHIFT_NONE, /* other words for the same */
	SHIFT_FREE, /* something is there that nobody has to care about */
	SHIFT_WEAKER, /* an implementation may do more, or a caller has to do more */
	SHIFT_STRONGER, /* an implementation has to do more */
	SHIFT_BOTH, /* what was written for one does not fit the other */
	SHIFT_COUNT
};

struct work {
	struct comparison *out;
	const struct witness_finder *finder;
	size_t room;
	struct change **list;
};

/* One entry (or chapter) on both sides. */
struct pair {
	struct work *work;
	const struct side *old_side, *new_side;
	const struct entry *old, *new;
};

#define COMPARE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct change *change_add(struct work *work, enum change_kind kind, const char *subject, enum shift shift, const char *format,
			  ...) __attribute__((format(printf, 5, 6)));
/* The same about the pair's entry. */
#define pair_change(pair, kind, shift, ...) change_add((pair)->work, (kind), (pair)->new->full_id, (shift), __VA_ARGS__)

/* An argument that goes where a part of the selector goes is no argument of the caller's. */
bool arg_selects(const struct spec *spec, const struct arg *arg);
/* What makes the call this one, at the side's version: "eid = 0x10, fid = 3". */
const char *selector_text(const struct work *work, const struct side *side, const struct entry *entry);
const char *place_words(struct arena *arena, const struct place *place); /* "a0", "stack+4", "nowhere" */
bool entry_is_there(const struct side *side, const struct entry *entry);
bool entry_may_be_missing(const struct entry *entry); /* though its chapter is there */
bool rule_is_there(const struct side *side, const struct rule *rule);
bool rule_demands(const struct rule *rule); /* a breach of it is a failure */
bool same_text(const char *a, const char *b);
bool set_within(const struct int_set *inner, const struct int_set *outer); /* NULL: the empty set */
const char *set_text(struct arena *arena, const struct int_set *set); /* "0..3, 0x10"; NULL for the empty set */
bool calls_equal(const struct spec_call *a, const struct spec_call *b); /* presence: who is asked for what */

void compare_convention(struct work *work);
void compare_entries(struct work *work); /* matches them, chapter by chapter */
void compare_entry(const struct pair *pair);
void compare_type(const struct pair *pair, const char *label, const struct type *old, const struct type *new, bool is_result);
void compare_args(const struct pair *pair);
void compare_structures(const struct pair *pair);
void compare_rules(const struct pair *pair);
void compare_errors(const struct pair *pair);
/* Registers (or control registers) that are kept: "all but a0, a1" or "ebx, esi". */
void compare_preserved(struct work *work, const char *subject, const struct preserved *old, const struct preserved *new);

#endif
