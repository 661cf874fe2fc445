/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place.c - where the blob is. Where its machine has firmware of its own, that decides, so memory is searched for what begins as the
 * blob's file does, but for what the blob has changed itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "guest/internal.h"

/* An empty one begins with zeroes. */
int place_open(struct guest *guest, struct err *err)
{
	const char *path = guest->config.blob->path;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : pread(fd, guest->blob_begins, BLOB_BEGINS, 0);

	if (got < 0)
		err_set(err, EXIT_BROKEN, "%s: cannot be read: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return got < 0 ? -1 : 0;
}

/* How many of the bytes that the blob's file begins with are there; zeroes are everywhere. *most: how many that could be. */
static unsigned alike(const struct guest *guest, const uint8_t *memory, unsigned *most)
{
	unsigned same = 0;

	*most = 0;
	for (unsigned i = 0; i < BLOB_BEGINS; i++) {
		*most += guest->blob_begins[i] != 0;
		same += guest->blob_begins[i] && guest->blob_begins[i] == memory[i];
	}
	return same;
}

void place_find(struct guest *guest)
{
	const struct machine *machine = guest->config.blob->machine;
	struct address_range in = machine->blob_in;

	guest->blob_at = machine->blob_at;
	for (uint64_t at = in.low; machine->blob_step && at <= in.high; at += machine->blob_step) {
		const uint8_t *found = ram_at(&guest->ram, at, BLOB_BEGINS);
		unsigned most;

		if (found && 2 * alike(guest, found, &most) > most) {
			guest->blob_at = at;
			return;
		}
	}
}

uint64_t guest_blob_at(const struct guest *guest)
{
	return guest->blob_at;
}
