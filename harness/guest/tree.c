/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libfdt.h>

#include "guest/fields.h"
#include "guest/manifest.h"

#define TREE_MAX (4u << 20)
#define ROOM	 65536u /* for what is added */

/* A value as a tree holds it, being put together. */
struct bytes {
	char *data;
	size_t size;
};

static void append(struct arena *arena, struct bytes *bytes, const void *data, size_t size)
{
	char *larger = arena_alloc(arena, bytes->size + size);

	if (bytes->size)
		memcpy(larger, bytes->data, bytes->size);
	memcpy(larger + bytes->size, data, size);
	*bytes = (struct bytes){ larger, bytes->size + size };
}

static int append_scalar(struct arena *arena, const struct node *node, struct bytes *bytes, struct err *err)
{
	uint64_t number;
	fdt32_t cell;

	if (node->kind != NODE_SCALAR)
		return fields_error(node, err, "a number or a text is expected here");
	if (node->quoted || node->text[0] < '0' || node->text[0] > '9') {
		append(arena, bytes, node->text, strlen(node->text) + 1);
		return 0;
	}
	if (fields_number(node, &number, err))
		return -1;
	if (number > UINT32_MAX)
		return fields_error(node, err, "a cell has 32 bits; write a list of two");
	cell = cpu_to_fdt32((uint32_t)number);
	append(arena, bytes, &cell, sizeof(cell));
	return 0;
}

static int read_value(struct arena *arena, const struct node *node, struct tree_setting *setting, struct err *err)
{
	struct bytes bytes = { 0 };

	if (node->kind == NODE_SCALAR && !node->quoted && !strcmp(node->text, "true"))
		return 0;
	if (node->kind != NODE_SEQUENCE && append_scalar(arena, node, &bytes, err))
		return -1;
	for (size_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
		if (append_scalar(arena, node->items[i], &bytes, err))
			return -1;
	setting->value = bytes.data;
	setting->size = bytes.size;
	return 0;
}

static size_t count_settings(const struct node *node)
{
	size_t count = 0;

	for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
		count += node->items[i]->count;
	return count;
}

int manifest_read_tree(struct arena *arena, const struct node *node, struct machine *machine, struct err *err)
{
	struct tree_setting *settings = arena_new_array(arena, struct tree_setting, count_settings(node)), *setting = settings;

	if (node->kind != NODE_MAPPING)
		return fields_error(node, err, "`/node: { property: value }` is expected here");
	for (size_t i = 0; i < node->count; i++) {
		const struct node *properties = node->items[i];

		if (node->keys[i]->text[0] != '/' || properties->kind != NODE_MAPPING)
			return fields_error(node->keys[i], err, "`/node: { property: value }` is expected here");
		for (size_t k = 0; k < properties->count; k++, setting++) {
			setting->node = node->keys[i]->text;
			setting->property = properties->keys[k]->text;
			if (read_value(arena, properties->items[k], setting, err))
				return -1;
		}
	}
	machine->tree = settings;
	machine->tree_count = (size_t)(setting - settings);
	return 0;
}

/* The offset of the node at path; the nodes on the way are made when they are not there. Negative: libfdt's error. */
static int make_node(void *tree, const char *path)
{
	int at = 0;

	while (at >= 0 && *path) {
		size_t length = strcspn(++path, "/");
		int next;

		if (!length)
			continue;
		next = fdt_subnode_offset_namelen(tree, at, path, (int)length);
		at = next == -FDT_ERR_NOTFOUND ? fdt_add_subnode_namelen(tree, at, path, (int)length) : next;
		path += length;
	}
	return at;
}

static int apply(void *tree, const struct machine *machine, struct err *err)
{
	for (size_t i = 0; i < machine->tree_count; i++) {
		const struct tree_setting *setting = &machine->tree[i];
		int at = make_node(tree, setting->node);
		int result = at < 0 ? at : fdt_setprop(tree, at, setting->property, setting->value, (int)setting->size);

		if (result < 0)
			return err_set(err, EXIT_USAGE, "device tree: %s/%s cannot be set: %s", setting->node, setting->property,
				       fdt_strerror(result));
	}
	fdt_pack(tree);
	return 0;
}

/*
 * The whole file, with room behind it; NULL when it is no device tree. QEMU made it, which had read the blob by then: it may be
 * anything.
 */
static void *load_tree(const char *path, size_t *room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	void *raw, *tree = NULL;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size > 0 && status.st_size <= (off_t)TREE_MAX) {
		size_t size = (size_t)status.st_size;

		*room = size + ROOM;
		raw = xcalloc(1, size);
		tree = xcalloc(1, *room);
		if (read(fd, raw, size) != (ssize_t)size || fdt_check_full(raw, size) || fdt_open_into(raw, tree, (int)*room)) {
			free(tree);
			tree = NULL;
		}
		free(raw);
	}
	close(fd);
	return tree;
}

static int write_out(const void *data, size_t size)
{
	int fd = memfd_create("device-tree", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	/* every QEMU of this guest reads it, and none must change it for the next */
	if (fd >= 0 && (write(fd, data, size) != (ssize_t)size ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))) {
		close(fd);
		return -1;
	}
	return fd;
}

int tree_merge(const char *path, const struct machine *machine, struct err *err)
{
	size_t room;
	void *tree = load_tree(path, &room);
	int fd = -1;

	if (!tree)
		return err_set(err, EXIT_BROKEN, "%s: QEMU wrote no device tree there", path);
	if (!apply(tree, machine, err)) {
		fd = write_out(tree, fdt_totalsize(tree));
		if (fd < 0)
			err_set(err, EXIT_BROKEN, "no room for a device tree in memory");
	}
	free(tree);
	return fd;
}
