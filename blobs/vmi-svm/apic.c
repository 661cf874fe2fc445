/* SPDX-License-Identifier: BSD-2-Clause */
/* apic.c - the local APIC, by the linear address of a register or, as Linux has it, by its offset. */
#include "hypervisor.h"
#include "instructions.h"

enum { APIC_BASE = 0x1b };

static bool find(bool write, volatile uint32_t **where)
{
	uint32_t which = guest.rax, address = ((uint32_t)rdmsr(APIC_BASE) & ~(PAGE - 1u)) + which;

	if (which >= PAGE && !guest_physical(which, write, &address))
		return false;
	if (is_ours(address)) {
		fault(GP, 0);
		return false;
	}
	*where = at(address);
	return true;
}

bool apic_write(void)
{
	volatile uint32_t *where;

	if (!find(true, &where))
		return false;
	*where = registers.edx;
	return true;
}

bool apic_read(void)
{
	volatile uint32_t *where;

	if (!find(false, &where))
		return false;
	guest.rax = *where;
	return true;
}
