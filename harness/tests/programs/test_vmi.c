/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_vmi.c - a guest that knows the ROM by the header alone (`assay header spec/vmi`): it finds it, asks it where the calls are, and
 * makes all its output and its end through the ROM's own port calls.
 */
#include "vmi.h"

__asm__(".text\n"
	".balign 4\n"
	"\t.long 0x1badb002, 0, -0x1badb002\n" /* multiboot: by the ELF header, no flags */
	".globl _start\n"
	"_start: movl $stack_end, %esp\n"
	"\tcall run\n"
	"1:\thlt\n"
	"\tjmp 1b\n"
	".section .bss\n"
	".balign 16\n"
	"\t.skip 4096\n"
	"stack_end:\n"
	".text\n");

enum { DEBUG_PORT = 0xe9, EXIT_PORT = 0xf4, SET_ALARM = 68, OUTL = 55, OUTB = 56, GET_MASK = 31 };

static uint32_t rom;

static uint32_t target_of(uint32_t number)
{
	return vmi_rom_GetRelocationInfo(rom, number).address;
}

static void put(const char *text)
{
	uint32_t outb = target_of(OUTB);

	for (; *text; text++)
		vmi_io_OUTB(rom, outb, (uint8_t)*text, DEBUG_PORT, 0);
}

static uint32_t find(void)
{
	for (uint32_t at = 0xc8000; at < 0xe0000; at += 2048) {
		const struct vmi_rom_header *header = (const struct vmi_rom_header *)at;

		if (header->rom_signature == VMI_ROM_SIGNATURE && header->vmi_signature == VMI_SIGNATURE &&
		    header->api_major == 3)
			return at;
	}
	return 0;
}

void run(void);
void run(void)
{
	rom = find();
	if (!rom)
		return;
	put(vmi_core_Init(rom).status == 0 ? "init 0\n" : "init failed\n");
	put(vmi_processor_GetInterruptMask(rom, target_of(GET_MASK)).mask & VMI_INTERRUPT_MASK ? "interrupts on\n"
											       : "interrupts off\n");
	/* two words on the stack, which has to be as it was */
	vmi_timer_SetAlarm(rom, target_of(SET_ALARM), 0, 0xffffffff, 0x7fffffff, 1, 2);
	put("alarm set\n");
	vmi_io_OUTL(rom, target_of(OUTL), 0x10, EXIT_PORT, 0);
}
