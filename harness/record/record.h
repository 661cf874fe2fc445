/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - what was asked and what was seen, apart from what it means.
 *
 * A recorded case stands on its own: it names its entries and holds every argument as it was passed, so it can be judged later
 * under another version of the specification, without a guest and without the plan.
 */
#ifndef ASSAY_RECORD_RECORD_H
#define ASSAY_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

#define RECORD_ARGS	 14
#define RECORD_RESULTS	 4
#define RECORD_BUFFERS	 3
#define RECORD_REGISTERS 32
#define RECORD_CONTROL	 25
#define RECORD_HARTS	 8

enum record_outcome {
	RECORD_NOT_RUN, /* a step before it ended the case */
	RECORD_RETURNED,
	RECORD_TRAPPED,
	RECORD_LANDED,
	RECORD_STOPPED, /* the calling CPU did not come back; the machine lives */
	RECORD_SHUTDOWN,
	RECORD_RESET,
	RECORD_CRASH,
	RECORD_HANG,
	RECORD_NO_HART, /* the CPU that should make the call was not there */
	RECORD_BROKEN, /* ours: QEMU gave no answer */
	RECORD_FORGED, /* what stands in the guest's memory about it is not what QEMU saw */
	RECORD_READ, /* no call: a structure, see recorded_step.buffers */
	RECORD_OUTCOMES
};

struct recorded_buffer {
	uint64_t address;
	uint32_t size, guard; /* bytes; guard: bytes of guard on each side */
	const uint8_t *before, *after; /* guard + size + guard bytes each */
};

struct recorded_landing {
	uint32_t hart, pad;
	uint64_t pc, registers[RECORD_REGISTERS], control[RECORD_CONTROL];
};

struct recorded_step {
	const char *entry; /* "sbi.hsm.hart_start" */
	enum record_outcome outcome;
	uint32_t hart; /* id as the platform numbers it */
	unsigned arg_count, result_count, buffer_count, landing_count;
	uint64_t args
		[RECORD_ARGS]; /* as passed; the buffer's address for a pointer. RECORD_READ: [0], if there is one, is where was looked */
	uint64_t results[RECORD_RESULTS];
	uint64_t start, end; /* guest clock, ticks */
	uint64_t cause, pc, trap_value;
	/* registers that should have been kept and differ: index into the architecture's registers, bit set */
	uint32_t clobbered;
	uint64_t registers
		[RECORD_REGISTERS]; /* after the call; kept registers that are intact are not stored: only clobbered ones are valid */
	uint64_t expected[RECORD_REGISTERS]; /* what a clobbered one held before */
	bool has_later;
	uint64_t before[RECORD_CONTROL], after[RECORD_CONTROL], later[RECORD_CONTROL];
	uint8_t ipis[RECORD_HARTS];
	/*
	 * RECORD_READ: [0] is the structure in the guest's memory when the blob came to the probe, [1] (if it is there) in the blob's file,
	 * address 0 being its first byte; both without guards, `before` NULL, and of size 0 where nothing was.
	 */
	struct recorded_buffer buffers[RECORD_BUFFERS];
	const struct recorded_landing *landings;
	bool has_console; /* the console was watched for this step alone */
	const uint8_t *console;
	uint32_t console_length;
};

/*
 * What a case that is run again is there for. From attempt 2 on it is a trial: one rule that it broke in the batch, and not when it
 * was run again alone (attempt 1), is looked into (run/attribute.h).
 */
enum record_role {
	RECORD_ITSELF, /* to be judged; the cases that came before it in its boot are those that the batch had there, or none */
	RECORD_BEFORE, /* of a trial: to come before another case, and judged for nothing but the state that it leaves */
	RECORD_SHORTEST, /* of a trial: to be judged after cases of which none can be left out */
	RECORD_SHORTER, /* of a trial: to be judged after fewer cases than it had before it, and perhaps not the fewest */
	RECORD_ROLES
};

struct recorded_case {
	const char *id; /* of the case */
	const char *strategy;
	const char *rule; /* full id of the rule it aims at, or NULL; of a trial: the rule that is looked into */
	uint32_t boot; /* number of the guest boot it ran in: the model starts anew when it changes */
	uint32_t attempt; /* 0: in the batch; 1: run again alone; 2..: a trial */
	unsigned step_count, main;
	struct recorded_step *steps; /* a trial may have none: a case before it ended the guest */
	enum record_role role;
};

