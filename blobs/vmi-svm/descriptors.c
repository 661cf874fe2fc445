/* SPDX-License-Identifier: BSD-2-Clause */
/* descriptors.c - descriptor tables. Those that the guest loads are in the control block; a native SGDT sees others (exits.c). */
#include "hypervisor.h"
#include "instructions.h"

struct table_register {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

static bool load(struct segment *to)
{
	struct table_register from;

	if (!guest_read(guest.rax, &from, sizeof from))
		return false;
	*to = (struct segment){ .limit = from.limit, .base = from.base };
	return true;
}

static bool store(const struct segment *from)
{
	struct table_register to = { from->limit, from->base };

	return guest_write(guest.rax, &to, sizeof to);
}

bool set_gdt(void)
{
	return load(&guest.gdtr);
}

bool set_idt(void)
{
	return load(&guest.idtr);
}

bool get_gdt(void)
{
	return store(&guest.gdtr);
}

bool get_idt(void)
{
	return store(&guest.idtr);
}

static bool selector_fault(unsigned vector, uint16_t selector)
{
	fault(vector, selector & ~3u);
	return false;
}

/* A system descriptor of the table that the guest has loaded, and where it is. */
static bool find_system(uint16_t selector, unsigned type, uint32_t *place, uint32_t descriptor[2])
{
	*place = (uint32_t)guest.gdtr.base + (selector & ~7u);
	if (selector & 4 || (selector | 7) > guest.gdtr.limit)
		return selector_fault(GP, selector);
	if (!guest_read(*place, descriptor, 8))
		return false;
	if ((descriptor[1] >> 8 & 0x1f) != type)
		return selector_fault(GP, selector);
	if (!(descriptor[1] & 0x8000))
		return selector_fault(NP, selector);
	return true;
}

static struct segment system_segment(uint16_t selector, const uint32_t descriptor[2])
{
	uint32_t limit = (descriptor[0] & 0xffff) | (descriptor[1] & 0xf0000);

	return (struct segment){
		.selector = selector,
		.attributes = (descriptor[1] >> 8 & 0xff) | (descriptor[1] >> 12 & 0xf00),
		.limit = descriptor[1] & 0x800000 ? limit << 12 | 0xfff : limit,
		.base = (descriptor[0] >> 16) | (descriptor[1] << 16 & 0xff0000) | (descriptor[1] & 0xff000000),
	};
}

/* VMRUN leaves the two alone: they go through the control block on their own way. */
static bool exchange(struct segment *which, struct segment value)
{
	vmsave(physical(&guest));
	*which = value;
	vmload(physical(&guest));
	return true;
}

enum { LDT = 2, FREE_TSS = 9, BUSY = 2 };

bool set_ldt(void)
{
	uint32_t place, descriptor[2];
	uint16_t selector = guest.rax;

	if (selector < 4)
		return exchange(&guest.ldtr, (struct segment){ .selector = selector });
	return find_system(selector, LDT, &place, descriptor) && exchange(&guest.ldtr, system_segment(selector, descriptor));
}

bool set_tr(void)
{
	uint32_t place, descriptor[2];
	uint16_t selector = guest.rax;

	if (selector < 4)
		return selector_fault(GP, 0);
	if (!find_system(selector, FREE_TSS, &place, descriptor))
		return false;
	descriptor[1] |= BUSY << 8;
	return guest_write(place + 4, &descriptor[1], 4) && exchange(&guest.tr, system_segment(selector, descriptor));
}

bool get_ldt(void)
{
	vmsave(physical(&guest));
	guest.rax = guest.ldtr.selector;
	return true;
}

bool get_tr(void)
{
	vmsave(physical(&guest));
	guest.rax = guest.tr.selector;
	return true;
}

static bool write_words(uint32_t low, uint32_t high)
{
	uint32_t place = (uint32_t)guest.rax + registers.edx * 8;

	return guest_write(place, &low, 4) && guest_write(place + 4, &high, 4);
}

/* An entry of any of the three tables: base, index, low half, and the high half on the stack. */
bool write_entry(void)
{
	uint32_t high;

	return stack_word(4, &high) && write_words(registers.ecx, high);
}

enum { PRESENT = 0x8000, CODE_OR_DATA = 0x1000, KIND = 0x0c00, EXPANDS_DOWN = 0x0400, IN_PAGES = 0x800000 };

/* Whether a segment reaches into what is not the guest's. Its length counts, not where it wraps to. */
static bool too_long(uint32_t base, uint32_t high, uint32_t limit)
{
	return high & PRESENT && high & CODE_OR_DATA && high & IN_PAGES && (high & KIND) != EXPANDS_DOWN && base < GUEST_TOP &&
	       limit > (GUEST_TOP - 1 - base) >> 12;
}

/* Segments end below what is not the guest's: their limits are cut (document 2.0, 2, Segmentation). */
bool write_segment(void)
{
	uint32_t low = registers.ecx, high;

	if (!stack_word(4, &high))
		return false;
	uint32_t base = (low >> 16) | (high << 16 & 0xff0000) | (high & 0xff000000), limit = (low & 0xffff) | (high & 0xf0000);
	if (too_long(base, high, limit)) {
		limit = (GUEST_TOP - 1 - base) >> 12;
		low = (low & 0xffff0000) | (limit & 0xffff);
		high = (high & ~0xf0000u) | (limit & 0xf0000);
	}
	return write_words(low, high);
}
