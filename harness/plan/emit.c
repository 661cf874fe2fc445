/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emit.c - a draft becomes a case: values by source, buffers with their content.
 */
#include "plan/internal.h"

#include <string.h>

#define BUFFER_MAX     65536u
#define BUFFER_UNSIZED 4096u /* for a buffer whose spec gives no size */

uint64_t planned_buffer_size(const struct plan *plan, const struct planned *call, const struct arg *arg)
{
	struct sight sight = { .plan = plan, .call = call, .prediction = PREDICT_OPEN };
	struct value size;

	if (!arg->size)
		return BUFFER_UNSIZED;
	size = sight_eval(&sight, arg->size);
	if (!size.known)
		return BUFFER_UNSIZED;
	return size.bits <= BUFFER_MAX ? size.bits : BUFFER_UNSIZED; /* bigger ones are not meant to fit anywhere */
}

static void put_number(uint8_t *to, uint64_t number, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		to[big_endian ? size - 1 - i : i] = (uint8_t)(i < 8 ? number >> (8 * i) : 0);
}

/* How many numbers one element takes, and where the n-th one is. */
static unsigned numbers_in(const struct type *of)
{
	return of && of->member_count ? (unsigned)of->member_count : 1;
}

static unsigned number_at(const struct type *of, unsigned member, unsigned *size)
{
	if (!of || !of->member_count) {
		*size = of && of->size ? of->size : 1;
		return 0;
	}
	*size = of->members[member].type->size;
	return of->members[member].offset;
}

/* The n-th number behind a buffer. */
static uint64_t content_number(const struct pick *pick, size_t n)
{
	if (pick->content)
		return n < pick->content_count ? pick->content[n] : 0;
	return pick->fill;
}

bool planned_has_content(const struct planned *call, unsigned buffer)
{
	const struct pick *pick = &call->args[call->entry->buffers[buffer]];

	return (pick->has_fill || pick->content) && pick->value.source == VALUE_BUFFER && !pick->borrowed;
}

bool content_place(const struct type *of, uint64_t offset, unsigned size, uint64_t *number)
{
	unsigned element = of && of->size ? of->size : 1, count = numbers_in(of);

	for (unsigned member = 0; member < count; member++) {
		unsigned width, at = number_at(of, member, &width);

		if (at != offset % element || width != size)
			continue;
		*number = offset / element * count + member;
		return true;
	}
	return false;
}

struct value planned_content(const struct planned *call, unsigned buffer, uint64_t offset, unsigned size)
{
	const struct arg *arg = &call->entry->args[call->entry->buffers[buffer]];
	const struct pick *pick = &call->args[call->entry->buffers[buffer]];
	uint64_t number;

	if (!planned_has_content(call, buffer) || !content_place(arg->of, offset, size, &number))
		return value_unknown();
	return value_of(content_number(pick, number), (struct int_type){ (uint8_t)(size * 8), false });
}

/* Plain bytes for the callee to read: the same readable text for every buffer, made once. */
static const uint8_t *readable_text(struct plan *plan)
{
	static const char text[] = "assay: the quick brown fox jumps over the lazy dog 0123456789. ";

	if (!plan->text) {
		plan->text = arena_alloc(plan->arena, BUFFER_MAX);
		for (size_t at = 0; at < BUFFER_MAX; at++)
			plan->text[at] = (uint8_t)text[at % (sizeof(text) - 1)];
	}
	return plan->text;
}

/* What the callee is to read: elements with the chosen values, or text. */
static const uint8_t *content_of(struct plan *plan, const struct arg *arg, const struct pick *pick, size_t size)
{
	unsigned element = arg->of && arg->of->size ? arg->of->size : 1, count = numbers_in(arg->of);
	uint8_t *content;

	if (!size || (!(arg->direction & DIRECTION_IN) && !pick->content))
		return NULL;
	if (!pick->has_fill && !pick->content)
		return readable_text(plan);
	content = arena_alloc(plan->scratch, size);
	if (!pick->content && !pick->fill)
		return content;
	for (size_t i = 0; (i + 1) * element <= size; i++)
		for (unsigned member = 0; member < count; member++) {
			unsigned width, at = number_at(arg->of, member, &width);

			put_number(content + i * element + at, content_number(pick, i * count + member), width,
				   plan->spec->convention.big_endian);
		}
	return content;
}

static void emit_buffer(struct plan *plan, const struct planned *call, unsigned number, struct case_buffer *buffer)
{
	unsigned at = call->entry->buffers[number];
	const struct arg *arg = &call->entry->args[at];
	const struct pick *pick = &call->args[at];

	*buffer = (struct case_buffer){ .align = arg->align ? arg->align : 1, .misalign = pick->misalign };
	if (pick->value.source != VALUE_BUFFER || pick->borrowed)
		return;
	buffer->size = planned_buffer_size(plan, call, arg);
	buffer->content = content_of(plan, arg, pick, buffer->size);
}

static void emit_step(struct plan *plan, const struct draft *draft, unsigned number, struct case_step *step)
{
	const struct planned *call = &draft->calls[number];

	step->entry = call->entry;
	step->hart = call->hart;
	step->async = call->async;
	step->join = call->join;
	step->buffer_count = 0;
	if (call->join)
		return;
	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		step->args[i] = call->args[i].value;
		if (step->args[i].source == VALUE_BUFFER)
			step->args[i].from_step = call->args[i].borrowed ? draft->main : number;
	}
	step->buffer_count = (unsigned)call->entry->buffer_count;
	for (unsigned i = 0; i < step->buffer_count; i++)
		emit_buffer(plan, call, i, &step->buffers[i]);
}

void draft_emit(struct plan *plan, const struct draft *draft, struct plan_case *out)
{
	out->strategy = draft->strategy;
	out->entry = draft->calls[draft->main].entry;
	out->rule = draft->rule;
	out->step_count = draft->count;
	out->main = draft->main;
	for (unsigned i = 0; i < draft->count; i++)
		emit_step(plan, draft, i, &out->steps[i]);
}
