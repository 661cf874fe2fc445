/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * native.c - a privileged instruction that the guest executes itself is executed alone, under our eyes: nothing is intercepted meanwhile but what
 * ends it, which is the trap flag or an exception of its own.
 */
#include "hypervisor.h"
#include "instructions.h"

#ifdef NO_INTERCEPTS /* seeded faults */
#define CONTROL_REGISTERS 0
#else
#define CONTROL_REGISTERS (1 << 0 | 1 << 3 | 1 << 4)
#endif
#ifdef NO_VEIL
#define VEIL(base, limit) native.gdtr
#else
#define VEIL(at, size)                                                                                                           \
	(struct segment)                                                                                                         \
	{                                                                                                                        \
		.base = (at), .limit = (size)-1                                                                                  \
	}
#endif

#define ALWAYS	   (EXIT_BIT(EXIT_CPUID) | EXIT_BIT(EXIT_MSR) | EXIT_BIT(EXIT_INVLPGA) | EXIT_BIT(EXIT_SHUTDOWN))
#define PRIVILEGED (EXIT_BIT(EXIT_LTR + 1) - EXIT_BIT(EXIT_SIDT) + EXIT_BIT(EXIT_INVLPG))

const struct intercepts everything = {
	.cr_writes = CONTROL_REGISTERS,
	.dr_writes = 0xff,
	.instructions = ALWAYS | PRIVILEGED,
	.more_instructions = EXIT_BIT(EXIT_SKINIT + 1) - EXIT_BIT(EXIT_VMRUN),
};

/* The instruction that is being executed, and what was there before it, to be there again. */
static struct {
	bool under_way;
	unsigned reason;
	uint64_t flags, dr6;
	struct intercepts intercepts;
	struct segment gdtr, idtr;
	uint16_t ldt, tr;
} native;

/* Selectors of tables are in parts that VMRUN does not switch. */
static void exchange_selectors(uint16_t *ldt, uint16_t *tr)
{
	uint16_t old_ldt, old_tr;

	vmsave(physical(&guest));
	old_ldt = guest.ldtr.selector;
	old_tr = guest.tr.selector;
	guest.ldtr.selector = *ldt;
	guest.tr.selector = *tr;
	*ldt = old_ldt;
	*tr = old_tr;
	vmload(physical(&guest));
}

/*
 * What SGDT, SIDT, SLDT and STR store is ours to say: in another ring these four do not trap and show its tables (document 2.0, Appendix C).
 * Who wants to know their own asks GetGDT and the others.
 */
static void show_other_tables(void)
{
	native.gdtr = guest.gdtr;
	native.idtr = guest.idtr;
	native.ldt = 0xf0;
	native.tr = 0xf8;
	if (native.reason == EXIT_SGDT)
		guest.gdtr = VEIL(GUEST_TOP, 0x100);
	if (native.reason == EXIT_SIDT)
		guest.idtr = VEIL(GUEST_TOP + PAGE, 0x400);
	if (native.reason == EXIT_SLDT || native.reason == EXIT_STR)
		exchange_selectors(&native.ldt, &native.tr);
}

static void show_own_tables(void)
{
	if (native.reason == EXIT_SGDT)
		guest.gdtr = native.gdtr;
	if (native.reason == EXIT_SIDT)
		guest.idtr = native.idtr;
	if (native.reason == EXIT_SLDT || native.reason == EXIT_STR)
		exchange_selectors(&native.ldt, &native.tr);
}

void native_begin(unsigned reason)
{
	statistics.natives++;
	statistics.cr_writes += reason >= EXIT_CR_WRITE && reason < EXIT_DR_READ;
	native.under_way = true;
	native.reason = reason;
	native.flags = guest.rflags;
	native.dr6 = guest.dr6;
	native.intercepts = guest.intercepts;
	show_other_tables();
	guest.rflags = (guest.rflags & ~(uint64_t)FLAG_IF) | FLAG_TF;
	guest.intercepts = (struct intercepts){ .exceptions = ~0u,
						.instructions = ALWAYS,
						.more_instructions = everything.more_instructions };
}

bool native_end(unsigned vector, uint32_t error)
{
	bool wrote_dr6 = native.reason == EXIT_DR_WRITE + 6 || native.reason == EXIT_DR_WRITE + 4;

	if (!native.under_way)
		return false;
	native.under_way = false;
	show_own_tables();
	guest.rflags = (guest.rflags & ~(uint64_t)(FLAG_TF | FLAG_IF)) | (native.flags & (FLAG_TF | FLAG_IF));
	guest.intercepts = native.intercepts;
	if (vector == PF)
		guest.cr2 = guest.exit_info_2;
	if (vector != DB || native.flags & FLAG_TF)
		fault(vector, error);
	else if (!wrote_dr6)
		guest.dr6 = native.dr6;
	return true;
}
