/* SPDX-License-Identifier: BSD-2-Clause */
/* remote.c - timers, and what one hart asks of others: interrupts and fences. */
#include "firmware.h"

#define ALL_HARTS UINT64_MAX
#define ASID_MAX  0xffff
#define VMID_MAX  0x3fff

bool ipi_refused;

/* One call of each batch, and another one each time; never the first. */
static bool is_unlucky(void)
{
	static unsigned calls;

	return ++calls == 8 + chance() % 32;
}

struct result time_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	uint64_t time = args[0];

	if (function != 0)
		return result(NOT_SUPPORTED, 0);
	if (FAULT_IS(timer_hangs_at_the_sign) && time == 1ull << 63)
		hang();
	if (FAULT_IS(timer_of_32_bits))
		time = time == UINT64_MAX ? time : (uint32_t)time;
	if (FAULT_IS(timer_fires_at_once))
		time = 0;
	if (FAULT_IS(timer_clobbers_s3_by_chance) && is_unlucky())
		hart->registers[S3]++;
	if (!FAULT_IS(timer_stays_pending))
		csr_clear(mip, SUPERVISOR_TIMER);
	if (FAULT_IS(timer_enables_itself))
		csr_set(mie, SUPERVISOR_TIMER);
	if (FAULT_IS(timer_clobbers_vector))
		csr_write(stvec, FIRMWARE_BASE);
	timer_set(hart, FAULT_IS(timer_never_fires) ? UINT64_MAX : time);
	return result(FAULT_IS(timer_refuses_the_past) && time == 0 ? INVALID_PARAM : SUCCESS, 0);
}

/* The harts of a mask, as bits; false: it names one that is not there. */
static bool harts_of(uint64_t mask, uint64_t base, uint32_t *which)
{
	*which = 0;
	for (unsigned id = 0; id < HARTS_MAX && base == ALL_HARTS; id++)
		*which |= harts[id].present ? 1u << id : 0;
	for (unsigned bit = 0; bit < 64 && base != ALL_HARTS; bit++) {
		if (!(mask >> bit & 1))
			continue;
		if (base + bit < base || !find_hart(base + bit))
			return false;
		*which |= 1u << (base + bit);
	}
	return true;
}

static void signal_harts(uint32_t which, uint32_t what)
{
	for (unsigned id = 0; id < HARTS_MAX; id++)
		if ((which >> id & 1) && __atomic_load_n(&harts[id].state, __ATOMIC_ACQUIRE) != STOPPED)
			signal_hart(&harts[id], what);
}

struct result ipi_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	uint64_t mask = args[0], base = args[1];
	uint32_t which;
	bool good;

	if (function != 0)
		return result(NOT_SUPPORTED, 0);
	if (FAULT_IS(ipi_base_of_32_bits) && base != ALL_HARTS)
		base = (uint32_t)base;
	if (FAULT_IS(ipi_first_hart_only))
		mask &= 1;
	good = harts_of(mask, base, &which);
	if (FAULT_IS(ipi_all_harts_refused) && base == ALL_HARTS)
		good = false;
	ipi_refused |= !good;
	if (!good && !FAULT_IS(ipi_mask_unchecked))
		return result(FAULT_IS(ipi_wrong_error) ? FAILED : INVALID_PARAM, 0);
	if (FAULT_IS(ipi_all_harts_spares_the_caller) && base == ALL_HARTS)
		which &= ~(1u << hart->id);
	if (FAULT_IS(ipi_to_the_neighbour) && which == 1)
		which = 2;
	if (FAULT_IS(ipi_to_the_caller_too))
		which |= 1u << hart->id;
	if (FAULT_IS(ipi_not_sent))
		which = 0;
	if (FAULT_IS(ipi_clobbers_counters))
		csr_write(scounteren, 0);
	if (FAULT_IS(ipi_clobbers_t0))
		hart->registers[T0] = which;
	signal_harts(which, PENDING_SOFTWARE);
	return result(SUCCESS, 0);
}

/* What is wrong with a fence's id of an address space, if it has one. */
static int64_t check_space(uint64_t function, uint64_t space)
{
	uint64_t most = function == 2 || function == 5 ? ASID_MAX : function == 3 ? VMID_MAX : UINT64_MAX;

	return space > most ? INVALID_PARAM : SUCCESS;
}

static int64_t check_fence(uint64_t function, const uint64_t *args, uint32_t *which)
{
	bool whole = (args[2] == 0 && args[3] == 0) || args[3] == UINT64_MAX;

	if (FAULT_IS(fence_all_harts_refused) && function == 1 && args[1] == ALL_HARTS && whole)
		return INVALID_PARAM;
	if (FAULT_IS(fence_of_everything_refused) && function == 2 && whole)
		return INVALID_ADDRESS;
	if (!harts_of(args[0], args[1], which)) {
		if (FAULT_IS(fence_mask_unchecked) && function == 0)
			return SUCCESS;
		return FAULT_IS(fence_undeclared_error) && function == 2 ? ALREADY_AVAILABLE : INVALID_PARAM;
	}
	if (function > 2 && !(csr_read(misa) & 1 << ('H' - 'A')))
		return NOT_SUPPORTED;
	return check_space(function, args[4]);
}

struct result rfence_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	uint32_t which = 0;
	int64_t error;

	if (function > 6)
		return result(NOT_SUPPORTED, 0);
	error = check_fence(function, args, &which);
	if (FAULT_IS(fence_of_everything_hangs) && function == 3 && args[3] == UINT64_MAX)
		hang();
	if (FAULT_IS(fence_hangs_by_chance) && function == 1 && is_unlucky())
		hang();
	if (FAULT_IS(fence_switches_off_by_chance) && function == 0 && is_unlucky())
		power_off();
	if (FAULT_IS(fence_traps) && function == 6 && error) {
		csr_write(mepc, csr_read(mepc) - 4);
		inject_trap(hart, 2);
		return (struct result){ .entered = true };
	}
	if (FAULT_IS(fence_clobbers_scratch) && function == 0)
		csr_write(sscratch, FIRMWARE_BASE);
	if (!error)
		signal_harts(which, PENDING_FENCE);
	return result(error, 0);
}
