/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io.S - document 2.0, Appendix A, I/O CALLS. No register changes but those that the native instruction changes, and no flag. The
 * direction flag is taken as it is.
 */
#include "rom.inc"

#define IOPL 0x3000

	.text

entry INL
	in	(%dx), %eax
	ret

entry INB
	in	(%dx), %al
	ret

entry INW
	in	(%dx), %ax
	ret

entry OUTL
	out	%eax, (%dx)
	ret

entry OUTB
	out	%al, (%dx)
	ret

entry OUTW
	out	%ax, (%dx)
	ret

entry INSL
	rep insl
	ret

entry INSB
	rep insb
	ret

entry INSW
	rep insw
	ret

entry OUTSL
	rep outsl
	ret

entry OUTSB
	rep outsb
	ret

entry OUTSW
	rep outsw
	ret

/* EAX level, where the flags have it; other bits are none of it. */
entry SetIOPLMask
	and	$IOPL, %eax
	pushf
	andl	$~IOPL, (%esp)
	or	%eax, (%esp)
	popf
	ret

/* A port that no device minds. */
entry IODelay
	out	%al, $0x80
	ret

entry WBINVD
	wbinvd
	ret

/* Declared and invalid to execute: data would be lost. */
#if ABI == 13
entry INVD
	ud2
#endif
