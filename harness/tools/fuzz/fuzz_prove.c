/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_prove.c - whatever a specification says, proofs about it come to an end, and need no more memory than they may. */
#include "fuzz.h"

#include <stdlib.h>

#include "prove/prove.h"

static void prove(const struct spec *spec, struct findings *findings)
{
	const struct prove_options options = { .threads = 1 };
	struct prove_summary summary;
	struct err err = { 0 };

	if (prove_spec(spec, &options, findings, &summary, &err)) {
		fprintf(stderr, "%s\n", err.message);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings *findings = findings_new();
	const char *path = fuzz_file(data, size);
	struct spec *spec;
	struct err err;

	if (path) {
		spec = spec_load(path, findings, &err);
		if (spec)
			prove(spec, findings);
		spec_free(spec);
		unlink(path);
	}
	findings_free(findings);
	return 0;
}
