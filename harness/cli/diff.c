/* SPDX-License-Identifier: BSD-2-Clause */
/* diff.c - `assay diff`, and the gate of `assay run --baseline`. */
#include "cli/diff.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/rundir.h"

static const char doc[] = "Compares two runs rule by rule: regressions, cures, new and gone rules."
			  "\vBoth are judged again from their recordings. Exit 1 when a rule is worse in the second run.";

static const char *const change_words[CHANGE_COUNT] = {
	[CHANGE_REGRESSION] = "regression", [CHANGE_CURE] = "cure", [CHANGE_NEW] = "new", [CHANGE_GONE] = "gone",
	[CHANGE_OTHER] = "changed",
};

static bool failing(enum verdict verdict)
{
	return verdict_is_failure(verdict);
}

/* A rule that failed and fails differently (FLAKY to FAIL, FAIL to HANG) got worse too; the other way round it is not cured. */
static enum change classify(enum verdict old, enum verdict new)
{
	if (failing(new) && new > old)
		return CHANGE_REGRESSION;
	if (failing(old) && !failing(new))
		return CHANGE_CURE;
	return CHANGE_OTHER;
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(const struct rule_row *const *)a)->id, (*(const struct rule_row *const *)b)->id);
}

struct rows {
	size_t count;
	const struct rule_row **list;
};

static struct rows sorted_rows(const struct matrix *matrix)
{
	struct rows rows = { 0 };

	for (size_t i = 0; i < matrix->entry_count; i++)
		rows.count += matrix->entries[i].rule_count;
	rows.list = xcalloc(rows.count + 1, sizeof(*rows.list));
	rows.count = 0;
	for (size_t i = 0; i < matrix->entry_count; i++)
		for (size_t j = 0; j < matrix->entries[i].rule_count; j++)
			rows.list[rows.count++] = &matrix->entries[i].rules[j];
	qsort(rows.list, rows.count, sizeof(*rows.list), by_id);
	return rows;
}

static void print_change(FILE *out, enum change change, const char *id, const char *old, const char *new)
{
	fprintf(out, "%-10s  %-60s  %s -> %s\n", change_words[change], id, old, new);
}

struct change_counts diff_print(FILE *out, const struct matrix *old, const struct matrix *new)
{
	struct rows a = sorted_rows(old), b = sorted_rows(new);
	struct change_counts counts = { 0 };
	size_t i = 0, j = 0;

	for (;;) {
		const struct rule_row *x = i < a.count ? a.list[i] : NULL, *y = j < b.count ? b.list[j] : NULL;

		if (!x && !y)
			break;

		int order = !x ? 1 : !y ? -1 : strcmp(x->id, y->id);
		enum verdict was = x && order <= 0 ? x->cell.verdict : VERDICT_SKIP;
		enum verdict is = y && order >= 0 ? y->cell.verdict : VERDICT_SKIP;
		enum change change = order ? (order < 0	    ? CHANGE_GONE
					      : failing(is) ? CHANGE_REGRESSION
							    : CHANGE_NEW)
					   : classify(was, is);

		if (order || was != is) {
			print_change(out, change, order <= 0 ? x->id : y->id, order > 0 ? "-" : verdict_names[was],
				     order < 0 ? "-" : verdict_names[is]);
			counts.count[change]++;
		}
		i += order <= 0;
		j += order >= 0;
	}
	free(a.list);
	free(b.list);
	return counts;
}

static int conclude(FILE *out, const struct change_counts *counts)
{
	fprintf(out, "%zu regressions, %zu cures, %zu new, %zu gone, %zu otherwise changed\n", counts->count[CHANGE_REGRESSION],
		counts->count[CHANGE_CURE], counts->count[CHANGE_NEW], counts->count[CHANGE_GONE], counts->count[CHANGE_OTHER]);
	return counts->count[CHANGE_REGRESSION] ? EXIT_DEVIANT : EXIT_CONFORMANT;
}

int diff_against(const char *rundir, const struct matrix *new)
{
	struct old_run old;
	struct change_counts counts;
	int code = old_run_load(&old, rundir, NULL);

	if (!code) {
		fprintf(stderr, "against %s:\n", rundir);
		counts = diff_print(stderr, old.matrix, new);
		code = conclude(stderr, &counts);
	}
	old_run_free(&old);
	return code;
}

struct diff_request {
	const char *runs[2];
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct diff_request *request = state->input;

	if (key == ARGP_KEY_ARG && state->arg_num < 2) {
		request->runs[state->arg_num] = word;
		return 0;
	}
	if (key == ARGP_KEY_ARG || (key == ARGP_KEY_END && state->arg_num < 2))
		argp_error(state, "name two run directories");
	return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

int diff_main(int argc, char **argv)
{
	static const struct argp argp = { 0, parse, "RUNDIR_A RUNDIR_B", doc, 0, 0, 0 };
	struct diff_request request = { 0 };
	struct old_run a = { 0 }, b = { 0 };
	struct change_counts counts;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	code = old_run_load(&a, request.runs[0], NULL);
	if (!code)
		code = old_run_load(&b, request.runs[1], NULL);
	if (!code) {
		counts = diff_print(stdout, a.matrix, b.matrix);
		code = conclude(stdout, &counts);
	}
	old_run_free(&a);
	old_run_free(&b);
	return code;
}
