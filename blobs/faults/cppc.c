/* SPDX-License-Identifier: BSD-2-Clause */
/* cppc.c - registers of performance control, some of them there. What is written is kept; nothing gets faster. */
#include "firmware.h"

#define LATENCY		 0x80000000u
#define RESERVED	 0x15u /* first reserved id of the lower half */
#define ACPI_DEFINES(id) ((id) < RESERVED)

enum access { READ, READ_WRITE };

static struct cppc_register {
	uint32_t id, width;
	enum access access;
	uint64_t value;
} table[] = {
	{ 0x0, 32, READ, 100 },	       { 0x1, 32, READ, 80 },	    { 0x2, 32, READ, 20 },	  { 0x3, 32, READ, 10 },
	{ 0x5, 32, READ_WRITE, 80 },   { 0x6, 32, READ_WRITE, 10 }, { 0x7, 32, READ_WRITE, 100 }, { 0xB, 64, READ, 1ull << 40 },
	{ 0xC, 64, READ, 1ull << 41 }, { 0x12, 32, READ, 80 },	    { LATENCY, 32, READ, 1000 },
};

static struct cppc_register *find(uint32_t id)
{
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].id == id)
			return &table[i];
	return NULL;
}

static bool is_defined(uint32_t id)
{
	return ACPI_DEFINES(id) || id == LATENCY || (FAULT_IS(performance_reserved_is_absent) && id > LATENCY);
}

static struct result probe(uint32_t id)
{
	const struct cppc_register *found = find(id);

	if (!is_defined(id))
		return result(INVALID_PARAM, 0);
	if (!found)
		return result(FAULT_IS(performance_absent_is_an_error) ? NOT_SUPPORTED : SUCCESS, 0);
	return result(SUCCESS, FAULT_IS(performance_width_in_bytes) ? found->width / 8 : found->width);
}

static struct result read(uint32_t id)
{
	const struct cppc_register *found = find(id);

	if (!is_defined(id))
		return result(INVALID_PARAM, 0);
	if (!found)
		return FAULT_IS(performance_absent_reads_zero) ? result(SUCCESS, 0) : result(NOT_SUPPORTED, 0);
	return result(SUCCESS, found->value);
}

static struct result read_high(uint32_t id)
{
	struct result low = read(id);

	return result(low.error, FAULT_IS(performance_high_half) ? low.value >> 32 : 0);
}

static struct result write(uint32_t id, uint64_t value)
{
	struct cppc_register *found = find(id);

	if (!is_defined(id))
		return result(INVALID_PARAM, 0);
	if (!found)
		return result(NOT_SUPPORTED, 0);
	if (found->access == READ && !FAULT_IS(performance_everything_writable))
		return result(FAULT_IS(performance_denied_is_failed) ? FAILED : DENIED, 0);
	found->value = (uint32_t)value;
	return result(SUCCESS, 0);
}

struct result cppc_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	uint32_t id = (uint32_t)args[0];

	(void)hart;
	switch (function) {
	case 0:
		return probe(id);
	case 1:
		return read(id);
	case 2:
		return read_high(id);
	case 3:
		return write(id, args[1]);
	default:
		return result(NOT_SUPPORTED, 0);
	}
}
