/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/blob.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/digest.h"
#include "guest/fields.h"
#include "guest/manifest.h"

#define BLOB_MIN 64 /* bytes; nothing shorter can bring up a machine */

/* A manifest as it is written. */
struct manifest {
	struct blob blob;
	const char *machine, *sha256, *installed, *path, *symbols, *cpu, *machine_options, *accelerator, *signing_key;
	const char *package_path;
	uint64_t harts, ram_mib;
	bool published; /* for the tools that regenerate the published matrices */
	const struct node *root, *tree;
	const char *directory; /* of the manifest */
};

struct package {
	const char *name, *version, *suite, *path;
};

static int read_package(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	static const struct field fields[] = {
		{ "name", FIELD_TEXT, true, offsetof(struct package, name), NULL },
		{ "version", FIELD_TEXT, true, offsetof(struct package, version), NULL },
		{ "suite", FIELD_TEXT, true, offsetof(struct package, suite), NULL },
		{ "path", FIELD_TEXT, true, offsetof(struct package, path), NULL },
	};
	struct manifest *manifest = to;
	struct package package = { 0 };

	if (fields_read(arena, node, fields, FIELD_COUNT(fields), &package, err))
		return -1;
	manifest->blob.package = arena_printf(arena, "%s %s", package.name, package.version);
	manifest->package_path = package.path;
	return 0;
}

static int read_sha256(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	(void)arena;
	if (node->kind != NODE_SCALAR || strlen(node->text) != 64 || strspn(node->text, "0123456789abcdef") != 64)
		return fields_error(node, err, "64 lower-case hex digits are expected here");
	*(const char **)to = node->text;
	return 0;
}

static int read_version(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	(void)arena;
	if (node->kind != NODE_SCALAR)
		return fields_error(node, err, "a version is expected here");
	*(const char **)to = node->text;
	return 0;
}

static int keep_tree(struct arena *arena, const struct node *node, void *to, struct err *err)
{
	(void)arena;
	(void)err;
	*(const struct node **)to = node;
	return 0;
}

#define AT(member) offsetof(struct manifest, member)
static const struct field manifest_fields[] = {
	{ "blob", FIELD_TEXT, false, AT(blob.name), NULL },
	{ "title", FIELD_TEXT, false, AT(blob.title), NULL },
	{ "version", FIELD_READER, false, AT(blob.version), read_version },
	{ "spec", FIELD_TEXT, false, AT(blob.spec), NULL },
	{ "machine", FIELD_TEXT, true, AT(machine), NULL },
	{ "licence", FIELD_TEXT, false, AT(blob.licence), NULL },
	{ "upstream", FIELD_TEXT, false, AT(blob.upstream), NULL },
	{ "package", FIELD_READER, false, 0, read_package },
	{ "sha256", FIELD_READER, false, AT(sha256), read_sha256 },
	{ "installed", FIELD_TEXT, false, AT(installed), NULL },
	{ "path", FIELD_TEXT, false, AT(path), NULL },
	{ "symbols", FIELD_TEXT, false, AT(symbols), NULL },
	{ "cpu", FIELD_TEXT, false, AT(cpu), NULL },
	{ "harts", FIELD_NUMBER, false, AT(harts), NULL },
	{ "ram_mib", FIELD_NUMBER, false, AT(ram_mib), NULL },
	{ "machine_options", FIELD_TEXT, false, AT(machine_options), NULL },
	{ "accelerator", FIELD_TEXT, false, AT(accelerator), NULL },
	{ "device_tree_set", FIELD_READER, false, AT(tree), keep_tree },
	{ "deviations", FIELD_TEXT, false, AT(blob.deviations), NULL },
	{ "signing_key", FIELD_TEXT, false, AT(signing_key), NULL },
	{ "published", FIELD_FLAG, false, AT(published), NULL },
};

