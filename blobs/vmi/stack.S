/* SPDX-License-Identifier: BSD-2-Clause */
/* stack.S - document 2.0, Appendix A, STACK / PRIVILEGE TRANSITION CALLS. Only CS and SS are flat. */
#include "rom.inc"

#define IOPL 0x3000

	.text

/* The caller has written its task state segment itself. */
entry UpdateKernelStack
	ret

/*
 * In 3.0 the site is a jump (KIND_JUMP_REL), so the frame is on top; in 13.0 it is a call, whose return address is dropped. The I/O
 * privilege level is not restored: the frame gets the present one. No register changes.
 */
entry IRET
#if ABI == 13
	lea	4(%esp), %esp
#endif
	push	%eax
	pushf
	pop	%eax
	and	$IOPL, %eax
	andl	$~IOPL, 12(%esp)
	or	%eax, 12(%esp)
	pop	%eax
	iret

/* EDX instruction pointer, ECX stack pointer. The shadow of STI reaches to the end of SYSEXIT. */
entry SYSEXIT
	sti
	sysexit
