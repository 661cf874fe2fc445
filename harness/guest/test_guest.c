/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest with a real QEMU, the probe, and the OpenSBI that Debian installs; skipped where one of them is missing. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/test_world.h"

#define EID_SRST    0x53525354
#define EID_PUTCHAR 1
#define EID_HSM	    0x48534d

static void a_base_call_returns(void **state)
{
	struct world *world = world_ready(state);
	int a0 = arch_register(world->config.arch, "a0"), a1 = arch_register(world->config.arch, "a1");
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	world_call(world, 1, EID_BASE, 1, 0, 0, 0);
	assert_int_equal(world_run(world, 2, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(seen.registers[a0], 0);
	assert_int_equal(seen.registers[a1], 0x1000000);
	guest_seen(world->guest, 1, &seen);
	assert_int_equal(seen.registers[a1], 1);
	assert_string_not_equal(guest_qemu_version(world->guest), "");
}

/* The probe makes most calls by a way of its own (run_plain_steps()). */
static void a_plain_call_is_seen_like_any_other(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen plain, other;
	struct wire_step *second;
	size_t step;

	world_call(world, 0, EID_BASE, 3, EID_HSM, 0, 0);
	second = world_call(world, 1, EID_BASE, 3, EID_HSM, 0, 0);
	second->settle = 1;
	second->seed = 0;
	assert_int_equal(world_run(world, 2, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &plain);
	guest_seen(world->guest, 1, &other);
	assert_int_equal(plain.outcome, WIRE_RETURNED);
	assert_memory_equal(plain.registers, other.registers, sizeof(plain.registers));
	assert_memory_equal(plain.before, other.before, sizeof(plain.before));
	assert_memory_equal(plain.after, other.after, sizeof(plain.after));
	assert_true(plain.start && plain.start <= plain.end && plain.end <= other.start);
	assert_int_equal(plain.hart, other.hart);
}

static void every_register_that_is_no_input_holds_its_canary(void **state)
{
	struct world *world = world_ready(state);
	const struct arch *arch = world->config.arch;
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0)->seed = UINT64_C(0xfedcba9876543210);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	for (unsigned i = 0; i < arch->register_count; i++)
		if (!arch->constant[i] && arch_input(arch, arch->registers[i]) < 0)
			assert_true(seen.registers[i] == wire_canary(UINT64_C(0xfedcba9876543210), i));
}

static void a_gate_that_is_not_there_traps(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0)->gate = 77;
	world_call(world, 1, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 2, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_TRAPPED);
	guest_seen(world->guest, 1, &seen);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
}

static void a_shutdown_is_told_from_a_crash(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	world_call(world, 1, EID_SRST, 0, 0, 0, 0);
	world_call(world, 2, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 3, &step), GUEST_SHUTDOWN);
	assert_int_equal(step, 1);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	guest_seen(world->guest, 2, &seen);
	assert_int_equal(seen.outcome, WIRE_NOTHING);
}

static void a_reset_is_told_from_a_shutdown(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world_call(world, 0, EID_SRST, 0, 1, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_RESET);
	assert_int_equal(step, 0);
}

static void a_cpu_that_never_comes_back_is_a_hang(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	world_call(world, 1, EID_HSM, 1, 0, 0, 0);
	assert_int_equal(world_run(world, 2, &step), GUEST_HANG);
	assert_int_equal(step, 1);
}

static void a_qemu_that_was_killed_from_outside_is_no_crash(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	if (guest_go(world->guest, 1, &world->err))
		fail_msg("%s", world->err.message);
	kill(world->guest->qemu.pid, SIGKILL);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_KILLED);
}

static void a_qemu_that_was_told_to_end_is_no_crash_either(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	if (guest_go(world->guest, 1, &world->err))
		fail_msg("%s", world->err.message);
	kill(world->guest->qemu.pid, SIGTERM);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_KILLED);
}

