/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/kept.h"

#include <stdlib.h>

#define STEPS_MAX 65536u /* some 30 MiB */

static size_t steps_of(const struct stretch *stretch)
{
	size_t steps = 0;

	for (size_t i = 0; i < stretch->count; i++)
		steps += stretch->cases[i]->step_count;
	return steps;
}

void kept_add(struct kept *kept, struct stretch *stretch)
{
	size_t steps;

	/* what was kept last is what is asked for next: cases come in the order of the plan */
	if (kept->count && kept->stretches[kept->count - 1] == stretch)
		return;
	steps = steps_of(stretch);
	if (kept->steps + steps > STEPS_MAX)
		return;
	kept->steps += steps;
	kept->stretches = xrealloc(kept->stretches, (kept->count + 1) * sizeof(struct stretch *));
	kept->stretches[kept->count++] = stretch;
	stretch->users++;
}

void kept_free(struct kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		stretch_release(kept->stretches[i]);
	free(kept->stretches);
	*kept = (struct kept){ 0 };
}
