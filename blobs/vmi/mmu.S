/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mmu.S - MMU calls. ABI 3.0: vmiCalls.h (API 3.0); those of 13.0 only are in mmu_13.S. On the native machine the tables are the
 * processor's, so most calls have nothing to do, updates are never deferred, and misaligned entries are stored like any other.
 */
#include "rom.inc"

#define PGE 0x80

	.text

#if ABI == 3
/* EAX value, EDX entry, ECX flags */
entry SetPxE
	mov	%eax, (%edx)
	ret

entry UpdatePxE
	ret

entry UpdatePxELong
	ret

entry SetLazyMode
	ret
#endif

/*
 * EAX low half, EDX high half, ECX entry, [ESP+4] flags in 3.0. Never present with halves that do not belong together: the low half, with
 * the bit that says so, goes first and comes last.
 */
entry SetPxELong
	movl	$0, (%ecx)
	mov	%edx, 4(%ecx)
	mov	%eax, (%ecx)
	ret

entry AllocatePage
	ret

entry ReleasePage
	ret

entry SetLinearMapping
	ret

entry InvalPage
	invlpg	(%eax)
	ret

/* EAX 1: all but global pages; 3, and whatever else: everything, for which PGE is changed and changed back. */
entry FlushTLB
	mov	%cr3, %ecx
	mov	%ecx, %cr3
	cmp	$1, %eax
	je	1f
	mov	%cr4, %eax
	mov	%eax, %ecx
	xor	$PGE, %ecx
	mov	%ecx, %cr4
	mov	%eax, %cr4
1:	ret
