/* SPDX-License-Identifier: BSD-2-Clause */
/* console.h - the guest's serial line: what it writes is kept up to a cap, and always taken, so that the guest never waits. */
#ifndef ASSAY_GUEST_CONSOLE_H
#define ASSAY_GUEST_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct console {
	int fd;
	uint8_t *bytes;
	size_t used, size, max; /* bytes kept, room made for them, most that is kept */
	uint64_t total; /* with what was over the cap */
};

void console_init(struct console *console, int take_fd, uint64_t max);
void console_free(struct console *console);
/* Takes what is there, without waiting. */
void console_drain(struct console *console);
/* Waits at most timeout_ms for the line to take the bytes. */
int console_feed(struct console *console, const void *bytes, size_t size, uint64_t timeout_ms, struct err *err);

#endif
