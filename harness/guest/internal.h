/* SPDX-License-Identifier: BSD-2-Clause */
/* internal.h - a guest as its own files see it. */
#ifndef ASSAY_GUEST_INTERNAL_H
#define ASSAY_GUEST_INTERNAL_H

#include "guest/console.h"
#include "guest/guest.h"
#include "guest/launch.h"
#include "guest/qmp.h"
#include "guest/ram.h"
#include "guest/rsp.h"
#include "guest/snapshot.h"
#include "guest/stops.h"
#include "guest/storm.h"
#include "guest/threads.h"
#include "guest/witness.h"

#define ENDING_MS   2000u /* for QEMU to be gone when it has closed its channels */
#define BLOB_BEGINS 64u /* bytes */

enum guest_phase {
	PHASE_NONE, /* no QEMU */
	PHASE_STARTED, /* QEMU comes up */
	PHASE_LOST, /* the blob came to another end than the probe: boot_end */
	PHASE_READY, /* the blob has started the probe, the batch is laid out */
	PHASE_RUNNING,
	PHASE_ENDED, /* nothing moves any more */
};

/* What the watchdog remembers between two looks. */
struct watchdog {
	uint32_t progress, ready; /* as last seen */
	uint64_t moved_ms; /* host time at which they changed last */
	uint64_t looked_ms; /* host time of the last look at the guest's clock; 0: none since they changed */
	uint64_t asked, asked_ms; /* the command that asks QEMU for it, 0: none, and since when it is under way */
	uint64_t first_ticks; /* the guest's clock when the call under way began, or at the first look */
	/* how long the clock has been seen to stand still, and how long the CPUs' threads had run or wanted to before */
	uint64_t still_ms, still_ticks, still_awake_ns;
	uint64_t spin_ticks, spin_worked_ns; /* the same for CPUs that are at work, and how long they had worked */
	uint64_t ran_ns, worked_ns; /* of the CPUs, see note_work() */
	uint64_t console_from; /* bytes on the console when they changed last */
};

/* For people who look inside: a socket for a debugger, and a log of executed instructions. */
struct sight {
	int gdb; /* listening socket, or -1 */
	int trace[2]; /* pipe: ours to read, QEMU's to write; -1 */
	char *socket, *filter;
};

struct guest {
	struct guest_config config;
	struct image image;
	struct ram ram;
	struct qemu qemu;
	struct qmp qmp;
	struct rsp rsp;
	struct stops stops;
	struct witness witness;
	struct console console;
	struct storm storm;
	struct snapshot snapshot; /* of the machine when the probe came up */
	uint8_t blob_begins[BLOB_BEGINS]; /* by which it is found in memory */
	uint64_t blob_at;
	enum guest_end boot_end, last_end;
	unsigned boot_cpu; /* QEMU's number of the CPU that came to the probe */
	struct watchdog watchdog;
	enum guest_phase phase;
	bool given_up; /* QEMU gave no answer when this batch was to begin */
	bool looking; /* the registers of the CPU that is held have been asked for; QEMU should answer until then */
	uint64_t look_end_ms;
	uint64_t nonce;
	uint64_t hang_ns; /* of this batch */
	size_t syncs; /* of this batch */
	uint64_t step_sum; /* of the steps as they were laid out */
	size_t steps;
	uint64_t *patience; /* by step: ticks that its call may take. Ours: the blob can write what the steps say */
	int tree; /* descriptor of the device tree, or -1 */
	int state; /* descriptor of the file for device state */
	struct wire_batch *batch; /* in guest RAM */
	struct sight sight;
	char version[64];
	uint64_t leave[WIRE_INPUTS];
	uint16_t leave_gate;
};

/* debug.c */
void sight_init(struct sight *sight);
int sight_open(struct guest *guest, struct err *err); /* as the configuration wants it */
int sight_renew(struct guest *guest, struct err *err); /* for the next QEMU: a new pipe */
void sight_close_ours(struct guest *guest); /* what only QEMU needs, once it runs */
void sight_free(struct sight *sight);

/* What the host says of a batch; its magic comes last. What the probe has written stays. */
void guest_fill_head(struct guest *guest, size_t steps, struct wire_batch *batch);
/*
 * The record of a step as it is on the wire: what comes before the control registers can be read, and those are the architecture's
 * number. NULL: there is no such step.
 */
const struct wire_seen *guest_record(const struct guest *guest, size_t number);
/* Is this record of this batch and this step? One that is empty is. */
bool guest_is_ours(const struct guest *guest, size_t number, const struct wire_seen *seen);
/* place.c: reads how the blob begins; finds it, once it has started the probe (guest_blob_at()). */
int place_open(struct guest *guest, struct err *err);
void place_find(struct guest *guest);
/* sound.c: remembers the steps as they are. */
void guest_note_steps(struct guest *guest);
/* Are these words of the probe's progress, when the watchdog has seen what it has seen? */
bool watch_moved(const struct watchdog *dog, size_t steps, uint32_t progress, uint32_t ready);
/*
 * Has the clock stood still for a while, as one look after the other has seen, and in that time no CPU's thread had or wanted a moment
 * of the host? Then all sleep, with nothing to wake them.
 */
bool watch_sleeps(struct watchdog *dog, uint64_t ticks, struct threads_state threads, uint64_t now);
/* Is somebody tired of waiting? */
bool guest_interrupted(const struct guest *guest);
/* Stops the machine, which may be held at the probe's stop. -1: QEMU gave no answer. */
int guest_stop_machine(struct guest *guest, struct err *err);
/* Stops the machine, if need be with QEMU; RAM and console stay to be read. */
void guest_halt(struct guest *guest);
void guest_kill(struct guest *guest);
/* After something failed: was it because somebody killed QEMU from outside? */
bool guest_was_killed(struct guest *guest);

#endif
