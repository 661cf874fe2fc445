/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interface.yaml: what holds for every call, and which chapters there are.
 */
#include "spec/load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANGUAGE 1 /* the version of the specification language that this loader reads */
#define VERSIONS 64

static void read_language(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct number number;

	(void)slot;
	if (load_number(load, key, value, &number) && number.bits != LANGUAGE)
		load_error(load, value, "unknown-language", "this program reads version %d of the language, got %s", LANGUAGE,
			   value->text);
}

struct document {
	const char *title, *brief, *revision, *url;
};

static const struct key document_keys[] = {
	{ "title", true, read_text, offsetof(struct document, title) },
	{ "short", false, read_text, offsetof(struct document, brief) },
	{ "revision", true, read_text, offsetof(struct document, revision) },
	{ "url", false, read_text, offsetof(struct document, url) },
};
static const struct mapping document_mapping = MAPPING("`document`", document_keys);

static void read_document(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct document document = { .title = "" };

	(void)key;
	(void)slot;
	load_mapping(load, &document_mapping, value, &document);
	load->spec->document = document.title;
	load->spec->revision = document.revision;
	load->spec->url = document.url;
	load->document_short = document.brief ? document.brief : document.title;
}

bool load_list(struct load *load, const char *key, const struct node *node, size_t limit)
{
	char what[80];

	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_SEQUENCE, what))
		return false;
	if (node->count <= limit)
		return true;
	load_error(load, node, "too-many", "`%s` has at most %zu items, got %zu", key, limit, node->count);
	return false;
}

const char *const *load_names(struct load *load, const char *key, const struct node *node, size_t limit, size_t *count)
{
	const char **names;

	*count = 0;
	if (!load_list(load, key, node, limit))
		return NULL;
	names = arena_new_array(load->arena, const char *, node->count);
	for (size_t i = 0; i < node->count; i++) {
		const char *name = NULL;

		read_text(load, key, node->items[i], &name);
		for (size_t k = 0; name && k < *count; k++) {
			if (strcmp(names[k], name))
				continue;
			load_error(load, node->items[i], "duplicate-id", "`%s`: `%s` is there for the second time", key, name);
			break;
		}
		if (name)
			names[(*count)++] = name;
	}
	return names;
}

static void read_versions(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load->spec->versions = load_names(load, key, value, VERSIONS, &load->spec->version_count);
	if (value->kind == NODE_SEQUENCE && !value->count)
		load_error(load, value, "missing-key", "`versions` names at least one version");
}

static void read_errors(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load->spec->errors = load_named_values(load, key, value, (struct int_type){ 0 }, true, &load->spec->error_count);
}

static void read_constants(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load->spec->constants = load_named_values(load, key, value, (struct int_type){ 0 }, true, &load->spec->constant_count);
}

static void read_sets(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct spec *spec = load->spec;

	(void)slot;
	if (!load_is(load, value, NODE_MAPPING, "`sets`"))
		return;
	if (value->count > LIMIT_NAMES) {
		load_error(load, value, "too-many", "there are at most %d sets, got %zu", LIMIT_NAMES, value->count);
		return;
	}
	spec->sets = arena_new_array(load->arena, struct int_set, value->count);
	for (size_t i = 0; i < value->count; i++) {
		const struct int_set *set = load_set(load, key, value->items[i], (struct int_type){ 0 });
		const char *name = NULL;

		read_name(load, key, value->keys[i], &name);
		if (!name)
			continue;
		/* A set with a mistake still has its name, so that its users are not reported too. */
		spec->sets[spec->set_count] = set ? *set : (struct int_set){ 0 };
		spec->sets[spec->set_count++].name = name;
	}
}

static void read_types(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_types(load, value);
}

static void read_facts(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct scope scope = { .load = load };
	size_t count;
	const char *const *names = load_names(load, key, value, FACT_COUNT, &count);

	(void)slot;
	for (size_t i = 0; i < count; i++) {
		struct name found;

		if (!scope_find(&scope, names[i], &found) || found.kind != NAME_FACT)
			load_error(load, value->items[i], "unknown-name", "there is no fact `%s`", names[i]);
	}
}

static void read_convention(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_convention(load, value);
}

/* --- the claimed version --- */

struct claim {
	const struct node *entry, *major, *minor;
};

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (load_is(load, value, NODE_SCALAR, key))
		*(const struct node **)slot = value;
}

