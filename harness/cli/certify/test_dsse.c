/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed envelopes: what this key signed is opened, and nothing that was changed afterwards, however small the change. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/rng.h"
#include "cli/certify/dsse.h"

#define TYPE	"application/vnd.in-toto+json"
#define PAYLOAD "{\"kind\": \"?\?> ~~~ ?\?>\"}" /* its base64 has a `/` and a `+` */

static struct arena *arena;
static char directory[] = "/tmp/test-dsse-XXXXXX";
static EVP_PKEY *pair; /* what ours and ours_public are made of */
static struct dsse_key *ours, *ours_public, *other_public;
static struct rng rng = { 1 };

/* ---- a small world ---- */

static const char *path(const char *name)
{
	return arena_printf(arena, "%s/%s", directory, name);
}

static const char *write_private(EVP_PKEY *key, const char *name, const char *passphrase)
{
	FILE *file = fopen(path(name), "w");

	assert_non_null(file);
	assert_true(PEM_write_PKCS8PrivateKey(file, key, passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
					      passphrase ? (int)strlen(passphrase) : 0, NULL, NULL));
	fclose(file);
	return path(name);
}

static const char *write_public(EVP_PKEY *key, const char *name)
{
	FILE *file = fopen(path(name), "w");

	assert_non_null(file);
	assert_true(PEM_write_PUBKEY(file, key));
	fclose(file);
	return path(name);
}

static int setup(void **state)
{
	struct err err = { 0 };
	EVP_PKEY *stranger;

	(void)state;
	arena = arena_new();
	assert_non_null(mkdtemp(directory));
	pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ours = dsse_private_key(write_private(pair, "our.key", NULL), &err);
	ours_public = dsse_public_key(write_public(pair, "our.pub"), &err);
	other_public = dsse_public_key(write_public(stranger, "other.pub"), &err);
	write_private(stranger, "other.key", NULL);
	EVP_PKEY_free(stranger);
	return ours && ours_public && other_public ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const files[] = { "our.key",	   "our.pub", "other.key", "other.pub",
					     "locked.key", "rsa.key", "rsa.pub",   "text" };

	(void)state;
	dsse_key_free(ours);
	dsse_key_free(ours_public);
	dsse_key_free(other_public);
	EVP_PKEY_free(pair);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(path(files[i]));
	arena_free(arena);
	return rmdir(directory);
}

static const char *base64(const void *bytes, size_t size)
{
	char *text = arena_alloc(arena, size * 2 + 8);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	return text;
}

/* The signature of our key over these bytes, made without dsse.c. */
static const char *sign(const char *bytes, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[64];
	size_t length = sizeof(signature);

	assert_true(EVP_DigestSignInit(context, NULL, NULL, NULL, pair) > 0);
	assert_true(EVP_DigestSign(context, signature, &length, (const unsigned char *)bytes, size) > 0);
	EVP_MD_CTX_free(context);
	return base64(signature, length);
}

static const char *sign_payload(const char *type, const char *payload)
{
	const char *bytes = arena_printf(arena, "DSSEv1 %zu %s %zu %s", strlen(type), type, strlen(payload), payload);

	return sign(bytes, strlen(bytes));
}

static const char *one_signature(const char *signature)
{
	return arena_printf(arena, "{\"keyid\": \"%s\", \"sig\": \"%s\"}", dsse_key_id(ours), signature);
}

static const char *envelope(const char *payload, const char *type, const char *signatures)
{
	return arena_printf(arena, "{\"payload\": \"%s\", \"payloadType\": \"%s\", \"signatures\": [%s]}", payload, type,
			    signatures);
}

static const char *good_signature(void)
{
	return sign_payload(TYPE, PAYLOAD);
}

static const char *good_payload(void)
{
	return base64(PAYLOAD, strlen(PAYLOAD));
}

/* ---- what is expected ---- */

static struct dsse_payload opens(const struct dsse_key *key, const char *text)
{
	struct dsse_payload payload;
	struct err err = { 0 };

