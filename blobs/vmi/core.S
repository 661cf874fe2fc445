/* SPDX-License-Identifier: BSD-2-Clause */
/* core.S - document 2.0, Appendix A, CORE INTERFACE CALLS, and the question of ABI 3.0. */
#include "rom.inc"

	.text

/* Nothing has to be prepared: everything here is as on the native machine before Init, too, and a second Init changes nothing. */
entry Init
	xor	%eax, %eax
	ret

/* EAX number; EAX address, DL kind, and zeros beside it. Numbers that nobody has defined are KIND_NONE, as what is not there. */
#if ABI == 3
entry GetRelocationInfo
	cmp	$74, %eax
	jae	1f
	address_of relocations, ecx
	lea	(%ecx, %eax, 8), %ecx
	mov	4(%ecx), %edx
	test	%edx, %edx
	jz	1f
	mov	(%ecx), %eax
	add	%ecx, %eax
	ret
1:	xor	%eax, %eax
	xor	%edx, %edx
	ret
#endif

/* The address behind the call, in the register of that name. */
	.globl	here_eax, here_ecx
here_eax:
	mov	(%esp), %eax
	ret
here_ecx:
	mov	(%esp), %ecx
	ret

/* For C: where the ROM is mapped. */
	.globl	rom_base
rom_base:
	address_of rom, eax
	ret
