/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.c - a file is lines of tab-separated words, and a last one with the digest of those before it:
 *
 *     undecided MESSAGE             at most once
 *     error|warning CODE RULE|- MESSAGE
 *     end DIGEST
 */
#include "prove/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prove/digest.h"

#define FILE_MAX (1u << 20)

/* --- writing --- */

static void make_directories(const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", directory);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0777);
		*slash = '/';
	}
	mkdir(path, 0777);
}

static char *text_of(const struct cached *cached, size_t *size)
{
	char *text = NULL, digest[DIGEST_TEXT];
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	if (cached->undecided)
		fprintf(out, "undecided\t%s\n", cached->undecided);
	for (size_t i = 0; i < cached->count; i++) {
		const struct proved *proved = &cached->found[i];

		fprintf(out, "%s\t%s\t%s\t%s\n", proved->severity == SEVERITY_ERROR ? "error" : "warning", proved->code,
			proved->rule ? proved->rule->id : "-", proved->message);
	}
	fflush(out);
	digest_bytes(text, *size, digest);
	fprintf(out, "end\t%s\n", digest);
	fclose(out);
	return text;
}

void cache_put(const char *directory, const char *digest, const struct cached *cached)
{
	char path[4300], temporary[4400];
	size_t size = 0;
	char *text = text_of(cached, &size);
	FILE *file;
	int descriptor;

	make_directories(directory);
	snprintf(path, sizeof(path), "%s/%s", directory, digest);
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	descriptor = text ? mkstemp(temporary) : -1;
	file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (file) {
		bool written = fwrite(text, 1, size, file) == size;

		if (fclose(file) || !written || rename(temporary, path))
			unlink(temporary);
	} else if (descriptor >= 0) {
		close(descriptor);
		unlink(temporary);
	}
	free(text);
}

/* --- reading --- */

static char *read_file(const char *directory, const char *digest, struct arena *arena, size_t *size)
{
	char path[4300], *text;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, digest);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	text = arena_alloc(arena, FILE_MAX + 1);
	*size = fread(text, 1, FILE_MAX, file);
	fclose(file);
	text[*size] = 0;
	return text;
}

/* Cuts off the last line and holds the rest against it. */
static bool is_whole(char *text, size_t size)
{
	char digest[DIGEST_TEXT], wanted[DIGEST_TEXT + 8], *end;

	if (size < DIGEST_TEXT + 4 || strlen(text) != size)
		return false;
	end = text + size - (DIGEST_TEXT + 4);
	digest_bytes(text, (size_t)(end - text), digest);
	snprintf(wanted, sizeof(wanted), "end\t%s\n", digest);
	if (strcmp(end, wanted))
		return false;
	*end = 0;
	return true;
}

static const char *const codes[] = { "never-applies", "vacuous", "never-holds", "unreachable-error", "contradiction", "silent" };

static const char *code_named(const char *word)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (!strcmp(codes[i], word))
			return codes[i];
	}
	return NULL;
}

static bool rule_named(const struct entry *entry, const char *id, const struct rule **rule)
{
	*rule = NULL;
	for (size_t i = 0; i < entry->rule_count; i++) {
		if (!strcmp(entry->rules[i]->id, id))
			*rule = entry->rules[i];
	}
	return *rule || !strcmp(id, "-");
}

static bool read_line(char *line, const struct entry *entry, struct cached *cached)
{
	char *rest = line, *kind = strsep(&rest, "\t"), *code, *id;
	struct proved *proved = &cached->found[cached->count];

	if (!rest)
		return false;
	if (!strcmp(kind, "undecided")) {
		cached->undecided = rest;
		return true;
	}
	code = strsep(&rest, "\t");
	id = strsep(&rest, "\t");
	if (!rest)
		return false;
	proved->severity = strcmp(kind, "error") ? SEVERITY_WARNING : SEVERITY_ERROR;
	proved->code = code_named(code);
	proved->message = rest;
	cached->count++;
	return proved->code && rule_named(entry, id, &proved->rule);
}

bool cache_get(const char *directory, const char *digest, const struct entry *entry, struct arena *arena, struct cached *cached)
{
	size_t size = 0, lines = 1;
	char *text = read_file(directory, digest, arena, &size), *line;

	memset(cached, 0, sizeof(*cached));
	if (!text || !is_whole(text, size))
		return false;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	cached->found = arena_alloc(arena, lines * sizeof(*cached->found));
	while ((line = strsep(&text, "\n")) && *line) {
		if (!read_line(line, entry, cached))
			return false;
	}
	return true;
}
