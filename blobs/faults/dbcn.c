/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware.h"

#define BYTES_MAX 4096 /* written by one call; the rest takes another */

static bool good_memory(const uint64_t *args)
{
	uint64_t high = FAULT_IS(console_high_half_ignored) ? 0 : args[2];

	return args[0] == 0 || caller_memory(high, args[1], args[0]);
}

static struct result write(const uint64_t *args)
{
	uint64_t count = args[0] < BYTES_MAX ? args[0] : BYTES_MAX;
	uint8_t *bytes = (uint8_t *)args[1];

	if (!good_memory(args))
		return FAULT_IS(console_any_memory)    ? result(SUCCESS, 0)
		       : FAULT_IS(console_wrong_error) ? result(NOT_SUPPORTED, 0)
						       : result(INVALID_PARAM, 0);
	if (FAULT_IS(console_writes_nothing))
		return result(SUCCESS, count);
	for (uint64_t i = 0; i < count - (FAULT_IS(console_loses_a_byte) && count > 1); i++)
		console_put(bytes[FAULT_IS(console_repeats_a_byte) ? 0 : i]);
	if (FAULT_IS(console_adds_a_byte))
		console_put(0);
	if (FAULT_IS(console_changes_its_input) && count)
		bytes[0] ^= 0xff;
	return result(SUCCESS, FAULT_IS(console_counts_too_much) ? args[0] + 1 : count);
}

static struct result read(const uint64_t *args)
{
	uint8_t *bytes = (uint8_t *)args[1];
	uint64_t count = 0;

	if (!good_memory(args))
		return FAULT_IS(console_reads_anywhere) ? result(SUCCESS, 0) : result(INVALID_PARAM, 0);
	while (count < args[0] && console_get(&bytes[count]))
		count++;
	if (FAULT_IS(console_read_sets_bit_7) && count)
		bytes[0] |= 0x80;
	if (FAULT_IS(console_read_past_the_end) && args[0] && caller_memory(0, args[1], args[0] + 1))
		bytes[args[0]] = 0;
	if (FAULT_IS(console_read_before_the_start) && args[0])
		bytes[-1] = 0;
	for (uint64_t i = count; FAULT_IS(console_read_clears_the_rest) && i < args[0] && i < BYTES_MAX; i++)
		bytes[i] = 0;
	return result(SUCCESS, FAULT_IS(console_read_counts_too_much) ? args[0] + 1 : count);
}

static struct result write_byte(uint64_t byte)
{
	console_put(byte);
	if (FAULT_IS(console_byte_as_word))
		console_put(byte >> 8);
	return result(SUCCESS, FAULT_IS(console_byte_stale_value) ? byte : 0);
}

struct result dbcn_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	(void)hart;
	switch (function) {
	case 0:
		return write(args);
	case 1:
		return read(args);
	case 2:
		return write_byte(args[0]);
	default:
		return result(NOT_SUPPORTED, 0);
	}
}
