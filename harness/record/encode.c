/* SPDX-License-Identifier: BSD-2-Clause */
/* encode.c - a head and a case as bytes, and the memory both sides keep of the last case. */
#include <stdlib.h>
#include <string.h>

#include "record/format.h"

void history_id(struct history *history, const char *id, size_t length)
{
	if (length > history->id_size) {
		history->id_size = length * 2;
		history->id = xrealloc(history->id, history->id_size);
	}
	if (length)
		memcpy(history->id, id, length);
	history->id_length = length;
}

void history_step(struct history *history, const struct recorded_step *step)
{
	memcpy(history->control, step->before, sizeof(history->control));
	history->time = step->end;
	history->hart = step->hart;
}

void history_free(struct history *history)
{
	free(history->id);
	*history = (struct history){ 0 };
}

/* What a step takes in the memory of a reader. */
static uint64_t step_memory(const struct recorded_step *step)
{
	uint64_t memory = sizeof(*step) + step->landing_count * sizeof(*step->landings) + step->console_length;

	for (unsigned i = 0; i < step->buffer_count; i++) {
		const struct recorded_buffer *buffer = &step->buffers[i];

		memory += ((uint64_t)buffer->size + 2 * (uint64_t)buffer->guard) * (!!buffer->before + !!buffer->after);
	}
	return memory;
}

static const char *step_fault(const struct recorded_step *step)
{
	if (!step->entry)
		return "a step without an entry";
	if (step->outcome >= RECORD_OUTCOMES)
		return "an outcome without a name";
	if (step->arg_count > RECORD_ARGS || step->result_count > RECORD_RESULTS || step->buffer_count > RECORD_BUFFERS)
		return "more arguments, results or buffers than a call can have";
	return NULL;
}

const char *case_fault(const struct recorded_case *recorded)
{
	const char *fault = NULL;
	uint64_t memory = 0;

	if (!recorded->id)
		return "a case without an id";
	if (recorded->step_count && recorded->main >= recorded->step_count)
		return "a main step that is not there";
	if (recorded->role >= RECORD_ROLES)
		return "a role without a name";
	for (unsigned i = 0; i < recorded->step_count && !fault; i++) {
		fault = step_fault(&recorded->steps[i]);
		memory += fault ? 0 : step_memory(&recorded->steps[i]);
	}
	if (!fault && memory > JOURNAL_EXPANDED_MAX)
		fault = "more memory and console output than one case may hold";
	return fault;
}

static void encode_lists(struct sink *sink, const struct recording_head *head)
{
	put_varint(sink, head->map_count);
	for (size_t i = 0; i < head->map_count; i++) {
		put_varint(sink, head->map[i][0]);
		put_varint(sink, head->map[i][1]);
	}
	put_varint(sink, head->chapter_count);
	for (size_t i = 0; i < head->chapter_count; i++) {
		put_text(sink, head->chapters[i]);
		put_byte(sink, head->present[i]);
	}
	put_varint(sink, head->register_count);
	for (size_t i = 0; i < head->register_count; i++)
		put_text(sink, head->registers[i]);
	put_varint(sink, head->control_count);
	for (size_t i = 0; i < head->control_count; i++)
		put_text(sink, head->control[i]);
	put_text(sink, head->sandbox);
	put_text(sink, head->qemu_sha256);
	put_text(sink, head->machine);
}

