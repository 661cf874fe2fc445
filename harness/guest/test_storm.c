/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots that come to nothing, in a real QEMU: the firmwares of blobs/chaos. Skipped where there is no QEMU. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "guest/test_world.h"

#define CHAOS	   ASSAY_BUILD "/blobs/chaos/"
#define SOON_MS	   20000u /* the limit on guest time alone would take minutes */
#define CONSOLE_KB 64u

static int set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	*state = world;
	world->arena = arena_new();
	world->config = (struct guest_config){
		.probe = ASSAY_BUILD "/probes/riscv64.elf",
		.stopper = ASSAY_BUILD "/harness/guest/stopper.so",
		.directory = "/tmp",
		.icount = true,
		.hang_ns = 10000000,
		.stuck_ms = 20000,
		.console_max = CONSOLE_KB << 10,
	};
	world->config.arch = arch_load(world->arena, ASSAY_SOURCE "/probes/arch/riscv64", &world->err);
	return world->config.arch ? 0 : -1;
}

/* -1: an error, which is in world->err. */
static int boot(struct world *world, const char *firmware)
{
	guest_free(world->guest);
	world->guest = NULL;
	world->config.blob = blob_find(world->arena, ASSAY_SOURCE "/blobs", firmware, &world->err);
	if (!world->config.blob)
		fail_msg("%s", world->err.message);
	world->guest = guest_new(&world->config, &world->err);
	if (!world->guest)
		skip();
	return guest_reset(world->guest, &world->err);
}

static enum guest_end end_of_boot(struct world *world, const char *firmware)
{
	size_t step;

	if (boot(world, firmware))
		fail_msg("%s", world->err.message);
	return guest_wait(world->guest, NULL, &step, &world->err);
}

static void a_cpu_that_only_traps_is_a_hang(void **state)
{
	uint64_t begin = clock_ms();

	assert_int_equal(end_of_boot(*state, CHAOS "traps-at-boot.bin"), GUEST_HANG);
	assert_int_equal(end_of_boot(*state, CHAOS "nowhere-at-boot.bin"), GUEST_HANG);
	assert_true(clock_ms() - begin < SOON_MS);
}

static void a_console_that_is_flooded_is_no_silent_hang(void **state)
{
	struct world *world = *state;
	const uint8_t *bytes;

	assert_int_equal(end_of_boot(world, CHAOS "flood-at-boot.bin"), GUEST_FLOOD);
	assert_int_equal(guest_console(world->guest, &bytes, NULL), world->config.console_max);
}

static off_t log_size(const struct world *world)
{
	struct stat status;

	assert_int_equal(fstat(world->guest->storm.traps, &status), 0);
	return status.st_size;
}

static void traps_are_counted_from_the_first_doubt_to_the_next_progress(void **state)
{
	struct world *world = *state;

	if (boot(world, CHAOS "hang-at-call.bin"))
		fail_msg("%s", world->err.message);
	assert_false(storm_rages(world->guest, STORM_BEGIN_MS * UINT64_C(1000000) - 1));
	assert_false(world->guest->storm.counts);
	assert_false(storm_rages(world->guest, STORM_BEGIN_MS * UINT64_C(1000000)));
	assert_true(world->guest->storm.counts);
	assert_int_equal(log_size(world), 0);
	storm_calm(world->guest);
	assert_false(world->guest->storm.counts);
}

static void an_interrupt_ends_a_boot(void **state)
{
	struct world *world = *state;
	const volatile bool interrupt = true;

	world->config.interrupt = &interrupt;
	assert_int_equal(boot(world, CHAOS "hang-at-call.bin"), -1);
	assert_int_equal(world->err.code, EXIT_INTERRUPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cpu_that_only_traps_is_a_hang, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(a_console_that_is_flooded_is_no_silent_hang, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(traps_are_counted_from_the_first_doubt_to_the_next_progress, set_up,
						world_tear_down),
		cmocka_unit_test_setup_teardown(an_interrupt_ends_a_boot, set_up, world_tear_down),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
