/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * structures.h - what an interface has as data: looked for in memory, and recorded like a call.
 *
 * Each structure is one case with a step for every place where it was found. Where it is not in the guest's memory, the blob's file is
 * looked at as if it lay there: what the machine's firmware did not take (for a wrong checksum, say) can be judged all the same.
 */
#ifndef ASSAY_RUN_STRUCTURES_H
#define ASSAY_RUN_STRUCTURES_H

#include "run/run.h"
#include "spec/structure.h"

#define STRUCTURE_PLACES 8u /* of one structure; more are not looked at */

struct structures {
	struct recorded_case **cases; /* by entry number; NULL: no structure */
};

/* Bytes that lie at an address. */
struct memory {
	uint64_t base;
	const uint8_t *bytes;
	size_t size;
};

bool spec_has_structures(const struct spec *spec);
/* Boots the blob and reads all of them. The cases live in the arena. */
int structures_read(struct arena *arena, const struct run_config *config, struct structures *structures, struct err *err);
/* The same from what is at hand. The bytes are copied. */
void structures_find(struct arena *arena, const struct spec *spec, const struct memory *guest, const struct memory *file,
		     struct structures *structures);
/* The id of the case that reads the structure. */
const char *structure_case_id(struct arena *arena, const struct entry *entry);
/* The first place of a structure, in the guest's memory or else in the file; false: there is none. */
bool structure_first(const struct structures *structures, const struct entry *entry, struct structure_view *view);
/* Of this version: is a structure that has to be there, and that nothing points to, not in the guest's memory? */
bool structures_are_missing(const struct structures *structures, const struct spec *spec, int version);

#endif
