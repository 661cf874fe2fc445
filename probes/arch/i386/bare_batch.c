/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bare_batch.c - the same calls as a plan's and nothing else, from the same caller: the yardstick for `./dev bench`. Takes a batch as
 * the probe does, loads the inputs of each step and makes the call. Looks at nothing, and stores nothing but how far it has come and
 * the two results that later calls are made with.
 */
#include "machine.h"

void wire_stop(void);
_Noreturn void arch_start(void);
_Noreturn void loop_run(unsigned hart);
_Noreturn void arch_landed(void);
_Noreturn void wire_pad_start(void);
_Noreturn void arch_stray(void);
void arch_fault(void);

struct wire_batch wire_batch __attribute__((section(".data.wire_batch"), aligned(4096)));
struct frame frame = { .back = 0 };

enum { ROM_OFFSET, CALL_TARGET, CALL_KIND, IN_EAX, IN_ECX, IN_EDX, IN_EBX, IN_ESI, IN_EDI, STACK_4 };

static uint32_t results[1 << 17][2]; /* eax and edx of each call */
static uint32_t words[3]; /* of the call under way, on the stack */

static inline uint32_t input(const struct wire_step *step, unsigned number)
{
	uint32_t value = (uint32_t)step->input[number];

	if (step->source[number] == WIRE_RESULT)
		value += results[step->from_step[number]][step->from_register[number] == EDX];
	return value;
}

static inline void call(const struct wire_step *step, uint32_t result[2])
{
	uint32_t target = step->flags & WIRE_COMPUTED ? input(step, CALL_TARGET) : (uint32_t)step->input[CALL_TARGET];
	uint32_t eax = (uint32_t)step->input[IN_EAX], ecx = (uint32_t)step->input[IN_ECX], edx = (uint32_t)step->input[IN_EDX];
	uint32_t ebx = (uint32_t)step->input[IN_EBX], esi = (uint32_t)step->input[IN_ESI], edi = (uint32_t)step->input[IN_EDI];

	frame.target = target ? target : (uint32_t)step->input[ROM_OFFSET];
	for (unsigned i = 0; i < 3; i++)
		words[i] = (uint32_t)step->input[STACK_4 + i];
	asm volatile("	pushl	%7\n"
		     "	pushl	%8\n"
		     "	pushl	%9\n"
		     "	call	*%6\n"
		     "	addl	$12, %%esp"
		     : "+a"(eax), "+c"(ecx), "+d"(edx), "+b"(ebx), "+S"(esi), "+D"(edi)
		     : "m"(frame.target), "m"(words[2]), "m"(words[1]), "m"(words[0])
		     : "cc", "memory");
	result[0] = eax;
	result[1] = edx;
}

void loop_run(unsigned hart)
{
	volatile struct wire_batch *batch = &wire_batch;
	const struct wire_step *steps;
	uint32_t count;

	(void)hart;
	batch->ready = 1;
	do
		wire_stop();
	while (batch->magic != WIRE_MAGIC);
	steps = (const struct wire_step *)(uintptr_t)batch->step_at;
	count = batch->steps;
	for (uint32_t i = 0; i < count; i++) {
		batch->progress = i + 1;
		call(&steps[i], results[i]);
	}
	batch->ready = 2;
	wire_stop();
	for (;;)
		asm volatile("" ::: "memory");
}

void arch_start(void)
{
	machine_set_up(frame.registers[EBX]);
	loop_run(0);
}

/* The pad of another CPU: none is started here. */
void wire_pad_start(void)
{
	for (;;)
		asm volatile("cli; hlt" ::: "memory");
}

void arch_landed(void)
{
	for (;;)
		asm volatile("" ::: "memory");
}

void arch_stray(void)
{
	arch_landed();
}

void arch_fault(void)
{
	arch_landed();
}
