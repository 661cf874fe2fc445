/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * format.h - the layout of a journal, and what its writer and its reader share.
 *
 *     file    = magic[8] record*
 *     record  = length:u32 crc32:u32 payload[length]        (little-endian; the checksum is zlib's, over the payload)
 *     payload = kind:byte ...
 *
 * Kinds, in the order in which they may appear: one HEAD; any number of STRING, CASE, AUDIT and SEARCH; at most one END, the last record.
 *
 * - STRING gives the next number (from 1) to a text. A CASE names its strategy, its rule and its entries by such numbers; the
 *   string comes before the case that first needs it. 0 stands for "none".
 * - CASE holds only what differs from what came before: its id shares a prefix with the last id, its boot and its clock are
 *   differences, control registers are XORed with those of the last step (and, within a step, with those before the call).
 *   `struct history` is that memory; writer and reader move it forward by the same rules.
 * - AUDIT says how the audit stood when the next case was recorded: calls looked at, mismatches, and the first one in words (from the
 *   run's begin; it is there when something has changed). A reader that knows none stops at it.
 * - SEARCH names an entry, and how many tries a search for what one of its rules takes has used. It comes behind the search's trials.
 * - END holds the number of cases. A journal without it was cut short.
 *
 *     case    = id.shared id.rest[] strategy rule boot:signed attempt steps main step* [role]
 *     step    = flags entry [hart] counts args:signed* results:signed* start:signed end:signed
 *               [cause pc value] [clobbered (after:u64 before:u64)*] before:words after:words [later:words]
 *               [ipis] buffer* [landings landing*] [console]
 *     buffer  = address:signed size guard has [before:runs] [after:runs]
 *     landing = hart pad pc registers:words control:words
 *
 * Everything not said otherwise is a varint (codec.h). Registers that are not clobbered are not stored. The role is left out where it
 * is RECORD_ITSELF, as it is in recordings of the first versions.
 */
#ifndef ASSAY_RECORD_FORMAT_H
#define ASSAY_RECORD_FORMAT_H

#include "record/codec.h"
#include "record/record.h"

#define JOURNAL_MAGIC	     "assayJ1\n"
#define JOURNAL_MAGIC_SIZE   8
#define JOURNAL_FRAME	     8 /* length and checksum */
#define JOURNAL_RECORD_MAX   (64u << 20) /* bytes of one payload */
#define JOURNAL_EXPANDED_MAX (64u << 20) /* bytes one case may take in memory */
#define JOURNAL_STRINGS_MAX  (1u << 20)

enum journal_kind { KIND_HEAD = 1, KIND_STRING, KIND_CASE, KIND_END, KIND_AUDIT, KIND_SEARCH };

enum step_flag {
	STEP_OUTCOME = 0xf, /* enum record_outcome */
	STEP_SAME_HART = 1 << 4,
	STEP_TRAP = 1 << 5,
	STEP_CLOBBERED = 1 << 6,
	STEP_LATER = 1 << 7,
	STEP_IPIS = 1 << 8,
	STEP_CONSOLE = 1 << 9,
	STEP_LANDINGS = 1 << 10,
	STEP_FLAGS = (1 << 11) - 1,
};

enum buffer_flag { BUFFER_BEFORE = 1, BUFFER_AFTER = 2 };

/* What the next case is told apart from. */
struct history {
	char *id; /* malloc'ed; NULL: "" */
	size_t id_length, id_size;
	uint64_t time, control[RECORD_CONTROL];
	uint32_t boot, hart;
};

void history_id(struct history *history, const char *id, size_t length);
void history_step(struct history *history, const struct recorded_step *step);
void history_free(struct history *history);

/* Numbers of the strings a case needs; they are on record by the time the case is encoded. */
struct case_names {
	uint32_t strategy, rule;
	const uint32_t *entries; /* one for each step */
};

/* NULL, or what is wrong with a case that no journal could hold. */
const char *case_fault(const struct recorded_case *recorded);
void encode_head(struct sink *sink, const struct recording_head *head);
void encode_case(struct sink *sink, struct history *history, const struct recorded_case *recorded,
		 const struct case_names *names);

struct string_table {
	const char **texts; /* [number - 1] */
	size_t count, size;
	struct arena *arena;
};

/* NULL when the bytes are no such thing. What is returned lives in the arena (and refers to the table's texts). */
struct recording_head *decode_head(struct cursor *cursor, struct arena *arena);
struct recorded_case *decode_case(struct cursor *cursor, struct arena *arena, struct history *history,
				  const struct string_table *strings);

/* For journal_append: where the last good record ends (END not counted), and what the reader has learnt by then. */
struct journal_reader;
struct journal_tail {
	uint64_t offset, cases;
	const struct string_table *strings;
	struct history *history;
};
int journal_read_tail(struct journal_reader *reader, struct journal_tail *tail, struct err *err);

#endif
