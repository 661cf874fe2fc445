/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_certificate.c - any bytes are an envelope that is not signed, any signed bytes are a statement or none. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "cli/certify/dsse.h"
#include "cli/certify/statement.h"

static struct dsse_key *make_key(void)
{
	char path[64];
	struct err err = { 0 };
	struct dsse_key *key;
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *file;

	snprintf(path, sizeof(path), "/dev/shm/assay-fuzz-%d.key", (int)getpid());
	file = fopen(path, "wb");
	if (!pair || !file || !PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL))
		abort();
	fclose(file);
	EVP_PKEY_free(pair);
	key = dsse_private_key(path, &err);
	unlink(path);
	return key ? key : (abort(), NULL);
}

/* What is sealed comes out again, and the envelope itself is nothing that was sealed. */
static void check_envelope(struct arena *arena, const struct dsse_key *key, const uint8_t *data, size_t size)
{
	struct dsse_payload payload;
	struct err err = { 0 };
	const char *text;

	if (!dsse_open(arena, key, "fuzz", (const char *)data, size, &payload, &err))
		abort();
	if (!size)
		return;
	text = dsse_seal(arena, key, "fuzz", data, size, &err);
	if (!text || dsse_open(arena, key, "fuzz", text, strlen(text), &payload, &err) || payload.size != size ||
	    memcmp(payload.text, data, size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dsse_key *key;
	struct arena *arena = arena_new();
	struct statement statement;
	struct err err = { 0 };

	key = key ? key : make_key();
	check_envelope(arena, key, data, size);
	if (!statement_read(&statement, (const char *)data, size, &err) && statement.conformant && statement.failed)
		abort();
	statement_free(&statement);
	arena_free(arena);
	return 0;
}
