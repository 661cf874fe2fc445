/* SPDX-License-Identifier: BSD-2-Clause */
/* other.c - what a CPU found that calls have started, as a landing. It makes no calls, and then waits for nothing but a reset. */
#include "machine.h"
#include "probe.h"

#define PAD_START 2

/* As other.S has pushed it. */
struct started {
	struct __attribute__((packed)) {
		uint16_t limit;
		uint32_t base;
		uint16_t unused;
	} gdtr, idtr;
	uint32_t gs, fs, es, ds, ss, cs;
	uint32_t edi, esi, ebp, esp_then, ebx, edx, ecx, eax;
	uint32_t eflags;
};

void arch_started(const struct started *found, uint32_t esp);

/* The local APIC's number as the CPU itself tells it: nobody has to be believed. */
static uint32_t apic_id(void)
{
	uint32_t a = 1, b, c = 0, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 24;
}

void arch_started(const struct started *found, uint32_t esp)
{
	uint64_t registers[WIRE_REGISTERS] = { found->eax, found->ecx, found->edx, found->ebx,	 esp,
					       found->ebp, found->esi, found->edi, found->eflags };
	const uint32_t segments[SEGMENTS] = { found->cs, found->ss, found->ds, found->es, found->fs, found->gs };
	uint64_t control[WIRE_CONTROL] = { 0 };

	machine_read(control, control);
	put_low(&control[EFLAGS], found->eflags);
	put_low(&control[INTERRUPT_FLAG], found->eflags >> 9 & 1);
	put_low(&control[GDTR_BASE], found->gdtr.base);
	put_low(&control[GDTR_LIMIT], found->gdtr.limit);
	put_low(&control[IDTR_BASE], found->idtr.base);
	put_low(&control[IDTR_LIMIT], found->idtr.limit);
	for (unsigned i = 0; i < SEGMENTS; i++)
		put_low(&control[CS + i], (uint16_t)segments[i]);
	loop_land(loop_hart_index(apic_id()), PAD_START, PLACE_START, registers, control);
}
