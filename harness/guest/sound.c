/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sound.c - can what the probe recorded be what the probe recorded?
 *
 * A blob that writes where it has no business may hit the batch's memory, and then its own records say what never happened. Nothing
 * changes steps, and a record has parts that are zero unless its step gave reason to fill them: a stray write that goes over more
 * than a few words is seen by one or the other. It takes a blob that means to forge to pass here; against that there are audits.
 */
#include <string.h>

#include "guest/internal.h"

#define CHAINS 4u /* that do not wait for each other; steps are a multiple of so many words */

/* Multiply and fold; good against accidents, and several bytes a cycle. */
static uint64_t sum_of(const void *data, size_t size)
{
	const uint64_t *words = data;
	uint64_t sums[CHAINS] = { size }, sum = 0;

	for (size_t i = 0; i < size / sizeof(*words); i += CHAINS)
		for (size_t chain = 0; chain < CHAINS; chain++)
			sums[chain] = (sums[chain] ^ words[i + chain]) * UINT64_C(0x9e3779b97f4a7c15) + (sums[chain] >> 29);
	for (size_t chain = 0; chain < CHAINS; chain++)
		sum = (sum ^ sums[chain]) * UINT64_C(0x9e3779b97f4a7c15) + (sum >> 29);
	return sum;
}

_Static_assert(sizeof(struct wire_step) % (CHAINS * sizeof(uint64_t)) == 0, "whole turns");

static uint64_t sum_of_steps(const struct guest *guest)
{
	size_t size = guest->steps * sizeof(struct wire_step);
	const void *steps = ram_at(&guest->ram, guest->ram.step_at, size);

	return steps ? sum_of(steps, size) : 0;
}

static bool is_zero(const void *data, size_t size)
{
	const uint64_t *words = data;
	uint64_t any = 0;

	for (size_t i = 0; i < size / sizeof(*words); i++)
		any |= words[i];
	return !any;
}

static bool has_answer(uint16_t outcome)
{
	return outcome == WIRE_RETURNED || outcome == WIRE_TRAPPED || outcome == WIRE_LANDED;
}

static bool constants_hold(const struct arch *arch, const struct wire_seen *seen)
{
	for (size_t i = 0; i < arch->register_count; i++)
		if (arch->constant[i] && seen->registers[i])
			return false;
	return true;
}

/* seen: as it is on the wire, where `later` comes behind two others of the architecture's size. */
static bool looked_later(const struct arch *arch, const struct wire_seen *seen)
{
	return !is_zero(seen->before + 2 * arch->control_count, arch->control_count * sizeof(*seen->before)) ||
	       !is_zero(seen->ipis, sizeof(seen->ipis));
}

static bool is_plausible(const struct guest *guest, const struct wire_step *step, const struct wire_seen *seen)
{
	if (seen->outcome == WIRE_NOTHING)
		return true; /* that it is missing is told elsewhere */
	if (seen->outcome > WIRE_NO_HART || (has_answer(seen->outcome) && seen->start > seen->end))
		return false;
	if (seen->outcome != WIRE_TRAPPED && (seen->cause || seen->pc || seen->trap_value))
		return false;
	if (!step->settle && looked_later(guest->config.arch, seen))
		return false;
	return !has_answer(seen->outcome) || constants_hold(guest->config.arch, seen);
}

void guest_note_steps(struct guest *guest)
{
	guest->step_sum = sum_of_steps(guest);
}

/* The machine stands still: nobody changes a record while it is looked at. */
bool guest_is_sound(const struct guest *guest)
{
	const struct wire_step *steps = ram_at(&guest->ram, guest->ram.step_at, guest->steps * sizeof(*steps));

	if (!guest->steps)
		return true;
	if (!steps || sum_of_steps(guest) != guest->step_sum)
		return false;
	for (size_t i = 0; i < guest->steps; i++)
		if (!guest_is_ours(guest, i, guest_record(guest, i)) || !is_plausible(guest, &steps[i], guest_record(guest, i)))
			return false;
	return true;
}
