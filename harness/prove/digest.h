/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest.h - everything that what is proved of an entry depends on, as one number: its rules as they were understood, the states
 * they ask for, and the entries that change these. Where in a file it stands is no part of it. Private to prove/.
 */
#ifndef ASSAY_PROVE_DIGEST_H
#define ASSAY_PROVE_DIGEST_H

#include "spec/spec.h"

#define DIGEST_TEXT 65

/* Hexadecimal. Another version of the prover or of z3 makes another digest. */
void digest_entry(const struct spec *spec, const struct entry *entry, char out[DIGEST_TEXT]);
void digest_bytes(const void *bytes, size_t size, char out[DIGEST_TEXT]);

#endif
