/* SPDX-License-Identifier: BSD-2-Clause */
/* save.h - what a guest would start with, as files, so that a QEMU of somebody else's can do the same. */
#ifndef ASSAY_GUEST_SAVE_H
#define ASSAY_GUEST_SAVE_H

#include "guest/guest.h"
#include "base/words.h"

/* Where things are in such a guest. */
struct guest_layout {
	uint64_t batch, seen; /* struct wire_batch; an array of struct wire_seen ... */
	size_t seen_size; /* ... of this size each */
};

/*
 * Writes the laid-out batch, of which this many steps are to be made, into an existing directory: blob.bin, probe.elf (with the batch's head in it), steps.bin, buffers.bin and,
 * where the machine's is not taken as it is, device-tree.dtb. No step waits for the host. words: gets QEMU's command line for them,
 * to be given in that directory.
 */
int guest_save(struct guest *guest, size_t steps, const char *directory, struct words *words, struct guest_layout *layout,
	       struct err *err);
/* Copies a file. */
int save_copy(const char *from, const char *directory, const char *name, struct err *err);

#endif
