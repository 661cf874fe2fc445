/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.c - `assay judge`: verdicts again from a recording, under the same specification or another one. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/rundir.h"
#include "judge/perturb.h"

static const char doc[] =
	"Judges the recording of a run again, without starting a guest."
	"\vUse it after a specification was corrected: the observations stay, the verdicts follow the text.\n\n"
	"With --perturb the rules that passed are tried instead: what was seen is changed in every way in which a broken "
	"firmware could change it, until the rule fails. One that nothing fails has checked nothing; exit 1 if there is one.";

struct judge_request {
	const char *rundir, *spec, *format;
	bool verbose, perturb;
};

static const struct argp_option options[] = {
	{ "spec", 's', "DIR", 0, "Judge by this specification instead of the recorded one", 0 },
	{ "format", 'f', "FORMAT", 0, "text, json, junit, tap, markdown or html. Default: text", 0 },
	{ "perturb", 'p', 0, 0, "Could the rules that passed have failed? Lists those that could not", 0 },
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
	case 'p':
		request->perturb = true;
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

struct tried {
	bool verbose;
	size_t rules, idle;
};

static void tell(void *context, const struct perturbed *perturbed)
{
	struct tried *tried = context;

	tried->rules++;
	tried->idle += !perturbed->failed_by;
	if (!perturbed->failed_by)
		printf("%s: passed %" PRIu64 " times, and nothing could have failed it\n", perturbed->rule_id, perturbed->passed);
	else if (tried->verbose)
		printf("%s: failed by %s\n", perturbed->rule_id, perturbed->failed_by);
}

/* The recording from its beginning: what was changed in one call must not be seen in the next. */
static int perturb_all(const struct old_run *run, struct perturb *perturb, struct err *err)
{
	struct journal_reader *reader = journal_open(rundir_file(run->arena, run->rundir, "journal"), err);
	const struct recorded_case *recorded;
	int more = -1;

	while (reader && (more = journal_next(reader, &recorded, err)) > 0)
		perturb_case(perturb, recorded);
	journal_free(reader);
	return more;
}

static int perturb_run(const struct old_run *run, bool verbose)
{
	const struct judge_config config = { .spec = run->spec, .head = journal_head(run->reader) };
	struct tried tried = { .verbose = verbose };
	struct err err = { 0 };
	struct perturb *perturb = perturb_new(&config, &err);

	if (!perturb || perturb_all(run, perturb, &err)) {
		perturb_free(perturb);
		return complain(&err);
	}
	perturb_each(perturb, tell, &tried);
	perturb_free(perturb);
	printf("%zu rules passed, %zu of them could not have failed\n", tried.rules, tried.idle);
	return tried.idle ? EXIT_DEVIANT : EXIT_CONFORMANT;
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
	if (!code && request.perturb) {
		code = perturb_run(&run, request.verbose);
	} else if (!code) {
		look = terminal_options(request.verbose);
		report_find(request.format)->run(run.matrix, stdout, &look);
		code = fflush(stdout) || ferror(stdout) ? EXIT_BROKEN : run.matrix->conformant ? EXIT_CONFORMANT : EXIT_DEVIANT;
	}
	old_run_free(&run);
	return code;
}
