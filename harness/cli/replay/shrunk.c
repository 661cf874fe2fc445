/* SPDX-License-Identifier: BSD-2-Clause */
/* shrunk.c - RUNDIR/shrunk/HASH.json: the shortest known sequence after which a case fails. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "cli/recall.h"

#define SCHEMA "assay-shrunk-1"

static const char *path_of(struct arena *arena, const char *rundir, const char *id)
{
	return arena_printf(arena, "%s/shrunk/%016" PRIx64 ".json", rundir, hash_text(0, id));
}

static const char *const *copy_ids(struct arena *arena, const json_t *list, size_t *count)
{
	const char **ids = arena_new_array(arena, const char *, json_array_size(list) + 1);

	*count = json_array_size(list);
	for (size_t i = 0; i < *count; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (!id)
			return NULL;
		ids[i] = arena_strdup(arena, id);
	}
	return ids;
}

const char *const *shrunk_read(struct arena *arena, const char *rundir, const char *id, size_t *count)
{
	json_t *root = json_load_file(path_of(arena, rundir, id), 0, NULL);
	const char *schema = json_string_value(json_object_get(root, "schema"));
	const char *name = json_string_value(json_object_get(root, "case"));
	const json_t *after = json_object_get(root, "after");
	const char *const *ids = NULL;

	if (schema && name && !strcmp(schema, SCHEMA) && !strcmp(name, id) && json_is_array(after))
		ids = copy_ids(arena, after, count);
	json_decref(root);
	return ids;
}

static json_t *describe(const char *id, const char *const *before, size_t count, const struct judged *judged, bool shortest)
{
	json_t *after = json_array(), *rules = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(after, json_string(before[i]));
	for (size_t i = 0; i < judged->count; i++)
		json_array_append_new(rules, json_string(judged->list[i].rule));
	return json_pack("{s:s, s:s, s:o, s:o, s:b}", "schema", SCHEMA, "case", id, "after", after, "rules", rules, "shortest",
			 shortest);
}

/* Whole or not at all: readers see the old file or the new one. */
static int write_whole(struct arena *arena, const char *path, const json_t *root, struct err *err)
{
	const char *scratch = arena_printf(arena, "%s.new", path);
	FILE *file = fopen(scratch, "w");
	bool failed = !file || json_dumpf(root, file, JSON_INDENT(2) | JSON_PRESERVE_ORDER) || fputc('\n', file) == EOF;

	failed |= file && fclose(file);
	if (!failed && !rename(scratch, path))
		return 0;
	err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", path, strerror(errno));
	unlink(scratch);
	return -1;
}

int shrunk_write(struct arena *arena, const char *rundir, const char *id, const char *const *before, size_t count,
		 const struct judged *judged, bool shortest, const char **path, struct err *err)
{
	json_t *root;
	int failed;

	*path = arena_printf(arena, "%s/shrunk", rundir);
	if (mkdir(*path, 0777) && errno != EEXIST)
		return err_set(err, EXIT_BROKEN, "%s: cannot be made: %s", *path, strerror(errno));
	*path = path_of(arena, rundir, id);
	root = describe(id, before, count, judged, shortest);
	failed = write_whole(arena, *path, root, err);
	json_decref(root);
	return failed;
}
