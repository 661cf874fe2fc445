/* SPDX-License-Identifier: BSD-2-Clause */
/* world.c - builds the guest around the BIOS that has called the ROM: all memory is its own but the hypervisor's. */
#include "hypervisor.h"
#include "instructions.h"

#ifdef NO_WALLS /* a seeded fault */
#define WALLS false
#else
#define WALLS true
#endif
#define OWN_PAGE __attribute__((aligned(PAGE), section(".bss.pages")))
enum { PRESENT = 1, WRITABLE = 2, USER = 4, LARGE = 0x80 };

struct vmcb guest OWN_PAGE;
struct registers registers;
struct statistics statistics;
static uint8_t host_state[PAGE] OWN_PAGE;
static uint8_t msr_permissions[2 * PAGE] OWN_PAGE;
static uint64_t directories[4][512] OWN_PAGE; /* a page of 2 MiB each */
static uint64_t lowest[512] OWN_PAGE; /* the first 2 MiB, where we are */
static uint64_t pointers[4] __attribute__((aligned(32)));

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

static struct segment real_mode(uint16_t selector, uint16_t attributes, uint32_t limit)
{
	return (struct segment){ selector, attributes, limit, (uint32_t)selector << 4 };
}

static void describe_bios(void)
{
	struct boot *b = &boot_parameters;

	guest.cs = real_mode(b->cs, 0x9b, 0xffff);
	guest.ss = real_mode(b->ss, 0x93, 0xffff);
	guest.ds = guest.es = real_mode(b->cs, 0x93, 0xffffffff); /* the BIOS calls ROMs with large segments */
	guest.gdtr = (struct segment){ .limit = b->gdt_limit, .base = b->gdt_base };
	guest.idtr = (struct segment){ .limit = b->idt_limit, .base = b->idt_base };
	guest.cr0 = read_cr0() & ~CR0_PE;
	guest.cr4 = read_cr4();
	guest.efer = rdmsr(EFER) | EFER_SVME;
	guest.dr6 = 0xffff0ff0;
	guest.dr7 = 0x400;
	guest.rflags = 2;
	guest.rip = b->resume;
	guest.rsp = b->esp;
	guest.pat = 0x0007040600070406;
}

static uint32_t bit_of(unsigned exit)
{
	return 1u << (exit - EXIT_INTR) % 32;
}

static void intercept(void)
{
	for (unsigned i = 0; i < sizeof msr_permissions; i++)
		msr_permissions[i] = 0xff;
	guest.instructions = bit_of(EXIT_CPUID) | bit_of(EXIT_MSR) | bit_of(EXIT_INVLPGA) | bit_of(EXIT_SHUTDOWN);
	for (unsigned exit = EXIT_VMRUN; exit <= EXIT_SKINIT; exit++)
		guest.more_instructions |= bit_of(exit);
	guest.msrpm = physical(msr_permissions);
	guest.asid = 1;
	guest.tlb_control = FLUSH_ALL;
	guest.nested_control = NESTED_PAGING;
	guest.nested_cr3 = physical(pointers);
}

uint32_t boot(void)
{
	map();
	describe_bios();
	intercept();
	wrmsr(EFER, rdmsr(EFER) | EFER_SVME);
	wrmsr(VM_HSAVE_PA, physical(host_state));
	write_cr4(read_cr4() | CR4_PAE);
	write_cr3(physical(pointers));
	write_cr0(read_cr0() | CR0_PG);
	return physical(&guest);
}
