/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_combine.c - covering arrays cover.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "plan/internal.h"

#define COLUMNS 5

static const unsigned sizes[COLUMNS] = { 4, 7, 2, 6, 3 };

static bool has_pair(const uint16_t *rows, size_t count, unsigned a, unsigned x, unsigned b, unsigned y)
{
	for (size_t r = 0; r < count; r++)
		if (rows[r * COLUMNS + a] == x && rows[r * COLUMNS + b] == y)
			return true;
	return false;
}

static void every_pair_of_values_is_in_some_row(void **state)
{
	arena_auto struct arena *arena = arena_new();
	uint16_t *rows;
	size_t count = combine(arena, sizes, COLUMNS, 2, 10000, &rows);

	(void)state;
	for (unsigned a = 0; a < COLUMNS; a++)
		for (unsigned b = a + 1; b < COLUMNS; b++)
			for (unsigned x = 0; x < sizes[a]; x++)
				for (unsigned y = 0; y < sizes[b]; y++)
					assert_true(has_pair(rows, count, a, x, b, y));
	assert_in_range(count, 42, 60); /* 7 * 6 are needed, and not many more are made */
}

static void every_triple_of_values_is_in_some_row(void **state)
{
	arena_auto struct arena *arena = arena_new();
	unsigned char seen[7][6][3] = { 0 };
	uint16_t *rows;
	size_t count = combine(arena, sizes, COLUMNS, 3, 10000, &rows);

	(void)state;
	for (size_t r = 0; r < count; r++)
		seen[rows[r * COLUMNS + 1]][rows[r * COLUMNS + 3]][rows[r * COLUMNS + 4]] = 1;
	assert_null(memchr(seen, 0, sizeof(seen)));
	assert_in_range(count, 168, 260);
}

static void fewer_columns_than_the_strength_give_all_combinations(void **state)
{
	arena_auto struct arena *arena = arena_new();
	uint16_t *rows;

	(void)state;
	assert_int_equal(combine(arena, sizes, 2, 3, 10000, &rows), 28);
}

static void a_cap_keeps_the_first_rows(void **state)
{
	arena_auto struct arena *arena = arena_new();
	uint16_t *all, *some;

	(void)state;
	combine(arena, sizes, COLUMNS, 2, 10000, &all);
	assert_int_equal(combine(arena, sizes, COLUMNS, 2, 9, &some), 9);
	assert_memory_equal(all, some, 9 * COLUMNS * sizeof(*all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_values_is_in_some_row),
		cmocka_unit_test(every_triple_of_values_is_in_some_row),
		cmocka_unit_test(fewer_columns_than_the_strength_give_all_combinations),
		cmocka_unit_test(a_cap_keeps_the_first_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