/* Who asks later whether something went wrong shall not find an error that was got over. */
static void a_qemu_that_was_killed_before_it_ran_leaves_no_error(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	kill(world->guest->qemu.pid, SIGKILL);
	while (!world->guest->qmp.closed)
		qmp_pump(&world->guest->qmp);
	assert_int_equal(guest_go(world->guest, 1, &world->err), 0);
	assert_int_equal(world->err.code, 0);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_KILLED);
}

static void a_qemu_that_was_killed_is_replaced_at_the_next_reset(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;
	size_t step;

	kill(world->guest->qemu.pid, SIGKILL);
	world_ready(state);
	assert_int_equal(world->err.code, 0);
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
}

/* One reset may take several boots, when the host is too busy to stop the machine at the right moment. */
static void boots_that_were_in_vain_are_not_charged_to_the_next(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world->guest->syncs = 100;
	kill(world->guest->qemu.pid, SIGKILL);
	world_ready(state);
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
}

static void a_stopped_qemu_is_stuck(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world->guest->config.stuck_ms = 300;
	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	if (guest_go(world->guest, 1, &world->err))
		fail_msg("%s", world->err.message);
	kill(world->guest->qemu.pid, SIGSTOP);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_STUCK);
}

static void a_qemu_that_does_not_begin_a_batch_is_stuck(void **state)
{
	struct world *world = world_ready(state);
	size_t step;

	world->guest->config.stuck_ms = 300;
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	kill(world->guest->qemu.pid, SIGSTOP);
	assert_int_equal(world_run(world, 1, &step), GUEST_STUCK);
}

/* The records are all there: that QEMU falls silent when it is told to rest is no end of the blob's. */
static void a_batch_is_done_though_qemu_does_not_come_to_rest(void **state)
{
	struct world *world = world_ready(state);
	const uint32_t done = 2; /* wire_batch.ready */
	struct wire_batch batch = { 0 };
	size_t step;

	world->guest->config.stuck_ms = 300;
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	if (guest_go(world->guest, 1, &world->err))
		fail_msg("%s", world->err.message);
	for (unsigned ms = 0; batch.ready != done && ms < 5000; ms++) {
		poll(NULL, 0, 1);
		guest_batch(world->guest, &batch);
	}
	kill(world->guest->qemu.pid, SIGSTOP);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	assert_int_equal(guest_outcome(world->guest, 0), WIRE_RETURNED);
}

static void replaced_by_another(struct world *world, pid_t stopped)
{
	size_t step;

	world->guest->config.stuck_ms = 3000;
	if (guest_reset(world->guest, &world->err))
		fail_msg("%s", world->err.message);
	assert_int_not_equal(world->guest->qemu.pid, stopped);
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
}

static void a_stopped_qemu_is_replaced(void **state)
{
	struct world *world = world_ready(state);
	pid_t pid = world->guest->qemu.pid;

	kill(pid, SIGSTOP);
	replaced_by_another(world, pid);
}

/* The board has a flash, see tidy_up(). */
static void a_guest_that_has_not_run_can_be_reset_again(void **state)
{
	struct world *world = world_ready(state);
	pid_t pid = world->guest->qemu.pid;
	struct wire_seen seen;
	size_t step;

	for (unsigned i = 0; i < 3; i++) {
		world_call(world, 0, EID_HSM, 1, 0, 0, 0);
		world_ready(state);
	}
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(seen.number, 0);
	assert_int_equal(world->guest->qemu.pid, pid);
}

static void a_qemu_that_is_stopped_while_it_comes_up_is_replaced(void **state)
{
	struct world *world = *state;
	pid_t pid;

	if (!world->guest)
		skip();
	if (guest_start(world->guest, &world->err))
		fail_msg("%s", world->err.message);
	pid = world->guest->qemu.pid;
	kill(pid, SIGSTOP);
	replaced_by_another(world, pid);
}

