/* SPDX-License-Identifier: BSD-2-Clause */
/* test_clock.c - the timer calls. */
#include "kernel.h"

static uint64_t value_of(struct call made)
{
	return (uint64_t)made.edx << 32 | made.eax;
}

static uint64_t counter(uint32_t which)
{
	return value_of(call("timer.GetCycleCounter", 67, 80, (struct call){ .eax = which ? which : ZERO }));
}

static void set(uint32_t flags, uint64_t expiry, uint64_t period)
{
	call("timer.SetAlarm", 68, 81,
	     (struct call){ .eax = flags ? flags : ZERO,
			    .edx = (uint32_t)expiry ? (uint32_t)expiry : ZERO,
			    .ecx = (uint32_t)(expiry >> 32) ? (uint32_t)(expiry >> 32) : ZERO,
			    .stack = { (uint32_t)period, (uint32_t)(period >> 32) } });
}

static uint32_t cancel(uint32_t flags)
{
	return call("timer.CancelAlarm", 69, 82, (struct call){ .eax = flags ? flags : ZERO }).eax;
}

void test_clock(void)
{
	uint64_t hertz = value_of(call("timer.GetCycleFrequency", 66, 79, (struct call){ 0 })), then;

	check("timer.GetCycleFrequency", hertz >= 100000000 && hertz <= 10000000000, "plausible");
	then = counter(0);
	check("timer.GetCycleCounter", counter(1) > then && counter(0) > then, "go on");
	check("timer.GetCycleCounter", counter(2) == 0 && counter(3) == 0, "stolen and undefined are 0");
	for (uint32_t which = 0; which < 2; which++) {
		check("timer.CancelAlarm", cancel(which) == 0, "never set");
		set(which, 1ull << 63, 0);
		check("timer.CancelAlarm", cancel(which) == 1, "not yet fired");
		check("timer.CancelAlarm", cancel(which) == 0, "cancelled before");
		set(which | 0x100, 0, 1ull << 40);
		check("timer.CancelAlarm", cancel(which | 0x100) == 1, "periodic");
		set(which, 0, 0);
		check("timer.CancelAlarm", cancel(which) == 0, "has fired");
		set(which | 0x100, 0, 0);
		check("timer.CancelAlarm", cancel(which) == 0, "period 0 is a single shot");
	}
	set(2, 1ull << 63, 0);
	check("timer.CancelAlarm", cancel(2) == 0 && cancel(0) == 0 && cancel(1) == 0, "stolen time has none");
	then = value_of(call("timer.GetWallclockTime", 70, 83, (struct call){ 0 }));
	check("timer.GetWallclockTime", then - WALLCLOCK * 1000000000ull < 60000000000ull, "the date");
	check("timer.WallclockUpdated", call("timer.WallclockUpdated", 71, 84, (struct call){ 0 }).eax == 0, "never");
}
