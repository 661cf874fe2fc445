/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int_set.c - is a number in a set?
 */
#include "spec/expr.h"

const struct int_range *int_set_find(const struct int_set *set, uint64_t bits)
{
	size_t i;

	/* Counted from `low` upwards, so that a range from below zero to above it needs no case of its own. */
	for (i = 0; i < set->count; i++)
		if (bits - (uint64_t)set->ranges[i].low <= (uint64_t)set->ranges[i].high - (uint64_t)set->ranges[i].low)
			return &set->ranges[i];
	return NULL;
}

bool int_set_has(const struct int_set *set, uint64_t bits)
{
	return int_set_find(set, bits) != NULL;
}
