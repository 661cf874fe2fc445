/* SPDX-License-Identifier: BSD-2-Clause */
/* mpxy.c - two message channels that lead nowhere: one answers a message with the message, the other takes it and has no events. */
#include "firmware.h"

#define ALL_ONES   (~UINT64_C(0))
#define SIZE	   4096u /* of a hart's memory */
#define LONGEST	   256u /* bytes of a message */
#define ATTRIBUTES 12u
#define PROTOCOL   0x80000000u /* a vendor's; also the first attribute of a protocol */

enum { MAX_LENGTH = 2, SEND_TIMEOUT = 3, COMPLETION_TIMEOUT = 4, CAPABILITY = 5, FIRST_WRITABLE = 7, EVENTS_STATE = 11 };
enum { CAN_STATE = 1 << 2, CAN_ANSWER = 1 << 3, CAN_POST = 1 << 4, CAN_NOTIFY = 1 << 5 };

static struct channel {
	uint32_t id, attributes[ATTRIBUTES];
} channels[] = {
	{ 0, { PROTOCOL, 0x10000, LONGEST, 100, 200, CAN_ANSWER } },
	{ 0x1000, { PROTOCOL, 0x10000, LONGEST, 100, 200, CAN_POST | CAN_NOTIFY | CAN_STATE } },
};
#define CHANNELS (sizeof(channels) / sizeof(channels[0]))

static struct memory {
	uint64_t low, high;
	bool set;
} memories[HARTS_MAX];

static struct channel *find(uint64_t id)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		if (channels[i].id == (uint32_t)id)
			return &channels[i];
	return NULL;
}

static struct result set_memory(struct memory *memory, uint64_t low, uint64_t high, uint64_t flags)
{
	struct memory old = *memory;
	uint64_t *words = (uint64_t *)low;

	if (flags > (FAULT_IS(proxy_mode_two) ? 2 : 1))
		return result(INVALID_PARAM, 0);
	if (low == ALL_ONES && high == ALL_ONES) {
		memory->set = FAULT_IS(proxy_memory_stays) && old.set;
		return result(SUCCESS, 0);
	}
	if (low % SIZE)
		return result(INVALID_PARAM, 0);
	if (!caller_memory(high, low, SIZE))
		return result(FAULT_IS(proxy_anywhere) ? SUCCESS : INVALID_ADDRESS, 0);
	*memory = (struct memory){ low, high, true };
	if (flags == 1) {
		words[0] = FAULT_IS(proxy_returns_the_new_memory) ? low : old.low;
		words[1] = old.high;
	}
	return result(SUCCESS, 0);
}

/* Whoever looks at one page only has to ask for more than one. */
static uint64_t size_told(void)
{
	if (FAULT_IS(proxy_looks_at_one_page))
		return 4 * SIZE;
	return FAULT_IS(proxy_half_a_page) ? SIZE / 2 : SIZE;
}

static struct result channel_ids(const struct memory *memory, uint32_t start)
{
	uint32_t *words = (uint32_t *)memory->low, count = 0;

	if (!memory->set)
		return result(FAULT_IS(proxy_wrong_error_without_memory) ? INVALID_PARAM : NO_SHMEM, 0);
	if (start >= CHANNELS)
		return result(FAULT_IS(proxy_ids_beyond_the_last) ? SUCCESS : INVALID_PARAM, 0);
	for (uint32_t i = start; i < CHANNELS; i++)
		words[2 + count++] = channels[FAULT_IS(proxy_same_id_twice) ? 0 : i].id;
	words[0] = FAULT_IS(proxy_remaining_counts_all) ? CHANNELS : 0;
	words[1] = count;
	return result(SUCCESS, 0);
}

/* Errors of a range of attributes that are about the range alone; SUCCESS: none. */
static int64_t range_error(uint64_t base, uint64_t count, uint32_t first)
{
	if (count == 0 || count > SIZE / 4)
		return INVALID_PARAM;
	return base < first || base + count > ATTRIBUTES ? BAD_RANGE : SUCCESS;
}

