/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * other.S - where a CPU comes in that calls have started. All that it finds is evidence: it has no register to lose and a stack that
 * need not be one, and of the tables there are only pages are relied on, and CS and SS. It goes into the kernel with nothing that the
 * boot CPU uses while it makes calls.
 *
 * One CPU at a time: who comes while another one is being recorded gets that one's stack pointer.
 */
#include "frame.h"

	.section .fixed.start, "ax"
	.globl	wire_pad_start
wire_pad_start:
	xchgl	%esp, %ss:other_esp /* changes no flag */
	pushfl
	cli
	cld
	pushal
	pushl	%cs
	pushl	%ss
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	subl	$16, %esp
	sgdtl	%ss:(%esp)
	sidtl	%ss:8(%esp)
	lgdtl	%cs:probe_gdtr
	call	arch_load_segments
	movl	%esp, %eax
	pushl	other_esp
	pushl	%eax
	call	arch_started
	movl	$other_stack_top, other_esp
1:	hlt
	jmp	1b

	.data
	.balign	16
other_stack:
	.zero	2048
other_stack_top:
other_esp:
	.long	other_stack_top
probe_gdtr:
	.word	8 * GDT_ENTRIES - 1
	.long	descriptor_table
