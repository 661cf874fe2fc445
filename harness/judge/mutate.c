/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate.c - the ways in which an observation can be changed: one line each in the table at the end.
 *
 * A mutator is asked for its variants by number, from 0, until it says that there is none. Each variant starts from an
 * unchanged copy of the original.
 */
#include "judge/mutate.h"

#include <string.h>

#define CHANGED_BYTES 4096 /* of a buffer's content */

static bool status_code(struct mutation *mutation, unsigned variant)
{
	int status = mutation->spec->convention.status;

	if (status < 0 || variant >= mutation->spec->error_count)
		return false;
	mutation->step.results[status] = mutation->spec->errors[variant].value;
	return (unsigned)status < mutation->step.result_count;
}

static bool result_bit(struct mutation *mutation, unsigned variant)
{
	if (variant / 64 >= mutation->step.result_count)
		return false;
	mutation->step.results[variant / 64] ^= UINT64_C(1) << variant % 64;
	return true;
}

static bool result_value(struct mutation *mutation, unsigned variant)
{
	if (variant / MUTATE_VALUES >= mutation->step.result_count)
		return false;
	if (variant % MUTATE_VALUES < mutation->value_count)
		mutation->step.results[variant / MUTATE_VALUES] = mutation->values[variant % MUTATE_VALUES];
	return true;
}

/* A call that fails as a whole: an error code and another value with it. */
static bool code_and_value(struct mutation *mutation, unsigned variant)
{
	if (mutation->step.result_count < 2 || !status_code(mutation, variant))
		return false;
	for (unsigned i = 0; i < mutation->step.result_count; i++)
		if ((int)i != mutation->spec->convention.status)
			mutation->step.results[i] = ~mutation->step.results[i];
	return true;
}

static bool clobbered_register(struct mutation *mutation, unsigned variant)
{
	if (variant >= mutation->head->register_count)
		return false;
	mutation->step.clobbered |= UINT32_C(1) << variant;
	mutation->step.registers[variant] = ~mutation->step.expected[variant];
	return true;
}

static bool control_bit(struct mutation *mutation, unsigned variant)
{
	uint64_t bit = UINT64_C(1) << variant % 64;
	unsigned moment = variant / 64 % 3, number = variant / 64 / 3;

	if (number >= mutation->head->control_count)
		return false;
	if (moment != 1)
		mutation->step.after[number] ^= bit;
	if (moment != 0)
		mutation->step.later[number] ^= bit;
	return true;
}

static bool control_value(struct mutation *mutation, unsigned variant)
{
	unsigned number = variant / MUTATE_VALUES;

	if (number >= mutation->head->control_count)
		return false;
	if (variant % MUTATE_VALUES < mutation->value_count)
		mutation->step.after[number] = mutation->step.later[number] = mutation->values[variant % MUTATE_VALUES];
	return true;
}

/* A copy of a buffer's content after the call that may be written to. */
static uint8_t *own_bytes(struct mutation *mutation, unsigned number)
{
	struct recorded_buffer *buffer = &mutation->step.buffers[number];
	uint8_t *bytes;

	if (!buffer->after)
		return NULL;
	bytes = arena_copy(mutation->arena, buffer->after, (size_t)buffer->size + 2 * (size_t)buffer->guard);
	buffer->after = bytes;
	return bytes;
}

static bool dirty_guard(struct mutation *mutation, unsigned variant)
{
	unsigned number = variant / 2;
	const struct recorded_buffer *buffer = &mutation->step.buffers[number];
	uint8_t *bytes;

	if (number >= mutation->step.buffer_count)
		return false;
	bytes = buffer->guard ? own_bytes(mutation, number) : NULL;
	if (bytes)
		bytes[variant % 2 ? buffer->guard + buffer->size : buffer->guard - 1] ^= 0xff;
	return true;
}

