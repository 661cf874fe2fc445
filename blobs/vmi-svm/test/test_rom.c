/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rom.c - the ROM as data, and that its kernel runs deprivileged. */
#include "kernel.h"

void test_header(void)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < rom[2] * 512u; i++)
		sum += rom[i];
	check(sum == 0, "the checksum is right, after the BIOS has called the ROM");
	check(rom[13] == 3, "the ROM has ABI 3.0");
	check((uint32_t)rom >= HIGH + 0xc8000, "the ROM lies where the document looks");
}

void test_deprivileged(void)
{
	uint32_t before = figure(CR_WRITES);
	struct table_register shown, told;
	uint32_t kib = *(const uint16_t *)(HIGH + 0x413);

	check(native(native_set_cr0, 0x80010033).eax == 0x80010033, "a native MOV to CR0 does what it says");
	check(figure(CR_WRITES) == before + 1, "and has come to the hypervisor");
	native(native_set_cr0, 0x80010031);
	native(native_sgdt, (uint32_t)&shown);
	vmi(7, (uint32_t)&told, 0, 0);
	check(told.base == (uint32_t)gdt && told.limit == 63, "GetGDT tells the kernel's table");
	check(shown.base >= 0xfc000000, "a native SGDT shows the hypervisor's");
	native(native_lgdt, (uint32_t)&told);
	check(native(native_str, 0).eax == 0xf8 && vmi(10, 0, 0, 0).eax == 0x28, "so do STR and GetTR");
	check(native(native_vmmcall, 0).vector == UD, "VMMCALL outside of the ROM is none");
	before = figure(DENIED);
	check(native(native_load, HIGH + kib * 1024).vector == GP && figure(DENIED) == before + 1,
	      "the hypervisor's memory is out of reach");
}
