/* SPDX-License-Identifier: BSD-2-Clause */
#include "prove/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <z3.h>

#include "prove/proof.h"
#include "spec/expr_functions.h"

/* Raise it whenever the same rules may lead to other findings. */
#define PROVER 4u

struct digest {
	const struct spec *spec;
	EVP_MD_CTX *hash;
	bool *states; /* by number: asked for */
};

static void add_number(struct digest *digest, uint64_t number)
{
	EVP_DigestUpdate(digest->hash, &number, sizeof(number));
}

static void add_text(struct digest *digest, const char *text)
{
	add_number(digest, text ? strlen(text) + 1 : 0);
	if (text)
		EVP_DigestUpdate(digest->hash, text, strlen(text));
}

static void add_set(struct digest *digest, const struct int_set *set)
{
	add_number(digest, set ? set->count : ~UINT64_C(0));
	for (size_t i = 0; set && i < set->count; i++) {
		add_number(digest, (uint64_t)set->ranges[i].low);
		add_number(digest, (uint64_t)set->ranges[i].high);
	}
	add_text(digest, set ? set->name : NULL);
}

static void add_type(struct digest *digest, const struct type *type)
{
	add_number(digest, type->base.bits | (uint64_t)type->base.is_signed << 8);
	add_number(digest, type->enum_count);
	for (size_t i = 0; i < type->enum_count; i++) {
		add_text(digest, type->enums[i].name);
		add_number(digest, type->enums[i].value);
	}
	add_set(digest, type->except);
}

static void add_name(struct digest *digest, const struct name *name)
{
	add_number(digest, name->kind);
	add_text(digest, name->text);
	/* a state's number changes with the states before it; its name is all there is to it */
	add_number(digest, name->kind == NAME_STATE ? 0 : name->index);
	add_number(digest, name->when);
	if (name->kind != NAME_STATE)
		return;
	digest->states[name->index] = true;
	add_text(digest, digest->spec->states[name->index]->chapter->name);
}

static void add_term(struct digest *digest, const struct term *term)
{
	add_number(digest, term->op | (uint64_t)term->argc << 8 | (uint64_t)term->type.bits << 16 |
				   (uint64_t)term->type.is_signed << 24 | (uint64_t)term->bytes << 32 |
				   (uint64_t)term->old << 40);
	add_number(digest, term->bits);
	add_number(digest, (uint64_t)term->stride << 32 | term->offset);
	add_number(digest, term->number);
	add_text(digest, term->function ? term->function->name : NULL);
	if (term->op == TERM_IN || term->op == TERM_NOT_IN)
		add_set(digest, term->set);
	else if (term->name)
		add_name(digest, term->name);
	for (unsigned i = 0; i < term->argc; i++)
		add_term(digest, term->arg[i]);
}

/* As understood, for what is proved, and as written, for what is said. */
static void add_expr(struct digest *digest, const struct expr *expr)
{
	add_text(digest, expr ? expr->text : NULL);
	if (expr)
		add_term(digest, expr->root);
}

static void add_rule(struct digest *digest, const struct rule *rule)
{
	add_text(digest, rule->id);
	add_number(digest, rule->strength | (uint64_t)rule->likely << 8);
	for (size_t v = 0; v < digest->spec->version_count; v++)
		add_number(digest, spec_in_version(rule->since, rule->until, (int)v));
	add_expr(digest, rule->when);
	add_expr(digest, rule->must);
}

static void add_effects(struct digest *digest, const struct entry *entry)
{
	for (size_t i = 0; i < entry->effect_count; i++) {
		const struct effect *effect = &entry->effects[i];

		add_text(digest, digest->spec->states[effect->state]->name);
		add_expr(digest, effect->when);
		for (unsigned k = 0; k < effect->keys; k++)
			add_expr(digest, effect->key[k]);
		add_expr(digest, effect->value);
	}
}