#define RECORD_FIRST_TRIAL 2u /* attempt of a rule's first trial */

static inline bool recorded_is_trial(const struct recorded_case *recorded)
{
	return recorded->attempt >= RECORD_FIRST_TRIAL;
}

/* How an audit stands: calls that were looked at from outside, and what did not match. */
struct recorded_audit {
	uint64_t calls, mismatches;
	const char *first; /* mismatch, in words; "": none */
};

/* A search for the shortest sequence that a rule takes, when it had come to its end: what it took is bounded in a run. */
struct recorded_search {
	const char *entry; /* full id of the rule's */
	uint32_t tries;
};

/* The head of a recording. Strings live in the journal's arena. */
struct recording_head {
	const char *assay, *qemu, *blob, *blob_version, *blob_sha256, *spec, *spec_sha256, *probe_sha256, *command, *arch;
	uint64_t seed, ram_base, ram_size, clock_hz;
	uint32_t boot_hart, harts, hart_ids[RECORD_HARTS];
	int64_t claimed_major, claimed_minor; /* -1: no claim */
	uint64_t own_low, own_high; /* memory that belonged to the caller */
	size_t map_count;
	const uint64_t (*map)[2]; /* what is somewhere, RAM included */
	size_t chapter_count;
	const char *const *chapters; /* names ... */
	const bool *present; /* ... and whether the blob has them; entries that were asked for come behind, by their full ids */
	size_t register_count, control_count;
	const char *const *registers, *const *control; /* the architecture's names */
	uint64_t control_mask[RECORD_CONTROL];
	const char *options; /* effort, filter ...: as JSON text, for resume */
	const char *sandbox; /* the walls that held the guest, "namespaces filter ..."; NULL: not on record */
	const char *qemu_sha256; /* of QEMU's program; NULL: not on record */
	const char *machine; /* what machine it was, in QEMU's own words; NULL: not on record */
};

/*
 * What two recordings of one case do not have in common: a line each into `out` ("call 2: result 0 was 0x1 and is 0x0"). Returns
 * how many. Guest time is compared as how long each call took; an argument that was the time of the call is the same when it lies as far
 * from the call's begin. Console bytes are compared where both were watched.
 */
unsigned recorded_differences(const struct recorded_case *was, const struct recorded_case *is, FILE *out);

/*
 * The journal: an append-only file RUNDIR/journal. A head, then records, each with length and checksum. A reader stops at the
 * first damaged or half-written record and says so; everything before it is good. A writer holds a lock on the file for as long as
 * it lives, which the kernel takes back however it dies: there is never a second one.
 */
struct journal_writer;
struct journal_writer *journal_create(const char *path, const struct recording_head *head,
				      struct err *err); /* must not exist; appears with its head */
struct journal_writer *journal_append(const char *path, struct err *err); /* cuts off a damaged tail */
int journal_write(struct journal_writer *writer, const struct recorded_case *recorded, struct err *err);
/* How the audit stands, from the run's begin, with the cases that are written next. */
int journal_audit(struct journal_writer *writer, const struct recorded_audit *audit, struct err *err);
int journal_search(struct journal_writer *writer, const struct recorded_search *search, struct err *err);
int journal_sync(struct journal_writer *writer, struct err *err); /* on disk */
int journal_finish(struct journal_writer *writer, struct err *err); /* marks it complete */
int journal_close(struct journal_writer *writer, struct err *err); /* frees in any case */

struct journal_reader;
struct journal_reader *journal_open(const char *path, struct err *err);
const struct recording_head *journal_head(const struct journal_reader *reader);
/* 1: a case (valid until the next call), 0: end (see journal_state), -1: err */
int journal_next(struct journal_reader *reader, const struct recorded_case **recorded, struct err *err);
/* How the audit stood with the last case; false: that is not on record. *audit is valid as long as the reader. */
bool journal_audited(const struct journal_reader *reader, struct recorded_audit *audit);
/* The searches on record so far, in order; how many. *searches is valid until the next journal_next(). */
size_t journal_searches(const struct journal_reader *reader, const struct recorded_search **searches);
enum journal_state { JOURNAL_COMPLETE, JOURNAL_UNFINISHED, JOURNAL_DAMAGED } journal_state(const struct journal_reader *reader);
void journal_free(struct journal_reader *reader);

#endif
