/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.c - random calls: values that look legal, values that do not, and mixtures.
 *
 * Every case has a generator of its own, seeded by the run's seed, the entry and the case's number, so that the n-th case is
 * the same whatever was filtered out before it.
 */
#include "plan/internal.h"

#include <string.h>

#define DRAWS 8u /* before an argument falls back to its nominal value */

enum manner { TYPED, UNTYPED };

/* Random bits, but not only big ones: a random length, or few bits set, or few bits clear. */
static uint64_t random_bits(struct rng *rng)
{
	uint64_t bits = rng_next(rng);

	switch (rng_below(rng, 4)) {
	case 0:
		return bits;
	case 1:
		return bits >> rng_below(rng, 64);
	case 2:
		return UINT64_C(1) << rng_below(rng, 64) | UINT64_C(1) << rng_below(rng, 64);
	default:
		return ~(bits >> rng_below(rng, 64));
	}
}

static uint64_t random_flags(const struct type *type, struct rng *rng)
{
	uint64_t chosen = rng_next(rng), flags = 0;

	for (size_t i = 0; i < type->flag_count; i++)
		if (type->flags[i].value < 64 && chosen >> i & 1)
			flags |= UINT64_C(1) << type->flags[i].value;
	return flags;
}

static uint64_t random_number(const struct type *type, enum manner manner, struct rng *rng)
{
	if (manner == TYPED && type->enum_count && rng_below(rng, 4))
		return type->enums[rng_below(rng, type->enum_count)].value;
	if (manner == TYPED && type->flag_count)
		return random_flags(type, rng);
	if (manner == TYPED)
		return rng_below(rng, 256);
	return random_bits(rng);
}

static bool is_harmful(const struct plan *plan, const struct arg *arg, uint64_t number)
{
	uint64_t low, high;

	return value_harmful(plan, arg, &low, &high) && number >= low && number <= high;
}

static void draw(const struct plan *plan, const struct picks *picks, const struct arg *arg, enum manner manner, struct rng *rng,
		 struct pick *pick)
{
	bool only = arg->role == ROLE_HANDLE && picks->count == 1;
	bool address = arg->role == ROLE_BUFFER || arg->role == ROLE_CODE || arg->role == ROLE_HANDLE;

	if (only) {
		*pick = picks->list[0];
		return;
	}
	if (manner == TYPED && (address || rng_below(rng, 2))) {
		*pick = picks->list[rng_below(rng, 2) ? 0 : rng_below(rng, picks->count)];
		return;
	}
	for (unsigned n = 0; n < DRAWS; n++) {
		uint64_t number = int_truncate(random_number(arg->type, manner, rng), arg->type->base);

		if (value_excepted(arg, number) || is_harmful(plan, arg, number))
			continue;
		*pick = (struct pick){ .name = "random", .value = { .source = VALUE_LITERAL, .literal = number } };
		pick->seen = value_of(number, arg->type->base);
		return;
	}
	*pick = picks->list[0];
}

static uint64_t hash_call(const struct planned *call)
{
	uint64_t hash = 1;

	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		const struct pick *pick = &call->args[i];

		hash = hash_word(hash, pick->value.source);
		hash = hash_word(hash, pick->value.literal);
		hash = hash_word(hash, pick->misalign * UINT64_C(2) + pick->has_fill);
		hash = hash_word(hash, pick->fill);
	}
	return hash >> 16;
}

/* Into its place among those that wait for their turn. */
static void draw_call(const struct plan *plan, const struct entry *entry, const struct menu *menu, struct draws *draws)
{
	struct rng rng = { hash_word(hash_word(draws->seed, draws->drawn), plan->options.seed) };
	unsigned place = draws->drawn++ % DRAWS_AHEAD;
	unsigned manner = (unsigned)rng_below(&rng, 3);
	unsigned odd = (unsigned)rng_below(&rng, entry->arg_count);
	struct planned *call = &draws->calls[place];

	planned_begin(call, entry, entry->secondary);
	for (unsigned i = 0; i < entry->arg_count; i++) {
		bool untyped = manner == 2 || (manner == 1 && i == odd);

		draw(plan, &menu->args[i], &entry->args[i], untyped ? UNTYPED : TYPED, &rng, &call->args[i]);
	}
	draws->hashes[place] = hash_call(call);
	id_sieve_expect(&plan->drawn, draws->hashes[place]);
}

void fuzz_begin(struct plan *plan, const struct entry *entry)
{
	plan->draws.next = plan->draws.drawn = 0;
	plan->draws.seed = hash_text(plan->options.seed + 1, entry->full_id);
}

int fuzz_draft(struct plan *plan, const struct entry *entry, struct draft *draft)
{
	struct draws *draws = &plan->draws;
	unsigned place = draws->next % DRAWS_AHEAD;

	while (draws->drawn < draws->next + DRAWS_AHEAD)
		draw_call(plan, entry, plan_menu(plan, entry), draws);
	draws->next++;
	draft_begin(draft, STRATEGY_RANDOM);
	draft->hash = draws->hashes[place];
	return draft_around(plan, draft, &draws->calls[place], true);
}
