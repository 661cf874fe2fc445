/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.h - how the test kernel calls the ROM and says what it saw. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Inputs, and after gate() what came back. Offsets are known to start.S. */
struct call {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp, eflags;
	uint32_t target, kind;
	uint32_t stack[5];
	uint32_t esp, vector, eip, cs;
	uint32_t esp_before;
	bool ends_elsewhere; /* IRET, SYSEXIT: nothing is kept */
	bool moves; /* INS, OUTS: ESI or EDI is a result */
};
#define NO_TRAP 0xffffffff
#define ZERO	0xfffffffd /* an input that is 0; one that is left out gets a canary */

enum { NONE, CALL_REL, JUMP_REL };
enum { IF = 0x200, DF = 0x400, IOPL = 0x3000, ARITHMETIC = 0x8d5 };

void gate(struct call *);
extern const char pad[], user_pad[], back[];
extern volatile uint32_t ticks;
extern uint64_t gdt[];
extern uint32_t directory[];

/* The ROM that was found, at its address for calls, and which ABI it has. */
extern uint8_t *rom;
extern unsigned abi;

/* A line for each that failed; `entry` is the specification's name. */
void check(const char *entry, bool ok, const char *what);

/* Makes a call, by its number in either ABI. Registers that are left out hold canaries, and those that have to be kept are checked. */
struct call call(const char *entry, unsigned three, unsigned thirteen, struct call inputs);

void test_header(void);
void test_relocations(void);
void test_processor(void);
void test_cpu(void);
void test_descriptors(void);
void test_stack(void);
void test_io(void);
void test_mmu(void);
void test_clock(void);
