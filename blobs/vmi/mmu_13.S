/* SPDX-License-Identifier: BSD-2-Clause */
/* mmu_13.S - MMU calls that only ABI 13.0 has: patch 5/24, native stubs. Arguments in the order of the patches. */
#include "rom.inc"

	.text

/* EAX entry, EDX value */
entry SetPxE
	mov	%edx, (%eax)
	ret

entry GetPxE
	mov	(%eax), %eax
	ret

entry SwapPxE
	xchg	%edx, (%eax)
	mov	%edx, %eax
	ret

/* It has a number and no stub: the argument is where GetPxE has it. */
entry GetPxELong
	mov	4(%eax), %edx
	mov	(%eax), %eax
	ret

/* EDX:EAX value, ECX entry; EDX:EAX the old one */
entry SwapPxELongAtomic
	push	%ebx
	push	%esi
	mov	%ecx, %esi
	mov	%eax, %ebx
	mov	%edx, %ecx
	mov	(%esi), %eax
	mov	4(%esi), %edx
1:	lock cmpxchg8b (%esi)
	jnz	1b
	pop	%esi
	pop	%ebx
	ret

/* EAX entry */
entry DeactivatePxELongAtomic
	mov	%eax, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	jmp	SwapPxELongAtomic_native

/* EAX entry, EDX number of the bit; EAX the old bit. The calls for long entries are the same: bits above 31 are in the next word. */
.macro bit_call name, instruction
entry \name
	lock \instruction %edx, (%eax)
	sbb	%eax, %eax
	neg	%eax
	ret
.endm
	bit_call TestAndSetPxEBit, bts
	bit_call TestAndClearPxEBit, btr
	bit_call TestAndSetPxELongBit, bts
	bit_call TestAndClearPxELongBit, btr

entry FlushDeferredCalls
	xor	%eax, %eax
	ret
