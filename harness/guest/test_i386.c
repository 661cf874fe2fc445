/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe of 32-bit x86 with a real QEMU and a ROM of ours (test_rom.S); skipped where one of them is missing. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/test_rom.h"
#include "guest/test_world.h"

#define PROBE	       ASSAY_BUILD "/probes/i386.elf"
#define ROM	       ASSAY_BUILD "/harness/guest/test-rom.bin"
#define JUMP	       2 /* kind of a call: a jump */
#define IF	       0x200u
#define INTERRUPTS_OFF 1 /* caller_interrupts */
#define INTERRUPTS_ON  2
#define DF	       0x400u

static char rom_path[] = "/tmp/assay-test-rom-XXXXXX";

/* With its length and its checksum, or SeaBIOS leaves it out. */
static int finish_rom(void)
{
	unsigned char rom[ROM_BYTES] = { 0 };
	int from = open(ROM, O_RDONLY | O_CLOEXEC), to = mkstemp(rom_path);
	bool done = from >= 0 && to >= 0 && read(from, rom, sizeof(rom)) == sizeof(rom);

	rom[2] = ROM_BYTES / 512;
	for (unsigned i = 0; i < sizeof(rom) - 1; i++)
		rom[sizeof(rom) - 1] = (unsigned char)(rom[sizeof(rom) - 1] - rom[i]);
	done = done && write(to, rom, sizeof(rom)) == sizeof(rom);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return done ? 0 : -1;
}

static int set_up_harts(void **state, unsigned harts)
{
	static struct machine machine;
	static struct blob blob = { .path = rom_path, .name = "test" };
	struct world *world = xcalloc(1, sizeof(*world));

	*state = world;
	world->arena = arena_new();
	blob.machine = machine_load(world->arena, ASSAY_SOURCE "/blobs", "i386-pc", &world->err);
	if (blob.machine) {
		machine = *blob.machine;
		machine.harts = harts;
		blob.machine = &machine;
	}
	world->config = (struct guest_config){
		.blob = &blob,
		.arch = arch_load(world->arena, ASSAY_SOURCE "/probes/arch/i386", &world->err),
		.probe = PROBE,
		.stopper = ASSAY_BUILD "/harness/guest/stopper.so",
		.directory = "/tmp",
		.icount = true,
		.hang_ns = 50000000,
		.stuck_ms = 20000,
		.console_max = 65536,
	};
	if (blob.machine && world->config.arch && !access(PROBE, R_OK) && !access(rom_path, R_OK))
		world->guest = guest_new(&world->config, &world->err);
	return 0;
}

static int set_up(void **state)
{
	return set_up_harts(state, 1);
}

static int set_up_two(void **state)
{
	return set_up_harts(state, 2);
}

/* Step `number`: a call of the ROM's. */
static struct wire_step *call(struct world *world, size_t number, unsigned of)
{
	struct wire_step *step = guest_step(world->guest, number);
	const struct arch *arch = world->config.arch;

	assert_non_null(step);
	step->number = (uint32_t)number;
	step->gate = (uint16_t)arch_gate(arch, "vmi_rom");
	step->seed = 0x5eed0000 + number;
	for (size_t i = 0; i < arch->input_count; i++)
		if (arch_register(arch, arch->inputs[i]) >= 0)
			step->input[i] = 0x1000 + i;
	step->input[arch_input(arch, "rom_offset")] = guest_blob_at(world->guest) + CALL_BYTES * of;
	return step;
}

static void give(struct world *world, struct wire_step *step, const char *input, uint64_t value)
{
	unsigned number = (unsigned)arch_input(world->config.arch, input);

	if (number < WIRE_INPUTS)
		step->input[number] = value;
	else
		step->input[number - WIRE_INPUTS] |= value << 32;
}

static uint64_t found(struct world *world, const struct wire_seen *seen, const char *name)
{
	return seen->registers[arch_register(world->config.arch, name)];
}

