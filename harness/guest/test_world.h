/* SPDX-License-Identifier: BSD-2-Clause */
/* test_world.h - a guest to test with: a real QEMU, the probe and Debian's OpenSBI; tests are skipped where one of them is missing. */
#ifndef ASSAY_GUEST_TEST_WORLD_H
#define ASSAY_GUEST_TEST_WORLD_H

#include "base/arena.h"
#include "guest/internal.h"

#define EID_BASE 0x10

struct world {
	struct arena *arena;
	struct guest *guest;
	struct guest_config config;
	struct err err;
};

int world_set_up(void **state);
int world_tear_down(void **state);
/* With its guest reset. */
struct world *world_ready(void **state);
/* Step `number`, an ecall with two arguments, to be changed further. */
struct wire_step *world_call(struct world *world, size_t number, uint64_t eid, uint64_t fid, uint64_t a0, uint64_t a1,
			     uint8_t flags);
enum guest_end world_run(struct world *world, size_t steps, size_t *step);

#endif
