/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * combine.c - covering arrays: few rows that hold every pair (or triple) of values.
 *
 * Greedy, one row at a time: begin with the first combination that is not covered yet, then give every other column the value
 * that covers most. Not minimal, but deterministic, and the first rows are the most useful ones.
 */
#include "plan/internal.h"

#define STRENGTH_MAX 3

struct subset {
	unsigned column[STRENGTH_MAX];
	size_t base; /* of its combinations in `covered` */
};

struct cover {
	const unsigned *sizes;
	unsigned columns, strength;
	size_t subset_count, combinations, uncovered, cursor;
	struct subset *subsets;
	unsigned char *covered;
};

static void add_subset(struct cover *cover, const unsigned *column)
{
	struct subset *subset = &cover->subsets[cover->subset_count++];
	size_t product = 1;

	for (unsigned i = 0; i < cover->strength; i++) {
		subset->column[i] = column[i];
		product *= cover->sizes[column[i]];
	}
	subset->base = cover->combinations;
	cover->combinations += product;
}

static void all_subsets(struct cover *cover, unsigned *column, unsigned chosen, unsigned from)
{
	if (chosen == cover->strength) {
		add_subset(cover, column);
		return;
	}
	for (unsigned c = from; c < cover->columns; c++) {
		column[chosen] = c;
		all_subsets(cover, column, chosen + 1, c + 1);
	}
}

/* Where the row's combination of these columns is noted; columns that are not set yet (all ones): SIZE_MAX. */
static size_t place_of(const struct cover *cover, const struct subset *subset, const uint16_t *row)
{
	size_t place = 0;

	for (unsigned i = 0; i < cover->strength; i++) {
		if (row[subset->column[i]] == UINT16_MAX)
			return SIZE_MAX;
		place = place * cover->sizes[subset->column[i]] + row[subset->column[i]];
	}
	return subset->base + place;
}

static bool has_column(const struct cover *cover, const struct subset *subset, unsigned column)
{
	for (unsigned i = 0; i < cover->strength; i++)
		if (subset->column[i] == column)
			return true;
	return false;
}

static unsigned gain(const struct cover *cover, const uint16_t *row, unsigned column)
{
	unsigned count = 0;

	for (size_t s = 0; s < cover->subset_count; s++) {
		size_t place;

		if (!has_column(cover, &cover->subsets[s], column))
			continue;
		place = place_of(cover, &cover->subsets[s], row);
		count += place != SIZE_MAX && !cover->covered[place];
	}
	return count;
}

static void begin_row(struct cover *cover, uint16_t *row)
{
	const struct subset *subset = cover->subsets;
	size_t place;

	for (unsigned c = 0; c < cover->columns; c++)
		row[c] = UINT16_MAX;
	while (cover->covered[cover->cursor])
		cover->cursor++;
	while (subset + 1 < cover->subsets + cover->subset_count && subset[1].base <= cover->cursor)
		subset++;
	place = cover->cursor - subset->base;
	for (unsigned i = cover->strength; i-- > 0;) {
		row[subset->column[i]] = (uint16_t)(place % cover->sizes[subset->column[i]]);
		place /= cover->sizes[subset->column[i]];
	}
}

/* Ties go to the next value in turn, so that values that cover nothing new are still spread. */
static void fill_column(const struct cover *cover, uint16_t *row, unsigned column, size_t turn)
{
	unsigned best = 0, best_gain = 0, size = cover->sizes[column];

	for (unsigned i = 0; i < size; i++) {
		unsigned value = (unsigned)((turn + i) % size), won;

		row[column] = (uint16_t)value;
		won = gain(cover, row, column);
		if (i == 0 || won > best_gain) {
			best = value;
			best_gain = won;
		}
	}
	row[column] = (uint16_t)best;
}

static void mark_row(struct cover *cover, const uint16_t *row)
{
	for (size_t s = 0; s < cover->subset_count; s++) {
		size_t place = place_of(cover, &cover->subsets[s], row);

		cover->uncovered -= !cover->covered[place];
		cover->covered[place] = 1;
	}
}

size_t combine(struct arena *arena, const unsigned *sizes, unsigned columns, unsigned strength, size_t cap, uint16_t **rows)
{
	struct cover cover = { .sizes = sizes, .columns = columns };
	unsigned column[STRENGTH_MAX];
	size_t count = 0;

	cover.strength = strength < columns ? strength : columns;
	cover.subsets = arena_new_array(arena, struct subset, 220); /* 12 columns, 3 at a time */
	all_subsets(&cover, column, 0, 0);
	cover.uncovered = cover.combinations;
	cover.covered = arena_alloc(arena, cover.combinations);
	*rows = arena_new_array(arena, uint16_t, (cap < cover.combinations ? cap : cover.combinations) * columns);
	for (; count < cap && cover.uncovered; count++) {
		uint16_t *row = *rows + count * columns;

		begin_row(&cover, row);
		for (unsigned c = 0; c < columns; c++)
			if (row[c] == UINT16_MAX)
				fill_column(&cover, row, c, count);
		mark_row(&cover, row);
	}
	return count;
}