static uint64_t control(struct world *world, const uint64_t *moment, const char *name)
{
	return moment[arch_control(world->config.arch, name)];
}

static struct wire_seen see(struct world *world, size_t number)
{
	struct wire_seen seen;

	guest_seen(world->guest, number, &seen);
	return seen;
}

static void run(struct world *world, size_t steps)
{
	size_t step;

	assert_int_equal(world_run(world, steps, &step), GUEST_DONE);
}

/* One call, and what was seen of it. */
static struct wire_seen see_call(struct world *world, unsigned of)
{
	call(world, 0, of);
	run(world, 1);
	return see(world, 0);
}

static uint32_t canary(const struct wire_step *step, struct world *world, const char *name)
{
	return (uint32_t)wire_canary(step->seed, (unsigned)arch_register(world->config.arch, name));
}

static void the_rom_is_found_where_it_was_put(void **state)
{
	struct world *world = world_ready(state);
	uint64_t at = guest_blob_at(world->guest);

	assert_in_range(at, 0xc8000, 0xdf800);
	assert_int_equal(at % 2048, 0);
	assert_memory_equal(ram_at(&world->guest->ram, at + 8, 12), "assay's test", 12);
}

static void every_register_is_loaded_and_none_is_lost(void **state)
{
	static const char *const given[] = { "eax", "ecx", "edx", "ebx", "esi", "edi" };
	struct world *world = world_ready(state);
	struct wire_step *step = call(world, 0, NOTHING);
	struct wire_seen seen;

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		give(world, step, given[i], 0xf0000000 + i);
	run(world, 1);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		assert_int_equal(found(world, &seen, given[i]), 0xf0000000 + i);
	assert_int_equal(found(world, &seen, "ebp"), canary(step, world, "ebp"));
	assert_int_equal(found(world, &seen, "esp"), world->config.arch->fixed_value[4]);
	assert_int_equal(found(world, &seen, "stack+16"), canary(step, world, "stack+16"));
	assert_int_equal(found(world, &seen, "stack+20"), canary(step, world, "stack+20"));
	assert_int_equal(found(world, &seen, "eflags") & 0x8d5, canary(step, world, "eflags") & 0x8d5);
	assert_memory_equal(seen.before, seen.after, sizeof(seen.before));
}

static void every_register_that_is_changed_shows(void **state)
{
	static const char *const names[] = { "eax", "ecx", "edx", "ebx", "ebp", "esi", "edi" };
	struct world *world = world_ready(state);
	struct wire_seen seen = see_call(world, EVERY_REGISTER);

	assert_int_equal(seen.outcome, WIRE_RETURNED);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(found(world, &seen, names[i]), 0x11111111 * (i + 1));
}

static void arguments_on_the_stack_are_where_a_callee_looks(void **state)
{
	struct world *world = world_ready(state);
	struct wire_step *step = call(world, 0, STACK_WORDS);
	struct wire_seen seen;

	give(world, step, "stack+4", 0xaaaa0004);
	give(world, step, "stack+8", 0xaaaa0008);
	give(world, step, "stack+12", 0xaaaa000c);
	run(world, 1);
	seen = see(world, 0);
	assert_int_equal(found(world, &seen, "eax"), 0xaaaa0004);
	assert_int_equal(found(world, &seen, "ecx"), 0xaaaa0008);
	assert_int_equal(found(world, &seen, "edx"), 0xaaaa000c);
}

static void a_call_goes_where_it_is_told_rather_than_to_an_offset(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	give(world, call(world, 0, UNDEFINED), "call_target", guest_blob_at(world->guest) + CALL_BYTES * EVERY_REGISTER);
	run(world, 1);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(found(world, &seen, "eax"), 0x11111111);
}

static void words_behind_the_arguments_are_watched(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen = see_call(world, BEHIND_ARGUMENTS);

	assert_int_equal(found(world, &seen, "stack+16"), 1);
	assert_int_equal(found(world, &seen, "stack+20"), 2);
}

