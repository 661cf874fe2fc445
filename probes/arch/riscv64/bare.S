/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bare.S - nothing but calls: the yardstick for `./dev bench`. Makes CALLS calls of sbi.base.probe_extension in the tightest loop
 * there is, looks at nothing, and switches the machine off.
 */
	.text
	.globl	_start
_start:
	li	s1, CALLS
	beqz	s1, 2f
1:	li	a7, 0x10
	li	a6, 3
	li	a0, 0x54494D45
	ecall
	addi	s1, s1, -1
	bnez	s1, 1b
2:	li	a7, 0x53525354
	li	a6, 0
	li	a0, 0
	li	a1, 0
	ecall
3:	wfi
	j	3b
