/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turns.h - how long one CPU runs before the next one does.
 *
 * With -icount QEMU runs one CPU until the next timer is due, and then the next one; without any timer 100 ms, and a CPU that spins for
 * good makes every other one wait that long. A timer that does nothing else (a network filter without a network) makes turns short.
 * Every end of a turn costs the host some hundred microseconds, so they are only as short as what is waited for asks.
 */
#ifndef ASSAY_GUEST_TURNS_H
#define ASSAY_GUEST_TURNS_H

#include "base/words.h"
#include "guest/blob.h"

struct guest;

/* QEMU's arguments. Turns are for several CPUs at work, unless the machine has but one. */
void turns_add(struct words *words, const struct machine *machine);
/*
 * Before a batch, whose steps are written: sets the length of turns, and the timer anew, for it is no part of the machine that was
 * brought back. The machine stands still.
 */
int turns_begin(struct guest *guest, struct err *err);

#endif