static void segments_that_are_lost_show_and_are_brought_back(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, NO_SEGMENTS);
	call(world, 1, NOTHING);
	run(world, 2);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(control(world, seen.before, "ds"), 0x10);
	assert_int_equal(control(world, seen.after, "ds"), 0);
	assert_int_equal(control(world, seen.after, "es"), 0);
	assert_int_equal(control(world, seen.after, "fs"), 0);
	assert_int_equal(control(world, seen.after, "gs"), 0);
	assert_int_equal(control(world, seen.after, "cs"), 0x08);
	seen = see(world, 1);
	assert_int_equal(control(world, seen.before, "ds"), 0x10);
	assert_int_equal(control(world, seen.after, "gs"), 0x10);
}

static void flags_show_and_the_interrupt_flag_stays_for_the_case(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, FLAGS);
	call(world, 1, NOTHING)->flags = WIRE_LAST;
	call(world, 2, NOTHING);
	run(world, 3);
	seen = see(world, 0);
	assert_int_equal(control(world, seen.before, "eflags") & (IF | DF), 0);
	assert_int_equal(control(world, seen.after, "eflags") & (IF | DF), IF | DF);
	seen = see(world, 1);
	assert_int_equal(control(world, seen.before, "eflags") & (IF | DF), IF);
	assert_int_equal(control(world, seen.after, "eflags") & (IF | DF), IF);
	seen = see(world, 2);
	assert_int_equal(control(world, seen.before, "eflags") & (IF | DF), 0);
}

static void control_registers_stay_for_the_case_and_no_longer(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, TASK_SWITCHED);
	call(world, 1, NOTHING)->flags = WIRE_LAST;
	call(world, 2, NOTHING)->flags = WIRE_LAST;
	run(world, 3);
	seen = see(world, 0);
	assert_int_equal(control(world, seen.before, "cr0"), 0x80010031);
	assert_int_equal(control(world, seen.after, "cr0"), 0x80010039);
	seen = see(world, 1);
	assert_int_equal(control(world, seen.before, "cr0"), 0x80010039);
	seen = see(world, 2);
	assert_int_equal(control(world, seen.before, "cr0"), 0x80010031);
	assert_int_equal(control(world, seen.after, "cr0"), 0x80010031);
}

static void a_trap_is_seen_with_its_cause_and_place(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, UNDEFINED);
	call(world, 1, NO_MEMORY);
	call(world, 2, NOTHING)->gate = 77;
	call(world, 3, NOTHING);
	run(world, 4);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_TRAPPED);
	assert_int_equal(seen.cause, 6);
	assert_int_equal(seen.pc, guest_blob_at(world->guest) + CALL_BYTES * UNDEFINED + 5);
	assert_int_equal(found(world, &seen, "ebx"), 0x12345678);
	seen = see(world, 1);
	assert_int_equal(seen.outcome, WIRE_TRAPPED);
	assert_int_equal(seen.cause, 14);
	assert_int_equal(seen.trap_value, 0xdeadb000);
	assert_int_equal(control(world, seen.after, "cr2"), 0xdeadb000);
	assert_int_equal(see(world, 2).outcome, WIRE_TRAPPED);
	assert_int_equal(see(world, 3).outcome, WIRE_RETURNED);
}

static void a_fault_without_a_stack_is_a_trap_like_any_other(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, NO_STACK)->flags = WIRE_LAST;
	call(world, 1, NOTHING);
	run(world, 2);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_TRAPPED);
	assert_int_equal(seen.cause, 8);
	assert_int_equal(found(world, &seen, "esi"), 0x77777777);
	assert_int_equal(found(world, &seen, "esp"), 0xdeadb000);
	seen = see(world, 1);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(control(world, seen.before, "tr"), 0x28);
	assert_int_equal(control(world, seen.after, "tr"), 0x28);
}

