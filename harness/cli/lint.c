/* SPDX-License-Identifier: BSD-2-Clause */
/* lint.c - `assay lint`: what is wrong with a specification, and how much of the document it covers. */
#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "prove/prove.h"
#include "spec/consumer.h"
#include "spec/lint.h"

static const char doc[] =
	"Checks specifications: every mistake of every file, as FILE:LINE:COLUMN, and what is proved of their rules: contradictions, calls "
	"that no rule speaks of, rules without effect. Then how many rules each chapter has."
	"\vSPEC is a specification's directory, a single file, a consumer's profile (spec/consumers), or a directory of these.\n\n"
	"Exit 0 when there is no error, 2 otherwise.";

struct lint_request {
	char **specs;
	int count;
	bool quiet, no_proofs;
};

static const struct argp_option options[] = {
	{ "quiet", 'q', 0, 0, "Findings only, no summary", 0 },
	{ "no-proofs", 'n', 0, 0, "Only what can be seen in the files: ask no solver what follows from the rules", 0 },
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
	case 'n':
		request->no_proofs = true;
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

/* Where what was proved is kept. False: nowhere. */
static bool cache_directory(char *out, size_t size)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int length = -1;

	if (cache && cache[0] == '/')
		length = snprintf(out, size, "%s/assay/proofs", cache);
	else if (home && home[0] == '/')
		length = snprintf(out, size, "%s/.cache/assay/proofs", home);
	return length > 0 && (size_t)length < size;
}

/* What follows from the rules, once they can be read. */
static int prove(const struct spec *spec, struct findings *findings, bool quiet, struct err *err)
{
	char cache[4096];
	const struct prove_options how = { .cache = cache_directory(cache, sizeof(cache)) ? cache : NULL };
	struct prove_summary summary;

	if (prove_spec(spec, &how, findings, &summary, err))
		return -1;
	findings_sort(findings);
	if (!quiet)
		fprintf(stderr, "%s: %zu entries, %zu of them not decided\n", spec->name, summary.entries, summary.undecided);
	return 0;
}

static int lint_one(const char *path, const struct lint_request *request)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(path, findings, &err);
	int code = spec ? 0 : EXIT_USAGE;

	if (spec && !request->no_proofs && prove(spec, findings, request->quiet, &err)) {
		complain(&err);
		code = EXIT_BROKEN;
	}
	lint_print(stdout, findings);
	if (!spec && !findings->count)
		complain(&err);
	if (spec && !request->quiet)
		lint_summary(stdout, spec);
	if (findings->errors && !code)
		code = EXIT_USAGE;
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

static int lint_profile(const char *path, const char *interface, const struct lint_request *request)
{
	arena_auto struct arena *arena = arena_new();
	struct spec *spec = spec_of_profile(arena, path, interface);
	struct findings *findings = findings_new();
	const struct consumer *consumer = spec ? consumer_load(spec, path, findings) : NULL;

	lint_print(stdout, findings);
	if (consumer && !request->quiet)
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

static int lint_file(const char *path, const struct lint_request *request)
{
	arena_auto struct arena *arena = arena_new();
	const char *interface = consumer_interface(arena, path);

	return interface ? lint_profile(path, interface, request) : lint_one(path, request);
}

static int is_visible(const struct dirent *name)
{
	return name->d_name[0] != '.';
}

static int lint_below(const char *path, const struct lint_request *request, bool deeper, int *found);

/* Specifications below a directory that is none itself, and profiles. */
static int lint_name(const char *path, const struct lint_request *request, bool deeper, int *found)
{
	arena_auto struct arena *arena = arena_new();
	const char *interface;

	if (is_directory(path)) {
		*found += is_spec(path);
		return is_spec(path) ? lint_one(path, request) : deeper ? lint_below(path, request, false, found) : 0;
	}
	interface = consumer_interface(arena, path);
	*found += interface != NULL;
	return interface ? lint_profile(path, interface, request) : 0;
}

static int lint_below(const char *path, const struct lint_request *request, bool deeper, int *found)
{
	arena_auto struct arena *arena = arena_new();
	struct dirent **names;
	int code = 0, count = scandir(path, &names, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		int one = lint_name(arena_printf(arena, "%s/%s", path, names[i]->d_name), request, deeper, found);

		code = one ? one : code;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return code;
}

static int lint_path(const char *path, const struct lint_request *request)
{
	int found = 0, code;

	if (!is_directory(path))
		return lint_file(path, request);
	if (is_spec(path))
		return lint_one(path, request);
	code = lint_below(path, request, true, &found);
	return found ? code : lint_one(path, request);
}

int lint_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "SPEC...", doc, 0, 0, 0 };
	struct lint_request request = { 0 };
	int code = 0;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	for (int i = 0; i < request.count; i++) {
		int one = lint_path(request.specs[i], &request);

		code = one ? one : code;
	}
	return code;
}
