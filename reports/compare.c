/* SPDX-License-Identifier: BSD-2-Clause */
#include "compare.h"

#include <string.h>

const struct cell *compare_cell(const struct matrix *matrix, const char *entry, const char *rule)
{
	for (size_t i = 0; i < matrix->entry_count; i++) {
		const struct entry_row *row = &matrix->entries[i];

		if (strcmp(row->name, entry))
			continue;
		for (size_t j = 0; rule && j < row->rule_count; j++)
			if (!strcmp(row->rules[j].id, rule))
				return &row->rules[j].cell;
		return rule ? NULL : &row->cell;
	}
	return NULL;
}

void compare_rows(const struct matrix *const *matrices, const struct report_options *options,
		  void (*row)(void *context, const char *id, const char *entry, const char *rule), void *context)
{
	for (size_t i = 0; i < matrices[0]->entry_count; i++) {
		const struct entry_row *entry = &matrices[0]->entries[i];

		row(context, entry->name, entry->name, NULL);
		for (size_t j = 0; options->rules && j < entry->rule_count; j++)
			row(context, entry->rules[j].id, entry->name, entry->rules[j].id);
	}
}

void compare_head_html(FILE *out, const char *first, const struct matrix *const *matrices, size_t count)
{
	fprintf(out, "<table>\n<tr><th>%s", first);
	for (size_t i = 0; i < count; i++) {
		fputs("<th>", out);
		write_xml_text(out, matrices[i]->head->blob);
	}
	fputs("</tr>\n", out);
}

void compare_head_markdown(FILE *out, const char *first, const struct matrix *const *matrices, size_t count)
{
	fprintf(out, "| %s |", first);
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %s |", matrices[i]->head->blob);
	fputs("\n|---|", out);
	for (size_t i = 0; i < count; i++)
		fputs("---|", out);
	fputc('\n', out);
}
