/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * debug.h - a guest that somebody looks into. All of it is for a guest that waits at a sync (GUEST_SYNC).
 *
 * Nothing here runs when nobody asked for it with `gdb` or `trace` in the guest's configuration.
 */
#ifndef ASSAY_GUEST_DEBUG_H
#define ASSAY_GUEST_DEBUG_H

#include "guest/guest.h"

/* The machine stands still, and goes on. */
int guest_pause(struct guest *guest, struct err *err);
int guest_resume(struct guest *guest, struct err *err);

/* Address of the instruction with which a CPU (numbered as on the wire) goes through a gate. 0: there is none. */
uint64_t guest_gate(const struct guest *guest, uint16_t gate, unsigned hart);

/* ---- `gdb` ---- */

/* The gdbserver's socket. */
const char *guest_gdb_socket(const struct guest *guest);
/*
 * Leaves a paused guest to a debugger: syncs are answered, nothing is taken for a hang. Returns when the debugger that came has
 * left, when QEMU ended, or when *interrupt became true; the guest is ended then.
 */
int guest_debug(struct guest *guest, const volatile bool *interrupt, struct err *err);

/* ---- `trace` ---- */

/* What QEMU logs arrives here, from now on until QEMU ends; read it from another thread, or the guest waits. Stays the guest's. */
int guest_trace_fd(const struct guest *guest);
/*
 * From now on QEMU executes one instruction at a time and logs each that does not belong to the probe (and those at the gates).
 * registers: and what all registers held before it. The guest has to be paused.
 */
int guest_trace_begin(struct guest *guest, bool registers, struct err *err);
int guest_trace_end(struct guest *guest, struct err *err);

#endif