static struct result read_attributes(const struct memory *memory, const struct channel *channel, uint64_t base, uint64_t count)
{
	uint32_t *words = (uint32_t *)memory->low;
	int64_t error = range_error(base, count, 0);

	if (!channel)
		return result(FAULT_IS(proxy_any_channel) ? SUCCESS : NOT_SUPPORTED, 0);
	if (!memory->set)
		return result(NO_SHMEM, 0);
	if (error)
		return result(FAULT_IS(proxy_no_range) && error == BAD_RANGE ? INVALID_PARAM : error, 0);
	for (uint64_t i = 0; i < count; i++)
		words[i] = channel->attributes[base + i];
	if (FAULT_IS(proxy_capability_reserved) && base <= CAPABILITY && base + count > CAPABILITY)
		words[CAPABILITY - base] |= 1u << 6;
	if (FAULT_IS(proxy_timeouts_swapped) && base == 0 && count > COMPLETION_TIMEOUT)
		words[SEND_TIMEOUT] = 2 * words[COMPLETION_TIMEOUT];
	return result(SUCCESS, 0);
}

static struct result write_attributes(const struct memory *memory, struct channel *channel, uint64_t base, uint64_t count)
{
	const uint32_t *words = (uint32_t *)memory->low;
	int64_t error = range_error(base, count, FAULT_IS(proxy_everything_writable) ? 0 : FIRST_WRITABLE);

	if (!channel)
		return result(NOT_SUPPORTED, 0);
	if (!memory->set)
		return result(NO_SHMEM, 0);
	if (error)
		return result(error, 0);
	/* neither channel has MSIs: those four writes are ignored */
	if (base + count > EVENTS_STATE && channel->attributes[CAPABILITY] & CAN_STATE)
		channel->attributes[EVENTS_STATE] = words[EVENTS_STATE - base] & 1;
	return result(SUCCESS, 0);
}

static struct result send(const struct memory *memory, const struct channel *channel, uint32_t how, uint64_t length)
{
	if (!channel || (!(channel->attributes[CAPABILITY] & how) && !FAULT_IS(proxy_sends_without_capability)))
		return result(NOT_SUPPORTED, 0);
	if (!memory->set)
		return result(NO_SHMEM, 0);
	if (length > channel->attributes[MAX_LENGTH] && !FAULT_IS(proxy_message_too_long))
		return result(INVALID_PARAM, 0);
	return result(SUCCESS, how == CAN_ANSWER ? length : 0);
}

static struct result notifications(const struct memory *memory, const struct channel *channel)
{
	uint32_t *words = (uint32_t *)memory->low;

	if (!channel || !(channel->attributes[CAPABILITY] & CAN_NOTIFY))
		return result(NOT_SUPPORTED, 0);
	if (!memory->set)
		return result(NO_SHMEM, 0);
	for (unsigned i = 0; i < 4; i++)
		words[i] = 0;
	return result(SUCCESS, FAULT_IS(proxy_events_fill_memory) ? SIZE : 0);
}

struct result mpxy_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	struct memory *memory = &memories[hart->id];
	struct channel *channel = find(args[0]);

	switch (function) {
	case 0:
		return result(SUCCESS, size_told());
	case 1:
		return set_memory(memory, args[0], args[1], args[2]);
	case 2:
		return channel_ids(memory, (uint32_t)args[0]);
	case 3:
		return read_attributes(memory, channel, (uint32_t)args[1], (uint32_t)args[2]);
	case 4:
		return write_attributes(memory, channel, (uint32_t)args[1], (uint32_t)args[2]);
	case 5:
		return send(memory, channel, CAN_ANSWER, args[2]);
	case 6:
		return send(memory, channel, CAN_POST, args[2]);
	case 7:
		return notifications(memory, channel);
	default:
		return result(NOT_SUPPORTED, 0);
	}
}
