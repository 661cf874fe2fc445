/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_journal.c - any file is a journal up to its first damage, or none. */
#include "fuzz.h"

#include <stdio.h>
#include <unistd.h>

#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	const struct recorded_case *recorded;
	struct journal_reader *reader;
	struct err err;
	FILE *file;

	snprintf(path, sizeof(path), "/dev/shm/assay-fuzz-%d.journal", (int)getpid());
	file = fopen(path, "wb");
	if (!file)
		return 0;
	fwrite(data, 1, size, file);
	fclose(file);
	reader = journal_open(path, &err);
	while (reader && journal_next(reader, &recorded, &err) > 0)
		continue;
	journal_free(reader);
	unlink(path);
	return 0;
}
