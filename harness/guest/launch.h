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
#include "sandbox/sandbox.h"
#include "base/words.h"

struct launch {
	const struct machine *machine;
	const char *blob, *probe; /* files */
	const char *stopper; /* a plugin, or NULL */
	uint64_t stop; /* address at which the stopper holds the machine */
	/* descriptors that QEMU gets */
	int ram, qmp;
	int rsp, stops; /* of its gdbserver and its stopper */
	int board; /* the stopper's, see witness.h */
	int state; /* an empty file for the device state of snapshots */
	int console_in, console_out; /* the serial line */
	int tree; /* a device tree to use instead of the machine's own; -1: none */
	bool icount;
	enum sandbox_policy policy;
	unsigned without; /* layers of the sandbox to leave out: for tests that show what each is worth */
	int gdb; /* a listening socket for a person's debugger; -1: none */
	int trace; /* where QEMU's log goes, as far as it is about these addresses; -1: nowhere */
	const char *trace_filter;
	int traps; /* where it goes when there is no `trace`; -1: nowhere */
};

struct qemu {
	pid_t keeper; /* our child, in which QEMU lives and with which it dies; 0: not running */
	pid_t pid; /* QEMU itself; 0: not running */
	struct sandbox sandbox; /* as it was started */
	int blob, probe, stopper; /* copies that it reads */
	int complaints; /* what it wrote to stderr; an anonymous file */
	bool ended;
	bool silent; /* it did not come up in time, and is gone */
	int status; /* in the terms of waitpid(), when it has ended by itself */
};

void qemu_init(struct qemu *qemu);
/* EXIT_BROKEN with a hint when there is no such program, or no sandbox for it. */
int qemu_start(struct qemu *qemu, const struct launch *launch, struct err *err);
/* The number that launch.state has in QEMU. */
int qemu_state_descriptor(void);
/* Has it ended by itself? Waits at most timeout_ms for that. */
bool qemu_ended(struct qemu *qemu, unsigned timeout_ms);
/* Did somebody else kill it (SIGKILL)? Nothing that runs in it can bring that about. */
bool qemu_was_killed(struct qemu *qemu, unsigned timeout_ms);
void qemu_kill(struct qemu *qemu); /* SIGKILL, and waits for it */
void qemu_free(struct qemu *qemu);
/* The last line it wrote to stderr; "" when it wrote none. Warnings do not count. */
void qemu_complaint(const struct qemu *qemu, char *out, size_t size);

/*
 * The command line of a QEMU that runs the same machine without us: no channels, RAM of its own, and a device tree (when the launch
 * has one) by this name. It runs at once. Begins with the options.
 */
void qemu_words_alone(struct words *words, const struct launch *launch, const char *tree);
/* Of these the ones that say what machine it is: board, CPUs, memory, who executes and by which clock. */
void qemu_words_of_machine(struct words *words, const struct launch *launch);

/* The machine's own device tree with the machine's settings, as a descriptor. */
int qemu_make_tree(const struct launch *launch, struct err *err);

#endif
