/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rom.S - the ROM of ABI 3.0: header, GetRelocationInfo, and each call as the guest enters it. What takes privilege is VMMCALL with the number of
 * the call behind it (calls.c); ports, halting and the two ways out of the kernel are the processor's own.
 */
#define VMRUN	.byte 0x0f, 0x01, 0xd8
#define VMMCALL .byte 0x0f, 0x01, 0xd9
#define INIT	0x80			/* calls.c */
#define STATISTICS 0x81

#define CPUID_SVM   (1 << 2)
#define EFER	    0xc0000080
#define EFER_SVME   (1 << 12)
#define VM_HSAVE_PA 0xc0010117

	.code32
	.section .text.rom, "ax"
	.globl	rom, memory, balance
rom:
	.word	0xaa55
	.byte	BLOCKS			/* of 512 bytes */
	.code16
	jmp	post
	.code32
	.org	8
	.ascii	"cVmi"
	.byte	0, 3			/* API 3.0 */
	.byte	2			/* jump points */
	.byte	0
	.long	0xfc000000		/* the topmost 64 MiB are not the guest's */
	.word	0
	.word	licence - rom
	.word	pci - rom
	.word	pnp - rom
	.org	0x80
	jmp	init
	.org	0x88
	jmp	relocation
	.org	0x90
pci:
	.ascii	"PCIR"
	.word	0x15ad, 0x0801, 0, 24	/* VMware's memory controller */
	.byte	0, 0, 0, 5
	.word	BLOCKS, 0
	.byte	0, 0x80			/* PC, last image */
	.word	0
	.balign	16			/* the BIOS looks at multiples of 16 */
pnp:
	.ascii	"$PnP"
	.byte	1, 2
	.word	0
	.byte	0, 0
	.long	0
	.word	manufacturer - rom, product - rom
	.byte	5, 0, 0, 0		/* a memory controller */
	.word	0, 0, 0, 0, 0
manufacturer:
	.asciz	"assay"
product:
	.asciz	"VMI by SVM"
licence:
	.asciz	"BSD-2-Clause"
	.balign	4
memory:					/* the hypervisor's, set by post.S; 0: without SVM there is no interface */
	.long	0
balance:				/* what the checksum needs, so that it stays right */
	.byte	0

/*
 * Makes the machine our guest, unless it is: then the hypervisor hides SVM from it. Keeps all registers. VMRUN does not end here but in the
 * hypervisor, which goes on here with the guest (world.c).
 */
	.balign	4
enter:
	pushal
	pushfl
	movl	$0x80000001, %eax
	cpuid
	testl	$CPUID_SVM, %ecx
	jz	1f
	call	0f
0:	popl	%ebx
	movl	memory - 0b(%ebx), %ebx
	movl	$EFER, %ecx
	rdmsr
	orl	$EFER_SVME, %eax
	wrmsr
	movl	$VM_HSAVE_PA, %ecx
	leal	HOST_STATE(%ebx), %eax
	xorl	%edx, %edx
	wrmsr
	leal	LOADER(%ebx), %eax
	VMRUN
1:	popfl
	popal
	ret

init:
	call	0f
0:	popl	%eax
	cmpl	$0, memory - 0b(%eax)
	je	1f
	call	enter
	VMMCALL
	.byte	INIT
	ret
1:	movl	$-1, %eax
	ret

/* EAX: the number; EAX: the address, EDX: the kind. Who asks is about to call, so that there has to be somebody who answers. */
relocation:
	movl	%eax, %ecx
	call	0f
0:	popl	%edx
	subl	$0b - rom, %edx
	cmpl	$0, memory - rom(%edx)
	je	absent
	call	enter
	cmpl	$(targets_end - targets) / 2, %ecx
	jae	absent
	movzwl	targets - rom(%edx, %ecx, 2), %eax
	testl	%eax, %eax
	jz	absent
	addl	%edx, %eax
	movl	$1, %edx		/* CALL_REL */
	subl	$33, %ecx		/* IRET and SYSEXIT do not come back */
	cmpl	$1, %ecx
	ja	1f
	incl	%edx			/* JUMP_REL */
1:	ret
absent:
	xorl	%eax, %eax
	xorl	%edx, %edx
	ret

	.macro	hypercall number
call_\number:
	VMMCALL
	.byte	\number
	ret
	.endm
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, \
		36, 38, 39, 40, 41, 44, 45, 46, 47, 48, 61, 62, 63, 64, 65, 73
	hypercall \number
	.endr
	hypercall STATISTICS

call_33:				/* the hypervisor puts today's I/O level into the frame */
	VMMCALL
	.byte	33
	iret
call_34:
	sti
	sysexit
call_35:
	sti
	hlt
	ret
call_37:
	VMMCALL
	.byte	37
0:	hlt
	jmp	0b
call_49:
	inl	%dx, %eax
	ret
call_50:
	inb	%dx, %al
	ret
call_51:
	inw	%dx, %ax
	ret
call_52:
	rep insl
	ret
call_53:
	rep insb
	ret
call_54:
	rep insw
	ret
call_55:
	outl	%eax, %dx
	ret
call_56:
	outb	%al, %dx
	ret
call_57:
	outw	%ax, %dx
	ret
call_58:
	rep outsl
	ret
call_59:
	rep outsb
	ret
call_60:
	rep outsw
	ret

	.set	call_42, rom		/* without a meaning */
	.set	call_43, rom
	.set	call_66, rom		/* no clock of its own */
	.set	call_67, rom
	.set	call_68, rom
	.set	call_69, rom
	.set	call_70, rom
	.set	call_71, rom
	.set	call_72, rom
	.balign	2
targets:				/* offsets by number, 0: kind NONE */
	.irp	tens, 0, 1, 2, 3, 4, 5, 6
	.irp	ones, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	.ifeq	\tens
	.word	call_\ones - rom
	.else
	.word	call_\tens\ones - rom
	.endif
	.endr
	.endr
	.word	call_70 - rom, call_71 - rom, call_72 - rom, call_73 - rom
targets_end:
