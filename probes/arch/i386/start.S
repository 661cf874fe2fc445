/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - where the CPU comes in: the entry, in the state that the Multiboot Specification 0.6.96, 3.2 describes, and the pad.
 */
#include "frame.h"

#define MULTIBOOT_MAGIC 0x1badb002

	.section .multiboot, "a"
	.balign	4
	.long	MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.globl	_start
_start:
	movl	%eax, frame + 4 * 0
	movl	%ecx, frame + 4 * 1
	movl	%edx, frame + 4 * 2
	movl	%ebx, frame + 4 * 3
	movl	%esp, frame + 4 * 4
	movl	%ebp, frame + 4 * 5
	movl	%esi, frame + 4 * 6
	movl	%edi, frame + 4 * 7
	movl	$stack_top, %esp
	pushfl
	popl	frame + FRAME_EFLAGS
	cld
	call	arch_start

/* void arch_load_segments(void): all of them flat, after a table has been loaded. */
	.globl	arch_load_segments
arch_load_segments:
	movl	$KERNEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	ljmp	$KERNEL_CODE, $1f
1:	ret

/*
 * Who comes in here may be in user mode and has no register to lose, nor a stack that can be relied on. The interrupt gets it back
 * into the kernel with all of them.
 */
	.balign	16
	.globl	wire_pad_park
wire_pad_park:
	int	$LANDING
1:	jmp	1b

/* _Noreturn void arch_run(void): goes on where nothing is left to come back to. */
	.globl	arch_run
arch_run:
	movl	$stack_top, %esp
	xorl	%eax, %eax
	pushl	%eax
	call	loop_run

	.data
	.balign	16
stack:
	.zero	8192
stack_top:
	.globl	fault_stack_top
fault_stack:
	.zero	2048
fault_stack_top:
	.globl	trap_stack_top
	.zero	2048
trap_stack_top:
