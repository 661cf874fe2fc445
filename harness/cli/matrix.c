/* SPDX-License-Identifier: BSD-2-Clause */
/* matrix.c - `assay matrix`: several runs side by side. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/rundir.h"

static const char doc[] = "Puts runs side by side: one row per entry (or rule), one column per blob."
			  "\vThe runs are judged again from their recordings. Exit 0 when every blob is conformant, 1 otherwise.";

struct matrix_request {
	char **runs;
	int count;
	const char *format;
	bool rules, consumers;
};

static const struct argp_option options[] = {
	{ "format", 'f', "FORMAT", 0, "text, json, markdown or html. Default: text", 0 },
	{ "rules", 'r', 0, 0, "One row per rule", 0 },
	{ "consumers", 'c', 0, 0, "One row per kernel or driver of spec/consumers: would it run on these blobs, and why not", 0 },
	{ 0 },
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct matrix_request *request = state->input;
	const struct report_format *format;

	switch (key) {
	case 'f':
		format = report_find(word);
		if (!format || !format->compare)
			argp_error(state, "--format: `%s` is none of text, json, markdown, html", word);
		request->format = word;
		return 0;
	case 'c':
		request->consumers = true;
		return 0;
	case 'r':
		request->rules = true;
		return 0;
	case ARGP_KEY_ARGS:
		request->runs = state->argv + state->next;
		request->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name at least one run directory");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int compare(const struct matrix_request *request, struct old_run *runs)
{
	const struct matrix **matrices = xcalloc((size_t)request->count, sizeof(*matrices));
	struct report_options look = terminal_options(false);
	int code = 0;

	for (int i = 0; i < request->count && !code; i++) {
		code = old_run_load(&runs[i], request->runs[i], NULL);
		matrices[i] = runs[i].matrix;
	}
	if (!code) {
		look.rules = request->rules;
		look.consumers = request->consumers;
		report_find(request->format)->compare(matrices, (size_t)request->count, stdout, &look);
		if (fflush(stdout) || ferror(stdout))
			code = EXIT_BROKEN;
		for (int i = 0; i < request->count && !code; i++)
			code = matrices[i]->conformant ? EXIT_CONFORMANT : EXIT_DEVIANT;
	}
	free(matrices);
	return code;
}

int matrix_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "RUNDIR...", doc, 0, 0, 0 };
	struct matrix_request request = { .format = "text" };
	struct old_run *runs;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	runs = xcalloc((size_t)request.count, sizeof(*runs));
	code = compare(&request, runs);
	for (int i = 0; i < request.count; i++)
		old_run_free(&runs[i]);
	free(runs);
	return code;
}
