/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pages.c - page table entries, at once and deferred, and memory that pages of either size bring to a call. */
#include "kernel.h"

enum { GET_IDT = 9, SET_PXE = 38, SET_PXE_LONG, ALLOCATE_PAGE = 44, INVAL_PAGE = 46, FLUSH_TLB, SET_LAZY_MODE = 73 };
enum { PT = 1, PD = 2, DEFER = 0x20, LARGE = 0xe3, READ_ONLY = 1, WRITABLE = 3, PRESENT_AND_WRITE = 3, NOWHERE = 0x38000000 };

#define SOMEWHERE 0x20000000u /* nothing is mapped there */

/* The directory's entry for the large page with the number `page` from SOMEWHERE on. */
static volatile uint32_t *directory_entry(unsigned page)
{
	return &low_directory[(SOMEWHERE / LARGE_PAGE + page) * ENTRY_WORDS];
}

/* In the form that the tables have. */
static struct call set_entry(volatile uint32_t *entry, uint32_t value, uint32_t flags)
{
	return ENTRY_WORDS == 2 ? vmi_stack(SET_PXE_LONG, value, 0, (uint32_t)entry, flags)
				: vmi(SET_PXE, value, (uint32_t)entry, flags);
}

static void test_entries(void)
{
	static uint32_t table[1024] __attribute__((aligned(4096)));
	static uint64_t wide[2] __attribute__((aligned(8)));

	vmi(ALLOCATE_PAGE, ((uint32_t)table - HIGH) >> 12, PT, 0);
	vmi(SET_PXE, 0x12345003, (uint32_t)&table[5], PT);
	check(table[5] == 0x12345003 && table[4] == 0 && table[6] == 0, "SetPxE");
	vmi_stack(SET_PXE_LONG, 0x9abc0003, 0x5, (uint32_t)&wide[1], PT);
	check(wide[1] == 0x59abc0003 && wide[0] == 0, "SetPxELong");
	vmi(SET_PXE, 7, (uint32_t)&table[7], PT | DEFER);
	check(table[7] == 0, "SetPxE may be deferred");
	vmi(FLUSH_TLB, 1, 0, 0);
	check(table[7] == 7, "until a flush");
	check(vmi(SET_PXE, 1, NOWHERE, PT).vector == PF, "SetPxE of an entry that is nowhere faults");
	check(vmi(SET_PXE, 1, NOWHERE, PT | DEFER).vector == PF, "at once, even when it is deferred");
}

static void test_fault_on_deferred_entry(void)
{
	volatile uint32_t *entry = directory_entry(0);

	set_entry(entry, LARGE, PD | DEFER);
	bool absent = *entry == 0;
	check(absent && *(volatile const uint16_t *)(SOMEWHERE + 0xc0000) == 0xaa55 && *entry == LARGE,
	      "a page fault brings a deferred entry, and is none");
}

static void test_small_pages(void)
{
	static uint32_t table[1024] __attribute__((aligned(4096))), page[1024] __attribute__((aligned(4096)));
	uint32_t frame = (uint32_t)page - HIGH, here = SOMEWHERE + LARGE_PAGE;

	set_entry(directory_entry(1), ((uint32_t)table - HIGH) | WRITABLE, PD);
	set_entry(&table[0], frame | WRITABLE, PT);
	set_entry(&table[ENTRY_WORDS], frame | READ_ONLY, PT);
	vmi(GET_IDT, here + 16, 0, 0);
	check((uint16_t)page[4] == 119, "a call finds its memory through small pages");
	struct call refused = vmi(GET_IDT, here + 4096, 0, 0);
	check(refused.vector == PF && refused.error == PRESENT_AND_WRITE && refused.eip - (uint32_t)rom < rom[2] * 512u,
	      "one that may not be written is a fault in the ROM");
	check(vmi(GET_IDT, here + 4096 - 3, 0, 0).vector == PF && page[1023] == 0,
	      "and nothing is written of what reaches into it");
}

void test_pages(void)
{
	test_entries();
	test_fault_on_deferred_entry();
	test_small_pages();
}
