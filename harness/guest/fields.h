/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fields.h - reads a YAML mapping into a struct by a table of its keys. Manifests are made of few kinds of values; what is
 * peculiar has a reader of its own.
 */
#ifndef ASSAY_GUEST_FIELDS_H
#define ASSAY_GUEST_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/node.h"

enum field_kind {
	FIELD_TEXT, /* const char * */
	FIELD_NUMBER, /* uint64_t */
	FIELD_FLAG, /* bool */
	FIELD_READER, /* `read` fills it */
};

struct field {
	const char *key;
	enum field_kind kind;
	bool required;
	size_t offset;
	int (*read)(struct arena *arena, const struct node *node, void *to, struct err *err);
};

/* Fills *out. Unknown keys, missing required ones and values of another kind are errors at their place. */
int fields_read(struct arena *arena, const struct node *mapping, const struct field *fields, size_t count, void *out,
		struct err *err);

/* "FILE:LINE:COL: ..." and EXIT_USAGE. Returns -1. */
int fields_error(const struct node *node, struct err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
int fields_number(const struct node *node, uint64_t *number, struct err *err);
/* A sequence of at most `max` words. */
int fields_words(const struct node *node, const char **words, size_t max, size_t *count, struct err *err);

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

#endif
