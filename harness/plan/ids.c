/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ids.c - names of cases, made of what they do.
 *
 *     sbi.hsm.hart_start:already-started:hartid=hart1
 *     sbi.hsm.hart_start:sequence:after-hart_stop:hartid=hart1
 *     sbi.base.probe_extension:random:0123456789ab
 */
#include "plan/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX 160u

struct text {
	char *at, *end;
};

static void put(struct text *text, const char *word)
{
	size_t length = strnlen(word, (size_t)(text->end - text->at));

	memcpy(text->at, word, length);
	text->at += length;
	*text->at = '\0';
}

static bool is_nominal(struct plan *plan, const struct planned *call, unsigned arg)
{
	const struct pick *nominal = &plan_menu(plan, call->entry)->args[arg].list[0], *pick = &call->args[arg];

	return pick->name == nominal->name && pick->value.source == nominal->value.source &&
	       (pick->value.source == VALUE_RESULT || pick->value.literal == nominal->value.literal);
}

/* The same argument with the same value, so that it need not be said twice. */
static bool has_same(const struct planned *call, const char *name, const struct pick *pick)
{
	for (unsigned i = 0; call && i < call->entry->arg_count; i++)
		if (!strcmp(call->entry->args[i].name, name) && !strcmp(call->args[i].name, pick->name))
			return true;
	return false;
}

static void put_values(struct plan *plan, const struct planned *call, const struct planned *besides, struct text *text)
{
	bool first = true;

	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		const struct arg *arg = &call->entry->args[i];

		if (is_nominal(plan, call, i) || has_same(besides, arg->name, &call->args[i]))
			continue;
		put(text, first ? "" : ",");
		put(text, arg->name);
		put(text, "=");
		put(text, call->args[i].name);
		first = false;
	}
}

const char *planned_values(struct plan *plan, const struct planned *call, const struct planned *besides)
{
	char buffer[512];
	struct text text = { buffer, buffer + sizeof(buffer) - 1 };

	*buffer = '\0';
	put_values(plan, call, besides, &text);
	return *buffer ? arena_strdup(plan->stage, buffer) : "";
}

static void put_hex12(struct text *text, uint64_t hash)
{
	char digits[13];

	for (unsigned i = 0; i < 12; i++)
		digits[i] = "0123456789abcdef"[hash >> (44 - 4 * i) & 15];
	digits[12] = '\0';
	put(text, digits);
}

/* A text that is too long ends in a hash of the whole. */
static void shorten(char *id)
{
	struct text text = { id + ID_MAX - 13, id + ID_MAX };
	uint64_t hash;

	if (strlen(id) <= ID_MAX)
		return;
	hash = hash_text(0, id);
	put(&text, "~");
	put_hex12(&text, hash);
}

const char *draft_id(struct plan *plan, const struct draft *draft)
{
	const struct planned *main = &draft->calls[draft->main];
	char *id = arena_alloc(plan->scratch, 2048);
	struct text text = { id, id + 2047 };
	char *values;

	put(&text, main->entry->full_id);
	put(&text, ":");
	put(&text, draft->label);
	if (main->entry->is_structure)
		return id;
	put(&text, ":");
	if (draft->after) {
		put(&text, draft->after);
		put(&text, ":");
	}
	values = text.at;
	if (draft->strategy == STRATEGY_RANDOM)
		put_hex12(&text, draft->hash);
	else
		put_values(plan, main, NULL, &text);
	if (text.at == values)
		put(&text, "nominal");
	shorten(id);
	return id;
}

/* ---- ids seen before ---- */

static void grow(struct id_set *set)
{
	struct id_set bigger = { 0, set->room ? 2 * set->room : 1024, NULL };

	bigger.slots = xcalloc(bigger.room, sizeof(uint64_t));
	for (size_t i = 0; i < set->room; i++)
		if (set->slots[i])
			id_set_add(&bigger, set->slots[i]);
	free(set->slots);
	*set = bigger;
}

bool id_set_has(const struct id_set *set, uint64_t hash)
{
	hash = hash ? hash : 1;
	for (size_t at = hash & (set->room - 1); set->room && set->slots[at]; at = (at + 1) & (set->room - 1))
		if (set->slots[at] == hash)
			return true;
	return false;
}

bool id_set_add(struct id_set *set, uint64_t hash)
{
	size_t at;

	hash = hash ? hash : 1;
	if (2 * (set->count + 1) > set->room)
		grow(set);
	for (at = hash & (set->room - 1); set->slots[at]; at = (at + 1) & (set->room - 1))
		if (set->slots[at] == hash)
			return false;
	set->slots[at] = hash;
	set->count++;
	return true;
}

/* ---- the same in a fixed amount of memory, for random cases ---- */

#define SIEVE_BITS  (UINT64_C(1) << 24)
#define SIEVE_LOOKS 3u

static uint64_t sieve_place(uint64_t hash, unsigned look)
{
	return hash_word(hash, look) % SIEVE_BITS;
}

void id_sieve_expect(const struct id_sieve *sieve, uint64_t hash)
{
	for (unsigned i = 0; sieve->bits && i < SIEVE_LOOKS; i++)
		__builtin_prefetch(&sieve->bits[sieve_place(hash, i) / 64], 1);
}

/* A Bloom filter: a value it has seen is never called new; now and then a new one is called seen, and one more is drawn. */
bool id_sieve_add(struct id_sieve *sieve, uint64_t hash)
{
	bool is_new = false;

	if (!sieve->bits)
		sieve->bits = xcalloc(SIEVE_BITS / 64, sizeof(uint64_t));
	for (unsigned i = 0; i < SIEVE_LOOKS; i++) {
		uint64_t at = sieve_place(hash, i), bit = UINT64_C(1) << at % 64;

		is_new |= !(sieve->bits[at / 64] & bit);
		sieve->bits[at / 64] |= bit;
	}
	sieve->count += is_new;
	return is_new;
}

void id_sieve_clear(struct id_sieve *sieve)
{
	if (sieve->count)
		memset(sieve->bits, 0, SIEVE_BITS / 8);
	sieve->count = 0;
}

void id_set_clear(struct id_set *set)
{
	if (set->count)
		memset(set->slots, 0, set->room * sizeof(uint64_t));
	set->count = 0;
}
