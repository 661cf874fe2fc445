/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the host's clock, for pauses and the watchdog. No verdict may rest on it. */
#ifndef ASSAY_GUEST_CLOCK_H
#define ASSAY_GUEST_CLOCK_H

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

#endif
