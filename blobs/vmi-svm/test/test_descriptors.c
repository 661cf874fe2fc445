/* SPDX-License-Identifier: BSD-2-Clause */
/* test_descriptors.c - tables and their registers. */
#include "kernel.h"

enum { SET_GDT = 3, SET_LDT, SET_IDT, SET_TR, GET_GDT, GET_LDT, GET_IDT, GET_TR, WRITE_GDT_ENTRY };

void test_descriptors(void)
{
	static uint64_t table[8];
	struct table_register idtr, again, shorter = { 55, (uint32_t)gdt }, whole = { 63, (uint32_t)gdt };

	vmi(GET_IDT, (uint32_t)&idtr, 0, 0);
	check(idtr.limit == 15 * 8 - 1, "GetIDT");
	vmi(SET_IDT, (uint32_t)&idtr, 0, 0);
	vmi(SET_GDT, (uint32_t)&shorter, 0, 0);
	vmi(GET_GDT, (uint32_t)&again, 0, 0);
	check(again.limit == 55 && again.base == (uint32_t)gdt, "SetGDT, GetGDT");
	check(vmi(SET_LDT, 0x38, 0, 0).vector == GP, "a selector beyond the limit faults");
	vmi(SET_GDT, (uint32_t)&whole, 0, 0);
	check(vmi(SET_GDT, 0x80000000, 0, 0).vector == PF, "a table register that is nowhere faults");
	vmi(SET_LDT, 0x38, 0, 0);
	check(vmi(GET_LDT, 0, 0, 0).eax == 0x38, "SetLDT, GetLDT");
	vmi(SET_LDT, 0, 0, 0);
	check(vmi(GET_LDT, 0, 0, 0).eax == 0, "SetLDT of none");
	vmi(SET_TR, 0x30, 0, 0);
	check(vmi(GET_TR, 0, 0, 0).eax == 0x30 && (gdt[6] >> 40 & 0xff) == 0x8b, "SetTR makes the TSS busy");
	check(vmi(SET_TR, 0x30, 0, 0).vector == GP, "a busy TSS faults");
	vmi_stack(WRITE_GDT_ENTRY, (uint32_t)table, 3, 0x11112222, 0x33334444);
	check(table[3] == 0x3333444411112222 && table[2] == 0 && table[4] == 0, "WriteGDTEntry");
	vmi_stack(WRITE_GDT_ENTRY, (uint32_t)table, 1, 0x0000ffff, 0x00cf9b00);
	check(table[1] == 0x00cf9b000000bfff, "WriteGDTEntry cuts a segment below the topmost 64 MiB");
	vmi_stack(WRITE_GDT_ENTRY, (uint32_t)table, 1, 0x0000000f, 0x00c09b00);
	check(table[1] == 0x00c09b000000000f, "and none that ends there");
}
