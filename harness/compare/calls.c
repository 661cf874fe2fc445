/* SPDX-License-Identifier: BSD-2-Clause */
/* calls.c - takes the calls of one entry out of a plan. */
#include "compare/calls.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

static struct survey everything(const struct side *side)
{
	struct survey survey = { .version = side->version,
				 .harts = MACHINE_HARTS,
				 .hart_ids = { 0, 1 },
				 .ram_size = MACHINE_RAM_SIZE,
				 .clock_hz = MACHINE_CLOCK_HZ };

	return survey;
}

/* Where in the machine's memory the addresses lie that only a guest knows. */
static uint64_t number_of(const struct case_step *step, const struct case_value *value)
{
	switch (value->source) {
	case VALUE_NOW:
		return MACHINE_NOW + value->literal;
	case VALUE_PAD:
		return MACHINE_OWN + 0x100000 + value->literal;
	case VALUE_BUFFER:
		return MACHINE_OWN + UINT64_C(0x10000) * value->buffer + step->buffers[value->buffer].misalign + value->literal;
	case VALUE_RAM_END:
		return MACHINE_RAM_SIZE + value->literal;
	default:
		return value->literal;
	}
}

static const char *text_of(struct arena *arena, const struct case_step *step, const struct case_value *value)
{
	switch (value->source) {
	case VALUE_NOW:
		return arena_printf(arena, "now%+" PRId64, (int64_t)value->literal);
	case VALUE_PAD:
		return value->literal ? "&pad+1" : "&pad";
	case VALUE_BUFFER:
		return step->buffers[value->buffer].misalign ? "&buffer, misaligned" : "&buffer";
	case VALUE_RAM_END:
		return "&end of memory";
	case VALUE_BLOB:
		return "&firmware";
	case VALUE_RESULT:
		return "what an earlier call gave";
	default:
		return NULL;
	}
}

static void take(struct arena *arena, const struct case_step *step, struct call *call)
{
	for (size_t i = 0; i < step->entry->arg_count; i++) {
		const struct case_value *value = &step->args[i];

		call->text[i] = text_of(arena, step, value);
		if (value->source != VALUE_RESULT)
			call->args[i] = value_of(number_of(step, value), step->entry->args[i].type->base);
	}
	for (size_t i = 0; i < step->buffer_count && i < SPEC_BUFFERS; i++) {
		call->size[i] = step->buffers[i].size;
		if (step->buffers[i].content)
			call->content[i] = arena_copy(arena, step->buffers[i].content, step->buffers[i].size);
	}
}

struct calls calls_of(struct arena *arena, const struct side *side, const struct entry *entry)
{
	const struct plan_options options = { .effort = EFFORT_QUICK, .seed = 1, .filter = entry->full_id };
	struct survey survey = everything(side);
	struct err err = { 0 };
	struct plan *plan = plan_new(side->spec, &survey, &options, &err);
	struct calls calls = { 0, arena_new_array(arena, struct call, CALLS_MAX) };
	const struct plan_case *made;

	while (plan && calls.count < CALLS_MAX && (made = plan_next(plan)))
		if (made->entry == entry && made->steps[made->main].entry == entry)
			take(arena, &made->steps[made->main], &calls.list[calls.count++]);
	plan_free(plan);
	if (!calls.count)
		calls.count = 1; /* a call of which nothing is known */
	return calls;
}
