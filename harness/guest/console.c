/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

void console_init(struct console *console)
{
	*console = (struct console){ .out = -1, .in = -1, .qemu_in = -1 };
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_all(struct console *console)
{
	close_one(&console->out);
	close_one(&console->in);
	close_one(&console->qemu_in);
}

int console_open(struct console *console, uint64_t max, struct err *err)
{
	int ends[2];

	console->max = (size_t)max;
	console->out = memfd_create("console", MFD_CLOEXEC);
	if (console->out >= 0)
		fcntl(console->out, F_SETFL, O_APPEND); /* so that it can be emptied while QEMU has it */
	if (console->out >= 0 && !pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		console->qemu_in = ends[0];
		console->in = ends[1];
		return 0;
	}
	close_all(console);
	return err_set(err, EXIT_BROKEN, "no console for the guest: %s", strerror(errno));
}

void console_free(struct console *console)
{
	close_all(console);
	free(console->bytes);
	console_init(console);
}

int console_clear(struct console *console, struct err *err)
{
	console->used = 0;
	console->total = 0;
	console_take_back(console);
	if (ftruncate(console->out, 0))
		return err_set(err, EXIT_BROKEN, "the guest's console cannot be emptied: %s", strerror(errno));
	return 0;
}

/* Makes room for what is new, as far as the cap allows. */
static size_t make_room(struct console *console, uint64_t size)
{
	size_t room = console->max - console->used, more = size < room ? (size_t)size : room;

	if (console->used + more > console->size) {
		console->size = 2 * (console->used + more);
		console->bytes = xrealloc(console->bytes, console->size);
	}
	return more;
}

void console_drain(struct console *console)
{
	struct stat status;
	ssize_t got;
	size_t more;

	if (console->out < 0 || fstat(console->out, &status) || (uint64_t)status.st_size <= console->total)
		return;
	more = make_room(console, (uint64_t)status.st_size - console->total);
	/* what was kept so far was all, or there is no more room */
	got = more ? pread(console->out, console->bytes + console->used, more, (off_t)console->used) : 0;
	if (got > 0)
		console->used += (size_t)got;
	console->total = (uint64_t)status.st_size;
}

size_t console_waiting(const struct console *console)
{
	int waiting = 0;

	return ioctl(console->in, FIONREAD, &waiting) ? 0 : (size_t)waiting;
}

void console_take_back(struct console *console)
{
	char chunk[4096];

	while (read(console->qemu_in, chunk, sizeof(chunk)) > 0)
		;
}

int console_feed(struct console *console, const void *bytes, size_t size, struct err *err)
{
	if (console->in >= 0 && write(console->in, bytes, size) == (ssize_t)size)
		return 0;
	return err_set(err, EXIT_BROKEN, "the guest's console takes no more: %s", strerror(errno));
}
