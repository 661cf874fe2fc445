/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attendant.h - brings a guest back to its start on a thread of its own, while others are served.
 *
 * Between attendant_ask() and the attendant's word that it is done nobody else may touch the guest. The thread lives as long as the
 * attendant: a QEMU ends with the thread that started it.
 */
#ifndef ASSAY_RUN_ATTENDANT_H
#define ASSAY_RUN_ATTENDANT_H

#include "base/err.h"
#include "guest/guest.h"

struct attendant;

struct attendant *attendant_new(const struct guest_config *config, struct err *err); /* with a new guest, its own */
void attendant_free(struct attendant *attendant); /* NULL is allowed; waits for what is being done */
struct guest *attendant_guest(struct attendant *attendant);
/* guest_reset(), please. */
void attendant_ask(struct attendant *attendant);
/* Is what was asked for done? Waits at most so long for it. -1: it failed. */
int attendant_done(struct attendant *attendant, unsigned wait_ms, bool *done, struct err *err);
/* The same for somebody who has nothing else to do. */
int attendant_wait(struct attendant *attendant, struct err *err);

#endif