void encode_head(struct sink *sink, const struct recording_head *head)
{
	const char *const texts[] = { head->assay,	 head->qemu, head->blob,	head->blob_version,
				      head->blob_sha256, head->spec, head->spec_sha256, head->probe_sha256,
				      head->command,	 head->arch, head->options };
	const uint64_t numbers[] = { head->seed,      head->ram_base, head->ram_size, head->clock_hz,
				     head->boot_hart, head->harts,    head->own_low,  head->own_high };

	put_byte(sink, KIND_HEAD);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		put_text(sink, texts[i]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		put_varint(sink, numbers[i]);
	put_signed(sink, (uint64_t)head->claimed_major);
	put_signed(sink, (uint64_t)head->claimed_minor);
	for (unsigned i = 0; i < RECORD_HARTS; i++)
		put_varint(sink, head->hart_ids[i]);
	put_words(sink, head->control_mask, NULL, RECORD_CONTROL);
	encode_lists(sink, head);
}

static void encode_clobbered(struct sink *sink, const struct recorded_step *step)
{
	put_varint(sink, step->clobbered);
	for (uint32_t left = step->clobbered; left; left &= left - 1) {
		unsigned number = (unsigned)__builtin_ctz(left);

		put_word(sink, step->registers[number]);
		put_word(sink, step->expected[number]);
	}
}

static void encode_ipis(struct sink *sink, const struct recorded_step *step)
{
	uint64_t words[RECORD_HARTS];

	for (unsigned i = 0; i < RECORD_HARTS; i++)
		words[i] = step->ipis[i];
	put_words(sink, words, NULL, RECORD_HARTS);
}

static void encode_buffer(struct sink *sink, const struct recorded_buffer *buffer)
{
	size_t whole = (size_t)buffer->size + 2 * (size_t)buffer->guard;

	put_signed(sink, buffer->address);
	put_varint(sink, buffer->size);
	put_varint(sink, buffer->guard);
	put_byte(sink, (buffer->before ? BUFFER_BEFORE : 0) | (buffer->after ? BUFFER_AFTER : 0));
	if (buffer->before)
		put_runs(sink, buffer->before, NULL, whole);
	if (buffer->after)
		put_runs(sink, buffer->after, buffer->before, whole);
}

static void encode_landings(struct sink *sink, const struct recorded_step *step)
{
	put_varint(sink, step->landing_count);
	for (unsigned i = 0; i < step->landing_count; i++) {
		const struct recorded_landing *landing = &step->landings[i];

		put_varint(sink, landing->hart);
		put_varint(sink, landing->pad);
		put_varint(sink, landing->pc);
		put_words(sink, landing->registers, NULL, RECORD_REGISTERS);
		put_words(sink, landing->control, NULL, RECORD_CONTROL);
	}
}

static bool any_ipi(const struct recorded_step *step)
{
	static const uint8_t none[RECORD_HARTS];

	return memcmp(step->ipis, none, sizeof(none)) != 0;
}

static unsigned step_flags(const struct recorded_step *step, const struct history *history)
{
	return (unsigned)step->outcome | (step->hart == history->hart ? STEP_SAME_HART : 0) |
	       (step->cause || step->pc || step->trap_value ? STEP_TRAP : 0) | (step->clobbered ? STEP_CLOBBERED : 0) |
	       (step->has_later ? STEP_LATER : 0) | (any_ipi(step) ? STEP_IPIS : 0) |
	       (step->has_console || step->console_length ? STEP_CONSOLE : 0) | (step->landing_count ? STEP_LANDINGS : 0);
}

static void encode_call(struct sink *sink, const struct history *history, const struct recorded_step *step)
{
	put_varint(sink, step->arg_count | step->result_count << 4 | step->buffer_count << 7);
	for (unsigned i = 0; i < step->arg_count; i++)
		put_signed(sink, step->args[i]);
	for (unsigned i = 0; i < step->result_count; i++)
		put_signed(sink, step->results[i]);
	put_signed(sink, step->start - history->time);
	put_signed(sink, step->end - step->start);
}

static void encode_step(struct sink *sink, struct history *history, const struct recorded_step *step, uint32_t entry)
{
	unsigned flags = step_flags(step, history);

	put_varint(sink, flags);
	put_varint(sink, entry);
	if (!(flags & STEP_SAME_HART))
		put_varint(sink, step->hart);
	encode_call(sink, history, step);
	if (flags & STEP_TRAP) {
		put_varint(sink, step->cause);
		put_varint(sink, step->pc);
		put_varint(sink, step->trap_value);
	}
	if (flags & STEP_CLOBBERED)
		encode_clobbered(sink, step);
	put_words(sink, step->before, history->control, RECORD_CONTROL);
	put_words(sink, step->after, step->before, RECORD_CONTROL);
	if (flags & STEP_LATER)
		put_words(sink, step->later, step->before, RECORD_CONTROL);
	if (flags & STEP_IPIS)
		encode_ipis(sink, step);
	for (unsigned i = 0; i < step->buffer_count; i++)
		encode_buffer(sink, &step->buffers[i]);
	if (flags & STEP_LANDINGS)
		encode_landings(sink, step);
	if (flags & STEP_CONSOLE) {
		put_varint(sink, (uint64_t)step->console_length << 1 | step->has_console);
		put_bytes(sink, step->console, step->console_length);
	}
	history_step(history, step);
}

static void encode_id(struct sink *sink, struct history *history, const char *id)
{
	size_t shared = 0, length = strlen(id);

	while (shared < length && shared < history->id_length && id[shared] == history->id[shared])
		shared++;
	put_varint(sink, shared);
	put_varint(sink, length - shared);
	put_bytes(sink, id + shared, length - shared);
	history_id(history, id, length);
}

void encode_case(struct sink *sink, struct history *history, const struct recorded_case *recorded, const struct case_names *names)
{
	put_byte(sink, KIND_CASE);
	encode_id(sink, history, recorded->id);
	put_varint(sink, names->strategy);
	put_varint(sink, names->rule);
	put_signed(sink, (uint64_t)recorded->boot - history->boot);
	put_varint(sink, recorded->attempt);
	put_varint(sink, recorded->step_count);
	put_varint(sink, recorded->main);
	history->boot = recorded->boot;
	for (unsigned i = 0; i < recorded->step_count; i++)
		encode_step(sink, history, &recorded->steps[i], names->entries[i]);
	if (recorded->role)
		put_varint(sink, recorded->role);
}
