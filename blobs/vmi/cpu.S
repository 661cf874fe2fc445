/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.S - document 2.0, Appendix A, CPU CONTROL CALLS; registers as vmiCalls.h (API 3.0) has them. */
#include "rom.inc"

	.text

/* A register that is not there: #GP here, in the ROM. */
entry WRMSR
	wrmsr
	ret

entry RDMSR
	rdmsr
	ret

entry SetCR0
	mov	%eax, %cr0
	ret

entry SetCR2
	mov	%eax, %cr2
	ret

entry SetCR3
	mov	%eax, %cr3
	ret

entry SetCR4
	mov	%eax, %cr4
	ret

entry GetCR0
	mov	%cr0, %eax
	ret

entry GetCR2
	mov	%cr2, %eax
	ret

entry GetCR3
	mov	%cr3, %eax
	ret

entry GetCR4
	mov	%cr4, %eax
	ret

entry CLTS
	clts
	ret

/* The number of a debug register is part of the instruction: a row of eight, four bytes each. Beyond it there is none. */
entry SetDR
	cmp	$7, %eax
	ja	no_register
	address_of set_debug, ecx
	lea	(%ecx, %eax, 4), %ecx
	jmp	*%ecx
set_debug:
	.irp number, 0, 1, 2, 3, 4, 5, 6, 7
	mov	%edx, %dr\number
	ret
	.endr

entry GetDR
	cmp	$7, %eax
	ja	no_register
	address_of get_debug, ecx
	lea	(%ecx, %eax, 4), %ecx
	jmp	*%ecx
get_debug:
	.irp number, 0, 1, 2, 3, 4, 5, 6, 7
	mov	%dr\number, %eax
	ret
	.endr

no_register:
	ud2
