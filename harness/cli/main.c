/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - finds the command and lets it do the work. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct command commands[] = {
	{ "run", "judge a blob: run every case that follows from its specification", run_main },
	{ "plan", "print the cases without running them", plan_main },
	{ "judge", "judge an old run again, without a guest", judge_main },
	{ "replay", "run one case of a run again; with --gdb or --trace, look into its call", replay_main },
	{ "shrink", "find the shortest sequence after which a case still fails", shrink_main },
	{ "certify", "sign what a run found, for others to verify", certify_main },
	{ "verify", "check a certificate: its signature, its claims, and a sample of its calls", verify_main },
	{ "matrix", "compare runs: entries (or rules) by blobs", matrix_main },
	{ "diff", "what changed between two runs; exit 1 on a regression", diff_main },
	{ "lint", "check a specification and say where it is wrong", lint_main },
	{ "spec", "`spec diff`: what became of an interface between two versions; exit 1 when it breaks", spec_main },
	{ "doc", "reference pages of an interface, generated from its specification", doc_main },
	{ "header", "a C header with constants and call stubs, generated from a specification", header_main },
	{ "draft", "try the calls that a specification does not name, and write down what they do", draft_main },
	{ 0 },
};

static void usage(FILE *out)
{
	fputs("assay - conformance tests for binary firmware interfaces\n\n"
	      "Usage: assay COMMAND [OPTION...]\n\n",
	      out);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "  %-8s %s\n", command->name, command->summary);
	fputs("\nFirst steps:\n"
	      "  assay run                                judge the default blob, OpenSBI 1.1, in the quick effort\n"
	      "  assay run --blob my.bin --spec spec/sbi  judge your own firmware (my.bin.yaml beside it names the machine)\n"
	      "  assay matrix RUN RUN...                  put several runs side by side\n\n"
	      "`assay COMMAND --help` explains a command. Exit codes: 0 conformant or clean, 1 not, 2 usage or\n"
	      "specification error, 3 the harness itself failed, 130 interrupted.\n",
	      out);
}

int main(int argc, char **argv)
{
	static char name[64];

	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("assay " ASSAY_VERSION);
		return 0;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(argv[1], command->name))
			continue;
		snprintf(name, sizeof(name), "assay %s", command->name);
		argv[1] = name;
		return command->main(argc - 1, argv + 1);
	}
	fprintf(stderr, "assay: there is no command `%s`; `assay --help` lists them\n", argv[1]);
	return EXIT_USAGE;
}
