/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types: plain ones by their name (u32, s64), declared ones, and those written in place.
 */
#include "spec/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_DEPTH 8 /* of structs in structs */

static const struct type harmless = { .name = "u64", .base = { 64, false }, .size = 8 };

static bool plain_base(const char *text, struct int_type *base)
{
	struct number bits;

	if ((text[0] != 'u' && text[0] != 's') || text[1] == '0' || !number_parse(text + 1, strlen(text + 1), &bits))
		return false;
	if (strspn(text + 1, "0123456789") != strlen(text + 1) || bits.bits < (text[0] == 's' ? 2 : 1) || bits.bits > 64)
		return false;
	*base = (struct int_type){ (uint8_t)bits.bits, text[0] == 's' };
	return true;
}

const struct type *load_plain_type(struct load *load, const char *name)
{
	struct int_type base;
	struct type *type;

	if (!plain_base(name, &base))
		return NULL;
	type = arena_alloc(load->arena, sizeof(*type));
	*type = (struct type){ .name = arena_strdup(load->arena, name), .base = base, .size = (base.bits + 7u) / 8 };
	return type;
}

static struct declared_type *find_declared(const struct load *load, const struct chapter *chapter, const char *name)
{
	struct declared_type *found = NULL;
	char key[256];

	if (chapter) {
		snprintf(key, sizeof(key), "%s.%s", chapter->name, name);
		HASH_FIND_STR(load->types, key, found);
	}
	if (!found)
		HASH_FIND_STR(load->types, name, found);
	return found;
}

/* --- the keys of a type --- */

static void read_base(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;

	if (!load_is(load, value, NODE_SCALAR, "`base`"))
		return;
	if (!plain_base(value->text, &type->base))
		load_error(load, value, "bad-type", "`%s` is u1 to u64 or s2 to s64, got `%s`", key, value->text);
	type->size = (type->base.bits + 7u) / 8;
}

static void read_enum(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;

	type->enums = load_named_values(load, key, value, type->base, true, &type->enum_count);
}

static void read_flags(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;

	type->flags = load_named_values(load, key, value, (struct int_type){ 64, false }, false, &type->flag_count);
	if (type->flag_count > 64) {
		load_error(load, value, "too-many", "a type has at most 64 flags, got %zu", type->flag_count);
		return;
	}
	for (size_t i = 0; i < type->flag_count; i++) {
		const struct named_value *flag = &type->flags[i];

		if (flag->value >= type->base.bits)
			findings_add(load->findings, SEVERITY_ERROR, flag->where, "bad-range", "flag `%s` is bit %llu of %u",
				     flag->name, (unsigned long long)flag->value, type->base.bits);
		for (size_t k = 0; k < i; k++) {
			if (type->flags[k].value == flag->value)
				findings_add(load->findings, SEVERITY_ERROR, flag->where, "overlapping-fields",
					     "flag `%s` is the same bit as `%s`", flag->name, type->flags[k].name);
		}
	}
}

static bool bit_number(struct load *load, const struct node *node, unsigned limit, uint8_t *bit)
{
	struct number number;

	if (!load_number(load, "fields", node, &number))
		return false;
	if (number.negative || number.bits >= limit) {
		load_error(load, node, "bad-range", "bit %s of a type that has bits 0 to %u", node->text, limit - 1);
		return false;
	}
	*bit = (uint8_t)number.bits;
	return true;
}

static bool read_field(struct load *load, const struct node *name, const struct node *node, const struct type *type,
		       struct bit_field *field)
{
	read_name(load, "fields", name, &field->name);
	if (!load_is(load, node, NODE_SEQUENCE, "a field's bits"))
		return false;
	if (node->count != 2) {
		load_error(load, node, "wrong-type", "a field is [HIGH, LOW], got %zu numbers", node->count);
		return false;
	}
	if (!bit_number(load, node->items[0], type->base.bits, &field->high) ||
	    !bit_number(load, node->items[1], type->base.bits, &field->low))
		return false;
	if (field->high < field->low) {
		load_error(load, node, "bad-range", "a field is [HIGH, LOW], got the lower bit first");
		return false;
	}
	return field->name;
}

static void read_fields(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;
	struct bit_field *fields;

	(void)key;
	if (!load_is(load, value, NODE_MAPPING, "`fields`"))
		return;
	if (value->count > 64) {
		load_error(load, value, "too-many", "a type has at most 64 fields, got %zu", value->count);
		return;
	}
	type->fields = fields = arena_new_array(load->arena, struct bit_field, value->count);
	for (size_t i = 0; i < value->count; i++) {
		struct bit_field *field = &fields[type->field_count];

		if (!read_field(load, value->keys[i], value->items[i], type, field))
			continue;
		for (size_t k = 0; k < type->field_count; k++) {
			if (fields[k].low <= field->high && field->low <= fields[k].high)
				load_error(load, value->keys[i], "overlapping-fields", "field `%s` shares bits with `%s`",
					   field->name, fields[k].name);
		}
		type->field_count++;
	}
}

static void read_reserved(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;

	type->reserved = load_set(load, key, value, type->base);
}

static void read_platform(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;

	type->platform = load_set(load, key, value, type->base);
}

/* Named sets are made for all types: what does not fit this one cannot be tried anyway. */
static void read_except(struct load *load, const char *key, const struct node *value, void *slot)
{
	((struct type *)slot)->except = load_set(load, key, value, ((struct type *)slot)->base);
}

static void read_align(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *align = slot;

	read_unsigned(load, key, value, align);
	if (*align & (*align - 1))
		load_error(load, value, "bad-range", "`%s` is a power of two, got %s", key, value->text);
}

