/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire.h - what host and guest say to each other, through guest RAM. The only header that both sides include.
 *
 * The host writes a whole batch of steps into guest RAM before the guest runs, the probe executes them in order and writes
 * what it saw. The host stops the machine at the probe's function `wire_stop`: when the probe comes up, before and after the call
 * of a step with WIRE_SYNC (console input and output belong to one call), and at the end. All integers are in the guest's byte order, all addresses physical, all structures free of padding.
 *
 * Trust: the blob under test shares this memory. The host copies each record once, then checks it, and believes no index,
 * length or address in it; it keeps its own copy of what it asked for.
 */
#ifndef ASSAY_WIRE_H
#define ASSAY_WIRE_H

#include <stdint.h>

#define WIRE_MAGIC 0x61737361792d3031u /* "assay-01" */
/*
 * Registers the gate loads, in the order of the architecture's `inputs`. Where words have 32 bits there may be more, which are no
 * registers and always literal: number WIRE_INPUTS + i is the upper half of number i.
 */
#define WIRE_INPUTS    12
#define WIRE_REGISTERS 32 /* registers stored after the call, in the order of its `registers` */
/*
 * Control registers, in the order of the architecture's `control`. A probe is compiled with as many as its architecture has, the host
 * with the most that any has: arrays of them come last in the structures below, whose sizes are the architecture's (wire_seen_size()).
 */
#ifndef WIRE_CONTROL
#define WIRE_CONTROL 25
#endif
#define WIRE_HARTS 8

/* Where the value of an input comes from. */
enum wire_source {
	WIRE_LITERAL = 0,
	WIRE_NOW = 1, /* the literal plus the guest's clock at the call */
	WIRE_RESULT = 2, /* the literal plus register `from_register` after step `from_step` */
};

enum wire_flag {
	WIRE_SYNC = 1, /* wait for the host before and after the call */
	WIRE_ASYNC = 2, /* on another hart: do not wait for it; the step is completed when the batch ends or at WIRE_JOIN */
	WIRE_JOIN = 4, /* no call: wait until `hart` has finished its step, or `deadline` */
	WIRE_LAST = 8, /* last step of its case */
	/* let a software or timer interrupt wake the hart if the call blocks (enabled locally, not taken) */
	WIRE_WAKE = 16,
	WIRE_COMPUTED = 32, /* the value of some input is no literal: look at `source` */
};

/* One call. Host to guest. 224 bytes. */
struct wire_step {
	uint32_t number; /* of the step in the batch, from 0 */
	uint16_t gate; /* which instruction or jump: the architecture's `gates` */
	uint8_t hart; /* which CPU makes the call: 0 the boot CPU, i the i-th of the ids from 0 up, the boot CPU's left out */
	uint8_t flags;
	uint32_t settle; /* ticks of the guest's clock to wait after the call before looking again; 0: do not look */
	uint32_t deadline; /* ticks after which a call on another hart is given up; 0: never */
	uint64_t seed; /* registers that are no inputs get wire_canary(seed, register) */
	uint64_t input[WIRE_INPUTS];
	uint8_t source[WIRE_INPUTS];
	uint8_t from_register[WIRE_INPUTS];
	uint32_t from_step[WIRE_INPUTS];
	/* memory to be copied away after the call (buffers with their guards); length 0: none. Multiples of 8 bytes. */
	uint64_t capture_from, capture_to, capture_length;
	uint64_t reserved[1];
};

enum wire_outcome {
	WIRE_NOTHING = 0, /* not executed */
	WIRE_STARTED = 1, /* the call was made and nothing came back */
	WIRE_RETURNED = 2,
	WIRE_TRAPPED = 3, /* the caller got a trap instead */
	WIRE_LANDED = 4, /* the caller came out at a pad instead */
	WIRE_LATE = 5, /* a call on another hart that did not finish in time */
	WIRE_NO_HART = 6, /* the hart that should make the call is not running the probe */
};

