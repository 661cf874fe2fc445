/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chaos_clock.c - loaded before the C library (LD_PRELOAD): every look at the time of day tells another one, up to 34 years off.
 * CHAOS_CLOCK_SEED says which. Clocks that only go forward are left alone.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"

#define EXPORT __attribute__((visibility("default")))

static _Thread_local struct rng rng;

static time_t wrong(time_t now)
{
	const char *seed = getenv("CHAOS_CLOCK_SEED");

	if (!rng.state)
		rng.state = seed ? strtoull(seed, NULL, 0) : 1;
	return now + (time_t)rng_below(&rng, UINT64_C(1) << 31) - (time_t)(UINT64_C(1) << 30);
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME && !result)
		now->tv_sec = wrong(now->tv_sec);
	return result;
}

EXPORT time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

EXPORT int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
	return 0;
}
