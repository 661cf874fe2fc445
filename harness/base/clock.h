/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the host's clock, for pauses and the watchdog. No verdict may rest on it. */
#ifndef ASSAY_BASE_CLOCK_H
#define ASSAY_BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_ms(void)
{
	return clock_ns() / 1000000u;
}

/* A moment in so many milliseconds, for a condition of clock_cond_init(). */
static inline struct timespec clock_in(unsigned ms)
{
	uint64_t then = clock_ns() + ms * UINT64_C(1000000);

	return (struct timespec){ .tv_sec = (time_t)(then / 1000000000u), .tv_nsec = (long)(then % 1000000000u) };
}

/* A condition whose waits are measured on this clock: setting the time of day changes nothing. */
static inline void clock_cond_init(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

#define CLOCK_SLICE_MS 100u

/* For poll(): so long, or until it is time to see whether somebody is tired of waiting (a signal may have come just before). */
static inline int clock_slice(uint64_t ms)
{
	return (int)(ms < CLOCK_SLICE_MS ? ms : CLOCK_SLICE_MS);
}

#endif
