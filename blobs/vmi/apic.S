/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * apic.S - document 2.0, Appendix A, APIC CALLS. EAX is the linear address of a register; Linux passes what its native code passes, an
 * offset into the APIC. What lies below a page is taken for one, and the APIC for mapped where it is.
 */
#include "rom.inc"

#define APIC_BASE_MSR 0x1b

	.text

entry APICWrite
	push	%edx
	call	apic_register
	pop	%edx
	mov	%edx, (%eax)
	ret

entry APICRead
	call	apic_register
	mov	(%eax), %eax
	ret

apic_register:
	cmp	$0x1000, %eax
	jae	1f
	push	%eax
	mov	$APIC_BASE_MSR, %ecx
	rdmsr
	and	$0xfffff000, %eax
	pop	%ecx
	add	%ecx, %eax
1:	ret
