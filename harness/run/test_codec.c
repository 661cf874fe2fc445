/* SPDX-License-Identifier: BSD-2-Clause */
/* From cases to the wire and back, without a running guest: the test plays the probe. Skipped where the probe is not built. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>
#include <unistd.h>

#include "guest/internal.h"
#include "run/decode.h"
#include "run/test_world.h"

struct bench {
	struct world *world;
	const struct machine *machine;
	struct codec *codec;
	struct guest *guest;
	struct guest_config config;
	struct blob blob;
};

static struct bench open_bench(void **state)
{
	struct bench bench = { .world = *state };
	struct world *world = bench.world;

	if (access(world->config.probe, R_OK))
		skip();
	bench.machine = machine_load(world->arena, ASSAY_SOURCE "/blobs", "riscv-virt", &world->err);
	assert_non_null(bench.machine);
	bench.codec = codec_new(world->arena, world->spec, world->config.arch, bench.machine, &world->err);
	if (!bench.codec)
		fail_msg("%s", world->err.message);
	return bench;
}

/* Apart from open_bench(), for the guest keeps pointers into the bench. */
static void open_guest(struct bench *bench)
{
	bench->blob = (struct blob){ .path = "/dev/null", .machine = bench->machine };
	bench->config = (struct guest_config){
		.blob = &bench->blob,
		.arch = bench->world->config.arch,
		.probe = bench->world->config.probe,
		.directory = "/tmp",
		.icount = true,
	};
	bench->guest = guest_new(&bench->config, &bench->world->err);
	if (!bench->guest)
		fail_msg("%s", bench->world->err.message);
}

static struct wire_step *wire_of(struct bench *bench, size_t number)
{
	return (struct wire_step *)ram_at(&bench->guest->ram, bench->guest->ram.step_at, sizeof(struct wire_step)) + number;
}

/* The record of a call that returned and changed nothing but its results. */
static struct wire_seen *answer(struct bench *bench, size_t number, uint64_t error, uint64_t value)
{
	const struct ram *ram = &bench->guest->ram;
	struct wire_seen *seen = ram_at(ram, ram->seen_at + number * ram->seen_size, ram->seen_size);
	const struct wire_step *step = wire_of(bench, number);
	const struct arch *arch = bench->world->config.arch;

	memset(seen, 0, ram->seen_size);
	seen->number = (uint32_t)number;
	seen->outcome = WIRE_RETURNED;
	seen->nonce = bench->guest->nonce;
	seen->start = 100;
	seen->end = 200;
	for (unsigned i = 0; i < WIRE_REGISTERS; i++)
		seen->registers[i] = wire_canary(step->seed, i);
	for (unsigned i = 0; i < arch->input_count; i++)
		seen->registers[bench->codec->input_register[i]] = step->input[i];
	seen->registers[arch_register(arch, "a0")] = error;
	seen->registers[arch_register(arch, "a1")] = value;
	return seen;
}

/* CPU 1 entered a pad. */
static void land(struct bench *bench, size_t number, uint32_t step, uint16_t pad)
{
	const struct ram *ram = &bench->guest->ram;
	struct wire_landing *landing = ram_at(ram, ram->landing_at + number * ram->landing_size, ram->landing_size);

	landing->step = step;
	landing->hart = 1;
	landing->pad = pad;
}

static struct asked_case *lay_out(struct bench *bench, const struct plan_case *plan_case, size_t first)
{
	struct asked_case *asked = asked_new(bench->world->arena, bench->codec, plan_case);

	assert_true(asked_encode(bench->world->arena, bench->codec, bench->guest, asked, first));
	return asked;
}

static struct recorded_case *read_back(struct bench *bench, const struct asked_case *asked)
{
	struct seen_batch batch = { .codec = bench->codec, .guest = bench->guest };

	seen_batch_sort_landings(&batch, bench->world->arena);
	return seen_case(bench->world->arena, &batch, asked);
}

static void a_call_is_laid_out_as_the_convention_says(void **state)
{
	struct bench bench = open_bench(state);
	const struct arch *arch = bench.world->config.arch;
	struct plan_case *plan_case = world_case(bench.world, "a", "base.probe_extension");
	const struct wire_step *step;

	open_guest(&bench);
	plan_case->steps[0].args[0].literal = 77;
	lay_out(&bench, plan_case, 0);
	step = wire_of(&bench, 0);
	assert_int_equal(step->input[arch_input(arch, "a0")], 77);
	assert_int_equal(step->input[arch_input(arch, "a7")], 0x10);
	assert_int_equal(step->input[arch_input(arch, "a6")], 3);
	/* what is no argument holds a canary of its own */
	assert_true(step->input[arch_input(arch, "a5")] == wire_canary(step->seed, (unsigned)arch_register(arch, "a5")));
	assert_int_equal(step->gate, 1);
	assert_int_equal(step->flags, WIRE_LAST);
	assert_int_equal(step->deadline, 200000);
	guest_free(bench.guest);
}