static void a_stack_that_does_not_come_back_shows(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen = see_call(world, STACK_OFF);

	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(found(world, &seen, "esp"), world->config.arch->fixed_value[4] + 4);
}

static void tables_that_are_lost_show_and_are_brought_back(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, NO_TABLES);
	call(world, 1, UNDEFINED);
	run(world, 2);
	seen = see(world, 0);
	assert_int_equal(control(world, seen.before, "idtr_limit"), 0x7ff);
	assert_int_equal(control(world, seen.after, "idtr_limit"), 0);
	assert_int_equal(see(world, 1).outcome, WIRE_TRAPPED);
}

/* What a caller found who came out at the pad. */
static struct wire_landing land(struct world *world, size_t number)
{
	struct wire_landing landing;

	run(world, 1);
	assert_int_equal(see(world, 0).outcome, WIRE_LANDED);
	assert_int_equal(guest_landings(world->guest), number + 1);
	guest_landing(world->guest, number, &landing);
	assert_int_equal(landing.pc, guest_pad(world->guest, "park"));
	return landing;
}

static void an_interrupt_return_comes_out_at_the_pad(void **state)
{
	struct world *world = world_ready(state);
	struct wire_step *step = call(world, 0, INTERRUPT_RETURN);
	const struct arch *arch = world->config.arch;
	struct wire_landing landing;

	give(world, step, "call_kind", JUMP);
	give(world, step, "stack+4", guest_pad(world->guest, "park"));
	give(world, step, "stack+8", 0x08);
	give(world, step, "stack+12", IF | 2);
	give(world, step, "ecx", 0x12345678);
	landing = land(world, 0);
	assert_int_equal(landing.registers[arch_register(arch, "ecx")], 0x12345678);
	assert_int_equal(landing.registers[arch_register(arch, "ebp")], canary(step, world, "ebp"));
	assert_int_equal(landing.registers[arch_register(arch, "esp")], arch->fixed_value[4] + 12);
	assert_int_equal(landing.control[arch_control(arch, "cs")], 0x08);
	assert_int_equal(landing.control[arch_control(arch, "eflags")] & IF, IF);
}

static void a_system_exit_comes_out_at_the_pad_in_user_mode(void **state)
{
	struct world *world = world_ready(state);
	struct wire_step *step = call(world, 0, SYSTEM_EXIT);
	const struct arch *arch = world->config.arch;
	struct wire_landing landing;

	give(world, step, "edx", guest_pad(world->guest, "park"));
	give(world, step, "ecx", 0x1000);
	landing = land(world, 0);
	assert_int_equal(landing.control[arch_control(arch, "cs")], 0x1b);
	assert_int_equal(landing.control[arch_control(arch, "ss")], 0x23);
	assert_int_equal(landing.registers[arch_register(arch, "esp")], 0x1000);
	assert_int_equal(landing.control[arch_control(arch, "eflags")] & IF, IF);
}

static void the_caller_goes_on_behind_a_landing(void **state)
{
	struct world *world = world_ready(state);

	give(world, call(world, 0, SYSTEM_EXIT), "edx", guest_pad(world->guest, "park"));
	give(world, call(world, 1, SYSTEM_EXIT), "edx", guest_pad(world->guest, "park"));
	call(world, 2, NOTHING);
	run(world, 3);
	assert_int_equal(see(world, 0).outcome, WIRE_LANDED);
	assert_int_equal(see(world, 1).outcome, WIRE_LANDED);
	assert_int_equal(see(world, 2).outcome, WIRE_RETURNED);
	assert_int_equal(control(world, see(world, 2).after, "cs"), 0x08);
}

static void start_other(struct world *world)
{
	call(world, 0, START_OTHER)->settle = 500000;
	call(world, 1, UNDEFINED);
	call(world, 2, EVERY_REGISTER);
	run(world, 3);
}

