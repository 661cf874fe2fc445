/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spec_load(): from a path to a model, in two passes and a check of the whole.
 */
#include "spec/load.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "spec/lint.h"

#define DEADLINE_NS 100000000u /* of a call, where neither convention nor entry says more */

static void add_problem(void *context, struct where where, const char *code, const char *message)
{
	struct load *load = context;

	findings_add(load->findings, SEVERITY_ERROR, where, code, "%s", message);
}

/* What is read when the spec is whole does not count. Name and length go in too, so that moving bytes from one file to the next makes another digest. */
static void digest_file(struct load *load, const char *path, const char *text, size_t size)
{
	const char *slash = strrchr(path, '/');
	char head[300];
	int length = snprintf(head, sizeof(head), "%.255s %zu\n", slash ? slash + 1 : path, size);

	if (!load->digest)
		return;
	EVP_DigestUpdate(load->digest, head, (size_t)length);
	EVP_DigestUpdate(load->digest, text, size);
}

const struct node *load_file(struct load *load, const char *path, const struct node *named_by)
{
	const struct node_listener listener = { load, add_problem };
	struct err err = { 0 };
	size_t size;
	const char *text = node_read_file(load->arena, path, node_limits_default.bytes, &size, &err);

	if (!text && named_by) {
		load_error(load, named_by, "unknown-chapter", "chapter `%s`: %s", named_by->text, err.message);
		return NULL;
	}
	if (!text) {
		const char *message = strncmp(err.message, path, strlen(path)) ? err.message : err.message + strlen(path) + 2;

		findings_add(load->findings, SEVERITY_ERROR, (struct where){ path, 1, 1 }, "unreadable", "%s", message);
		return NULL;
	}
	digest_file(load, path, text, size);
	load->spec->bytes += size;
	return node_parse_all(load->arena, path, text, size, &node_limits_default, &listener);
}

/* The interface's file, and the directory of its chapters. */
static const char *find_files(struct load *load, const char *path, const char **directory)
{
	struct stat status;
	const char *slash;

	if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
		*directory = load->spec->directory;
		return arena_printf(load->arena, "%s/interface.yaml", load->spec->directory);
	}
	slash = strrchr(path, '/');
	*directory = slash ? arena_printf(load->arena, "%.*s", (int)(slash - path), path) : ".";
	return arena_strdup(load->arena, path);
}

static void finish_digest(struct load *load)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	EVP_DigestFinal_ex(load->digest, bytes, &length);
	EVP_MD_CTX_free(load->digest);
	load->digest = NULL;
	for (unsigned i = 0; i < length && i < 32; i++)
		snprintf(load->spec->sha256 + 2 * i, 3, "%02x", bytes[i]);
}

/* Universal rules that the convention gives no section for cite the document as a whole; where a structure is, its own section says. */
static void fill_cites(struct load *load)
{
	struct spec *spec = load->spec;

	for (unsigned i = 0; i < UNIVERSAL_COUNT; i++) {
		if (!spec->convention.cites[i] && i != UNIVERSAL_FOUND)
			spec->convention.cites[i] =
				arena_printf(load->arena, "%s %s", load->document_short ? load->document_short : "",
					     spec->revision ? spec->revision : "");
	}
}

static const void *array_of(struct load *load, const struct list *list, size_t *count)
{
	*count = list->count;
	return arena_copy(load->arena, list->items, list->count * sizeof(list->items[0]));
}

/* What was collected in lists becomes the model's arrays. */
static void fill_spec(struct load *load)
{
	struct spec *spec = load->spec;

	spec->chapters = array_of(load, &load->chapters, &spec->chapter_count);
	spec->entries = array_of(load, &load->entries, &spec->entry_count);
	spec->rules = array_of(load, &load->rules, &spec->rule_count);
	spec->states = array_of(load, &load->states, &spec->state_count);
	fill_cites(load);
	finish_digest(load);
}

static void free_load(struct load *load)
{
	struct list *const lists[] = { &load->chapters, &load->entries, &load->rules, &load->states, &load->works };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		free(lists[i]->items);
	if (load->entry_rules)
		free(load->entry_rules->items);
	HASH_CLEAR(hh, load->types);
	HASH_CLEAR(hh, load->constants);
	EVP_MD_CTX_free(load->digest);
}

/* Without slashes at its end. */
static size_t path_length(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

static struct spec *new_spec(const char *path)
{
	struct arena *arena = arena_new();
	struct spec *spec = arena_alloc(arena, sizeof(*spec));

	spec->arena = arena;
	spec->directory = arena_printf(arena, "%.*s", (int)path_length(path), path);
	spec->convention.status = spec->convention.success.result = -1;
	spec->convention.deadline_ns = DEADLINE_NS;
	spec->convention.gate = "";
	return spec;
}

static void load_all(struct load *load, const char *path)
{
	const char *directory;
	const char *file = find_files(load, path, &directory);
	const struct node *root = load_file(load, file, NULL);

	if (!root)
		return;
	load_interface(load, root, directory);
	load_run_later(load);
	fill_spec(load);
	check_spec(load);
}

static void report_first(const struct findings *findings, size_t errors, struct err *err)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->severity != SEVERITY_ERROR)
			continue;
		if (errors > 1)
			err_set(err, EXIT_USAGE, "%s:%u:%u: %s [%s] (and %zu more, see `assay lint`)", finding->where.file,
				finding->where.line, finding->where.column, finding->message, finding->code, errors - 1);
		else
			err_set(err, EXIT_USAGE, "%s:%u:%u: %s [%s]", finding->where.file, finding->where.line,
				finding->where.column, finding->message, finding->code);
		return;
	}
}

struct spec *spec_load(const char *path, struct findings *findings, struct err *err)
{
	struct spec *spec = new_spec(path);
	struct load *load = arena_alloc(spec->arena, sizeof(*load));
	size_t errors = findings->errors;

	*load = (struct load){ .spec = spec, .arena = spec->arena, .findings = findings, .digest = EVP_MD_CTX_new() };
	spec->load = load;
	if (!load->digest || !EVP_DigestInit_ex(load->digest, EVP_sha256(), NULL)) {
		err_set(err, EXIT_BROKEN, "libcrypto has no SHA-256");
		spec_free(spec);
		return NULL;
	}
	load_all(load, path);
	findings_sort(findings);
	if (findings->errors == errors)
		return spec;
	report_first(findings, findings->errors - errors, err);
	spec_free(spec);
	return NULL;
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	if (spec->load)
		free_load(spec->load);
	arena_free(spec->arena);
}
