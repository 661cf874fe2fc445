/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter.c - which cases --filter wants: a shell pattern over the ids of entries, rules and cases.
 */
#include "plan/internal.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "spec/near.h"

static bool matches(const struct filter *filter, const char *id)
{
	return !fnmatch(filter->pattern, id, FNM_NOESCAPE);
}

void filter_init(struct filter *filter, const char *pattern)
{
	memset(filter, 0, sizeof(*filter));
	filter->pattern = pattern;
	if (pattern)
		snprintf(filter->literal, sizeof(filter->literal), "%.*s", (int)strcspn(pattern, "*?["), pattern);
}

bool filter_entry(const struct filter *filter, const struct entry *entry)
{
	return !filter->pattern || matches(filter, entry->full_id);
}

/* The part before the first wildcard rules out most entries without making their cases. */
bool filter_possible(const struct filter *filter, const struct entry *entry)
{
	size_t wanted = strlen(filter->literal), length = strlen(entry->full_id);

	if (filter_entry(filter, entry))
		return true;
	if (strncmp(filter->literal, entry->full_id, wanted < length ? wanted : length))
		return false;
	return wanted <= length || filter->literal[length] == ':';
}

bool filter_case(const struct filter *filter, const struct plan_case *plan_case)
{
	if (filter_entry(filter, plan_case->entry) || matches(filter, plan_case->id))
		return true;
	return plan_case->rule && matches(filter, plan_case->rule->full_id);
}

void filter_nearest(const struct spec *spec, const char *pattern, char *out, size_t size)
{
	size_t length = strcspn(pattern, ":");
	struct near near = { 0 };
	char wanted[128];

	*out = '\0';
	if (length >= sizeof(wanted))
		return;
	snprintf(wanted, sizeof(wanted), "%.*s", (int)length, pattern);
	near.wanted = wanted;
	for (size_t i = 0; i < spec->entry_count; i++)
		near_consider(&near, spec->entries[i]->full_id);
	if (near.best) {
		snprintf(out, size, "; did you mean `%s`?", near.best);
		return;
	}
	for (size_t i = 0; i < spec->chapter_count; i++) {
		char name[160];

		snprintf(name, sizeof(name), "%s.%s", spec->name, spec->chapters[i]->name);
		if (!strcmp(name, wanted))
			snprintf(out, size, "; did you mean `%s.*`?", wanted);
	}
}
