/* SPDX-License-Identifier: BSD-2-Clause */
/* fold.c - cells into rows, rows into the one answer. */
#include "matrix/matrix.h"

#include "matrix/private.h"

/* The worst verdict that was counted; UNTESTED when nothing was. */
static enum verdict worst(const uint64_t counts[VERDICT_COUNT])
{
	for (int verdict = VERDICT_COUNT - 1; verdict >= 0; verdict--)
		if (counts[verdict])
			return (enum verdict)verdict;
	return VERDICT_UNTESTED;
}

static void fold_rule(struct matrix *matrix, const struct entry_row *entry, struct rule_row *row)
{
	row->cell.verdict = worst(row->cell.counts);
	/* a permission or a silence that no case met asks for nothing; neither does a universal rule with nothing to guard */
	if (row->cell.verdict == VERDICT_UNTESTED && (entry->skipped || !row->mandatory))
		row->cell.verdict = VERDICT_SKIP;
	if (entry->skipped)
		row->mandatory = false;
	matrix->mandatory += row->mandatory;
	matrix->tested += row->mandatory && row->cell.verdict != VERDICT_UNTESTED && row->cell.verdict != VERDICT_BROKEN;
	matrix->summary[row->cell.verdict]++;
}

static bool only_skipped(const struct entry_row *entry)
{
	uint64_t skipped = 0, judged = 0;

	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct cell *cell = &entry->rules[i].cell;

		skipped += cell->counts[VERDICT_SKIP];
		for (int verdict = VERDICT_PASS; verdict < VERDICT_COUNT; verdict++)
			if (entry->rules[i].rule)
				judged += cell->counts[verdict];
	}
	return skipped && !judged;
}

static void fold_entry(struct matrix *matrix, struct entry_row *entry)
{
	entry->skipped |= only_skipped(entry);
	for (size_t i = 0; i < entry->rule_count; i++) {
		struct rule_row *row = &entry->rules[i];

		fold_rule(matrix, entry, row);
		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
			entry->cell.counts[verdict] += row->cell.counts[verdict];
		entry->cell.counts[VERDICT_UNTESTED] += row->cell.verdict == VERDICT_UNTESTED;
	}
	entry->cell.verdict =
		entry->skipped && !verdict_is_failure(worst(entry->cell.counts)) ? VERDICT_SKIP : worst(entry->cell.counts);
}

/* What speaks against the blob, or against us; NULL: nothing. */
static const char *objection(struct matrix *matrix)
{
	size_t failures = matrix->summary[VERDICT_FAIL] + matrix->summary[VERDICT_CRASH] + matrix->summary[VERDICT_HANG];
	size_t flaky = matrix->summary[VERDICT_FLAKY];

	if (failures && flaky)
		return arena_printf(matrix->arena, "%zu rule%s failed, and %zu %s flaky", failures, failures == 1 ? "" : "s",
				    flaky, flaky == 1 ? "is" : "are");
	if (failures)
		return arena_printf(matrix->arena, "%zu rule%s failed", failures, failures == 1 ? "" : "s");
	if (flaky)
		return arena_printf(matrix->arena, "%zu rule%s flaky: failed, and not every time", flaky,
				    flaky == 1 ? " is" : "s are");
	if (matrix->summary[VERDICT_BROKEN])
		return arena_printf(matrix->arena, "%zu rules could not be judged: the harness failed",
				    (size_t)matrix->summary[VERDICT_BROKEN]);
	if (matrix->audit.known && matrix->audit.mismatches)
		return arena_printf(matrix->arena, "%llu records are not what the machine emulator saw",
				    (unsigned long long)matrix->audit.mismatches);
	if (matrix->summary[VERDICT_KNOWN])
		return arena_printf(matrix->arena, "%zu rules fail as is on record (known deviations)",
				    (size_t)matrix->summary[VERDICT_KNOWN]);
	return NULL;
}

/* What was not looked at; NULL: nothing. */
static const char *gap(struct matrix *matrix)
{
	if (matrix->partial)
		return arena_printf(matrix->arena, "only a part was run (%s), and nothing of it failed", matrix->partial);
	if (matrix->tested < matrix->mandatory)
		return arena_printf(matrix->arena, "%zu of %zu mandatory rules were not tested",
				    matrix->mandatory - matrix->tested, matrix->mandatory);
	return matrix->mandatory ? NULL : "no mandatory rule applies";
}

void matrix_fold(struct matrix *matrix)
{
	matrix_attribute(matrix);
	for (size_t i = 0; i < matrix->entry_count; i++)
		fold_entry(matrix, &matrix->entries[i]);
	matrix->why_not = objection(matrix);
	matrix->undecided = !matrix->why_not && matrix->partial;
	if (!matrix->why_not)
		matrix->why_not = gap(matrix);
	matrix->conformant = !matrix->why_not;
}
