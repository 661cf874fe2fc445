/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/unit.h"

#include <stdlib.h>

static void add_case(struct stretch *stretch, struct asked_case *asked)
{
	if (stretch->count == stretch->room) {
		stretch->room = stretch->room ? 2 * stretch->room : 64;
		stretch->cases = xrealloc(stretch->cases, stretch->room * sizeof(*stretch->cases));
	}
	stretch->cases[stretch->count++] = asked;
}

struct stretch *stretch_new(const struct codec *codec, struct case_source source, size_t steps, size_t cases)
{
	struct stretch *stretch = xcalloc(1, sizeof(*stretch));
	bool last = false;

	stretch->arena = arena_new();
	while (!last && stretch->count < cases && stretch->steps + CASE_STEPS <= steps) {
		const struct plan_case *plan_case = source.next(source.context);

		if (!plan_case)
			break;
		add_case(stretch, asked_new(stretch->arena, codec, plan_case));
		stretch->steps += plan_case->step_count;
		last = plan_case->ends_guest;
	}
	if (stretch->count)
		return stretch;
	arena_free(stretch->arena);
	free(stretch);
	return NULL;
}

struct unit *unit_new(struct stretch *stretch, size_t first, size_t count, uint32_t attempt)
{
	struct unit *unit = xcalloc(1, sizeof(*unit));

	*unit = (struct unit){ .stretch = stretch, .first = first, .count = count, .attempt = attempt };
	if (stretch)
		stretch->users++;
	return unit;
}

void stretch_free(struct stretch *stretch)
{
	arena_free(stretch->arena);
	free(stretch->cases);
	free(stretch);
}

void stretch_release(struct stretch *stretch)
{
	if (!--stretch->users)
		stretch_free(stretch);
}

void unit_free(struct unit *unit)
{
	struct stretch *stretch = unit->stretch;

	free(unit);
	if (stretch)
		stretch_release(stretch);
}
