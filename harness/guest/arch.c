/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/arch.h"

#include <string.h>

#include "guest/fields.h"

/* What arch.yaml holds, as it is written. */
struct arch_file {
	struct arch arch;
	uint64_t word;
	const char *byte_order;
	const struct node *parameters, *relative, *constant, *unchecked, *late, *beside, *fixed, *register_mask, *monitor,
		*control_mask;
};

static int read_inputs(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct arch *arch = to;

	(void)arena;
	return fields_words(node, arch->inputs, ARCH_INPUTS, &arch->input_count, err);
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
	{ "parameters", FIELD_READER, false, AT(parameters), keep_node },
	{ "relative", FIELD_READER, false, AT(relative), keep_node },
	{ "constant", FIELD_READER, false, AT(constant), keep_node },
	{ "unchecked", FIELD_READER, false, AT(unchecked), keep_node },
	{ "late", FIELD_READER, false, AT(late), keep_node },
	{ "beside", FIELD_READER, false, AT(beside), keep_node },
	{ "fixed", FIELD_READER, false, AT(fixed), keep_node },
	{ "register_mask", FIELD_READER, false, AT(register_mask), keep_node },
	{ "monitor", FIELD_READER, false, AT(monitor), keep_node },
	{ "control", FIELD_READER, true, AT(arch), read_control },
	{ "control_mask", FIELD_READER, false, AT(control_mask), keep_node },
	{ "gates", FIELD_READER, true, AT(arch), read_gates },
	{ "pads", FIELD_READER, true, AT(arch), read_pads },
	{ "gdb_into", FIELD_TEXT, false, AT(arch.gdb_into), NULL },
};

typedef int find_fn(const struct arch *arch, const char *name);

/* A list of names out of one of the lists above. */
static int mark(const struct arch *arch, const struct node *words_node, find_fn *find_name, const char *list, bool *marks,
		struct err *err)
{
	const char *words[WIRE_REGISTERS];
	size_t count = 0;

	if (words_node && fields_words(words_node, words, WIRE_REGISTERS, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		int number = find_name(arch, words[i]);

		if (number < 0)
			return fields_error(words_node->items[i], err, "`%s` is not in `%s`", words[i], list);
		marks[number] = true;
	}
	return 0;
}

static int mark_registers(const struct arch *arch, const struct node *list, bool *marks, struct err *err)
{
	return mark(arch, list, arch_register, "registers", marks, err);
}

/* `{ name: number }`, where `find` knows the names of a list. marks: which ones are there, or NULL. */
static int set_values(const struct arch *arch, const struct node *pairs, find_fn *find_name, const char *list, uint64_t *values,
		      bool *marks, struct err *err)
{
	if (pairs && pairs->kind != NODE_MAPPING)
		return fields_error(pairs, err, "pairs `register: number` are expected here");
	for (size_t i = 0; pairs && i < pairs->count; i++) {
		int number = find_name(arch, pairs->keys[i]->text);

		if (number < 0)
			return fields_error(pairs->keys[i], err, "`%s` is not in `%s`", pairs->keys[i]->text, list);
		if (fields_number(pairs->items[i], &values[number], err))
			return -1;
		if (marks)
			marks[number] = true;
	}
	return 0;
}

/* The monitor calls most registers what we call them. */
static int set_monitor(struct arch *arch, const struct node *names, struct err *err)
{
	for (size_t i = 0; i < arch->register_count; i++)
		arch->monitor[i] = arch->beside[i] ? NULL : arch->registers[i];
	if (names && names->kind != NODE_MAPPING)
		return fields_error(names, err, "pairs `register: name` are expected here");
	for (size_t i = 0; names && i < names->count; i++) {
		int number = arch_register(arch, names->keys[i]->text);

		if (number < 0)
			return fields_error(names->keys[i], err, "`%s` is not in `registers`", names->keys[i]->text);
		if (names->items[i]->kind != NODE_SCALAR)
			return fields_error(names->items[i], err, "a name is expected here");
		arch->monitor[number] = names->items[i]->text;
	}
	return 0;
}

static bool is_listed(const struct node *list, const char *word)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i]->kind == NODE_SCALAR && !strcmp(list->items[i]->text, word))
			return true;
	return false;
}

/* What is loaded is a register, or said to be none; what goes into the upper half of a word is none. */
static int check_inputs(const struct arch *arch, const struct node *root, const struct node *parameters, struct err *err)
{
	for (size_t i = WIRE_INPUTS; i < arch->input_count; i++)
		if (arch->word != 32 || arch_register(arch, arch->inputs[i]) >= 0)
			return fields_error(root, err,
					    "input `%s` is one too many: beyond %d there is room for parameters only, "
					    "where words have 32 bits",
					    arch->inputs[i], WIRE_INPUTS);
	for (size_t i = 0; i < arch->input_count; i++)
		if (arch_register(arch, arch->inputs[i]) < 0 && !is_listed(parameters, arch->inputs[i]))
			return fields_error(root, err, "input `%s` is neither in `registers` nor in `parameters`",
					    arch->inputs[i]);
	return 0;
}

static int set_lists(struct arch *arch, const struct arch_file *file, struct err *err)
{
	memset(arch->control_mask, 0xff, sizeof(arch->control_mask));
	for (size_t i = 0; i < WIRE_REGISTERS; i++)
		arch->register_mask[i] = arch->word_mask;
	return mark(arch, file->relative, arch_input, "inputs", arch->relative, err) ||
			       mark_registers(arch, file->constant, arch->constant, err) ||
			       mark_registers(arch, file->unchecked, arch->unchecked, err) ||
			       mark_registers(arch, file->late, arch->late, err) ||
			       mark_registers(arch, file->beside, arch->beside, err) ||
			       set_values(arch, file->fixed, arch_register, "registers", arch->fixed_value, arch->fixed, err) ||
			       set_values(arch, file->register_mask, arch_register, "registers", arch->register_mask, NULL,
					  err) ||
			       set_values(arch, file->control_mask, arch_control, "control", arch->control_mask, NULL, err) ||
			       set_monitor(arch, file->monitor, err)
		       ? -1
		       : 0;
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
	arch->word_mask = arch->word == 32 ? UINT32_MAX : UINT64_MAX;
	return set_lists(arch, file, err) || check_inputs(arch, root, file->parameters, err) ? NULL : arch;
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
