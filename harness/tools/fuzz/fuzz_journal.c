/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_journal.c - any file is a journal up to its first damage, or none. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "record/format.h"

/* Every record gets the checksum it should have: else no mutation would come further than that. */
static uint8_t *sealed(const uint8_t *data, size_t size)
{
	uint8_t *copy = xcalloc(1, size + 1);
	size_t at = JOURNAL_MAGIC_SIZE;

	memcpy(copy, data, size);
	while (at + JOURNAL_FRAME <= size) {
		uint32_t length, checksum;

		memcpy(&length, copy + at, sizeof(length));
		if (length > size - at - JOURNAL_FRAME)
			break;
		checksum = (uint32_t)crc32(0, copy + at + JOURNAL_FRAME, length);
		memcpy(copy + at + sizeof(length), &checksum, sizeof(checksum));
		at += JOURNAL_FRAME + length;
	}
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	const struct recorded_case *recorded;
	struct journal_reader *reader;
	struct err err;
	uint8_t *copy;
	FILE *file;

	snprintf(path, sizeof(path), "/dev/shm/assay-fuzz-%d.journal", (int)getpid());
	file = fopen(path, "wb");
	if (!file)
		return 0;
	copy = sealed(data, size);
	fwrite(copy, 1, size, file);
	fclose(file);
	free(copy);
	reader = journal_open(path, &err);
	while (reader && journal_next(reader, &recorded, &err) > 0)
		continue;
	journal_free(reader);
	unlink(path);
	return 0;
}
