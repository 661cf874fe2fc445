/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - the guest's memory by its own linear addresses: its page tables are walked as the processor does. */
#include "hypervisor.h"

enum { PRESENT = 1, WRITABLE = 2, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80 };
#define ADDRESS 0xfffff000u

static bool page_fault(uint32_t linear, bool write, bool present)
{
	guest.cr2 = linear;
	fault(PF, (write ? 2 : 0) | (present ? 1 : 0));
	return false;
}

/* The low half of an entry; the upper one of a PAE entry is 0 on a machine of 4 GiB. */
static bool step_down(uint32_t table, uint32_t index, bool pae, uint32_t **entry)
{
	uint32_t address = table + index * (pae ? 8 : 4);

	if (is_ours(address))
		return false;
	*entry = at(address);
	if (!(**entry & PRESENT))
		return false;
	**entry |= ACCESSED;
	return true;
}

bool guest_physical(uint32_t linear, bool write, uint32_t *address)
{
	bool pae = guest.cr4 & CR4_PAE;
	unsigned large_bits = pae ? 21 : 22;
	uint32_t table = guest.cr3 & (pae ? ~31u : ADDRESS), *entry = NULL;

	if (!(guest.cr0 & CR0_PG)) {
		*address = linear;
		return true;
	}
	if (pae) {
		entry = at(table + (linear >> 30) * 8);
		if (!(*entry & PRESENT))
			return page_fault(linear, write, false);
		table = *entry & ADDRESS;
	}
	if (!step_down(table, linear >> large_bits & (pae ? 511 : 1023), pae, &entry))
		return page_fault(linear, write, false);
	bool large = *entry & LARGE && (pae || guest.cr4 & CR4_PSE), writable = *entry & WRITABLE;
	if (!large && !step_down(*entry & ADDRESS, linear >> 12 & (pae ? 511 : 1023), pae, &entry))
		return page_fault(linear, write, false);
	writable = writable && *entry & WRITABLE;
	if (write && !writable && guest.cr0 & CR0_WP)
		return page_fault(linear, write, true);
	if (write)
		*entry |= DIRTY;
	uint32_t inside = (large ? 1u << large_bits : PAGE) - 1;
	*address = (*entry & ~inside & ADDRESS) | (linear & inside);
	return true;
}

/* The guest's own memory only: ours is no memory to it. */
static bool byte_at(uint32_t linear, bool write, uint8_t **byte)
{
	uint32_t address;

	if (!guest_physical(linear, write, &address))
		return false;
	if (is_ours(address)) {
		fault(GP, 0);
		return false;
	}
	*byte = at(address);
	return true;
}

bool guest_read(uint32_t linear, void *to, uint32_t size)
{
	uint8_t *byte;

	for (uint32_t i = 0; i < size; i++) {
		if (!byte_at(linear + i, false, &byte))
			return false;
		((uint8_t *)to)[i] = *byte;
	}
	return true;
}

/* All of it or nothing: the last byte is looked at first. Words that the processor could see half written are written at once. */
bool guest_write(uint32_t linear, const void *from, uint32_t size)
{
	uint8_t *byte;

	if (!byte_at(linear + size - 1, true, &byte) || !byte_at(linear, true, &byte))
		return false;
	if (size == 4 && linear % 4 == 0) {
		*(volatile uint32_t *)byte = *(const uint32_t *)from;
		return true;
	}
	for (uint32_t i = 0; i < size; i++) {
		if (!byte_at(linear + i, true, &byte))
			return false;
		*byte = ((const uint8_t *)from)[i];
	}
	return true;
}

/* A word of the caller's stack, as the call finds it. */
bool stack_word(uint32_t offset, uint32_t *word)
{
	return guest_read((uint32_t)guest.ss.base + guest.rsp + offset, word, sizeof *word);
}