static bool buffer_byte(struct mutation *mutation, unsigned variant)
{
	static const uint8_t changes[] = { 0xff, 0x01, 0x80 };
	unsigned number = variant / (CHANGED_BYTES * 3), at = variant % (CHANGED_BYTES * 3) / 3;
	const struct recorded_buffer *buffer = &mutation->step.buffers[number];
	uint8_t *bytes;

	if (number >= mutation->step.buffer_count)
		return false;
	if (at >= buffer->size) {
		/* on to the next buffer, at once */
		mutation->variant = (number + 1) * CHANGED_BYTES * 3 - 1;
		return true;
	}
	bytes = own_bytes(mutation, number);
	if (bytes)
		bytes[buffer->guard + at] ^= changes[variant % 3];
	return true;
}

static bool buffer_filled(struct mutation *mutation, unsigned variant)
{
	unsigned number = variant / 3;
	struct recorded_buffer *buffer = &mutation->step.buffers[number];
	uint8_t *bytes;

	if (number >= mutation->step.buffer_count)
		return false;
	bytes = own_bytes(mutation, number);
	if (bytes && variant % 3 < 2)
		memset(bytes + buffer->guard, variant % 3 ? 0xff : 0, buffer->size);
	else if (bytes && buffer->before)
		memcpy(bytes, buffer->before, (size_t)buffer->size + 2 * (size_t)buffer->guard);
	return true;
}

/* A field, in its first repetition, holds another number. */
static bool field_value(struct mutation *mutation, unsigned variant)
{
	const struct structure *structure = mutation->entry->structure;
	unsigned number = variant / MUTATE_VALUES, value = variant % MUTATE_VALUES;
	const struct structure_field *field;
	uint8_t *bytes;

	if (!structure || number >= structure->field_count || !mutation->step.buffer_count)
		return false;
	field = &structure->fields[number];
	if (value >= mutation->value_count || field->offset + field->type->size > mutation->step.buffers[0].size)
		return true;
	bytes = own_bytes(mutation, 0);
	for (unsigned i = 0; bytes && i < field->type->size && i < 8; i++)
		bytes[field->offset + (structure->big_endian ? field->type->size - 1 - i : i)] =
			(uint8_t)(mutation->values[value] >> 8 * i);
	return true;
}

static bool lost_structure(struct mutation *mutation, unsigned variant)
{
	if (variant || !mutation->entry->is_structure)
		return false;
	mutation->step.buffer_count = 0;
	return true;
}

static bool added_landing(struct mutation *mutation, unsigned variant)
{
	unsigned count = mutation->step.landing_count;

	if (variant >= mutation->head->harts || count >= MUTATE_LANDINGS)
		return false;
	mutation->landings[count] = (struct recorded_landing){ .hart = mutation->head->hart_ids[variant] };
	mutation->step.landing_count = count + 1;
	return true;
}

static bool landing_value(struct mutation *mutation, unsigned variant)
{
	struct recorded_landing *landing = &mutation->landings[0];
	unsigned number = variant / 64;
	uint64_t bit = UINT64_C(1) << variant % 64;

	if (!mutation->step.landing_count || number > RECORD_REGISTERS + RECORD_CONTROL)
		return false;
	if (number < RECORD_REGISTERS)
		landing->registers[number] ^= bit;
	else if (number < RECORD_REGISTERS + RECORD_CONTROL)
		landing->control[number - RECORD_REGISTERS] ^= bit;
	else
		landing->hart ^= (uint32_t)(bit >> 32 | bit);
	return true;
}

static bool other_ipi(struct mutation *mutation, unsigned variant)
{
	uint8_t *count = &mutation->step.ipis[variant / 2];

	if (variant / 2 >= mutation->head->harts)
		return false;
	*count = variant % 2 ? *count + 1 : !*count;
	return true;
}

static bool console_byte(struct mutation *mutation, unsigned variant)
{
	uint32_t length = mutation->step.console_length;
	uint8_t *bytes;

	if (!mutation->step.has_console || variant > 2)
		return false;
	bytes = arena_alloc(mutation->arena, (size_t)length + 1);
	if (length)
		memcpy(bytes, mutation->step.console, length);
	bytes[variant == 0 ? length : 0] ^= '!';
	mutation->step.console = bytes;
	mutation->step.console_length = variant == 0 ? length + 1 : variant == 1 ? length : 0;
	return true;
}

