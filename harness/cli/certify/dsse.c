/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/certify/dsse.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/node.h"

#define KEY_FILE_MAX   (64u << 10) /* bytes */
#define SIGNATURE_SIZE 64u
#define SIGNATURES_MAX 16u /* each costs a verification */

#define MAKE_PRIVATE "make one with: openssl genpkey -algorithm ed25519 -out KEY"
#define MAKE_PUBLIC  "take it out of the private key with: openssl pkey -in KEY -pubout -out PUB"

struct dsse_key {
	EVP_PKEY *key;
	char id[DSSE_KEY_ID_SIZE];
};

/* ---- keys ---- */

/* Whoever is asked here would hang a script. */
static int no_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static int name_key(struct dsse_key *key)
{
	unsigned char *der = NULL, sum[EVP_MAX_MD_SIZE];
	int size = i2d_PUBKEY(key->key, &der);
	bool done = size > 0 && EVP_Digest(der, (size_t)size, sum, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	for (unsigned i = 0; done && i < 32; i++)
		snprintf(key->id + 2 * i, 3, "%02x", sum[i]);
	return done ? 0 : -1;
}

/* Takes pkey over. */
static struct dsse_key *key_of(EVP_PKEY *pkey, const char *path, const char *hint, struct err *err)
{
	struct dsse_key *key;

	if (EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(pkey);
		return err_null(err, EXIT_USAGE, "%s: is no Ed25519 key; %s", path, hint);
	}
	key = xcalloc(1, sizeof(*key));
	key->key = pkey;
	if (!name_key(key))
		return key;
	dsse_key_free(key);
	return err_null(err, EXIT_BROKEN, "%s: the key cannot be encoded", path);
}

static EVP_PKEY *parse_private(const char *text, size_t size, bool *locked)
{
	BIO *bio = BIO_new_mem_buf(text, (int)size);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, locked) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

static EVP_PKEY *parse_public(const char *text, size_t size)
{
	BIO *bio = BIO_new_mem_buf(text, (int)size);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

struct dsse_key *dsse_private_key(const char *path, struct err *err)
{
	arena_auto struct arena *arena = arena_new();
	size_t size;
	const char *text = node_read_file(arena, path, KEY_FILE_MAX, &size, err);
	bool locked = false, public;
	EVP_PKEY *pkey;

	if (!text)
		return NULL;
	pkey = parse_private(text, size, &locked);
	public = strstr(text, "-----BEGIN PUBLIC KEY-----");
	OPENSSL_cleanse((char *)text, size);
	if (pkey)
		return key_of(pkey, path, MAKE_PRIVATE, err);
	if (locked)
		return err_null(err, EXIT_USAGE,
				"%s: is locked with a passphrase; unlock a copy with: openssl pkey -in KEY -out COPY", path);
	return err_null(err, EXIT_USAGE, "%s: %s; %s", path,
			public ? "is the public key, and the private one signs" : "holds no private key (PEM)", MAKE_PRIVATE);
}

struct dsse_key *dsse_public_key(const char *path, struct err *err)
{
	arena_auto struct arena *arena = arena_new();
	size_t size;
	const char *text = node_read_file(arena, path, KEY_FILE_MAX, &size, err);
	EVP_PKEY *pkey;

	if (!text)
		return NULL;
	pkey = parse_public(text, size);
	if (pkey)
		return key_of(pkey, path, MAKE_PUBLIC, err);
	return err_null(err, EXIT_USAGE, "%s: %s; %s", path,
			strstr(text, "PRIVATE KEY-----") ? "is a private key, which nobody but the signer should have"
							 : "holds no public key (PEM)",
			MAKE_PUBLIC);
}

void dsse_key_free(struct dsse_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

const char *dsse_key_id(const struct dsse_key *key)
{
	return key->id;
}

/* ---- base64 ---- */

static char *encode64(struct arena *arena, const void *bytes, size_t size)
{
	char *text = arena_alloc(arena, (size + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	return text;
}

/* The text in the standard alphabet; NULL when it mixes that with the one for URLs, of which DSSE allows either. */
static char *standard_alphabet(struct arena *arena, const char *text)
{
	char *copy;

	if (strpbrk(text, "+/") && strpbrk(text, "-_"))
		return NULL;
	copy = arena_strdup(arena, text);
	for (char *c = copy; *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	return copy;
}

/* Bytes, with a NUL behind them. NULL unless the text is what an encoder writes: one text stands for one sequence of bytes. */
static char *decode64(struct arena *arena, const char *text, size_t *size)
{
	char *standard = text ? standard_alphabet(arena, text) : NULL, *bytes;
	size_t length = standard ? strlen(standard) : 0;
	int decoded;

	if (!length || length % 4 || length > INT_MAX)
		return NULL;
	bytes = arena_alloc(arena, length / 4 * 3 + 1);
	decoded = EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)standard, (int)length);
	ERR_clear_error();
	if (decoded < 0)
		return NULL;
	*size = (size_t)decoded - (standard[length - 1] == '=') - (standard[length - 2] == '=');
	if (*size > (size_t)decoded || strcmp(encode64(arena, bytes, *size), standard) != 0)
		return NULL;
	bytes[*size] = 0;
	return bytes;
}

/* ---- envelopes ---- */

/* What is signed: protocol.md, PAE(). */
static char *encode_for_signature(struct arena *arena, const char *type, const void *payload, size_t size, size_t *total)
{
	char *head = arena_printf(arena, "DSSEv1 %zu %s %zu ", strlen(type), type, size), *all;
	size_t length = strlen(head);

	*total = length + size;
	all = arena_alloc(arena, *total + 1);
	memcpy(all, head, length + 1);
	memcpy(all + length, payload, size);
	return all;
}

static int sign(const struct dsse_key *key, const char *bytes, size_t size, unsigned char signature[SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = SIGNATURE_SIZE;
	bool done = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) > 0 &&
		    EVP_DigestSign(context, signature, &length, (const unsigned char *)bytes, size) > 0;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return done && length == SIGNATURE_SIZE ? 0 : -1;
}

static bool is_signed(const struct dsse_key *key, const char *bytes, size_t size, const char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) > 0 &&
		    EVP_DigestVerify(context, (const unsigned char *)signature, SIGNATURE_SIZE, (const unsigned char *)bytes,
				     size) == 1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return good;
}

const char *dsse_seal(struct arena *arena, const struct dsse_key *key, const char *type, const void *payload, size_t size,
		      struct err *err)
{
	unsigned char signature[SIGNATURE_SIZE];
	const char *bytes, *text = NULL;
	char *dumped;
	size_t total;
	json_t *root;

	bytes = encode_for_signature(arena, type, payload, size, &total);
	if (sign(key, bytes, total, signature))
		return err_null(err, EXIT_BROKEN, "the key does not sign");
	root = json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "payload", encode64(arena, payload, size), "payloadType", type,
			 "signatures", "keyid", key->id, "sig", encode64(arena, signature, sizeof(signature)));
	dumped = root ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	if (dumped)
		text = arena_printf(arena, "%s\n", dumped);
	free(dumped);
	json_decref(root);
	return text ? text : err_null(err, EXIT_BROKEN, "the envelope cannot be written");
}

/* Which of the signatures are this key's. -1: one of them is none at all. */
static int count_signatures(struct arena *arena, const struct dsse_key *key, const json_t *signatures, const char *bytes,
			    size_t size, struct dsse_payload *payload, bool *names_key, struct err *err)
{
	int good = 0;

	for (size_t i = 0; i < json_array_size(signatures); i++) {
		const json_t *item = json_array_get(signatures, i);
		const char *id = json_string_value(json_object_get(item, "keyid"));
		size_t length = 0;
		const char *signature = decode64(arena, json_string_value(json_object_get(item, "sig")), &length);

		if (!signature)
			return err_set(err, EXIT_DEVIANT, "signature %zu is no base64 text", i + 1);
		*names_key |= id && !strcmp(id, key->id);
		if (length == SIGNATURE_SIZE && is_signed(key, bytes, size, signature))
			good++;
		else
			payload->others++;
	}
	return good;
}

static int check_signatures(struct arena *arena, const struct dsse_key *key, const json_t *root, const char *type,
			    struct dsse_payload *payload, struct err *err)
{
	const json_t *signatures = json_object_get(root, "signatures");
	bool names_key = false;
	size_t total;
	const char *bytes = encode_for_signature(arena, type, payload->text, payload->size, &total);
	int good;

	if (!json_array_size(signatures))
		return err_set(err, EXIT_DEVIANT, "is not signed");
	if (json_array_size(signatures) > SIGNATURES_MAX)
		return err_set(err, EXIT_DEVIANT, "has more than %u signatures", SIGNATURES_MAX);
	good = count_signatures(arena, key, signatures, bytes, total, payload, &names_key, err);
	if (good)
		return good < 0 ? -1 : 0;
	return err_set(err, EXIT_DEVIANT, "%s",
		       names_key ? "was changed after it was signed, or the key whose name it bears did not sign it"
				 : "was not signed with this key");
}

static int open_envelope(struct arena *arena, const struct dsse_key *key, const char *wanted, const json_t *root,
			 struct dsse_payload *payload, struct err *err)
{
	const char *type = json_string_value(json_object_get(root, "payloadType"));

	if (!type || !json_is_string(json_object_get(root, "payload")))
		return err_set(err, EXIT_DEVIANT, "is no signed envelope: it needs `payload`, `payloadType` and `signatures`");
	payload->text = decode64(arena, json_string_value(json_object_get(root, "payload")), &payload->size);
	if (!payload->text)
		return err_set(err, EXIT_DEVIANT, "its payload is no base64 text, or not the whole of one");
	if (check_signatures(arena, key, root, type, payload, err))
		return -1;
	if (strcmp(type, wanted) != 0)
		return err_set(err, EXIT_DEVIANT, "holds something else (%.80s), not %s", type, wanted);
	return 0;
}

int dsse_open(struct arena *arena, const struct dsse_key *key, const char *type, const char *text, size_t size,
	      struct dsse_payload *payload, struct err *err)
{
	json_error_t mistake;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &mistake);
	int failed;

	*payload = (struct dsse_payload){ 0 };
	if (!root)
		return err_set(err, EXIT_DEVIANT, "is no signed envelope: line %d: %s", mistake.line, mistake.text);
	failed = open_envelope(arena, key, type, root, payload, err);
	json_decref(root);
	return failed;
}
