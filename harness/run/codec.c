/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOST_FACTOR  8 /* what is to settle by the host's clock gets this much more of it */
#define LOST_HART_NS 200000u /* guest time to wait for a call on another CPU that may stop that CPU: 200,000 instructions */

/* The place of `what` in the specification, for a message. */
static int unknown(struct where where, const char *what, const char *name, const struct arch *arch, struct err *err)
{
	return err_set(err, EXIT_USAGE, "%s:%u:%u: %s `%s` is not known to the probe of %s", where.file, where.line, where.column,
		       what, name, arch->name);
}

static int place_input(const struct place *place, struct where where, const struct arch *arch, uint8_t *input, struct err *err)
{
	char stack[32];
	const char *name = place->reg;
	int number;

	if (place->kind == PLACE_STACK) {
		snprintf(stack, sizeof(stack), "stack+%" PRIu64, (uint64_t)place->offset);
		name = stack;
	}
	number = name ? arch_input(arch, name) : -1;
	if (number < 0)
		return unknown(where, "argument place", name ? name : "(neither a register nor the stack)", arch, err);
	*input = (uint8_t)number;
	return 0;
}

static uint32_t to_ticks(const struct machine *machine, uint64_t ns)
{
	unsigned __int128 ticks = ((unsigned __int128)ns * machine->clock_hz + 999999999u) / 1000000000u;

	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

static int set_selector(const struct codec *codec, struct entry_code *code, struct err *err)
{
	const struct convention *convention = &codec->spec->convention;
	const struct entry *entry = code->entry;

	for (size_t i = 0; i < convention->selector_count; i++) {
		if (!(entry->selector_known & 1u << i))
			continue;
		code->selector[code->selector_count] = entry->selector[i];
		if (place_input(&convention->selector[i], entry->where, codec->arch,
				&code->selector_input[code->selector_count++], err))
			return -1;
		if (code->selector_input[code->selector_count - 1] >= WIRE_INPUTS)
			return unknown(entry->where, "selector place", convention->selector[i].reg, codec->arch, err);
	}
	return 0;
}

static int set_args(const struct codec *codec, struct entry_code *code, struct err *err)
{
	for (size_t i = 0; i < code->entry->arg_count; i++)
		if (place_input(&code->entry->args[i].place, code->entry->args[i].where, codec->arch, &code->arg_input[i], err))
			return -1;
	return 0;
}

static int set_results(const struct codec *codec, struct entry_code *code, struct err *err)
{
	const struct entry *entry = code->entry;

	for (size_t i = 0; i < entry->result_count; i++) {
		const struct place *place = &entry->results[i].place;
		int number = place->kind == PLACE_REGISTER ? arch_register(codec->arch, place->reg) : -1;

		if (number < 0)
			return unknown(entry->where, "result place", place->reg ? place->reg : "(not a register)", codec->arch,
				       err);
		code->result_register[i] = (uint8_t)number;
	}
	return 0;
}

/* The registers that must be preserved, of those the probe can tell anything about. */
static int kept_registers(const struct codec *codec, bool all_but, const char *const *names, size_t count, struct where where,
			  uint32_t *kept, struct err *err)
{
	const struct arch *arch = codec->arch;
	uint32_t listed = 0, checked = 0, beside = 0;

	for (size_t i = 0; i < count; i++) {
		int number = arch_register(arch, names[i]);

		if (number < 0)
			return unknown(where, "preserved register", names[i], arch, err);
		listed |= 1u << number;
	}
	for (size_t i = 0; i < arch->register_count; i++) {
		if (!arch->constant[i] && !arch->unchecked[i])
			checked |= 1u << i;
		if (arch->beside[i])
			beside |= 1u << i;
	}
	*kept = (checked & (all_but ? ~listed : listed)) | beside;
	return 0;
}

static int set_kept(const struct codec *codec, struct entry_code *code, struct err *err)
{
	const struct convention *convention = &codec->spec->convention;
	const struct preserved *own = code->entry->preserved;
	struct where where = code->entry->where;

	if (kept_registers(codec, convention->preserve_all_but, convention->preserved, convention->preserved_count, where,
			   &code->kept_absent, err))
		return -1;
	code->kept = code->kept_absent;
	return own ? kept_registers(codec, own->all_but, own->names, own->count, where, &code->kept, err) : 0;
}

static void set_times(const struct codec *codec, struct entry_code *code)
{
	const struct entry *entry = code->entry;
	uint64_t deadline = entry->deadline_ns;

	if (entry->outcomes & OUTCOME_STOPS && deadline > LOST_HART_NS)
		deadline = LOST_HART_NS;
	code->settle = to_ticks(codec->machine, entry->settle_ns) * (codec->machine->accelerator ? HOST_FACTOR : 1);
	code->deadline = to_ticks(codec->machine, deadline);
	code->flags = (entry->console_output || entry->console_input ? WIRE_SYNC : 0) |
		      (entry->outcomes & OUTCOME_BLOCKS ? WIRE_WAKE : 0);
}

static int set_code(const struct codec *codec, const struct entry *entry, int gate, struct err *err)
{
	struct entry_code *code = &codec->codes[entry->number];

	code->entry = entry;
	if (entry->is_structure)
		return 0;
	code->gate = (uint16_t)gate;
	set_times(codec, code);
	return set_selector(codec, code, err) || set_args(codec, code, err) || set_results(codec, code, err) ||
			       set_kept(codec, code, err)
		       ? -1
		       : 0;
}

static void set_leave(struct codec *codec)
{
	const struct entry *entry = codec->spec->convention.handler_leave;
	const struct entry_code *code = entry ? &codec->codes[entry->number] : NULL;

	for (unsigned i = 0; code && i < code->selector_count; i++)
		codec->leave[code->selector_input[i]] = code->selector[i];
	codec->leave_gate = code ? code->gate : 0;
}

static void set_opening(struct arena *arena, struct codec *codec)
{
	const struct entry *entry = codec->spec->convention.first_call;
	struct plan_case *plan_case;

	if (!entry)
		return;
	plan_case = arena_alloc(arena, sizeof(*plan_case));
	plan_case->id = entry->full_id;
	plan_case->entry = plan_case->steps[0].entry = entry;
	plan_case->step_count = 1;
	for (unsigned i = 0; i < entry->arg_count; i++)
		plan_case->steps[0].args[i] = (struct case_value){ .source = VALUE_LITERAL, .literal = entry->args[i].nominal };
	codec->opening = asked_new(arena, codec, plan_case);
}

bool codec_opens(const struct codec *codec, const struct asked_case *asked)
{
	return codec->opening && asked->steps[asked->main].code == codec->opening->steps[0].code;
}

static void set_inputs(struct codec *codec)
{
	for (size_t i = 0; i < WIRE_REGISTERS; i++)
		codec->input_of[i] = WIRE_INPUTS;
	for (size_t i = 0; i < codec->arch->input_count; i++) {
		int number = arch_register(codec->arch, codec->arch->inputs[i]);

		codec->input_register[i] = number < 0 ? WIRE_REGISTERS : (uint8_t)number;
		if (number >= 0)
			codec->input_of[number] = (uint32_t)i;
	}
}

static bool has_calls(const struct spec *spec)
{
	for (size_t i = 0; i < spec->entry_count; i++)
		if (!spec->entries[i]->is_structure)
			return true;
	return false;
}

struct codec *codec_new(struct arena *arena, const struct spec *spec, const struct arch *arch, const struct machine *machine,
			struct err *err)
{
	struct codec *codec = arena_alloc(arena, sizeof(*codec));
	int gate = arch_gate(arch, spec->convention.gate);

	*codec = (struct codec){ .spec = spec, .arch = arch, .machine = machine };
	if (gate < 0 && has_calls(spec))
		return err_null(err, EXIT_USAGE, "%s: the gate `%s` is not known to the probe of %s", spec->directory,
				spec->convention.gate, arch->name);
	codec->codes = arena_new_array(arena, struct entry_code, spec->entry_count);
	set_inputs(codec);
	for (size_t i = 0; i < spec->entry_count; i++)
		if (set_code(codec, spec->entries[i], gate, err))
			return NULL;
	set_leave(codec);
	set_opening(arena, codec);
	codec_set_boot_hart(codec, machine->hart_ids[0]);
	return codec;
}

uint64_t codec_canary(const struct codec *codec, uint64_t seed, unsigned number)
{
	const struct arch *arch = codec->arch;

	return arch->fixed[number] ? arch->fixed_value[number] : wire_canary(seed, number) & arch->register_mask[number];
}

void codec_set_boot_hart(struct codec *codec, uint32_t boot_hart)
{
	unsigned next = 1;

	codec->hart_ids[0] = boot_hart;
	for (unsigned i = 0; i < codec->machine->harts; i++)
		if (codec->machine->hart_ids[i] != boot_hart && next < RECORD_HARTS)
			codec->hart_ids[next++] = codec->machine->hart_ids[i];
}
