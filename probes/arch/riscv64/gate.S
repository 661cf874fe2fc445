/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate.S - one call with every register under control.
 *
 * enum wire_outcome gate_enter(struct frame *frame, const void *gate) loads x1..x31 from frame->in and jumps to the hart's copy
 * of a gate, which makes the call and falls into `take`: all registers go to *frame->out, and gate_enter returns. A trap during
 * the call enters the hart's trap vector, another `take`.
 */
#include "frame.h"

	.option norelax

/* t0 (x5) and t1 (x6) are the scratch registers in what follows: they are loaded and stored apart from the rest. */
	.macro	each_register instruction, base
	.irp	n, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\instruction	x\n, (8 * \n)(\base)
	.endr
	.endm

/*
 * Frees t0 and t1 without losing a bit, then goes on with t0 = frame, t1 = kind. sscratch takes t0; what sscratch held is
 * compared with what it should hold in t0 itself. Only when it differs is another register needed to keep the difference: stval.
 */
	.macro	take hart, kind
	csrrw	t0, sscratch, t0
	xori	t0, t0, SCRATCH_KNOWN
	bnez	t0, 1f
	la	t0, frames + \hart * FRAME_SIZE
	sd	t1, FRAME_T1(t0)
	li	t1, \kind
	j	gate_leave
1:	csrw	stval, t0
	la	t0, frames + \hart * FRAME_SIZE
	sd	t1, FRAME_T1(t0)
	csrr	t1, stval
	sd	t1, FRAME_SCRATCH(t0)
	li	t1, \kind
	j	gate_leave
	.endm

	.macro	gate number, hart, instruction:vararg
	.balign	8
gate_\number\()_\hart:
	ld	t1, (8 * 6)(t0)
	ld	t0, (8 * 5)(t0)
	.globl	wire_gate_\number\()_\hart
wire_gate_\number\()_\hart:
	\instruction
	take	\hart, 2
	.endm

	.text
	.irp	hart, 0, 1, 2, 3, 4, 5, 6, 7
	gate	0, \hart, csrr zero, CSR_HVIP
	gate	1, \hart, ecall
	.balign	4
trap_\hart:
	take	\hart, 3
	.endr

	.globl	gate_enter
gate_enter:
	sd	ra, (FRAME_KEPT + 8 * 0)(a0)
	sd	sp, (FRAME_KEPT + 8 * 1)(a0)
	sd	gp, (FRAME_KEPT + 8 * 2)(a0)
	sd	tp, (FRAME_KEPT + 8 * 3)(a0)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, (FRAME_KEPT + 8 * (4 + \n))(a0)
	.endr
	sd	zero, FRAME_SCRATCH(a0)
	li	t1, 1
	sd	t1, FRAME_ACTIVE(a0)
	mv	t0, a0
	mv	t1, a1
	each_register ld, t0
	jr	t1

gate_leave:
	sd	t1, FRAME_KIND(t0)
	ld	t1, FRAME_ACTIVE(t0)
	beqz	t1, stray
	sd	zero, FRAME_ACTIVE(t0)
	ld	t1, FRAME_OUT(t0)
	each_register sd, t1
	ld	ra, FRAME_T1(t0)
	sd	ra, (8 * 6)(t1)
	ld	sp, FRAME_SCRATCH(t0)
	xori	sp, sp, SCRATCH_KNOWN
	csrrw	sp, sscratch, sp
	sd	sp, (8 * 5)(t1)
	ld	ra, (FRAME_KEPT + 8 * 0)(t0)
	ld	sp, (FRAME_KEPT + 8 * 1)(t0)
	ld	gp, (FRAME_KEPT + 8 * 2)(t0)
	ld	tp, (FRAME_KEPT + 8 * 3)(t0)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, (FRAME_KEPT + 8 * (4 + \n))(t0)
	.endr
	ld	a0, FRAME_KIND(t0)
	ret

/* A trap outside a call. Nobody else needs a stack any more. */
stray:
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	la	sp, stray_stack + 1024
	j	loop_stray

	.section .rodata
	.balign	8
	.globl	gate_table
gate_table:
	.irp	number, 0, 1
	.irp	hart, 0, 1, 2, 3, 4, 5, 6, 7
	.dword	gate_\number\()_\hart
	.endr
	.endr
	.globl	trap_table
trap_table:
	.irp	hart, 0, 1, 2, 3, 4, 5, 6, 7
	.dword	trap_\hart
	.endr

	.data
	.balign	16
stray_stack:
	.zero	1024
