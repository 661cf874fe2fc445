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

struct launch {
	const struct machine *machine;
	const char *blob, *probe, *stopper; /* files */
	uint64_t stop; /* address at which the stopper holds the machine */
	/* descriptors that QEMU gets */
	int ram, qmp;
	int rsp, stops; /* of its gdbserver and its stopper */
	int state; /* an empty file for the device state of snapshots */
	int console_in, console_out; /* the serial line */
	int tree; /* a device tree to use instead of the machine's own; -1: none */
	bool icount;
};

struct qemu {
	pid_t pid; /* 0: not running */
	int complaints; /* what it wrote to stderr; an anonymous file */
	bool ended;
	int status; /* as waitpid() gave it, when it has ended */
};

void qemu_init(struct qemu *qemu);
/* EXIT_BROKEN with a hint when there is no such program. */
int qemu_start(struct qemu *qemu, const struct launch *launch, struct err *err);
/* The number that launch.state has in QEMU. */
int qemu_state_descriptor(void);
/* Has it ended by itself? Waits at most timeout_ms for that. */
bool qemu_ended(struct qemu *qemu, unsigned timeout_ms);
void qemu_kill(struct qemu *qemu); /* SIGKILL, and waits for it */
void qemu_free(struct qemu *qemu);
/* The last line it wrote to stderr; "" when it wrote none. Warnings do not count. */
void qemu_complaint(const struct qemu *qemu, char *out, size_t size);

/* The machine's own device tree with the machine's settings, as a descriptor; made in `directory`, which is left as it was. */
int qemu_make_tree(const struct launch *launch, const char *directory, struct err *err);

#endif
