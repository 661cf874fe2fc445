/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - where harts come in: the entry and the pads. Nothing is known here but the address: not which hart it is, not a
 * stack, and every register is evidence.
 */
#include "frame.h"

	.option norelax

	.macro	each_register instruction
	.irp	n, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\instruction	x\n, (8 * \n)(t0)
	.endr
	.endm

/*
 * Takes a free slot with no register but t0, which waits in sscratch; what sscratch held waits in stval. A lock is taken by
 * swapping its own address in, so the address register is also the value.
 */
	.macro	arrive pad
	csrrw	t0, sscratch, t0
	csrw	stval, t0
1:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	la	t0, slots + \n * SLOT_SIZE + SLOT_LOCK
	amoswap.d.aq t0, t0, (t0)
	beqz	t0, .Lslot_\pad\()_\n
	.endr
	j	1b
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
.Lslot_\pad\()_\n:
	la	t0, slots + \n * SLOT_SIZE
	sd	t1, (8 * 6)(t0)
	li	t1, \pad
	j	arrived
	.endr
	.endm

	.section .text.start, "ax"
	.globl	_start
_start:
	arrive	PAD_START

	.text
	.balign	4
	.globl	wire_pad_park
wire_pad_park:
	arrive	PAD_PARK

	.balign	4
	.globl	wire_pad_handler
wire_pad_handler:
	arrive	PAD_HANDLER

arrived:
	sd	t1, SLOT_PAD(t0)
	each_register sd
	csrr	t1, sscratch
	sd	t1, (8 * 5)(t0)
	csrr	t1, stval
	sd	t1, SLOT_SCRATCH(t0)
	csrw	sscratch, t1
	mv	s0, t0
	li	t1, SLOT_SIZE
	add	sp, t0, t1
	mv	a0, t0
	call	arch_arrived

/*
 * Only the pad `handler` comes back: gives every register its found value, or the one arch_arrived() put in its place, and makes
 * the call that leaves. The lock word holds t0's value by now, so that one swap both frees the slot and restores t0.
 */
	mv	t0, s0
	each_register ld
	ld	t1, (8 * 5)(t0)
	sd	t1, SLOT_LOCK(t0)
	ld	t1, (8 * 6)(t0)
	addi	t0, t0, SLOT_LOCK
	amoswap.d.rl t0, zero, (t0)
	ecall
1:	j	1b

/* _Noreturn void arch_run_on(unsigned hart, void *stack_top, struct slot *slot): leaves the slot for the hart's own stack. */
	.globl	arch_run_on
arch_run_on:
	mv	sp, a1
	addi	a2, a2, SLOT_LOCK
	amoswap.d.rl zero, zero, (a2)
	j	loop_run
