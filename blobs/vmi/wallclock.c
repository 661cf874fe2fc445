/* SPDX-License-Identifier: BSD-2-Clause */
/* wallclock.c - document 2.0, Appendix A, VMI_GetWallclockTime and VMI_WallclockUpdated: the battery-backed clock of the PC. */
#include "clock.h"

enum { SECONDS, MINUTES = 2, HOURS = 4, DAY = 7, MONTH, YEAR, STATUS_A, STATUS_B, CENTURY = 0x32 };
enum { UPDATING = 0x80, BINARY = 4, HOURS_24 = 2, PM = 0x80 };

static unsigned cmos(unsigned index)
{
	out8(0x70, (uint8_t)index);
	return in8(0x71);
}

static unsigned field(unsigned index, unsigned status)
{
	unsigned value = cmos(index);

	if (status & BINARY)
		return value;
	return (value >> 4) * 10 + (value & 15);
}

static unsigned hour(unsigned status)
{
	unsigned raw = cmos(HOURS), value = raw & ~PM;

	if (!(status & BINARY))
		value = (value >> 4) * 10 + (value & 15);
	if (status & HOURS_24)
		return value;
	return value % 12 + (raw & PM ? 12 : 0);
}

/* Days since 1 January 1970 of a date in the Gregorian calendar; the year is taken to begin in March. */
static unsigned days(unsigned year, unsigned month, unsigned day)
{
	year -= month < 3;
	month = (month + 9) % 12;
	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719468;
}

static unsigned seconds_now(void)
{
	unsigned status = cmos(STATUS_B);
	unsigned date = days(field(CENTURY, status) * 100 + field(YEAR, status), field(MONTH, status), field(DAY, status));

	return ((date * 24 + hour(status)) * 60 + field(MINUTES, status)) * 60 + field(SECONDS, status);
}

/* Read until two readings agree, because the clock goes on between two of its registers. */
ENTRY(uint64_t, GetWallclockTime, void)
{
	unsigned before, now = 0;

	do {
		while (cmos(STATUS_A) & UPDATING)
			;
		before = now;
		now = seconds_now();
	} while (now != before);
	return (uint64_t)now * 1000000000;
}

/* Nobody sets the clock behind the guest's back. */
ENTRY(uint32_t, WallclockUpdated, void)
{
	return 0;
}
