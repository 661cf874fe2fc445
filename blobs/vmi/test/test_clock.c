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

/* With interrupts on, and no longer than that. */
static void let_go_by(uint64_t cycles)
{
	uint64_t until = counter(0) + cycles;

	while (value_of(call("timer.GetCycleCounter", 67, 80, (struct call){ .eax = ZERO, .eflags = IF })) < until)
		;
}

/* The PIT, which has interrupted all the time, does what the alarms say. */
static void test_interrupts(uint64_t millisecond)
{
	let_go_by(100 * millisecond);
	ticks = 0;
	let_go_by(millisecond);
	check("timer.CancelAlarm", ticks == 0, "nothing is left of the alarms before");
	set(0, counter(0) + millisecond, 0);
	call("processor.Halt", 35, 42, (struct call){ 0 });
	let_go_by(4 * millisecond);
	check("timer.SetAlarm", ticks == 1, "interrupts once");
	check("timer.CancelAlarm", cancel(0) == 0, "it has fired");
	set(0x101, counter(0), millisecond);
	call("processor.Halt", 35, 42, (struct call){ 0 });
	call("processor.Halt", 35, 42, (struct call){ 0 });
	check("timer.SetAlarm", ticks >= 3, "interrupts again and again");
	check("timer.CancelAlarm", cancel(0x101) == 1, "a periodic alarm is always armed");
	let_go_by(1); /* what was pending */
	ticks = 0;
	let_go_by(4 * millisecond);
	check("timer.CancelAlarm", ticks == 0, "it interrupts no more");
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
	test_interrupts(hertz >> 10);
	then = value_of(call("timer.GetWallclockTime", 70, 83, (struct call){ 0 }));
	check("timer.GetWallclockTime", then - WALLCLOCK * 1000000000ull < 60000000000ull, "the date");
	check("timer.WallclockUpdated", call("timer.WallclockUpdated", 71, 84, (struct call){ 0 }).eax == 0, "never");
}