static bool other_outcome(struct mutation *mutation, unsigned variant)
{
	static const enum record_outcome outcomes[] = { RECORD_HANG,	 RECORD_CRASH, RECORD_TRAPPED, RECORD_STOPPED,
							RECORD_SHUTDOWN, RECORD_RESET, RECORD_LANDED,  RECORD_RETURNED };

	if (variant >= sizeof(outcomes) / sizeof(*outcomes))
		return false;
	mutation->step.outcome = outcomes[variant];
	if (mutation->step.outcome == RECORD_RETURNED)
		mutation->step.result_count = (unsigned)mutation->entry->result_count;
	return true;
}

/* With the outcome as it was, or with another one: a caller that should have landed and did not. */
static bool lost_landing(struct mutation *mutation, unsigned variant)
{
	if (!mutation->step.landing_count && mutation->step.outcome != RECORD_LANDED)
		return false;
	mutation->step.landing_count = 0;
	return variant == 0 || other_outcome(mutation, variant - 1);
}

static bool other_time(struct mutation *mutation, unsigned variant)
{
	/* ten seconds more; no time at all */
	if (variant > 1)
		return false;
	mutation->step.end = variant ? mutation->step.start : mutation->step.end + 10 * (mutation->head->clock_hz + 1);
	return true;
}

static bool other_trap(struct mutation *mutation, unsigned variant)
{
	uint64_t *parts[] = { &mutation->step.cause, &mutation->step.pc, &mutation->step.trap_value };

	if (mutation->step.outcome != RECORD_TRAPPED || variant / 64 >= 3)
		return false;
	*parts[variant / 64] ^= UINT64_C(1) << variant % 64;
	return true;
}

static const struct {
	const char *name;
	bool (*apply)(struct mutation *mutation, unsigned variant);
} mutators[] = {
	{ "another error code", status_code },
	{ "a flipped bit in a result", result_bit },
	{ "another result", result_value },
	{ "another error code and value", code_and_value },
	{ "another outcome", other_outcome },
	{ "a clobbered register", clobbered_register },
	{ "a dirty guard zone", dirty_guard },
	{ "a changed byte in a buffer", buffer_byte },
	{ "another content of a buffer", buffer_filled },
	{ "another number in a field", field_value },
	{ "a structure that is not there", lost_structure },
	{ "a lost landing", lost_landing },
	{ "one landing more", added_landing },
	{ "another register at a landing", landing_value },
	{ "another number of interrupts", other_ipi },
	{ "other console output", console_byte },
	{ "a changed control register", control_bit },
	{ "another control register", control_value },
	{ "another duration", other_time },
	{ "another trap", other_trap },
};

static void add_value(void *context, uint64_t value)
{
	struct mutation *mutation = context;

	if (mutation->value_count < MUTATE_VALUES)
		mutation->values[mutation->value_count++] = value;
}

void mutate_begin(struct mutation *mutation, const struct rule *rule)
{
	static const uint64_t edges[] = { 0, UINT64_MAX, 1, UINT64_C(1) << 63, INT64_MAX, 0x5a5a5a5a5a5a5a5a };

	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
		add_value(mutation, edges[i]);
	for (unsigned i = 0; i < mutation->original->arg_count; i++)
		add_value(mutation, mutation->original->args[i]);
	if (rule && rule->must)
		expr_literals(rule->must, add_value, mutation);
	if (rule && rule->when)
		expr_literals(rule->when, add_value, mutation);
}

static void start_over(struct mutation *mutation)
{
	unsigned landings = mutation->original->landing_count;

	mutation->step = *mutation->original;
	if (landings > MUTATE_LANDINGS)
		landings = MUTATE_LANDINGS;
	if (landings)
		memcpy(mutation->landings, mutation->original->landings, landings * sizeof(*mutation->landings));
	mutation->step.landings = mutation->landings;
	mutation->step.landing_count = landings;
}

bool mutate_next(struct mutation *mutation)
{
	for (; mutation->mutator < sizeof(mutators) / sizeof(*mutators); mutation->mutator++, mutation->variant = 0) {
		start_over(mutation);
		mutation->name = mutators[mutation->mutator].name;
		if (mutators[mutation->mutator].apply(mutation, mutation->variant)) {
			mutation->variant++;
			return true;
		}
	}
	return false;
}
