/* SPDX-License-Identifier: BSD-2-Clause */
/* test_world.h - a small interface, a machine and a plan written by hand, for the tests of this layer. */
#ifndef ASSAY_RUN_TEST_WORLD_H
#define ASSAY_RUN_TEST_WORLD_H

#include <stdio.h>

#include "base/arena.h"
#include "run/run.h"

#define WORLD_CASES 64

struct world {
	struct arena *arena;
	struct spec *spec;
	struct run_config config;
	struct survey survey;
	struct recording_head head;
	struct err err;
	/* the plan */
	size_t case_count, next;
	struct plan_case cases[WORLD_CASES];
	/* what the sink was given: one line a case */
	FILE *out;
	char *heard;
	size_t heard_size;
	const char *confirm; /* id of a case to run again, or NULL */
	unsigned stop_after; /* cases after which `interrupt` is set; 0: never */
	unsigned heard_cases;
	struct journal_writer *writer; /* that also gets it, or NULL */
	volatile bool interrupt;
	uint32_t last_boot, boots;
};

/* Set-up and tear-down of a cmocka test. config.blob is NULL where probe or blob is missing. */
int world_set_up(void **state);
int world_tear_down(void **state);

/* Adds a case with one step. More steps: world_step() on the case. */
struct plan_case *world_case(struct world *world, const char *id, const char *entry);
struct case_step *world_step(struct world *world, struct plan_case *plan_case, const char *entry);
/* Runs the plan; world->heard tells what was recorded. */
int world_run(struct world *world, const char *past, struct run_stats *stats);

#endif
