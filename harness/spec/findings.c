/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/lint.h"
#include "spec/spec.h"

struct findings *findings_new(void)
{
	struct findings *findings = xcalloc(1, sizeof(*findings));

	findings->arena = arena_new();
	return findings;
}

void findings_free(struct findings *findings)
{
	if (!findings)
		return;
	arena_free(findings->arena);
	free(findings->list);
	free(findings);
}

static bool needs_room(size_t count)
{
	return !(count & (count - 1));
}

void findings_add(struct findings *findings, enum severity severity, struct where where, const char *code, const char *format,
		  ...)
{
	struct finding *finding;
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (needs_room(findings->count))
		findings->list =
			xrealloc(findings->list, (findings->count ? findings->count * 2 : 1) * sizeof(findings->list[0]));
	finding = &findings->list[findings->count++];
	findings->errors += severity == SEVERITY_ERROR;
	*finding = (struct finding){ severity, where, code, arena_strdup(findings->arena, message) };
	/* Findings outlive the tree that the place came from. */
	finding->where.file = arena_strdup(findings->arena, where.file ? where.file : "");
}

static int compare(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	int order = strcmp(left->where.file, right->where.file);

	if (!order)
		order = (left->where.line > right->where.line) - (left->where.line < right->where.line);
	if (!order)
		order = (left->where.column > right->where.column) - (left->where.column < right->where.column);
	if (!order)
		order = strcmp(left->code, right->code);
	return order ? order : strcmp(left->message, right->message);
}

/* An alias brings one mistake to many places of the model, but it is made once. */
void findings_sort(struct findings *findings)
{
	size_t kept = 0;

	if (findings->count)
		qsort(findings->list, findings->count, sizeof(findings->list[0]), compare);
	findings->errors = 0;
	for (size_t i = 0; i < findings->count; i++) {
		if (kept && !compare(&findings->list[kept - 1], &findings->list[i]))
			continue;
		findings->list[kept++] = findings->list[i];
		findings->errors += findings->list[i].severity == SEVERITY_ERROR;
	}
	/* findings_add() grows at powers of two: keep the room it will count on. */
	if (kept != findings->count) {
		size_t room = 1;

		while (room < kept)
			room *= 2;
		findings->list = xrealloc(findings->list, room * sizeof(findings->list[0]));
	}
	findings->count = kept;
}
