/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct words {
	struct arena *arena;
	char **list;
	size_t count;
};

struct words *words_new(void)
{
	struct words *words = xcalloc(1, sizeof(*words));

	words->arena = arena_new();
	words->list = xcalloc(1, sizeof(char *));
	return words;
}

void words_free(struct words *words)
{
	arena_free(words->arena);
	free(words->list);
	free(words);
}

void words_add(struct words *words, const char *word)
{
	words->list = xrealloc(words->list, (words->count + 2) * sizeof(char *));
	words->list[words->count++] = arena_strdup(words->arena, word);
	words->list[words->count] = NULL;
}

static char *format_text(struct arena *arena, const char *format, va_list args)
{
	char *text = NULL, *copy;

	if (vasprintf(&text, format, args) < 0)
		text = xstrdup("");
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

const char *words_printf(struct words *words, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(words->arena, format, args);
	va_end(args);
	return text;
}

void words_add_pair(struct words *words, const char *option, const char *format, ...)
{
	va_list args;

	words_add(words, option);
	va_start(args, format);
	words_add(words, format_text(words->arena, format, args));
	va_end(args);
}

/* The value of the {name} at text and its length with braces; NULL when there is none. */
static const char *find_value(const char *text, const struct template_value *values, size_t *length)
{
	for (; values->name; values++) {
		*length = strlen(values->name) + 2;
		if (text[0] == '{' && !strncmp(text + 1, values->name, *length - 2) && text[*length - 1] == '}')
			return values->value;
	}
	return NULL;
}

void words_add_template(struct words *words, const char *template, const struct template_value *values)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (const char *at = template; out && *at;) {
		size_t length;
		const char *value = find_value(at, values, &length);

		fputs(value ? value : (char[]){ *at, 0 }, out);
		at += value ? length : 1;
	}
	if (out)
		fclose(out);
	words_add(words, text ? text : "");
	free(text);
}

char *const *words_list(struct words *words)
{
	return words->list;
}
