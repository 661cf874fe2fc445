/* SPDX-License-Identifier: BSD-2-Clause */
/* header_types.c - named values, flags, bit fields and structures of the types that an entry uses. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "doc/header_parts.h"

/* Types of the interface's own file, and those that two chapters use, are the interface's. */
static bool uses(const struct entry *entry, const struct type *type)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (entry->args[i].type == type || entry->args[i].of == type)
			return true;
	for (size_t i = 0; i < entry->result_count; i++)
		if (entry->results[i].type == type)
			return true;
	return false;
}

static const struct chapter *owner(const struct header *header, const struct chapter *chapter, const struct type *type)
{
	if (type->where.file && chapter->where.file && strcmp(type->where.file, chapter->where.file))
		return NULL;
	for (size_t i = 0; i < header->spec->entry_count; i++)
		if (header->spec->entries[i]->chapter != chapter && uses(header->spec->entries[i], type))
			return NULL;
	return chapter;
}

static bool first_time(struct header *header, const struct type *type)
{
	for (size_t i = 0; i < header->type_count; i++)
		if (header->types[i] == type)
			return false;
	if (header->type_count == header->type_room)
		header->types =
			xrealloc(header->types, (header->type_room = header->type_room * 2 + 64) * sizeof(*header->types));
	header->types[header->type_count++] = type;
	return true;
}

static bool has_names(const struct type *type)
{
	return type->enum_count || type->flag_count || type->field_count;
}

static void write_names(struct header *header, const struct chapter *chapter, const struct type *type, const char *fallback)
{
	const char *name = type->name ? type->name : fallback;
	bool wrote = false;

	fprintf(header->out, "/* %s */\n", name);
	for (size_t i = 0; i < type->enum_count; i++)
		wrote |= define(header, chapter, name, type->enums[i].name, type->enums[i].value, type->base.is_signed);
	for (size_t i = 0; i < type->flag_count; i++)
		wrote |= define(header, chapter, name, type->flags[i].name, UINT64_C(1) << type->flags[i].value, false);
	for (size_t i = 0; i < type->field_count; i++) {
		const struct bit_field *field = &type->fields[i];
		const char *shift = arena_printf(header->arena, "%s_%s_SHIFT", name, field->name);
		const char *mask = arena_printf(header->arena, "%s_%s_MASK", name, field->name);
		unsigned width = field->high - field->low + 1u;

		wrote |= define(header, chapter, NULL, shift, field->low, false);
		wrote |= define(header, chapter, NULL, mask,
				(width < 64 ? (UINT64_C(1) << width) - 1 : ~UINT64_C(0)) << field->low, false);
	}
	fputs(wrote ? "\n" : "", header->out);
}

const char *struct_name(struct header *header, const struct chapter *chapter, const struct type *type)
{
	if (!type->member_count || !type->name)
		return NULL;
	return arena_printf(header->arena, "struct %s", c_name(header, owner(header, chapter, type), type->name));
}

/* In the specification members follow each other without gaps. */
static void write_struct(struct header *header, const struct chapter *chapter, const struct type *type)
{
	for (size_t i = 0; i < type->member_count; i++)
		if (type->members[i].type->member_count && first_time(header, type->members[i].type))
			write_struct(header, chapter, type->members[i].type);
	if (!struct_name(header, chapter, type))
		return;
	fprintf(header->out, "%s {\n", struct_name(header, chapter, type));
	for (size_t i = 0; i < type->member_count; i++) {
		const struct struct_field *member = &type->members[i];
		const char *inner = struct_name(header, chapter, member->type);

		if (member->type->member_count && !inner)
			fprintf(header->out, "\tuint8_t %s[%u];\n", c_word(header->arena, member->name), member->type->size);
		else
			fprintf(header->out, "\t%s %s;\n", inner ? inner : c_type(member->type->base),
				c_word(header->arena, member->name));
	}
	fputs("} __attribute__((packed));\n\n", header->out);
}

static void write_type(struct header *header, const struct chapter *chapter, const struct type *type, const char *fallback)
{
	if (!type || !first_time(header, type))
		return;
	if (has_names(type))
		write_names(header, owner(header, chapter, type), type, fallback);
	if (type->member_count)
		write_struct(header, chapter, type);
}

void header_entry_types(struct header *header, const struct entry *entry)
{
	for (size_t i = 0; i < entry->arg_count; i++) {
		write_type(header, entry->chapter, entry->args[i].type, entry->args[i].name);
		write_type(header, entry->chapter, entry->args[i].of, entry->args[i].name);
	}
	for (size_t i = 0; i < entry->result_count; i++)
		write_type(header, entry->chapter, entry->results[i].type, entry->results[i].name);
}

/* ---- structures that are found in memory ---- */

static int by_offset(const void *a, const void *b)
{
	const struct structure_field *x = *(const struct structure_field *const *)a,
				     *y = *(const struct structure_field *const *)b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void write_field(struct header *header, const struct structure_field *field)
{
	const char *name = c_word(header->arena, field->name);
	unsigned count = field->count ? field->count : 1;

	if (field->type->member_count)
		fprintf(header->out, "\tuint8_t %s[%u];\n", name, field->type->size * count);
	else if (count > 1)
		fprintf(header->out, "\t%s %s[%u];\n", c_type(field->type->base), name, count);
	else
		fprintf(header->out, "\t%s %s;\n", c_type(field->type->base), name);
}

void header_structure(struct header *header, const struct entry *entry)
{
	const struct structure *structure = entry->structure;
	const struct structure_field **fields =
		arena_new_array(header->arena, const struct structure_field *, structure->field_count + 1);
	unsigned at = 0;

	for (size_t i = 0; i < structure->field_count; i++)
		fields[i] = &structure->fields[i];
	qsort(fields, structure->field_count, sizeof(*fields), by_offset);
	if (structure->big_endian)
		fputs("/* big endian */\n", header->out);
	fprintf(header->out, "struct %s {\n", c_name(header, entry->chapter, entry->name));
	for (size_t i = 0; i < structure->field_count; i++) {
		const struct structure_field *field = fields[i];

		if (field->offset < at) {
			fprintf(header->out, "\t/* %s, at %u, is part of what is above */\n", field->name, field->offset);
			continue;
		}
		if (field->offset > at)
			fprintf(header->out, "\tuint8_t unnamed_%u[%u];\n", at, field->offset - at);
		write_field(header, field);
		at = field->offset + field->type->size * (field->count ? field->count : 1);
	}
	fputs("} __attribute__((packed));\n\n", header->out);
}
