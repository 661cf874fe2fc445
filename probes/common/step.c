/* SPDX-License-Identifier: BSD-2-Clause */
#include "step.h"

uint32_t ipis_received[WIRE_HARTS];

void copy_words(void *to, const void *from, size_t bytes)
{
	uint64_t *out = to;
	const uint64_t *in = from;

	for (size_t i = 0; i < bytes / sizeof(*out); i++)
		out[i] = in[i];
}

void clear_words(void *at, size_t bytes)
{
	uint64_t *out = at;

	for (size_t i = 0; i < bytes / sizeof(*out); i++)
		out[i] = 0;
}

void step_poll_ipi(unsigned hart)
{
	if (arch_ipi_pending_and_clear())
		store_release(&ipis_received[hart], ipis_received[hart] + 1);
}

void step_begin(const struct wire_step *step, unsigned hart, struct wire_seen *seen)
{
	seen->number = step->number;
	seen->hart = loop_hart_id(hart);
	seen->nonce = wire_batch.nonce;
	seen->start = arch_now();
	store_release(&seen->outcome, WIRE_STARTED);
}

void step_capture(const struct wire_step *step)
{
	if (step->capture_length)
		copy_words((void *)step->capture_to, (const void *)step->capture_from, step->capture_length);
}

static uint64_t input_value(const struct wire_step *step, unsigned input)
{
	const struct wire_seen *seen = (const struct wire_seen *)wire_batch.seen_at;
	uint32_t from = step->from_step[input];

	switch (step->source[input]) {
	case WIRE_NOW:
		return step->input[input] + arch_now();
	case WIRE_RESULT:
		if (from < wire_batch.steps && step->from_register[input] < WIRE_REGISTERS)
			return step->input[input] + seen[from].registers[step->from_register[input]];
		return step->input[input];
	default:
		return step->input[input];
	}
}

/* Canaries are made anew only when the seed changes: no call changes the registers that it is made with. */
static void fill_registers(unsigned hart, const struct wire_step *step)
{
	static struct {
		bool filled;
		uint64_t seed;
	} last[WIRE_HARTS];
	uint64_t *registers = arch_call_registers(hart);

	if (!last[hart].filled || last[hart].seed != step->seed)
		for (unsigned i = 0; i < WIRE_REGISTERS; i++)
			registers[i] = wire_canary(step->seed, i);
	last[hart].filled = true;
	last[hart].seed = step->seed;
	for (unsigned i = 0; i < arch_input_count; i++)
		registers[arch_input_register[i]] = step->source[i] == WIRE_LITERAL ? step->input[i] : input_value(step, i);
}

/* The rest of a call: waits, looks again, and leaves the hart as the next call has to find it. */
static void finish(unsigned hart, const struct wire_step *step, struct wire_seen *seen, enum wire_outcome outcome)
{
	if (step->settle) {
		uint64_t began = arch_now();

		while (arch_now() - began < step->settle)
			arch_relax(hart, hart != 0);
		arch_control_read(seen->later);
		arch_control_restore(hart, seen->later);
	} else {
		arch_control_restore(hart, seen->after);
	}
	step_poll_ipi(hart);
	step_capture(step);
	store_release(&seen->outcome, outcome);
}

void step_call(unsigned hart, const struct wire_step *step, struct wire_seen *seen)
{
	struct arch_trap trap = { 0 };
	enum wire_outcome outcome;

	fill_registers(hart, step);
	arch_control_prepare(hart, step->flags & WIRE_WAKE, seen->before);
	step_begin(step, hart, seen);
	outcome = arch_call(hart, step->gate, seen->registers, &trap);
	seen->end = arch_now();
	arch_control_read(seen->after);
	if (outcome == WIRE_TRAPPED) {
		seen->cause = trap.cause;
		seen->pc = trap.pc;
		seen->trap_value = trap.value;
	}
	finish(hart, step, seen, outcome);
}

void step_landed(unsigned hart, const struct wire_step *step, struct wire_seen *seen)
{
	finish(hart, step, seen, WIRE_LANDED);
}
