/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host decodes and audits a batch while somebody writes whatever he likes to all of the guest's memory: no run has it that bad,
 * for a machine is stopped before it is read. Skipped where the probe is not built.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "guest/internal.h"
#include "run/audit.h"
#include "run/decode.h"
#include "run/test_world.h"

#define CASES	    24
#define ROUNDS	    60
#define BUFFER_SIZE 48

/* Numbers that are more likely than chance to do harm. */
static const uint64_t evil[] = { 0,	     1,		2,	   3,		UINT16_MAX,	   UINT32_MAX,
				 UINT64_MAX, INT32_MAX, INT64_MAX, 0x80000000u, UINT64_C(1) << 63, CASES };

struct scribbler {
	struct guest *guest;
	volatile bool stop;
	uint64_t words;
};

/* No lock and no order: as a CPU of the guest would. */
__attribute__((no_sanitize("thread"))) static void *scribble(void *context)
{
	struct scribbler *scribbler = context;
	const struct ram *ram = &scribbler->guest->ram;
	/* the mailbox's head, the steps, the records, the landings, the buffers */
	const struct {
		uint64_t at, size;
	} targets[] = {
		{ scribbler->guest->image.batch, sizeof(struct wire_batch) },
		{ ram->step_at, CASES * sizeof(struct wire_step) },
		{ ram->seen_at, CASES * ram->seen_size },
		{ ram->landing_at, 64 * ram->landing_size },
		{ ram->alloc_at, CASES * 512 },
	};
	struct rng rng = { 7 };

	while (!scribbler->stop) {
		unsigned number = (unsigned)rng_below(&rng, sizeof(targets) / sizeof(targets[0]));
		uint64_t at = targets[number].at + rng_below(&rng, targets[number].size / 8) * 8;
		uint64_t word = rng_next(&rng);

		if (word % 4)
			word = evil[word / 4 % (sizeof(evil) / sizeof(evil[0]))];
		if (word % 7 == 0)
			word = scribbler->guest->nonce;
		*(volatile uint64_t *)ram_at(ram, at, 8) = word;
		scribbler->words++;
	}
	return NULL;
}

struct bench {
	struct guest_config config;
	struct blob blob;
	struct codec *codec;
	struct guest *guest;
	struct stretch stretch;
	struct unit unit;
	struct asked_case *cases[CASES];
};

static void lay_out(struct world *world, struct bench *bench)
{
	static char ids[CASES][8];

	for (unsigned i = 0; i < CASES; i++) {
		struct plan_case *plan_case;

		snprintf(ids[i], sizeof(ids[i]), "case%u", i);
		plan_case = world_case(world, ids[i], i % 2 ? "missing.share" : "base.probe_extension");
		if (i % 2) {
			plan_case->steps[0].args[0] = (struct case_value){ .source = VALUE_BUFFER };
			plan_case->steps[0].buffer_count = 1;
			plan_case->steps[0].buffers[0] = (struct case_buffer){ .size = BUFFER_SIZE };
		}
		bench->cases[i] = asked_new(world->arena, bench->codec, plan_case);
		assert_true(asked_encode(world->arena, bench->codec, bench->guest, bench->cases[i], i));
	}
	bench->stretch = (struct stretch){ .arena = world->arena, .users = 1, .count = CASES, .cases = bench->cases };
	bench->unit = (struct unit){ .stretch = &bench->stretch, .count = CASES };
}

static void open_bench(struct world *world, struct bench *bench)
{
	const struct machine *machine = machine_load(world->arena, ASSAY_SOURCE "/blobs", "riscv-virt", &world->err);

	if (access(world->config.probe, R_OK))
		skip();
	assert_non_null(machine);
	bench->codec = codec_new(world->arena, world->spec, world->config.arch, machine, &world->err);
	assert_non_null(bench->codec);
	bench->blob = (struct blob){ .path = "/dev/null", .machine = machine };
	bench->config = (struct guest_config){ .blob = &bench->blob,
					       .arch = world->config.arch,
					       .probe = world->config.probe,
					       .directory = "/tmp",
					       .stopper = "never started",
					       .icount = true };
	bench->guest = guest_new(&bench->config, &world->err);
	if (!bench->guest)
		fail_msg("%s", world->err.message);
	lay_out(world, bench);
}

static void check_case(const struct asked_case *asked, const struct recorded_case *recorded, size_t landings)
{
	assert_string_equal(recorded->id, asked->id);
	assert_int_equal(recorded->step_count, asked->step_count);
	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];

		assert_true(step->outcome < RECORD_OUTCOMES);
		assert_true(step->landing_count <= landings);
		assert_true(step->buffer_count <= asked->steps[i].buffer_count);
		for (unsigned j = 0; j < step->buffer_count; j++) {
			assert_int_equal(step->buffers[j].size, BUFFER_SIZE);
			assert_true(step->buffers[j].address == asked->steps[i].buffers[j].address);
		}
	}
}

static void decode_once(struct bench *bench, struct arena *arena, struct rng *rng)
{
	const size_t end_step = (size_t)rng_below(rng, CASES);
	struct seen_batch batch = {
		.codec = bench->codec, .guest = bench->guest, .ended = rng_next(rng) & 1, .end_step = end_step, .end = GUEST_CRASH
	};
	struct audit_tally tally = { 0 };
	struct audit audit = { .share = 100 };

	seen_batch_sort_landings(&batch, arena);
	assert_true(batch.landing_count <= bench->guest->ram.landings_max);
	for (unsigned i = 0; i < CASES; i++)
		check_case(bench->cases[i], seen_case(arena, &batch, bench->cases[i]), batch.landing_count);
	/* nobody made a call, and the records say otherwise */
	assert_true(audit_finish(&audit, bench->codec, &bench->unit, bench->guest, batch.ended ? GUEST_CRASH : GUEST_DONE,
				 end_step, &tally));
	assert_int_not_equal(tally.mismatches, 0);
}

static void records_that_change_while_they_are_read_do_no_harm(void **state)
{
	struct world *world = *state;
	struct bench bench = { 0 };
	struct scribbler scribbler = { 0 };
	struct rng rng = { 1 };
	pthread_t thread;

	open_bench(world, &bench);
	scribbler.guest = bench.guest;
	assert_int_equal(pthread_create(&thread, NULL, scribble, &scribbler), 0);
	while (*(volatile uint64_t *)&scribbler.words < 100000)
		usleep(1000);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct arena *arena = arena_new();

		decode_once(&bench, arena, &rng);
		arena_free(arena);
	}
	scribbler.stop = true;
	pthread_join(thread, NULL);
	guest_free(bench.guest);
}

static void no_number_leads_out_of_the_mailbox(void **state)
{
	static const size_t numbers[] = { CASES, 99999, 100000, UINT32_MAX, SIZE_MAX };
	struct world *world = *state;
	struct bench bench = { 0 };
	struct wire_landing landing;
	struct wire_seen seen;

	open_bench(world, &bench);
	bench.guest->batch->landings = UINT32_MAX;
	assert_int_equal(guest_landings(bench.guest), bench.guest->ram.landings_max);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		guest_seen(bench.guest, numbers[i], &seen);
		assert_int_equal(seen.outcome, WIRE_NOTHING);
		guest_landing(bench.guest, numbers[i], &landing);
		assert_int_equal(landing.pc, 0);
	}
	guest_free(bench.guest);
}

#define HOSTILE_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTILE_TEST(records_that_change_while_they_are_read_do_no_harm),
		HOSTILE_TEST(no_number_leads_out_of_the_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
