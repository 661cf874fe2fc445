/* SPDX-License-Identifier: BSD-2-Clause */
/* entry.S - the head of the hypervisor's image, the way into it, and the loop that runs the guest. */
#define VMRUN	.byte 0x0f, 0x01, 0xd8
#define VMMCALL .byte 0x0f, 0x01, 0xd9

	.macro	store_registers
	movl	%ebx, registers
	movl	%ecx, registers + 4
	movl	%edx, registers + 8
	movl	%esi, registers + 12
	movl	%edi, registers + 16
	movl	%ebp, registers + 20
	.endm

	.section .text.head, "ax"
	.globl	boot_parameters
boot_parameters:			/* struct boot, filled in by post.S */
	.skip	12

/* In the machine that `loader` (world.c) describes, with the caller's registers. Where this ends it goes on at `run`, as the host. */
	.globl	load
load:
	store_registers
	call	adopt
	VMMCALL

	.globl	run
run:
	movl	registers, %ebx
	movl	registers + 4, %ecx
	movl	registers + 8, %edx
	movl	registers + 12, %esi
	movl	registers + 16, %edi
	movl	registers + 20, %ebp
	movl	boot_parameters, %eax
	addl	$guest, %eax
	VMRUN
	store_registers
	cld
	call	on_exit
	jmp	run

	.bss
	.balign	16
	.skip	4096
	.globl	stack_top
stack_top:
