/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * node.h - a YAML file as a tree in which every node knows its place.
 *
 * Reads the subset that our files use: mappings, sequences, scalars; anchors and aliases within the limits. A file over a
 * limit (size, depth, number of nodes after alias expansion) is an error, never a hang. Source: YAML 1.1, by libyaml.
 */
#ifndef ASSAY_BASE_NODE_H
#define ASSAY_BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct where {
	const char *file; /* as the user named it */
	unsigned line, column; /* from 1 */
};

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
	enum node_kind kind;
	struct where where;
	const char *text; /* scalar: its text; "" for an empty one */
	bool quoted; /* scalar: it was written in quotes */
	size_t count; /* items of a sequence, pairs of a mapping */
	const struct node **keys; /* mapping: scalars, in the order of the file */
	const struct node **items; /* sequence items, mapping values */
};

struct node_limits {
	size_t bytes, nodes;
	unsigned depth;
};

extern const struct node_limits node_limits_default; /* 1 MiB, 100,000 nodes, 32 levels */

/*
 * The root of the file's only document. Nodes live in the arena. NULL and err ("FILE:LINE:COL: ...") when the file cannot be
 * read, is no YAML, holds a duplicate key, or is over a limit.
 */
const struct node *node_load(struct arena *arena, const char *path, const struct node_limits *limits, struct err *err);
/* The same from memory; `name` stands for the file in messages. */
const struct node *node_parse(struct arena *arena, const char *name, const char *text, size_t size,
			      const struct node_limits *limits, struct err *err);

/*
 * For who wants every mistake of a file instead of the first. problem() is called once for each; code is a stable word such
 * as "duplicate-key". After a duplicate key reading goes on without the later pair; anything else ends it (NULL).
 */
struct node_listener {
	void *context;
	void (*problem)(void *context, struct where where, const char *code, const char *message);
};

const struct node *node_parse_all(struct arena *arena, const char *name, const char *text, size_t size,
				  const struct node_limits *limits, const struct node_listener *listener);

/* A regular file's bytes, at most `limit`, with a 0 behind them. NULL and err "FILE: ..." when it cannot be read. */
const char *node_read_file(struct arena *arena, const char *path, size_t limit, size_t *size, struct err *err);

/* The value of a key, or NULL when the mapping has none (or the node is no mapping). */
const struct node *node_get(const struct node *mapping, const char *key);

#endif
