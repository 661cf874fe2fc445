/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"
#include "step.h"

#define GATE	      1
#define KIND_JUMP     2
#define ARITHMETIC    0x8d5u
#define INTERRUPTS    0x200u
#define FLAGS_HOME    2u
#define FLAGS_CARRIED 0x47200u /* AC, NT, IOPL, IF: what a call has left of them the next call of the case finds */
#define PAD_PARK      1
#define DELAY	      128

/* arch.yaml's `inputs` */
enum {
	ROM_OFFSET,
	CALL_TARGET,
	CALL_KIND,
	FIRST_REGISTER,
	FIRST_WORD = 9,
	WORDS = 3,
	CALLER_SEGMENTS = ROM_OFFSET, /* in the upper half of that */
	CALLER_INTERRUPTS = CALL_TARGET
};

enum wire_outcome gate_enter(void);
_Noreturn void arch_run(void);
_Noreturn void arch_start(void);
_Noreturn void arch_landed(void);
_Noreturn void arch_stray(void);
void arch_fault(void);
extern char wire_pad_park[], wire_back_1_0[];
extern uint32_t wire_fixed_esp[]; /* stack+4 and what comes after it */

struct frame frame = { .back = 0 };

/* Control registers: as every case finds them, and as the next call does. */
static uint64_t home[WIRE_CONTROL], current[WIRE_CONTROL];
static bool away; /* the two differ */
static uint32_t different; /* what the registers that were read last have that `home` has not */
static bool waking; /* a timer has been set to end a wait */
static bool listening; /* the call that is looked at again has left interrupts on */

uint64_t arch_now(void)
{
	uint64_t now;

	asm volatile("rdtsc" : "=A"(now) : : "memory");
	return now;
}

/* As many instructions either way. */
void arch_look(bool stop)
{
	asm volatile("	testl	%0, %0\n"
		     "	jz	1f\n"
		     "	call	wire_stop\n"
		     "	jmp	2f\n"
		     "1:	nop\n"
		     "	nop\n"
		     "	nop\n"
		     "2:"
		     :
		     : "r"((uint32_t)stop)
		     : "cc", "memory");
}

/* Flags and segment registers are those of the call, which `frame` has kept. */
void arch_control_read(uint64_t control[WIRE_CONTROL])
{
	uint32_t selector;

	different = machine_read(home, control) | ((frame.eflags ^ get_low(&home[EFLAGS])) & ~ARITHMETIC);
	put_low(&control[EFLAGS], frame.eflags);
	put_low(&control[INTERRUPT_FLAG], frame.eflags / INTERRUPTS & 1);
	different |= frame.vector;
	put_low(&control[INTERRUPT_VECTOR], frame.vector);
#pragma GCC unroll 8
	for (unsigned i = 0; i < SEGMENTS; i++) {
		selector = (uint16_t)frame.segments[i];
		different |= selector ^ get_low(&home[CS + i]);
		put_low(&control[CS + i], selector);
	}
}

void arch_control_prepare(unsigned hart, bool wake, uint64_t control[WIRE_CONTROL])
{
	(void)hart;
#pragma GCC unroll 24
	for (unsigned i = 0; i < WIRE_CONTROL; i++)
		put_low(&control[i], get_low(&current[i]));
	waking = wake;
	if (wake)
		machine_wake_soon();
}

/* Arithmetic flags may be anything. `found` has just been read, and compared. */
bool arch_control_is_usual(unsigned hart, const uint64_t found[WIRE_CONTROL])
{
	(void)hart;
	(void)found;
	return !(different | away);
}

/*
 * Calls of a case are made to set up what later ones of it find: what a call has done to the machine stays until its case ends, but
 * for what the probe stands on.
 */
void arch_control_restore(unsigned hart, const uint64_t found[WIRE_CONTROL], bool last)
{
	(void)hart;
	machine_stand(home, found);
	if (last)
		machine_restore(home, found);
	for (unsigned i = 0; i < WIRE_CONTROL; i++)
		current[i] = last || machine_stands_on(i) ? home[i] : found[i];
	current[EFLAGS] = last ? FLAGS_HOME : FLAGS_HOME | (found[EFLAGS] & FLAGS_CARRIED);
	current[INTERRUPT_VECTOR] = 0;
	frame.vector = 0;
	listening = false;
	away = !last;
}

/* What counts is any interrupt. The one that is pending is counted by who asks, those before it are here. */
bool arch_ipi_pending_and_clear(void)
{
	uint32_t taken = frame.taken;

	frame.taken = 0;
	if (taken)
		ipis_received[0] += taken - 1;
	return taken;
}

/* PAUSE: an emulator that has one thread for all CPUs goes on with the next one. Who slept is served at the end of a turn (TURN_US) only. */
void arch_relax(unsigned hart, bool watched)
{
	(void)hart;
	(void)watched;
	if (listening)
		asm volatile("sti" ::: "memory");
	for (unsigned i = 0; i < DELAY; i++)
		asm volatile("" ::: "memory");
	asm volatile("pause" ::: "memory");
	asm volatile("cli" ::: "memory");
}

void arch_idle(void)
{
	for (;;)
		asm volatile("cli; hlt" ::: "memory");
}

/* ---- a call ---- */

static uint32_t data_of(const uint64_t inputs[WIRE_INPUTS])
{
	static const uint8_t selectors[4] = { KERNEL_DATA, 0, FAR_DATA, KERNEL_DATA };

	return selectors[(inputs[CALLER_SEGMENTS] >> 32) % 4];
}

