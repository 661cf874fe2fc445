/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - libFuzzer's entry. https://llvm.org/docs/LibFuzzer.html */
#ifndef ASSAY_FUZZ_H
#define ASSAY_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a file, for what reads files; NULL: there is no room for it. The caller unlinks it. In a static buffer. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/dev/shm/assay-fuzz-%d.yaml", (int)getpid());
	file = fopen(path, "wb");
	if (!file)
		return NULL;
	fwrite(data, 1, size, file);
	fclose(file);
	return path;
}

#endif
