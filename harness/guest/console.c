/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/console.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/clock.h"

#define DRAIN_ROUNDS 64 /* a guest that writes without end must not keep us from looking at the clock */

void console_init(struct console *console, int take_fd, uint64_t max)
{
	*console = (struct console){ .fd = take_fd, .max = (size_t)max };
}

void console_free(struct console *console)
{
	if (console->fd >= 0)
		close(console->fd);
	free(console->bytes);
	*console = (struct console){ .fd = -1 };
}

static void keep(struct console *console, const uint8_t *bytes, size_t size)
{
	size_t room = console->max - console->used, kept = size < room ? size : room;

	console->total += size;
	if (!kept)
		return;
	if (console->used + kept > console->size) {
		console->size = 2 * (console->used + kept);
		console->bytes = xrealloc(console->bytes, console->size);
	}
	memcpy(console->bytes + console->used, bytes, kept);
	console->used += kept;
}

void console_drain(struct console *console)
{
	uint8_t chunk[16384];

	for (int round = 0; console->fd >= 0 && round < DRAIN_ROUNDS; round++) {
		ssize_t got = recv(console->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got <= 0) {
			close(console->fd);
			console->fd = -1;
			return;
		}
		keep(console, chunk, (size_t)got);
	}
}

int console_feed(struct console *console, const void *bytes, size_t size, uint64_t timeout_ms, struct err *err)
{
	uint64_t end = clock_ms() + timeout_ms;

	while (size) {
		struct pollfd ready = { .fd = console->fd, .events = POLLOUT };
		ssize_t sent = console->fd < 0 ? -1 : send(console->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			bytes = (const char *)bytes + sent;
			size -= (size_t)sent;
		} else if (console->fd < 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
			return err_set(err, EXIT_BROKEN, "the guest's console is gone");
		} else if (clock_ms() >= end) {
			return err_set(err, EXIT_BROKEN, "the guest's console took nothing for %llu ms",
				       (unsigned long long)timeout_ms);
		} else {
			poll(&ready, 1, 10);
		}
	}
	return 0;
}
