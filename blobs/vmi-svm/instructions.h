/* SPDX-License-Identifier: BSD-2-Clause */
/* instructions.h - instructions that C has no words for. */
#pragma once
#include <stdint.h>

#define READ(name, from)                                                                                                         \
	static inline uint32_t read_##name(void)                                                                                 \
	{                                                                                                                        \
		uint32_t value;                                                                                                  \
		__asm__ volatile("movl %%" from ", %0" : "=r"(value));                                                           \
		return value;                                                                                                    \
	}
#define WRITE(name, to)                                                                                                          \
	static inline void write_##name(uint32_t value)                                                                          \
	{                                                                                                                        \
		__asm__ volatile("movl %0, %%" to : : "r"(value) : "memory");                                                    \
	}
READ(cr0, "cr0")
READ(cr4, "cr4")
WRITE(cr0, "cr0")
WRITE(cr3, "cr3")
WRITE(cr4, "cr4")
READ(dr0, "dr0")
READ(dr1, "dr1")
READ(dr2, "dr2")
READ(dr3, "dr3")
WRITE(dr0, "dr0")
WRITE(dr1, "dr1")
WRITE(dr2, "dr2")
WRITE(dr3, "dr3")
#undef READ
#undef WRITE

static inline uint64_t rdmsr(uint32_t number)
{
	uint64_t value;

	__asm__ volatile("rdmsr" : "=A"(value) : "c"(number));
	return value;
}

static inline void wrmsr(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(number), "A"(value));
}

static inline uint64_t read_tsc(void)
{
	uint64_t value;

	__asm__ volatile("rdtsc" : "=A"(value));
	return value;
}

/* FS, GS, TR, LDTR and what SYSENTER and SYSCALL use, which VMRUN does not switch; `block` is physical. */
static inline void vmload(uint32_t block)
{
	__asm__ volatile(".byte 0x0f, 0x01, 0xda" : : "a"(block) : "memory");
}

static inline void vmsave(uint32_t block)
{
	__asm__ volatile(".byte 0x0f, 0x01, 0xdb" : : "a"(block) : "memory");
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