static void an_interrupt_ends_the_wait(void **state)
{
	struct world *world = world_ready(state);
	const volatile bool interrupt = true;
	size_t step;

	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	if (guest_go(world->guest, 1, &world->err))
		fail_msg("%s", world->err.message);
	assert_int_equal(guest_wait(world->guest, &interrupt, &step, &world->err), GUEST_INTERRUPTED);
	assert_int_equal(world->guest->qemu.pid, 0);
}

static void console_bytes_belong_to_the_step_between_two_syncs(void **state)
{
	struct world *world = world_ready(state);
	const uint8_t *bytes;
	size_t step, before, after;

	world_call(world, 0, EID_PUTCHAR, 0, 'a', 0, WIRE_SYNC);
	world_call(world, 1, EID_PUTCHAR, 0, 'b', 0, 0);
	assert_int_equal(world_run(world, 2, &step), GUEST_SYNC);
	before = guest_console(world->guest, &bytes, NULL);
	assert_int_equal(before, 0);
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_SYNC);
	after = guest_console(world->guest, &bytes, NULL);
	assert_int_equal(after, before + 1);
	assert_int_equal(bytes[before], 'a');
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	assert_int_equal(guest_console(world->guest, &bytes, NULL), before + 2);
}

static void bytes_fed_to_the_console_reach_the_blob(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;
	size_t step;

	world_call(world, 0, 2, 0, 0, 0, WIRE_SYNC);
	assert_int_equal(world_run(world, 1, &step), GUEST_SYNC);
	assert_int_equal(guest_console_feed(world->guest, "x", 1, &world->err), 0);
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_SYNC);
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.registers[arch_register(world->config.arch, "a0")], 'x');
}

static void a_reset_forgets_everything(void **state)
{
	struct world *world = world_ready(state);
	uint64_t first, second;
	struct wire_seen seen;
	unsigned char *memory = guest_alloc(world->guest, 100, 4096, &first);
	size_t step;

	assert_non_null(memory);
	assert_int_equal(first % 4096, 0);
	memset(memory, 7, 100);
	world_call(world, 0, EID_BASE, 0, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_DONE);
	world_ready(state);
	guest_seen(world->guest, 0, &seen);
	assert_int_equal(seen.outcome, WIRE_NOTHING);
	memory = guest_alloc(world->guest, 100, 4096, &second);
	assert_int_equal(first, second);
	assert_int_equal(memory[0], 0);
}

#define EID_TIME	   0x54494d45
#define EID_IPI		   0x735049
#define EVERY_DEVICE_LINES 7

/* What can be seen of the machine while it stands still: CPUs, timers, interrupt controller, serial line, and all of RAM. */
static char *look_at_everything(struct world *world)
{
	static const char *const lines[EVERY_DEVICE_LINES] = { "info registers -a",  "xp /1gx 0x200bff8",  "xp /2gx 0x2004000",
							       "xp /2wx 0x2000000",  "xp /8bx 0x10000000", "xp /64wx 0xc000000",
							       "xp /512wx 0xc002000" };
	const struct ram *ram = &world->guest->ram;
	uint64_t sum = 0;
	char *text, *answer = xmalloc(1 << 20);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < EVERY_DEVICE_LINES; i++) {
		if (qmp_human(&world->guest->qmp, lines[i], answer, 1 << 20, 5000, &world->err))
			fail_msg("%s", world->err.message);
		fprintf(out, "%s\n%s", lines[i], answer);
	}
	for (size_t i = 0; i < ram->size / 8; i++)
		sum = (sum ^ ((const uint64_t *)ram->map)[i]) * 0x100000001b3u;
	fprintf(out, "RAM %llx\n", (unsigned long long)sum);
	fclose(out);
	free(answer);
	return text;
}

