/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/node.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <yaml.h>

#define STACK_ROOM 256 /* nodes, to begin with */

/* A node while its tree is built: what an alias to it would cost. */
struct built {
	struct node node;
	size_t weight; /* nodes below and including it, aliases expanded */
	unsigned height; /* levels, 1 for a scalar */
};

struct anchor {
	char *name;
	const struct built *target;
	UT_hash_handle hh;
};

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	const char *name, *text;
	size_t size, nodes;
	unsigned depth;
	const struct node_limits *limits;
	const struct node_listener *listener;
	struct anchor *anchors;
	const struct built **stack; /* children of the open collections, innermost last */
	size_t used, room;
};

static struct where where_of(const struct reader *reader, yaml_mark_t mark)
{
	return (struct where){ reader->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static void report(struct reader *reader, struct where where, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void report(struct reader *reader, struct where where, const char *code, const char *format, ...)
{
	char message[400];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	reader->listener->problem(reader->listener->context, where, code, message);
}

/* libyaml gives only a byte offset for text that is no UTF-8. */
static struct where where_of_offset(const struct reader *reader, size_t offset)
{
	struct where where = { reader->name, 1, 1 };

	for (size_t i = 0; i < offset && i < reader->size; i++) {
		where.column++;
		if (reader->text[i] == '\n')
			where = (struct where){ reader->name, where.line + 1, 1 };
	}
	return where;
}

static void report_syntax(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *problem = parser->problem ? parser->problem : "not readable as YAML";
	size_t index = parser->problem_mark.index;

	if (parser->error == YAML_READER_ERROR) {
		report(reader, where_of_offset(reader, parser->problem_offset), "not-yaml", "not UTF-8 text: %s", problem);
	} else if (index < reader->size && reader->text[index] == '\t') {
		report(reader, where_of(reader, parser->problem_mark), "not-yaml", "a tab cannot indent, spaces were expected");
	} else {
		report(reader, where_of(reader, parser->problem_mark), "not-yaml", "not YAML: %s%s%s", problem,
		       parser->context ? ", " : "", parser->context ? parser->context : "");
	}
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
	if (yaml_parser_parse(&reader->parser, event))
		return true;
	report_syntax(reader);
	return false;
}

static void push(struct reader *reader, const struct built *child)
{
	if (reader->used == reader->room) {
		reader->room *= 2;
		reader->stack = xrealloc(reader->stack, reader->room * sizeof(reader->stack[0]));
	}
	reader->stack[reader->used++] = child;
}

/* Counts nodes before they are used, so that a file of a few lines cannot stand for billions of nodes. */
static bool count_nodes(struct reader *reader, size_t weight, struct where where)
{
	reader->nodes += weight;
	if (reader->nodes <= reader->limits->nodes)
		return true;
	report(reader, where, "too-many-nodes", "more than %zu nodes (aliases count as often as they are used)",
	       reader->limits->nodes);
	return false;
}

static bool check_depth(struct reader *reader, unsigned levels, struct where where)
{
	if (reader->depth + levels <= reader->limits->depth)
		return true;
	report(reader, where, "too-deep", "nested deeper than %u levels", reader->limits->depth);
	return false;
}

static void set_anchor(struct reader *reader, const yaml_char_t *name, const struct built *target)
{
	struct anchor *anchor;

	if (!name)
		return;
	HASH_FIND_STR(reader->anchors, (const char *)name, anchor);
	if (!anchor) {
		anchor = arena_alloc(reader->arena, sizeof(*anchor));
		anchor->name = arena_strdup(reader->arena, (const char *)name);
		HASH_ADD_KEYPTR(hh, reader->anchors, anchor->name, strlen(anchor->name), anchor);
	}
	anchor->target = target;
}

static const struct built *read_node(struct reader *reader, const yaml_event_t *event);

static const struct built *read_alias(struct reader *reader, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct where where = where_of(reader, event->start_mark);
	struct anchor *anchor;

	HASH_FIND_STR(reader->anchors, name, anchor);
	if (!anchor) {
		report(reader, where, "unknown-anchor", "no finished node before this place has the anchor `%s`", name);
		return NULL;
	}
	if (!count_nodes(reader, anchor->target->weight, where) || !check_depth(reader, anchor->target->height, where))
		return NULL;
	return anchor->target;
}

static const struct built *read_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct built *built = arena_alloc(reader->arena, sizeof(*built));
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	yaml_scalar_style_t style = event->data.scalar.style;

	built->node = (struct node){
		.kind = NODE_SCALAR,
		.where = where_of(reader, event->start_mark),
		.text = arena_copy(reader->arena, text, length + 1),
		.quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE,
	};
	built->weight = built->height = 1;
	if (memchr(text, 0, length)) {
		report(reader, built->node.where, "not-yaml", "a 0 byte inside a text");
		return NULL;
	}
	set_anchor(reader, event->data.scalar.anchor, built);
	return built;
}

struct pair {
	const struct node *key;
	size_t number;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;
	int order = strcmp(left->key->text, right->key->text);

	return order ? order : (left->number > right->number) - (left->number < right->number);
}

/* Drops every pair whose key came before; says so. */
static void drop_duplicates(struct reader *reader, struct node *mapping)
{
	struct pair *pairs = xcalloc(mapping->count ? mapping->count : 1, sizeof(pairs[0]));
	bool *dropped = xcalloc(mapping->count ? mapping->count : 1, sizeof(dropped[0]));
	size_t kept = 0;

	for (size_t i = 0; i < mapping->count; i++)
		pairs[i] = (struct pair){ mapping->keys[i], i };
	qsort(pairs, mapping->count, sizeof(pairs[0]), compare_pairs);
	for (size_t i = 1; i < mapping->count; i++)
		dropped[pairs[i].number] = !strcmp(pairs[i - 1].key->text, pairs[i].key->text);
	for (size_t i = 0; i < mapping->count; i++) {
		if (dropped[i]) {
			report(reader, mapping->keys[i]->where, "duplicate-key", "the key `%s` is here for the second time",
			       mapping->keys[i]->text);
			continue;
		}
		mapping->keys[kept] = mapping->keys[i];
		mapping->items[kept++] = mapping->items[i];
	}
	free(pairs);
	free(dropped);
	mapping->count = kept;
}

static bool take_pairs(struct reader *reader, struct node *mapping, const struct built **children, size_t count)
{
	mapping->count = count / 2;
	mapping->keys = arena_new_array(reader->arena, const struct node *, mapping->count);
	mapping->items = arena_new_array(reader->arena, const struct node *, mapping->count);
	for (size_t i = 0; i < mapping->count; i++) {
		mapping->keys[i] = &children[2 * i]->node;
		mapping->items[i] = &children[2 * i + 1]->node;
		if (mapping->keys[i]->kind != NODE_SCALAR) {
			report(reader, mapping->keys[i]->where, "not-yaml", "a key is a list or a mapping, a word was expected");
			return false;
		}
	}
	drop_duplicates(reader, mapping);
	return true;
}

static bool take_items(struct reader *reader, struct node *sequence, const struct built **children, size_t count)
{
	sequence->count = count;
	sequence->items = arena_new_array(reader->arena, const struct node *, count);
	for (size_t i = 0; i < count; i++)
		sequence->items[i] = &children[i]->node;
	return true;
}

/* Reads children up to the end of the collection onto the stack. */
static bool read_children(struct reader *reader, yaml_event_type_t end)
{
	for (;;) {
		const struct built *child;
		yaml_event_t event;

		if (!next_event(reader, &event))
			return false;
		if (event.type == end) {
			yaml_event_delete(&event);
			return true;
		}
		child = read_node(reader, &event);
		yaml_event_delete(&event);
		if (!child)
			return false;
		push(reader, child);
	}
}

static const struct built *read_collection(struct reader *reader, const yaml_event_t *event)
{
	struct built *built = arena_alloc(reader->arena, sizeof(*built));
	bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
	size_t first = reader->used, nodes = reader->nodes;
	bool good;

	built->node.kind = is_mapping ? NODE_MAPPING : NODE_SEQUENCE;
	built->node.where = where_of(reader, event->start_mark);
	reader->depth++;
	good = read_children(reader, is_mapping ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
	reader->depth--;
	if (!good)
		return NULL;
	for (size_t i = first; i < reader->used; i++)
		built->height = reader->stack[i]->height > built->height ? reader->stack[i]->height : built->height;
	built->height++;
	built->weight = reader->nodes - nodes + 1;
	good = (is_mapping ? take_pairs : take_items)(reader, &built->node, reader->stack + first, reader->used - first);
	reader->used = first;
	/* Only now: a node that contains itself is no tree. */
	set_anchor(reader, is_mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor, built);
	return good ? built : NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.tag;
	default:
		return NULL;
	}
}

static const struct built *read_node(struct reader *reader, const yaml_event_t *event)
{
	struct where where = where_of(reader, event->start_mark);

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(reader, event);
	if (tag_of(event)) {
		report(reader, where, "not-yaml", "the tag `%s`: our files have no tags", (const char *)tag_of(event));
		return NULL;
	}
	if (!count_nodes(reader, 1, where) || !check_depth(reader, 1, where))
		return NULL;
	return event->type == YAML_SCALAR_EVENT ? read_scalar(reader, event) : read_collection(reader, event);
}

/* The events around the tree: stream start, document start, the tree, document end, stream end. */
static const struct built *read_stream(struct reader *reader)
{
	const struct built *root = NULL;

	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		struct where where;

		if (!next_event(reader, &event))
			return NULL;
		type = event.type;
		where = where_of(reader, event.start_mark);
		if (type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			break;
		}
		if (type == YAML_DOCUMENT_START_EVENT && root) {
			report(reader, where, "not-yaml", "a second document begins here; a file holds one");
			yaml_event_delete(&event);
			return NULL;
		}
		if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT) {
			root = read_node(reader, &event);
			if (!root) {
				yaml_event_delete(&event);
				return NULL;
			}
		}
		yaml_event_delete(&event);
	}
	if (!root)
		report(reader, (struct where){ reader->name, 1, 1 }, "not-yaml", "the file is empty");
	return root;
}

const struct node *node_parse_all(struct arena *arena, const char *name, const char *text, size_t size,
				  const struct node_limits *limits, const struct node_listener *listener)
{
	struct reader reader = {
		.arena = arena,
		.name = arena_strdup(arena, name),
		.text = text,
		.size = size,
		.limits = limits,
		.listener = listener,
	};
	const struct built *root;

	if (size > limits->bytes) {
		report(&reader, (struct where){ reader.name, 1, 1 }, "too-large", "larger than %zu bytes", limits->bytes);
		return NULL;
	}
	if (!yaml_parser_initialize(&reader.parser)) {
		report(&reader, (struct where){ reader.name, 1, 1 }, "not-yaml", "no memory for the YAML reader");
		return NULL;
	}
	reader.room = STACK_ROOM;
	reader.stack = xcalloc(reader.room, sizeof(reader.stack[0]));
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
	root = read_stream(&reader);
	yaml_parser_delete(&reader.parser);
	HASH_CLEAR(hh, reader.anchors);
	free(reader.stack);
	return root ? &root->node : NULL;
}
