/* SPDX-License-Identifier: BSD-2-Clause */
/* sta.c - steal-time accounting. Nothing is ever stolen here: the memory stays as it was when it was handed over. */
#include "firmware.h"

#define ALL_ONES  (~UINT64_C(0))
#define STRUCTURE 64 /* bytes */

static struct result set_memory(uint64_t low, uint64_t high, uint64_t flags)
{
	uint8_t *bytes = (uint8_t *)low;

	if (flags && !FAULT_IS(steal_flags_accepted))
		return result(INVALID_PARAM, 0);
	if (low == ALL_ONES && high == ALL_ONES)
		return result(FAULT_IS(steal_cannot_be_stopped) ? INVALID_PARAM : SUCCESS, 0);
	if (low % STRUCTURE && !(FAULT_IS(steal_aligned_to_eight) && low % 8 == 0))
		return result(INVALID_PARAM, 0);
	if (!caller_memory(high, low, STRUCTURE))
		return result(FAULT_IS(steal_anywhere) ? SUCCESS : INVALID_ADDRESS, 0);
	for (unsigned i = 0; i < (FAULT_IS(steal_leaves_the_pad) ? 17 : STRUCTURE); i++)
		bytes[i] = 0;
	if (FAULT_IS(steal_past_the_end))
		bytes[STRUCTURE] = 0;
	return result(SUCCESS, FAULT_IS(steal_value) ? low : 0);
}

struct result sta_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	(void)hart;
	return function == 0 ? set_memory(args[0], args[1], args[2]) : result(NOT_SUPPORTED, 0);
}
