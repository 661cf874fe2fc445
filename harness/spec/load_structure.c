/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structures: interfaces that are data and no calls.
 */
#include "spec/load.h"

#include <stdio.h>
#include <string.h>

#define STRUCTURE_BYTES 65536u

struct find_text {
	const char *signature, *pointer;
	const struct node *range, *step, *pointer_node, *offset_node, *where;
};

struct structure_text {
	struct entry *entry;
	struct structure *structure;
};

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	*(const struct node **)slot = value;
}

static const struct key find_keys[] = {
	{ "signature", false, read_text, offsetof(struct find_text, signature) },
	{ "range", false, keep_node, offsetof(struct find_text, range) },
	{ "step", false, keep_node, offsetof(struct find_text, step) },
	{ "pointer", false, keep_node, offsetof(struct find_text, pointer_node) },
	{ "offset", false, keep_node, offsetof(struct find_text, offset_node) },
	{ "where", false, keep_node, offsetof(struct find_text, where) },
};
static const struct mapping find_mapping = MAPPING("`find`", find_keys);

static void read_range(struct load *load, const struct node *node, struct structure *structure)
{
	const struct int_type address = { 64, false };

	if (!load_is(load, node, NODE_SEQUENCE, "`range`"))
		return;
	if (node->count != 2) {
		load_error(load, node, "wrong-type", "`range` is [FIRST, LAST], got %zu numbers", node->count);
		return;
	}
	if (load_value(load, "range", node->items[0], address, &structure->range_low) &&
	    load_value(load, "range", node->items[1], address, &structure->range_high) &&
	    structure->range_low > structure->range_high)
		load_error(load, node, "bad-range", "`range` is [FIRST, LAST], got the last address first");
}

/* A holder and its field, from "rsdp.rsdt_address". */
static void point(struct structure *structure, const char *text, const struct entry *holder, size_t field)
{
	structure->pointer = text;
	structure->holder = holder;
	structure->holder_field = (unsigned)field;
}

/* A pointer, or an offset, is a field of another structure: "rsdp.rsdt_address". */
static void run_pointer(struct load *load, const struct work *work)
{
	struct structure *structure = work->slot;
	const char *text = work->node->text, *dot = strchr(text, '.');
	struct near near = load_near(load, text);

	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		for (size_t k = 0; entry->structure && k < entry->structure->field_count; k++) {
			const char *name = arena_printf(load->arena, "%s.%s", entry->name, entry->structure->fields[k].name);

			if (dot && !strcmp(name, text) && entry->structure != structure)
				point(structure, text, entry, k);
			near_consider(&near, name);
		}
	}
	if (!structure->pointer)
		load_error(load, work->node, "unknown-name", "`%s` is STRUCTURE.FIELD of another structure, got `%s`%s",
			   structure->is_offset ? "offset" : "pointer", text,
			   near.best && strcmp(near.best, text) ? near_hint(load->arena, &near) : "");
}

static void read_find(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct structure *structure = ((struct structure_text *)slot)->structure;
	struct find_text text = { 0 };
	const struct node *field;
	int ways;

	(void)key;
	load_mapping(load, &find_mapping, value, &text);
	structure->signature = text.signature;
	structure->step = 1;
	ways = !!text.range + !!text.pointer_node + !!text.offset_node;
	if (value->kind == NODE_MAPPING && ways != 1)
		load_error(load, value, ways ? "conflicting-keys" : "missing-key",
			   "`find` has one of the keys `range` and `pointer` (or `offset`)");
	if (text.range)
		read_range(load, text.range, structure);
	if (text.step && load_value(load, "step", text.step, (struct int_type){ 32, false }, &structure->step) &&
	    !structure->step)
		load_error(load, text.step, "bad-range", "`step` is at least 1");
	if (text.where)
		load_expr(load, text.where, &structure->shape, true, 0);
	field = text.pointer_node ? text.pointer_node : text.offset_node;
	structure->is_offset = !text.pointer_node;
	if (ways == 1 && field && load_is(load, field, NODE_SCALAR, "a field"))
		load_later(load, (struct work){ .run = run_pointer, .node = field, .slot = structure });
}

static const char *const byte_orders[] = { "little", "big" };

static void read_byte_order(struct load *load, const char *key, const struct node *value, void *slot)
{
	((struct structure_text *)slot)->structure->big_endian = load_choice(load, key, value, byte_orders, 2) == 1;
}