	if (dsse_open(arena, key, TYPE, text, strlen(text), &payload, &err))
		fail_msg("%s: %s", err.message, text);
	assert_int_equal(err.code, 0);
	assert_string_equal(payload.text, PAYLOAD);
	assert_int_equal(payload.size, strlen(PAYLOAD));
	return payload;
}

static void refuses_bytes(const struct dsse_key *key, const char *text, size_t size, const char *why)
{
	struct dsse_payload payload;
	struct err err = { 0 };

	if (!dsse_open(arena, key, TYPE, text, size, &payload, &err))
		fail_msg("was opened: %s", text);
	assert_int_equal(err.code, EXIT_DEVIANT);
	if (!strstr(err.message, why))
		fail_msg("expected `%s` in: %s", why, err.message);
}

static void refuses(const char *text, const char *why)
{
	refuses_bytes(ours_public, text, strlen(text), why);
}

static void refuses_key(struct dsse_key *(*load)(const char *, struct err *), const char *file, const char *why)
{
	struct err err = { 0 };

	assert_null(load(file, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	if (!strstr(err.message, why))
		fail_msg("expected `%s` in: %s", why, err.message);
}

/* ---- tests ---- */

static void what_is_sealed_is_opened_by_the_public_key(void **state)
{
	struct err err = { 0 };
	const char *text = dsse_seal(arena, ours, TYPE, PAYLOAD, strlen(PAYLOAD), &err);

	(void)state;
	assert_non_null(text);
	assert_int_equal(opens(ours_public, text).others, 0);
	assert_string_equal(text, dsse_seal(arena, ours, TYPE, PAYLOAD, strlen(PAYLOAD), &err));
	assert_string_equal(dsse_key_id(ours), dsse_key_id(ours_public));
	refuses_bytes(other_public, text, strlen(text), "was not signed with this key");
}

/* protocol.md, "Test Vectors": type, body and what is signed. */
static void the_example_of_the_protocol_is_what_is_signed(void **state)
{
	static const char signed_bytes[] = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
	const char *text = envelope("aGVsbG8gd29ybGQ=", "http://example.com/HelloWorld",
				    one_signature(sign(signed_bytes, strlen(signed_bytes))));
	struct dsse_payload payload;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(dsse_open(arena, ours_public, "http://example.com/HelloWorld", text, strlen(text), &payload, &err), 0);
	assert_string_equal(payload.text, "hello world");
}

static void every_flipped_bit_of_the_payload_is_noticed(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * strlen(PAYLOAD); bit++) {
		char changed[] = PAYLOAD;

		changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << bit % 8));
		refuses(envelope(base64(changed, strlen(PAYLOAD)), TYPE, one_signature(good_signature())), "was changed after");
	}
}

static void every_flipped_bit_of_the_signature_is_noticed(void **state)
{
	unsigned char signature[66];

	(void)state;
	assert_int_equal(EVP_DecodeBlock(signature, (const unsigned char *)good_signature(), 88), 66);
	for (size_t bit = 0; bit < 8 * 64; bit++) {
		signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
		refuses(envelope(good_payload(), TYPE, one_signature(base64(signature, 64))), "was changed after");
		signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	opens(ours_public, envelope(good_payload(), TYPE, one_signature(base64(signature, 64))));
}

static void random_damage_to_the_text_opens_nothing_else(void **state)
{
	const char *text = envelope(good_payload(), TYPE, one_signature(good_signature()));
	struct dsse_payload payload;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char *damaged = arena_strdup(arena, text);
		struct err err = { 0 };

		damaged[rng_below(&rng, strlen(text))] = (char)rng_below(&rng, 256);
		/* a letter of `keyid`, for instance, decides nothing: then it is the same payload */
		if (!dsse_open(arena, ours_public, TYPE, damaged, strlen(text), &payload, &err))
			assert_string_equal(payload.text, PAYLOAD);
		else
			assert_int_equal(err.code, EXIT_DEVIANT);
	}
}

static void the_type_is_signed_too(void **state)
{
	(void)state;
	refuses(envelope(good_payload(), "application/json", one_signature(good_signature())), "was changed after");
	/* the other way round: it is signed as something else, and that is not what was asked for */
	refuses(envelope(good_payload(), "application/json", one_signature(sign_payload("application/json", PAYLOAD))),
		"holds something else (application/json)");
}

