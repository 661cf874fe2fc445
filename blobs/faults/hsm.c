/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware.h"

#define RETENTIVE     0u
#define NON_RETENTIVE 0x80000000u

static void set_state(struct hart *hart, uint32_t state)
{
	__atomic_store_n(&hart->state, state, __ATOMIC_RELEASE);
}

static uint32_t get_state(const struct hart *hart)
{
	return __atomic_load_n(&hart->state, __ATOMIC_ACQUIRE);
}

void wait_for_start(struct hart *hart)
{
	csr_write(mie, MACHINE_SOFTWARE);
	while (get_state(hart) != START_PENDING) {
		asm volatile("wfi" ::: "memory");
		signal_taken(hart);
	}
	csr_clear(mip, SUPERVISOR_SOFTWARE | SUPERVISOR_TIMER);
	timer_set(hart, UINT64_MAX);
	go_to(hart, hart->start_at, hart->start_opaque);
	if (FAULT_IS(start_wrong_hart_id))
		hart->registers[A0] = 0;
	if (FAULT_IS(start_opaque_of_32_bits))
		hart->registers[A1] = (uint32_t)hart->registers[A1];
	if (FAULT_IS(start_leaves_translation))
		csr_write(satp, FIRMWARE_BASE >> 12);
	if (FAULT_IS(start_enables_interrupts))
		csr_set(mstatus, MSTATUS_SIE);
	set_state(hart, STARTED);
}

static bool code_address(uint64_t address)
{
	return !(address & 1) && caller_memory(0, address, 4);
}

static bool started_before[HARTS_MAX]; /* for faults of memory */

static int64_t start(uint64_t id, uint64_t address, uint64_t opaque)
{
	struct hart *hart = find_hart(FAULT_IS(start_id_of_16_bits) ? (uint16_t)id : id);

	if (!hart)
		return FAULT_IS(start_unknown_hart_fails) ? FAILED : INVALID_PARAM;
	if (get_state(hart) != STOPPED)
		return FAULT_IS(start_twice) ? SUCCESS : ALREADY_AVAILABLE;
	if (!code_address(address))
		return FAULT_IS(start_anywhere)		      ? SUCCESS
		       : FAULT_IS(start_bad_address_is_param) ? INVALID_PARAM
							      : INVALID_ADDRESS;
	if (FAULT_IS(start_only_once) && started_before[hart->id])
		return ALREADY_AVAILABLE;
	started_before[hart->id] = true;
	hart->start_at = address;
	hart->start_opaque = opaque;
	if (FAULT_IS(start_forgets_to_start))
		return SUCCESS;
	set_state(hart, START_PENDING);
	signal_hart(hart, 0);
	return SUCCESS;
}

static struct result stop(struct hart *hart)
{
	if (FAULT_IS(stop_returns))
		return result(SUCCESS, 0);
	set_state(hart, STOPPED);
	wait_for_start(hart);
	return (struct result){ .entered = true };
}

static struct result status(struct hart *caller, uint64_t id)
{
	const struct hart *hart = find_hart(id);
	uint32_t state;

	if (!hart)
		return FAULT_IS(status_of_unknown_hart) ? result(SUCCESS, STOPPED) : result(INVALID_PARAM, 0);
	state = get_state(hart);
	if (FAULT_IS(status_stale_after_start) && hart != caller)
		state = STOPPED;
	if (FAULT_IS(status_stale_after_stop) && started_before[id])
		state = STARTED;
	if (FAULT_IS(status_of_caller_wrong) && hart == caller)
		state = SUSPENDED;
	if (FAULT_IS(status_of_no_state) && state == STOPPED)
		state = 7;
	if (FAULT_IS(status_clobbers_s3_after_an_ipi) && ipi_refused)
		caller->registers[S3]++;
	if (FAULT_IS(status_destroys_memory_after_an_ipi) && ipi_refused)
		lose_the_mailbox();
	if (FAULT_IS(status_clobbers_translation))
		csr_write(satp, FIRMWARE_BASE >> 12);
	return FAULT_IS(status_in_error) ? result(state, 0) : result(SUCCESS, state);
}

/* Until an interrupt for the supervisor is pending. */
static void sleep(struct hart *hart)
{
	set_state(hart, SUSPENDED);
	while (!(csr_read(mip) & SUPERVISOR_INTERRUPTS)) {
		asm volatile("wfi" ::: "memory");
		if (csr_read(mip) & MACHINE_SOFTWARE)
			signal_taken(hart);
		if (csr_read(mip) & csr_read(mie) & MACHINE_TIMER)
			timer_expired();
	}
	set_state(hart, STARTED);
}

static struct result suspend(struct hart *hart, uint64_t type, uint64_t address, uint64_t opaque)
{
	if (!FAULT_IS(suspend_type_of_64_bits))
		type = (uint32_t)type;
	if (FAULT_IS(suspend_reserved_type) && type > 0 && type < 0x10000000)
		type = RETENTIVE;
	if (FAULT_IS(suspend_reserved_deep_type) && type > NON_RETENTIVE && type < 0x90000000)
		type = NON_RETENTIVE;
	if (type != RETENTIVE && type != NON_RETENTIVE)
		return result(INVALID_PARAM, 0);
	if (type == NON_RETENTIVE && !code_address(address))
		return result(FAULT_IS(suspend_bad_address_is_failure) ? FAILED : INVALID_ADDRESS, 0);
	sleep(hart);
	if (FAULT_IS(suspend_clobbers_scratch))
		csr_write(sscratch, 0);
	if (type == RETENTIVE || FAULT_IS(suspend_returns))
		return result(SUCCESS, 0);
	go_to(hart, address, FAULT_IS(suspend_loses_opaque) ? 0 : opaque);
	if (FAULT_IS(suspend_resumes_with_interrupts))
		csr_set(mstatus, MSTATUS_SIE);
	return (struct result){ .entered = true };
}

struct result hsm_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	switch (function) {
	case 0:
		return result(start(args[0], args[1], args[2]), 0);
	case 1:
		return stop(hart);
	case 2:
		return status(hart, args[0]);
	case 3:
		return suspend(hart, args[0], args[1], args[2]);
	default:
		return result(FAULT_IS(unknown_hart_function_denied) ? -4 : NOT_SUPPORTED, 0);
	}
}
