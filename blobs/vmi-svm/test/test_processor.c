/* SPDX-License-Identifier: BSD-2-Clause */
/* test_processor.c - interrupts, ports, and the way out of an interrupt. */
#include "kernel.h"

enum {
	ENABLE = 29,
	DISABLE,
	GET_MASK,
	SET_MASK,
	IRET,
	INB = 50,
	OUTB = 56,
	SET_IOPL = 61,
	APIC_WRITE = 63,
	APIC_READ,
	GET_FREQUENCY = 66
};
enum { TPR = 0xfee00080 };

void test_processor(void)
{
	struct call call = vmi(ENABLE, 1, 2, 3);

	check(call.flags & IF && call.eax == 1 && call.edx == 2 && call.ecx == 3, "EnableInterrupts changes the flag alone");
	check(!(vmi(DISABLE, 0, 0, 0).flags & IF), "DisableInterrupts");
	check(vmi(SET_MASK, IF, 0, 0).flags & IF, "SetInterruptMask");
	check(vmi(GET_MASK, 7, 0, 0).eax == 0, "GetInterruptMask");
	check((vmi(SET_IOPL, 0x2000, 0, 0).flags & IOPL) == 0x2000, "SetIOPLMask");
	vmi(OUTB, 0x5a, 0x81, 0);
	check((vmi(INB, 0, 0x81, 0).eax & 0xff) == 0x5a, "OUTB, INB");
	vmi(APIC_WRITE, TPR, 0x20, 0);
	check(vmi(APIC_READ, TPR, 0, 0).eax == 0x20 && vmi(APIC_READ, 0x80, 0, 0).eax == 0x20,
	      "APICWrite, APICRead, by address and offset");
	vmi(APIC_WRITE, 0x80, 0, 0);

	struct call ask = { .eax = IRET, .flags = 2, .target = (uint32_t)rom + 0x88 };
	gate(&ask);
	check(ask.edx == 2, "IRET is jumped to");
	uint32_t iret = ask.eax;
	struct call leave = { .edx = iret, .flags = 2, .target = (uint32_t)rom_iret };
	gate(&leave);
	check(leave.vector == (uint32_t)NO_FAULT && leave.flags & IF,
	      "IRET goes on at the frame's address, with its interrupt flag");
	leave = (struct call){ .edx = iret, .flags = 2 | 0x1000, .target = (uint32_t)rom_iret };
	gate(&leave);
	check((leave.flags & IOPL) == 0x1000, "and leaves the I/O level as it is");
	ask = (struct call){ .eax = GET_FREQUENCY, .flags = 2, .target = (uint32_t)rom + 0x88 };
	gate(&ask);
	check(ask.eax == 0 && ask.edx == 0, "there is no clock");
}
