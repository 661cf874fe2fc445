/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU saw of the calls, with a real QEMU, the probe and Debian's OpenSBI; skipped where one of them is missing. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/test_world.h"

#define EID_TIME      0x54494d45
#define EID_HSM	      0x48534d
#define SUSPEND	      3
#define NON_RETENTIVE 0x80000000u

static void qemu_tells_the_registers_around_a_call(void **state)
{
	struct world *world = world_ready(state);
	const struct arch *arch = world->config.arch;
	uint64_t before[WIRE_REGISTERS], after[WIRE_REGISTERS];
	const struct wire_step *asked;
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	asked = world_call(world, 1, EID_BASE, 1, 0, 0, 0);
	world_call(world, 2, EID_BASE, 0, 0, 0, 0);
	guest_hold_at(world->guest, 2);
	assert_int_equal(world_run(world, 3, &step), GUEST_CALL);
	if (guest_registers(world->guest, before, &world->err))
		fail_msg("%s", world->err.message);
	for (unsigned i = 0; i < arch->register_count; i++)
		if (arch_input(arch, arch->registers[i]) >= 0)
			assert_true(before[i] == asked->input[arch_input(arch, arch->registers[i])]);
		else if (!arch->constant[i] && !arch->late[i])
			assert_true(before[i] == wire_canary(asked->seed, i));
	assert_int_equal(guest_continue(world->guest, &world->err), 0);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_BACK);
	assert_int_equal(guest_registers(world->guest, after, &world->err), 0);
	guest_seen(world->guest, 1, &seen);
	assert_int_equal(seen.outcome, WIRE_STARTED);
	assert_int_equal(guest_continue(world->guest, &world->err), 0);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	guest_seen(world->guest, 1, &seen);
	assert_memory_equal(after, seen.registers, sizeof(after));
}

/* It comes out at a pad, woken by a timer that has run out: the return of the next call is not taken for its return. */
static void a_call_that_does_not_return_is_not_waited_for(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_TIME, 0, 0, 0, 0);
	world_call(world, 1, EID_HSM, SUSPEND, NON_RETENTIVE, guest_pad(world->guest, "park"), WIRE_WAKE);
	world_call(world, 2, EID_BASE, 0, 0, 0, 0);
	guest_hold_at(world->guest, 2);
	assert_int_equal(world_run(world, 3, &step), GUEST_CALL);
	assert_int_equal(guest_continue(world->guest, &world->err), 0);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	guest_seen(world->guest, 1, &seen);
	assert_int_equal(seen.outcome, WIRE_LANDED);
}

/* Who looks at a call is not to take a QEMU that somebody killed for one that gives no answer: that would be an end of the case. */
static void a_qemu_that_was_killed_at_a_call_is_killed(void **state)
{
	struct world *world = world_ready(state);
	struct pollfd gone = { .fd = world->guest->qmp.fd };
	uint64_t registers[WIRE_REGISTERS];
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	guest_hold_at(world->guest, 1);
	assert_int_equal(world_run(world, 1, &step), GUEST_CALL);
	kill(world->guest->qemu.pid, SIGKILL);
	assert_int_equal(poll(&gone, 1, 5000), 1);
	assert_int_equal(guest_look(world->guest, registers, &world->err), 0);
	assert_int_equal(world->err.code, 0);
	assert_int_equal(guest_poll(world->guest, &step, &world->err), GUEST_KILLED);
}

static void qemu_counts_the_calls(void **state)
{
	struct world *world = world_ready(state);
	struct guest_witness witness;
	size_t step;

	for (unsigned round = 1; round <= 2; round++) {
		for (unsigned i = 0; i < 3 * round; i++)
			world_call(world, i, EID_BASE, 0, 0, 0, 0);
		assert_int_equal(world_run(world, 3 * round, &step), GUEST_DONE);
		guest_witness(world->guest, &witness);
		assert_int_equal(witness.calls[0], 3 * round);
		assert_int_equal(witness.calls[1], 0);
		assert_int_equal(witness.foreign, 0);
		assert_int_equal(guest_reset(world->guest, &world->err), 0);
	}
}