static const struct key field_keys[] = {
	{ "name", true, read_name, offsetof(struct structure_field, name) },
	{ "type", true, read_type, offsetof(struct structure_field, type) },
	{ "offset", true, read_unsigned, offsetof(struct structure_field, offset) },
	{ "count", false, read_unsigned, offsetof(struct structure_field, count) },
};
static const struct mapping field_mapping = MAPPING("a field", field_keys);

static uint64_t field_end(const struct structure_field *field)
{
	return field->offset + (uint64_t)field->count * field->type->size;
}

static void check_field(struct load *load, const struct node *node, const struct structure_field *fields, size_t number)
{
	const struct structure_field *field = &fields[number];

	if (!field->count)
		load_error(load, node, "bad-range", "`count` is at least 1");
	if (field_end(field) > STRUCTURE_BYTES)
		load_error(load, node, "bad-range", "a structure has at most %u bytes, this field ends at %llu", STRUCTURE_BYTES,
			   (unsigned long long)field_end(field));
	for (size_t i = 0; i < number; i++) {
		if (!strcmp(fields[i].name, field->name))
			load_error(load, node, "duplicate-id", "a second field `%s`", field->name);
		else if (fields[i].offset < field_end(field) && field->offset < field_end(&fields[i]))
			load_error(load, node, "overlapping-fields", "field `%s` shares bytes with `%s`", field->name,
				   fields[i].name);
	}
}

static void read_fields(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct structure *structure = ((struct structure_text *)slot)->structure;
	struct structure_field *fields;

	if (!load_list(load, key, value, 256))
		return;
	structure->fields = fields = arena_new_array(load->arena, struct structure_field, value->count);
	structure->field_count = value->count;
	for (size_t i = 0; i < value->count; i++) {
		fields[i] = (struct structure_field){ .name = "", .type = load_plain_type(load, "u8"), .count = 1 };
		load_mapping(load, &field_mapping, value->items[i], &fields[i]);
		if (value->items[i]->kind == NODE_MAPPING)
			check_field(load, value->items[i], fields, i);
	}
}

static void read_size(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_expr(load, value, &((struct structure_text *)slot)->structure->size, false, 0);
}

static void read_optional(struct load *load, const char *key, const struct node *value, void *slot)
{
	static const char *const words[] = { "false", "true" };

	((struct structure_text *)slot)->structure->optional = load_choice(load, key, value, words, 2) == 1;
}

static void read_own_cite(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_cite(load, key, value, &((struct structure_text *)slot)->entry->cite);
}

static void read_title(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_text(load, key, value, &((struct structure_text *)slot)->entry->title);
}

static void read_since(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_version(load, key, value, &((struct structure_text *)slot)->entry->since);
}

static void read_until(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_version(load, key, value, &((struct structure_text *)slot)->entry->until);
}

static const struct key structure_keys[] = {
	{ "name", true, read_nothing, 0 },
	{ "title", false, read_title, 0 },
	{ "cite", false, read_own_cite, 0 },
	{ "since", false, read_since, 0 },
	{ "until", false, read_until, 0 },
	{ "find", true, read_find, 0 },
	{ "byte_order", false, read_byte_order, 0 },
	{ "fields", true, read_fields, 0 },
	{ "size", false, read_size, 0 },
	{ "optional", false, read_optional, 0 },
	{ "rules", false, read_rules, 0 },
	{ "unspecified", false, read_unspecified, 0 },
	{ "unobservable", false, read_unobservable, 0 },
};
static const struct mapping structure_mapping = MAPPING("a structure", structure_keys);

static void load_structure(struct load *load, const struct node *node)
{
	struct structure_text text;

	if (!load_is(load, node, NODE_MAPPING, "a structure"))
		return;
	text.entry = load_new_entry(load, node);
	text.structure = arena_alloc(load->arena, sizeof(*text.structure));
	text.structure->big_endian = load->spec->convention.big_endian;
	text.entry->is_structure = true;
	text.entry->structure = text.structure;
	load_mapping(load, &structure_mapping, node, &text);
	load_finish_entry(load, text.entry);
}

void load_structures(struct load *load, const struct node *node)
{
	if (!load_is(load, node, NODE_SEQUENCE, "`structures`"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		if (load->entries.count == LIMIT_ENTRIES) {
			load_error(load, node->items[i], "too-many", "an interface has at most %d entries", LIMIT_ENTRIES);
			return;
		}
		load_structure(load, node->items[i]);
	}
}
