/* SPDX-License-Identifier: BSD-2-Clause */
/* encode.c - from a case to steps on the wire. */
#include <string.h>

#include "base/rng.h"
#include "run/codec.h"

static int pad_index(const struct arch *arch, const char *name)
{
	for (size_t i = 0; name && i < arch->pad_count; i++)
		if (!strcmp(arch->pads[i].name, name))
			return (int)i;
	return -1;
}

/* ---- the host's own copy ---- */

static struct asked_arg copy_value(const struct codec *codec, const struct case_value *value)
{
	struct asked_arg arg = { .literal = value->literal, .source = (uint8_t)value->source };

	switch (value->source) {
	case VALUE_RESULT:
		arg.step = (uint8_t)value->from_step;
		arg.index = (uint8_t)value->from_result;
		break;
	case VALUE_BUFFER:
		arg.step = (uint8_t)value->from_step;
		arg.index = (uint8_t)value->buffer;
		break;
	case VALUE_PAD:
		arg.index = (uint8_t)pad_index(codec->arch, value->pad);
		break;
	default:
		break;
	}
	return arg;
}

static void copy_buffer(struct arena *arena, const struct case_buffer *buffer, struct asked_buffer *to)
{
	to->size = buffer->size;
	to->align = buffer->align ? buffer->align : 1;
	to->misalign = buffer->misalign;
	to->content = buffer->content ? arena_copy(arena, buffer->content, buffer->size) : NULL;
}

/* Would a CPU that is sent there run anything but a pad? */
static bool is_risky(const struct case_step *step)
{
	for (size_t i = 0; i < step->entry->arg_count; i++)
		if (step->entry->args[i].role == ROLE_CODE && (step->args[i].source != VALUE_PAD || step->args[i].literal))
			return true;
	return false;
}

static void copy_step(struct arena *arena, const struct codec *codec, const struct case_step *step, unsigned number,
		      uint64_t seed, struct asked_step *to)
{
	to->code = &codec->codes[step->entry->number];
	to->seed = seed;
	to->hart = (uint8_t)step->hart;
	to->async = step->async;
	to->join = step->join;
	if (step->join)
		return;
	to->risky = is_risky(step);
	to->arg_count = (uint8_t)step->entry->arg_count;
	to->buffer_count = (uint8_t)step->buffer_count;
	to->args = arena_new_array(arena, struct asked_arg, to->arg_count);
	for (unsigned i = 0; i < to->arg_count; i++)
		to->args[i] = copy_value(codec, &step->args[i]);
	to->lender = (uint8_t)number;
	for (unsigned i = 0; i < to->arg_count; i++)
		if (to->args[i].source == VALUE_BUFFER && to->args[i].step != number)
			to->lender = to->args[i].step;
	if (!to->buffer_count)
		return;
	to->buffers = arena_new_array(arena, struct asked_buffer, to->buffer_count);
	for (unsigned i = 0; i < to->buffer_count; i++)
		copy_buffer(arena, &step->buffers[i], &to->buffers[i]);
}

struct asked_case *asked_new(struct arena *arena, const struct codec *codec, const struct plan_case *plan_case)
{
	struct asked_case *asked = arena_alloc(arena, sizeof(*asked));
	struct rng rng = { hash_text(0, plan_case->id) };

	asked->id = arena_strdup(arena, plan_case->id);
	asked->strategy = strategy_names[plan_case->strategy];
	asked->rule = plan_case->rule ? plan_case->rule->full_id : NULL;
	asked->ends_guest = plan_case->ends_guest;
	asked->step_count = (uint8_t)plan_case->step_count;
	asked->main = (uint8_t)plan_case->main;
	asked->steps = arena_new_array(arena, struct asked_step, plan_case->step_count);
	for (unsigned i = 0; i < plan_case->step_count; i++)
		copy_step(arena, codec, &plan_case->steps[i], i, wire_seed(rng_next(&rng)), &asked->steps[i]);
	return asked;
}

/* ---- buffers ---- */

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

/* Where each buffer of the step lies in the step's memory: a guard, the buffer, a guard, and so on. Returns the strictest alignment. */
static size_t place_buffers(struct asked_step *step)
{
	size_t end = 0, strictest = 8;

	for (unsigned i = 0; i < step->buffer_count; i++) {
		struct asked_buffer *buffer = &step->buffers[i];

		buffer->offset = round_up(end + GUARD, buffer->align) + buffer->misalign;
		end = buffer->offset + buffer->size + GUARD;
		strictest = buffer->align > strictest ? buffer->align : strictest;
	}
	step->length = round_up(end, 8);
	return strictest;
}

/* The pattern that nobody may touch, and the buffers' content in it. */
static void fill_before(struct arena *arena, struct asked_step *step)
{
	struct rng rng = { ~step->seed };

	step->before = arena_alloc(arena, step->length);
	for (size_t i = 0; i < step->length; i += sizeof(uint64_t)) {
		uint64_t word = rng_next(&rng);

		memcpy(step->before + i, &word, sizeof(word));
	}
	for (unsigned i = 0; i < step->buffer_count; i++)
		if (step->buffers[i].content)
			memcpy(step->before + step->buffers[i].offset, step->buffers[i].content, step->buffers[i].size);
}

static bool lay_out_buffers(struct arena *arena, struct guest *guest, struct asked_step *step)
{
	size_t align;
	void *memory;

	if (!step->buffer_count)
		return true;
	align = place_buffers(step);
	memory = guest_alloc(guest, step->length, align, &step->from);
	if (!memory || !guest_alloc(guest, step->length, 8, &step->to))
		return false;
	if (!step->before)
		fill_before(arena, step);
	memcpy(memory, step->before, step->length);
	for (unsigned i = 0; i < step->buffer_count; i++)
		step->buffers[i].address = step->from + step->buffers[i].offset;
	return true;
}

