/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware.h"

	.option norelax

	.macro	each_register instruction	/* all but tp */
	.irp	n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\instruction	x\n, (8 * \n)(tp)
	.endr
	.endm

	.section .text.start, "ax"
	.globl	_start
_start:
	csrw	mie, zero
	li	t0, HARTS_MAX
1:	bgeu	a0, t0, 1b
	la	sp, stacks
	li	t1, STACK_SIZE
	addi	t0, a0, 1
	mul	t0, t0, t1
	add	sp, sp, t0
	call	enter			/* a0: struct hart */
	mv	tp, a0
	j	leave

	.balign	4
	.globl	trap_entry
trap_entry:
	csrrw	tp, mscratch, tp
	each_register sd
	csrr	t0, mscratch
	sd	t0, (8 * 4)(tp)
	ld	sp, HART_STACK(tp)
	mv	a0, tp
	call	trap
leave:
	csrw	mscratch, tp
	each_register ld
	ld	tp, (8 * 4)(tp)
	mret

	.section .bss
	.balign	16
	.globl	stacks
stacks:
	.zero	HARTS_MAX * STACK_SIZE
