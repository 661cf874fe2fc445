/* SPDX-License-Identifier: BSD-2-Clause */
/* wrong.c - the seeded faults: each answers one call, and faults.yaml says which. */
#include "hypervisor.h"

bool ldt_forgotten(void)
{
	guest.rax = 0;
	return true;
}

bool tr_of_its_own(void)
{
	guest.rax = 0xf8;
	return true;
}

bool gdt_of_its_own(void)
{
	static const uint16_t told[] = { 0xff, GUEST_TOP & 0xffff, GUEST_TOP >> 16 };

	return guest_write(guest.rax, told, sizeof told);
}

bool ts_stays_on(void)
{
	guest.rax |= guest.cr0 & CR0_TS;
	return set_cr0();
}

bool de_stays_on(void)
{
	guest.rax |= guest.cr4 & CR4_DE;
	return set_cr4();
}

bool no_leaves(void)
{
	bool first = guest.rax == 0;

	cpuid();
	if (first)
		guest.rax = 0;
	return true;
}

bool ecx_of_the_host(void)
{
	registers.ecx = 0x15adface;
	return enable_interrupts();
}

bool defers_always(void)
{
	enum { DEFER = 0x20 };

	registers.ecx |= DEFER;
	return set_pxe();
}
