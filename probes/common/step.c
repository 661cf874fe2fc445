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
		copy_words((void *)(uintptr_t)step->capture_to, (const void *)(uintptr_t)step->capture_from,
			   (size_t)step->capture_length);
}

static uint64_t input_value(const struct wire_step *step, unsigned input)
{
	const struct wire_seen *seen = (const struct wire_seen *)(uintptr_t)wire_batch.seen_at;
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

/* The inputs of a call: as they stand in the step, or worked out into `room`. */
static const uint64_t *inputs_of(const struct wire_step *step, uint64_t room[WIRE_INPUTS])
{
	if (!(step->flags & WIRE_COMPUTED))
		return step->input;
	for (unsigned i = 0; i < WIRE_INPUTS; i++)
		room[i] = input_value(step, i);
	return room;
}

static void settle(unsigned hart, uint32_t ticks)
{
	uint64_t began = arch_now();

	while (arch_now() - began < ticks)
		arch_relax(hart, hart != 0);
}

/* The rest of a call: waits, looks again, and leaves the hart as the next call has to find it. */
static void finish(unsigned hart, const struct wire_step *step, struct wire_seen *seen, enum wire_outcome outcome)
{
	if (step->settle) {
		settle(hart, step->settle);
		arch_control_read(seen->later);
	}
	arch_control_restore(hart, step->settle ? seen->later : seen->after, step->flags & WIRE_LAST);
	step_poll_ipi(hart);
	step_capture(step);
	store_release(&seen->outcome, outcome);
}

void step_call(unsigned hart, const struct wire_step *step, struct wire_seen *seen)
{
	uint64_t room[WIRE_INPUTS];
	const uint64_t *inputs = inputs_of(step, room);

	arch_control_prepare(hart, step->flags & WIRE_WAKE, seen->before);
	step_begin(step, hart, seen);
	finish(hart, step, seen, arch_call(hart, step->gate, inputs, step->seed, seen));
}

bool step_is_plain(const struct wire_step *step)
{
	return !((step->flags & ~(WIRE_LAST | WIRE_SYNC)) | step->hart | step->settle | step->capture_length);
}

void step_call_plain(const struct wire_step *step, struct wire_seen *seen)
{
	enum wire_outcome outcome;

	arch_control_prepare(0, false, seen->before);
	step_begin(step, 0, seen);
	outcome = arch_call(0, step->gate, step->input, step->seed, seen);
	if (!arch_control_is_usual(0, seen->after)) {
		arch_control_restore(0, seen->after, step->flags & WIRE_LAST);
		step_poll_ipi(0);
	}
	store_release(&seen->outcome, outcome);
}

void step_landed(unsigned hart, const struct wire_step *step, struct wire_seen *seen)
{
	finish(hart, step, seen, WIRE_LANDED);
}