/* The flags are on top of the stack, and below them, unless it is to be a jump, where the call returns to. */
static void load(const uint64_t inputs[WIRE_INPUTS], uint64_t seed, uint32_t flags)
{
	static const uint8_t loaded[] = { EAX, ECX, EDX, EBX, ESI, EDI };
	uint32_t target = (uint32_t)inputs[CALL_TARGET], offset = (uint32_t)inputs[ROM_OFFSET];
	uint32_t *stack = wire_fixed_esp;

	if ((uint8_t)inputs[CALL_KIND] != KIND_JUMP)
		*--stack = (uintptr_t)wire_back_1_0;

#pragma GCC unroll 8
	for (unsigned i = 0; i < sizeof(loaded); i++)
		frame.registers[loaded[i]] = (uint32_t)inputs[FIRST_REGISTER + i];
	frame.registers[EBP] = (uint32_t)wire_canary(seed, EBP);
	frame.target = target ? target : offset;
	frame.data = data_of(inputs) ^ KERNEL_DATA;
	*--stack = flags;
	frame.registers[ESP] = (uintptr_t)stack;
#pragma GCC unroll 4
	for (unsigned i = 0; i < WORDS; i++)
		wire_fixed_esp[i] = (uint32_t)inputs[FIRST_WORD + i];
	wire_fixed_esp[WORDS] = (uint32_t)wire_canary(seed, GUARD);
	wire_fixed_esp[WORDS + 1] = (uint32_t)wire_canary(seed, GUARD + 1);
}

/* What the caller is like, where it is to be like something. The flags it calls with. */
static uint32_t be(const uint64_t inputs[WIRE_INPUTS], uint32_t flags, uint64_t before[WIRE_CONTROL])
{
	static const uint32_t keep[4] = { ~0u, ~INTERRUPTS, ~0u, ~INTERRUPTS }, set[4] = { 0, 0, INTERRUPTS, INTERRUPTS };
	uint32_t interrupts = (uint32_t)(inputs[CALLER_INTERRUPTS] >> 32) % 4;

	flags = (flags & keep[interrupts]) | set[interrupts];
	before[INTERRUPT_FLAG] = flags / INTERRUPTS & 1;
	before[CS + SEGMENT_DS] = before[CS + SEGMENT_ES] = data_of(inputs);
	return flags;
}

static void store(uint64_t registers[WIRE_REGISTERS])
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++)
		put_low(&registers[i], frame.registers[i]);
	put_low(&registers[EFLAGS_REGISTER], frame.eflags);
	put_low(&registers[GUARD], wire_fixed_esp[WORDS]);
	put_low(&registers[GUARD + 1], wire_fixed_esp[WORDS + 1]);
}

static uint32_t trap_value(void)
{
	return frame.cause == PAGE_FAULT ? machine_cr2() : frame.error;
}

enum wire_outcome arch_call(unsigned hart, unsigned gate, const uint64_t inputs[WIRE_INPUTS], uint64_t seed,
			    struct wire_seen *seen)
{
	uint32_t flags = (uint32_t)current[EFLAGS] | ((uint32_t)wire_canary(seed, EFLAGS_REGISTER) & ARITHMETIC);
	enum wire_outcome outcome;

	(void)hart;
	if (gate != GATE) {
		seen->cause = UINT64_MAX;
		seen->end = arch_now();
		arch_control_read(seen->after);
		return WIRE_TRAPPED;
	}
	if ((inputs[CALLER_SEGMENTS] | inputs[CALLER_INTERRUPTS]) >> 32)
		flags = be(inputs, flags, seen->before);
	seen->before[EFLAGS] = flags;
	load(inputs, seed, flags);
	outcome = gate_enter();
	seen->end = arch_now();
	arch_control_read(seen->after);
	store(seen->registers);
	listening = frame.eflags & INTERRUPTS;
	if (waking)
		machine_wake_not();
	if (outcome == WIRE_TRAPPED) {
		seen->cause = frame.cause;
		seen->pc = frame.pc;
		seen->trap_value = trap_value();
	}
	return outcome;
}

/* ---- other ways in ---- */

/* At a pad. */
void arch_landed(void)
{
	uint64_t registers[WIRE_REGISTERS] = { 0 }, control[WIRE_CONTROL] = { 0 };

	frame.back = 0;
	store(registers);
	arch_control_read(control);
	loop_land(0, PAD_PARK, (uintptr_t)wire_pad_park, registers, control);
	loop_back(0, registers, control);
	arch_run();
}

void arch_stray(void)
{
	loop_stray(frame.cause, frame.pc, trap_value());
}

/* In the task for faults on a bad stack. */
void arch_fault(void)
{
	machine_take_fault(&frame);
}

void arch_start(void)
{
	uint64_t registers[WIRE_REGISTERS] = { 0 }, control[WIRE_CONTROL] = { 0 };

	store(registers);
	arch_control_read(control);
	loop_boot(0, 0, registers, control);
	machine_set_up(frame.registers[EBX]);
	frame.eflags = FLAGS_HOME;
	for (unsigned i = 0; i < SEGMENTS; i++)
		frame.segments[i] = i == SEGMENT_CS ? KERNEL_CODE : KERNEL_DATA;
	arch_control_read(home);
	arch_control_restore(0, home, true);
	loop_run(0);
}
