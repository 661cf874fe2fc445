/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/certify/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static int by_id(const void *left, const void *right)
{
	return strcmp(((const struct pick *)left)->id, ((const struct pick *)right)->id);
}

/* Calls before structures, each in the order of the plan. */
static int by_place(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;

	if (!a->structure != !b->structure)
		return a->structure ? 1 : -1;
	return a->place < b->place ? -1 : a->place > b->place;
}

/* Each of n things is kept with the same probability, and n need not be known (Vitter's algorithm R). Where; size: nowhere. */
static size_t reserve(size_t size, struct rng *rng, uint64_t number)
{
	uint64_t place = number < size ? number : rng_below(rng, number + 1);

	return place < size ? (size_t)place : size;
}

/* Cases that fail several rules, or were drawn as well, are run once. */
static size_t join(struct pick *list, size_t count)
{
	size_t unique = 0;

	qsort(list, count, sizeof(*list), by_id);
	for (size_t i = 0; i < count; i++) {
		if (!unique || strcmp(list[unique - 1].id, list[i].id) != 0)
			list[unique++] = list[i];
		else if (list[i].fails && !list[unique - 1].fails)
			list[unique - 1] = list[i];
	}
	return unique;
}

/* Failures that one case shows alone, and every time. */
static size_t draw_failures(const struct pick_request *request, struct pick *list, struct rng *rng)
{
	const struct statement *statement = request->statement;
	size_t seen = 0, place;

	for (size_t i = 0; i < statement->failure_count; i++) {
		const struct claimed_failure *failure = &statement->failures[i];

		if (failure->alone && (place = reserve(request->most, rng, seen++)) < request->most)
			list[place] = (struct pick){ .id = failure->case_id, .fails = failure->rule };
	}
	return join(list, seen < request->most ? seen : request->most);
}

static void locate(struct pick *failing, size_t count, const struct plan_case *plan_case, uint64_t place)
{
	const struct pick key = { .id = plan_case->id };
	struct pick *pick = bsearch(&key, failing, count, sizeof(key), by_id);

	if (!pick)
		return;
	pick->found = true;
	pick->place = place;
	pick->structure = plan_case->entry->is_structure ? plan_case->entry : NULL;
}

/* What grows while the plan is read. */
struct draw {
	struct pick *drawn, *structures;
	size_t structure_count;
	uint64_t calls, place;
};

static struct pick pick_of(struct arena *arena, const struct plan_case *plan_case, uint64_t place)
{
	return (struct pick){
		.id = arena_strdup(arena, plan_case->id),
		.structure = plan_case->entry->is_structure ? plan_case->entry : NULL,
		.place = place,
		.found = true,
	};
}

static void draw(struct arena *arena, const struct pick_request *request, const struct plan_case *plan_case, struct draw *draw,
		 struct rng *rng)
{
	size_t kept;

	if (plan_case->entry->is_structure)
		draw->structures[draw->structure_count++] = pick_of(arena, plan_case, draw->place);
	else if ((kept = reserve(request->most, rng, draw->calls++)) < request->most)
		draw->drawn[kept] = pick_of(arena, plan_case, draw->place);
}

static int check(const struct pick_request *request, const struct picks *picks, const struct pick *failing, size_t count,
		 struct err *err)
{
	const struct statement *statement = request->statement;
	uint64_t told = (uint64_t)statement->cases + (uint64_t)statement->left_out;

	for (size_t i = 0; i < count; i++)
		if (!failing[i].found)
			return err_set(err, EXIT_DEVIANT, "it names a case that this blob's plan does not have: %.200s",
				       failing[i].id);
	if (told != picks->planned && !strcmp(statement->assay, ASSAY_VERSION))
		return err_set(err, EXIT_DEVIANT,
			       "it tells of %llu cases, and what follows from this specification on this machine are %llu",
			       (unsigned long long)told, (unsigned long long)picks->planned);
	return 0;
}

/* One list of the three that lie in one array, with gaps between them. */
static void put_together(struct picks *picks, struct pick *drawn, size_t drawn_count, const struct draw *draw)
{
	memmove(picks->list + picks->count, drawn, drawn_count * sizeof(*drawn));
	picks->count += drawn_count;
	memmove(picks->list + picks->count, draw->structures, draw->structure_count * sizeof(*drawn));
	picks->count = join(picks->list, picks->count + draw->structure_count);
	qsort(picks->list, picks->count, sizeof(*picks->list), by_place);
	while (picks->calls < picks->count && !picks->list[picks->calls].structure)
		picks->calls++;
}

int pick_cases(struct arena *arena, const struct pick_request *request, struct plan *plan, struct picks *picks, struct err *err)
{
	struct rng rng = { request->seed };
	const struct plan_case *plan_case;
	struct draw state = { 0 };
	size_t failing, drawn;

	*picks = (struct picks){ .list = arena_new_array(arena, struct pick, 2 * request->most + request->spec->entry_count) };
	failing = draw_failures(request, picks->list, &rng);
	state.drawn = picks->list + request->most;
	state.structures = state.drawn + request->most;
	for (; (plan_case = plan_next(plan)); state.place++) {
		locate(picks->list, failing, plan_case, state.place);
		draw(arena, request, plan_case, &state, &rng);
	}
	/* where calls cannot be found, none are made */
	picks->planned = state.structure_count + (request->survey->unreachable ? 0 : state.calls);
	picks->count = failing;
	if (check(request, picks, picks->list, failing, err))
		return -1;
	drawn = request->survey->unreachable ? 0 : state.calls < request->most ? (size_t)state.calls : request->most;
	put_together(picks, state.drawn, drawn, &state);
	return 0;
}
