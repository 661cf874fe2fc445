/* SPDX-License-Identifier: BSD-2-Clause */
/* version.h - SPEC@VERSION on the command line. */
#ifndef ASSAY_CLI_VERSION_H
#define ASSAY_CLI_VERSION_H

#include "cli/cli.h"

struct versioned {
	char *path;
	struct spec *spec;
	int version; /* index into its versions; the newest where none is named; -1: it has none */
};

/*
 * Opens "spec/sbi@2.0" or "spec/sbi"; with path_before, "@2.0" is another version of that. Returns an exit code and has said why;
 * versioned_close() in any case.
 */
int versioned_open(struct versioned *versioned, const char *word, const char *path_before);
void versioned_close(struct versioned *versioned);

#define VERSIONED_HELP "SPEC is a specification, or one of its versions, as spec/sbi@2.0; without a version the newest is meant."

#endif
