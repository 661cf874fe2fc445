/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * post.S - what the BIOS calls once, in real mode, while the ROM's own memory can still be written: it notes where the ROM lies, has the
 * BIOS set memory aside for good (POST memory manager specification), and measures the time stamp counter. All of it goes to
 * `variables`, and the checksum stays what it was.
 */
#include "rom.inc"

#define PMM_PERMANENT_CONVENTIONAL 13	/* on a multiple of its size */
#define TICKS			   11932 /* of the PIT, which are 10 ms */
#define TRIES			   3
#define PAUSE			   500 /* turns between two looks */

	.section .variables, "aw"
	.globl	variables
	.balign	4
variables:				/* struct variables of clock.c */
physical: .long	0
memory:	.long	0
hertz:	.quad	0
balance: .long	0
variables_end:

	.text
	.code16
	.globl	post
post:
	pushal
	push	%ds
	push	%es
	mov	%cs, %ax
	mov	%ax, %ds
	movzwl	%ax, %eax
	shl	$4, %eax
	mov	%eax, physical
	call	set_aside
	call	measure
	mov	$variables, %si		/* what was all zero: the checksum loses what it gained */
	xor	%al, %al
1:	sub	(%si), %al
	inc	%si
	cmp	$variables_end, %si
	jb	1b
	mov	%al, balance
	pop	%es
	pop	%ds
	popal
	lret

/* The memory manager's entry lies behind its signature, on a paragraph. No manager, no memory. */
set_aside:
	mov	$0xe000, %ax
1:	mov	%ax, %es
	cmpl	$0x4d4d5024, %es:0	/* $PMM */
	je	2f
	inc	%ax
	jnz	1b
	ret
2:	pushw	$PMM_PERMANENT_CONVENTIONAL
	pushl	$-1			/* no handle */
	pushl	$MEMORY_SIZE / 16
	pushw	$0			/* allocate */
	lcall	*%es:7
	add	$12, %sp
	shl	$16, %edx
	movzwl	%ax, %eax
	or	%edx, %eax
	jz	3f
	cmp	$-1, %eax
	je	3f
	mov	%eax, memory
	shr	$4, %eax
	mov	%ax, %es
	xor	%di, %di
	xor	%ax, %ax
	mov	$MEMORY_SIZE / 2, %cx
	cld
	rep stosw
	call	set_up_start
3:	ret

/* Megahertz: the fewest cycles in which 10 ms of channel 2 went by, for whatever comes in between makes them more. */
entry measure
	in	$0x61, %al
	mov	%al, %bl
	mov	$-1, %edi
	mov	$TRIES, %cx
1:	call	time_channel_2
	cmp	%edi, %eax
	jae	2f
	mov	%eax, %edi
2:	loop	1b
	mov	%bl, %al
	out	%al, $0x61
	lea	5000(%edi), %eax
	xor	%edx, %edx
	mov	$10000, %ecx
	div	%ecx
	mov	$1000000, %ecx
	mul	%ecx
	mov	%eax, hertz
	mov	%edx, hertz + 4
	ret

time_channel_2:
	mov	%bl, %al
	and	$~3, %al		/* stopped, and no sound */
	out	%al, $0x61
	mov	$0xb0, %al		/* channel 2, both bytes, one shot */
	out	%al, $0x43
	mov	$TICKS & 0xff, %al
	out	%al, $0x42
	mov	$TICKS >> 8, %al
	out	%al, $0x42
	rdtsc
	mov	%eax, %esi
	mov	%bl, %al
	and	$~2, %al
	or	$1, %al
	out	%al, $0x61
1:	mov	$PAUSE, %dx		/* an emulator that counts instructions would be asked millions of times */
2:	dec	%dx
	jnz	2b
	in	$0x61, %al
	test	$0x20, %al
	jz	1b
	rdtsc
	sub	%esi, %eax
	ret
