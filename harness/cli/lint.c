/* SPDX-License-Identifier: BSD-2-Clause */
/* lint.c - `assay lint`: what is wrong with a specification, and how much of the document it covers. */
#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "spec/consumer.h"
#include "spec/lint.h"

static const char doc[] =
	"Checks specifications: every mistake of every file, as FILE:LINE:COLUMN, then how many rules each chapter has."
	"\vSPEC is a specification's directory, a single file, a consumer's profile (spec/consumers), or a directory of these.\n\n"
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

/* ---- profiles of consumers ---- */

/* A profile is checked against the interface it names, which lies beside the profiles' directory. */
static struct spec *spec_of_profile(struct arena *arena, const char *path, const char *interface)
{
	const char *slash = strrchr(path, '/');
	const char *above = arena_printf(arena, "%.*s..", slash ? (int)(slash - path + 1) : 0, path);
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(arena_printf(arena, "%s/%s", above, interface), findings, &err);

	if (!spec)
		printf("%s:1:1: error: the interface `%s` of this profile has no sound specification in %s/%s [unknown-name]\n",
		       path, interface, above, interface);
	findings_free(findings);
	return spec;
}

static int lint_profile(const char *path, const char *interface, bool quiet)
{
	arena_auto struct arena *arena = arena_new();
	struct spec *spec = spec_of_profile(arena, path, interface);
	struct findings *findings = findings_new();
	const struct consumer *consumer = spec ? consumer_load(spec, path, findings) : NULL;

	lint_print(stdout, findings);
	if (consumer && !quiet)
		printf("%-28s %3zu needs  %3zu calls used  %s\n", consumer->name, consumer->need_count, consumer->use_count,
		       consumer->title);
	findings_free(findings);
	spec_free(spec);
	return consumer ? 0 : EXIT_USAGE;
}

/* ---- paths ---- */

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static bool is_spec(const char *path)
{
	arena_auto struct arena *arena = arena_new();
	struct stat status;

	return !stat(arena_printf(arena, "%s/interface.yaml", path), &status);
}

static int lint_file(const char *path, bool quiet)
{
	arena_auto struct arena *arena = arena_new();
	const char *interface = consumer_interface(arena, path);

	return interface ? lint_profile(path, interface, quiet) : lint_one(path, quiet);
}

static int is_visible(const struct dirent *name)
{
	return name->d_name[0] != '.';
}

static int lint_below(const char *path, bool quiet, bool deeper, int *found);

/* Specifications below a directory that is none itself, and profiles. */
static int lint_name(const char *path, bool quiet, bool deeper, int *found)
{
	arena_auto struct arena *arena = arena_new();
	const char *interface;

	if (is_directory(path)) {
		*found += is_spec(path);
		return is_spec(path) ? lint_one(path, quiet) : deeper ? lint_below(path, quiet, false, found) : 0;
	}
	interface = consumer_interface(arena, path);
	*found += interface != NULL;
	return interface ? lint_profile(path, interface, quiet) : 0;
}

static int lint_below(const char *path, bool quiet, bool deeper, int *found)
{
	arena_auto struct arena *arena = arena_new();
	struct dirent **names;
	int code = 0, count = scandir(path, &names, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		int one = lint_name(arena_printf(arena, "%s/%s", path, names[i]->d_name), quiet, deeper, found);

		code = one ? one : code;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return code;
}

static int lint_path(const char *path, bool quiet)
{
	int found = 0, code;

	if (!is_directory(path))
		return lint_file(path, quiet);
	if (is_spec(path))
		return lint_one(path, quiet);
	code = lint_below(path, quiet, true, &found);
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
