/* SPDX-License-Identifier: BSD-2-Clause */
/* lint.c - `assay lint`: what is wrong with a specification, and how much of the document it covers. */
#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "spec/lint.h"

static const char doc[] =
	"Checks specifications: every mistake of every file, as FILE:LINE:COLUMN, then how many rules each chapter has."
	"\vSPEC is a specification's directory, a single file, or a directory of specifications.\n\n"
	"Exit 0 when there is no error, 2 otherwise.";

struct lint_request {
	char **specs;
	int count;
	bool quiet;
};

static const struct argp_option options[] = {
	{ "quiet", 'q', 0, 0, "Findings only, no summary", 0 },
	{ 0 },
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct lint_request *request = state->input;

	(void)word;
	switch (key) {
	case 'q':
		request->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		request->specs = state->argv + state->next;
		request->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name at least one specification, as `assay lint spec/sbi`");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int lint_one(const char *path, bool quiet)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(path, findings, &err);
	int code = spec ? 0 : EXIT_USAGE;

	lint_print(stdout, findings);
	if (!spec && !findings->count)
		complain(&err);
	if (spec && !quiet)
		lint_summary(stdout, spec);
	findings_free(findings);
	spec_free(spec);
	return code;
}

static bool is_spec(const char *path)
{
	char file[4096];
	struct stat status;

	snprintf(file, sizeof(file), "%s/interface.yaml", path);
	return stat(path, &status) || !S_ISDIR(status.st_mode) || !stat(file, &status);
}

/* A directory that is no specification itself is looked through for those that are. */
static int lint_path(const char *path, bool quiet)
{
	struct dirent **names;
	int code = 0, found = 0, count = is_spec(path) ? -1 : scandir(path, &names, NULL, alphasort);

	if (count < 0)
		return lint_one(path, quiet);
	for (int i = 0; i < count; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && names[i]->d_type == DT_DIR && is_spec(below)) {
			int one = lint_one(below, quiet);

			code = one ? one : code;
			found++;
		}
		free(names[i]);
	}
	free(names);
	return found ? code : lint_one(path, quiet);
}

int lint_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "SPEC...", doc, 0, 0, 0 };
	struct lint_request request = { 0 };
	int code = 0;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	for (int i = 0; i < request.count; i++) {
		int one = lint_path(request.specs[i], request.quiet);

		code = one ? one : code;
	}
	return code;
}
