/* SPDX-License-Identifier: BSD-2-Clause */
/* doc.c - `assay doc`: reference pages out of a specification. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/version.h"
#include "doc/doc.h"

static const char doc[] =
	"Writes reference pages of an interface: the calling convention, every entry with its arguments, results and rules, each with "
	"its citation, and what the text leaves open."
	"\v" VERSIONED_HELP "\n\n"
	"  assay doc spec/sbi > sbi.html\n"
	"  assay doc spec/sbi@1.0 --format markdown > sbi-1.0.md\n"
	"  assay doc spec/vmi --format man > vmi.7 && man -l vmi.7\n\n"
	"The HTML page is one file, runs nothing and loads nothing.";

static const struct argp_option options[] = {
	{ "format", 'f', "FORMAT", 0, "html, markdown or man. Default: html", 0 },
	{ 0 },
};

struct doc_request {
	const char *spec;
	const struct doc_format *format;
};

static const struct doc_format *format_of(struct argp_state *state, const char *word)
{
	for (const struct doc_format *format = doc_formats; format->name; format++)
		if (!strcmp(format->name, word))
			return format;
	argp_error(state, "--format: `%s` is none of html, markdown, man", word);
	return NULL;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct doc_request *request = state->input;

	switch (key) {
	case 'f':
		request->format = format_of(state, word);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one specification at a time");
		request->spec = word;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name a specification, as `assay doc spec/sbi`");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int doc_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "SPEC", doc, 0, 0, 0 };
	struct doc_request request = { .format = doc_formats };
	struct versioned versioned = { 0 };
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	code = versioned_open(&versioned, request.spec, NULL);
	if (!code && (request.format->write(versioned.spec, versioned.version, stdout) || fflush(stdout)))
		code = EXIT_BROKEN;
	versioned_close(&versioned);
	return code;
}
