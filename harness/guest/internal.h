/* SPDX-License-Identifier: BSD-2-Clause */
/* internal.h - a guest as its own files see it. */
#ifndef ASSAY_GUEST_INTERNAL_H
#define ASSAY_GUEST_INTERNAL_H

#include "guest/console.h"
#include "guest/guest.h"
#include "guest/launch.h"
#include "guest/qmp.h"
#include "guest/ram.h"

#define START_TIMEOUT_MS 30000u /* for QEMU to come up on a loaded machine */

enum guest_phase {
	PHASE_NONE, /* no QEMU */
	PHASE_STARTED, /* QEMU comes up, the batch is laid out */
	PHASE_RUNNING,
	PHASE_ENDED, /* nothing moves any more */
};

/* What the watchdog remembers between two looks. */
struct watchdog {
	uint32_t progress, sync, ready; /* as last seen */
	uint64_t moved_ms; /* host time at which they changed last */
	uint64_t looked_ms; /* host time of the last look at the guest's clock; 0: none since they changed */
	uint64_t first_ticks; /* the guest's clock when the call under way began, or at the first look */
	/* since when the clock stands still, and how long the CPUs' threads had run or wanted to by then */
	uint64_t still_ms, still_ticks, still_awake_ns;
	uint64_t spin_ticks, spin_awake_ns; /* the same for CPUs that are at work */
};

struct guest {
	struct guest_config config;
	struct image image;
	struct ram ram;
	struct qemu qemu;
	struct qmp qmp;
	struct console console;
	struct watchdog watchdog;
	enum guest_phase phase;
	uint64_t nonce;
	uint32_t acknowledged; /* syncs answered */
	size_t steps;
	int tree; /* descriptor of the device tree, or -1 */
	struct wire_batch *batch; /* in guest RAM */
	char version[64], *gdb_socket, *gdb_command;
	uint64_t leave[WIRE_INPUTS];
	uint16_t leave_gate;
};

/* Stops QEMU for good; RAM and console stay to be read. */
void guest_end_now(struct guest *guest);

#endif
