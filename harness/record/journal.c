/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.c - writes a journal. The layout is in format.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>
#include <zlib.h>

#include "record/format.h"

#define BUFFER_SIZE   (1u << 20)
#define LOCK_MS	      1000
#define LOCK_EVERY_MS 20

struct string_number {
	uint32_t number;
	UT_hash_handle hh;
	char text[];
};

struct journal_writer {
	int fd;
	char *path;
	struct sink buffer; /* whole records only */
	uint64_t written, cases; /* bytes in the file: always the end of a record */
	struct history history;
	struct string_number *strings;
	uint32_t string_count, *entries;
	unsigned entries_size;
	struct err failure; /* the first error; nothing is written after it */
	bool failed;
};

static int fail(struct journal_writer *writer, struct err *err, const char *what)
{
	if (!writer->failed)
		err_set(&writer->failure, EXIT_BROKEN, "%s: %s", writer->path, what);
	writer->failed = true;
	if (err)
		*err = writer->failure;
	return -1;
}

static const char *reason(int number)
{
	if (number == ENOSPC || number == EDQUOT)
		return "disk full, the recording stops here";
	if (number == EFBIG)
		return "disk full (limit on the size of a file), the recording stops here";
	return strerror(number);
}

/* The end of the last whole record among the buffer's first `size` bytes. */
static size_t whole_records(const struct sink *buffer, size_t size)
{
	size_t at = 0;

	while (size - at >= JOURNAL_FRAME) {
		struct cursor cursor = { buffer->data + at, buffer->data + buffer->used };
		size_t record = (size_t)get_u32(&cursor) + JOURNAL_FRAME;

		if (record > size - at)
			break;
		at += record;
	}
	return at;
}

/* Writes the buffer. What could be written only in part is cut off again, so that the file ends with a whole record. */
static int flush(struct journal_writer *writer, struct err *err)
{
	size_t done = 0;
	int number = 0;

	if (writer->failed)
		return fail(writer, err, NULL);
	while (done < writer->buffer.used && !number) {
		ssize_t count = write(writer->fd, writer->buffer.data + done, writer->buffer.used - done);

		if (count >= 0)
			done += (size_t)count;
		else if (errno != EINTR)
			number = errno;
	}
	if (!number) {
		writer->written += done;
		writer->buffer.used = 0;
		return 0;
	}
	writer->written += whole_records(&writer->buffer, done);
	if (ftruncate(writer->fd, (off_t)writer->written) < 0)
		return fail(writer, err, "disk full, and the damaged end could not be cut off");
	return fail(writer, err, reason(number));
}

/* A record is built in place: its frame is left open, the payload is encoded after it, then the frame is filled in. */
static size_t record_begin(struct journal_writer *writer)
{
	size_t at = writer->buffer.used;

	put_word(&writer->buffer, 0);
	return at;
}

static int record_end(struct journal_writer *writer, size_t at, struct err *err)
{
	size_t length = writer->buffer.used - at - JOURNAL_FRAME, end = writer->buffer.used;
	uint8_t *payload = writer->buffer.data + at + JOURNAL_FRAME;

	if (length > JOURNAL_RECORD_MAX) {
		writer->buffer.used = at;
		return fail(writer, err, "a case is larger than a record can be");
	}
	writer->buffer.used = at;
	put_u32(&writer->buffer, (uint32_t)length);
	put_u32(&writer->buffer, (uint32_t)crc32(0, payload, (unsigned)length));
	writer->buffer.used = end;
	return end >= BUFFER_SIZE ? flush(writer, err) : 0;
}

static struct string_number *add_string(struct journal_writer *writer, const char *text)
{
	size_t length = strlen(text);
	struct string_number *string = xcalloc(1, sizeof(*string) + length + 1);

	memcpy(string->text, text, length);
	string->number = ++writer->string_count;
	HASH_ADD_KEYPTR(hh, writer->strings, string->text, length, string);
	return string;
}