static const char *directory_of(struct arena *arena, const char *path)
{
	return dirname(arena_strdup(arena, path));
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_manifest(const char *path)
{
	size_t length = strlen(path);

	return length > 5 && !strcmp(path + length - 5, ".yaml");
}

static const char *absolute(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = arena_strdup(arena, real ? real : path);

	free(real);
	return copy;
}

/* A file that a manifest names: beside the manifest, else in the tree that holds the library. */
static const char *resolve(struct arena *arena, const struct manifest *manifest, const char *library, const char *name)
{
	const char *beside;

	if (!name || name[0] == '/')
		return name;
	beside = arena_printf(arena, "%s/%s", manifest->directory, name);
	return access(beside, F_OK) ? arena_printf(arena, "%s/../%s", library, name) : beside;
}

static const char *cache_path(struct arena *arena, const struct manifest *manifest)
{
	const char *cache = getenv("ASSAY_CACHE"), *home = getenv("HOME");
	const char *file = manifest->package_path ? manifest->package_path : manifest->installed;

	if (!file)
		return NULL;
	if (!cache || !*cache)
		cache = arena_printf(arena, "%s/.cache/assay", home ? home : "/root");
	return arena_printf(arena, "%s/%s/%s", cache, manifest->blob.name, base_of(file));
}

/* The file at path becomes the blob's, if it is the right one. */
static int take_file(struct arena *arena, struct manifest *manifest, const char *path, struct err *err)
{
	struct blob *blob = &manifest->blob;

	if (digest_file(path, blob->sha256, &blob->size, err))
		return -1;
	if (!blob->size)
		return err_set(err, EXIT_USAGE, "%s: is empty", path);
	if (blob->size < BLOB_MIN)
		return err_set(err, EXIT_USAGE, "%s: has %llu bytes only; it looks truncated", path,
			       (unsigned long long)blob->size);
	if (manifest->sha256 && strcmp(manifest->sha256, blob->sha256))
		return err_set(
			err, EXIT_USAGE,
			"%s: is another file than %s wants: its sha256 is %s, not %s; ./dev blobs %s fetches the right one", path,
			blob->manifest, blob->sha256, manifest->sha256, blob->name);
	blob->path = absolute(arena, path);
	return 0;
}

static int find_file(struct arena *arena, struct manifest *manifest, const char *bare, struct err *err)
{
	const char *cached = cache_path(arena, manifest);
	struct blob *blob = &manifest->blob;
	char beside[PATH_MAX];

	if (bare)
		return take_file(arena, manifest, bare, err);
	if (manifest->path) {
		const char *path = manifest->path[0] == '/' ? manifest->path
							    : arena_printf(arena, "%s/%s", manifest->directory, manifest->path);

		return take_file(arena, manifest, path, err);
	}
	if (manifest->installed && !take_file(arena, manifest, manifest->installed, err))
		return 0;
	if (cached && !access(cached, F_OK))
		return take_file(arena, manifest, cached, err);
	if (cached)
		return err_set(err, EXIT_USAGE,
			       "%s: the blob is neither installed (%s) nor in the cache (%s); fetch it with ./dev blobs %s",
			       blob->manifest, manifest->installed ? err->message : "the manifest names no place", cached,
			       blob->name);
	/* FILE.yaml beside FILE needs no path */
	snprintf(beside, sizeof(beside), "%.*s", (int)(strlen(blob->manifest) - 5), blob->manifest);
	if (!access(beside, F_OK))
		return take_file(arena, manifest, beside, err);
	return err_set(err, EXIT_USAGE, "%s:1:1: says nowhere where the blob is: `path: FILE` is expected", blob->manifest);
}

/* The machine with the axes of this manifest. */
static int fit_machine(struct arena *arena, struct manifest *manifest, const char *library, struct err *err)
{
	const struct machine *plain = machine_load(arena, library, manifest->machine, err);
	struct machine *machine;

	if (!plain)
		return -1;
	machine = arena_copy(arena, plain, sizeof(*plain));
	if (manifest->harts && manifest_check_harts(node_get(manifest->root, "harts"), manifest->harts, err))
		return -1;
	if (manifest->ram_mib && manifest_check_ram(node_get(manifest->root, "ram_mib"), manifest->ram_mib, err))
		return -1;
	if (manifest->tree && manifest_read_tree(arena, manifest->tree, machine, err))
		return -1;
	machine->harts = manifest->harts ? (unsigned)manifest->harts : machine->harts;
	machine->ram_size = manifest->ram_mib ? manifest->ram_mib << 20 : machine->ram_size;
	machine->cpu = manifest->cpu ? manifest->cpu : machine->cpu;
	machine->options = manifest->machine_options ? manifest->machine_options : machine->options;
	machine->accelerator = manifest->accelerator;
	if (machine->accelerator && machine->harts != 1)
		return fields_error(node_get(manifest->root, "accelerator"), err,
				    "only with `harts: 1`: CPUs that run at once are as fast as the host lets each of them");
	manifest->blob.machine = machine;
	return 0;
}

static const char *default_name(struct arena *arena, const char *path)
{
	char *name = arena_strdup(arena, base_of(path));

	name[strlen(name) - strlen(".yaml")] = 0;
	return name;
}

static const struct blob *load_manifest(struct arena *arena, const char *library, const char *path, const char *bare,
					struct err *err)
{
	struct manifest *manifest = arena_alloc(arena, sizeof(*manifest));
	struct blob *blob = &manifest->blob;
	const char *symbols;

	blob->manifest = arena_strdup(arena, path);
	manifest->directory = directory_of(arena, path);
	manifest->root = node_load(arena, path, &node_limits_default, err);
	if (!manifest->root || fields_read(arena, manifest->root, manifest_fields, FIELD_COUNT(manifest_fields), manifest, err))
		return NULL;
	if (!blob->name)
		blob->name = default_name(arena, path);
	if (strchr(blob->name, '/') || blob->name[0] == '.')
		return fields_error(node_get(manifest->root, "blob"), err, "`%s` is no name for a blob: it becomes a file's",
				    blob->name),
		       NULL;
	if (fit_machine(arena, manifest, library, err) || find_file(arena, manifest, bare, err))
		return NULL;
	blob->title = blob->title ? blob->title : blob->name;
	blob->version = blob->version ? blob->version : "";
	blob->spec = resolve(arena, manifest, library, blob->spec);
	blob->deviations = resolve(arena, manifest, library, blob->deviations);
	symbols = manifest->symbols ? arena_printf(arena, "%s/%s", directory_of(arena, blob->path), manifest->symbols) : NULL;
	blob->symbols = symbols && !access(symbols, R_OK) ? symbols : NULL;
	return blob;
}

static const struct blob *load_bare(struct arena *arena, const char *library, const char *path, struct err *err)
{
	const char *manifest = arena_printf(arena, "%s.yaml", path);
	char sha256[65];
	uint64_t size;

	if (digest_file(path, sha256, &size, err))
		return NULL;
	if (!access(manifest, F_OK))
		return load_manifest(arena, library, manifest, path, err);
	return err_null(err, EXIT_USAGE,
			"%s: there is no manifest beside it; write %s with two lines: `machine: riscv-virt` and `spec: spec/sbi`",
			path, manifest);
}

const struct blob *blob_find(struct arena *arena, const char *library, const char *name, struct err *err)
{
	const char *listed = arena_printf(arena, "%s/%s.yaml", library, name);

	if (!*name)
		return err_null(err, EXIT_USAGE, "a blob's name is empty");
	if (!strchr(name, '/') && !access(listed, F_OK))
		return load_manifest(arena, library, listed, NULL, err);
	if (access(name, F_OK))
		return err_null(err, EXIT_USAGE, "no blob `%s`: neither %s nor a file of that name is there", name, listed);
	if (is_manifest(name))
		return load_manifest(arena, library, name, NULL, err);
	return load_bare(arena, library, name, err);
}
