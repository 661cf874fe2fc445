/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * post.S - what the BIOS calls once, in real mode, while the ROM can still be written. It sets memory aside at the end of the first 640 KiB, brings
 * the hypervisor there and goes on as its guest: the BIOS, and what it boots, run in a virtual machine from here on. Without SVM nothing is done.
 */
#define MEMORY_KIB %es:0x13		/* in the BIOS data area, segment 40h */
#define SVM	   (1 << 2)

	.code16
	.section .text.post, "ax"
	.globl	post
post:
	pushal
	pushw	%ds
	pushw	%es
	pushfl
	cli
	cld
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	out
	movl	$0x80000001, %eax
	cpuid
	testl	$SVM, %ecx
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
	movw	%ax, %ds
	movw	$image, %si
	xorw	%di, %di
	movw	$IMAGE / 4, %cx
	rep movsl
	movw	$(MEMORY - IMAGE) / 4, %cx
	xorl	%eax, %eax
	rep stosl

	sgdtl	%es:0			/* struct boot */
	sidtl	%es:6
	movw	%cs, %es:12
	movw	%ss, %es:14
	movw	$resume, %es:16
	movzbw	rom + 2, %ax
	movw	%ax, %es:18
	movl	%esp, %es:20
	xorl	%ebx, %ebx
	movw	%es, %bx
	shll	$4, %ebx
	movl	%ebx, %es:24
	orl	%ebx, %es:0x3a		/* bases of the two segments; below 1 MiB, so 24 bits are there */
	orl	%ebx, %es:0x42
	addl	%ebx, %es:0x4a
	lgdtl	%es:0x48
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $0x50

resume:					/* as a guest */
	incb	%cs:ready
	decb	%cs:balance
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
