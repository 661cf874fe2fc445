/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - what the loop asks of an architecture, and what it offers to it.
 *
 * The loop (common/) knows batches, steps and harts, and nothing of registers. An architecture (arch/<arch>/) knows how to load
 * and store registers around one call, and how a hart waits. Harts are numbered as in wire.h: 0 is the boot hart.
 */
#ifndef ASSAY_PROBE_H
#define ASSAY_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

/* ---- from the architecture ---- */

/*
 * Loads the registers, makes the call, stores the registers. `inputs` in the order of the architecture's, all others hold their
 * canaries. Fills seen->registers, end, after (control registers as the callee left them) and, for WIRE_TRAPPED, what the trap
 * was. A gate that does not exist traps. Does not come back when the hart lands at a pad instead.
 */
enum wire_outcome arch_call(unsigned hart, unsigned gate, const uint64_t inputs[WIRE_INPUTS], uint64_t seed,
			    struct wire_seen *seen);

uint64_t arch_now(void); /* the guest's clock */
/*
 * Makes the hart ready for a call, and says what its control registers hold. wake: software and timer interrupts end a wait, and
 * are still not taken.
 */
void arch_control_prepare(unsigned hart, bool wake, uint64_t control[WIRE_CONTROL]);
void arch_control_read(uint64_t control[WIRE_CONTROL]);
/* Is every control register what it has to be between calls, and no software interrupt pending? */
bool arch_control_is_usual(unsigned hart, const uint64_t found[WIRE_CONTROL]);
/*
 * Brings every control register that differs from what it has to be between calls back to that. last: of its case. An architecture on
 * which calls set up what the next ones find may leave it to them until then.
 */
void arch_control_restore(unsigned hart, const uint64_t found[WIRE_CONTROL], bool last);
bool arch_ipi_pending_and_clear(void);
/*
 * Lets other harts run for a moment, then returns; changes nothing that a call could see. watched: a software interrupt may
 * arrive meanwhile and must not be missed.
 */
void arch_relax(unsigned hart, bool watched);
void wire_stop(void); /* where the host holds the machine; does nothing but return */
/* Calls wire_stop(), or takes the same time without it: a batch runs alike whether or not the host looks on. */
void arch_look(bool stop);
_Noreturn void arch_idle(void); /* nothing to do any more on this hart */

/* ---- to the architecture ---- */

extern struct wire_batch wire_batch;

/*
 * A hart came in. The architecture has found out which one it is (see loop_hart_free()), and what its registers and control
 * registers were. Records the landing; the pad's number is the architecture's, 0 for the probe's own entry.
 */
void loop_land(unsigned hart, unsigned pad, uint64_t pc, const uint64_t registers[WIRE_REGISTERS],
	       const uint64_t control[WIRE_CONTROL]);
/* The hart is about to run again after a landing: if it was in a call, this is how that call ended. */
void loop_back(unsigned hart, const uint64_t registers[WIRE_REGISTERS], const uint64_t control[WIRE_CONTROL]);
/* The first entry of the boot hart: what the firmware handed over. */
void loop_boot(uint64_t boot_hart, uint64_t device_tree, const uint64_t registers[WIRE_REGISTERS],
	       const uint64_t control[WIRE_CONTROL]);
/* Runs the loop on a hart that came in, on a stack of its own; its control registers are as they have to be between calls. */
_Noreturn void loop_run(unsigned hart);
/* Id of a hart, as the platform numbers it, and back; WIRE_HARTS: there is no such hart. */
uint64_t loop_hart_id(unsigned hart);
unsigned loop_hart_index(uint64_t id);
/* No such hart has come in so far. */
bool loop_hart_free(unsigned hart);
/* The probe itself got a trap, outside a call: tells the host and stops this hart. */
_Noreturn void loop_stray(uint64_t cause, uint64_t pc, uint64_t value);

#endif
