/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rng.h - random numbers that are the same on every machine, and a hash to seed them by name.
 *
 * SplitMix64 (Steele, Lea, Flood 2014): one word of state, so that every case can have a generator of its own, seeded by the
 * run's seed and the case's entry and number. Not for secrets.
 */
#ifndef ASSAY_BASE_RNG_H
#define ASSAY_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = (rng->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* A number below bound; the bias is below bound / 2^64. bound 0 gives 0. */
static inline uint64_t rng_below(struct rng *rng, uint64_t bound)
{
	return (uint64_t)(((unsigned __int128)rng_next(rng) * bound) >> 64);
}

/* FNV-1a, 64 bits: stable names for things, no defence against collisions made on purpose. */
static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	hash = hash ? hash : 0xcbf29ce484222325u;
	while (*text)
		hash = (hash ^ (unsigned char)*text++) * 0x100000001b3u;
	return hash;
}

static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	struct rng rng = { hash ^ word };

	return rng_next(&rng);
}

#endif
