/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/test_world.h"

#define PROBE ASSAY_BUILD "/probes/riscv64.elf"
#define BLOBS ASSAY_SOURCE "/blobs"
#define ARCH  ASSAY_SOURCE "/probes/arch/riscv64"

static const char *probe_path(void)
{
	const char *path = getenv("ASSAY_PROBE");

	return path ? path : PROBE;
}

int world_set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	*state = world;
	world->arena = arena_new();
	world->config = (struct guest_config){
		.probe = probe_path(),
		.stopper = ASSAY_BUILD "/harness/guest/stopper.so",
		.directory = "/tmp",
		.icount = true,
		.hang_ns = 50000000,
		.stuck_ms = 20000,
		.console_max = 65536,
	};
	world->config.arch = arch_load(world->arena, ARCH, &world->err);
	world->config.blob = blob_find(world->arena, BLOBS, "opensbi-1.1", &world->err);
	if (world->config.arch && world->config.blob && !access(world->config.probe, R_OK))
		world->guest = guest_new(&world->config, &world->err);
	return 0;
}

int world_tear_down(void **state)
{
	struct world *world = *state;

	guest_free(world->guest);
	arena_free(world->arena);
	free(world);
	return 0;
}

struct world *world_ready(void **state)
{
	struct world *world = *state;

	if (!world->guest)
		skip();
	if (guest_reset(world->guest, &world->err))
		fail_msg("%s", world->err.message);
	return world;
}

struct wire_step *world_call(struct world *world, size_t number, uint64_t eid, uint64_t fid, uint64_t a0, uint64_t a1,
			     uint8_t flags)
{
	struct wire_step *step = guest_step(world->guest, number);
	const uint64_t inputs[WIRE_INPUTS] = { a0, a1, 0, 0, 0, 0, fid, eid };

	assert_non_null(step);
	step->number = (uint32_t)number;
	step->gate = (uint16_t)arch_gate(world->config.arch, "ecall");
	step->flags = flags;
	step->seed = number;
	memcpy(step->input, inputs, sizeof(inputs));
	return step;
}

enum guest_end world_run(struct world *world, size_t steps, size_t *step)
{
	if (guest_go(world->guest, steps, &world->err))
		fail_msg("%s", world->err.message);
	return guest_wait(world->guest, NULL, step, &world->err);
}
