/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trees of whole files, and the plain way to read them: one error instead of all.
 */
#include "base/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct node_limits node_limits_default = { .bytes = 1u << 20, .nodes = 100000, .depth = 32 };

/* Keeps the first problem as the error. */
struct first_problem {
	bool seen;
	struct err *err;
};

static void keep_first(void *context, struct where where, const char *code, const char *message)
{
	struct first_problem *first = context;

	(void)code;
	if (!first->seen)
		err_set(first->err, EXIT_USAGE, "%s:%u:%u: %s", where.file, where.line, where.column, message);
	first->seen = true;
}

const struct node *node_parse(struct arena *arena, const char *name, const char *text, size_t size,
			      const struct node_limits *limits, struct err *err)
{
	struct first_problem first = { .err = err };
	struct node_listener listener = { &first, keep_first };
	const struct node *root = node_parse_all(arena, name, text, size, limits ? limits : &node_limits_default, &listener);

	return first.seen ? NULL : root;
}

static int read_all(int fd, char *to, size_t room, size_t *size)
{
	ssize_t got;

	*size = 0;
	while (*size < room && (got = read(fd, to + *size, room - *size)) != 0) {
		if (got < 0 && errno != EINTR)
			return -1;
		*size += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static const char *read_open_file(struct arena *arena, int fd, const char *path, size_t limit, size_t *size, struct err *err)
{
	struct stat status;
	char *text;

	if (fstat(fd, &status) < 0)
		return err_null(err, EXIT_USAGE, "%s: cannot be read: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_null(err, EXIT_USAGE, "%s: is %s, a file was expected", path,
				S_ISDIR(status.st_mode) ? "a directory" : "no regular file");
	if ((uintmax_t)status.st_size > limit)
		return err_null(err, EXIT_USAGE, "%s:1:1: larger than %zu bytes", path, limit);
	text = arena_alloc(arena, (size_t)status.st_size + 1);
	if (read_all(fd, text, (size_t)status.st_size, size) < 0)
		return err_null(err, EXIT_USAGE, "%s: cannot be read: %s", path, strerror(errno));
	return text;
}

const char *node_read_file(struct arena *arena, const char *path, size_t limit, size_t *size, struct err *err)
{
	/* Not blocking: a pipe in the place of a file must not hang us before we can see that it is one. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *text;

	if (fd < 0)
		return err_null(err, EXIT_USAGE, "%s: cannot be read: %s", path, strerror(errno));
	text = read_open_file(arena, fd, path, limit, size, err);
	close(fd);
	return text;
}

const struct node *node_load(struct arena *arena, const char *path, const struct node_limits *limits, struct err *err)
{
	const char *text;
	size_t size;

	limits = limits ? limits : &node_limits_default;
	text = node_read_file(arena, path, limits->bytes, &size, err);
	return text ? node_parse(arena, path, text, size, limits, err) : NULL;
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	if (!mapping || mapping->kind != NODE_MAPPING)
		return NULL;
	for (size_t i = 0; i < mapping->count; i++) {
		if (!strcmp(mapping->keys[i]->text, key))
			return mapping->items[i];
	}
	return NULL;
}
