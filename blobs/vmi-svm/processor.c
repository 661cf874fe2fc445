/* SPDX-License-Identifier: BSD-2-Clause */
/* processor.c - interrupts, the I/O level, and the ends of a processor. */
#include "hypervisor.h"
#include "instructions.h"

enum { KEYBOARD_CONTROLLER = 0x64, RESET = 0xfe };

static bool set_flags(uint32_t mask, uint32_t value)
{
	guest.rflags = (guest.rflags & ~(uint64_t)mask) | (value & mask);
	return true;
}

bool enable_interrupts(void)
{
	return set_flags(FLAG_IF, FLAG_IF);
}

bool disable_interrupts(void)
{
	return set_flags(FLAG_IF, 0);
}

bool get_mask(void)
{
	guest.rax = guest.rflags & FLAG_IF;
	return true;
}

bool set_mask(void)
{
	return set_flags(FLAG_IF, guest.rax);
}

bool set_iopl(void)
{
	return set_flags(FLAG_IOPL, guest.rax);
}

/* IRET restores all flags but this level, which SetIOPLMask is there for (document 2.0, VMI_IRET). The ROM executes it. */
bool iret_frame(void)
{
	uint32_t flags;

	if (!stack_word(8, &flags))
		return false;
	flags = (flags & ~FLAG_IOPL) | (guest.rflags & FLAG_IOPL);
	return guest_write((uint32_t)guest.ss.base + guest.rsp + 8, &flags, sizeof flags);
}

/* Soft and hard alike: the processor begins anew. */
bool reboot(void)
{
	out8(KEYBOARD_CONTROLLER, RESET);
	for (;;)
		__asm__ volatile("hlt");
}

/* The ROM halts behind it, and nothing interrupts that. */
bool shutdown(void)
{
	return set_flags(FLAG_IF, 0);
}

/* This machine has one processor: the state of another is looked at, so that a bad address is one, and is of no further use. */
bool set_ap_state(void)
{
	uint8_t state[92];

	return guest_read(guest.rax, state, sizeof state);
}
