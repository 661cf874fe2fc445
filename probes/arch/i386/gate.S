/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate.S - one call with every register under control.
 *
 * gate_enter (frame and the stack of the call filled in) loads every register and goes to the call's target, with a return address on the
 * stack where it is to be called and without one where it is to be jumped to. It returns the outcome in eax, with what was found in
 * `frame`. A trap during the call comes back the same way.
 */
#include "frame.h"

	.macro	store_registers
	movl	%eax, %ss:frame + 4 * 0
	movl	%ecx, %ss:frame + 4 * 1
	movl	%edx, %ss:frame + 4 * 2
	movl	%ebx, %ss:frame + 4 * 3
	movl	%ebp, %ss:frame + 4 * 5
	movl	%esi, %ss:frame + 4 * 6
	movl	%edi, %ss:frame + 4 * 7
	.endm

/* Stores DS, ES, FS and GS, and makes all of them flat. */
	.macro	flatten
	movl	%ds, %eax
	movl	%es, %ecx
	movl	%fs, %edx
	movl	%gs, %ebx
	movl	%eax, %ss:frame + FRAME_SEGMENTS + 4 * 2
	movl	%ecx, %ss:frame + FRAME_SEGMENTS + 4 * 3
	movl	%edx, %ss:frame + FRAME_SEGMENTS + 4 * 4
	movl	%ebx, %ss:frame + FRAME_SEGMENTS + 4 * 5
	movl	%eax, %esi
	andl	%ecx, %esi
	andl	%edx, %esi
	andl	%ebx, %esi
	orl	%ecx, %eax
	orl	%edx, %eax
	orl	%ebx, %eax
	xorl	$KERNEL_DATA, %eax
	xorl	$KERNEL_DATA, %esi
	orl	%eax, %esi
	jz	1f
	movl	$KERNEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
1:
	.endm

	.macro	leave outcome
	movl	frame + FRAME_BACK, %esp
	movl	$0, frame + FRAME_BACK
	movl	$\outcome, %eax
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	ret
	.endm

	.text
	.globl	gate_enter
gate_enter:
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%esp, frame + FRAME_BACK
	movl	frame + FRAME_DATA, %eax
	testl	%eax, %eax
	jnz	other_segments
load_registers:
	movl	%ss:frame + 4 * 0, %eax
	movl	%ss:frame + 4 * 1, %ecx
	movl	%ss:frame + 4 * 2, %edx
	movl	%ss:frame + 4 * 3, %ebx
	movl	%ss:frame + FRAME_ESP, %esp
	movl	%ss:frame + 4 * 5, %ebp
	movl	%ss:frame + 4 * 6, %esi
	movl	%ss:frame + 4 * 7, %edi
	popfl /* ends a stretch of translated code: at the next instruction QEMU has all registers in place */
	.globl	wire_gate_1_0
wire_gate_1_0:
	jmpl	*%ss:frame + FRAME_TARGET
	.globl	wire_back_1_0
wire_back_1_0:
	store_registers
	movl	%esp, %ss:frame + FRAME_ESP
	movl	$frame + FRAME_EFLAGS + 4, %esp
	pushfl
	cli
	cld
	movl	%cs, %eax
	movl	%ss, %ecx
	movl	%eax, %ss:frame + FRAME_SEGMENTS + 4 * 0
	movl	%ecx, %ss:frame + FRAME_SEGMENTS + 4 * 1
	flatten
	leave	RETURNED

other_segments:
	xorl	$KERNEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	jmp	load_registers

	.globl	wire_stop
wire_stop:
	ret

/* ---- traps and interrupts ---- */

/* An entry for each exception, 16 bytes apart. Those without an error code get one. */
	.balign	16
	.globl	trap_entries
trap_entries:
	.set	vector, 0
	.rept	TRAPS
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
	pushl	$0
	.endif
	pushl	$vector
	jmp	trapped
	.set	vector, vector + 1
	.endr

	.balign	16
	.globl	landing_entry
landing_entry:
	pushl	$0
	pushl	$LANDING

/* On the stack: vector, error code, eip, cs, eflags, and esp and ss where it was another privilege's. */
trapped:
	store_registers
	popl	%ss:frame + FRAME_CAUSE
	popl	%ss:frame + FRAME_ERROR
	popl	%ss:frame + FRAME_PC
	popl	%ss:frame + FRAME_SEGMENTS + 4 * 0
	popl	%ss:frame + FRAME_EFLAGS
	movl	%ss, %eax
	movl	%eax, %ss:frame + FRAME_SEGMENTS + 4 * 1
	movl	%esp, %ss:frame + FRAME_ESP
	testl	$3, %ss:frame + FRAME_SEGMENTS + 4 * 0
	jz	2f
	popl	%ss:frame + FRAME_ESP
	popl	%ss:frame + FRAME_SEGMENTS + 4 * 1
2:	cld
	flatten
	cmpl	$LANDING, frame + FRAME_CAUSE
	je	landed
	cmpl	$0, frame + FRAME_BACK
	je	stray
	leave	TRAPPED

landed:
	movl	$fault_stack_top, %esp
	call	arch_landed

/* A trap outside a call. */
stray:
	movl	$fault_stack_top, %esp
	call	arch_stray

/*
 * A fault that could not be reported on the stack there was: a task of its own, which finds the registers where the switch has put
 * them, goes on as any other trap does.
 */
	.globl	fault_task_entry
fault_task_entry:
	call	arch_fault
	cmpl	$0, frame + FRAME_BACK
	je	stray
	leave	TRAPPED

/* An entry for each interrupt, 8 bytes apart. What is pushed has one byte, and is the vector in its lowest. */
	.balign	8
	.globl	interrupt_entries
interrupt_entries:
	.set	vector, TRAPS
	.rept	256 - TRAPS
	.balign	8
	.if	vector < 128
	pushl	$vector
	.else
	pushl	$vector - 256
	.endif
	jmp	interrupted
	.set	vector, vector + 1
	.endr

/* It is counted, its vector kept, and it is acknowledged wherever it may have come from; it changes nothing else. */
interrupted:
	pushl	%eax
	movzbl	4(%esp), %eax
	movl	%eax, %ss:frame + FRAME_VECTOR
	incl	%ss:frame + FRAME_TAKEN
	movl	$0, %ss:APIC + 0xb0
	movb	$0x20, %al
	outb	%al, $PIC_COMMAND
	outb	%al, $PIC_2
	popl	%eax
	addl	$4, %esp
	iret
