/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.h - how the test calls the ROM, and what it says. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define HIGH 0xc0000000u
#ifdef PAE
enum { CR4_AT_START = 0x20, LARGE_PAGE = 0x200000, ENTRY_WORDS = 2 };
#else
enum { CR4_AT_START = 0x10, LARGE_PAGE = 0x400000, ENTRY_WORDS = 1 };
#endif

/* Inputs, and after gate() what came back. start.S knows the offsets. */
struct call {
	uint32_t eax, ecx, edx, ebx, esi, edi, ebp, flags;
	uint32_t stack[2];
	uint32_t target, vector, eip, error;
};
enum { NO_FAULT = -1, UD = 6, GP = 13, PF = 14 };
enum { IF = 0x200, IOPL = 0x3000 };

struct table_register {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

void gate(struct call *);
extern char exceptions[], native_set_cr0[], native_set_cr4[], native_sgdt[], native_sidt[], native_str[], native_lgdt[],
	native_vmmcall[], native_rdmsr[], native_load[], rom_iret[];
extern uint64_t gdt[8];
extern uint32_t directory[], low_directory[]; /* what CR3 holds; what maps the lowest addresses */
extern uint8_t *rom;

/* A line for each thing seen, as TAP has it. */
void check(bool good, const char *what);

/* Makes a call by its number; what has to be kept is checked. Flags: interrupts off. */
struct call vmi(unsigned number, uint32_t eax, uint32_t edx, uint32_t ecx);
struct call vmi_stack(unsigned number, uint32_t eax, uint32_t edx, uint32_t ecx, uint32_t fourth);
/* Native code through the same gate. */
struct call native(const char *code, uint32_t eax);
/* How often something came to the hypervisor; see `struct statistics` in hypervisor.h. */
enum { CALLS, NATIVES, CR_WRITES, DENIED };
uint32_t figure(unsigned which);

void test_header(void);
void test_deprivileged(void);
void test_cpu(void);
void test_descriptors(void);
void test_processor(void);
void test_pages(void);