static void a_cut_text_is_no_envelope(void **state)
{
	const char *text = envelope(good_payload(), TYPE, one_signature(good_signature()));

	(void)state;
	for (size_t size = 0; size < strlen(text); size++)
		refuses_bytes(ours_public, text, size, "is no signed envelope");
}

static void cut_base64_is_noticed(void **state)
{
	const char *payload = good_payload();

	(void)state;
	for (size_t size = 0; size < strlen(payload); size++) {
		char *cut = arena_strdup(arena, payload);

		cut[size] = 0;
		refuses(envelope(cut, TYPE, one_signature(good_signature())),
			size % 4 || !size ? "no base64 text" : "was changed after");
	}
	refuses(envelope(payload, TYPE, one_signature("QUJD")), "was changed after");
	refuses(envelope(payload, TYPE, one_signature("QUJ")), "signature 1 is no base64 text");
}

static void bytes_have_one_text_in_each_alphabet(void **state)
{
	const char *payload = good_payload(), *signature = one_signature(good_signature());
	char *url = arena_strdup(arena, payload), *mixed;
	size_t length = strlen(payload);

	(void)state;
	assert_true(strchr(payload, '+') && strchr(payload, '/'));
	for (char *c = url; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	opens(ours_public, envelope(url, TYPE, signature));
	mixed = arena_printf(arena, "%s", url);
	mixed[strcspn(payload, "+/")] = payload[strcspn(payload, "+/")];
	refuses(envelope(mixed, TYPE, signature), "no base64 text");
	refuses(envelope(arena_printf(arena, "%s====", payload), TYPE, signature), "no base64 text");
	refuses(envelope(arena_printf(arena, " %s", payload), TYPE, signature), "no base64 text");
	refuses(envelope(arena_printf(arena, "%.4s\\n%s", payload, payload + 4), TYPE, signature), "no base64 text");
	refuses(envelope(arena_printf(arena, "%.*s", (int)length - 1, payload), TYPE, signature), "no base64 text");
	/* `QUI=` is "AB"; the last two bits of `QUJ=` stand for nothing, and a decoder that ignores them takes it for the same */
	refuses(envelope("QUJ=", TYPE, one_signature(sign_payload(TYPE, "AB"))), "no base64 text");
}

static void a_signature_counts_by_its_key_and_not_by_its_number(void **state)
{
	const char *good = one_signature(good_signature()), *bad = one_signature(sign("x", 1));

	(void)state;
	assert_int_equal(opens(ours_public, envelope(good_payload(), TYPE, arena_printf(arena, "%s, %s", good, good))).others, 0);
	assert_int_equal(opens(ours_public, envelope(good_payload(), TYPE, arena_printf(arena, "%s, %s", bad, good))).others, 1);
	refuses(envelope(good_payload(), TYPE, arena_printf(arena, "%s, %s", bad, bad)), "was changed after");
	refuses(envelope(good_payload(), TYPE, ""), "is not signed");
}

static void there_are_not_too_many_signatures(void **state)
{
	const char *good = one_signature(good_signature()), *list = good;

	(void)state;
	for (unsigned i = 1; i < 16; i++)
		list = arena_printf(arena, "%s, %s", list, good);
	opens(ours_public, envelope(good_payload(), TYPE, list));
	refuses(envelope(good_payload(), TYPE, arena_printf(arena, "%s, %s", list, good)), "more than 16 signatures");
}

static void the_name_of_a_key_decides_nothing(void **state)
{
	struct err err = { 0 };
	struct dsse_key *stranger = dsse_private_key(path("other.key"), &err);
	const char *bytes = arena_printf(arena, "DSSEv1 %zu " TYPE " %zu " PAYLOAD, strlen(TYPE), strlen(PAYLOAD));
	const char *nameless = arena_printf(arena, "{\"sig\": \"%s\"}", sign(bytes, strlen(bytes)));
	const char *misnamed = arena_printf(arena, "{\"keyid\": \"nobody\", \"sig\": \"%s\"}", sign(bytes, strlen(bytes)));
	const char *text = dsse_seal(arena, stranger, TYPE, PAYLOAD, strlen(PAYLOAD), &err);
	char *named_ours = arena_strdup(arena, text), *id = strstr(named_ours, dsse_key_id(stranger));

	(void)state;
	opens(ours_public, envelope(good_payload(), TYPE, nameless));
	opens(ours_public, envelope(good_payload(), TYPE, misnamed));
	assert_non_null(id);
	memcpy(id, dsse_key_id(ours), strlen(dsse_key_id(ours)));
	refuses(named_ours, "was changed after");
	dsse_key_free(stranger);
}

static void what_is_no_envelope_is_told(void **state)
{
	const char *good = one_signature(good_signature());
	const char *text = envelope(good_payload(), TYPE, good);

	(void)state;
	refuses("", "is no signed envelope");
	refuses("[]", "is no signed envelope");
	refuses("{}", "is no signed envelope");
	refuses(arena_printf(arena, "%s{}", text), "is no signed envelope");
	refuses(arena_printf(arena, "%sx", text), "is no signed envelope");
	refuses_bytes(ours_public, arena_printf(arena, "%s", text), strlen(text) + 1,
		      "is no signed envelope"); /* a NUL behind it */
	refuses(arena_printf(arena, "{\"payload\": \"QUJD\", %s", text + 1), "duplicate object key");
	refuses(arena_printf(arena, "{\"payload\": 1, \"payloadType\": \"" TYPE "\", \"signatures\": [%s]}", good),
		"needs `payload`");
	refuses(arena_printf(arena, "{\"payload\": \"%s\", \"payloadType\": \"" TYPE "\", \"signatures\": {}}", good_payload()),
		"is not signed");
	refuses(envelope(good_payload(), TYPE, "7"), "signature 1 is no base64 text");
}

static void only_an_ed25519_key_of_the_right_half_will_do(void **state)
{
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	FILE *file = fopen(path("text"), "w");

	(void)state;
	fputs("no key\n", file);
	fclose(file);
	refuses_key(dsse_private_key, path("none"), "none");
	refuses_key(dsse_private_key, directory, "a directory");
	refuses_key(dsse_private_key, path("text"), "openssl genpkey -algorithm ed25519");
	refuses_key(dsse_private_key, path("our.pub"), "is the public key");
	refuses_key(dsse_private_key, write_private(pair, "locked.key", "secret"), "passphrase");
	refuses_key(dsse_private_key, write_private(rsa, "rsa.key", NULL), "is no Ed25519 key");
	refuses_key(dsse_public_key, path("text"), "openssl pkey");
	refuses_key(dsse_public_key, path("our.key"), "is a private key");
	refuses_key(dsse_public_key, write_public(rsa, "rsa.pub"), "is no Ed25519 key");
	EVP_PKEY_free(rsa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_is_opened_by_the_public_key),
		cmocka_unit_test(the_example_of_the_protocol_is_what_is_signed),
		cmocka_unit_test(every_flipped_bit_of_the_payload_is_noticed),
		cmocka_unit_test(every_flipped_bit_of_the_signature_is_noticed),
		cmocka_unit_test(random_damage_to_the_text_opens_nothing_else),
		cmocka_unit_test(the_type_is_signed_too),
		cmocka_unit_test(a_cut_text_is_no_envelope),
		cmocka_unit_test(cut_base64_is_noticed),
		cmocka_unit_test(bytes_have_one_text_in_each_alphabet),
		cmocka_unit_test(a_signature_counts_by_its_key_and_not_by_its_number),
		cmocka_unit_test(there_are_not_too_many_signatures),
		cmocka_unit_test(the_name_of_a_key_decides_nothing),
		cmocka_unit_test(what_is_no_envelope_is_told),
		cmocka_unit_test(only_an_ed25519_key_of_the_right_half_will_do),
	};

	return cmocka_run_group_tests_name("cli dsse", tests, setup, teardown);
}
