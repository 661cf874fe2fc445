/* SPDX-License-Identifier: BSD-2-Clause */
/* journal_read.c - reads a journal, also one that was cut short, damaged, or made to do harm. The layout is in format.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "record/format.h"

#define READ_SIZE (1u << 16)

struct journal_reader {
	int fd;
	char *path;
	uint8_t *buffer;
	size_t size, from, to; /* buffer[from..to) is read but not used yet */
	uint64_t good; /* offset in the file after the last good record that was no END */
	uint64_t cases;
	bool over;
	enum journal_state state;
	struct arena *arena, *case_arena; /* head and strings; the case handed out last */
	struct string_table strings;
	struct history history;
	const struct recording_head *head;
	bool audited;
	struct recorded_audit audit;
	struct recorded_search *searches;
	size_t search_count, searches_size;
};

/* Makes `wanted` bytes available at buffer[from]. 1; 0 when the file ends before; -1 and err when it cannot be read. */
static int fill(struct journal_reader *reader, size_t wanted, struct err *err)
{
	while (reader->to - reader->from < wanted) {
		ssize_t count;

		if (reader->from) {
			memmove(reader->buffer, reader->buffer + reader->from, reader->to - reader->from);
			reader->to -= reader->from;
			reader->from = 0;
		}
		if (reader->to == reader->size) {
			reader->size = reader->size ? reader->size * 2 : READ_SIZE;
			reader->buffer = xrealloc(reader->buffer, reader->size);
		}
		count = read(reader->fd, reader->buffer + reader->to, reader->size - reader->to);
		if (count < 0 && errno != EINTR)
			return err_set(err, EXIT_BROKEN, "%s: %s", reader->path, strerror(errno));
		if (count == 0)
			return 0;
		reader->to += count > 0 ? (size_t)count : 0;
	}
	return 1;
}

static int stop(struct journal_reader *reader, enum journal_state state)
{
	reader->over = true;
	reader->state = state;
	return 0;
}

/* The next record's payload, checked. 1; 0 at the end, which may be a damaged one; -1 and err. */
static int next_payload(struct journal_reader *reader, struct cursor *payload, struct err *err)
{
	struct cursor frame;
	uint32_t length, checksum;
	int found = fill(reader, JOURNAL_FRAME, err);

	if (found <= 0)
		return found < 0 ? -1 : stop(reader, reader->to == reader->from ? JOURNAL_UNFINISHED : JOURNAL_DAMAGED);
	frame = (struct cursor){ reader->buffer + reader->from, reader->buffer + reader->to };
	length = get_u32(&frame);
	checksum = get_u32(&frame);
	if (length > JOURNAL_RECORD_MAX)
		return stop(reader, JOURNAL_DAMAGED);
	found = fill(reader, JOURNAL_FRAME + (size_t)length, err);
	if (found <= 0)
		return found < 0 ? -1 : stop(reader, JOURNAL_DAMAGED);
	payload->at = reader->buffer + reader->from + JOURNAL_FRAME;
	payload->end = payload->at + length;
	payload->budget = JOURNAL_EXPANDED_MAX;
	payload->bad = false;
	if (crc32(0, payload->at, length) != checksum)
		return stop(reader, JOURNAL_DAMAGED);
	reader->from += JOURNAL_FRAME + (size_t)length;
	return 1;
}

static bool take_string(struct journal_reader *reader, struct cursor *payload)
{
	struct string_table *strings = &reader->strings;
	const char *text;

	if (strings->count == JOURNAL_STRINGS_MAX)
		return false;
	text = get_text(payload, reader->arena);
	if (!text || payload->bad || payload->at != payload->end)
		return false;
	if (strings->count == strings->size) {
		strings->size = strings->size ? strings->size * 2 : 256;
		strings->texts = xrealloc(strings->texts, strings->size * sizeof(*strings->texts));
	}
	strings->texts[strings->count++] = text;
	return true;
}

static int take_end(struct journal_reader *reader, struct cursor *payload, struct err *err)
{
	uint64_t cases = get_varint(payload);
	int more;

	if (payload->bad || payload->at != payload->end || cases != reader->cases)
		return stop(reader, JOURNAL_DAMAGED);
	more = fill(reader, 1, err);
	return more < 0 ? -1 : stop(reader, more ? JOURNAL_DAMAGED : JOURNAL_COMPLETE);
}

static bool take_audit(struct journal_reader *reader, struct cursor *payload)
{
	struct recorded_audit audit;

	audit.calls = get_varint(payload);
	audit.mismatches = get_varint(payload);
	audit.first = get_text(payload, reader->arena);
	if (!audit.first || payload->bad || payload->at != payload->end)
		return false;
	reader->audit = audit;
	reader->audited = true;
	return true;
}

static bool take_search(struct journal_reader *reader, struct cursor *payload)
{
	struct recorded_search search;

	search.entry = get_text(payload, reader->arena);
	search.tries = (uint32_t)get_varint_max(payload, UINT32_MAX);
	if (!search.entry || payload->bad || payload->at != payload->end)
		return false;
	if (reader->search_count == reader->searches_size) {
		reader->searches_size = reader->searches_size ? reader->searches_size * 2 : 16;
		reader->searches = xrealloc(reader->searches, reader->searches_size * sizeof(*reader->searches));
	}
	reader->searches[reader->search_count++] = search;
	return true;
}

static const struct recorded_case *take_case(struct journal_reader *reader, struct cursor *payload)
{
	const struct recorded_case *recorded;

	arena_reset(reader->case_arena);
	recorded = decode_case(payload, reader->case_arena, &reader->history, &reader->strings);
	reader->cases += recorded != NULL;
	return recorded;
}

int journal_next(struct journal_reader *reader, const struct recorded_case **recorded, struct err *err)
{
	*recorded = NULL;
	while (!reader->over) {
		struct cursor payload;
		uint64_t size;
		bool good = false;
		int found = next_payload(reader, &payload, err);

		if (found <= 0)
			return found;
		size = (uint64_t)(payload.end - payload.at) + JOURNAL_FRAME;
		switch (get_byte(&payload)) {
		case KIND_STRING:
			good = take_string(reader, &payload);
			break;
		case KIND_CASE:
			*recorded = take_case(reader, &payload);
			good = *recorded;
			break;
		case KIND_AUDIT:
			good = take_audit(reader, &payload);
			break;
		case KIND_SEARCH:
			good = take_search(reader, &payload);
			break;
		case KIND_END:
			return take_end(reader, &payload, err);
		}
		if (!good)
			return stop(reader, JOURNAL_DAMAGED);
		reader->good += size;
		if (*recorded)
			return 1;
	}
	return 0;
}

static int read_head(struct journal_reader *reader, struct err *err)
{
	struct cursor payload;
	int found = fill(reader, JOURNAL_MAGIC_SIZE, err);

	if (found < 0)
		return -1;
	if (!found || memcmp(reader->buffer, JOURNAL_MAGIC, JOURNAL_MAGIC_SIZE) != 0)
		return err_set(err, EXIT_USAGE, "%s: is no journal of this version: it should begin with \"assayJ1\"",
			       reader->path);
	reader->from = JOURNAL_MAGIC_SIZE;
	found = next_payload(reader, &payload, err);
	if (found < 0)
		return -1;
	if (found && get_byte(&payload) == KIND_HEAD) {
		reader->good = reader->from;
		reader->head = decode_head(&payload, reader->arena);
	}
	if (reader->head)
		return 0;
	return err_set(err, EXIT_USAGE, "%s: its first record is damaged or cut short, nothing in it can be used", reader->path);
}

struct journal_reader *journal_open(const char *path, struct err *err)
{
	struct journal_reader *reader;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_null(err, EXIT_USAGE, "%s: %s", path, strerror(errno));
	reader = xcalloc(1, sizeof(*reader));
	reader->fd = fd;
	reader->state = JOURNAL_UNFINISHED;
	reader->path = xstrdup(path);
	reader->arena = arena_new();
	reader->case_arena = arena_new();
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		err_set(err, EXIT_USAGE, "%s: is no regular file", path);
	else if (read_head(reader, err) == 0)
		return reader;
	journal_free(reader);
	return NULL;
}

const struct recording_head *journal_head(const struct journal_reader *reader)
{
	return reader->head;
}

bool journal_audited(const struct journal_reader *reader, struct recorded_audit *audit)
{
	*audit = reader->audit;
	return reader->audited;
}

size_t journal_searches(const struct journal_reader *reader, const struct recorded_search **searches)
{
	*searches = reader->searches;
	return reader->search_count;
}

enum journal_state journal_state(const struct journal_reader *reader)
{
	return reader->state;
}

int journal_read_tail(struct journal_reader *reader, struct journal_tail *tail, struct err *err)
{
	const struct recorded_case *recorded;
	int found;

	do {
		found = journal_next(reader, &recorded, err);
	} while (found > 0);
	if (found < 0)
		return -1;
	*tail = (struct journal_tail){ reader->good, reader->cases, &reader->strings, &reader->history };
	return 0;
}

void journal_free(struct journal_reader *reader)
{
	if (!reader)
		return;
	close(reader->fd);
	history_free(&reader->history);
	free(reader->strings.texts);
	free(reader->searches);
	arena_free(reader->arena);
	arena_free(reader->case_arena);
	free(reader->buffer);
	free(reader->path);
	free(reader);
}
