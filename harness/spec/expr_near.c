/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_near.c - edit distance (Levenshtein 1966; neighbours that changed places count once), for hints.
 */
#include <string.h>

#include "spec/expr_near.h"

#define LENGTH 79

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][LENGTH + 1], i, j;

	for (j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= b_length; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

struct near near_to(const char *wanted)
{
	size_t length = strlen(wanted);
	struct near near = { wanted, 0, "" };

	if (length <= LENGTH)
		near.distance = length < 4 ? 2 : length < 10 ? 3 : 4;
	return near;
}

void near_offer(struct near *near, const char *name)
{
	size_t length = strlen(name), wanted_length = strlen(near->wanted);
	unsigned found;

	if (!near->distance || length > LENGTH || length + near->distance <= wanted_length || wanted_length + near->distance <= length)
		return;
	found = distance(near->wanted, wanted_length, name, length);
	/* A name of which nothing is left is no hint. */
	if (found >= near->distance || found >= wanted_length)
		return;
	near->distance = found;
	memcpy(near->best, name, length + 1);
}
