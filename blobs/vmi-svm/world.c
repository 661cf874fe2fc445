/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world.c - how the kernel that calls the ROM becomes a guest. It executes VMRUN for a machine that is no guest but this code, which finds in the
 * host's saved state all that the kernel is, makes it the guest's, and puts itself there: so that the exit goes to the hypervisor.
 *
 * That the saved state has the form of a control block holds for QEMU; the manual leaves it to the processor (APM volume 2, "VM_HSAVE_PA MSR").
 */
#include "hypervisor.h"
#include "instructions.h"

#ifdef NO_WALLS /* a seeded fault */
#define WALLS false
#else
#define WALLS true
#endif
#define OWN_PAGE __attribute__((aligned(PAGE), section(".bss.pages")))
enum { PRESENT = 1, WRITABLE = 2, USER = 4, LARGE = 0x80 };

extern char load[], run[], stack_top[];

struct vmcb guest OWN_PAGE;
struct vmcb host_state OWN_PAGE;
struct registers registers;
struct statistics statistics;
static uint8_t msr_permissions[2 * PAGE] OWN_PAGE; /* a bit for each register and direction: all come to us */
static uint64_t directories[4][512] OWN_PAGE; /* a page of 2 MiB each */
static uint64_t lowest[512] OWN_PAGE; /* the first 2 MiB, where we are */
static uint64_t pointers[4] __attribute__((aligned(32)));

#define FLAT(kind)                                                                                                               \
	{                                                                                                                        \
		.attributes = 0xc00 | (kind), .limit = 0xffffffff                                                                \
	}

/* Segments begin where the hypervisor's memory does; post.S fills that in, as it is known no earlier. */
struct vmcb loader __attribute__((aligned(PAGE), section(".data.last"))) = {
	.intercepts.more_instructions = EXIT_BIT(EXIT_VMRUN) | EXIT_BIT(EXIT_VMMCALL),
	.asid = 1,
	.es = FLAT(0x93),
	.cs = FLAT(0x9b),
	.ss = FLAT(0x93),
	.ds = FLAT(0x93),
	.efer = EFER_SVME,
	.cr0 = CR0_PE | CR0_ET,
	.dr6 = 0xffff0ff0,
	.dr7 = 0x400,
	.rflags = 2,
	.rip = (uint32_t)load,
	.rsp = (uint32_t)stack_top,
};

uint32_t physical(const void *own)
{
	return (uint32_t)own + boot_parameters.base;
}

void *at(uint32_t address)
{
	return (void *)(address - boot_parameters.base);
}

bool is_ours(uint32_t address)
{
	return address - boot_parameters.base < (uint32_t)hypervisor_end;
}

/*
 * One identity map for both: nested paging makes every access of the guest one of user mode, so a page without USER is ours alone
 * (APM volume 2, "Nested Paging"). In the format of PAE: QEMU 7.2 takes nested tables of the older format for none at all.
 */
static void map(void)
{
	for (uint32_t i = 0; i < 4 * 512; i++)
		directories[i / 512][i % 512] = i << 21 | LARGE | PRESENT | WRITABLE | USER;
	for (uint32_t i = 0; i < 512; i++)
		lowest[i] = i << 12 | PRESENT | WRITABLE | (WALLS && is_ours(i << 12) ? 0 : USER);
	directories[0][0] = physical(lowest) | PRESENT | WRITABLE | USER;
	for (uint32_t i = 0; i < 4; i++)
		pointers[i] = physical(directories[i]) | PRESENT;
}

/* The guest goes on where VMRUN was to end, and is what it was. */
static void become_host(void)
{
	struct vmcb saved = host_state;

	host_state = loader;
	host_state.cr0 |= CR0_PG | CR0_WP;
	host_state.cr3 = physical(pointers);
	host_state.cr4 = CR4_PAE;
	host_state.rip = (uint32_t)run;

	guest = saved;
	guest.asid = 1;
	guest.tlb_control = FLUSH_ALL;
	guest.nested_control = NESTED_PAGING;
	guest.nested_cr3 = physical(pointers);
	guest.pat = rdmsr(MSR_PAT);
	guest.msrpm = physical(msr_permissions);
	guest.intercepts = everything;
}

void adopt(void)
{
	for (unsigned i = 0; i < sizeof msr_permissions; i++)
		msr_permissions[i] = 0xff;
	map();
	become_host();
}