static const struct key member_keys[] = {
	{ "name", true, read_name, offsetof(struct struct_field, name) },
	{ "type", true, read_type, offsetof(struct struct_field, type) },
};
static const struct mapping member_mapping = MAPPING("a member of a struct", member_keys);

static void read_struct(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct type *type = slot;
	struct struct_field *members;

	if (!load_list(load, key, value, LIMIT_NAMES))
		return;
	type->members = members = arena_new_array(load->arena, struct struct_field, value->count);
	type->member_count = value->count;
	type->size = 0;
	for (size_t i = 0; i < value->count; i++) {
		members[i] = (struct struct_field){ .name = "", .type = &harmless, .offset = type->size };
		load_mapping(load, &member_mapping, value->items[i], &members[i]);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(members[k].name, members[i].name))
				continue;
			load_error(load, value->items[i], "duplicate-id", "a second member `%s`", members[i].name);
			break;
		}
		if (__builtin_add_overflow(type->size, members[i].type->size, &type->size))
			load_error(load, value->items[i], "bad-range", "the struct is larger than 4 GiB");
	}
}

static const struct key type_keys[] = {
	{ "base", false, read_base, 0 },
	{ "enum", false, read_enum, 0 },
	{ "flags", false, read_flags, 0 },
	{ "fields", false, read_fields, 0 },
	{ "reserved", false, read_reserved, 0 },
	{ "platform", false, read_platform, 0 },
	{ "align", false, read_align, offsetof(struct type, align) },
	{ "except", false, read_except, 0 },
	{ "struct", false, read_struct, 0 },
};
static const struct mapping type_mapping = MAPPING("a type", type_keys);

/* A struct has members and nothing else, anything else has a base. */
static void check_shape(struct load *load, const struct node *node)
{
	bool is_struct = node_get(node, "struct");

	if (!is_struct && !node_get(node, "base"))
		load_error(load, node, "missing-key", "a type needs the key `base` (or `struct`)");
	for (size_t i = 0; is_struct && i < node->count; i++) {
		if (strcmp(node->keys[i]->text, "struct"))
			load_error(load, node->keys[i], "conflicting-keys", "a type with `struct` has no other key");
	}
}

static struct type *load_type_body(struct load *load, const struct node *node, const char *name)
{
	struct type *type = arena_alloc(load->arena, sizeof(*type));

	*type = (struct type){ .name = name, .where = node->where, .base = { 64, false }, .size = 8 };
	if (!load_is(load, node, NODE_MAPPING, "a type"))
		return type;
	if (++load->type_depth > TYPE_DEPTH) {
		load_error(load, node, "too-deep", "types are nested deeper than %d levels", TYPE_DEPTH);
	} else {
		check_shape(load, node);
		load_mapping(load, &type_mapping, node, type);
	}
	load->type_depth--;
	return type;
}

static const struct type *load_declared(struct load *load, struct declared_type *declared, const struct node *user)
{
	struct chapter *chapter = load->chapter;

	if (declared->type)
		return declared->type;
	if (declared->loading) {
		load_error(load, user, "cycle", "the type `%s` contains itself", declared->name);
		return &harmless;
	}
	declared->loading = true;
	/* An interface's type is read with the interface's names, whoever asks for it first. */
	if (!strchr(declared->key, '.'))
		load->chapter = NULL;
	declared->type = load_type_body(load, declared->node, declared->name);
	load->chapter = chapter;
	return declared->type;
}

static void report_unknown_type(struct load *load, const char *key, const struct node *node)
{
	struct near near = load_near(load, node->text);

	for (struct declared_type *type = load->types; type; type = type->hh.next)
		near_consider(&near, type->name);
	load_error(load, node, "unknown-type", "`%s`: `%s` is no type (u1 to u64, s2 to s64, or one under `types`)%s", key,
		   node->text, near_hint(load->arena, &near));
}

const struct type *load_type(struct load *load, const char *key, const struct node *node)
{
	const struct type *plain;
	struct declared_type *declared;
	char what[80];

	if (node->kind == NODE_MAPPING)
		return load_type_body(load, node, NULL);
	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_SCALAR, what))
		return &harmless;
	plain = load_plain_type(load, node->text);
	if (plain)
		return plain;
	declared = find_declared(load, load->chapter, node->text);
	if (declared)
		return load_declared(load, declared, node);
	report_unknown_type(load, key, node);
	return &harmless;
}

void read_type(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(const struct type **)slot = load_type(load, key, value);
}

static struct declared_type *declare_type(struct load *load, const struct node *name, const struct node *node)
{
	struct declared_type *declared = arena_alloc(load->arena, sizeof(*declared));
	struct int_type base;

	read_name(load, "types", name, &declared->name);
	if (!declared->name)
		return NULL;
	if (plain_base(name->text, &base))
		load_error(load, name, "duplicate-id", "`%s` is the name of a plain type", name->text);
	if (find_declared(load, load->chapter, name->text)) {
		load_error(load, name, "duplicate-id", "a second type `%s`", name->text);
		return NULL;
	}
	declared->key = load->chapter ? arena_printf(load->arena, "%s.%s", load->chapter->name, declared->name) : declared->name;
	declared->node = node;
	HASH_ADD_KEYPTR(hh, load->types, declared->key, strlen(declared->key), declared);
	return declared;
}

void load_types(struct load *load, const struct node *node)
{
	struct declared_type **declared;

	if (!load_is(load, node, NODE_MAPPING, "`types`"))
		return;
	declared = arena_new_array(load->arena, struct declared_type *, node->count);
	for (size_t i = 0; i < node->count; i++)
		declared[i] = declare_type(load, node->keys[i], node->items[i]);
	for (size_t i = 0; i < node->count; i++) {
		if (declared[i])
			load_declared(load, declared[i], node->keys[i]);
	}
}
