/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * post.S - what the BIOS calls once, in real mode, while the ROM can still be written: memory is set aside at the end of the first 640 KiB, and the
 * hypervisor brought there. Without SVM nothing is done.
 */
#define MEMORY_KIB	%es:0x13	/* in the BIOS data area, segment 40h */
#define CPUID_SVM	(1 << 2)
#define LOADER_ES_BASE	LOADER + 0x408	/* struct vmcb; the next three segments follow at 10h */

	.code16
	.section .text.post, "ax"
	.globl	post
post:
	pushal
	pushw	%ds
	pushw	%es
	pushfl
	cld
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	out
	movl	$0x80000001, %eax
	cpuid
	testl	$CPUID_SVM, %ecx
	jz	out

	movw	$0x40, %ax
	movw	%ax, %es
	movw	MEMORY_KIB, %ax
	subw	$MEMORY / 1024, %ax
	andw	$~3, %ax		/* whole pages */
	movw	%ax, MEMORY_KIB
	shlw	$6, %ax
	movw	%ax, %es		/* es: the hypervisor's memory */
	movw	%cs, %ax
	movw	%ax, %ds		/* ds: the ROM */
	movw	$image, %si
	xorw	%di, %di
	movw	$IMAGE / 4, %cx
	rep movsl
	movw	$(MEMORY - IMAGE) / 4, %cx
	xorl	%eax, %eax
	rep stosl

	movw	%es, %ax
	shll	$4, %eax
	movl	%eax, %es:0		/* struct boot */
	movl	%eax, memory
	movl	%eax, %es:LOADER_ES_BASE
	movl	%eax, %es:LOADER_ES_BASE + 0x10
	movl	%eax, %es:LOADER_ES_BASE + 0x20
	movl	%eax, %es:LOADER_ES_BASE + 0x30
	subb	memory + 1, %al		/* 0, less all bytes of the address */
	subb	memory + 2, %al
	movb	%al, balance
	xorl	%eax, %eax
	movw	%ds, %ax
	shll	$4, %eax
	movl	%eax, %es:4
	movzbl	rom + 2, %eax
	shll	$9, %eax
	movl	%eax, %es:8
out:
	popfl
	popw	%es
	popw	%ds
	popal
	lretw

	.globl	image
	.balign	16
image:
	.incbin	"hypervisor.bin"
	.balign	4
