/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alarm.c - document 2.0, 2 (Time Interface), and Appendix A, TIMER CALLS. No time is stolen here, so real and available time are both the
 * time stamp counter.
 */
#include "clock.h"

enum counter { REAL, AVAILABLE, STOLEN, ALARMS = STOLEN };
enum { COUNTER = 0xff, PERIODIC = 0x100 };
#define PROCESSORS 16

struct alarm {
	uint64_t expiry, period;
	uint32_t armed;
};

struct memory {
	struct alarm alarms[PROCESSORS][ALARMS];
};
_Static_assert(sizeof(struct memory) <= 4096, "MEMORY_SIZE of rom.inc");

/* What the BIOS has set aside is as far from the ROM as physically. NULL where there is none. */
static struct memory *set_aside(void)
{
	return variables.memory ? (struct memory *)(rom_base() - variables.rom + variables.memory) : 0;
}

#if ABI == 13
/* A guest of 13.0 copies the ROM to memory that can be written, and there it keeps all with itself. */
static struct {
	volatile uint32_t written;
	struct memory memory;
} copied;

static struct memory *memory_found(void)
{
	copied.written = 1;
	return copied.written ? &copied.memory : set_aside();
}
#else
#define memory_found set_aside
#endif

static unsigned processor(void)
{
	unsigned a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 24) % PROCESSORS;
}

/* The caller's alarm for a counter; NULL for counters that have none, and where there is no memory. */
static struct alarm *alarm_of(uint32_t flags)
{
	struct memory *memory = memory_found();

	if ((flags & COUNTER) >= ALARMS || !memory)
		return 0;
	return &memory->alarms[processor()][flags & COUNTER];
}

/* A one-shot alarm disarms itself when it fires. */
static void look(struct alarm *alarm)
{
	if (alarm->armed && !alarm->period && cycles() >= alarm->expiry)
		alarm->armed = 0;
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
	struct alarm *alarm = alarm_of(flags);

	if (!alarm)
		return;
	alarm->expiry = (uint64_t)expiry_high << 32 | expiry_low;
	alarm->period = flags & PERIODIC ? (uint64_t)period_high << 32 | period_low : 0;
	alarm->armed = 1;
}

ENTRY(uint32_t, CancelAlarm, uint32_t flags)
{
	struct alarm *alarm = alarm_of(flags);
	uint32_t was;

	if (!alarm)
		return 0;
	look(alarm);
	was = alarm->armed;
	alarm->armed = 0;
	return was;
}
