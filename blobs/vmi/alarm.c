/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alarm.c - document 2.0, 2 (Time Interface), and Appendix A, TIMER CALLS. No time is stolen here, so real and available time are both the
 * time stamp counter.
 *
 * Nobody calls a native ROM when an interrupt comes. So the alarms that are wired to one device share it like this: it is told of the one
 * that expires first, and of the other when the ROM is called for an alarm again. A period is the device's own: it begins with the call,
 * so that each interrupt comes a part of a period after its expiry, and none before it.
 */
#include "device.h"

enum counter { REAL, AVAILABLE, STOLEN, ALARMS = STOLEN };
enum { COUNTER = 0xff, PERIODIC = 0x100, WIRED_LVTT = 0x10000 };
#define SHORTEST   20000 /* cycles: what periods are shorter have their interrupts merged */
#define PROCESSORS 16

struct alarm {
	uint64_t expiry, period;
	uint32_t armed;
	uint32_t told; /* the device counts for it */
	enum wiring wiring;
};

struct memory {
	struct alarm alarms[PROCESSORS][ALARMS];
	struct rate apics[PROCESSORS];
};
_Static_assert(sizeof(struct memory) <= 4096, "MEMORY_SIZE of rom.inc");

#if ABI == 13
/* A guest of 13.0 copies the ROM to memory that can be written, and there it keeps all with itself. */
static struct {
	volatile uint32_t written;
	struct memory memory;
} copied;

static struct memory *memory_found(void)
{
	copied.written = 1;
	return copied.written ? &copied.memory : set_aside(0);
}
#else
static struct memory *memory_found(void)
{
	return set_aside(0);
}
#endif

static unsigned processor(void)
{
	unsigned a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 24) % PROCESSORS;
}

/* The caller's alarms and the one for a counter; NULL for counters that have none, and where there is no memory. */
static struct alarm *alarm_of(struct memory *memory, uint32_t flags)
{
	if ((flags & COUNTER) >= ALARMS || !memory)
		return 0;
	return &memory->alarms[processor()][flags & COUNTER];
}

/* A one-shot alarm disarms itself when it fires: what has expired has an interrupt on its way, if the device was told. */
static void look(struct alarm *alarm)
{
	if (alarm->armed && alarm->told && !alarm->period && cycles() >= alarm->expiry)
		alarm->armed = 0;
}

/* The first expiry of a periodic alarm that has not gone by is no more than a period ahead. */
static uint64_t cycles_until(const struct alarm *alarm, uint64_t now)
{
	if (!alarm->period)
		return alarm->expiry > now ? alarm->expiry - now : 0;
	return alarm->period > SHORTEST ? alarm->period : SHORTEST;
}

/* Could the device's period stand for the alarm's? An interrupt a period from now must not come before the expiry. */
static bool begins_in_time(const struct alarm *alarm, uint64_t now)
{
	return !alarm->period || alarm->expiry <= now + cycles_until(alarm, now);
}

/* Of the alarms with this wiring the one that expires first gets the device. */
static void arm(struct memory *memory, enum wiring wiring)
{
	unsigned self = processor();
	struct alarm *first = 0;
	uint64_t now = cycles();

	for (unsigned i = 0; i < ALARMS; i++) {
		struct alarm *alarm = &memory->alarms[self][i];

		look(alarm);
		if (!alarm->armed || alarm->wiring != wiring)
			continue;
		alarm->told = false;
		if (!first || cycles_until(alarm, now) < cycles_until(first, now))
			first = alarm;
	}
	if (!first)
		return;
	if (begins_in_time(first, now))
		first->told = device_start(wiring, &memory->apics[self], cycles_until(first, now), first->period);
	else
		first->told = device_start(wiring, &memory->apics[self], first->expiry - now, false);
}

ENTRY(uint64_t, GetCycleFrequency, void)
{
	return variables.hertz;
}

ENTRY(uint64_t, GetCycleCounter, uint32_t which)
{
	return which <= AVAILABLE ? cycles() : 0;
}

ENTRY(void, SetAlarm, uint32_t flags, uint32_t expiry_low, uint32_t expiry_high, uint32_t period_low, uint32_t period_high)
{
	struct memory *memory = memory_found();
	struct alarm *alarm = alarm_of(memory, flags);

	if (!alarm)
		return;
	alarm->expiry = (uint64_t)expiry_high << 32 | expiry_low;
	alarm->period = flags & PERIODIC ? (uint64_t)period_high << 32 | period_low : 0;
	alarm->wiring = flags & WIRED_LVTT ? LVTT : IRQ0;
	alarm->armed = 1;
	alarm->told = 0;
	arm(memory, alarm->wiring);
}

ENTRY(uint32_t, CancelAlarm, uint32_t flags)
{
	struct memory *memory = memory_found();
	struct alarm *alarm = alarm_of(memory, flags);

	if (!alarm)
		return 0;
	look(alarm);
	if (!alarm->armed)
		return 0;
	alarm->armed = 0;
	device_stop(alarm->wiring);
	arm(memory, alarm->wiring);
	return 1;
}
