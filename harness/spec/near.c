/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/near.h"

#include <stddef.h>
#include <string.h>

#define LONGEST 63

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows are enough, the oldest one for swapped neighbours. */
unsigned near_distance(const char *a, const char *b)
{
	size_t a_length = strnlen(a, LONGEST), b_length = strnlen(b, LONGEST);
	unsigned rows[3][LONGEST + 1];

	for (unsigned column = 0; column <= b_length; column++)
		rows[0][column] = column;
	for (unsigned i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b_length; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

void near_consider(struct near *near, const char *candidate)
{
	size_t length = strlen(near->wanted);
	unsigned limit = length < 3 ? 1 : length < 6 ? 2 : 3, distance;

	if (near->off || length > strlen(candidate) + limit || strlen(candidate) > length + limit)
		return;
	distance = near_distance(near->wanted, candidate);
	if (distance > limit || (near->best && distance >= near->distance))
		return;
	near->best = candidate;
	near->distance = distance;
}

const char *near_hint(struct arena *arena, const struct near *near)
{
	return near->best ? arena_printf(arena, "; did you mean `%s`?", near->best) : "";
}
