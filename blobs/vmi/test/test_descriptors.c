/* SPDX-License-Identifier: BSD-2-Clause */
/* test_descriptors.c - descriptor tables, and the calls that go on elsewhere. */
#include "kernel.h"

struct table {
	uint16_t limit;
	uint32_t base;
	uint16_t guard;
} __attribute__((packed, aligned(8)));

static uint32_t selector(const char *which)
{
	uint32_t value = 0;

	if (*which == 'l')
		__asm__ volatile("sldt %w0" : "=r"(value));
	else
		__asm__ volatile("str %w0" : "=r"(value));
	return value & 0xffff;
}

static void test_table(const char *get, unsigned getter, const char *set, unsigned setter, bool interrupts)
{
	struct table now = { .guard = 0xa55a }, seen = { .guard = 0xa55a }, made;

	if (interrupts)
		__asm__ volatile("sidt %0" : "=m"(now));
	else
		__asm__ volatile("sgdt %0" : "=m"(now));
	call(get, getter, getter + 5, (struct call){ .eax = (uint32_t)&seen });
	check(get, seen.limit == now.limit && seen.base == now.base, "limit and base");
	check(get, seen.guard == 0xa55a, "six bytes and no more");
	made = now;
	made.limit -= 8;
	call(set, setter, setter + 5, (struct call){ .eax = (uint32_t)&made });
	if (interrupts)
		__asm__ volatile("sidt %0" : "=m"(seen));
	else
		__asm__ volatile("sgdt %0" : "=m"(seen));
	check(set, seen.limit == made.limit && seen.base == made.base, "limit and base");
	call(set, setter, setter + 5, (struct call){ .eax = (uint32_t)&now });
}

static void test_write(const char *entry, unsigned number)
{
	uint64_t table[4] = { 1, 2, 3, 4 };

	call(entry, number, number + 5,
	     (struct call){ .eax = (uint32_t)table, .edx = 2, .ecx = 0x11223344, .stack = { 0x55667788, 0x99999999 } });
	check(entry, table[2] == 0x5566778811223344, "both halves");
	check(entry, table[0] == 1 && table[1] == 2 && table[3] == 4, "no other entry");
}

void test_descriptors(void)
{
	struct call made;

	test_table("descriptor.GetGDT", 7, "descriptor.SetGDT", 3, false);
	test_table("descriptor.GetIDT", 9, "descriptor.SetIDT", 5, true);
	test_write("descriptor.WriteGDTEntry", 11);
	test_write("descriptor.WriteLDTEntry", 12);
	test_write("descriptor.WriteIDTEntry", 13);
	call("descriptor.SetLDT", 4, 9, (struct call){ .eax = 0x38 });
	check("descriptor.SetLDT", selector("ldt") == 0x38, "loaded");
	made = call("descriptor.GetLDT", 8, 13, (struct call){ 0 });
	check("descriptor.GetLDT", (made.eax & 0xffff) == 0x38, "read");
	call("descriptor.SetLDT", 4, 9, (struct call){ .eax = ZERO });
	check("descriptor.SetLDT", selector("ldt") == 0, "nothing loaded");
	made = call("descriptor.GetTR", 10, 15, (struct call){ 0 });
	check("descriptor.GetTR", (made.eax & 0xffff) == 0x28, "read");
	gdt[7] = gdt[5];
	gdt[5] = gdt[6];
	gdt[6] = gdt[7] & ~(2ull << 40); /* the same segment, not busy */
	made = call("descriptor.SetTR", 6, 11, (struct call){ .eax = 0x30 });
	check("descriptor.SetTR", made.vector == NO_TRAP && selector("tr") == 0x30, "loaded");
	made = call("descriptor.SetTR", 6, 11, (struct call){ .eax = 0x30 });
	check("descriptor.SetTR", made.vector == 13, "a busy one is refused");
	check("descriptor.SetTR", made.eip - (uint32_t)rom < rom[2] * 512u, "where the fault is");
}

static bool untouched(struct call made)
{
	return made.eax == 0x5eed0000 && made.ebx == 0x5eed0001 && made.esi == 0x5eed0004 && made.edi == 0x5eed0005 &&
	       made.ebp == 0x5eed0006;
}

void test_stack(void)
{
	struct call made;

	made = call("stack.UpdateKernelStack", 14, 19, (struct call){ .eax = 0x10, .edx = 0x1000 });
	check("stack.UpdateKernelStack", made.vector == NO_TRAP, "nothing to do");
	for (uint32_t flags = 2; flags <= 0x202; flags += 0x200) {
		struct call inputs = { .ends_elsewhere = true, .eflags = 0x1000 };

		inputs.stack[0] = (uint32_t)pad;
		inputs.stack[1] = 8;
		inputs.stack[2] = flags | 0x2000;
		made = call("stack.IRET", 33, 39, inputs);
		check("stack.IRET", made.vector == NO_TRAP && made.esp == made.esp_before + 12, "goes on at the frame's address");
		check("stack.IRET", (made.eflags & (IF | IOPL)) == ((flags & IF) | 0x1000), "flags of the frame but for IOPL");
		check("stack.IRET", untouched(made) && made.ecx == 0x5eed0002 && made.edx == 0x5eed0003, "no register changes");
	}
	made = call("stack.SYSEXIT", 34, 40, (struct call){ .ends_elsewhere = true, .edx = (uint32_t)user_pad, .ecx = 0x123450 });
	check("stack.SYSEXIT", made.vector == 3 && made.cs == 0x1b, "in user mode at the address");
	check("stack.SYSEXIT", made.esp == 0x123450 && made.eflags & IF, "stack, and interrupts on");
	check("stack.SYSEXIT", untouched(made), "no register changes");
	__asm__ volatile("mov %w0, %%ss; mov %w0, %%ds; mov %w0, %%es" : : "r"(0x10));
}
