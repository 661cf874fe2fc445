/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define ALIGNMENT  16u
#define BLOCK_SIZE (64u * 1024u)

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGNMENT) unsigned char data[];
};

struct arena {
	struct block *first, *current;
	size_t total;
};

static void *checked(void *memory, size_t size)
{
	if (memory || !size)
		return memory;
	fprintf(stderr, "assay: out of memory (%zu bytes wanted)\n", size);
	exit(EXIT_BROKEN);
}

void *xmalloc(size_t size)
{
	return checked(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count, size), size);
}

void *xrealloc(void *old, size_t size)
{
	return checked(realloc(old, size), size);
}

char *xstrdup(const char *text)
{
	return checked(strdup(text), strlen(text) + 1);
}

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *next, *block = arena->first; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

void arena_reset(struct arena *arena)
{
	for (struct block *block = arena->first; block; block = block->next)
		block->used = 0;
	arena->current = arena->first;
	arena->total = 0;
}

size_t arena_used(const struct arena *arena)
{
	return arena->total;
}

/* The first block from the current one on with room for size bytes; a new one at the end where there is none. */
static struct block *block_with_room(struct arena *arena, size_t size)
{
	struct block **link = arena->current ? &arena->current : &arena->first;

	while (*link && (*link)->size - (*link)->used < size)
		link = &(*link)->next;
	if (!*link) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		*link = xmalloc(sizeof(struct block) + room);
		**link = (struct block){ .size = room };
	}
	return *link;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct block *block = block_with_room(arena, rounded);
	void *memory = block->data + block->used;

	block->used += rounded;
	arena->current = block;
	arena->total += rounded;
	return memset(memory, 0, rounded);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *memory = arena_alloc(arena, size);

	return size ? memcpy(memory, data, size) : memory;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
