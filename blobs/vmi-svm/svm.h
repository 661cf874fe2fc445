/* SPDX-License-Identifier: BSD-2-Clause */
/* svm.h - the virtual machine control block and what goes with it: AMD64 Architecture Programmer's Manual, volume 2, appendix B and C. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096

struct segment {
	uint16_t selector, attributes; /* descriptor bits 40 to 47, and 52 to 55 as bits 8 to 11 */
	uint32_t limit;
	uint64_t base;
};

/* What the guest does not do without us. `instructions` and `more_instructions` have a bit for each reason of an exit from EXIT_INTR on. */
struct intercepts {
	uint16_t cr_reads, cr_writes, dr_reads, dr_writes;
	uint32_t exceptions, instructions, more_instructions;
};
#define EXIT_BIT(reason) (1u << ((reason)-EXIT_INTR) % 32)

/* The guest has 32 bits, but the block does not know that. */
struct vmcb {
	struct intercepts intercepts;
	uint8_t reserved_14[0x40 - 0x14];
	uint64_t iopm, msrpm, tsc_offset;
	uint32_t asid, tlb_control;
	uint32_t interrupt_control, interrupt_vector;
	uint64_t interrupt_shadow;
	uint64_t exit_code, exit_info_1, exit_info_2, exit_interrupt, nested_control;
	uint8_t reserved_98[0xa8 - 0x98];
	uint32_t inject, inject_error;
	uint64_t nested_cr3;
	uint8_t reserved_b8[0x400 - 0xb8];
	struct segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved_4cc;
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags;
	uint32_t rip, rip_high;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint32_t rsp, rsp_high;
	uint8_t reserved_5e0[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	uint8_t reserved_648[0x668 - 0x648];
	uint64_t pat;
};
_Static_assert(offsetof(struct vmcb, exit_code) == 0x70 && offsetof(struct vmcb, inject) == 0xa8, "control area");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0 && offsetof(struct vmcb, cr4) == 0x548, "saved state");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8 && offsetof(struct vmcb, cr2) == 0x640, "saved state");

/* Reasons for an exit. */
enum {
	EXIT_CR_READ = 0x00,
	EXIT_CR_WRITE = 0x10,
	EXIT_DR_READ = 0x20,
	EXIT_DR_WRITE = 0x30,
	EXIT_EXCEPTION = 0x40,
	EXIT_INTR = 0x60,
	EXIT_SIDT = 0x66,
	EXIT_SGDT,
	EXIT_SLDT,
	EXIT_STR,
	EXIT_LIDT,
	EXIT_LGDT,
	EXIT_LLDT,
	EXIT_LTR,
	EXIT_RDPMC = 0x6f,
	EXIT_CPUID = 0x72,
	EXIT_INVD = 0x76,
	EXIT_INVLPG = 0x79,
	EXIT_INVLPGA,
	EXIT_MSR = 0x7c,
	EXIT_SHUTDOWN = 0x7f,
	EXIT_VMRUN,
	EXIT_VMMCALL,
	EXIT_VMLOAD,
	EXIT_VMSAVE,
	EXIT_STGI,
	EXIT_CLGI,
	EXIT_SKINIT,
	EXIT_WBINVD = 0x89,
	EXIT_NESTED_FAULT = 0x400,
};

#define INJECT_EXCEPTION (1u << 31 | 3 << 8)
#define INJECT_ERROR	 (1u << 11)
#define NESTED_PAGING	 1
#define FLUSH_ALL	 1

#define MSR_PAT	  0x277
#define EFER	  0xc0000080
#define EFER_SVME (1u << 12)
