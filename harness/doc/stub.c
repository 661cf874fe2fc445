/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/stub.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/node.h"

static int wrong(const struct node *node, struct err *err, const char *what)
{
	return err_set(err, EXIT_USAGE, "%s:%u:%u: %s", node->where.file, node->where.line, node->where.column, what);
}

static int read_words(const struct node *stub, const char *key, const char **words, size_t max, size_t *count, struct err *err)
{
	const struct node *list = node_get(stub, key);

	if (list && (list->kind != NODE_SEQUENCE || list->count > max))
		return wrong(list, err, "a short list of words is expected here");
	for (size_t i = 0; list && i < list->count; i++)
		words[i] = list->items[i]->text;
	*count = list ? list->count : 0;
	return 0;
}

static const char *text(const struct node *stub, const char *key)
{
	const struct node *node = node_get(stub, key);

	return node && node->kind == NODE_SCALAR ? node->text : NULL;
}

static int read_only(const struct node *stub, struct gate_stub *out, struct err *err)
{
	const struct node *only = node_get(stub, "only");

	if (!only)
		return 0;
	if (only->kind != NODE_MAPPING || only->count != 1)
		return wrong(only, err, "one pair `part: number` is expected here");
	out->only = only->keys[0]->text;
	out->only_value = strtoull(only->items[0]->text, NULL, 0);
	return 0;
}

static int read_stub(const struct node *stub, struct gate_stub *out, struct err *err)
{
	if (stub->kind != NODE_MAPPING || !text(stub, "condition") || !text(stub, "call") || !text(stub, "word"))
		return wrong(stub, err, "a stub needs `condition`, `word` and `call`");
	out->condition = text(stub, "condition");
	out->word = (unsigned)strtoul(text(stub, "word"), NULL, 10);
	out->call = text(stub, "call");
	out->target = text(stub, "target");
	out->push = text(stub, "push");
	out->pop = text(stub, "pop");
	if (read_words(stub, "registers", out->registers, STUB_REGISTERS, &out->register_count, err) ||
	    read_words(stub, "clobbers", out->clobbers, STUB_WORDS, &out->clobber_count, err) ||
	    read_words(stub, "given", out->given, STUB_WORDS, &out->given_count, err))
		return -1;
	return read_only(stub, out, err);
}

const struct gate_stub *stub_load(struct arena *arena, const char *path, const char *gate, struct err *err)
{
	const struct node *root, *stub;
	struct gate_stub *out;

	if (access(path, R_OK))
		return NULL;
	root = node_load(arena, path, &node_limits_default, err);
	if (!root)
		return NULL;
	stub = root->kind == NODE_MAPPING ? node_get(root, gate) : NULL;
	if (!stub)
		return NULL;
	out = arena_alloc(arena, sizeof(*out));
	return read_stub(stub, out, err) ? NULL : out;
}
