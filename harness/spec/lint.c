/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/lint.h"

#include <string.h>

int lint_print(FILE *out, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		fprintf(out, "%s:%u:%u: %s: %s [%s]\n", finding->where.file, finding->where.line, finding->where.column,
			finding->severity == SEVERITY_ERROR ? "error" : "warning", finding->message, finding->code);
	}
	return (int)findings->errors;
}

/* In the order of enum strength. */
static const char *const columns[] = { "must", "must not", "should", "may", "unspecified", "unobservable" };
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct sizes {
	size_t entries, rules[COLUMNS];
};

static struct sizes sizes_of(const struct chapter *chapter)
{
	struct sizes sizes = { .entries = chapter->entry_count };

	for (size_t i = 0; i < chapter->entry_count; i++) {
		for (size_t k = 0; k < chapter->entries[i]->rule_count; k++)
			sizes.rules[chapter->entries[i]->rules[k]->strength]++;
	}
	return sizes;
}

static void print_row(FILE *out, int width, const char *name, const struct sizes *sizes)
{
	fprintf(out, "%-*s  %7zu", width, name, sizes->entries);
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "  %*zu", (int)strlen(columns[i]), sizes->rules[i]);
	fprintf(out, "\n");
}

void lint_summary(FILE *out, const struct spec *spec)
{
	struct sizes total = { 0 };
	int width = (int)strlen("chapter");

	for (size_t i = 0; i < spec->chapter_count; i++) {
		int length = (int)strlen(spec->chapters[i]->name);

		width = length > width ? length : width;
	}
	fprintf(out, "%-*s  entries", width, "chapter");
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "  %s", columns[i]);
	fprintf(out, "\n");
	for (size_t i = 0; i < spec->chapter_count; i++) {
		struct sizes sizes = sizes_of(spec->chapters[i]);

		print_row(out, width, spec->chapters[i]->name, &sizes);
		total.entries += sizes.entries;
		for (size_t k = 0; k < COLUMNS; k++)
			total.rules[k] += sizes.rules[k];
	}
	print_row(out, width, "total", &total);
}
