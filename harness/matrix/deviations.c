/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deviations.c - failures that are on record.
 *
 *     deviations:
 *       - rule: sbi.hsm.hart_start:unknown-hart      the rule that fails; its cases still run
 *         reason: one sentence
 *         link: https://...
 *         from: "1.0"                                versions of the blob, both ends included; either may be left out
 *         to: "1.2"
 *         expires: 2027-06-30                        from this day on it is a failure again
 *
 * A FAIL of such a rule becomes KNOWN; when nothing of it fails any more, it becomes CURED. CRASH, HANG and FLAKY stay what they are.
 */
#include "matrix/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/node.h"
#include "matrix/private.h"

static const char *const keys[] = { "rule", "reason", "link", "from", "to", "expires" };

/* Compares dotted version numbers part by part: 1.10 is newer than 1.9. */
static int compare_versions(const char *a, const char *b)
{
	while (*a || *b) {
		char *a_end, *b_end;
		unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a = *a_end ? a_end + 1 : a_end;
		b = *b_end ? b_end + 1 : b_end;
	}
	return 0;
}

static int mistake(const struct node *node, struct err *err, const char *what)
{
	return err_set(err, EXIT_USAGE, "%s:%u:%u: %s", node->where.file, node->where.line, node->where.column, what);
}

static int check_keys(const struct node *item, struct err *err)
{
	if (item->kind != NODE_MAPPING)
		return mistake(item, err, "expected a mapping with `rule` and `reason`");
	for (size_t i = 0; i < item->count; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			known |= !strcmp(item->keys[i]->text, keys[k]);
		if (!known)
			return mistake(item->keys[i], err, "unknown key; a deviation has rule, reason, link, from, to, expires");
		if (item->items[i]->kind != NODE_SCALAR)
			return mistake(item->items[i], err, "expected text");
	}
	if (!node_get(item, "rule") || !node_get(item, "reason"))
		return mistake(item, err, "a deviation needs `rule` and `reason`");
	return 0;
}

static bool applies(const struct node *item, const char *blob_version, const char *today)
{
	const struct node *from = node_get(item, "from"), *to = node_get(item, "to"), *expires = node_get(item, "expires");

	if (from && compare_versions(blob_version, from->text) < 0)
		return false;
	if (to && compare_versions(blob_version, to->text) > 0)
		return false;
	return !expires || strcmp(today, expires->text) < 0; /* ISO dates sort as text */
}

static void excuse(struct rule_row *row)
{
	uint64_t *counts = row->cell.counts;

	if (counts[VERDICT_FLAKY])
		return;
	if (counts[VERDICT_FAIL]) {
		counts[VERDICT_KNOWN] += counts[VERDICT_FAIL];
		counts[VERDICT_FAIL] = 0;
	} else if (counts[VERDICT_PASS] && !counts[VERDICT_KNOWN]) { /* another row may have excused it */
		counts[VERDICT_CURED] += counts[VERDICT_PASS];
		counts[VERDICT_PASS] = 0;
	}
	for (size_t i = 0; i < row->example_count; i++)
		if (row->examples[i].verdict == VERDICT_FAIL)
			row->examples[i].verdict = VERDICT_KNOWN;
}

int matrix_deviations(struct matrix *matrix, const char *path, const char *today, struct err *err)
{
	const struct node *root = node_load(matrix->arena, path, &node_limits_default, err);
	const struct node *list = root ? node_get(root, "deviations") : NULL;

	if (!root)
		return -1;
	matrix_attribute(matrix);
	if (!list || list->kind != NODE_SEQUENCE)
		return mistake(root, err, "expected `deviations:` with a list");
	for (size_t i = 0; i < list->count; i++) {
		const struct node *item = list->items[i];
		struct rule_row *row;

		if (check_keys(item, err))
			return -1;
		if (!applies(item, matrix->head->blob_version, today))
			continue;
		row = matrix_find_rule(matrix, node_get(item, "rule")->text);
		if (!row)
			return mistake(node_get(item, "rule"), err, "the specification has no rule of this name");
		row->deviation = node_get(item, "reason")->text;
		excuse(row);
	}
	return 0;
}
