/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.c - the devices of the native machine that interrupt: channel 0 of the PIT (8254) at IRQ 0, and the timer of the local APIC.
 * The APIC is taken for mapped where it is, as apic.S does. Of the LVTT the guest owns vector and mask, this the mode.
 */
#include "device.h"

enum { APIC_LVTT = 0x320, APIC_INITIAL = 0x380, APIC_CURRENT = 0x390, APIC_DIVIDE = 0x3e0 };
enum { MASKED = 0x10000, LVTT_PERIODIC = 0x20000, BY_1 = 0xb, BY_128 = 0xa, SHIFT_128 = 7 };
enum { PIT_0 = 0x40, PIT_CONTROL = 0x43, ONCE = 0x30, WAITS = 0x32, RATE = 0x34, PIT_MAX = 0xffff };
enum { PIC = 0x20, PIC_MASK = 0x21, ONLY_IRQ0 = 0xfe, POLL = 0x0c, POLLED = 0x80, END = 0x20 };
enum { APIC_BASE = 0x1b, APIC_ON = 0x800, HAS_APIC = 0x200 };
#define MEGAHERTZ   1000000
#define PIT_PER_16  74574 /* of 1,193,182 ticks a second, rounded up */
#define TIMED_SHIFT 15 /* the APIC is timed for 30 us */

/* NULL: there is none, or it is switched off. */
static volatile uint32_t *apic(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(d & HAS_APIC))
		return 0;
	__asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(APIC_BASE));
	return a & APIC_ON ? (volatile uint32_t *)(a & ~0xfffu) : 0;
}

#define AT(apic, place) ((apic)[(place) / 4])

/* The ticks that take at least so many cycles, the one that has begun already left out. 0: too many. */
static uint32_t ticks_for(uint32_t cycles, const struct rate *rate)
{
	uint64_t product = (uint64_t)cycles * rate->ticks + rate->cycles - 1;
	uint32_t low = (uint32_t)product, high = (uint32_t)(product >> 32);

	if (high >= rate->cycles)
		return 0;
	__asm__("divl %2" : "+a"(low), "+d"(high) : "r"(rate->cycles) : "cc");
	return low + 1;
}

/* Ticks are rounded up, and cycles counted before the last look, so the timer is no faster than what comes of it. */
static void time_apic(volatile uint32_t *at, struct rate *rate)
{
	uint32_t wanted = (uint32_t)(variables.hertz >> TIMED_SHIFT), lvtt = AT(at, APIC_LVTT);
	uint64_t began;

	AT(at, APIC_LVTT) = lvtt | MASKED;
	AT(at, APIC_DIVIDE) = BY_1;
	AT(at, APIC_INITIAL) = ~0u;
	began = cycles();
	do
		rate->cycles = (uint32_t)(cycles() - began);
	while (rate->cycles < wanted);
	rate->ticks = ~AT(at, APIC_CURRENT) + 1;
	AT(at, APIC_INITIAL) = 0;
	AT(at, APIC_LVTT) = lvtt;
}

static bool start_apic(struct rate *rate, uint64_t after, bool again)
{
	volatile uint32_t *at = apic();
	uint32_t ticks, divide = BY_1;

	if (!at)
		return false;
	if (!rate->cycles)
		time_apic(at, rate);
	ticks = after >> 32 ? 0 : ticks_for((uint32_t)after, rate);
	after = (after >> SHIFT_128) + 1;
	if (!ticks && !(after >> 32)) {
		divide = BY_128;
		ticks = ticks_for((uint32_t)after, rate);
	}
	AT(at, APIC_INITIAL) = 0; /* what is left of an old alarm is not to come each time */
	AT(at, APIC_LVTT) = (AT(at, APIC_LVTT) & ~LVTT_PERIODIC) | (again ? LVTT_PERIODIC : 0);
	AT(at, APIC_DIVIDE) = divide;
	AT(at, APIC_INITIAL) = ticks;
	return ticks;
}

/* The frequency is known to a megahertz: with one less the ticks are rather too many. */
static bool start_pit(uint64_t after, bool again)
{
	struct rate rate = { PIT_PER_16, (uint32_t)((variables.hertz - MEGAHERTZ) >> 4) };
	uint32_t ticks = after >> 32 ? 0 : ticks_for((uint32_t)after, &rate);

	if (!ticks || ticks > PIT_MAX)
		return false;
	out8(PIT_CONTROL, again ? RATE : ONCE);
	out8(PIT_0, (uint8_t)ticks);
	out8(PIT_0, (uint8_t)(ticks >> 8));
	return true;
}

/*
 * A mode that waits for what never comes, since a chip stops counting when it is told its mode, and QEMU's does not but looks at the mode
 * when the time has come. A chip's output rises with that: whatever of it, or of the alarm, has got to the PIC is taken away there.
 */
static void stop_pit(void)
{
	uint32_t flags;
	uint8_t mask;

	__asm__ volatile("pushf\n\tpop %0\n\tcli" : "=r"(flags) : : "memory");
	out8(PIT_CONTROL, WAITS);
	mask = in8(PIC_MASK);
	out8(PIC_MASK, ONLY_IRQ0);
	out8(PIC, POLL);
	if (in8(PIC) & POLLED)
		out8(PIC, END);
	out8(PIC_MASK, mask);
	__asm__ volatile("push %0\n\tpopf" : : "r"(flags) : "memory", "cc");
}

ENTRY(bool, device_start, enum wiring wiring, struct rate *rate, uint64_t after, bool again)
{
	return wiring == LVTT ? start_apic(rate, after, again) : start_pit(after, again);
}

ENTRY(void, device_stop, enum wiring wiring)
{
	volatile uint32_t *at;

	if (wiring == IRQ0)
		stop_pit();
	else if ((at = apic()))
		AT(at, APIC_INITIAL) = 0;
}
