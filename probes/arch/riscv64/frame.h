/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame.h - memory that assembly and C share.
 *
 * Around a call no register can be trusted, so nothing points to the memory the registers go to. It is reached relative to the
 * program counter instead: every hart has its own copy of each gate and its own trap vector, which know their frame.
 */
#ifndef ASSAY_RISCV64_FRAME_H
#define ASSAY_RISCV64_FRAME_H

#define SCRATCH_KNOWN 0x5a5 /* in sscratch between calls; an immediate, so that it can be checked without a second register */

#define CANARY_STEP   173
#define FRAME_OUT     0
#define FRAME_T1      8
#define FRAME_SCRATCH 16
#define FRAME_RA      24
#define FRAME_SP      32
#define FRAME_SIZE    64

#define SLOT_COUNT   8
#define SLOT_PAD     256
#define SLOT_SCRATCH 264
#define SLOT_LOCK    272
#define SLOT_SIZE    2304
#define STACK_SIZE   4096

#define PAD_START   0
#define PAD_PARK    1
#define PAD_HANDLER 2

/* Gates of the wire begin at 1; gate 0 asks whether the hart has the hypervisor extension, by reading one of its registers. */
#define GATE_COUNT	    2
#define GATE_TRY_HYPERVISOR 0

/* Registers of the hypervisor extension, which Debian 12's assembler knows by number only. */
#define CSR_VSSCRATCH	 0x240
#define CSR_HIE		 0x604
#define CSR_HVIP	 0x645
#define VIRTUAL_SOFTWARE 4 /* bit in hie and hvip */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* One call on one hart. */
struct frame {
	uint64_t *out; /* WIRE_REGISTERS values; NULL: no call is being made */
	uint64_t t1; /* after the call, until `out` can be reached */
	uint64_t scratch; /* sscratch after the call, exclusive-or SCRATCH_KNOWN */
	uint64_t ra, sp; /* of the caller of the gate */
	uint64_t unused[3];
};

/* One arrival at a pad. Pads do not know which hart arrives, so slots are taken by whoever finds one free. */
struct slot {
	uint64_t registers[WIRE_REGISTERS];
	uint64_t pad;
	uint64_t scratch; /* sscratch as found */
	uint64_t lock;
	uint64_t unused;
	uint64_t stack[252];
};

_Static_assert(offsetof(struct frame, out) == FRAME_OUT && offsetof(struct frame, t1) == FRAME_T1 &&
		       offsetof(struct frame, scratch) == FRAME_SCRATCH && offsetof(struct frame, ra) == FRAME_RA &&
		       offsetof(struct frame, sp) == FRAME_SP && sizeof(struct frame) == FRAME_SIZE,
	       "as gate.S has it");
_Static_assert(CANARY_STEP == WIRE_CANARY_STEP, "as gate.S counts");
_Static_assert(offsetof(struct slot, pad) == SLOT_PAD && offsetof(struct slot, scratch) == SLOT_SCRATCH &&
		       offsetof(struct slot, lock) == SLOT_LOCK && sizeof(struct slot) == SLOT_SIZE,
	       "as start.S has it");

#endif
#endif
