/* SPDX-License-Identifier: BSD-2-Clause */
#include "record/codec.h"

#include <stdlib.h>

#define RUN_MIN 4 /* shorter runs cost more than they save */

void sink_grow(struct sink *sink, size_t more)
{
	size_t size = sink->size ? sink->size : 256;

	while (size - sink->used < more)
		size *= 2;
	sink->data = xrealloc(sink->data, size);
	sink->size = size;
}

void sink_free(struct sink *sink)
{
	free(sink->data);
	*sink = (struct sink){ 0 };
}

void put_bytes(struct sink *sink, const void *bytes, size_t size)
{
	if (!size)
		return;
	memcpy(sink_room(sink, size), bytes, size);
	sink->used += size;
}

void put_u32(struct sink *sink, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	put_bytes(sink, bytes, sizeof(bytes));
}

void put_word(struct sink *sink, uint64_t value)
{
	put_u32(sink, (uint32_t)value);
	put_u32(sink, (uint32_t)(value >> 32));
}

void put_text(struct sink *sink, const char *text)
{
	size_t size = text ? strlen(text) : 0;

	put_varint(sink, text ? size + 1 : 0);
	put_bytes(sink, text, size);
}

void put_words(struct sink *sink, const uint64_t *words, const uint64_t *base, unsigned count)
{
	uint64_t differ = 0;

	for (unsigned i = 0; i < count; i++)
		differ |= (uint64_t)(words[i] != (base ? base[i] : 0)) << i;
	put_varint(sink, differ);
	for (; differ; differ &= differ - 1) {
		unsigned i = (unsigned)__builtin_ctzll(differ);

		put_varint(sink, words[i] ^ (base ? base[i] : 0));
	}
}

static inline uint8_t mixed(const uint8_t *bytes, const uint8_t *base, size_t i)
{
	return base ? bytes[i] ^ base[i] : bytes[i];
}

static size_t run_length(const uint8_t *bytes, const uint8_t *base, size_t from, size_t size)
{
	size_t at = from + 1;

	while (at < size && mixed(bytes, base, at) == mixed(bytes, base, from))
		at++;
	return at - from;
}

static void put_literal(struct sink *sink, const uint8_t *bytes, const uint8_t *base, size_t from, size_t to)
{
	if (from == to)
		return;
	put_varint(sink, (to - from) << 1);
	for (; from < to; from++)
		put_byte(sink, mixed(bytes, base, from));
}

/* Tokens: length * 2 + 1 and a byte that repeats, or length * 2 and that many bytes. */
void put_runs(struct sink *sink, const uint8_t *bytes, const uint8_t *base, size_t size)
{
	size_t at = 0, literal = 0;

	while (at < size) {
		size_t run = run_length(bytes, base, at, size);

		if (run >= RUN_MIN) {
			put_literal(sink, bytes, base, literal, at);
			put_varint(sink, run << 1 | 1);
			put_byte(sink, mixed(bytes, base, at));
			literal = at + run;
		}
		at += run;
	}
	put_literal(sink, bytes, base, literal, at);
}

uint64_t get_varint(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = get_byte(cursor);

		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return cursor->bad ? 0 : value;
	}
	cursor->bad = true;
	return 0;
}

uint64_t get_varint_max(struct cursor *cursor, uint64_t max)
{
	uint64_t value = get_varint(cursor);

	if (value <= max)
		return value;
	cursor->bad = true;
	return 0;
}

uint64_t get_signed(struct cursor *cursor)
{
	uint64_t value = get_varint(cursor);

	return (value >> 1) ^ -(value & 1);
}

const uint8_t *get_bytes(struct cursor *cursor, size_t size)
{
	const uint8_t *bytes = cursor->at;

	if (cursor->bad || (size_t)(cursor->end - cursor->at) < size) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += size;
	return bytes;
}

uint32_t get_u32(struct cursor *cursor)
{
	const uint8_t *b = get_bytes(cursor, 4);

	return b ? (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24 : 0;
}

uint64_t get_word(struct cursor *cursor)
{
	uint64_t low = get_u32(cursor);

	return low | (uint64_t)get_u32(cursor) << 32;
}

const char *get_text(struct cursor *cursor, struct arena *arena)
{
	uint64_t size = get_varint(cursor);
	const uint8_t *bytes;

	if (!size || cursor->bad)
		return NULL;
	bytes = get_bytes(cursor, size - 1);
	if (!bytes || memchr(bytes, 0, size - 1)) {
		cursor->bad = true;
		return NULL;
	}
	return memcpy(arena_alloc(arena, size), bytes, size - 1);
}

void get_words(struct cursor *cursor, uint64_t *words, const uint64_t *base, unsigned count)
{
	uint64_t differ = get_varint(cursor);

	if (count < 64 && differ >> count) {
		cursor->bad = true;
		return;
	}
	for (unsigned i = 0; i < count; i++)
		words[i] = base ? base[i] : 0;
	for (; differ; differ &= differ - 1)
		words[__builtin_ctzll(differ)] ^= get_varint(cursor);
}

void get_runs(struct cursor *cursor, uint8_t *bytes, const uint8_t *base, size_t size)
{
	size_t at = 0;

	while (at < size && !cursor->bad) {
		uint64_t token = get_varint(cursor), length = token >> 1;
		const uint8_t *from = get_bytes(cursor, token & 1 ? 1 : length);

		if (!from || !length || length > size - at) {
			cursor->bad = true;
			return;
		}
		for (uint64_t i = 0; i < length; i++, at++)
			bytes[at] = (token & 1 ? *from : from[i]) ^ (base ? base[at] : 0);
	}
}

void *get_array(struct cursor *cursor, struct arena *arena, uint64_t count, size_t size)
{
	if (cursor->bad || count > cursor->budget / size) {
		cursor->bad = true;
		return NULL;
	}
	cursor->budget -= count * size;
	return arena_alloc(arena, count * size);
}
