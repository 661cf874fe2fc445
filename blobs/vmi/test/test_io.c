/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io.c - ports, the APIC, page tables. */
#include "kernel.h"

static bool kept(struct call made, uint32_t port)
{
	return made.edx == port && made.ecx == 0x5eed0002 && (made.eflags & ARITHMETIC) == ARITHMETIC;
}

static const struct {
	const char *in, *out, *ins, *outs;
	unsigned in_3, out_3, ins_3, outs_3;
	uint32_t port, value, mask, other;
} widths[] = {
	{ "io.INL", "io.OUTL", "io.INSL", "io.OUTSL", 49, 55, 52, 58, 0xcf8, 0x80000800, 0xffffffff, 0x80001000 },
	{ "io.INB", "io.OUTB", "io.INSB", "io.OUTSB", 50, 56, 53, 59, 0x81, 0x5a, 0xff, 0x33 },
	{ "io.INW", "io.OUTW", "io.INSW", "io.OUTSW", 51, 57, 54, 60, 0x82, 0x5aa5, 0xffff, 0x3333 },
};

static void test_width(unsigned i)
{
	uint32_t buffer[4] = { 0xeeeeeeee, 0xeeeeeeee, 0xeeeeeeee, 0xeeeeeeee }, bytes = i == 0 ? 4 : i == 1 ? 1 : 2;
	struct call made;

	made = call(widths[i].out, widths[i].out_3, widths[i].out_3 + 10,
		    (struct call){ .eax = widths[i].value, .edx = widths[i].port, .eflags = ARITHMETIC });
	check(widths[i].out, kept(made, widths[i].port) && made.eax == widths[i].value, "keeps registers and flags");
	made = call(widths[i].in, widths[i].in_3, widths[i].in_3 + 10,
		    (struct call){ .edx = widths[i].port, .eflags = ARITHMETIC });
	check(widths[i].in, kept(made, widths[i].port), "keeps registers and flags");
	check(widths[i].in, (made.eax & widths[i].mask) == widths[i].value, "what was written");
	made = call(widths[i].ins, widths[i].ins_3, widths[i].ins_3 + 10,
		    (struct call){ .edi = (uint32_t)buffer, .edx = widths[i].port, .ecx = 2, .moves = true });
	check(widths[i].ins, made.esi == 0x5eed0004, "esi is lost");
	check(widths[i].ins, made.ecx == 0 && made.edi == (uint32_t)buffer + 2 * bytes, "counts and moves on");
	check(widths[i].ins, (buffer[0] & widths[i].mask) == widths[i].value && buffer[2] == 0xeeeeeeee, "what was written");
	buffer[1] = buffer[0] = widths[i].other * (bytes == 1 ? 0x01010101 : bytes == 2 ? 0x10001 : 1);
	made = call(widths[i].outs, widths[i].outs_3, widths[i].outs_3 + 10,
		    (struct call){ .esi = (uint32_t)buffer, .edx = widths[i].port, .ecx = 2, .moves = true });
	check(widths[i].outs, made.edi == 0x5eed0005, "edi is lost");
	check(widths[i].outs, made.ecx == 0 && made.esi == (uint32_t)buffer + 2 * bytes, "counts and moves on");
	made = call(widths[i].in, widths[i].in_3, widths[i].in_3 + 10, (struct call){ .edx = widths[i].port });
	check(widths[i].outs, (made.eax & widths[i].mask) == widths[i].other, "arrives");
}

void test_io(void)
{
	struct call made;

	for (unsigned i = 0; i < 3; i++)
		test_width(i);
	for (uint32_t level = 0; level <= IOPL; level += 0x1000) {
		made = call("io.SetIOPLMask", 61, 71, (struct call){ .eax = level | 0x4002, .eflags = (IOPL - level) | IF });
		check("io.SetIOPLMask", (made.eflags & (IOPL | IF | 0x4000)) == (level | IF), "the level and nothing else");
	}
	call("io.IODelay", 65, 78, (struct call){ 0 });
	call("io.WBINVD", 23, 29, (struct call){ 0 });
	call("apic.APICWrite", 63, 76, (struct call){ .eax = 0xfee00080, .edx = 0x20 });
	check("apic.APICWrite", *(volatile uint32_t *)0xfee00080 == 0x20, "written");
	check("apic.APICRead", call("apic.APICRead", 64, 77, (struct call){ .eax = 0xfee00080 }).eax == 0x20, "read");
	check("apic.APICRead", call("apic.APICRead", 64, 77, (struct call){ .eax = 0x80 }).eax == 0x20,
	      "an offset reads the same");
	call("apic.APICWrite", 63, 76, (struct call){ .eax = 0x80, .edx = ZERO });
	check("apic.APICWrite", *(volatile uint32_t *)0xfee00080 == 0, "an offset is written");
}

