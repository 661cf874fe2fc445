/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rom.c - the header and the two jump points. */
#include "kernel.h"

void test_header(void)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < rom[2] * 512u; i++)
		sum += rom[i];
	check("rom.header", rom[2] > 0 && rom[2] < 128, "length");
	check("rom.header", sum == 0, "checksum");
	check("rom.header", rom[12] == 0 && (abi == 3 || abi == 13), "version");
	for (unsigned i = 0x20; i < 0x80; i++)
		check("rom.header", rom[i] == 0, "20h to 7Fh");
	check("rom.pci", *(uint32_t *)(rom + *(uint16_t *)(rom + 0x18)) == 0x52494350, "signature");
	check("rom.pci", *(uint32_t *)(rom + *(uint16_t *)(rom + 0x18) + 4) == 0x080115ad, "identity");
	check("rom.pnp", *(uint32_t *)(rom + *(uint16_t *)(rom + 0x1a)) == 0x506e5024, "signature");
	if (abi == 13)
		return;
	check("rom.header", rom[14] == 2 && rom[15] == 0 && *(uint32_t *)(rom + 16) == 0 && *(uint16_t *)(rom + 20) == 0,
	      "fields of 3.0");
	check("rom.header", *(uint32_t *)(rom + *(uint16_t *)(rom + 22)) == 0x004c5047, "licence GPL");
}

static struct call ask(uint32_t number)
{
	struct call made = {
		.eax = number, .edx = 0x5eed5eed, .eflags = 2, .target = (uint32_t)rom + 0x88, .kind = CALL_REL, .vector = NO_TRAP
	};

	gate(&made);
	return made;
}

static unsigned kind_of(uint32_t number)
{
	if (number >= 74 || number == 42 || number == 43 || number == 72)
		return NONE;
	return number == 33 || number == 34 ? JUMP_REL : CALL_REL;
}

void test_relocations(void)
{
	static const uint32_t beyond[] = { 74, 255, 0x7fffffff, 0xffffffff };
	struct call init = { .eax = 1,
			     .ebx = 2,
			     .ecx = 3,
			     .edx = 4,
			     .esi = 5,
			     .edi = 6,
			     .ebp = 7,
			     .eflags = 2,
			     .kind = CALL_REL,
			     .vector = NO_TRAP };

	init.target = (uint32_t)rom + 0x80;
	gate(&init);
	check("core.Init", init.vector == NO_TRAP && init.eax == 0, "succeeds");
	check("core.Init", init.ebx == 2 && init.esi == 5 && init.edi == 6 && init.ebp == 7 && init.esp == init.esp_before,
	      "registers");
	for (uint32_t i = 0; abi == 3 && i < 78; i++) {
		uint32_t number = i < 74 ? i : beyond[i - 74];
		struct call first = ask(number), second = ask(number);

		check("rom.GetRelocationInfo", first.vector == NO_TRAP && first.edx == kind_of(number), "kind");
		check("rom.GetRelocationInfo", first.eax == second.eax && first.edx == second.edx, "the same answer again");
		check("rom.GetRelocationInfo",
		      kind_of(number) == NONE ? first.eax == 0 : first.eax - (uint32_t)rom < rom[2] * 512u, "address");
	}
}
