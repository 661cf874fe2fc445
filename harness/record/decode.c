/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c - bytes of a journal as a head and as cases. Believes nothing: see codec.h for how a bad byte is noticed. */
#include <string.h>

#include "record/format.h"

static const char **decode_texts(struct cursor *cursor, struct arena *arena, size_t count)
{
	const char **texts = get_array(cursor, arena, count, sizeof(*texts));

	for (size_t i = 0; texts && i < count; i++) {
		texts[i] = get_text(cursor, arena);
		cursor->bad |= !texts[i];
	}
	return texts;
}

static void decode_map(struct cursor *cursor, struct arena *arena, struct recording_head *head)
{
	uint64_t(*map)[2];

	head->map_count = get_varint(cursor);
	map = get_array(cursor, arena, head->map_count, sizeof(*map));
	for (size_t i = 0; map && i < head->map_count; i++) {
		map[i][0] = get_varint(cursor);
		map[i][1] = get_varint(cursor);
	}
	head->map = (const uint64_t(*)[2])map;
}

static void decode_chapters(struct cursor *cursor, struct arena *arena, struct recording_head *head)
{
	const char **names;
	bool *present;

	head->chapter_count = get_varint(cursor);
	names = get_array(cursor, arena, head->chapter_count, sizeof(*names));
	present = get_array(cursor, arena, head->chapter_count, sizeof(*present));
	for (size_t i = 0; names && present && i < head->chapter_count; i++) {
		names[i] = get_text(cursor, arena);
		present[i] = get_varint_max(cursor, 1);
		cursor->bad |= !names[i];
	}
	head->chapters = names;
	head->present = present;
}

struct recording_head *decode_head(struct cursor *cursor, struct arena *arena)
{
	struct recording_head *head = arena_alloc(arena, sizeof(*head));
	const char **texts[] = { &head->assay,	     &head->qemu, &head->blob,	      &head->blob_version,
				 &head->blob_sha256, &head->spec, &head->spec_sha256, &head->probe_sha256,
				 &head->command,     &head->arch, &head->options };
	const char **later[] = { &head->sandbox, &head->qemu_sha256,
				 &head->machine }; /* recordings of earlier versions end before one of these */
	uint64_t *numbers[] = { &head->seed, &head->ram_base, &head->ram_size, &head->clock_hz };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = get_text(cursor, arena);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i] = get_varint(cursor);
	head->boot_hart = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	head->harts = (uint32_t)get_varint_max(cursor, RECORD_HARTS);
	head->own_low = get_varint(cursor);
	head->own_high = get_varint(cursor);
	head->claimed_major = (int64_t)get_signed(cursor);
	head->claimed_minor = (int64_t)get_signed(cursor);
	for (unsigned i = 0; i < RECORD_HARTS; i++)
		head->hart_ids[i] = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	get_words(cursor, head->control_mask, NULL, RECORD_CONTROL);
	decode_map(cursor, arena, head);
	decode_chapters(cursor, arena, head);
	head->register_count = get_varint_max(cursor, RECORD_REGISTERS);
	head->registers = decode_texts(cursor, arena, head->register_count);
	head->control_count = get_varint_max(cursor, RECORD_CONTROL);
	head->control = decode_texts(cursor, arena, head->control_count);
	for (size_t i = 0; i < sizeof(later) / sizeof(*later) && cursor->at != cursor->end; i++)
		*later[i] = get_text(cursor, arena);
	return cursor->bad || cursor->at != cursor->end ? NULL : head;
}

static const char *decode_name(struct cursor *cursor, const struct string_table *strings)
{
	uint64_t number = get_varint_max(cursor, strings->count);

	return number ? strings->texts[number - 1] : NULL;
}

static void decode_clobbered(struct cursor *cursor, struct recorded_step *step)
{
	step->clobbered = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	for (uint32_t left = step->clobbered; left; left &= left - 1) {
		unsigned number = (unsigned)__builtin_ctz(left);

		step->registers[number] = get_word(cursor);
		step->expected[number] = get_word(cursor);
	}
}

static void decode_ipis(struct cursor *cursor, struct recorded_step *step)
{
	uint64_t words[RECORD_HARTS] = { 0 };

	get_words(cursor, words, NULL, RECORD_HARTS);
	for (unsigned i = 0; i < RECORD_HARTS; i++) {
		cursor->bad |= words[i] > UINT8_MAX;
		step->ipis[i] = (uint8_t)words[i];
	}
}

static const uint8_t *decode_content(struct cursor *cursor, struct arena *arena, const uint8_t *base, size_t size)
{
	uint8_t *bytes = get_array(cursor, arena, size, 1);

	if (bytes)
		get_runs(cursor, bytes, base, size);
	return bytes;
}

static void decode_buffer(struct cursor *cursor, struct arena *arena, struct recorded_buffer *buffer)
{
	size_t whole;
	unsigned has;

	buffer->address = get_signed(cursor);
	buffer->size = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	buffer->guard = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	has = (unsigned)get_varint_max(cursor, BUFFER_BEFORE | BUFFER_AFTER);
	whole = (size_t)buffer->size + 2 * (size_t)buffer->guard;
	if (has & BUFFER_BEFORE)
		buffer->before = decode_content(cursor, arena, NULL, whole);
	if (has & BUFFER_AFTER)
		buffer->after = decode_content(cursor, arena, buffer->before, whole);
}