static void test_entries_of_3(void)
{
	uint32_t entry[3] = { 1, 2, 3 };

	call("mmu.SetPxE", 38, 0, (struct call){ .eax = 0x12345067, .edx = (uint32_t)(entry + 1), .ecx = 1 });
	check("mmu.SetPxE", entry[0] == 1 && entry[1] == 0x12345067 && entry[2] == 3, "stored");
	call("mmu.UpdatePxE", 40, 0, (struct call){ .eax = (uint32_t)(entry + 1), .edx = 1 });
	call("mmu.UpdatePxELong", 41, 0, (struct call){ .eax = (uint32_t)(entry + 1), .edx = 1 });
	check("mmu.UpdatePxE", entry[0] == 1 && entry[1] == 0x12345067 && entry[2] == 3, "nothing is stored");
	call("mmu.SetLazyMode", 73, 0, (struct call){ .eax = 1 });
	call("mmu.SetLazyMode", 73, 0, (struct call){ .eax = ZERO });
}

static void test_bits(const char *entry, unsigned number, bool set)
{
	for (uint32_t was = 0; was < 2; was++) {
		uint32_t word = 0xf0f00000 | was << 5;
		struct call made = call(entry, 0, number, (struct call){ .eax = (uint32_t)&word, .edx = 5 });

		check(entry, made.eax == was, "tells what was");
		check(entry, word == (0xf0f00000 | (uint32_t)set << 5), "the bit and nothing else");
	}
}

static void test_entries_of_13(void)
{
	uint32_t entry = 3;
	uint64_t wide = 0x1122334455667788;
	struct call made;

	call("mmu_13.SetPxE", 0, 45, (struct call){ .eax = (uint32_t)&entry, .edx = 0x12345067 });
	check("mmu_13.SetPxE", entry == 0x12345067, "stored");
	check("mmu_13.GetPxE", call("mmu_13.GetPxE", 0, 46, (struct call){ .eax = (uint32_t)&entry }).eax == entry, "read");
	made = call("mmu_13.SwapPxE", 0, 47, (struct call){ .eax = (uint32_t)&entry, .edx = 7 });
	check("mmu_13.SwapPxE", entry == 7 && made.eax == 0x12345067, "swapped");
	made = call("mmu_13.GetPxELong", 0, 49, (struct call){ .eax = (uint32_t)&wide });
	check("mmu_13.GetPxELong", made.eax == 0x55667788 && made.edx == 0x11223344, "read");
	made = call("mmu_13.SwapPxELongAtomic", 0, 50, (struct call){ .eax = 1, .edx = 2, .ecx = (uint32_t)&wide });
	check("mmu_13.SwapPxELongAtomic", wide == 0x200000001 && made.eax == 0x55667788 && made.edx == 0x11223344, "swapped");
	made = call("mmu_13.DeactivatePxELongAtomic", 0, 72, (struct call){ .eax = (uint32_t)&wide });
	check("mmu_13.DeactivatePxELongAtomic", wide == 0 && made.eax == 1 && made.edx == 2, "cleared");
	test_bits("mmu_13.TestAndSetPxEBit", 51, true);
	test_bits("mmu_13.TestAndClearPxEBit", 52, false);
	test_bits("mmu_13.TestAndSetPxELongBit", 73, true);
	test_bits("mmu_13.TestAndClearPxELongBit", 74, false);
	check("mmu_13.FlushDeferredCalls", call("mmu_13.FlushDeferredCalls", 0, 57, (struct call){ .eax = 0x80 }).eax == 0,
	      "answers 0");
	check("io.INVD", call("io.INVD", 0, 28, (struct call){ 0 }).vector == 6, "invalid");
	call("processor.Pause", 0, 41, (struct call){ 0 });
}

static uint32_t cr4(void)
{
	uint32_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

void test_mmu(void)
{
	uint64_t entry[3] = { 1, 0xffffffffffffffff, 3 };

	if (abi == 3)
		test_entries_of_3();
	else
		test_entries_of_13();
	call(abi == 3 ? "mmu.SetPxELong" : "mmu_13.SetPxELong", 39, 48,
	     (struct call){ .eax = 0x11223344, .edx = 0x55667788, .ecx = (uint32_t)(entry + 1), .stack = { 1 } });
	check(abi == 3 ? "mmu.SetPxELong" : "mmu_13.SetPxELong", entry[0] == 1 && entry[1] == 0x5566778811223344 && entry[2] == 3,
	      "stored");
	call("mmu.AllocatePage", 44, 53, (struct call){ .eax = 0x3000, .edx = 1, .ecx = ZERO });
	call("mmu.ReleasePage", 45, 54, (struct call){ .eax = 0x3000, .edx = 1 });
	call("mmu.SetLinearMapping", 48, 58, (struct call){ .eax = 3, .edx = 0xc0000000, .ecx = 1, .stack = { 0 } });
	call("mmu.InvalPage", 46, 55, (struct call){ .eax = 0xc0000000 });
	for (uint32_t how = 1; how <= 3; how++) {
		call("mmu.FlushTLB", 47, 56, (struct call){ .eax = how });
		check("mmu.FlushTLB", cr4() == 0x10, "PGE stays off");
		__asm__ volatile("mov %0, %%cr4" : : "r"(0x90));
		call("mmu.FlushTLB", 47, 56, (struct call){ .eax = how });
		check("mmu.FlushTLB", cr4() == 0x90, "PGE stays on");
		__asm__ volatile("mov %0, %%cr4" : : "r"(0x10));
	}
}