static void another_cpu_that_is_started_is_seen_with_all_that_it_has(void **state)
{
	struct world *world = world_ready(state);
	const struct arch *arch = world->config.arch;
	static const struct {
		const char *name;
		uint64_t value;
	} registers[] = {
		{ "eax", 0x11111111 }, { "ecx", 0x22222222 }, { "edx", 0x33333333 }, { "ebx", 0x44444444 }, { "esp", 0xdeadb000 },
		{ "ebp", 0x55555555 }, { "esi", 0x66666666 }, { "edi", 0x77777777 },
	}, controls[] = {
		{ "cr0", 0x80010031 }, { "cr3", 0x104000 }, { "cr4", 0 }, { "gdtr_base", 0x103000 }, { "gdtr_limit", 0x3f },
		{ "cs", 0x08 },	       { "ss", 0x10 },	    { "ds", 0x10 }, { "es", 0 },		{ "fs", 0 },
		{ "gs", 0x23 },	       { "idtr_limit", 0xffff }, { "interrupt_flag", 0 },
	};
	struct wire_landing landing;

	start_other(world);
	assert_int_equal(guest_landings(world->guest), 1);
	guest_landing(world->guest, 0, &landing);
	assert_int_equal(landing.step, 0);
	assert_int_equal(landing.hart, 1);
	assert_int_equal(landing.pad, arch_pad(arch, "start"));
	assert_int_equal(landing.pc, guest_pad(world->guest, "start"));
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		assert_int_equal(landing.registers[arch_register(arch, registers[i].name)], registers[i].value);
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		assert_int_equal(landing.control[arch_control(arch, controls[i].name)], controls[i].value);
	assert_int_equal(landing.control[arch_control(arch, "eflags")] & (DF | 1), DF | 1);
}

static void the_boot_cpu_does_not_notice(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	start_other(world);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_memory_equal(seen.before + 1, seen.later + 1, sizeof(seen.before) - 8); /* all but the flags */
	seen = see(world, 1);
	assert_int_equal(seen.outcome, WIRE_TRAPPED);
	assert_int_equal(found(world, &seen, "ebx"), 0x12345678);
	seen = see(world, 2);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_int_equal(found(world, &seen, "edi"), 0x77777777);
}

static void another_cpu_can_be_started_again(void **state)
{
	struct world *world = world_ready(state);
	struct wire_landing landing;

	call(world, 0, START_OTHER)->settle = 500000;
	call(world, 1, NOTHING);
	call(world, 2, START_OTHER)->settle = 500000;
	run(world, 3);
	assert_int_equal(guest_landings(world->guest), 2);
	guest_landing(world->guest, 1, &landing);
	assert_int_equal(landing.step, 2);
	assert_int_equal(landing.registers[arch_register(world->config.arch, "esp")], 0xdeadb000);
}

static void nobody_comes_where_there_is_one_cpu(void **state)
{
	struct world *world = world_ready(state);

	start_other(world);
	assert_int_equal(guest_landings(world->guest), 0);
}

static void who_halts_is_woken_when_that_was_asked_for(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	call(world, 0, HALT)->flags = WIRE_WAKE;
	call(world, 1, NOTHING);
	run(world, 2);
	seen = see(world, 0);
	assert_int_equal(seen.outcome, WIRE_RETURNED);
	assert_true(seen.end - seen.start > 50000);
	assert_int_equal(see(world, 1).outcome, WIRE_RETURNED);
}

static struct wire_step *interrupt(struct world *world, size_t number, uint64_t vector, uint64_t interrupts)
{
	struct wire_step *step = call(world, number, ALARM);

	give(world, step, "eax", vector);
	give(world, step, "caller_interrupts", interrupts);
	step->settle = 100000;
	return step;
}