/* The number of a text; one that is new is put on record first. */
static int intern(struct journal_writer *writer, const char *text, uint32_t *number, struct err *err)
{
	struct string_number *found = NULL;
	size_t at;

	*number = 0;
	if (!text)
		return 0;
	HASH_FIND_STR(writer->strings, text, found);
	if (found) {
		*number = found->number;
		return 0;
	}
	if (writer->string_count == JOURNAL_STRINGS_MAX)
		return fail(writer, err, "more different names than a journal can hold");
	*number = add_string(writer, text)->number;
	at = record_begin(writer);
	put_byte(&writer->buffer, KIND_STRING);
	put_text(&writer->buffer, text);
	return record_end(writer, at, err);
}

static struct journal_writer *writer_new(const char *path, int fd)
{
	struct journal_writer *writer = xcalloc(1, sizeof(*writer));

	writer->fd = fd;
	writer->path = xstrdup(path);
	return writer;
}

static void writer_free(struct journal_writer *writer)
{
	struct string_number *string, *next;

	HASH_ITER(hh, writer->strings, string, next)
	{
		HASH_DEL(writer->strings, string); /* NOLINT(clang-analyzer-unix.Malloc): the table goes with its last row */
		free(string);
	}
	close(writer->fd);
	history_free(&writer->history);
	sink_free(&writer->buffer);
	free(writer->entries);
	free(writer->path);
	free(writer);
}

static int check_head(const char *path, const struct recording_head *head, struct err *err)
{
	if (head->register_count <= RECORD_REGISTERS && head->control_count <= RECORD_CONTROL && head->harts <= RECORD_HARTS)
		return 0;
	return err_set(err, EXIT_BROKEN, "%s: the machine has more registers or CPUs than a recording can hold", path);
}

/* A file in the same directory that nobody can find: it is gone with us unless it gets its name. */
static int open_unnamed(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644), number = errno;

	free(copy);
	errno = number;
	return fd;
}

/* The journal appears with a whole head, and never in the place of another one. */
static int give_name(const struct journal_writer *writer, struct err *err)
{
	char unnamed[64];

	snprintf(unnamed, sizeof(unnamed), "/proc/self/fd/%d", writer->fd);
	if (!linkat(AT_FDCWD, unnamed, AT_FDCWD, writer->path, AT_SYMLINK_FOLLOW))
		return 0;
	if (errno == EEXIST)
		return err_set(err, EXIT_USAGE, "%s: exists already; a recording is never written over", writer->path);
	return err_set(err, EXIT_BROKEN, "%s: %s", writer->path, reason(errno));
}

struct journal_writer *journal_create(const char *path, const struct recording_head *head, struct err *err)
{
	struct journal_writer *writer;
	size_t at;
	int fd;

	if (check_head(path, head, err) < 0)
		return NULL;
	fd = open_unnamed(path);
	if (fd < 0)
		return err_null(err, EXIT_BROKEN, "%s: %s", path, reason(errno));
	flock(fd, LOCK_EX | LOCK_NB);
	writer = writer_new(path, fd);
	put_bytes(&writer->buffer, JOURNAL_MAGIC, JOURNAL_MAGIC_SIZE);
	at = record_begin(writer);
	encode_head(&writer->buffer, head);
	if (record_end(writer, at, err) == 0 && journal_sync(writer, err) == 0 && give_name(writer, err) == 0)
		return writer;
	writer_free(writer);
	return NULL;
}

/* Takes over what a reader has learnt of the journal up to its last good record. */
static int take_tail(struct journal_writer *writer, struct err *err)
{
	struct journal_reader *reader = journal_open(writer->path, err);
	struct journal_tail tail;
	int result = -1;

	if (!reader)
		return -1;
	if (journal_read_tail(reader, &tail, err) == 0) {
		for (size_t i = 0; i < tail.strings->count; i++)
			add_string(writer, tail.strings->texts[i]);
		writer->history = *tail.history;
		*tail.history = (struct history){ 0 };
		writer->cases = tail.cases;
		writer->written = tail.offset;
		result = 0;
	}
	journal_free(reader);
	return result;
}

/*
 * A writer that was killed may have a child that has not become QEMU yet, and holds the lock with it for the moment that it outlives
 * its parent. So a lock that is held is asked for again for a while.
 */
