/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hypervisor.h - what the files of the hypervisor know of each other. It runs with segments that begin where its memory does (`self.base`), so
 * that it is linked at 0 and needs no relocation; one CPU, no interrupts, nothing but answers between two runs of the guest.
 */
#pragma once
#include <stdbool.h>
#include "svm.h"

/* The head of the image: where it lies, and the ROM. post.S fills it in. */
struct boot {
	uint32_t base, rom, rom_size; /* physical; bytes */
};

/* The guest's registers that VMRUN does not switch. */
struct registers {
	uint32_t ebx, ecx, edx, esi, edi, ebp;
};

/* What the guest may ask for, to see that it runs deprivileged: how often that came about. */
struct statistics {
	uint32_t calls, natives, cr_writes, denied;
};

extern struct boot boot_parameters;
extern struct vmcb guest;
extern struct registers registers;
extern struct statistics statistics;
extern char hypervisor_end[];

/* The topmost 64 MiB of the address space are not the guest's (document 2.0, 2, Segmentation). */
#define GUEST_TOP 0xfc000000u

/* Exceptions. */
enum { DB = 1, UD = 6, NP = 11, GP = 13, PF = 14, NO_FAULT = -1 };

/* Bits of control registers and flags. */
enum {
	CR0_PE = 1,
	CR0_TS = 8,
	CR0_ET = 0x10,
	CR0_WP = 1 << 16,
	CR0_NW = 1 << 29,
	CR0_CD = 1 << 30,
	CR4_DE = 8,
	CR4_PSE = 0x10,
	CR4_PAE = 0x20,
	CR4_PGE = 0x80,
	FLAG_TF = 0x100,
	FLAG_IF = 0x200,
	FLAG_IOPL = 0x3000,
};
#define CR0_PG 0x80000000u

/* world.c */
void adopt(void); /* makes the kernel that has called a guest */
uint32_t physical(const void *own);
bool is_ours(uint32_t address);

/* memory.c: the guest's memory, by linear address. False: an exception is due, and injected. */
bool guest_read(uint32_t linear, void *to, uint32_t size);
bool guest_write(uint32_t linear, const void *from, uint32_t size);
bool guest_physical(uint32_t linear, bool write, uint32_t *address);
bool stack_word(uint32_t offset, uint32_t *word);
void *at(uint32_t address);

/* exits.c */
void on_exit(void);
void fault(unsigned vector, uint32_t error); /* injected when the guest goes on */

/* native.c: privileged instructions that the guest executes itself. */
extern const struct intercepts everything; /* what a guest of ours does not do alone */
void native_begin(unsigned reason);
bool native_end(unsigned vector, uint32_t error); /* false: none was under way */

/* calls.c: the call that the ROM has made. Its handlers are in the files that follow; false: an exception was injected. */
void call(void);
typedef bool handler(void);
handler cpuid_call, wrmsr_call, rdmsr_call, set_cr0, set_cr2, set_cr3, set_cr4, get_cr0, get_cr2, get_cr3, get_cr4, clts, set_dr,
	get_dr, rdpmc, rdtsc; /* cpu.c */
handler set_gdt, set_ldt, set_idt, set_tr, get_gdt, get_ldt, get_idt, get_tr, write_entry, write_segment; /* descriptors.c */
handler enable_interrupts, disable_interrupts, get_mask, set_mask, set_iopl, iret_frame, reboot, shutdown,
	set_ap_state; /* processor.c */
handler set_pxe, set_pxe_long, flush, set_lazy_mode; /* pages.c */
handler apic_write, apic_read; /* apic.c */
handler nothing;

void cpuid(void);
bool msr(bool write); /* ECX, EDX:EAX as the instruction; false: there is no such register */
void flush_deferred(void); /* pages.c: brings deferred entries to memory */
bool something_deferred(void);
