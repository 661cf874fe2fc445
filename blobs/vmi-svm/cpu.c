/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.c - control, debug and model-specific registers, and what the processor says of itself. */
#include "hypervisor.h"
#include "instructions.h"

/* Features that this hypervisor keeps to itself: no virtual machine in the virtual machine, no machine checks, no performance counters. */
enum {
	LEAF_1_ECX_HIDDEN = 1 << 3 | 1 << 5, /* MONITOR, VMX */
	LEAF_1_EDX_HIDDEN = 1 << 7 | 1 << 14, /* MCE, MCA */
	EXTENDED_ECX_HIDDEN = 1 << 2, /* SVM */
	CR4_KNOWN = 0x7ff,
	CR0_STAYS = CR0_PE | CR0_WP, /* and PG: once on, on for good (document 2.0, VMI_SetCR0) */
	CR4_STAYS = CR4_PSE | CR4_PAE | CR4_PGE,
};

void cpuid(void)
{
	uint32_t leaf = guest.rax, a = leaf, b, c = registers.ecx, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (leaf == 1) {
		c &= ~LEAF_1_ECX_HIDDEN;
		d &= ~LEAF_1_EDX_HIDDEN;
	}
	if (leaf == 0x80000001)
		c &= ~EXTENDED_ECX_HIDDEN;
	if (leaf == 0x8000000a)
		a = b = c = d = 0;
	guest.rax = a;
	registers.ebx = b;
	registers.ecx = c;
	registers.edx = d;
}

bool cpuid_call(void)
{
	cpuid();
	return true;
}

/* Registers that the guest has, and has for itself. */
static bool has_msr(uint32_t number)
{
	static const uint32_t known[] = { 0x10, 0x1b, 0x174, 0x175, 0x176, MSR_PAT, EFER };

	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i] == number)
			return true;
	return number >= 0x200 && number <= 0x2ff; /* memory types */
}

static uint64_t read_msr(uint32_t number)
{
	if (number == EFER)
		return guest.efer & ~(uint64_t)EFER_SVME;
	return number == MSR_PAT ? guest.pat : rdmsr(number);
}

static bool write_msr(uint32_t number, uint64_t value)
{
	if (number == EFER && value & EFER_SVME)
		return false;
	if (number == EFER)
		guest.efer = value | EFER_SVME;
	else if (number == MSR_PAT)
		guest.pat = value;
	else
		wrmsr(number, value);
	return true;
}

bool msr(bool write)
{
	uint32_t number = registers.ecx;

	if (!has_msr(number))
		return false;
	if (write)
		return write_msr(number, (uint64_t)registers.edx << 32 | (uint32_t)guest.rax);
	uint64_t value = read_msr(number);
	guest.rax = (uint32_t)value;
	registers.edx = value >> 32;
	return true;
}

/* A register that is not there: a general protection fault, in the ROM. */
static bool msr_or_fault(bool write)
{
	if (msr(write))
		return true;
	fault(GP, 0);
	return false;
}

bool wrmsr_call(void)
{
	return msr_or_fault(true);
}

bool rdmsr_call(void)
{
	return msr_or_fault(false);
}

bool rdpmc(void)
{
	fault(GP, 0);
	return false;
}

bool rdtsc(void)
{
	uint64_t now = read_tsc();

	guest.rax = (uint32_t)now;
	registers.edx = now >> 32;
	return true;
}

bool set_cr0(void)
{
	uint32_t value = guest.rax, old = guest.cr0;

	value |= old & (CR0_STAYS | CR0_PG);
	if ((value & CR0_NW && !(value & CR0_CD)) || (value & CR0_PG && !(value & CR0_PE))) {
		fault(GP, 0);
		return false;
	}
	guest.cr0 = value | CR0_ET;
	return true;
}

bool set_cr2(void)
{
	guest.cr2 = (uint32_t)guest.rax;
	return true;
}

bool set_cr3(void)
{
	flush_deferred();
	guest.cr3 = (uint32_t)guest.rax;
	return true;
}

bool set_cr4(void)
{
	uint32_t value = guest.rax;

	if (value & ~CR4_KNOWN) {
		fault(GP, 0);
		return false;
	}
	guest.cr4 = value | (guest.cr4 & CR4_STAYS);
	return true;
}

bool get_cr0(void)
{
	guest.rax = guest.cr0;
	return true;
}

bool get_cr2(void)
{
	guest.rax = guest.cr2;
	return true;
}

bool get_cr3(void)
{
	guest.rax = guest.cr3;
	return true;
}

bool get_cr4(void)
{
	guest.rax = guest.cr4;
	return true;
}

bool clts(void)
{
	guest.cr0 &= ~(uint64_t)CR0_TS;
	return true;
}

/* 4 and 5 are other names of 6 and 7, unless CR4.DE takes them away. */
static bool debug_register(uint32_t *number)
{
	if (*number == 4 || *number == 5) {
		if (guest.cr4 & CR4_DE) {
			fault(UD, 0);
			return false;
		}
		*number += 2;
	}
	if (*number > 7) {
		fault(GP, 0);
		return false;
	}
	return true;
}

bool set_dr(void)
{
	static void (*const write[])(uint32_t) = { write_dr0, write_dr1, write_dr2, write_dr3 };
	uint32_t number = guest.rax, value = registers.edx;

	if (!debug_register(&number))
		return false;
	if (number < 4)
		write[number](value);
	else if (number == 6)
		guest.dr6 = (value & 0xe00f) | 0xffff0ff0;
	else
		guest.dr7 = (value & ~0xd000u) | 0x400;
	return true;
}

bool get_dr(void)
{
	static uint32_t (*const read[])(void) = { read_dr0, read_dr1, read_dr2, read_dr3 };
	uint32_t number = guest.rax;

	if (!debug_register(&number))
		return false;
	guest.rax = number < 4 ? read[number]() : (uint32_t)(number == 6 ? guest.dr6 : guest.dr7);
	return true;
}