static bool lock(int fd)
{
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_EVERY_MS) {
		if (errno != EWOULDBLOCK || waited >= LOCK_MS)
			return errno != EWOULDBLOCK; /* a file system without locks is no reason to refuse */
		poll(NULL, 0, LOCK_EVERY_MS);
	}
	return true;
}

static int reopen(struct journal_writer *writer, struct err *err)
{
	if (!lock(writer->fd))
		return err_set(err, EXIT_USAGE, "%s: another run is writing to it", writer->path);
	if (take_tail(writer, err) < 0)
		return -1;
	if (ftruncate(writer->fd, (off_t)writer->written) < 0 || lseek(writer->fd, 0, SEEK_END) < 0)
		return err_set(err, EXIT_BROKEN, "%s: %s", writer->path, strerror(errno));
	return 0;
}

struct journal_writer *journal_append(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	struct journal_writer *writer;

	if (fd < 0)
		return err_null(err, EXIT_USAGE, "%s: %s", path, strerror(errno));
	writer = writer_new(path, fd);
	if (reopen(writer, err) == 0)
		return writer;
	writer_free(writer);
	return NULL;
}

static int intern_names(struct journal_writer *writer, const struct recorded_case *recorded, struct case_names *names,
			struct err *err)
{
	if (recorded->step_count > writer->entries_size) {
		writer->entries_size = recorded->step_count * 2;
		writer->entries = xrealloc(writer->entries, writer->entries_size * sizeof(*writer->entries));
	}
	for (unsigned i = 0; i < recorded->step_count; i++)
		if (intern(writer, recorded->steps[i].entry, &writer->entries[i], err) < 0)
			return -1;
	names->entries = writer->entries;
	if (intern(writer, recorded->strategy, &names->strategy, err) < 0)
		return -1;
	return intern(writer, recorded->rule, &names->rule, err);
}

int journal_write(struct journal_writer *writer, const struct recorded_case *recorded, struct err *err)
{
	const char *fault = case_fault(recorded);
	struct case_names names = { 0 };
	size_t at;

	if (writer->failed || fault)
		return fail(writer, err, fault);
	if (intern_names(writer, recorded, &names, err) < 0)
		return -1;
	at = record_begin(writer);
	encode_case(&writer->buffer, &writer->history, recorded, &names);
	writer->cases++;
	return record_end(writer, at, err);
}

int journal_audit(struct journal_writer *writer, const struct recorded_audit *audit, struct err *err)
{
	size_t at;

	if (writer->failed)
		return fail(writer, err, NULL);
	at = record_begin(writer);
	put_byte(&writer->buffer, KIND_AUDIT);
	put_varint(&writer->buffer, audit->calls);
	put_varint(&writer->buffer, audit->mismatches);
	put_text(&writer->buffer, audit->first);
	return record_end(writer, at, err);
}

int journal_search(struct journal_writer *writer, const struct recorded_search *search, struct err *err)
{
	size_t at;

	if (writer->failed)
		return fail(writer, err, NULL);
	at = record_begin(writer);
	put_byte(&writer->buffer, KIND_SEARCH);
	put_text(&writer->buffer, search->entry);
	put_varint(&writer->buffer, search->tries);
	return record_end(writer, at, err);
}

int journal_sync(struct journal_writer *writer, struct err *err)
{
	if (flush(writer, err) < 0)
		return -1;
	return fdatasync(writer->fd) < 0 ? fail(writer, err, reason(errno)) : 0;
}

int journal_finish(struct journal_writer *writer, struct err *err)
{
	size_t at;

	if (writer->failed)
		return fail(writer, err, NULL);
	at = record_begin(writer);
	put_byte(&writer->buffer, KIND_END);
	put_varint(&writer->buffer, writer->cases);
	return record_end(writer, at, err) < 0 ? -1 : journal_sync(writer, err);
}

int journal_close(struct journal_writer *writer, struct err *err)
{
	int result;

	if (!writer)
		return 0;
	result = flush(writer, err);
	writer_free(writer);
	return result;
}
