/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate.S - one call with every register under control.
 *
 * gate_enter (a0: frame, a1: the hart's copy of a gate, a2: inputs, a3: seed, a4: where the registers go) gives x10..x17 their
 * inputs and every other register its canary, and jumps to the gate, which makes the call and falls into `take`: all registers go
 * where they should, and gate_enter returns the outcome in a0 and what sscratch held in a1. No other register but sp survives. A
 * trap during the call enters the hart's trap vector, another `take`.
 */
#include "frame.h"

	.option norelax

/* t0 (x5) and t1 (x6) are the scratch registers in what follows: they are loaded and stored apart from the rest. */

/*
 * Frees t0 and t1 without losing a bit, then goes on with t0 = frame. sscratch takes t0; what sscratch held is compared with what
 * it should hold in t0 itself. Only when it differs is another register needed to keep the difference: stval.
 */
	.macro	take hart, next
	csrrw	t0, sscratch, t0
	xori	t0, t0, SCRATCH_KNOWN
	bnez	t0, 1f
	la	t0, frames + \hart * FRAME_SIZE
	sd	t1, FRAME_T1(t0)
	j	\next
1:	csrw	stval, t0
	la	t0, frames + \hart * FRAME_SIZE
	sd	t1, FRAME_T1(t0)
	csrr	t1, stval
	sd	t1, FRAME_SCRATCH(t0)
	j	\next
	.endm

	.macro	gate number, hart, instruction:vararg
	.balign	8
gate_\number\()_\hart:
	addi	t1, t0, CANARY_STEP
	.globl	wire_gate_\number\()_\hart
wire_gate_\number\()_\hart:
	\instruction
	.globl	wire_back_\number\()_\hart
wire_back_\number\()_\hart:
	take	\hart, returned
	.endm

	.text
	.irp	hart, 0, 1, 2, 3, 4, 5, 6, 7
	gate	0, \hart, csrr zero, CSR_HVIP
	gate	1, \hart, ecall
	.balign	4
trap_\hart:
	take	\hart, trapped
	.endr

	.globl	gate_enter
gate_enter:
	sd	a4, FRAME_OUT(a0)
	sd	ra, FRAME_RA(a0)
	sd	sp, FRAME_SP(a0)
	mv	t0, a2
	mv	t1, a1
	.irp	n, 1, 2, 3, 4, 7, 8, 9
	addi	x\n, a3, CANARY_STEP * \n
	.endr
	.irp	n, 18, 19
	addi	x\n, x9, CANARY_STEP * (\n - 9)
	.endr
	.irp	n, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	addi	x\n, x19, CANARY_STEP * (\n - 19)
	.endr
	addi	x31, x30, CANARY_STEP
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	ld	a\n, (8 * \n)(t0)
	.endr
	addi	t0, x4, CANARY_STEP
	jr	t1

	.globl	wire_stop
wire_stop:
	ret

/* t0: frame, t1: where the registers go. */
	.macro	leave outcome
	.irp	n, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, (8 * \n)(t1)
	.endr
	ld	a2, FRAME_T1(t0)
	ld	a1, FRAME_SCRATCH(t0)
	sd	a2, (8 * 6)(t1)
	xori	a1, a1, SCRATCH_KNOWN
	csrrw	a2, sscratch, a1
	sd	a2, (8 * 5)(t1)
	ld	ra, FRAME_RA(t0)
	ld	sp, FRAME_SP(t0)
	sd	zero, FRAME_OUT(t0)
	sd	zero, FRAME_SCRATCH(t0)
	li	a0, \outcome
	ret
	.endm

returned:
	ld	t1, FRAME_OUT(t0)
	leave	2
trapped:
	ld	t1, FRAME_OUT(t0)
	beqz	t1, stray
	leave	3

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
