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

/* What the two forms of tables differ in. Of an entry of PAE the lower half counts: the machine has 4 GiB. */
struct form {
	unsigned entry_size, index_mask, large_bits;
	bool large_pages;
};

static struct form form_of_tables(void)
{
	if (guest.cr4 & CR4_PAE)
		return (struct form){ 8, 511, 21, true };
	return (struct form){ 4, 1023, 22, guest.cr4 & CR4_PSE };
}

/* NULL: there is none. Tables are the guest's, so not where we are. */
static uint32_t *find_entry(uint32_t table, uint32_t index, unsigned size)
{
	uint32_t address = table + index * size;

	return is_ours(address) || !(*(uint32_t *)at(address) & PRESENT) ? NULL : at(address);
}

static uint32_t *find_directory_pointer(uint32_t linear)
{
	return find_entry(guest.cr3 & ~31u, linear >> 30, 8);
}

bool guest_physical(uint32_t linear, bool write, uint32_t *address)
{
	struct form form = form_of_tables();
	uint32_t directory = guest.cr3 & ADDRESS, *entry = NULL;
	bool writable, large;

	*address = linear;
	if (!(guest.cr0 & CR0_PG))
		return true;
	if (guest.cr4 & CR4_PAE) {
		entry = find_directory_pointer(linear);
		if (!entry)
			return page_fault(linear, write, false);
		directory = *entry & ADDRESS;
	}
	entry = find_entry(directory, linear >> form.large_bits & form.index_mask, form.entry_size);
	if (!entry)
		return page_fault(linear, write, false);
	*entry |= ACCESSED;
	writable = *entry & WRITABLE;
	large = form.large_pages && *entry & LARGE;
	if (!large) {
		entry = find_entry(*entry & ADDRESS, linear >> 12 & form.index_mask, form.entry_size);
		if (!entry)
			return page_fault(linear, write, false);
		*entry |= ACCESSED;
		writable = writable && *entry & WRITABLE;
	}
	if (write && !writable && guest.cr0 & CR0_WP)
		return page_fault(linear, write, true);
	if (write)
		*entry |= DIRTY;
	uint32_t inside = (large ? 1u << form.large_bits : PAGE) - 1;
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
