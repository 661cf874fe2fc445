/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * launch.h - starts QEMU as a process that can do as little as possible and dies with us.
 */
#ifndef ASSAY_GUEST_LAUNCH_H
#define ASSAY_GUEST_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "guest/blob.h"
#include "guest/sandbox.h"

struct launch {
	const struct machine *machine;
	const char *blob, *probe; /* files */
	const char *stopper; /* a plugin, or NULL */
	uint64_t stop; /* address at which the stopper holds the machine */
	/* descriptors that QEMU gets */
	int ram, qmp;
	int rsp, stops; /* of its gdbserver and its stopper */
	int state; /* an empty file for the device state of snapshots */
	int console_in, console_out; /* the serial line */
	int tree; /* a device tree to use instead of the machine's own; -1: none */
	bool icount;
	enum sandbox_policy policy;
	unsigned without; /* layers of the sandbox to leave out: for tests that show what each is worth */
};

struct qemu {
	pid_t keeper; /* our child, in which QEMU lives and with which it dies; 0: not running */
	pid_t pid; /* QEMU itself; 0: not running */
	struct sandbox sandbox; /* as it was started */
	int blob, probe, stopper; /* copies that it reads */
	int complaints; /* what it wrote to stderr; an anonymous file */
	bool ended;
	int status; /* in the terms of waitpid(), when it has ended by itself */
};

void qemu_init(struct qemu *qemu);
/* EXIT_BROKEN with a hint when there is no such program, or no sandbox for it. */
int qemu_start(struct qemu *qemu, const struct launch *launch, struct err *err);
/* The number that launch.state has in QEMU. */
int qemu_state_descriptor(void);
/* Has it ended by itself? Waits at most timeout_ms for that. */
bool qemu_ended(struct qemu *qemu, unsigned timeout_ms);
void qemu_kill(struct qemu *qemu); /* SIGKILL, and waits for it */
void qemu_free(struct qemu *qemu);
/* The last line it wrote to stderr; "" when it wrote none. Warnings do not count. */
void qemu_complaint(const struct qemu *qemu, char *out, size_t size);

/* The machine's own device tree with the machine's settings, as a descriptor. */
int qemu_make_tree(const struct launch *launch, struct err *err);

#endif
