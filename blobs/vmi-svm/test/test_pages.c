/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pages.c - page table entries, at once and deferred. */
#include "kernel.h"

enum { SET_PXE = 38, SET_PXE_LONG, ALLOCATE_PAGE = 44, INVAL_PAGE = 46, FLUSH_TLB, SET_LAZY_MODE = 73 };
enum { PT = 1, DEFER = 0x20, PRESENT_GLOBAL_LARGE = 0xe3 };

void test_pages(void)
{
	static uint32_t table[1024] __attribute__((aligned(4096)));
	static uint64_t wide[2] __attribute__((aligned(8)));
	const char *somewhere = (const char *)0x40000000;
	volatile uint32_t *entry = &directory[0x100];

	vmi(ALLOCATE_PAGE, ((uint32_t)table - HIGH) >> 12, PT, 0);
	vmi(SET_PXE, 0x12345003, (uint32_t)&table[5], PT);
	check(table[5] == 0x12345003 && table[4] == 0 && table[6] == 0, "SetPxE");
	vmi_stack(SET_PXE_LONG, 0x9abc0003, 0x5, (uint32_t)&wide[1], PT);
	check(wide[1] == 0x59abc0003 && wide[0] == 0, "SetPxELong");
	vmi(SET_PXE, 7, (uint32_t)&table[7], PT | DEFER);
	check(table[7] == 0, "SetPxE may be deferred");
	vmi(FLUSH_TLB, 1, 0, 0);
	check(table[7] == 7, "until a flush");
	vmi(SET_PXE, PRESENT_GLOBAL_LARGE, (uint32_t)entry, PT | DEFER);
	bool absent = *entry == 0;
	check(absent && *(volatile const uint16_t *)(somewhere + 0xc0000) == 0xaa55 && *entry == PRESENT_GLOBAL_LARGE,
	      "or a page fault, which then is none");
	check(vmi(SET_PXE, 1, 0x80000000, PT).vector == PF, "SetPxE of an entry that is nowhere faults");
	check(vmi(SET_PXE, 1, 0x80000000, PT | DEFER).vector == PF, "at once, even when it is deferred");
}