/* What was seen of one call. Guest to host. `outcome` is written last. */
struct wire_seen {
	uint32_t number;
	uint16_t outcome;
	uint16_t hart; /* hart id as the platform numbers it */
	uint64_t start, end; /* the guest's clock */
	uint64_t cause, pc, trap_value; /* of a trap */
	uint64_t nonce; /* the batch's nonce */
	/* software interrupts each hart (as in wire_step) got from the step's begin to the end of settle; 0 without settle */
	uint8_t ipis[WIRE_HARTS];
	uint64_t registers[WIRE_REGISTERS];
	uint64_t before[WIRE_CONTROL], after[WIRE_CONTROL], later[WIRE_CONTROL];
};

/* A CPU that entered a pad. Guest to host. */
struct wire_landing {
	uint32_t step; /* the step that the boot CPU was executing */
	uint16_t hart; /* hart id as the platform numbers it */
	uint16_t pad; /* the architecture's `pads` */
	uint64_t pc; /* address of the pad */
	uint64_t time, reserved;
	uint64_t registers[WIRE_REGISTERS];
	uint64_t control[WIRE_CONTROL];
};

/* The head of a batch, at the symbol `wire_batch` of the probe. */
struct wire_batch {
	uint64_t magic; /* written by the host last */
	uint64_t nonce;
	uint32_t steps, landings_max;
	uint64_t step_at, seen_at, landing_at; /* arrays of the structures above */
	uint64_t leave[WIRE_INPUTS]; /* inputs of the call with which the pad `handler` leaves */
	uint32_t leave_gate, trace;
	/* guest to host */
	uint32_t ready; /* the probe runs (1), is done with the batch (2), gave up after a trap outside a call (3, see `stray`) */
	uint32_t progress; /* step being executed, plus 1 */
	uint32_t landings; /* landings recorded */
	uint32_t reserved;
	uint64_t boot_hart; /* as the firmware told the probe */
	uint64_t device_tree; /* address the firmware handed over, 0: none */
	uint64_t stray[3]; /* cause, pc and value of a trap outside a call */
	uint64_t entry_registers[WIRE_REGISTERS]; /* what the firmware left in the registers when it entered the probe */
	uint64_t entry_control[WIRE_CONTROL];
};

#define WIRE_CANARY_STEP 173 /* even ten of them are an immediate of any instruction set */

/*
 * The value a register holds before a call when it is no input: different for every register and, by the seed, for every call.
 * A probe gets from one to the next by an addition. With the seeds that wire_seed() makes it is never 0.
 */
static inline uint64_t wire_canary(uint64_t seed, unsigned number)
{
	return seed + (uint64_t)number * WIRE_CANARY_STEP;
}

/* A seed from random bits. */
static inline uint64_t wire_seed(uint64_t bits)
{
	return bits && bits < UINT64_MAX - WIRE_REGISTERS * WIRE_CANARY_STEP ? bits : 1;
}

/* The sizes of the structures on the wire, for an architecture with so many control registers. Multiples of 8. */
static inline unsigned long wire_seen_size(unsigned long controls)
{
	return sizeof(struct wire_seen) - 3 * (WIRE_CONTROL - controls) * sizeof(uint64_t);
}

static inline unsigned long wire_landing_size(unsigned long controls)
{
	return sizeof(struct wire_landing) - (WIRE_CONTROL - controls) * sizeof(uint64_t);
}

static inline unsigned long wire_batch_size(unsigned long controls)
{
	return sizeof(struct wire_batch) - (WIRE_CONTROL - controls) * sizeof(uint64_t);
}

#ifdef __STDC_VERSION__
_Static_assert(sizeof(struct wire_step) == 224, "both sides agree on the size");
_Static_assert(sizeof(struct wire_seen) == 320 + 24 * WIRE_CONTROL, "both sides agree on the size");
_Static_assert(sizeof(struct wire_landing) == 288 + 8 * WIRE_CONTROL, "both sides agree on the size");
_Static_assert(sizeof(struct wire_batch) == 464 + 8 * WIRE_CONTROL, "both sides agree on the size");
#endif

#endif