static void an_interrupt_is_counted_and_its_vector_kept(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	interrupt(world, 0, 0x51, INTERRUPTS_ON);
	interrupt(world, 1, 0xfd, INTERRUPTS_ON);
	interrupt(world, 2, 0x10051, INTERRUPTS_ON);
	interrupt(world, 3, 0x20052, INTERRUPTS_ON);
	run(world, 4);
	seen = see(world, 0);
	assert_int_equal(seen.ipis[0], 1);
	assert_int_equal(control(world, seen.before, "interrupt_vector"), 0);
	assert_int_equal(control(world, seen.after, "interrupt_vector"), 0);
	assert_int_equal(control(world, seen.later, "interrupt_vector"), 0x51);
	seen = see(world, 1);
	assert_int_equal(control(world, seen.before, "interrupt_vector"), 0);
	assert_int_equal(control(world, seen.later, "interrupt_vector"), 0xfd);
	seen = see(world, 2);
	assert_int_equal(seen.ipis[0], 0);
	assert_int_equal(control(world, seen.later, "interrupt_vector"), 0);
	assert_in_range(see(world, 3).ipis[0], 4, 5);
}

static void an_interrupt_waits_for_a_caller_that_takes_it(void **state)
{
	struct world *world = world_ready(state);
	struct wire_seen seen;

	interrupt(world, 0, 0x51, INTERRUPTS_OFF);
	give(world, call(world, 1, NOTHING), "caller_interrupts", INTERRUPTS_ON);
	run(world, 2);
	seen = see(world, 0);
	assert_int_equal(seen.ipis[0], 0);
	assert_int_equal(control(world, seen.later, "interrupt_vector"), 0);
	assert_int_equal(control(world, see(world, 1).after, "interrupt_vector"), 0x51);
}

static void the_machines_ends_are_told_apart(void **state)
{
	static const struct {
		unsigned of;
		enum guest_end end;
	} ends[] = {
		{ RESET, GUEST_RESET },	 { POWER_OFF, GUEST_SHUTDOWN }, { TRIPLE_FAULT, GUEST_CRASH },
		{ ROUND, GUEST_HANG },	 { HALT_FOR_GOOD, GUEST_HANG }, { HALT, GUEST_HANG },
		{ NOTHING, GUEST_DONE },
	};
	struct world *world;
	size_t step;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		world = world_ready(state);
		call(world, 0, NOTHING);
		call(world, 1, ends[i].of);
		assert_int_equal(world_run(world, 2, &step), ends[i].end);
		assert_int_equal(step, 1);
		assert_int_equal(see(world, 0).outcome, WIRE_RETURNED);
	}
}

#define ALIKE 30

static void run_alike(struct world *world, struct wire_seen seen[ALIKE])
{
	static const unsigned calls[] = { NOTHING, FLAGS, UNDEFINED, TASK_SWITCHED, STACK_WORDS, NO_MEMORY };

	for (size_t i = 0; i < ALIKE; i++)
		call(world, i, calls[i % 6])->flags = i % 4 ? 0 : WIRE_LAST;
	run(world, ALIKE);
	for (size_t i = 0; i < ALIKE; i++) {
		seen[i] = see(world, i);
		seen[i].nonce = 0;
	}
}

static void the_same_batch_does_the_same_at_the_same_times(void **state)
{
	static struct wire_seen first[ALIKE], again[ALIKE];
	struct world *world = world_ready(state);
	uint64_t ignored;

	run_alike(world, first);
	for (unsigned i = 0; i < 3; i++) {
		world_ready(state);
		memset(guest_alloc(world->guest, 65536, 4096, &ignored), 0x5a, 65536);
		call(world, 0, TRIPLE_FAULT);
		assert_int_equal(guest_go(world->guest, 1, &world->err), 0);
		assert_int_equal(guest_wait(world->guest, NULL, &(size_t){ 0 }, &world->err), GUEST_CRASH);
		world_ready(state);
		run_alike(world, again);
		assert_memory_equal(first, again, sizeof(first));
	}
	kill(world->guest->qemu.pid, SIGKILL);
	world_ready(state);
	run_alike(world, again);
	assert_memory_equal(first, again, sizeof(first));
}

