/* SPDX-License-Identifier: BSD-2-Clause */
/* nacl.c - nested acceleration with two of its features: CSRs (two of them) and fences are synchronized, which changes nothing else. */
#include "firmware.h"

#define ALL_ONES      (~UINT64_C(0))
#define PAGE	      4096
#define SIZE	      (PAGE + 1024 * 8)
#define DIRTY	      0xf80 /* offset of the bitmap */
#define FENCES	      0x800 /* offset of the entries */
#define FENCE_COUNT   60
#define FENCE_SIZE    32
#define FENCE_PENDING (1u << 7) /* in the last byte of the first word */

enum { SYNC_CSR, SYNC_HFENCE, FEATURES };

static uint8_t *memories[HARTS_MAX]; /* NULL: none */

static const uint32_t csrs[] = { 0x280, 0x600 }; /* vsatp, hstatus */

static struct result probe(uint32_t feature)
{
	bool there = feature < FEATURES || (FAULT_IS(nested_reserved_feature) && feature == UINT32_MAX);

	if (FAULT_IS(nested_unknown_is_an_error) && !there)
		return result(INVALID_PARAM, 0);
	return result(SUCCESS, there ? 1 : 0);
}

static struct result set_memory(struct hart *hart, uint64_t low, uint64_t high, uint64_t flags)
{
	if (flags && !FAULT_IS(nested_flags_accepted))
		return result(INVALID_PARAM, 0);
	if (low == ALL_ONES && high == ALL_ONES) {
		memories[hart->id] = FAULT_IS(nested_memory_stays) ? memories[hart->id] : NULL;
		return result(SUCCESS, 0);
	}
	if (low % PAGE)
		return result(FAULT_IS(nested_unaligned_is_address) ? INVALID_ADDRESS : INVALID_PARAM, 0);
	if (!caller_memory(high, low, FAULT_IS(nested_checks_one_byte) ? 1 : SIZE))
		return result(FAULT_IS(nested_anywhere) ? SUCCESS : INVALID_ADDRESS, 0);
	memories[hart->id] = (uint8_t *)low;
	return result(SUCCESS, 0);
}

static bool is_there(uint64_t csr)
{
	for (unsigned i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++)
		if (csrs[i] == csr)
			return true;
	return false;
}

static void clean(uint8_t *memory, uint64_t csr)
{
	uint64_t bit = (csr & 0xc00) >> 2 | (csr & 0xff);

	if (!FAULT_IS(nested_csr_stays_dirty))
		memory[DIRTY + bit / 8] &= (uint8_t) ~(1u << bit % 8);
}

static struct result sync_csr(uint8_t *memory, uint64_t csr)
{
	if (csr != ALL_ONES && !is_there(csr))
		return result(FAULT_IS(nested_any_csr) ? SUCCESS : INVALID_PARAM, 0);
	if (!memory)
		return result(NO_SHMEM, 0);
	for (unsigned i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++)
		if (csr == ALL_ONES || csr == csrs[i])
			clean(memory, csrs[i]);
	return result(SUCCESS, 0);
}

static struct result sync_fence(uint8_t *memory, uint64_t index)
{
	if (index != ALL_ONES && index >= (FAULT_IS(nested_one_fence_more) ? FENCE_COUNT + 1 : FENCE_COUNT))
		return result(INVALID_PARAM, 0);
	if (!memory)
		return result(FAULT_IS(nested_fence_without_memory) ? SUCCESS : NO_SHMEM, 0);
	for (uint64_t i = 0; i < FENCE_COUNT; i++)
		if ((index == ALL_ONES || index == i) && !(FAULT_IS(nested_last_fence_forgotten) && i == FENCE_COUNT - 1))
			memory[FENCES + FENCE_SIZE * i + 7] &= (uint8_t)~FENCE_PENDING;
	return result(SUCCESS, 0);
}

struct result nacl_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	switch (function) {
	case 0:
		return probe((uint32_t)args[0]);
	case 1:
		return set_memory(hart, args[0], args[1], args[2]);
	case 2:
		return sync_csr(memories[hart->id], args[0]);
	case 3:
		return sync_fence(memories[hart->id], args[0]);
	default: /* SRET is a feature that is not there, and then so is its function */
		return result(NOT_SUPPORTED, 0);
	}
}
