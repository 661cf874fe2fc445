/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - a multiboot kernel that lives at C0000000h, so that linear is not physical, as in the guests of VMI. It can call the ROM and
 * take exceptions.
 */
#ifdef PAE
#define PAGING 0x20
#else
#define PAGING 0x10			/* PSE */
#endif
#define HIGH 0xc0000000
#define CALL_EAX 0			/* struct call in kernel.h */
#define CALL_ECX 4
#define CALL_EDX 8
#define CALL_EBX 12
#define CALL_ESI 16
#define CALL_EDI 20
#define CALL_EBP 24
#define CALL_FLAGS 28
#define CALL_STACK 32
#define CALL_TARGET 40
#define CALL_VECTOR 44
#define CALL_EIP 48
#define CALL_ERROR 52

	.section .text.start, "ax"
	.long	0x1badb002, 0, -0x1badb002
	.globl	_start
_start:
	cli
	movl	$directory - HIGH, %eax
	movl	%eax, %cr3
	movl	$PAGING, %eax
	movl	%eax, %cr4
	movl	$0x80010031, %eax
	movl	%eax, %cr0
	movl	$high, %eax
	jmp	*%eax

	.text
high:
	lgdt	gdt_register
	ljmp	$8, $1f
1:	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$stack, %esp
	call	kernel_main
0:	hlt
	jmp	0b

/* void gate(struct call *): loads all, calls, stores all. An exception comes back the same way. */
	.globl	gate
gate:
	pushal
	movl	36(%esp), %ebp
	movl	%ebp, current
	movl	%esp, stack_of_gate
	movl	$-1, CALL_VECTOR(%ebp)
	pushl	CALL_STACK + 4(%ebp)
	pushl	CALL_STACK(%ebp)
	pushl	CALL_FLAGS(%ebp)
	movl	CALL_EAX(%ebp), %eax
	movl	CALL_ECX(%ebp), %ecx
	movl	CALL_EDX(%ebp), %edx
	movl	CALL_EBX(%ebp), %ebx
	movl	CALL_ESI(%ebp), %esi
	movl	CALL_EDI(%ebp), %edi
	popfl
	call	*CALL_TARGET(%ebp)
	.globl	back
back:
	pushfl
	pushl	%ebp
	movl	current, %ebp
	popl	CALL_EBP(%ebp)
	popl	CALL_FLAGS(%ebp)
	movl	%eax, CALL_EAX(%ebp)
	movl	%ecx, CALL_ECX(%ebp)
	movl	%edx, CALL_EDX(%ebp)
	movl	%ebx, CALL_EBX(%ebp)
	movl	%esi, CALL_ESI(%ebp)
	movl	%edi, CALL_EDI(%ebp)
	movl	stack_of_gate, %esp
	cli
	cld
	popal
	ret

	.macro	exception number, code
	.balign	16
	.if	\code == 0
	pushl	$0
	.endif
	pushl	$\number
	jmp	excepted
	.endm
	.balign	16
	.globl	exceptions
exceptions:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	exception \number, 0
	.endr
	exception 8, 1
	exception 9, 0
	.irp	number, 10, 11, 12, 13, 14
	exception \number, 1
	.endr
excepted:				/* vector, error, EIP, CS, flags */
	pushl	%eax
	movl	current, %eax
	popl	CALL_EAX(%eax)
	popl	CALL_VECTOR(%eax)
	popl	CALL_ERROR(%eax)
	popl	CALL_EIP(%eax)
	addl	$4, %esp
	popfl
	movl	CALL_EAX(%eax), %eax
	jmp	back

/* Instructions whose privilege is in question, to be called through the gate. EAX: where to store, or what to load. */
	.globl	native_set_cr0, native_set_cr4, native_sgdt, native_sidt, native_str, native_lgdt, native_vmmcall, native_rdmsr, native_load
native_set_cr0:
	movl	%eax, %cr0
	movl	%cr0, %eax
	ret
native_set_cr4:
	movl	%eax, %cr4
	movl	%cr4, %eax
	ret
native_sgdt:
	sgdt	(%eax)
	ret
native_sidt:
	sidt	(%eax)
	ret
native_str:
	str	%eax
	ret
native_lgdt:
	lgdt	(%eax)
	ret
native_vmmcall:
	.byte	0x0f, 0x01, 0xd9
	ret
native_rdmsr:
	rdmsr
	ret
native_load:
	movl	(%eax), %eax
	ret
	.globl	rom_iret
rom_iret:				/* EDX: the ROM's. Comes back here with the flags in the frame */
	pushl	$0x202
	pushl	$8
	pushl	$0f
	jmp	*%edx
0:	ret

	.data
	.balign	4096
	.globl	directory, low_directory
directory:				/* the first 4 MiB where they are and at C0000000h, and the APIC's */
#ifdef PAE
	.long	low_directory - HIGH + 1, 0, 0, 0, 0, 0, high_directory - HIGH + 1, 0
	.balign	4096
low_directory:
	.quad	0x000000e3, 0x002000e3
	.fill	510, 8, 0
high_directory:
	.quad	0x000000e3, 0x002000e3
	.fill	501, 8, 0
	.quad	0xfee000f3
	.fill	8, 8, 0
#else
low_directory:
	.long	0x000000e3
	.fill	767, 4, 0
	.long	0x000000e3
	.fill	250, 4, 0
	.long	0xfec000f3
	.fill	4, 4, 0
#endif
	.globl	gdt
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00cffb000000ffff
	.quad	0x00cff3000000ffff
	.quad	0			/* 28h: TSS */
	.quad	0			/* 30h: another */
	.quad	0			/* 38h: LDT */
gdt_end:
gdt_register:
	.word	gdt_end - gdt - 1
	.long	gdt

	.bss
	.balign	16
current:
	.skip	4
stack_of_gate:
	.skip	4
	.skip	8192
stack:
