/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/arch.h"

#include <string.h>

#include "guest/fields.h"

/* What arch.yaml holds, as it is written. */
struct arch_file {
	struct arch arch;
	uint64_t word;
	const char *byte_order;
	const struct node *constant, *unchecked, *late, *control_mask;
};

static int read_inputs(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return fields_words(node, arch->inputs, WIRE_INPUTS, &arch->input_count, err);
}

static int read_registers(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return fields_words(node, arch->registers, WIRE_REGISTERS, &arch->register_count, err);
}

static int read_control(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return fields_words(node, arch->control, WIRE_CONTROL, &arch->control_count, err);
}

/* `{ name: number }`, numbers of 16 bits as they go over the wire */
static int read_names(const struct node *node, struct arch_name *names, size_t *count, struct err *err)
{
	if (node->kind != NODE_MAPPING || node->count > ARCH_NAMES)
		return fields_error(node, err, "at most %d pairs `name: number` are expected here", ARCH_NAMES);
	for (size_t i = 0; i < node->count; i++) {
		uint64_t number;

		if (fields_number(node->items[i], &number, err))
			return -1;
		if (!number || number > UINT16_MAX)
			return fields_error(node->items[i], err, "a number from 1 to 65535 is expected here");
		names[i].name = node->keys[i]->text;
		names[i].number = (uint16_t)number;
	}
	*count = node->count;
	return 0;
}

static int read_gates(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return read_names(node, arch->gates, &arch->gate_count, err);
}

static int read_pads(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return read_names(node, arch->pads, &arch->pad_count, err);
}

/* For what can be understood only when the lists have been read. */
static int keep_node(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	(void)arena;
	(void)err;
	*(const struct node **)to = node;
	return 0;
}

#define AT(member) offsetof(struct arch_file, member)
static const struct field arch_fields[] = {
	{ "arch", FIELD_TEXT, true, AT(arch.name), NULL },
	{ "word", FIELD_NUMBER, true, AT(word), NULL },
	{ "byte_order", FIELD_TEXT, true, AT(byte_order), NULL },
	{ "inputs", FIELD_READER, true, AT(arch), read_inputs },
	{ "registers", FIELD_READER, true, AT(arch), read_registers },
	{ "constant", FIELD_READER, false, AT(constant), keep_node },
	{ "unchecked", FIELD_READER, false, AT(unchecked), keep_node },
	{ "late", FIELD_READER, false, AT(late), keep_node },
	{ "control", FIELD_READER, true, AT(arch), read_control },
	{ "control_mask", FIELD_READER, false, AT(control_mask), keep_node },
	{ "gates", FIELD_READER, true, AT(arch), read_gates },
	{ "pads", FIELD_READER, true, AT(arch), read_pads },
	{ "gdb_into", FIELD_TEXT, false, AT(arch.gdb_into), NULL },
};

static int mark_registers(const struct arch *arch, const struct node *list, bool *marks, struct err *err)
{
	const char *words[WIRE_REGISTERS];
	size_t count = 0;

	if (list && fields_words(list, words, WIRE_REGISTERS, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		int number = arch_register(arch, words[i]);

		if (number < 0)
			return fields_error(list->items[i], err, "`%s` is not in `registers`", words[i]);
		marks[number] = true;
	}
	return 0;
}

static int set_masks(struct arch *arch, const struct node *masks, struct err *err)
{
	memset(arch->control_mask, 0xff, sizeof(arch->control_mask));
	if (masks && masks->kind != NODE_MAPPING)
		return fields_error(masks, err, "pairs `register: mask` are expected here");
	for (size_t i = 0; masks && i < masks->count; i++) {
		int number = arch_control(arch, masks->keys[i]->text);

		if (number < 0)
			return fields_error(masks->keys[i], err, "`%s` is not in `control`", masks->keys[i]->text);
		if (fields_number(masks->items[i], &arch->control_mask[number], err))
			return -1;
	}
	return 0;
}

static int check_inputs(const struct arch *arch, const struct node *root, struct err *err)
{
	for (size_t i = 0; i < arch->input_count; i++)
		if (arch_register(arch, arch->inputs[i]) < 0)
			return fields_error(root, err, "input `%s` is not in `registers`", arch->inputs[i]);
	return 0;
}

const struct arch *arch_load(struct arena *arena, const char *directory, struct err *err)
{
	const char *path = arena_printf(arena, "%s/arch.yaml", directory);
	const struct node *root = node_load(arena, path, &node_limits_default, err);
	struct arch_file *file = arena_alloc(arena, sizeof(*file));
	struct arch *arch = &file->arch;

	if (!root || fields_read(arena, root, arch_fields, FIELD_COUNT(arch_fields), file, err))
		return NULL;
	if (file->word != 32 && file->word != 64)
		return fields_error(node_get(root, "word"), err, "32 or 64 is expected here"), NULL;
	if (strcmp(file->byte_order, "little") && strcmp(file->byte_order, "big"))
		return fields_error(node_get(root, "byte_order"), err, "little or big is expected here"), NULL;
	arch->word = (unsigned)file->word;
	arch->big_endian = !strcmp(file->byte_order, "big");
	if (mark_registers(arch, file->constant, arch->constant, err) ||
	    mark_registers(arch, file->unchecked, arch->unchecked, err) || mark_registers(arch, file->late, arch->late, err) ||
	    set_masks(arch, file->control_mask, err) || check_inputs(arch, root, err))
		return NULL;
	return arch;
}

static int find(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

int arch_input(const struct arch *arch, const char *name)
{
	return find(arch->inputs, arch->input_count, name);
}

int arch_register(const struct arch *arch, const char *name)
{
	return find(arch->registers, arch->register_count, name);
}

int arch_control(const struct arch *arch, const char *name)
{
	return find(arch->control, arch->control_count, name);
}

static int find_number(const struct arch_name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i].name, name))
			return names[i].number;
	return -1;
}

int arch_gate(const struct arch *arch, const char *name)
{
	return find_number(arch->gates, arch->gate_count, name);
}

int arch_pad(const struct arch *arch, const char *name)
{
	return find_number(arch->pads, arch->pad_count, name);
}
