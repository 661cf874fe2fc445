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

/*
 * An address that is somewhere, but not ours, could make a correct blob overwrite the probe or a device: what follows would be
 * our fault. Everything else is fair.
 */
static bool is_harmful(const struct plan *plan, const struct arg *arg, uint64_t number)
{
	uint64_t end = plan->survey.ram_base + plan->survey.ram_size;

	switch (arg->role) {
	case ROLE_BUFFER:
	case ROLE_CODE:
		return number < end && number >= 4096;
	case ROLE_LENGTH:
		return number > 4096 && number < end;
	default:
		return false;
	}
}

static struct pick draw(const struct plan *plan, const struct picks *picks, const struct arg *arg, enum manner manner,
			struct rng *rng)
{
	bool address = arg->role == ROLE_BUFFER || arg->role == ROLE_CODE || arg->role == ROLE_HANDLE;

	if (manner == TYPED && (address || rng_below(rng, 2)))
		return rng_below(rng, 2) ? picks->list[0] : picks->list[rng_below(rng, picks->count)];
	for (unsigned n = 0; n < DRAWS; n++) {
		uint64_t number = int_truncate(random_number(arg->type, manner, rng), arg->type->base);
		struct pick pick = { .name = "random", .value = { .source = VALUE_LITERAL, .literal = number } };

		pick.seen = value_of(number, arg->type->base);
		if (!value_excepted(arg, number) && !is_harmful(plan, arg, number))
			return pick;
	}
	return picks->list[0];
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

uint64_t fuzz_seed(const struct plan *plan, const struct entry *entry)
{
	return hash_text(plan->options.seed + 1, entry->full_id);
}

int fuzz_draft(struct plan *plan, const struct entry *entry, uint64_t seed, uint64_t n, struct draft *draft)
{
	const struct menu *menu = plan_menu(plan, entry);
	struct rng rng = { hash_word(hash_word(seed, n), plan->options.seed) };
	unsigned manner = (unsigned)rng_below(&rng, 3);
	unsigned odd = (unsigned)rng_below(&rng, entry->arg_count);
	struct planned main;

	planned_begin(&main, entry, entry->secondary);
	for (unsigned i = 0; i < entry->arg_count; i++) {
		bool untyped = manner == 2 || (manner == 1 && i == odd);

		main.args[i] = draw(plan, &menu->args[i], &entry->args[i], untyped ? UNTYPED : TYPED, &rng);
	}
	draft_begin(draft, STRATEGY_RANDOM);
	draft->hash = hash_call(&main);
	id_sieve_expect(&plan->drawn, draft->hash);
	return draft_around(plan, draft, &main, true);
}
