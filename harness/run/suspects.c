/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "record/boot.h"

static int by_suspect(const void *left, const void *right)
{
	return strcmp(((const struct suspect *)left)->id, ((const struct suspect *)right)->id);
}

void suspects_init(struct suspects *suspects, struct arena *arena, const char *const *ids, size_t count)
{
	size_t unique = 0;

	*suspects = (struct suspects){ .arena = arena, .list = arena_new_array(arena, struct suspect, count + 1) };
	for (size_t i = 0; i < count; i++)
		suspects->list[i].id = ids[i];
	qsort(suspects->list, count, sizeof(*suspects->list), by_suspect);
	for (size_t i = 0; i < count; i++)
		if (!unique || strcmp(suspects->list[unique - 1].id, suspects->list[i].id) != 0)
			suspects->list[unique++] = suspects->list[i];
	suspects->count = unique;
}

struct suspect *suspects_find(const struct suspects *suspects, const char *id)
{
	const struct suspect key = { .id = id };

	return bsearch(&key, suspects->list, suspects->count, sizeof(key), by_suspect);
}

/* ---- what came before them ---- */

static void keep_before(struct suspects *suspects, const struct boot_ids *boot, const char *id)
{
	struct suspect *suspect = suspects_find(suspects, id);

	if (!suspect || suspect->before)
		return;
	suspect->before = boot_copy(boot, suspects->arena);
	suspect->before_count = boot->count;
}

static void tell_searches(const struct journal_reader *reader,
			  void (*searched)(void *context, const struct recorded_search *search), void *context)
{
	const struct recorded_search *searches;
	size_t count = journal_searches(reader, &searches);

	for (size_t i = 0; i < count; i++)
		searched(context, &searches[i]);
}

int suspects_look_back(struct suspects *suspects, const char *journal,
		       void (*searched)(void *context, const struct recorded_search *search), void *context, struct err *err)
{
	struct journal_reader *reader = journal_open(journal, err);
	const struct recorded_case *recorded;
	struct boot_ids boot = { 0 };
	int more = reader ? 1 : -1;

	while (reader && (more = journal_next(reader, &recorded, err)) > 0) {
		if (recorded->attempt || !recorded_was_run(recorded))
			continue;
		boot_enter(&boot, recorded);
		keep_before(suspects, &boot, recorded->id);
		boot_add(&boot, recorded);
	}
	if (reader && !more)
		tell_searches(reader, searched, context);
	journal_free(reader);
	boot_free(&boot);
	return more;
}

/* ---- the cases made again ---- */

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t number_of(const char *const *ids, size_t count, const char *id)
{
	const char *const *found = bsearch(&id, ids, count, sizeof(*ids), by_text);

	return found ? (size_t)(found - ids) : 0;
}

/* All that any suspect takes, each once, sorted. */
static const char **collect_ids(const struct suspects *suspects, size_t *count)
{
	size_t total = 0, unique = 0;
	const char **ids;

	for (size_t i = 0; i < suspects->count; i++)
		total += suspects->list[i].before_count + 1;
	ids = arena_new_array(suspects->arena, const char *, total + 1);
	total = 0;
	for (size_t i = 0; i < suspects->count; i++) {
		const struct suspect *suspect = &suspects->list[i];

		ids[total++] = suspect->id;
		for (size_t j = 0; j < suspect->before_count; j++)
			ids[total++] = suspect->before[j];
	}
	qsort(ids, total, sizeof(*ids), by_text);
	for (size_t i = 0; i < total; i++)
		if (!unique || strcmp(ids[unique - 1], ids[i]) != 0)
			ids[unique++] = ids[i];
	*count = unique;
	return ids;
}

struct rerun *suspects_rerun(struct suspects *suspects, const struct rerun_config *config, struct plan *plan, struct err *err)
{
	size_t count;
	const char **ids = collect_ids(suspects, &count);

	for (size_t i = 0; i < suspects->count; i++) {
		struct suspect *suspect = &suspects->list[i];

		suspect->number = number_of(ids, count, suspect->id);
		suspect->numbers = arena_new_array(suspects->arena, size_t, suspect->before_count + 1);
		for (size_t j = 0; j < suspect->before_count; j++)
			suspect->numbers[j] = number_of(ids, count, suspect->before[j]);
	}
	plan_rewind(plan);
	return rerun_new(config, plan, ids, count, err);
}
