/* SPDX-License-Identifier: BSD-2-Clause */
/* version.c - SPEC@VERSION: a specification as one of its versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/version.h"

static int no_such_version(const char *path, const struct spec *spec, const char *version)
{
	fprintf(stderr, "assay: %s has no version `%s`; it has", path, version);
	for (size_t i = 0; i < spec->version_count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", spec->versions[i]);
	fputs(spec->version_count ? "\n" : " none\n", stderr);
	return EXIT_USAGE;
}

static int find_version(struct versioned *versioned, const char *wanted)
{
	const struct spec *spec = versioned->spec;

	versioned->version = (int)spec->version_count - 1;
	for (size_t i = 0; wanted && i < spec->version_count; i++) {
		if (strcmp(spec->versions[i], wanted))
			continue;
		versioned->version = (int)i;
		return 0;
	}
	return wanted ? no_such_version(versioned->path, spec, wanted) : 0;
}

int versioned_open(struct versioned *versioned, const char *word, const char *path_before)
{
	/* a directory may have an @ in its name */
	const char *at = access(word, F_OK) ? strrchr(word, '@') : NULL;

	versioned->path = xstrdup(at == word && path_before ? path_before : word);
	if (at && at != word)
		versioned->path[at - word] = '\0';
	versioned->spec = load_spec(versioned->path);
	return versioned->spec ? find_version(versioned, at ? at + 1 : NULL) : EXIT_USAGE;
}

void versioned_close(struct versioned *versioned)
{
	spec_free(versioned->spec);
	free(versioned->path);
}
