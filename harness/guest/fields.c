/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/fields.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fields_error(const struct node *node, struct err *err, const char *format, ...)
{
	char message[384];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return err_set(err, EXIT_USAGE, "%s:%u:%u: %s", node->where.file, node->where.line, node->where.column, message);
}

int fields_number(const struct node *node, uint64_t *number, struct err *err)
{
	char *end;

	if (node->kind == NODE_SCALAR && node->text[0] >= '0' && node->text[0] <= '9') {
		errno = 0;
		*number = strtoull(node->text, &end, 0);
		if (!errno && !*end)
			return 0;
	}
	return fields_error(node, err, "a number is expected here, such as 128 or 0x80000000");
}

static int read_text(const struct node *node, const char **text, struct err *err)
{
	if (node->kind != NODE_SCALAR || !node->text[0])
		return fields_error(node, err, "a text is expected here");
	*text = node->text;
	return 0;
}

static int read_flag(const struct node *node, bool *flag, struct err *err)
{
	if (node->kind != NODE_SCALAR || (strcmp(node->text, "true") && strcmp(node->text, "false")))
		return fields_error(node, err, "true or false is expected here");
	*flag = !strcmp(node->text, "true");
	return 0;
}

int fields_words(const struct node *node, const char **words, size_t max, size_t *count, struct err *err)
{
	if (node->kind != NODE_SEQUENCE)
		return fields_error(node, err, "a list is expected here");
	if (node->count > max)
		return fields_error(node, err, "%zu items, at most %zu are possible", node->count, max);
	for (size_t i = 0; i < node->count; i++)
		if (read_text(node->items[i], &words[i], err))
			return -1;
	*count = node->count;
	return 0;
}

static int read_field(struct arena *arena, const struct node *node, const struct field *field, void *to, struct err *err)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(node, to, err);
	case FIELD_NUMBER:
		return fields_number(node, to, err);
	case FIELD_FLAG:
		return read_flag(node, to, err);
	case FIELD_READER:
		return field->read(arena, node, to, err);
	}
	return -1;
}

static int unknown_key(const struct node *key, const struct field *fields, size_t count, struct err *err)
{
	char known[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", fields[i].key);
	return fields_error(key, err, "unknown key `%s`; known are %s", key->text, known);
}

int fields_read(struct arena *arena, const struct node *mapping, const struct field *fields, size_t count, void *out,
		struct err *err)
{
	if (mapping->kind != NODE_MAPPING)
		return fields_error(mapping, err, "a mapping (`key: value` lines) is expected here");
	for (size_t k = 0; k < mapping->count; k++) {
		size_t f = 0;

		while (f < count && strcmp(fields[f].key, mapping->keys[k]->text))
			f++;
		if (f == count)
			return unknown_key(mapping->keys[k], fields, count, err);
		if (read_field(arena, mapping->items[k], &fields[f], (char *)out + fields[f].offset, err))
			return -1;
	}
	for (size_t f = 0; f < count; f++)
		if (fields[f].required && !node_get(mapping, fields[f].key))
			return fields_error(mapping, err, "the key `%s` is missing", fields[f].key);
	return 0;
}
