/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/pool.h"

#include <stdlib.h>

#include "base/arena.h"

#define ATTENDANTS_MAX 32u /* more than anybody uses at once */

struct pool {
	struct attendant *attendants[ATTENDANTS_MAX];
	size_t count;
};

struct pool *pool_new(void)
{
	return xcalloc(1, sizeof(struct pool));
}

void pool_free(struct pool *pool)
{
	while (pool && pool->count)
		attendant_free(pool->attendants[--pool->count]);
	free(pool);
}

struct attendant *pool_take(struct pool *pool, const struct guest_config *config, struct err *err)
{
	return pool && pool->count ? pool->attendants[--pool->count] : attendant_new(config, err);
}

void pool_give(struct pool *pool, struct attendant *take_attendant)
{
	if (pool && take_attendant && pool->count < ATTENDANTS_MAX)
		pool->attendants[pool->count++] = take_attendant;
	else
		attendant_free(take_attendant);
}
