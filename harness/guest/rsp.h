/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rsp.h - a small client of QEMU's gdbserver (the GDB Remote Serial Protocol), over a connected stream socket.
 *
 * For what the monitor cannot do: one step of one CPU, and writing to device registers; and for lines to the human monitor while the
 * machine stands still, because QEMU takes a packet in at once and a line of QMP byte by byte, which takes it longer than a reset.
 * https://sourceware.org/gdb/current/onlinedocs/gdb.html/Remote-Protocol.html
 */
#ifndef ASSAY_GUEST_RSP_H
#define ASSAY_GUEST_RSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RSP_PACKET  16384 /* bytes of the longest packet that is understood; a longer one is cut off */
#define RSP_COMMAND 256 /* of the longest that is sent */

struct rsp {
	int fd;
	bool closed; /* the other side is gone */
	const volatile bool *interrupt; /* true: no answer is waited for any more. NULL: never */
	bool in_packet;
	unsigned tail; /* characters of the checksum that are still to come */
	char packet[RSP_PACKET];
	size_t used;
	/* the last packet that was whole and no news of a stop */
	char reply[RSP_PACKET];
	bool replied;
	char output[256]; /* of the human monitor, as text */
	size_t printed;
	bool stopped; /* since it was last told to run ... */
	bool trapped; /* ... by a breakpoint, or after a step ... */
	unsigned thread; /* ... of this CPU, from 1 */
};

void rsp_init(struct rsp *rsp, int take_fd);
void rsp_free(struct rsp *rsp); /* closes the socket */

/* Takes in what has arrived, without waiting. */
void rsp_pump(struct rsp *rsp);
/* Lets the machine run. */
int rsp_continue(struct rsp *rsp, struct err *err);
/* A breakpoint for all CPUs at this virtual address: put there, or taken away. */
int rsp_breakpoint(struct rsp *rsp, uint64_t address, bool there, uint64_t timeout_ms, struct err *err);
/* One instruction of one CPU, while the others stand still; thread: QEMU's number of it, from 1. Waits for it. */
int rsp_step(struct rsp *rsp, unsigned thread, uint64_t timeout_ms, struct err *err);
/* One command and its answer, as text; at most size - 1 characters of it. */
int rsp_ask(struct rsp *rsp, const char *command, char *answer, size_t size, uint64_t timeout_ms, struct err *err);
/* A line of the human monitor that says nothing unless it failed. The machine has to stand still. */
int rsp_monitor(struct rsp *rsp, const char *line, uint64_t timeout_ms, struct err *err);

#endif
