/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machine.h - the machine that the caller is: flat segments, paging with linear = physical, tables, and what can be read of it.
 * What a kernel has to be that calls a VMI ROM is written down in spec/vmi/README.md.
 */
#ifndef ASSAY_I386_MACHINE_H
#define ASSAY_I386_MACHINE_H

#include <stdbool.h>

#include "frame.h"

#define DOUBLE_FAULT 8
#define PAGE_FAULT   14

/* arch.yaml's `control` */
enum {
	EFLAGS,
	CR0,
	CR2,
	CR3,
	CR4,
	GDTR_BASE,
	GDTR_LIMIT,
	IDTR_BASE,
	IDTR_LIMIT,
	LDTR,
	TR,
	DR0,
	DR1,
	DR2,
	DR3,
	DR7,
	CS,
	SYSENTER_CS = CS + SEGMENTS,
	INTERRUPT_FLAG,
	INTERRUPT_VECTOR,
	CONTROLS
};

_Static_assert(CONTROLS == WIRE_CONTROL, "as arch.yaml has it");

/* The table of segments, at PLACE_DESCRIPTOR_TABLE. */
struct descriptor {
	uint32_t low, high;
};
extern struct descriptor descriptor_table[GDT_ENTRIES];

/* multiboot: address of what the boot loader tells of the machine. */
void machine_set_up(uint32_t multiboot);
/*
 * Everything here has 32 bits, and records are zero when a batch begins: the lower halves are all that has to be written, which is half of
 * what a record takes.
 */
typedef uint32_t __attribute__((may_alias)) lower_half;

static inline void put_low(uint64_t *at, uint32_t value)
{
	*(lower_half *)at = value;
}

static inline uint32_t get_low(const uint64_t *at)
{
	return *(const lower_half *)at;
}

/* All but flags and segment registers. Returns what differs from `home` in any of them, all bits of all together. */
uint32_t machine_read(const uint64_t home[WIRE_CONTROL], uint64_t control[WIRE_CONTROL]);
uint32_t machine_cr2(void);
/* Brings back what the probe cannot do without. */
void machine_stand(const uint64_t home[WIRE_CONTROL], const uint64_t found[WIRE_CONTROL]);
bool machine_stands_on(unsigned number);
/* Brings back the rest. */
void machine_restore(const uint64_t home[WIRE_CONTROL], const uint64_t found[WIRE_CONTROL]);
/* An interrupt in a moment, and none after all. */
void machine_wake_soon(void);
void machine_wake_not(void);
/* In the task for double faults: where the call was, into the frame; then this is the usual task. */
void machine_take_fault(struct frame *frame);

#endif
