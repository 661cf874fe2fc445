/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_rom.S - an option ROM whose calls do one thing each, right or wrong, for test_i386.c to see that it is seen. A call lies at
 * 40h times its number; the length and the checksum are the test's to fill in.
 */
#include "guest/test_rom.h"

	.macro	call number
	.org	CALL_BYTES * \number
	.endm

	.code32
	.text
	.globl	_start
_start:
	.word	0xaa55
	.byte	0
	lret
	.org	8
	.ascii	"assay's test"

	call	NOTHING
	ret

	call	EVERY_REGISTER
	movl	$0x11111111, %eax
	movl	$0x22222222, %ecx
	movl	$0x33333333, %edx
	movl	$0x44444444, %ebx
	movl	$0x55555555, %ebp
	movl	$0x66666666, %esi
	movl	$0x77777777, %edi
	ret

	call	STACK_WORDS
	movl	4(%esp), %eax
	movl	8(%esp), %ecx
	movl	12(%esp), %edx
	ret

	call	NO_SEGMENTS
	pushl	$0
	popl	%ds
	pushl	$0
	popl	%es
	pushl	$0
	popl	%fs
	pushl	$0
	popl	%gs
	ret

	call	FLAGS
	std
	sti
	ret

	call	BEHIND_ARGUMENTS
	movl	$1, 16(%esp)
	movl	$2, 20(%esp)
	ret

	call	UNDEFINED
	movl	$0x12345678, %ebx
	ud2

	call	NO_MEMORY
	movl	0xdeadb000, %eax
	ret

	call	NO_STACK
	movl	$0x77777777, %esi
	movl	$0xdeadb000, %esp
	pushl	%eax
	ret

	call	STACK_OFF
	ret	$4

	call	TASK_SWITCHED
	movl	%cr0, %eax
	orl	$8, %eax
	movl	%eax, %cr0
	ret

	call	INTERRUPT_RETURN
	iret

	call	SYSTEM_EXIT
	sti
	sysexit

	call	TRIPLE_FAULT
	subl	$8, %esp
	movl	$0, (%esp)
	movl	$0, 4(%esp)
	lidt	(%esp)
	ud2

	call	HALT
	sti
	hlt
	ret

	call	HALT_FOR_GOOD
	cli
	hlt
	ret

	call	ROUND
	jmp	.

	call	RESET
	movb	$0xfe, %al
	outb	%al, $0x64
1:	jmp	1b

	/* the power management function of the PIIX4, where SeaBIOS has put it: S5 */
	call	POWER_OFF
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
1:	jmp	1b

	call	NO_TABLES
	subl	$8, %esp
	movl	$0, (%esp)
	movl	$0, 4(%esp)
	lidt	(%esp)
	addl	$8, %esp
	ret

	/* Another CPU: INIT, and STARTUP where `other` has been copied to. */
	call	START_OTHER
	pushl	%esi
	pushl	%edi
	calll	1f
1:	popl	%esi
	addl	$other - 1b, %esi
	movl	$OTHER_AT, %edi
	movl	$other_end - other, %ecx
	cld
	rep movsb
	popl	%edi
	popl	%esi
	movl	$0x01000000, 0xfee00310
	movl	$0x4500, 0xfee00300
	movl	$0x4600 | OTHER_AT / 4096, 0xfee00300
	ret

	.code16
other:	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	other_gdtr - other
	movl	$0x104000, %eax
	movl	%eax, %cr3
	movl	$0x80010031, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $OTHER_AT + other_flat - other
	.code32
other_flat:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %es
	movl	%eax, %fs
	movl	$0x23, %eax
	movl	%eax, %gs
	movl	$0x11111111, %eax
	movl	$0x22222222, %ecx
	movl	$0x33333333, %edx
	movl	$0x44444444, %ebx
	movl	$0xdeadb000, %esp
	movl	$0x55555555, %ebp
	movl	$0x66666666, %esi
	movl	$0x77777777, %edi
	stc
	std
	ljmp	$0x08, $0x105000
other_gdtr:
	.word	0x3f
	.long	0x103000
other_end:

	/* The timer of the local APIC, in 20 us, by the vector that EAX has. */
	call	ALARM
	movl	$0xb, 0xfee003e0
	movl	%eax, 0xfee00320
	movl	$20000, 0xfee00380
	ret

	.org	ROM_BYTES