/* A buffer that another step lends is looked at after this step too: what the call did to it belongs to this call. */
static bool borrow_buffers(struct guest *guest, const struct asked_case *asked, struct asked_step *step)
{
	const struct asked_step *lender = &asked->steps[step->lender];

	step->from = lender->from;
	step->length = lender->length;
	step->before = lender->before;
	for (unsigned i = 0; i < step->arg_count; i++) {
		const struct asked_arg *arg = &step->args[i];
		unsigned own = step->code->entry->args[i].buffer;

		if (arg->source != VALUE_BUFFER || arg->step != step->lender || own >= step->buffer_count ||
		    arg->index >= lender->buffer_count)
			continue;
		step->buffers[own] = lender->buffers[arg->index];
	}
	return !step->length || guest_alloc(guest, step->length, 8, &step->to);
}

/* ---- steps ---- */

static uint64_t base_of(const struct codec *codec, const struct guest *guest, const struct asked_case *asked,
			const struct asked_arg *arg)
{
	const struct asked_step *step = &asked->steps[arg->step];

	switch (arg->source) {
	case VALUE_PAD:
		return arg->index < codec->arch->pad_count ? guest_pad(guest, codec->arch->pads[arg->index].name) : 0;
	case VALUE_BUFFER:
		return arg->index < step->buffer_count ? step->buffers[arg->index].address : 0;
	case VALUE_RAM_END:
		return codec->machine->ram_base + codec->machine->ram_size;
	case VALUE_BLOB:
		return guest_blob_at(guest);
	default:
		return 0;
	}
}

static void encode_arg(const struct codec *codec, const struct guest *guest, const struct asked_case *asked,
		       struct asked_arg *arg, unsigned input, struct wire_step *wire)
{
	arg->passed = (arg->literal + base_of(codec, guest, asked, arg)) & codec->arch->word_mask;
	if (input >= WIRE_INPUTS)
		return;
	wire->input[input] = arg->passed;
	wire->source[input] = WIRE_LITERAL;
	if (arg->source == VALUE_NOW || arg->source == VALUE_RESULT)
		wire->flags |= WIRE_COMPUTED;
	if (arg->source == VALUE_NOW)
		wire->source[input] = WIRE_NOW;
	if (arg->source != VALUE_RESULT || arg->step >= asked->step_count)
		return;
	wire->source[input] = WIRE_RESULT;
	wire->from_step[input] = asked->first + arg->step;
	wire->from_register[input] = asked->steps[arg->step].code->result_register[arg->index];
}

/* What goes into upper halves; behind everything else. */
static void encode_upper_half(const struct asked_arg *arg, unsigned input, struct wire_step *wire)
{
	if (input >= WIRE_INPUTS)
		wire->input[input - WIRE_INPUTS] |= arg->passed << 32;
}

static void encode_call(const struct codec *codec, const struct guest *guest, const struct asked_case *asked,
			struct asked_step *step, struct wire_step *wire)
{
	const struct entry_code *code = step->code;

	for (size_t i = 0; i < codec->arch->input_count; i++)
		if (codec->input_register[i] < WIRE_REGISTERS)
			wire->input[i] = codec_canary(codec, step->seed, codec->input_register[i]);
	for (unsigned i = 0; i < code->selector_count; i++) {
		unsigned input = code->selector_input[i];

		wire->input[input] = code->selector[i] + (codec->arch->relative[input] ? guest_blob_at(guest) : 0);
	}
	for (unsigned i = 0; i < step->arg_count; i++)
		encode_arg(codec, guest, asked, &step->args[i], code->arg_input[i], wire);
	for (unsigned i = 0; i < step->arg_count; i++)
		encode_upper_half(&step->args[i], code->arg_input[i], wire);
	wire->gate = code->gate;
	wire->settle = code->settle;
	wire->capture_from = step->from;
	wire->capture_to = step->to;
	wire->capture_length = step->length;
}

static uint8_t step_flags(const struct asked_case *asked, unsigned number)
{
	const struct asked_step *step = &asked->steps[number];
	uint8_t flags = number + 1u == asked->step_count ? WIRE_LAST : 0;

	if (step->join)
		return flags | WIRE_JOIN;
	/* after a risky call we look before anything else runs */
	return flags | step->code->flags | (step->risky || step->listen || step->watched ? WIRE_SYNC : 0) |
	       (step->async ? WIRE_ASYNC : 0);
}

bool asked_encode(struct arena *arena, const struct codec *codec, struct guest *guest, struct asked_case *asked, size_t first)
{
	if (first + asked->step_count > guest_capacity(guest))
		return false;
	asked->first = (uint32_t)first;
	for (unsigned i = 0; i < asked->step_count; i++)
		if (asked->steps[i].lender == i && !lay_out_buffers(arena, guest, &asked->steps[i]))
			return false;
	for (unsigned i = 0; i < asked->step_count; i++)
		if (asked->steps[i].lender != i && !borrow_buffers(guest, asked, &asked->steps[i]))
			return false;
	for (unsigned i = 0; i < asked->step_count; i++) {
		struct asked_step *step = &asked->steps[i];
		struct wire_step *wire = guest_step(guest, first + i);

		if (!wire)
			return false;
		wire->number = (uint32_t)(first + i);
		wire->hart = step->hart;
		wire->seed = step->seed;
		wire->deadline = step->code->deadline;
		wire->flags = step_flags(asked, i);
		if (!step->join)
			encode_call(codec, guest, asked, step, wire);
	}
	return true;
}
