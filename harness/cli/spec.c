/* SPDX-License-Identifier: BSD-2-Clause */
/* spec.c - `assay spec diff`: what became of an interface. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changes.h"
#include "cli/cli.h"
#include "compare/search.h"

static const char doc[] =
	"Compares two specifications, or two versions of one, by what they demand, not by their text. Every change is breaking, "
	"compatible or a clarification: for callers, who are let down where something may happen now that could not before, and for "
	"implementers, who are let down where something may no longer happen."
	"\vOLD and NEW are SPEC or SPEC@VERSION; without a version the newest is meant, and @VERSION alone is the same SPEC again:\n\n"
	"  assay spec diff spec/sbi@2.0 @3.0\n"
	"  assay spec diff published/sbi spec/sbi\n"
	"  assay spec diff --for callers spec/sbi@1.0 spec/sbi@3.0\n\n"
	"Where rules came, went or changed, the calls that a plan would make are tried, each with many answers: a witness is a call and "
	"an answer to it that one side allows and the other does not. Where none is found the change is a clarification as far as was "
	"seen; where the rule could not be broken at all, it is taken for breaking.\n\n"
	"Exit 1 when something breaks, 0 when nothing does.";

static const struct argp_option options[] = {
	{ "for", 'p', "callers|implementers", 0, "Only what concerns these; it also decides the exit code. Default: both", 0 },
	{ "format", 'f', "FORMAT", 0, "text or json. Default: text", 0 },
	{ "verbose", 'v', 0, 0, "Clarifications, too (json always has them)", 0 },
	{ 0 },
};

struct diff_request {
	const char *words[2];
	unsigned parties; /* a bit each */
	bool json, verbose;
};

static unsigned party_of(struct argp_state *state, const char *word)
{
	for (unsigned party = 0; party < PARTY_COUNT; party++)
		if (!strcmp(word, party_names[party]))
			return 1u << party;
	argp_error(state, "--for: `%s` is neither callers nor implementers", word);
	return 0;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct diff_request *request = state->input;

	switch (key) {
	case 'p':
		request->parties = party_of(state, word);
		return 0;
	case 'f':
		request->json = !strcmp(word, "json");
		if (!request->json && strcmp(word, "text"))
			argp_error(state, "--format: `%s` is none of text, json", word);
		return 0;
	case 'v':
		request->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "name two specifications, as `spec/sbi@2.0 spec/sbi@3.0`");
		request->words[state->arg_num] = word;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "name two specifications, as `spec/sbi@2.0 spec/sbi@3.0`");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- SPEC@VERSION ---- */

struct named_side {
	char *path, *version; /* version NULL: the newest */
	struct spec *spec;
};

/* A directory may have an @ in its name. */
static void split(struct named_side *named, const char *word, const char *path_before)
{
	const char *at = access(word, F_OK) ? strrchr(word, '@') : NULL;

	named->version = at ? xstrdup(at + 1) : NULL;
	named->path = at == word && path_before ? xstrdup(path_before) : xstrdup(word);
	if (at && at != word)
		named->path[at - word] = '\0';
}

static int no_such_version(const struct named_side *named)
{
	fprintf(stderr, "assay: %s has no version `%s`; it has", named->path, named->version);
	for (size_t i = 0; i < named->spec->version_count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", named->spec->versions[i]);
	fputs(named->spec->version_count ? "\n" : " none\n", stderr);
	return EXIT_USAGE;
}

static int open_side(struct named_side *named, struct side *side)
{
	named->spec = load_spec(named->path);
	if (!named->spec)
		return EXIT_USAGE;
	*side = (struct side){ named->spec, (int)named->spec->version_count - 1 };
	for (size_t i = 0; named->version && i < named->spec->version_count; i++)
		if (!strcmp(named->spec->versions[i], named->version))
			return side->version = (int)i, 0;
	return named->version ? no_such_version(named) : 0;
}

static void close_side(struct named_side *named)
{
	spec_free(named->spec);
	free(named->path);
	free(named->version);
}

static int print(const struct diff_request *request, const struct side *old, const struct side *new)
{
	struct search *search = search_new();
	struct witness_finder finder = search_finder(search);
	struct comparison *comparison = compare_specs(old, new, &finder);
	struct report_options look = terminal_options(request->verbose);
	int code = EXIT_CONFORMANT;

	(request->json ? changes_json : changes_text)(comparison, request->parties, stdout, &look);
	for (unsigned party = 0; party < PARTY_COUNT; party++)
		if (request->parties >> party & 1 && comparison->breaking[party])
			code = EXIT_DEVIANT;
	if (fflush(stdout) || ferror(stdout))
		code = EXIT_BROKEN;
	comparison_free(comparison);
	search_free(search);
	return code;
}

static int diff(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "OLD NEW", doc, 0, 0, 0 };
	struct diff_request request = { .parties = (1u << PARTY_COUNT) - 1 };
	struct named_side named[2] = { 0 };
	struct side sides[2];
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	split(&named[0], request.words[0], NULL);
	split(&named[1], request.words[1], named[0].path);
	code = open_side(&named[0], &sides[0]);
	if (!code)
		code = open_side(&named[1], &sides[1]);
	if (!code)
		code = print(&request, &sides[0], &sides[1]);
	close_side(&named[0]);
	close_side(&named[1]);
	return code;
}

int spec_main(int argc, char **argv)
{
	static char name[] = "assay spec diff";
	bool help = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?"));

	if (argc > 1 && !strcmp(argv[1], "diff")) {
		argv[1] = name;
		return diff(argc - 1, argv + 1);
	}
	fprintf(help ? stdout : stderr,
		"Usage: assay spec diff OLD NEW\n\n"
		"What became of an interface between two specifications; `assay spec diff --help` explains it.\n");
	return help ? 0 : EXIT_USAGE;
}
