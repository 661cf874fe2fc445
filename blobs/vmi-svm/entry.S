/* SPDX-License-Identifier: BSD-2-Clause */
/* entry.S - the head of the hypervisor's image, and the loop that runs the guest. post.S knows the first offsets. */
#define VMRUN .byte 0x0f, 0x01, 0xd8

	.section .text.head, "ax"
	.globl	boot_parameters
boot_parameters:
	.skip	0x30
table:					/* 30h; the base is filled in */
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
table_register:				/* 48h */
	.word	. - table - 1
	.long	table
	.org	0x50
	.globl	entry
entry:					/* 50h: protected mode, no paging, interrupts off */
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$stack_top, %esp
	call	boot
	movl	%eax, vmcb_address

run:
	movl	registers, %ebx
	movl	registers + 4, %ecx
	movl	registers + 8, %edx
	movl	registers + 12, %esi
	movl	registers + 16, %edi
	movl	registers + 20, %ebp
	movl	vmcb_address, %eax
	VMRUN
	movl	%ebx, registers
	movl	%ecx, registers + 4
	movl	%edx, registers + 8
	movl	%esi, registers + 12
	movl	%edi, registers + 16
	movl	%ebp, registers + 20
	cld
	call	on_exit
	jmp	run

	.bss
vmcb_address:
	.long	0
	.balign	16
	.skip	4096
stack_top:
