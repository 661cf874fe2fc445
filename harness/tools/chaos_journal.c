/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chaos_journal.c - damages a journal in every way that is cheap to try, and reads it back each time.
 *
 *     chaos_journal JOURNAL SEED FLIPS
 *
 * Cut at every byte, and with FLIPS single bits flipped: what is read has to be the records before the damage, one for one as they
 * are in the undamaged journal, and the journal must not pass for complete. Prints "KIND TRIED LOST" for each; exit 0 when it ran.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/rng.h"
#include "record/format.h"

struct journal {
	uint8_t *bytes;
	size_t size;
	size_t cases;
	uint64_t *sums; /* of each case's content */
	size_t *ends; /* where the case's record ends in the file */
	size_t *starts; /* where each record starts; only to tell which one a flip hits */
	size_t head_end;
	int fd; /* the damaged one, in memory */
	char path[64];
};

static uint64_t add_text(uint64_t sum, const char *text)
{
	return sum * 31 + (text ? crc32(1, (const Bytef *)text, (unsigned)strlen(text)) : 7);
}

/* Of everything that a case holds: its encoding from nothing, and the names that the encoding has only numbers for. */
static uint64_t sum_of(const struct recorded_case *recorded)
{
	uint32_t *entries = xcalloc(recorded->step_count + 1, sizeof(*entries));
	const struct case_names names = { 0, 0, entries };
	struct history history = { 0 };
	struct sink sink = { 0 };
	uint64_t sum;

	encode_case(&sink, &history, recorded, &names);
	sum = (uint64_t)crc32(0, sink.data, (unsigned)sink.used) << 32 | adler32(1, sink.data, (unsigned)sink.used);
	for (unsigned i = 0; i < recorded->step_count; i++)
		sum = add_text(sum, recorded->steps[i].entry);
	sum = add_text(add_text(sum, recorded->strategy), recorded->rule);
	history_free(&history);
	sink_free(&sink);
	free(entries);
	return sum;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "chaos_journal: %s\n", what);
	exit(EXIT_BROKEN);
}

static void load(struct journal *journal, const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) <= JOURNAL_MAGIC_SIZE)
		give_up("the journal cannot be read");
	rewind(file);
	journal->size = (size_t)size;
	journal->bytes = xmalloc(journal->size);
	if (fread(journal->bytes, 1, journal->size, file) != journal->size)
		give_up("the journal cannot be read");
	fclose(file);
	journal->fd = memfd_create("journal", MFD_CLOEXEC);
	snprintf(journal->path, sizeof(journal->path), "/proc/self/fd/%d", journal->fd);
	if (write(journal->fd, journal->bytes, journal->size) != (ssize_t)journal->size)
		give_up("no memory");
}

/* The frames, from the bytes alone: where the head ends and where every case does. */
static void find_records(struct journal *journal)
{
	size_t at = JOURNAL_MAGIC_SIZE, number = 0;

	journal->ends = xcalloc(journal->size, sizeof(*journal->ends));
	journal->starts = xcalloc(journal->size, sizeof(*journal->starts));
	while (at < journal->size) {
		struct cursor cursor = { journal->bytes + at, journal->bytes + journal->size, 0, false };
		size_t end = at + JOURNAL_FRAME + get_u32(&cursor);

		if (end > journal->size)
			give_up("the journal to be damaged is damaged");
		for (size_t i = at; i < end; i++)
			journal->starts[i] = at;
		if (!number++)
			journal->head_end = end;
		if (journal->bytes[at + JOURNAL_FRAME] == KIND_CASE)
			journal->ends[journal->cases++] = end;
		at = end;
	}
}

static void sum_all(struct journal *journal)
{
	struct err err;
	struct journal_reader *reader = journal_open(journal->path, &err);
	const struct recorded_case *recorded;
	size_t count = 0;

	journal->sums = xcalloc(journal->cases + 1, sizeof(*journal->sums));
	while (reader && journal_next(reader, &recorded, &err) > 0 && count < journal->cases)
		journal->sums[count++] = sum_of(recorded);
	if (!reader || count != journal->cases || journal_state(reader) != JOURNAL_COMPLETE || !count)
		give_up("the journal to be damaged is not complete");
	journal_free(reader);
}

/* Reads the damaged journal: good up to `good`, and nothing of what comes then. */
static bool reads_up_to(const struct journal *journal, size_t good)
{
	struct err err;
	struct journal_reader *reader = journal_open(journal->path, &err);
	const struct recorded_case *recorded;
	size_t wanted = 0, count = 0;
	bool right = true;

	if (good < journal->head_end || !reader) {
		right = good < journal->head_end && !reader;
		journal_free(reader);
		return right;
	}
	while (wanted < journal->cases && journal->ends[wanted] <= good)
		wanted++;
	while (right && journal_next(reader, &recorded, &err) > 0) {
		right = count < wanted && sum_of(recorded) == journal->sums[count];
		count++;
	}
	right = right && count == wanted && journal_state(reader) != JOURNAL_COMPLETE;
	journal_free(reader);
	return right;
}

static void cut_everywhere(const struct journal *journal)
{
	size_t lost = 0;

	for (size_t cut = journal->size; cut-- > 0;) {
		if (ftruncate(journal->fd, (off_t)cut))
			give_up("no memory");
		lost += !reads_up_to(journal, cut);
	}
	printf("cuts %zu %zu\n", journal->size, lost);
	if (pwrite(journal->fd, journal->bytes, journal->size, 0) != (ssize_t)journal->size)
		give_up("no memory");
}

static void flip_some(const struct journal *journal, uint64_t seed, unsigned long flips)
{
	struct rng rng = { seed };
	size_t lost = 0;

	for (unsigned long i = 0; i < flips; i++) {
		size_t at = (size_t)rng_below(&rng, journal->size);
		uint8_t flipped = journal->bytes[at] ^ (uint8_t)(1 << rng_below(&rng, 8));

		if (pwrite(journal->fd, &flipped, 1, (off_t)at) != 1)
			give_up("no memory");
		lost += !reads_up_to(journal, journal->starts[at]);
		if (pwrite(journal->fd, &journal->bytes[at], 1, (off_t)at) != 1)
			give_up("no memory");
	}
	printf("flips %lu %zu\n", flips, lost);
}

int main(int argc, char **argv)
{
	struct journal journal = { 0 };

	if (argc != 4)
		give_up("usage: chaos_journal JOURNAL SEED FLIPS");
	load(&journal, argv[1]);
	find_records(&journal);
	sum_all(&journal);
	cut_everywhere(&journal);
	flip_some(&journal, strtoull(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
	free(journal.bytes);
	free(journal.sums);
	free(journal.ends);
	free(journal.starts);
	close(journal.fd);
	return 0;
}
