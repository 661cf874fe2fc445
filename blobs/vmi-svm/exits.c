/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exits.c - why the guest stopped, and what comes of it. From VMI_Init on it has no privileged instruction of its own: one that it executes
 * natively comes here and is done under our eyes, alone, as on the machine that it believes to have.
 */
#include "hypervisor.h"
#include "instructions.h"

#define HIGHEST 0xfc000000u /* where the guest sees tables that are not its own: the topmost 64 MiB, which are the hypervisor's */

/* A privileged instruction that is being executed: what was there before, to be there again. */
static struct {
	bool on;
	unsigned exit;
	uint32_t flags, dr6, exceptions, crs, drs, instructions;
	struct segment gdtr, idtr;
	uint16_t ldt, tr;
} native;

#ifdef NO_INTERCEPTS /* seeded faults */
#define INTERCEPTS 0
#else
#define INTERCEPTS (1 << 0 | 1 << 3 | 1 << 4) /* CR0, CR3, CR4 */
#endif
#ifdef NO_VEIL
#define VEILED false
#else
#define VEILED true
#endif

static const uint8_t privileged[] = { EXIT_SIDT, EXIT_SGDT, EXIT_SLDT, EXIT_STR,   EXIT_LIDT,
				      EXIT_LGDT, EXIT_LLDT, EXIT_LTR,  EXIT_INVLPG };

void deprivilege(void)
{
	guest.cr_writes = INTERCEPTS;
	guest.dr_writes = guest.dr_reads = 0xff;
	for (unsigned i = 0; i < sizeof privileged; i++)
		guest.instructions |= 1u << (privileged[i] - EXIT_INTR);
}

void fault(unsigned vector, uint32_t error)
{
	bool has_error = vector >= 10 && vector <= 14;

	guest.inject = vector | INJECT_EXCEPTION | (has_error ? INJECT_ERROR : 0);
	guest.inject_error = has_error ? error : 0;
}

/* The machine ends: a triple fault. */
_Noreturn void stop(void)
{
	static const struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) nothing_there;

	for (;;)
		__asm__ volatile("lidt %0; int3" : : "m"(nothing_there));
}

/* Selectors of tables are hidden in parts that VMRUN does not switch. */
static void show_selectors(uint16_t ldt, uint16_t tr)
{
	vmsave(physical(&guest));
	native.ldt = guest.ldtr.selector;
	native.tr = guest.tr.selector;
	guest.ldtr.selector = ldt;
	guest.tr.selector = tr;
	vmload(physical(&guest));
}

/*
 * What SGDT, SIDT, SLDT and STR store is ours to say: these four do not trap in another ring, and show its tables (document 2.0, Appendix C).
 * Who wants to know their own asks GetGDT and the others.
 */
static void show_own_tables(unsigned exit)
{
	native.gdtr = guest.gdtr;
	native.idtr = guest.idtr;
	if (VEILED && exit == EXIT_SGDT)
		guest.gdtr = (struct segment){ .base = HIGHEST, .limit = 0xff };
	if (exit == EXIT_SIDT)
		guest.idtr = (struct segment){ .base = HIGHEST + PAGE, .limit = 0x3ff };
	if (exit == EXIT_SLDT || exit == EXIT_STR)
		show_selectors(0xf0, 0xf8);
}

static void show_guest_tables(unsigned exit)
{
	if (exit == EXIT_SGDT)
		guest.gdtr = native.gdtr;
	if (exit == EXIT_SIDT)
		guest.idtr = native.idtr;
	if (exit == EXIT_SLDT || exit == EXIT_STR)
		show_selectors(native.ldt, native.tr);
}

/* The instruction is executed with nothing intercepted, alone: the trap flag is set, interrupts wait, any exception comes here. */
static void native_begin(unsigned exit)
{
	statistics.natives++;
	statistics.cr_writes += exit >= EXIT_CR_WRITE && exit < EXIT_CR_WRITE + 16;
	native.on = true;
	native.exit = exit;
	native.flags = guest.rflags;
	native.dr6 = guest.dr6;
	native.exceptions = guest.exceptions;
	native.crs = guest.cr_writes;
	native.drs = guest.dr_writes;
	native.instructions = guest.instructions;
	show_own_tables(exit);
	guest.rflags = (guest.rflags & ~FLAG_IF) | FLAG_TF;
	guest.exceptions = ~0u;
	guest.cr_writes = guest.dr_reads = guest.dr_writes = 0;
	for (unsigned i = 0; i < sizeof privileged; i++)
		guest.instructions &= ~(1u << (privileged[i] - EXIT_INTR));
}

static void native_end(unsigned vector)
{
	bool writes_dr6 = native.exit == EXIT_DR_WRITE + 6 || native.exit == EXIT_DR_WRITE + 4;

	native.on = false;
	show_guest_tables(native.exit);
	guest.rflags = (guest.rflags & ~(FLAG_TF | FLAG_IF)) | (native.flags & (FLAG_TF | FLAG_IF));
	guest.exceptions = native.exceptions;
	guest.cr_writes = native.crs;
	guest.dr_reads = guest.dr_writes = native.drs;
	guest.instructions = native.instructions;
	if (vector != DB) {
		if (vector == PF)
			guest.cr2 = guest.exit_info_2;
		fault(vector, guest.exit_info_1);
	} else if (native.flags & FLAG_TF) {
		fault(DB, 0);
	} else if (!writes_dr6) {
		guest.dr6 = native.dr6;
	}
}

/* While entries are deferred a page fault may be due to one of them: then it is no fault (document 2.0, VMI_SetDeferredMode). */
static void exception(unsigned vector)
{
	bool deferred = something_deferred();

	if (native.on) {
		native_end(vector);
		return;
	}
	flush_deferred();
	if (vector == PF && deferred)
		return;
	if (vector == PF)
		guest.cr2 = guest.exit_info_2;
	fault(vector, guest.exit_info_1);
}

static void msr_exit(void)
{
	if (msr(guest.exit_info_1 & 1))
		guest.rip += 2;
	else
		fault(GP, 0);
}

void on_exit(void)
{
	uint32_t exit = guest.exit_code;

	guest.inject = 0;
	if (exit >= EXIT_EXCEPTION && exit < EXIT_EXCEPTION + 32)
		exception(exit - EXIT_EXCEPTION);
	else if (exit == EXIT_VMMCALL)
		call();
	else if (exit == EXIT_CPUID)
		cpuid(), guest.rip += 2;
	else if (exit == EXIT_MSR)
		msr_exit();
	else if (exit >= EXIT_VMRUN && exit <= EXIT_SKINIT)
		fault(UD, 0);
	else if (exit == EXIT_NESTED_FAULT)
		statistics.denied++, fault(GP, 0);
	else if (exit < EXIT_EXCEPTION || (exit >= EXIT_SIDT && exit <= EXIT_LTR) || exit == EXIT_INVLPG)
		native_begin(exit);
	else
		stop();
}
