/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.h - which cases ran in one boot of a guest, as a journal is read: what a case found there depends on them. */
#ifndef ASSAY_RECORD_BOOT_H
#define ASSAY_RECORD_BOOT_H

#include "record/record.h"

/* Zeroed, it is empty; boot_free() frees what it has. */
struct boot_ids {
	uint32_t number;
	const char **ids; /* in order; valid until another boot is entered */
	size_t count, room;
	struct arena *arena;
};

/* Did any of its calls take place? */
bool recorded_was_run(const struct recorded_case *recorded);

/* The boot of this case: what is known of another one is forgotten. */
void boot_enter(struct boot_ids *boot, const struct recorded_case *recorded);
void boot_add(struct boot_ids *boot, const struct recorded_case *recorded); /* enters its boot */
/* The ids as they are now, in the arena; never NULL. */
const char *const *boot_copy(const struct boot_ids *boot, struct arena *arena);
void boot_free(struct boot_ids *boot);

#endif
