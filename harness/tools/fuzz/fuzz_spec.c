/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_spec.c - any file is a specification or a list of findings. */
#include "fuzz.h"

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings *findings = findings_new();
	const char *path = fuzz_file(data, size);
	struct err err;

	if (path) {
		spec_free(spec_load(path, findings, &err));
		unlink(path);
	}
	findings_free(findings);
	return 0;
}