static void what_was_recorded_is_what_qemu_saw(void **state)
{
	struct world *world = world_ready(state);
	const struct arch *arch = world->config.arch;
	uint64_t before[WIRE_REGISTERS] = { 0 }, after[WIRE_REGISTERS] = { 0 };
	struct guest_witness witness;
	struct wire_seen seen;
	size_t step;

	call(world, 0, NOTHING);
	call(world, 1, EVERY_REGISTER);
	guest_hold_at(world->guest, 2);
	assert_int_equal(world_run(world, 2, &step), GUEST_CALL);
	assert_int_equal(guest_registers(world->guest, before, &world->err), 0);
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_BACK);
	assert_int_equal(guest_registers(world->guest, after, &world->err), 0);
	guest_continue(world->guest, &world->err);
	assert_int_equal(guest_wait(world->guest, NULL, &step, &world->err), GUEST_DONE);
	seen = see(world, 1);
	assert_int_equal(before[arch_register(arch, "ebp")], (uint32_t)wire_canary(0x5eed0001, 5));
	assert_int_equal(before[arch_register(arch, "esp")], arch->fixed_value[4] - 4);
	for (size_t i = 0; i < arch->register_count; i++)
		if (arch->monitor[i])
			assert_int_equal(after[i], seen.registers[i]);
	guest_witness(world->guest, &witness);
	assert_int_equal(witness.calls[0], 2);
	assert_int_equal(witness.foreign, 0);
}

static int remove_rom(void **state)
{
	(void)state;
	unlink(rom_path);
	return 0;
}

int main(void)
{
#define I386_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		I386_TEST(the_rom_is_found_where_it_was_put),
		I386_TEST(every_register_is_loaded_and_none_is_lost),
		I386_TEST(every_register_that_is_changed_shows),
		I386_TEST(arguments_on_the_stack_are_where_a_callee_looks),
		I386_TEST(a_call_goes_where_it_is_told_rather_than_to_an_offset),
		I386_TEST(words_behind_the_arguments_are_watched),
		I386_TEST(segments_that_are_lost_show_and_are_brought_back),
		I386_TEST(flags_show_and_the_interrupt_flag_stays_for_the_case),
		I386_TEST(control_registers_stay_for_the_case_and_no_longer),
		I386_TEST(a_trap_is_seen_with_its_cause_and_place),
		I386_TEST(a_fault_without_a_stack_is_a_trap_like_any_other),
		I386_TEST(a_stack_that_does_not_come_back_shows),
		I386_TEST(tables_that_are_lost_show_and_are_brought_back),
		I386_TEST(an_interrupt_return_comes_out_at_the_pad),
		I386_TEST(a_system_exit_comes_out_at_the_pad_in_user_mode),
		I386_TEST(the_caller_goes_on_behind_a_landing),
		cmocka_unit_test_setup_teardown(another_cpu_that_is_started_is_seen_with_all_that_it_has, set_up_two,
						world_tear_down),
		cmocka_unit_test_setup_teardown(the_boot_cpu_does_not_notice, set_up_two, world_tear_down),
		cmocka_unit_test_setup_teardown(another_cpu_can_be_started_again, set_up_two, world_tear_down),
		I386_TEST(nobody_comes_where_there_is_one_cpu),
		I386_TEST(who_halts_is_woken_when_that_was_asked_for),
		I386_TEST(an_interrupt_is_counted_and_its_vector_kept),
		I386_TEST(an_interrupt_waits_for_a_caller_that_takes_it),
		I386_TEST(the_machines_ends_are_told_apart),
		I386_TEST(the_same_batch_does_the_same_at_the_same_times),
		I386_TEST(what_was_recorded_is_what_qemu_saw),
	};

	if (finish_rom())
		print_message("no test ROM: the tests are skipped\n");
	return cmocka_run_group_tests_name("i386", tests, NULL, remove_rom);
}
