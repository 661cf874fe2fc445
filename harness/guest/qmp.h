/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qmp.h - a small client of QEMU's machine protocol, over a connected stream socket.
 *
 * Commands are answered in order and one at a time; events that arrive meanwhile wait in a queue until they are taken.
 */
#ifndef ASSAY_GUEST_QMP_H
#define ASSAY_GUEST_QMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"

#define QMP_EVENTS 16 /* events that nobody has taken; what comes after is dropped, which the guest layer never lets happen */

struct qmp_event {
	char name[32], reason[32];
};

struct qmp {
	int fd;
	bool closed; /* the other side is gone */
	const volatile bool *interrupt; /* true: no answer is waited for any more. NULL: never */
	char *line; /* what has been read of the message under way */
	size_t used, size;
	uint64_t last_id;
	json_t *reply; /* to last_id */
	json_t *greeting;
	struct qmp_event events[QMP_EVENTS];
	size_t event_count;
	char version[64]; /* of QEMU, after qmp_greet() */
};

void qmp_init(struct qmp *qmp, int take_fd);
void qmp_free(struct qmp *qmp); /* closes the socket */

/* Waits for the greeting and leaves negotiation mode. */
int qmp_greet(struct qmp *qmp, uint64_t timeout_ms, struct err *err);
/*
 * Executes one command and returns the answer's `return` value (the caller's to release), or NULL. A timeout or a closed
 * connection leaves qmp->closed as it was found: closed tells the two apart.
 */
json_t *qmp_execute(struct qmp *qmp, const char *command, json_t *take_arguments, uint64_t timeout_ms, struct err *err);
/* The same in two parts. qmp_answered(): the answer has come, and is the caller's; else NULL, without waiting. */
int qmp_send(struct qmp *qmp, const char *command, json_t *take_arguments, struct err *err);
json_t *qmp_answered(struct qmp *qmp);
/* Runs a line of the human monitor and copies its answer into out. */
int qmp_human(struct qmp *qmp, const char *command, char *out, size_t size, uint64_t timeout_ms, struct err *err);

/* Takes in what has arrived, without waiting. */
void qmp_pump(struct qmp *qmp);
/* The oldest event nobody took. */
bool qmp_event(struct qmp *qmp, struct qmp_event *event);

#endif
