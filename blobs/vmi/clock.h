/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the timer calls in C: the calling convention is GCC's regparm(3). */
#pragma once
#include <stdint.h>

/* As `entry` of rom.inc: a fault is linked in its place, and finds the right code under the second name. */
#define ENTRY(type, name, ...)                                                                                                   \
	__attribute__((regparm(3))) type name##_native(__VA_ARGS__);                                                             \
	__attribute__((regparm(3), weak, alias(#name "_native"))) type name(__VA_ARGS__);                                        \
	__attribute__((regparm(3))) type name##_native(__VA_ARGS__)

/* Of C that C calls. */
#define HIDDEN __attribute__((visibility("hidden"), regparm(3)))

/* What post.S has found out. Addresses are physical. */
struct variables {
	uint32_t rom, memory;
	uint64_t hertz;
};

extern struct variables variables __attribute__((visibility("hidden")));
uintptr_t rom_base(void) __attribute__((visibility("hidden")));

/* What the BIOS has set aside, from this byte on: as far from the ROM as physically. NULL where there is none. */
static inline void *set_aside(uint32_t from)
{
	return variables.memory ? (void *)(rom_base() - variables.rom + variables.memory + from) : 0;
}

static inline uint64_t cycles(void)
{
	return __builtin_ia32_rdtsc();
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
