/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arena.h - memory that is freed all at once.
 *
 * A spec, a plan and a run each own one arena; what they hand out lives as long as they do. Allocation never returns NULL:
 * a machine that is out of memory ends the program with one line and EXIT_BROKEN. Returned memory is zeroed and aligned to 16.
 */
#ifndef ASSAY_BASE_ARENA_H
#define ASSAY_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is allowed */
void arena_reset(struct arena *arena); /* keeps the memory for the next use, forgets the content */
size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */

void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
void *arena_copy(struct arena *arena, const void *data, size_t size);

#define arena_new_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count)))

/* For cleanup by attribute: `arena_auto struct arena *a = arena_new();` */
static inline void arena_cleanup(struct arena **arena)
{
	arena_free(*arena);
}
#define arena_auto __attribute__((cleanup(arena_cleanup)))

/* malloc family that ends the program with one clear line instead of returning NULL. */
void *xmalloc(size_t size) __attribute__((returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull));
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((returns_nonnull));

#endif
