/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.h - what was proved, kept by the digest of what it was proved of. Private to prove/.
 *
 * A file is complete or not there; one that is damaged is as good as none, and so is a directory that cannot be written.
 */
#ifndef ASSAY_PROVE_CACHE_H
#define ASSAY_PROVE_CACHE_H

#include "prove/proof.h"

struct cached {
	size_t count;
	struct proved *found; /* in the arena; rules are those of the entry */
	const char *undecided;
};

bool cache_get(const char *directory, const char *digest, const struct entry *entry, struct arena *arena, struct cached *cached);
void cache_put(const char *directory, const char *digest, const struct cached *cached);

#endif
