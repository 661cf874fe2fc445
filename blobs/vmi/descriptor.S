/* SPDX-License-Identifier: BSD-2-Clause */
/* descriptor.S - document 2.0, Appendix A, DESCRIPTOR RELATED CALLS. Segment registers stay as they are, as natively. */
#include "rom.inc"

	.text

entry SetGDT
	lgdt	(%eax)
	ret

entry SetLDT
	lldt	%ax
	ret

entry SetIDT
	lidt	(%eax)
	ret

entry SetTR
	ltr	%ax
	ret

entry GetGDT
	sgdt	(%eax)
	ret

entry GetLDT
	sldt	%eax
	ret

entry GetIDT
	sidt	(%eax)
	ret

entry GetTR
	str	%eax
	ret

/* EAX table, EDX index, ECX low half, [ESP+4] high half. Two plain stores, whatever table it is; the low half first. */
.macro write_entry name
entry \name
	mov	%ecx, (%eax, %edx, 8)
	mov	4(%esp), %ecx
	mov	%ecx, 4(%eax, %edx, 8)
	ret
.endm
	write_entry WriteGDTEntry
	write_entry WriteLDTEntry
	write_entry WriteIDTEntry
