/* SPDX-License-Identifier: BSD-2-Clause */
/* spec.c - `assay spec diff`: what became of an interface. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "cli/version.h"
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
	struct versioned old = { 0 }, new = { 0 };
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	code = versioned_open(&old, request.words[0], NULL);
	if (!code)
		code = versioned_open(&new, request.words[1], old.path);
	if (!code)
		code = print(&request, &(struct side){ old.spec, old.version }, &(struct side){ new.spec, new.version });
	versioned_close(&old);
	versioned_close(&new);
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
