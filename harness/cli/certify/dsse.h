/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dsse.h - signed envelopes: DSSE 1.0 (github.com/secure-systems-lab/dsse, protocol.md and envelope.md) with Ed25519.
 *
 * What is signed is the payload together with its type, as bytes, so nothing of the payload is parsed before its signature is known
 * to be good. The name of a key in an envelope (keyid) is a hint and decides nothing.
 */
#ifndef ASSAY_CLI_CERTIFY_DSSE_H
#define ASSAY_CLI_CERTIFY_DSSE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define DSSE_KEY_ID_SIZE 65

struct dsse_key;

/* From a PEM file. NULL: EXIT_USAGE, with how to make one. A private key that is locked with a passphrase is refused. */
struct dsse_key *dsse_private_key(const char *path, struct err *err);
struct dsse_key *dsse_public_key(const char *path, struct err *err);
void dsse_key_free(struct dsse_key *key);
/* SHA-256 of the public key as SubjectPublicKeyInfo in DER, in hex: what `openssl pkey -pubin -outform DER | sha256sum` prints. */
const char *dsse_key_id(const struct dsse_key *key);

/* The envelope as text, with a newline at its end, in the arena. The same key and bytes give the same envelope. */
const char *dsse_seal(struct arena *arena, const struct dsse_key *key, const char *type, const void *payload, size_t size,
		      struct err *err);

struct dsse_payload {
	const char *text; /* in the arena; a NUL follows it */
	size_t size;
	size_t others; /* signatures in the envelope that this key did not make: nobody has looked whose they are */
};

/*
 * Takes the payload out of an envelope, if the key has signed it and it is of this type. Else EXIT_DEVIANT: it is no envelope, or
 * nobody with this key has signed what it holds.
 */
int dsse_open(struct arena *arena, const struct dsse_key *key, const char *type, const char *text, size_t size,
	      struct dsse_payload *payload, struct err *err);

#endif
