/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup.S - document 2.0, 2 (AP Startup). What lies at the beginning of the start page: where a processor begins in real
 * mode, and how it becomes what its slot says. No state, or none that is valid: it stops.
 *
 * Segments begin at the page, so that every address here is an offset. Where paging is switched on the page has to be mapped where it is.
 */
#include "rom.inc"
#include "startup.inc"

#define PE_AND_PG	 0x80000001
#define LME_AND_LMA	 0x500
#define EFER_MSR	 0xc0000080
#define HAS_EFER	 0x20100800	/* of CPUID 80000001h, EDX: SYSCALL, NX, long mode */
#define PAGE_CODE	 0x08
#define PAGE_DATA	 0x10

#define at(symbol) ((symbol) - start_code)

	.text
	.balign	4
	.code16
start_code:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	cmp	$START_PROCESSORS, %ebx
	jae	stop
	lea	(%ebx, %ebx, 2), %esi
	shl	$START_SLOT_SHIFT, %esi
	add	$START_SLOTS, %esi
	mov	SLOT_CR0(%si), %eax
	and	$PE_AND_PG, %eax
	cmp	$PE_AND_PG, %eax
	jne	stop
	testl	$LME_AND_LMA, SLOT_EFER(%si)
	jnz	stop
	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	1f
	mov	$0x80000001, %eax
	cpuid
	test	$HAS_EFER, %edx
	jz	1f
	mov	$EFER_MSR, %ecx
	mov	SLOT_EFER(%si), %eax
	mov	SLOT_EFER + 4(%si), %edx
	wrmsr
1:	mov	SLOT_CR2(%si), %eax
	mov	%eax, %cr2
	mov	SLOT_CR3(%si), %eax
	mov	%eax, %cr3
	mov	SLOT_CR4(%si), %eax
	mov	%eax, %cr4
	lgdtl	at(start_gdtr)
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$PAGE_CODE, $at(flat)
stop:	hlt
	jmp	stop

	.code32
flat:
	mov	$PAGE_DATA, %eax
	mov	%eax, %ss
	lea	START_SLOT_SIZE(%esi), %esp
	mov	%cs:SLOT_CR0(%esi), %eax
	mov	%eax, %cr0
	lgdtl	%cs:SLOT_GDTR(%esi)
	pushl	%cs:SLOT_IDTR_BASE(%esi)
	pushw	%cs:SLOT_IDTR_LIMIT(%esi)
	lidtl	%ss:(%esp)
	lldt	%cs:SLOT_LDTR(%esi)
	mov	%cs:SLOT_DS(%esi), %ds
	mov	%cs:SLOT_ES(%esi), %es
	mov	%cs:SLOT_FS(%esi), %fs
	mov	%cs:SLOT_GS(%esi), %gs
	lea	START_SLOT_SIZE(%esi), %esp
	pushl	%cs:SLOT_EFLAGS(%esi)
	popfl				/* nothing from here on changes a flag, or has a stack */
	mov	%cs:SLOT_SS(%esi), %ss
	mov	%cs:SLOT_EAX(%esi), %eax
	mov	%cs:SLOT_ECX(%esi), %ecx
	mov	%cs:SLOT_EDX(%esi), %edx
	mov	%cs:SLOT_EBP(%esi), %ebp
	mov	%cs:SLOT_EDI(%esi), %edi
	lea	SLOT_LEAVE(%esi), %ebx
	jmp	*%ebx			/* what startup.c has written: the rest of the registers, and where it begins */

	.balign	8
start_table:				/* where the page is gets into both */
	.quad	0
	.long	0x0000ffff, 0x00409b00
	.long	0x0000ffff, 0x00409300
start_table_end:
start_gdtr:
	.word	start_table_end - start_table - 1
start_base:
	.long	at(start_table)		/* and here */
start_code_end:

/* From post.S, in real mode: ES is the memory's segment, `memory` its address. */
	.code16
	.globl	set_up_start
set_up_start:
	mov	$start_code, %si
	mov	$START_PAGE, %di
	mov	$start_code_end - start_code, %cx
	rep movsb
	mov	variables + 4, %eax
	add	$START_PAGE, %eax
	add	%eax, %es:START_PAGE + at(start_base)
	mov	%ax, %es:START_PAGE + at(start_table) + 8 + 2
	mov	%ax, %es:START_PAGE + at(start_table) + 16 + 2
	shr	$16, %eax
	mov	%al, %es:START_PAGE + at(start_table) + 8 + 4
	mov	%al, %es:START_PAGE + at(start_table) + 16 + 4
	ret