static void add_entry(struct digest *digest, const struct entry *entry)
{
	add_text(digest, entry->full_id);
	for (size_t v = 0; v < digest->spec->version_count; v++)
		add_number(digest, spec_in_version(entry->since, entry->until, (int)v));
	add_number(digest, entry->outcomes | (uint64_t)entry->secondary << 16 | (uint64_t)(entry->settle_ns != 0) << 17 |
				   (uint64_t)entry->is_structure << 18 | (uint64_t)(entry->errors != NULL) << 19);
	for (size_t i = 0; i < entry->arg_count; i++) {
		add_text(digest, entry->args[i].name);
		add_number(digest, entry->args[i].has_nominal ? entry->args[i].nominal : 0);
		add_number(digest, entry->args[i].role == ROLE_HANDLE);
		add_type(digest, entry->args[i].type);
	}
	for (size_t i = 0; entry->errors && i < entry->error_count; i++) {
		add_text(digest, entry->errors[i].name);
		add_number(digest, entry->errors[i].value);
	}
	for (size_t i = 0; i < entry->rule_count; i++)
		add_rule(digest, entry->rules[i]);
	add_expr(digest, entry->absent);
	add_effects(digest, entry);
}

static bool changes_any(const struct entry *entry, const bool *states)
{
	for (size_t i = 0; i < entry->effect_count; i++) {
		if (states[entry->effects[i].state])
			return true;
	}
	return false;
}

/* The states that were asked for up to now, and the entries that change them. */
static void add_states(struct digest *digest)
{
	bool *asked = xcalloc(digest->spec->state_count + 1, sizeof(*asked));

	memcpy(asked, digest->states, digest->spec->state_count * sizeof(*asked));
	for (size_t i = 0; i < digest->spec->state_count; i++) {
		if (!asked[i])
			continue;
		add_type(digest, digest->spec->states[i]->type);
		add_expr(digest, digest->spec->states[i]->init);
	}
	for (size_t i = 0; i < digest->spec->entry_count; i++) {
		if (changes_any(digest->spec->entries[i], asked))
			add_entry(digest, digest->spec->entries[i]);
	}
	free(asked);
}

static void add_world(struct digest *digest)
{
	const struct convention *convention = &digest->spec->convention;
	unsigned version[4];

	Z3_get_version(&version[0], &version[1], &version[2], &version[3]);
	add_number(digest, PROVER);
	for (unsigned i = 0; i < 4; i++)
		add_number(digest, version[i]);
	add_number(digest, (uint64_t)PROVE_QUESTION << 32 | proof_effort(digest->spec));
	add_number(digest, convention->word | (uint64_t)convention->big_endian << 8);
	add_number(digest, (uint64_t)(int64_t)convention->status);
	for (size_t i = 0; i < digest->spec->version_count; i++)
		add_text(digest, digest->spec->versions[i]);
	for (size_t i = 0; i < digest->spec->chapter_count; i++)
		add_number(digest, digest->spec->chapters[i]->presence != NULL);
}

static void to_text(EVP_MD_CTX *hash, char out[DIGEST_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	EVP_DigestFinal_ex(hash, bytes, &size);
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void digest_entry(const struct spec *spec, const struct entry *entry, char out[DIGEST_TEXT])
{
	struct digest digest = { spec, EVP_MD_CTX_new(), xcalloc(spec->state_count + 1, sizeof(bool)) };

	EVP_DigestInit_ex(digest.hash, EVP_sha256(), NULL);
	add_world(&digest);
	add_number(&digest, entry->chapter->number);
	add_entry(&digest, entry);
	add_states(&digest);
	to_text(digest.hash, out);
	EVP_MD_CTX_free(digest.hash);
	free(digest.states);
}

void digest_bytes(const void *bytes, size_t size, char out[DIGEST_TEXT])
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
	EVP_DigestUpdate(hash, bytes, size);
	to_text(hash, out);
	EVP_MD_CTX_free(hash);
}
