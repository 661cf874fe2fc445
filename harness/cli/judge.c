/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.c - `assay judge`: verdicts again from a recording, under the same specification or another one. */
#include <argp.h>
#include <stdio.h>

#include "cli/rundir.h"

static const char doc[] = "Judges the recording of a run again, without starting a guest."
			  "\vUse it after a specification was corrected: the observations stay, the verdicts follow the text.";

struct judge_request {
	const char *rundir, *spec, *format;
	bool verbose;
};

static const struct argp_option options[] = {
	{ "spec", 's', "DIR", 0, "Judge by this specification instead of the recorded one", 0 },
	{ "format", 'f', "FORMAT", 0, "text, json, junit, tap, markdown or html. Default: text", 0 },
	{ "verbose", 'v', 0, 0, "List the rules that pass, too", 0 },
	{ 0 },
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct judge_request *request = state->input;

	switch (key) {
	case 's':
		request->spec = word;
		return 0;
	case 'f':
		if (!report_find(word))
			argp_error(state, "--format: `%s` is none of text, json, junit, tap, markdown, html", word);
		request->format = word;
		return 0;
	case 'v':
		request->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "name one run directory");
		request->rundir = word;
		return 0;
	case ARGP_KEY_END:
		if (!request->rundir)
			argp_error(state, "name a run directory");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int judge_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "RUNDIR", doc, 0, 0, 0 };
	struct judge_request request = { .format = "text" };
	struct report_options look;
	struct old_run run;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	code = old_run_load(&run, request.rundir, request.spec);
	if (!code) {
		look = terminal_options(request.verbose);
		report_find(request.format)->run(run.matrix, stdout, &look);
		code = fflush(stdout) || ferror(stdout) ? EXIT_BROKEN : run.matrix->conformant ? EXIT_CONFORMANT : EXIT_DEVIANT;
	}
	old_run_free(&run);
	return code;
}
