/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages.c - page tables. They are the guest's own: nested paging keeps it out of what is not its memory, whatever its entries say. An update that
 * may be deferred is: it reaches memory with the next flush, page fault or change of mode.
 */
#include "hypervisor.h"

enum { ENTRIES = 16, DEFER = 0x20, ENTRY_PRESENT = 1 };

static struct {
	uint32_t linear, low, high;
	bool wide;
} deferred[ENTRIES];
static unsigned waiting;

bool something_deferred(void)
{
	return waiting > 0;
}

/* No processor sees a present entry of two halves that do not belong together: document 2.0, VMI_SetPteLong. */
static bool write_wide(uint32_t linear, uint32_t low, uint32_t high)
{
	static const uint32_t absent;
	uint32_t old;

	if (!guest_read(linear, &old, 4))
		return false;
	if (old & ENTRY_PRESENT && low & ENTRY_PRESENT && !guest_write(linear, &absent, 4))
		return false;
	return guest_write(linear + 4, &high, 4) && guest_write(linear, &low, 4);
}

static bool update(uint32_t linear, uint32_t low, uint32_t high, bool wide)
{
	return wide ? write_wide(linear, low, high) : guest_write(linear, &low, 4);
}

/* Each was found writable when it was deferred; one that no longer is was the guest's to keep. */
void flush_deferred(void)
{
	unsigned count = waiting;

	waiting = 0;
	guest.intercepts.exceptions &= ~(1u << PF);
	for (unsigned i = 0; i < count; i++)
		if (!update(deferred[i].linear, deferred[i].low, deferred[i].high, deferred[i].wide))
			guest.inject = 0;
}

static bool defer(uint32_t linear, uint32_t low, uint32_t high, bool wide)
{
	uint32_t first, last;

	if (!guest_physical(linear, true, &first) || !guest_physical(linear + (wide ? 7 : 3), true, &last))
		return false;
	if (waiting == ENTRIES)
		flush_deferred();
	deferred[waiting].linear = linear;
	deferred[waiting].low = low;
	deferred[waiting].high = high;
	deferred[waiting].wide = wide;
	waiting++;
	guest.intercepts.exceptions |= 1u << PF;
	return true;
}

bool set_pxe(void)
{
	uint32_t value = guest.rax, linear = registers.edx;

	if (registers.ecx & DEFER)
		return defer(linear, value, 0, false);
	flush_deferred();
	return update(linear, value, 0, false);
}

bool set_pxe_long(void)
{
	uint32_t flags, low = guest.rax, high = registers.edx, linear = registers.ecx;

	if (!stack_word(4, &flags))
		return false;
	if (flags & DEFER)
		return defer(linear, low, high, true);
	flush_deferred();
	return update(linear, low, high, true);
}

/* InvalPage and FlushTLB alike: every run of the guest begins with an empty TLB. */
bool flush(void)
{
	flush_deferred();
	return true;
}

bool set_lazy_mode(void)
{
	flush_deferred();
	return true;
}