static void decode_landings(struct cursor *cursor, struct arena *arena, struct recorded_step *step)
{
	struct recorded_landing *landings;

	step->landing_count = (unsigned)get_varint_max(cursor, UINT32_MAX);
	landings = get_array(cursor, arena, step->landing_count, sizeof(*landings));
	for (unsigned i = 0; landings && i < step->landing_count && !cursor->bad; i++) {
		landings[i].hart = (uint32_t)get_varint_max(cursor, UINT32_MAX);
		landings[i].pad = (uint32_t)get_varint_max(cursor, UINT32_MAX);
		landings[i].pc = get_varint(cursor);
		get_words(cursor, landings[i].registers, NULL, RECORD_REGISTERS);
		get_words(cursor, landings[i].control, NULL, RECORD_CONTROL);
	}
	step->landings = landings;
}

static void decode_console(struct cursor *cursor, struct arena *arena, struct recorded_step *step)
{
	uint64_t length = get_varint_max(cursor, (uint64_t)UINT32_MAX << 1 | 1);
	const uint8_t *bytes = get_bytes(cursor, length >> 1);
	uint8_t *copy = get_array(cursor, arena, length >> 1, 1);

	step->has_console = length & 1;
	step->console_length = (uint32_t)(length >> 1);
	if (bytes && copy && step->console_length)
		step->console = memcpy(copy, bytes, step->console_length);
}

static void decode_call(struct cursor *cursor, const struct history *history, struct recorded_step *step)
{
	unsigned counts = (unsigned)get_varint_max(cursor, 0x1ff);

	step->arg_count = counts & 0xf;
	step->result_count = counts >> 4 & 7;
	step->buffer_count = counts >> 7;
	if (step->arg_count > RECORD_ARGS || step->result_count > RECORD_RESULTS) {
		*step = (struct recorded_step){ 0 };
		cursor->bad = true;
	}
	for (unsigned i = 0; i < step->arg_count; i++)
		step->args[i] = get_signed(cursor);
	for (unsigned i = 0; i < step->result_count; i++)
		step->results[i] = get_signed(cursor);
	step->start = history->time + get_signed(cursor);
	step->end = step->start + get_signed(cursor);
}

static void decode_step(struct cursor *cursor, struct arena *arena, struct history *history, const struct string_table *strings,
			struct recorded_step *step)
{
	unsigned flags = (unsigned)get_varint_max(cursor, STEP_FLAGS);

	cursor->bad |= (flags & STEP_OUTCOME) >= RECORD_OUTCOMES;
	step->entry = decode_name(cursor, strings);
	cursor->bad |= !step->entry;
	step->outcome = (enum record_outcome)(flags & STEP_OUTCOME);
	step->hart = flags & STEP_SAME_HART ? history->hart : (uint32_t)get_varint_max(cursor, UINT32_MAX);
	decode_call(cursor, history, step);
	if (flags & STEP_TRAP) {
		step->cause = get_varint(cursor);
		step->pc = get_varint(cursor);
		step->trap_value = get_varint(cursor);
	}
	if (flags & STEP_CLOBBERED)
		decode_clobbered(cursor, step);
	get_words(cursor, step->before, history->control, RECORD_CONTROL);
	get_words(cursor, step->after, step->before, RECORD_CONTROL);
	step->has_later = flags & STEP_LATER;
	if (step->has_later)
		get_words(cursor, step->later, step->before, RECORD_CONTROL);
	if (flags & STEP_IPIS)
		decode_ipis(cursor, step);
	for (unsigned i = 0; i < step->buffer_count; i++)
		decode_buffer(cursor, arena, &step->buffers[i]);
	if (flags & STEP_LANDINGS)
		decode_landings(cursor, arena, step);
	if (flags & STEP_CONSOLE)
		decode_console(cursor, arena, step);
	history_step(history, step);
}

static const char *decode_id(struct cursor *cursor, struct arena *arena, const struct history *history)
{
	uint64_t shared = get_varint_max(cursor, history->id_length), rest = get_varint(cursor);
	const uint8_t *bytes = get_bytes(cursor, rest);
	char *id;

	if (!bytes || memchr(bytes, 0, rest)) {
		cursor->bad = true;
		return NULL;
	}
	id = arena_alloc(arena, shared + rest + 1);
	if (shared)
		memcpy(id, history->id, shared);
	memcpy(id + shared, bytes, rest);
	return id;
}

struct recorded_case *decode_case(struct cursor *cursor, struct arena *arena, struct history *history,
				  const struct string_table *strings)
{
	struct recorded_case *recorded = arena_alloc(arena, sizeof(*recorded));
	struct history next = *history;

	recorded->id = decode_id(cursor, arena, history);
	recorded->strategy = decode_name(cursor, strings);
	recorded->rule = decode_name(cursor, strings);
	recorded->boot = next.boot += (uint32_t)get_signed(cursor);
	recorded->attempt = (uint32_t)get_varint_max(cursor, UINT32_MAX);
	recorded->step_count = (unsigned)get_varint_max(cursor, UINT32_MAX);
	recorded->main = (unsigned)get_varint_max(cursor, recorded->step_count ? recorded->step_count - 1 : 0);
	recorded->steps = get_array(cursor, arena, recorded->step_count, sizeof(*recorded->steps));
	for (unsigned i = 0; i < recorded->step_count && !cursor->bad; i++)
		decode_step(cursor, arena, &next, strings, &recorded->steps[i]);
	if (cursor->at != cursor->end)
		recorded->role = (enum record_role)get_varint_max(cursor, RECORD_ROLES - 1);
	if (cursor->bad || cursor->at != cursor->end)
		return NULL;
	*history = next;
	history_id(history, recorded->id, strlen(recorded->id));
	return recorded;
}
