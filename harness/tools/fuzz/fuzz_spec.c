/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_spec.c - any file is a specification or a list of findings. */
#include "fuzz.h"

#include <stdio.h>
#include <unistd.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	struct findings *findings = findings_new();
	struct err err;
	FILE *file;

	snprintf(path, sizeof(path), "/dev/shm/assay-fuzz-%d.yaml", (int)getpid());
	file = fopen(path, "wb");
	if (file) {
		fwrite(data, 1, size, file);
		fclose(file);
		spec_free(spec_load(path, findings, &err));
		unlink(path);
	}
	findings_free(findings);
	return 0;
}