static void canaries_differ_and_are_never_zero(void **state)
{
	static const uint64_t bits[] = {
		0, 1, 7, UINT64_C(0) - WIRE_CANARY_STEP, UINT64_C(0) - 31 * WIRE_CANARY_STEP, UINT64_MAX
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		for (unsigned a = 0; a < WIRE_REGISTERS; a++) {
			assert_true(wire_canary(wire_seed(bits[i]), a) != 0);
			for (unsigned b = 0; b < a; b++)
				assert_true(wire_canary(wire_seed(bits[i]), a) != wire_canary(wire_seed(bits[i]), b));
		}
}

static void results_and_clobbered_registers_are_told_apart(void **state)
{
	struct bench bench = open_bench(state);
	const struct arch *arch = bench.world->config.arch;
	struct asked_case *asked;
	struct recorded_case *recorded;
	struct wire_seen *seen;
	int s3 = arch_register(arch, "s3"), a2 = arch_register(arch, "a2");

	open_guest(&bench);
	asked = lay_out(&bench, world_case(bench.world, "a", "base.get_spec_version"), 0);
	seen = answer(&bench, 0, 0, 0x2000000);
	recorded = read_back(&bench, asked);
	assert_int_equal(recorded->steps[0].outcome, RECORD_RETURNED);
	assert_int_equal(recorded->steps[0].results[1], 0x2000000);
	assert_int_equal(recorded->steps[0].clobbered, 0);
	seen->registers[s3] ^= 1;
	seen->registers[a2] = 0;
	seen->registers[arch_register(arch, "zero")] = 5; /* nobody can change it: no news */
	recorded = read_back(&bench, asked);
	assert_int_equal(recorded->steps[0].clobbered, 1u << s3 | 1u << a2);
	assert_true(recorded->steps[0].expected[s3] == (recorded->steps[0].registers[s3] ^ 1));
	guest_free(bench.guest);
}

static void a_buffer_lies_between_guards(void **state)
{
	struct bench bench = open_bench(state);
	struct plan_case *plan_case = world_case(bench.world, "a", "missing.share");
	static const uint8_t content[16] = "sixteen bytes...";
	const struct recorded_buffer *buffer;
	const struct wire_step *step;
	struct asked_case *asked;
	uint8_t *copy;

	open_guest(&bench);
	plan_case->steps[0].buffer_count = 1;
	plan_case->steps[0].buffers[0] = (struct case_buffer){ .size = 16, .align = 64, .misalign = 8, .content = content };
	plan_case->steps[0].args[0] = (struct case_value){ .source = VALUE_BUFFER };
	plan_case->steps[0].args[1].literal = 16;
	asked = lay_out(&bench, plan_case, 0);
	step = wire_of(&bench, 0);
	assert_int_equal(step->input[0] % 64, 8);
	assert_memory_equal(guest_memory(bench.guest, step->input[0], 16), content, 16);
	assert_true(step->capture_from <= step->input[0] - GUARD);
	assert_int_equal(step->capture_length % 8, 0);
	/* the probe copies it, and the byte before the buffer has changed */
	copy = ram_at(&bench.guest->ram, step->capture_to, step->capture_length);
	memcpy(copy, guest_memory(bench.guest, step->capture_from, step->capture_length), step->capture_length);
	copy[step->input[0] - step->capture_from - 1] ^= 0xff;
	answer(&bench, 0, 0, 0);
	buffer = &read_back(&bench, asked)->steps[0].buffers[0];
	assert_int_equal(buffer->address, step->input[0]);
	assert_int_equal(buffer->size, 16);
	assert_memory_equal(buffer->before + buffer->guard, content, 16);
	assert_memory_equal(buffer->after + buffer->guard, content, 16);
	assert_memory_equal(buffer->after, buffer->before, buffer->guard - 1);
	assert_int_equal(buffer->after[buffer->guard - 1], buffer->before[buffer->guard - 1] ^ 0xff);
	guest_free(bench.guest);
}

static void values_of_earlier_calls_and_of_the_clock_are_recorded_as_passed(void **state)
{
	struct bench bench = open_bench(state);
	struct plan_case *plan_case = world_case(bench.world, "a", "base.get_spec_version");
	struct case_step *second = world_step(bench.world, plan_case, "harts.start");
	const struct recorded_step *recorded;
	struct asked_case *asked;
	const struct wire_step *step;

	open_guest(&bench);
	second->args[0] = (struct case_value){ .source = VALUE_RESULT, .literal = 1, .from_step = 0, .from_result = 1 };
	second->args[1] = (struct case_value){ .source = VALUE_PAD, .pad = "park" };
	second->args[2] = (struct case_value){ .source = VALUE_NOW, .literal = 5 };
	asked = lay_out(&bench, plan_case, 0);
	step = wire_of(&bench, 1);
	assert_true(step->flags & WIRE_COMPUTED);
	assert_int_equal(step->source[0], WIRE_RESULT);
	assert_int_equal(step->from_step[0], 0);
	assert_int_equal(step->from_register[0], arch_register(bench.world->config.arch, "a1"));
	assert_int_equal(step->source[2], WIRE_NOW);
	answer(&bench, 0, 0, 41);
	answer(&bench, 1, 0, 0);
	recorded = &read_back(&bench, asked)->steps[1];
	assert_int_equal(recorded->args[0], 42);
	assert_int_equal(recorded->args[1], guest_pad(bench.guest, "park"));
	assert_int_equal(recorded->args[2], 105);
	assert_true(recorded->has_later);
	guest_free(bench.guest);
}

static void a_forged_record_is_no_verdict(void **state)
{
	struct bench bench = open_bench(state);
	struct asked_case *asked;
	struct wire_seen *seen;

	open_guest(&bench);
	asked = lay_out(&bench, world_case(bench.world, "a", "base.get_spec_version"), 0);
	seen = answer(&bench, 0, 0, 0);
	seen->nonce ^= 1;
	assert_int_equal(read_back(&bench, asked)->steps[0].outcome, RECORD_BROKEN);
	seen->nonce ^= 1;
	seen->number = 7;
	assert_int_equal(read_back(&bench, asked)->steps[0].outcome, RECORD_BROKEN);
	seen->number = 0;
	seen->outcome = 99;
	assert_int_equal(read_back(&bench, asked)->steps[0].outcome, RECORD_BROKEN);
	bench.guest->batch->landings = UINT32_MAX;
	assert_non_null(read_back(&bench, asked));
	guest_free(bench.guest);
}

static void a_landing_belongs_to_its_step_and_a_join_to_its_call(void **state)
{
	struct bench bench = open_bench(state);
	struct plan_case *plan_case = world_case(bench.world, "a", "base.get_spec_version");
	struct case_step *async = world_step(bench.world, plan_case, "harts.stop"),
			 *join = world_step(bench.world, plan_case, "harts.stop");
	struct recorded_case *recorded;
	struct asked_case *asked;

	open_guest(&bench);
	async->async = true;
	async->hart = join->hart = 1;
	join->join = true;
	asked = lay_out(&bench, plan_case, 0);
	assert_true(wire_of(&bench, 1)->flags & WIRE_ASYNC);
	assert_int_equal(wire_of(&bench, 2)->flags, WIRE_JOIN | WIRE_LAST);
	for (size_t i = 0; i < 3; i++)
		answer(&bench, i, 0, i);
	land(&bench, 0, 2, 1);
	land(&bench, 1, 0, 2);
	bench.guest->batch->landings = 2;
	recorded = read_back(&bench, asked);
	assert_int_equal(recorded->step_count, 2);
	assert_int_equal(recorded->steps[0].landing_count, 1);
	assert_int_equal(recorded->steps[0].landings[0].pad, 2);
	assert_int_equal(recorded->steps[1].landing_count, 1);
	assert_int_equal(recorded->steps[1].hart, 1);
	guest_free(bench.guest);
}

static void what_the_probe_does_not_know_is_said_with_its_place(void **state)
{
	struct bench bench = open_bench(state);
	struct world *world = bench.world;
	struct arch arch = *world->config.arch;

	arch.gate_count = 0;
	assert_null(codec_new(world->arena, world->spec, &arch, bench.machine, &world->err));
	assert_int_equal(world->err.code, EXIT_USAGE);
	assert_non_null(strstr(world->err.message, "the gate `ecall`"));
	arch = *world->config.arch;
	arch.inputs[0] = "s0";
	assert_null(codec_new(world->arena, world->spec, &arch, bench.machine, &world->err));
	assert_int_equal(world->err.code, EXIT_USAGE);
	assert_non_null(strstr(world->err.message, "`a0` is not known to the probe of riscv64"));
}

int main(void)
{
#define CODEC_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		CODEC_TEST(a_call_is_laid_out_as_the_convention_says),
		CODEC_TEST(canaries_differ_and_are_never_zero),
		CODEC_TEST(results_and_clobbered_registers_are_told_apart),
		CODEC_TEST(a_buffer_lies_between_guards),
		CODEC_TEST(values_of_earlier_calls_and_of_the_clock_are_recorded_as_passed),
		CODEC_TEST(a_forged_record_is_no_verdict),
		CODEC_TEST(a_landing_belongs_to_its_step_and_a_join_to_its_call),
		CODEC_TEST(what_the_probe_does_not_know_is_said_with_its_place),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
