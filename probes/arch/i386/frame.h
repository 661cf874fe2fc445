/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame.h - memory that assembly and C share.
 *
 * There is one CPU, so what belongs to the call under way has a place that is known when the probe is linked. It is reached by way of
 * the stack segment: a call may leave any other segment register empty, and no call comes back without that one.
 */
#ifndef ASSAY_I386_FRAME_H
#define ASSAY_I386_FRAME_H

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_CODE   0x18 /* the order is what SYSEXIT expects behind KERNEL_CODE */
#define USER_DATA   0x20
#define TASK	    0x28
#define SPARE_TASK  0x30
#define SPARE_LDT   0x38
#define FAULT_TASK  0x40
#define FAR_DATA    0x48 /* begins where no memory is */
#define GDT_ENTRIES 10

/* What other CPUs are started with has a place that spec/vmi knows (its constants): link.ld puts it there. */
#define PLACE_DESCRIPTOR_TABLE 0x103000
#define PLACE_PAGE_DIRECTORY   0x104000
#define PLACE_START	       0x105000 /* the pad */

#define TRAPS	    32 /* vectors below are exceptions, all others interrupts */
#define PIC_VECTORS 0x20 /* of its interrupts, which a BIOS has where the exceptions are */
#define TIMER	    0x40
#define LANDING	    0xe0 /* what a pad does to get back into the kernel */
#define APIC	    0xfee00000
#define PIC_COMMAND 0x20 /* ports */
#define PIC_2	    0xa0

#define FRAME_REGISTERS 0 /* eax, ecx, edx, ebx, esp, ebp, esi, edi: before the call and after it */
#define FRAME_ESP	16
#define FRAME_EFLAGS	32 /* after it */
#define FRAME_SEGMENTS	36 /* after it: cs, ss, ds, es, fs, gs */
#define FRAME_TARGET	60
#define FRAME_BACK	64 /* the stack of who waits for the call; 0: no call is being made */
#define FRAME_CAUSE	68 /* of a trap: vector, error code, address */
#define FRAME_ERROR	72
#define FRAME_PC	76
#define FRAME_TEMP	80
#define FRAME_DATA	84 /* what DS and ES are to be, exclusive or KERNEL_DATA */
#define FRAME_TAKEN	88 /* interrupts that came since it was looked at */
#define FRAME_VECTOR	92 /* of the last of them; 0: there was none */
#define FRAME_SIZE	96

#define RETURNED 2 /* enum wire_outcome */
#define TRAPPED	 3

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EFLAGS_REGISTER, GUARD }; /* arch.yaml's `registers` */
enum { SEGMENT_CS, SEGMENT_SS, SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS, SEGMENTS };

struct frame {
	uint32_t registers[8];
	uint32_t eflags;
	uint32_t segments[SEGMENTS];
	uint32_t target;
	uint32_t back;
	uint32_t cause, error, pc;
	uint32_t temp;
	uint32_t data;
	uint32_t taken;
	uint32_t vector;
};

_Static_assert(offsetof(struct frame, eflags) == FRAME_EFLAGS && offsetof(struct frame, segments) == FRAME_SEGMENTS &&
		       offsetof(struct frame, target) == FRAME_TARGET && offsetof(struct frame, back) == FRAME_BACK &&
		       offsetof(struct frame, cause) == FRAME_CAUSE && offsetof(struct frame, error) == FRAME_ERROR &&
		       offsetof(struct frame, pc) == FRAME_PC && offsetof(struct frame, temp) == FRAME_TEMP &&
		       offsetof(struct frame, data) == FRAME_DATA && offsetof(struct frame, taken) == FRAME_TAKEN &&
		       offsetof(struct frame, vector) == FRAME_VECTOR && sizeof(struct frame) == FRAME_SIZE,
	       "as gate.S has it");
_Static_assert(WIRE_RETURNED == RETURNED && WIRE_TRAPPED == TRAPPED, "as gate.S has it");

#endif
#endif
