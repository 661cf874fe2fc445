/* SPDX-License-Identifier: BSD-2-Clause */
/* header.c - `assay header`: a specification for C. */
#include "doc/header.h"

#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/version.h"

#define STUBS 16 /* architectures with the same gate */

static const char doc[] =
	"Writes a header for C and C++ out of a specification: error codes, named values, structures, and an inline function for every "
	"call, for gcc and clang."
	"\v" VERSIONED_HELP "\n\n"
	"  assay header spec/sbi > sbi.h\n\n"
	"  struct sbi_result result = sbi_base_probe_extension(0x4442434e);\n"
	"  if (result.error == SBI_SUCCESS && result.value)\n"
	"          sbi_dbcn_debug_console_write(6, \"hello\\n\", 0);\n\n"
	"How C gets to a gate is said by probes/arch/ARCH/stubs.yaml. A call that no inline function can make is left out, with a comment "
	"that says why.";

static error_t parse(int key, char *word, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG && state->arg_num)
		argp_error(state, "one specification at a time");
	if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "name a specification, as `assay header spec/sbi`");
	if (key == ARGP_KEY_ARG)
		*(const char **)state->input = word;
	return key == ARGP_KEY_ARG || key == ARGP_KEY_NO_ARGS ? 0 : ARGP_ERR_UNKNOWN;
}

struct stubs {
	size_t count;
	const struct gate_stub *list[STUBS];
};

/* Of every architecture that has this gate, in the order of their names. */
static int find_stubs(struct arena *arena, const char *gate, struct stubs *stubs, struct err *err)
{
	const char *directory = home_path(arena, "probes/arch");
	struct dirent **names;
	int count = gate ? scandir(directory, &names, NULL, alphasort) : 0;

	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(arena, "%s/%s/stubs.yaml", directory, names[i]->d_name);
		const struct gate_stub *stub = err->code ? NULL : stub_load(arena, path, gate, err);

		if (stub && stubs->count < STUBS)
			stubs->list[stubs->count++] = stub;
		free(names[i]);
	}
	if (count > 0)
		free(names);
	return err->code ? -1 : 0;
}

static int print(const struct versioned *versioned)
{
	arena_auto struct arena *arena = arena_new();
	struct stubs stubs = { 0 };
	struct err err = { 0 };

	if (find_stubs(arena, versioned->spec->convention.gate, &stubs, &err))
		return complain(&err);
	if (header_write(versioned->spec, versioned->version, stubs.list, stubs.count, stdout) || fflush(stdout))
		return EXIT_BROKEN;
	return 0;
}

int header_main(int argc, char **argv)
{
	static const struct argp argp = { 0, parse, "SPEC", doc, 0, 0, 0 };
	struct versioned versioned = { 0 };
	const char *word = NULL;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &word))
		return EXIT_USAGE;
	code = versioned_open(&versioned, word, NULL);
	if (!code)
		code = print(&versioned);
	versioned_close(&versioned);
	return code;
}
