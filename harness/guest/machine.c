/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "guest/blob.h"
#include "guest/fields.h"
#include "guest/manifest.h"

/* A machine file as it is written. */
struct machine_file {
	struct machine machine;
	uint64_t harts;
};

static int read_args(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct machine *machine = to;
	const char **args = arena_new_array(arena, const char *, node->count + 1);
	size_t count;

	machine->args = args;
	return fields_words(node, args, node->count, &count, err);
}

static int read_ram(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct {
		uint64_t base, mib;
	} ram = { 0 };
	static const struct field fields[] = {
		{ "base", FIELD_NUMBER, true, 0, NULL },
		{ "mib", FIELD_NUMBER, true, sizeof(uint64_t), NULL },
	};
	struct machine *machine = to;

	if (fields_read(arena, node, fields, FIELD_COUNT(fields), &ram, err))
		return -1;
	machine->ram_base = ram.base;
	machine->ram_size = ram.mib << 20;
	return manifest_check_ram(node, ram.mib, err);
}

static int read_clock(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	static const struct field fields[] = {
		{ "address", FIELD_NUMBER, false, offsetof(struct machine, clock_address), NULL },
		{ "hz", FIELD_NUMBER, true, offsetof(struct machine, clock_hz), NULL },
		{ "step", FIELD_NUMBER, false, offsetof(struct machine, clock_step), NULL },
	};

	if (fields_read(arena, node, fields, FIELD_COUNT(fields), to, err))
		return -1;
	return ((struct machine *)to)->clock_hz ? 0 : fields_error(node, err, "a clock that stands still is no clock");
}

static int read_hart_ids(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct machine *machine = to;

	(void)arena;
	if (node->kind != NODE_SEQUENCE || node->count > MANIFEST_HARTS)
		return fields_error(node, err, "a list of at most %d CPU numbers is expected here", MANIFEST_HARTS);
	for (size_t i = 0; i < node->count; i++) {
		uint64_t id;

		if (fields_number(node->items[i], &id, err))
			return -1;
		machine->hart_ids[i] = (uint32_t)id;
	}
	return 0;
}

static int read_pair(const struct node *pair, struct address_range *range, struct err *err)
{
	if (pair->kind != NODE_SEQUENCE || pair->count != 2)
		return fields_error(pair, err, "[first, last] is expected here");
	if (fields_number(pair->items[0], &range->low, err) || fields_number(pair->items[1], &range->high, err))
		return -1;
	return range->low <= range->high ? 0 : fields_error(pair, err, "the last address comes before the first");
}

static int read_range(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	(void)arena;
	return read_pair(node, &((struct machine *)to)->blob_in, err);
}

static int read_map(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct machine *machine = to;
	struct address_range *map = arena_new_array(arena, struct address_range, node->count);

	if (node->kind != NODE_SEQUENCE)
		return fields_error(node, err, "a list of [first, last] addresses is expected here");
	for (size_t i = 0; i < node->count; i++)
		if (read_pair(node->items[i], &map[i], err))
			return -1;
	machine->map = map;
	machine->map_count = node->count;
	return 0;
}

/* Either an address, or { range: [first, last], step: bytes }. */
static int read_blob_at(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	static const struct field fields[] = {
		{ "range", FIELD_READER, true, 0, read_range },
		{ "step", FIELD_NUMBER, true, offsetof(struct machine, blob_step), NULL },
	};
	struct machine *machine = to;

	if (node->kind != NODE_MAPPING)
		return fields_number(node, &machine->blob_at, err);
	if (fields_read(arena, node, fields, FIELD_COUNT(fields), machine, err))
		return -1;
	return machine->blob_step ? 0 : fields_error(node, err, "a step of at least one byte is expected here");
}

static int read_unsaved(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	struct machine *machine = to;
	uint64_t *addresses = arena_new_array(arena, uint64_t, MACHINE_UNSAVED);

	if (node->kind != NODE_SEQUENCE || node->count > MACHINE_UNSAVED)
		return fields_error(node, err, "a list of at most %d addresses is expected here", MACHINE_UNSAVED);
	for (size_t i = 0; i < node->count; i++)
		if (fields_number(node->items[i], &addresses[i], err))
			return -1;
	machine->unsaved = addresses;
	machine->unsaved_count = node->count;
	return 0;
}

#define AT(member) offsetof(struct machine_file, member)
static const struct field machine_fields[] = {
	{ "machine", FIELD_TEXT, true, AT(machine.name), NULL },
	{ "arch", FIELD_TEXT, true, AT(machine.arch), NULL },
	{ "qemu", FIELD_TEXT, true, AT(machine.qemu), NULL },
	{ "package", FIELD_TEXT, false, AT(machine.package), NULL },
	{ "args", FIELD_READER, true, AT(machine), read_args },
	{ "cpu", FIELD_TEXT, true, AT(machine.cpu), NULL },
	{ "machine_options", FIELD_TEXT, false, AT(machine.options), NULL },
	{ "harts", FIELD_NUMBER, true, AT(harts), NULL },
	{ "ram", FIELD_READER, true, AT(machine), read_ram },
	{ "clock", FIELD_READER, true, AT(machine), read_clock },
	{ "boot_ms", FIELD_NUMBER, false, AT(machine.boot_ms), NULL },
	{ "hart_ids", FIELD_READER, true, AT(machine), read_hart_ids },
	{ "blob_at", FIELD_READER, false, AT(machine), read_blob_at },
	{ "memory_map", FIELD_READER, false, AT(machine), read_map },
	{ "unsaved", FIELD_READER, false, AT(machine), read_unsaved },
	{ "crash_words", FIELD_TEXT, false, AT(machine.crash_words), NULL },
	{ "off_by_exit", FIELD_FLAG, false, AT(machine.off_by_exit), NULL },
};

int manifest_check_ram(const struct node *node, uint64_t mib, struct err *err)
{
	if (mib < 32 || mib > 65536)
		return fields_error(node, err, "32 to 65536 MiB of RAM are possible, not %llu", (unsigned long long)mib);
	return 0;
}

int manifest_check_harts(const struct node *node, uint64_t harts, struct err *err)
{
	if (harts < 1 || harts > MANIFEST_HARTS)
		return fields_error(node, err, "1 to %d CPUs are possible, not %llu", MANIFEST_HARTS, (unsigned long long)harts);
	return 0;
}

const struct machine *machine_load(struct arena *arena, const char *library, const char *name, struct err *err)
{
	const char *path = arena_printf(arena, "%s/machines/%s.yaml", library, name);
	struct machine_file *file = arena_alloc(arena, sizeof(*file));
	const struct node *root;

	if (strchr(name, '/') || access(path, R_OK))
		return err_null(err, EXIT_USAGE, "no machine `%s`: %s cannot be read", name, path);
	root = node_load(arena, path, &node_limits_default, err);
	if (!root || fields_read(arena, root, machine_fields, FIELD_COUNT(machine_fields), file, err))
		return NULL;
	if (manifest_check_harts(node_get(root, "harts"), file->harts, err))
		return NULL;
	file->machine.harts = (unsigned)file->harts;
	if (!file->machine.clock_step)
		file->machine.clock_step = 1;
	if (!file->machine.options)
		file->machine.options = "";
	return &file->machine;
}
