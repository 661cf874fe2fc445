/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As little of a firmware for QEMU's virt board as brings the probe up, and one way to go wrong: -DEND=n says how, -DAT_BOOT that it
 * does so at once instead of in sbi.base.get_impl_id. It has the Base extension alone, and of that what a survey asks for.
 */
#define HANG	   1 /* spins */
#define SLEEP	   2 /* every CPU waits for an interrupt that nobody sends */
#define TRAPS	   3 /* the trap handler's first instruction is none */
#define NOWHERE	   4 /* goes where no memory is, and so do its traps */
#define RESET	   5
#define OFF	   6
#define FLOOD	   7 /* writes to the console for ever */

#define UART	   0x10000000
#define FINISHER   0x100000
#define FINISH	   (0x5555 + (END - OFF) * -0x2222) /* 0x5555 switches off, 0x7777 resets */
#define NEXT	   16 /* of the structure in a2: where to go on */
#define DELEGATED  0xb1ff /* every exception but calls from supervisor mode */

	.option norelax
	.section .text.start, "ax"
	.globl	_start
_start:
	csrw	mie, zero
	bnez	a0, sleep
#ifdef AT_BOOT
	j	end
#endif
	la	t0, trap
	csrw	mtvec, t0
	li	t0, -1
	csrw	pmpaddr0, t0
	li	t0, 0x1f
	csrw	pmpcfg0, t0
	li	t0, DELEGATED
	csrw	medeleg, t0
	li	t0, 0x222
	csrw	mideleg, t0
	li	t0, 7
	csrw	mcounteren, t0
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11
	csrs	mstatus, t0
	ld	t0, NEXT(a2)
	csrw	mepc, t0
	mret

	.balign	4
trap:
	csrw	mscratch, t0
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	li	t0, 0x10
	bne	a7, t0, unknown
	beqz	a6, version
	li	t0, 1
	beq	a6, t0, end
	li	t0, 3
	bne	a6, t0, unknown
	addi	a1, a0, -0x10		/* probe_extension: Base alone */
	seqz	a1, a1
	li	a0, 0
	j	back
version:
	li	a0, 0
	li	a1, 3 << 24
	j	back
unknown:
	li	a0, -2
	li	a1, 0
back:
	csrr	t0, mscratch
	mret

sleep:
	wfi
	j	sleep

	.balign	4
end:
#if END == HANG
	j	end
#elif END == SLEEP
	j	sleep
#elif END == TRAPS
	la	t0, 1f
	csrw	mtvec, t0
	.balign	4
1:	.4byte	0
#elif END == NOWHERE
	li	t0, 0x40000000
	csrw	mtvec, t0
	jr	t0
#elif END == RESET || END == OFF
	li	t0, FINISHER
	li	t1, FINISH
	sw	t1, 0(t0)
	j	sleep
#elif END == FLOOD
	li	t0, UART
	li	t1, 'x'
1:	sb	t1, 0(t0)
	j	1b
#endif
