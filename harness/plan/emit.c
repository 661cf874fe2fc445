/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emit.c - a draft becomes a case: values by source, buffers with their content.
 */
#include "plan/internal.h"

#include <string.h>

#define BUFFER_MAX 65536u
#define BUFFER_UNSIZED 4096u	/* for a buffer whose spec gives no size */

uint64_t planned_buffer_size(const struct plan *plan, const struct planned *call, const struct arg *arg)
{
	struct sight sight = { .plan = plan, .call = call, .prediction = PREDICT_OPEN };
	struct value size;

	if (!arg->size)
		return BUFFER_UNSIZED;
	size = sight_eval(&sight, arg->size);
	if (!size.known)
		return BUFFER_UNSIZED;
	return size.bits < BUFFER_MAX ? size.bits : BUFFER_MAX;
}

static void put_number(uint8_t *to, uint64_t number, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		to[big_endian ? size - 1 - i : i] = (uint8_t)(i < 8 ? number >> (8 * i) : 0);
}

static void put_element(const struct spec *spec, uint8_t *to, const struct type *of, uint64_t fill)
{
	for (size_t m = 0; m < of->member_count; m++)
		put_number(to + of->members[m].offset, fill, of->members[m].type->size, spec->convention.big_endian);
	if (!of->member_count)
		put_number(to, fill, of->size, spec->convention.big_endian);
}

/* What the callee is to read: elements with the chosen value, or, for plain bytes, readable text. */
static const uint8_t *content_of(struct plan *plan, const struct arg *arg, const struct pick *pick, size_t size)
{
	static const char text[] = "assay: the quick brown fox jumps over the lazy dog 0123456789. ";
	const struct type *of = arg->of;
	uint8_t *content;

	if (!(arg->direction & DIRECTION_IN) || !size)
		return NULL;
	content = arena_alloc(plan->scratch, size);
	if (of && of->size) {
		for (size_t at = 0; at + of->size <= size; at += of->size)
			put_element(plan->spec, content + at, of, pick->has_fill ? pick->fill : nominal_number(of));
		return content;
	}
	if (pick->has_fill)
		return memset(content, (int)(pick->fill & 0xff), size);
	for (size_t at = 0; at < size; at++)
		content[at] = (uint8_t)text[at % (sizeof(text) - 1)];
	return content;
}

static void emit_buffer(struct plan *plan, const struct planned *call, unsigned number, struct case_buffer *buffer)
{
	unsigned at = call->entry->buffers[number];
	const struct arg *arg = &call->entry->args[at];
	const struct pick *pick = &call->args[at];

	*buffer = (struct case_buffer){ .align = arg->align ? arg->align : 1, .misalign = pick->misalign };
	if (pick->value.source != VALUE_BUFFER)
		return;
	buffer->size = planned_buffer_size(plan, call, arg);
	buffer->content = content_of(plan, arg, pick, buffer->size);
}

static void emit_step(struct plan *plan, const struct planned *call, struct case_step *step)
{
	step->entry = call->entry;
	step->hart = call->hart;
	step->async = call->async;
	step->join = call->join;
	step->buffer_count = 0;
	if (call->join)
		return;
	for (unsigned i = 0; i < call->entry->arg_count; i++)
		step->args[i] = call->args[i].value;
	step->buffer_count = (unsigned)call->entry->buffer_count;
	for (unsigned i = 0; i < step->buffer_count; i++)
		emit_buffer(plan, call, i, &step->buffers[i]);
}

void draft_emit(struct plan *plan, const struct draft *draft, struct plan_case *out)
{
	out->strategy = draft->strategy;
	out->entry = draft->calls[draft->main].entry;
	out->rule = draft->rule;
	out->ends_guest = draft->ends_guest;
	out->step_count = draft->count;
	out->main = draft->main;
	for (unsigned i = 0; i < draft->count; i++)
		emit_step(plan, &draft->calls[i], &out->steps[i]);
}
