/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.h - the guest's serial line.
 *
 * What the guest writes goes into a file in memory: QEMU never has to wait for us, so the guest's time does not depend on how fast
 * we read. The file's size is limited (RLIMIT_FSIZE); what comes after that is lost. What is fed to the guest goes through a pipe.
 */
#ifndef ASSAY_GUEST_CONSOLE_H
#define ASSAY_GUEST_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct console {
	int out, in; /* the file; our end of the pipe */
	int qemu_in; /* QEMU's end of the pipe */
	uint8_t *bytes;
	size_t used, size, max; /* bytes kept, room made for them, most that is kept */
	uint64_t total; /* with what was over the cap */
};

void console_init(struct console *console);
int console_open(struct console *console, uint64_t max, struct err *err);
void console_free(struct console *console);
/* Nothing has been written, nothing waits to be read. */
int console_clear(struct console *console, struct err *err);
/* Takes what is there. */
void console_drain(struct console *console);
int console_feed(struct console *console, const void *bytes, size_t size, struct err *err);
/* How many of the bytes that were fed QEMU has not taken yet. */
size_t console_waiting(const struct console *console);
void console_take_back(struct console *console);

#endif
