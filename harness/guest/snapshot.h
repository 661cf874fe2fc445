/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h - the machine as it was at one moment, brought back without a new QEMU.
 *
 * Device state goes into a small qcow2 image in memory (`savevm`), RAM is copied by ourselves: it is a file that we share with
 * QEMU, which leaves it out (migration capability x-ignore-shared). `loadvm` resets the machine first, and that writes ROM images
 * into RAM; so RAM is brought back after it. So are the few device registers that QEMU does not save, named by the machine
 * (`unsaved`).
 */
#ifndef ASSAY_GUEST_SNAPSHOT_H
#define ASSAY_GUEST_SNAPSHOT_H

#include <stdbool.h>

#include "base/err.h"
#include "guest/blob.h"
#include "guest/ram.h"

struct guest;

struct snapshot {
	struct ram_image ram;
	char unsaved[MACHINE_UNSAVED][17]; /* content as hex digits, in the machine's byte order */
	bool taken;
};

/* Gives a QEMU that has just come up somewhere to put device state: an empty file that it has as this descriptor. */
int snapshot_prepare(struct guest *guest, int descriptor, struct err *err);
/* Both with a machine that is stopped. */
int snapshot_take(struct guest *guest, struct err *err);
int snapshot_restore(struct guest *guest, struct err *err);
/* A machine that has switched itself off, was reset or has panicked: QEMU lets it run again only after a reset. */
int snapshot_revive(struct guest *guest, struct err *err);
void snapshot_free(struct snapshot *snapshot);

#endif
