/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bare_batch.c - the same calls as a plan's and nothing else: the yardstick for `./dev bench`. Takes a batch as the probe does,
 * loads the inputs of each step and makes the call. Looks at nothing, and stores nothing but how far it has come.
 */
#include <stddef.h>

#include "wire.h"

void wire_stop(void);
_Noreturn void run(void);

struct wire_batch wire_batch __attribute__((section(".data.wire_batch"), aligned(4096)));

/* What the host looks for in a probe has to be there; nothing ever comes in at a pad, and nobody traces the gate. */
asm(".section .text.start, \"ax\"\n"
    ".globl _start, wire_pad_park, wire_pad_handler, wire_stop, wire_gate_1_0, wire_back_1_0\n"
    "_start: la sp, stack + 1024\n"
    "	j run\n"
    "wire_pad_park: wire_pad_handler: wire_gate_1_0: wire_back_1_0: j wire_pad_park\n"
    "wire_stop: ret\n"
    ".data\n"
    ".balign 16\n"
    "stack: .zero 1024\n"
    ".text\n");

static inline void call(const uint64_t input[8])
{
	register uint64_t a0 asm("a0") = input[0], a1 asm("a1") = input[1], a2 asm("a2") = input[2], a3 asm("a3") = input[3];
	register uint64_t a4 asm("a4") = input[4], a5 asm("a5") = input[5], a6 asm("a6") = input[6], a7 asm("a7") = input[7];

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
}

_Noreturn void run(void)
{
	volatile struct wire_batch *batch = &wire_batch;
	const struct wire_step *steps;
	uint32_t count;

	batch->ready = 1;
	do
		wire_stop();
	while (batch->magic != WIRE_MAGIC);
	steps = (const struct wire_step *)batch->step_at;
	count = batch->steps;
	for (uint32_t i = 0; i < count; i++) {
		batch->progress = i + 1;
		call(steps[i].input);
	}
	batch->ready = 2;
	wire_stop();
	for (;;)
		asm volatile("" ::: "memory");
}