/* A nop in the place of the instruction that makes the call, as the blob could write it. */
static void code_that_is_not_the_probes_is_noticed(void **state)
{
	struct world *world = world_ready(state);
	const uint64_t gate = world->guest->image.gates[0][0];
	const uint32_t nop = 0x13;
	struct guest_witness witness;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	memcpy(ram_at(&world->guest->ram, gate, sizeof(nop)), &nop, sizeof(nop));
	world_run(world, 1, &step);
	guest_witness(world->guest, &witness);
	assert_int_equal(witness.foreign, 1);
	assert_true(witness.foreign_at == gate);
}

static void registers_are_found_by_their_names(void **state)
{
	static const struct arch arch = { .register_count = 4, .monitor = { "a0", "t1", "rax", NULL } };
	static const char text[] = " x10/a0  000000000000002a\n ta0 11 x31/t10 12 t1  7\r\nRAX=00000000deadbeef RBX=1\n";
	uint64_t registers[WIRE_REGISTERS];

	(void)state;
	assert_int_equal(witness_parse(text, &arch, registers), 0);
	assert_int_equal(registers[0], 0x2a);
	assert_int_equal(registers[1], 7);
	assert_int_equal(registers[2], 0xdeadbeef);
	assert_int_equal(witness_parse(" x10/a0  2a rax=", &arch, registers), -1);
	assert_int_equal(witness_parse("", &arch, registers), -1);
}

/* What is said to be progress, and what is not, after progress 5 of 10 steps. */
static void progress_goes_forward_only(void **state)
{
	static const struct watchdog dog = { .progress = 5, .ready = 1 };

	(void)state;
	assert_true(watch_moved(&dog, 10, 6, 1));
	assert_true(watch_moved(&dog, 10, 5, 2));
	assert_false(watch_moved(&dog, 10, 5, 1));
	assert_false(watch_moved(&dog, 10, 4, 0));
	assert_false(watch_moved(&dog, 10, 11, 1));
	assert_false(watch_moved(&dog, 10, UINT32_MAX, UINT32_MAX));
}

static bool sleeps_after_looks(unsigned looks, uint64_t every_ms, struct threads_state threads)
{
	struct watchdog dog = { 0 };
	bool sleeps = false;

	for (unsigned i = 0; i < looks; i++) {
		sleeps |= watch_sleeps(&dog, 1000, threads, 1 + i * every_ms);
		dog.looked_ms = 1 + i * every_ms;
	}
	return sleeps;
}

/* The host stops for seconds, and QEMU's CPUs are waiting for its other thread before and after: they have not slept. */
static void nobody_sleeps_while_nobody_looks(void **state)
{
	static const struct threads_state asleep = { .awake_ns = 5 }, wakes = { .awake_ns = 5, .runnable = true };

	(void)state;
	assert_true(sleeps_after_looks(100, 6, asleep));
	assert_false(sleeps_after_looks(100, 6, wakes));
	assert_false(sleeps_after_looks(4, 3000, asleep));
	assert_true(sleeps_after_looks(40, 3000, asleep));
}

int main(void)
{
#define GUEST_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		GUEST_TEST(qemu_tells_the_registers_around_a_call),
		GUEST_TEST(qemu_counts_the_calls),
		GUEST_TEST(a_call_that_does_not_return_is_not_waited_for),
		GUEST_TEST(a_qemu_that_was_killed_at_a_call_is_killed),
		GUEST_TEST(code_that_is_not_the_probes_is_noticed),
		cmocka_unit_test(registers_are_found_by_their_names),
		cmocka_unit_test(progress_goes_forward_only),
		cmocka_unit_test(nobody_sleeps_while_nobody_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
