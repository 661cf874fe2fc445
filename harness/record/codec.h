/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h - bytes in and out of a journal record.
 *
 * A sink grows as it is written. A cursor is told where its bytes end and never looks beyond; once a read goes wrong it stays
 * `bad` and every later read gives 0, so that a decoder checks once at the end instead of after every field. Numbers are
 * LEB128 varints, signed ones zigzag-coded, so that error codes and small differences take one byte.
 */
#ifndef ASSAY_RECORD_CODEC_H
#define ASSAY_RECORD_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

#define VARINT_MAX 10 /* bytes of the longest varint */

struct sink {
	uint8_t *data;
	size_t used, size;
};

struct cursor {
	const uint8_t *at, *end;
	size_t budget; /* bytes that decoding may still expand to: a small record cannot ask for much memory */
	bool bad;
};

void sink_grow(struct sink *sink, size_t more);
void sink_free(struct sink *sink);

static inline uint8_t *sink_room(struct sink *sink, size_t more)
{
	if (sink->size - sink->used < more)
		sink_grow(sink, more);
	return sink->data + sink->used;
}

static inline void put_byte(struct sink *sink, uint8_t byte)
{
	*sink_room(sink, 1) = byte;
	sink->used++;
}

static inline void put_varint(struct sink *sink, uint64_t value)
{
	uint8_t *at = sink_room(sink, VARINT_MAX), *from = at;

	while (value >= 0x80) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	sink->used += (size_t)(at - from);
}

static inline void put_signed(struct sink *sink, uint64_t value)
{
	put_varint(sink, (value << 1) ^ (0 - (value >> 63)));
}

void put_bytes(struct sink *sink, const void *bytes, size_t size);
void put_u32(struct sink *sink, uint32_t value); /* 4 bytes, little-endian */
void put_word(struct sink *sink, uint64_t value); /* 8 bytes, little-endian: for values that look random */
void put_text(struct sink *sink, const char *text); /* NULL is kept apart from "" */
/* Words of which most are equal to those of `base` (NULL: zeros): a bitmap of the others, and for each its XOR with the base. */
void put_words(struct sink *sink, const uint64_t *words, const uint64_t *base, unsigned count);
/* Bytes with runs of one value folded; base (or NULL) is XORed in first, so that "as before" is one run. */
void put_runs(struct sink *sink, const uint8_t *bytes, const uint8_t *base, size_t size);

static inline uint8_t get_byte(struct cursor *cursor)
{
	if (cursor->at == cursor->end) {
		cursor->bad = true;
		return 0;
	}
	return *cursor->at++;
}

uint64_t get_varint(struct cursor *cursor);
uint64_t get_varint_max(struct cursor *cursor, uint64_t max); /* more than max is bad */
uint64_t get_signed(struct cursor *cursor);
uint64_t get_word(struct cursor *cursor);
uint32_t get_u32(struct cursor *cursor);
const uint8_t *get_bytes(struct cursor *cursor, size_t size); /* inside the record; NULL and bad when there are fewer */
const char *get_text(struct cursor *cursor, struct arena *arena);
void get_words(struct cursor *cursor, uint64_t *words, const uint64_t *base, unsigned count);
void get_runs(struct cursor *cursor, uint8_t *bytes, const uint8_t *base, size_t size);
/* Zeroed memory for count things, out of the budget; NULL and bad when it is used up. */
void *get_array(struct cursor *cursor, struct arena *arena, uint64_t count, size_t size);

#endif
