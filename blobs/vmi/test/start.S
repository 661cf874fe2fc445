/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - a multiboot kernel that calls the ROM as a guest does: flat segments, paging, interrupts off. Memory is mapped twice, where it
 * is and from C0000000h on, so that the ROM can be called at an address that is not its physical one.
 */
	.section .multiboot, "a"
	.balign	4
	.long	0x1badb002, 0, -0x1badb002

	.section .data
	.balign	8
	.globl	gdt, gdt_end
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* 08h kernel code */
	.quad	0x00cf93000000ffff	/* 10h kernel data */
	.quad	0x00cffb000000ffff	/* 18h user code */
	.quad	0x00cff3000000ffff	/* 20h user data */
	.quad	0			/* 28h task state, made in C */
	.quad	0			/* 30h a spare one */
	.quad	0x000082000000ffff	/* 38h a local table */
gdt_end:
gdtr:	.word	gdt_end - gdt - 1
	.long	gdt
	.balign	4096
directory:				/* pages of 4 MiB */
	.macro	pages from, count, first
	.set	page, \first
	.rept	\count
	.long	page * 0x400000 + 0x87
	.set	page, page + 1
	.endr
	.endm
	pages	0, 768, 0
	pages	768, 64, 0
	pages	832, 192, 832
	.globl	directory
	.bss
	.balign	16
	.skip	16384
stack:

	.text
	.globl	_start
_start:
	cli
	cld
	mov	$stack, %esp
	lgdt	gdtr
	ljmp	$8, $1f
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%cr4, %eax
	or	$0x10, %eax
	mov	%eax, %cr4
	mov	$directory, %eax
	mov	%eax, %cr3
	mov	$0x80010031, %eax
	mov	%eax, %cr0
	call	kernel
1:	cli
	hlt
	jmp	1b

/*
 * void gate(struct call *): loads the registers, calls or jumps, stores them. A trap, and code that is entered at `pad`, come back here,
 * too. Offsets are those of struct call.
 */
	.globl	gate
gate:
	pushal
	mov	36(%esp), %eax
	mov	%eax, current
	mov	%esp, kept
	pushl	56(%eax)		/* words of the stack, from the last */
	pushl	52(%eax)
	pushl	48(%eax)
	pushl	44(%eax)
	pushl	40(%eax)
	mov	%esp, 76(%eax)
	mov	4(%eax), %ebx
	mov	8(%eax), %ecx
	mov	12(%eax), %edx
	mov	16(%eax), %esi
	mov	20(%eax), %edi
	mov	24(%eax), %ebp
	cmpl	$2, 36(%eax)
	pushl	28(%eax)		/* the flags, which popf takes */
	pushl	32(%eax)
	pop	target
	mov	(%eax), %eax
	je	1f
	popf
	call	*target
	.globl	back
back:	jmp	came_back
1:	popf
	jmp	*target

	.globl	pad
pad:
came_back:				/* registers to the call, whatever stack there is */
	pushf
	cli
	push	%eax
	mov	%ss:current, %eax
	pop	%ss:(%eax)
	pop	%ss:28(%eax)
	mov	%esp, %ss:60(%eax)
store:
	mov	%ebx, %ss:4(%eax)
	mov	%ecx, %ss:8(%eax)
	mov	%edx, %ss:12(%eax)
	mov	%esi, %ss:16(%eax)
	mov	%edi, %ss:20(%eax)
	mov	%ebp, %ss:24(%eax)
	mov	kept, %esp
	mov	$0x10, %ebx
	mov	%ebx, %ds
	mov	%ebx, %es
	cld
	popal
	ret

/* Traps: vector and address to the call, which is over. From user mode, too: the stack is that of the task state. */
.macro trap vector, code=0
	.globl	trap_\vector
trap_\vector:
	.if	\code == 0
	push	$0
	.endif
	push	%eax
	mov	current, %eax
	movl	$\vector, 64(%eax)
	jmp	trapped
.endm
	trap	1
	trap	3
	trap	6
	trap	8, 1
	trap	10, 1
	trap	11, 1
	trap	12, 1
	trap	13, 1
	trap	14, 1
trapped:				/* EAX, error code, EIP, CS, flags */
	pop	%ss:(%eax)
	push	%ecx
	mov	8(%esp), %ecx
	mov	%ecx, 68(%eax)
	mov	12(%esp), %ecx
	mov	%ecx, 72(%eax)
	mov	16(%esp), %ecx
	mov	%ecx, 28(%eax)
	mov	20(%esp), %ecx		/* of user mode */
	mov	%ecx, 60(%eax)
	pop	%ecx
	jmp	store

	.globl	user_pad
user_pad:
	int3

	.globl	irq0
irq0:	push	%eax
	incl	ticks
	mov	$0x20, %al
	out	%al, $0x20
	pop	%eax
	iret

	.data
	.globl	ticks
current: .long	0
kept:	.long	0
target:	.long	0
ticks:	.long	0

