/* SPDX-License-Identifier: BSD-2-Clause */
/* records.c - copies of what the probe wrote, in guest RAM. */
#include <string.h>

#include "guest/internal.h"

bool guest_is_ours(const struct guest *guest, size_t number, const struct wire_seen *seen)
{
	return seen->outcome == WIRE_NOTHING || (seen->nonce == guest->nonce && seen->number == number);
}

const struct wire_seen *guest_record(const struct guest *guest, size_t number)
{
	const struct ram *ram = &guest->ram;

	return number < ram->capacity ? ram_at(ram, ram->seen_at + number * ram->seen_size, ram->seen_size) : NULL;
}

/* From the wire, where arrays of control registers are as long as the architecture needs them. */
static void read_record(const struct wire_seen *record, size_t controls, struct wire_seen *seen)
{
	const uint64_t *before = record->before, *after = before + controls, *later = after + controls;

	memcpy(seen, record, offsetof(struct wire_seen, before));
	memcpy(seen->before, before, controls * sizeof(*before));
	memcpy(seen->after, after, controls * sizeof(*after));
	memcpy(seen->later, later, controls * sizeof(*later));
}

void guest_seen(const struct guest *guest, size_t number, struct wire_seen *seen)
{
	const struct wire_seen *found = guest_record(guest, number);

	memset(seen, 0, sizeof(*seen));
	if (!found)
		return;
	read_record(found, guest->config.arch->control_count, seen);
	/* a record that is not this batch's is no record */
	if (!guest_is_ours(guest, number, seen))
		seen->outcome = UINT16_MAX;
}

uint16_t guest_outcome(const struct guest *guest, size_t number)
{
	const struct wire_seen *found = guest_record(guest, number);

	if (!found)
		return WIRE_NOTHING;
	return guest_is_ours(guest, number, found) ? found->outcome : UINT16_MAX;
}

size_t guest_landings(const struct guest *guest)
{
	uint32_t count = __atomic_load_n(&guest->batch->landings, __ATOMIC_ACQUIRE);

	return count < guest->ram.landings_max ? count : guest->ram.landings_max;
}

void guest_landing(const struct guest *guest, size_t number, struct wire_landing *landing)
{
	const struct ram *ram = &guest->ram;

	memset(landing, 0, sizeof(*landing));
	if (number < ram->landings_max)
		memcpy(landing, ram_at(ram, ram->landing_at + number * ram->landing_size, ram->landing_size), ram->landing_size);
}

void guest_batch(const struct guest *guest, struct wire_batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	memcpy(batch, guest->batch, guest->image.batch_size);
}