/* Starts the other CPU, sets timers, raises interrupts, writes to the console and to memory. */
static void upset(struct world *world)
{
	uint64_t address;
	size_t step;

	memset(guest_alloc(world->guest, 65536, 4096, &address), 0x5a, 65536);
	world_call(world, 0, EID_HSM, 0, 1, guest_pad(world->guest, "park"), 0);
	world_call(world, 1, EID_TIME, 0, 0, 0, 0);
	world_call(world, 2, EID_IPI, 0, 3, 0, 0);
	world_call(world, 3, EID_PUTCHAR, 0, 'x', 0, 0);
	world_call(world, 4, EID_BASE, 0, 0, 0, 0);
	guest_step(world->guest, 5)->hart = 1;
	((struct wire_step *)ram_at(&world->guest->ram, world->guest->ram.step_at, 8))[5].gate =
		(uint16_t)arch_gate(world->config.arch, "ecall");
	assert_int_equal(world_run(world, 6, &step), GUEST_DONE);
	*(uint64_t *)ram_at(&world->guest->ram, world->guest->ram.base + 0x100000, 8) = 0x123456789abcdef; /* some wild write */
}

static void a_reset_brings_back_all_of_the_machine(void **state)
{
	struct world *world = world_ready(state);
	char *before = look_at_everything(world), *upset_state, *after;

	for (int i = 0; i < 3; i++) {
		upset(world);
		upset_state = look_at_everything(world);
		assert_string_not_equal(before, upset_state);
		free(upset_state);
		world_ready(state);
		after = look_at_everything(world);
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
}

static void a_reset_after_the_end_of_the_machine_needs_no_new_qemu(void **state)
{
	struct world *world = world_ready(state);
	char *before = look_at_everything(world), *after;
	pid_t pid = world->guest->qemu.pid;
	size_t step;

	world_call(world, 0, EID_SRST, 0, 1, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_RESET);
	world_ready(state);
	world_call(world, 0, EID_HSM, 1, 0, 0, 0);
	assert_int_equal(world_run(world, 1, &step), GUEST_HANG);
	world_ready(state);
	after = look_at_everything(world);
	assert_string_equal(before, after);
	assert_int_equal(pid, world->guest->qemu.pid);
	free(before);
	free(after);
}

#define ALIKE_STEPS 40

/* Calls of both CPUs, timers and interrupts included; what was seen of them, times and all. */
static void run_alike(struct world *world, uint8_t flags, struct wire_seen seen[ALIKE_STEPS])
{
	enum guest_end end;
	size_t step;

	world_call(world, 0, EID_HSM, 0, 1, guest_pad(world->guest, "park"), flags);
	((struct wire_step *)ram_at(&world->guest->ram, world->guest->ram.step_at, 8))[0].settle = 10000;
	for (size_t i = 1; i < ALIKE_STEPS; i++) {
		world_call(world, i, i % 3 ? EID_BASE : EID_IPI, i % 3 ? i % 7 : 0, 3, 0, flags);
		((struct wire_step *)ram_at(&world->guest->ram, world->guest->ram.step_at, 8))[i].hart = i > 5 && i % 2;
	}
	for (end = world_run(world, ALIKE_STEPS, &step); end == GUEST_SYNC;
	     end = guest_wait(world->guest, NULL, &step, &world->err))
		guest_continue(world->guest, &world->err);
	assert_int_equal(end, GUEST_DONE);
	for (size_t i = 0; i < ALIKE_STEPS; i++) {
		guest_seen(world->guest, i, &seen[i]);
		seen[i].nonce = 0;
	}
}

static void assert_alike(const struct wire_seen first[ALIKE_STEPS], const struct wire_seen again[ALIKE_STEPS])
{
	const uint64_t *a = (const uint64_t *)first, *b = (const uint64_t *)again, words = sizeof(*first) / sizeof(*a);

	for (size_t i = 0; i < ALIKE_STEPS * words; i++)
		if (a[i] != b[i])
			fail_msg("step %zu began at %llu and at %llu; its word %zu was %#llx and is %#llx", i / words,
				 (unsigned long long)first[i / words].start, (unsigned long long)again[i / words].start,
				 i % words, (unsigned long long)a[i], (unsigned long long)b[i]);
}

static void the_same_batch_does_the_same_at_the_same_times(void **state)
{
	static struct wire_seen first[ALIKE_STEPS], again[ALIKE_STEPS];
	struct world *world = world_ready(state);

	run_alike(world, 0, first);
	assert_int_equal(first[ALIKE_STEPS - 1].outcome, WIRE_RETURNED);
	for (int i = 0; i < 4; i++) {
		world_ready(state);
		if (i % 2) {
			upset(world);
			world_ready(state);
		}
		run_alike(world, 0, again);
		assert_alike(first, again);
	}
	/* and in another QEMU */
	kill(world->guest->qemu.pid, SIGKILL);
	world_ready(state);
	run_alike(world, 0, again);
	assert_alike(first, again);
}

static void a_batch_does_the_same_whether_or_not_the_host_looks_on(void **state)
{
	static struct wire_seen alone[ALIKE_STEPS], watched[ALIKE_STEPS];
	struct world *world = world_ready(state);

	run_alike(world, 0, alone);
	world_ready(state);
	run_alike(world, WIRE_SYNC, watched);
	assert_alike(alone, watched);
}

static void a_batch_has_an_end(void **state)
{
	struct world *world = world_ready(state);
	uint64_t address;

	assert_true(guest_capacity(world->guest) > 10000);
	assert_null(guest_step(world->guest, 1));
	assert_non_null(guest_step(world->guest, 0));
	assert_null(guest_alloc(world->guest, (size_t)1 << 40, 8, &address));
	while (guest_alloc(world->guest, 1 << 20, 8, &address))
		assert_non_null(guest_memory(world->guest, address, 1 << 20));
	assert_null(guest_memory(world->guest, address, (size_t)1 << 40));
	assert_null(guest_memory(world->guest, 0, 1));
	assert_null(guest_memory(world->guest, UINT64_MAX, 2));
	assert_int_not_equal(guest_pad(world->guest, "park"), 0);
	assert_int_equal(guest_pad(world->guest, "nowhere"), 0);
}

static void nothing_is_left_running(void **state)
{
	struct world *world = world_ready(state);
	pid_t pid = world->guest->qemu.pid;

	assert_int_not_equal(pid, world->guest->qemu.keeper);
	assert_int_equal(kill(pid, 0), 0);
	guest_free(world->guest);
	world->guest = NULL;
	assert_int_equal(kill(pid, 0), -1);
}

/* As when the harness is killed: nothing but closed channels tells QEMU, whatever moment it is. */
static void a_qemu_whose_harness_is_gone_ends(void **state)
{
	struct world *world = *state;
	struct err err;

	if (!world->guest)
		skip();
	assert_int_equal(guest_start(world->guest, &err), 0);
	stops_free(&world->guest->stops);
	assert_true(qemu_ended(&world->guest->qemu, 5000));
}

static void a_qemu_that_is_not_there_is_named_with_its_package(void **state)
{
	struct world *world = *state;
	struct machine machine;
	struct blob blob;

	if (!world->guest)
		skip();
	machine = *world->config.blob->machine;
	blob = *world->config.blob;
	machine.qemu = "qemu-system-nowhere";
	blob.machine = &machine;
	guest_free(world->guest);
	world->config.blob = &blob;
	world->guest = guest_new(&world->config, &world->err);
	assert_int_equal(guest_reset(world->guest, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
	assert_non_null(strstr(world->err.message, "apt install qemu-system-misc"));
}

static void a_qemu_that_refuses_is_quoted(void **state)
{
	struct world *world = *state;
	struct machine machine;
	struct blob blob;

	if (!world->guest)
		skip();
	machine = *world->config.blob->machine;
	blob = *world->config.blob;
	machine.cpu = "no-such-cpu";
	blob.machine = &machine;
	guest_free(world->guest);
	world->config.blob = &blob;
	world->guest = guest_new(&world->config, &world->err);
	assert_int_equal(guest_reset(world->guest, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
	assert_non_null(strstr(world->err.message, "no-such-cpu"));
}

static void the_device_tree_can_be_changed(void **state)
{
	static const struct tree_setting settings[] = { { "/soc/extra", "compatible", "assay,test", 11 },
							{ "/chosen", "flag", NULL, 0 } };
	struct world *world = *state;
	struct wire_batch batch;
	struct machine machine;
	struct blob blob;
	size_t step;

	if (!world->guest)
		skip();
	machine = *world->config.blob->machine;
	blob = *world->config.blob;
	machine.tree = settings;
	machine.tree_count = 2;
	blob.machine = &machine;
	guest_free(world->guest);
	world->config.blob = &blob;
	world->guest = guest_new(&world->config, &world->err);
	if (!world->guest)
		fail_msg("%s", world->err.message);
	world_ready(state);
	assert_int_equal(world_run(world, 0, &step), GUEST_DONE);
	guest_batch(world->guest, &batch);
	assert_non_null(memmem(ram_at(&world->guest->ram, batch.device_tree, 16384), 16384, "assay,test", 11));
}

int main(void)
{
#define GUEST_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		GUEST_TEST(a_base_call_returns),
		GUEST_TEST(a_plain_call_is_seen_like_any_other),
		GUEST_TEST(every_register_that_is_no_input_holds_its_canary),
		GUEST_TEST(a_gate_that_is_not_there_traps),
		GUEST_TEST(a_shutdown_is_told_from_a_crash),
		GUEST_TEST(a_reset_is_told_from_a_shutdown),
		GUEST_TEST(a_cpu_that_never_comes_back_is_a_hang),
		GUEST_TEST(a_qemu_that_was_killed_from_outside_is_no_crash),
		GUEST_TEST(a_qemu_that_was_told_to_end_is_no_crash_either),
		GUEST_TEST(a_qemu_that_was_killed_before_it_ran_leaves_no_error),
		GUEST_TEST(a_qemu_that_was_killed_is_replaced_at_the_next_reset),
		GUEST_TEST(boots_that_were_in_vain_are_not_charged_to_the_next),
		GUEST_TEST(a_stopped_qemu_is_stuck),
		GUEST_TEST(a_qemu_that_does_not_begin_a_batch_is_stuck),
		GUEST_TEST(a_batch_is_done_though_qemu_does_not_come_to_rest),
		GUEST_TEST(a_stopped_qemu_is_replaced),
		GUEST_TEST(a_qemu_that_is_stopped_while_it_comes_up_is_replaced),
		GUEST_TEST(a_guest_that_has_not_run_can_be_reset_again),
		GUEST_TEST(an_interrupt_ends_the_wait),
		GUEST_TEST(console_bytes_belong_to_the_step_between_two_syncs),
		GUEST_TEST(bytes_fed_to_the_console_reach_the_blob),
		GUEST_TEST(a_reset_forgets_everything),
		GUEST_TEST(a_reset_brings_back_all_of_the_machine),
		GUEST_TEST(a_reset_after_the_end_of_the_machine_needs_no_new_qemu),
		GUEST_TEST(the_same_batch_does_the_same_at_the_same_times),
		GUEST_TEST(a_batch_does_the_same_whether_or_not_the_host_looks_on),
		GUEST_TEST(a_batch_has_an_end),
		GUEST_TEST(nothing_is_left_running),
		GUEST_TEST(a_qemu_whose_harness_is_gone_ends),
		GUEST_TEST(a_qemu_that_is_not_there_is_named_with_its_package),
		GUEST_TEST(a_qemu_that_refuses_is_quoted),
		GUEST_TEST(the_device_tree_can_be_changed),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
