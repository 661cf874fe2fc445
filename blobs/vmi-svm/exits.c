/* SPDX-License-Identifier: BSD-2-Clause */
/* exits.c - why the guest stopped, and what comes of it. */
#include "hypervisor.h"

void fault(unsigned vector, uint32_t error)
{
	bool has_error = vector >= 10 && vector <= 14;

	guest.inject = vector | INJECT_EXCEPTION | (has_error ? INJECT_ERROR : 0);
	guest.inject_error = has_error ? error : 0;
}

/*
 * Exceptions come here while an instruction is executed alone, and page faults while entries are deferred: one that is due to such an entry
 * is no fault (document 2.0, VMI_SetDeferredMode). The guest tries again, and gets it itself if it was one.
 */
static void exception(unsigned reason)
{
	if (!native_end(reason - EXIT_EXCEPTION, guest.exit_info_1))
		flush_deferred();
}

static void cpuid_exit(unsigned reason)
{
	(void)reason;
	cpuid();
	guest.rip += 2;
}

static void msr_exit(unsigned reason)
{
	(void)reason;
	if (msr(guest.exit_info_1 & 1))
		guest.rip += 2;
	else
		fault(GP, 0);
}

static void vmmcall_exit(unsigned reason)
{
	(void)reason;
	call();
}

/* There is no virtual machine in this one. */
static void no_such_instruction(unsigned reason)
{
	(void)reason;
	fault(UD, 0);
}

/* Where the guest has no memory, but we have. */
static void nested_fault(void)
{
	statistics.denied++;
	if (!native_end(GP, 0))
		fault(GP, 0);
}

/* The machine ends: a triple fault. */
static _Noreturn void stop(void)
{
	static const struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) nothing_there;

	for (;;)
		__asm__ volatile("lidt %0; int3" : : "m"(nothing_there));
}

static void (*const reasons[])(unsigned reason) = {
	[EXIT_CR_WRITE... EXIT_CR_WRITE + 15] = native_begin,
	[EXIT_DR_WRITE... EXIT_DR_WRITE + 15] = native_begin,
	[EXIT_EXCEPTION... EXIT_EXCEPTION + 31] = exception,
	[EXIT_SIDT... EXIT_LTR] = native_begin,
	[EXIT_CPUID] = cpuid_exit,
	[EXIT_INVLPG] = native_begin,
	[EXIT_INVLPGA] = no_such_instruction,
	[EXIT_MSR] = msr_exit,
	[EXIT_VMRUN] = no_such_instruction,
	[EXIT_VMMCALL] = vmmcall_exit,
	[EXIT_VMLOAD... EXIT_SKINIT] = no_such_instruction,
};

void on_exit(void)
{
	uint32_t reason = guest.exit_code;

	guest.inject = 0;
	if (reason == EXIT_NESTED_FAULT)
		nested_fault();
	else if (reason < sizeof reasons / sizeof *reasons && reasons[reason])
		reasons[reason](reason);
	else
		stop();
}
