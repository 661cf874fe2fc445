/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * processor.S - document 2.0, Appendix A, PROCESSOR STATE CALLS. The four that deal with the interrupt flag change no register but the
 * flags, and find only CS and SS flat.
 */
#include "rom.inc"

#define INTERRUPT_FLAG 0x200

	.text

/* What is pending comes when STI's shadow ends, which is in the caller. */
entry EnableInterrupts
	sti
	ret

entry DisableInterrupts
	cli
	ret

entry GetInterruptMask
	pushf
	pop	%eax
	and	$INTERRUPT_FLAG, %eax
	ret

/* One bit is defined, so POPF, which loads all of them, is more than was asked for. */
entry SetInterruptMask
	test	$INTERRUPT_FLAG, %eax
	jz	DisableInterrupts_native
	sti
	ret

entry Halt
	sti
	hlt
	ret

/* EAX 0: soft, as the INIT that port 92h gives; any other: hard. Neither returns, and if all else fails a triple fault sees to it. */
entry Reboot
	cli
	test	%eax, %eax
	jnz	1f
	in	$0x92, %al
	or	$1, %al
	out	%al, $0x92
1:	mov	$0xcf9, %edx		/* reset control register of the chip set */
	mov	$2, %al
	out	%al, (%dx)
	mov	$6, %al
	out	%al, (%dx)
	mov	$0xfe, %al		/* keyboard controller: pulse the reset line */
	out	%al, $0x64
	push	$0
	push	$0
	lidt	(%esp)
	ud2

entry Shutdown
	cli
1:	hlt
	jmp	1b

#if ABI == 13
entry Pause
	pause
	ret
#endif
