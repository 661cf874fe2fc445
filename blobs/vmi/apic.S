/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * apic.S - document 2.0, Appendix A, APIC CALLS. EAX is the linear address of a register; Linux passes what its native code passes, an
 * offset into the APIC. What lies below a page is taken for one, and the APIC for mapped where it is.
 */
#include "rom.inc"
#include "startup.inc"

#define APIC_BASE_MSR 0x1b
#define COMMAND	      0x300		/* interrupt command register, lower half */
#define DELIVERY      0x700
#define STARTUP	      0x600

	.text

/*
 * A processor that is sent a STARTUP IPI begins with the state it was given, so it is sent to the page that sees to it (startup.S) and not to
 * the one that the guest names. Without that page none is sent.
 */
entry APICWrite
	push	%edx
	call	apic_register
	pop	%edx
	mov	%eax, %ecx
	and	$0xfff, %ecx
	cmp	$COMMAND, %ecx
	jne	1f
	mov	%edx, %ecx
	and	$DELIVERY, %ecx
	cmp	$STARTUP, %ecx
	jne	1f
	address_of variables, ecx
	mov	4(%ecx), %ecx		/* where the memory is */
	test	%ecx, %ecx
	jz	2f
	add	$START_PAGE, %ecx
	shr	$12, %ecx
	mov	%cl, %dl
1:	mov	%edx, (%eax)
2:	ret

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