static const struct key claim_keys[] = {
	{ "entry", true, keep_node, offsetof(struct claim, entry) },
	{ "major", true, keep_node, offsetof(struct claim, major) },
	{ "minor", true, keep_node, offsetof(struct claim, minor) },
};
static const struct mapping claim_mapping = MAPPING("`claim`", claim_keys);

static void run_claim(struct load *load, const struct work *work)
{
	const struct claim *claim = work->slot;
	struct scope scope = { .load = load, .see = SEE_RESULTS };

	if (!claim->entry)
		return;
	load->spec->claim = scope.entry = load_find_entry(load, "claim", claim->entry);
	if (!scope.entry)
		return;
	scope.chapter = scope.entry->chapter;
	if (claim->major)
		load->spec->claim_major = scope_parse(load, &scope, claim->major, false);
	if (claim->minor)
		load->spec->claim_minor = scope_parse(load, &scope, claim->minor, false);
}

static void read_claim(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct claim *claim = arena_alloc(load->arena, sizeof(*claim));

	(void)key;
	(void)slot;
	load_mapping(load, &claim_mapping, value, claim);
	load_later(load, (struct work){ .run = run_claim, .slot = claim });
}

static const struct key interface_keys[] = {
	{ "assay", true, read_language, 0 },
	{ "interface", true, read_name, offsetof(struct spec, name) },
	{ "title", true, read_text, offsetof(struct spec, title) },
	{ "document", true, read_document, 0 },
	{ "versions", true, read_versions, 0 },
	{ "errors", false, read_errors, 0 },
	{ "constants", false, read_constants, 0 },
	{ "sets", false, read_sets, 0 },
	{ "types", false, read_types, 0 },
	{ "facts", false, read_facts, 0 },
	{ "convention", false, read_convention, 0 },
	{ "claim", false, read_claim, 0 },
	{ "chapters", true, read_nothing, 0 },
};
static const struct mapping interface_mapping = MAPPING("an interface", interface_keys);

/* --- chapters --- */

static void load_named_chapter(struct load *load, const struct node *name, const char *directory)
{
	const struct node *root;

	if (!is_name(name->text)) {
		load_error(load, name, "bad-name", "a chapter is named by letters, digits and _, got `%s`", name->text);
		return;
	}
	root = load_file(load, arena_printf(load->arena, "%s/%s.yaml", directory, name->text), name);
	if (root)
		load_chapter(load, root, name->text);
}

static bool is_listed(const struct node *chapters, const char *file, size_t length)
{
	for (size_t i = 0; i < chapters->count; i++) {
		const struct node *name = chapters->items[i];

		if (name->kind == NODE_SCALAR && strlen(name->text) == length && !strncmp(name->text, file, length))
			return true;
	}
	return false;
}

/* A chapter that nobody lists is a chapter that nobody tests. */
static void warn_of_unlisted(struct load *load, const struct node *chapters, const char *directory)
{
	struct dirent **files;
	int count = scandir(directory, &files, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *file = files[i]->d_name, *end = strstr(file, ".yaml");

		if (file[0] != '.' && end && !end[5] && strcmp(file, "interface.yaml") &&
		    !is_listed(chapters, file, (size_t)(end - file)))
			load_warning(load, chapters->where, "unknown-chapter",
				     "the directory holds %s, but `chapters` does not list it", file);
		free(files[i]);
	}
	if (count >= 0)
		free(files);
}

static void load_chapters(struct load *load, const struct node *chapters, const char *directory)
{
	if (!chapters || !load_is(load, chapters, NODE_SEQUENCE, "`chapters`"))
		return;
	if (!chapters->count)
		load_error(load, chapters, "missing-key", "`chapters` names at least one chapter");
	if (chapters->count > LIMIT_CHAPTERS) {
		load_error(load, chapters, "too-many", "an interface has at most %d chapters, got %zu", LIMIT_CHAPTERS,
			   chapters->count);
		return;
	}
	for (size_t i = 0; i < chapters->count; i++) {
		const struct node *chapter = chapters->items[i];

		if (chapter->kind == NODE_MAPPING)
			load_chapter(load, chapter, NULL);
		else if (load_is(load, chapter, NODE_SCALAR, "a chapter's name"))
			load_named_chapter(load, chapter, directory);
	}
	if (directory == load->spec->directory)
		warn_of_unlisted(load, chapters, directory);
}

void load_interface(struct load *load, const struct node *root, const char *directory)
{
	load->spec->name = "";
	load_mapping(load, &interface_mapping, root, load->spec);
	load_chapters(load, node_get(root, "chapters"), directory);
}
