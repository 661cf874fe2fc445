/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define LINE_MAX_BYTES (1u << 20) /* a longer message is no QMP */

void qmp_init(struct qmp *qmp, int take_fd)
{
	*qmp = (struct qmp){ .fd = take_fd };
}

void qmp_free(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->line);
	json_decref(qmp->reply);
	json_decref(qmp->greeting);
	*qmp = (struct qmp){ .fd = -1, .closed = true };
}

static void copy_text(char *to, size_t size, const json_t *text)
{
	snprintf(to, size, "%s", json_is_string(text) ? json_string_value(text) : "");
}

static void take_event(struct qmp *qmp, const json_t *message)
{
	struct qmp_event *event;

	if (qmp->event_count == QMP_EVENTS)
		return;
	event = &qmp->events[qmp->event_count++];
	copy_text(event->name, sizeof(event->name), json_object_get(message, "event"));
	copy_text(event->reason, sizeof(event->reason), json_object_get(json_object_get(message, "data"), "reason"));
}

static void take_message(struct qmp *qmp, const char *text, size_t length)
{
	json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(message)) {
		/* whatever speaks there is no QEMU */
		qmp->closed = qmp->closed || length > 1;
	} else if (json_object_get(message, "event")) {
		take_event(qmp, message);
	} else if (json_object_get(message, "QMP")) {
		json_decref(qmp->greeting);
		qmp->greeting = json_incref(message);
	} else if ((uint64_t)json_integer_value(json_object_get(message, "id")) == qmp->last_id) {
		json_decref(qmp->reply);
		qmp->reply = json_incref(message);
	}
	json_decref(message);
}

/* Handles every whole line in the buffer and keeps the rest. */
static void take_lines(struct qmp *qmp)
{
	size_t start = 0;
	char *end;

	while (start < qmp->used && (end = memchr(qmp->line + start, '\n', qmp->used - start))) {
		take_message(qmp, qmp->line + start, (size_t)(end - qmp->line) - start);
		start = (size_t)(end - qmp->line) + 1;
	}
	memmove(qmp->line, qmp->line + start, qmp->used - start);
	qmp->used -= start;
}

void qmp_pump(struct qmp *qmp)
{
	while (!qmp->closed) {
		ssize_t got;

		if (qmp->size - qmp->used < 4096) {
			qmp->size += 65536;
			qmp->line = xrealloc(qmp->line, qmp->size);
		}
		got = recv(qmp->fd, qmp->line + qmp->used, qmp->size - qmp->used, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got <= 0) {
			qmp->closed = true;
			return;
		}
		qmp->used += (size_t)got;
		take_lines(qmp);
		qmp->closed = qmp->closed || qmp->used > LINE_MAX_BYTES;
	}
}

bool qmp_event(struct qmp *qmp, struct qmp_event *event)
{
	if (!qmp->event_count)
		return false;
	*event = qmp->events[0];
	qmp->event_count--;
	memmove(qmp->events, qmp->events + 1, qmp->event_count * sizeof(*event));
	return true;
}

/* Waits until *slot is filled. */
static int wait_for(struct qmp *qmp, json_t **slot, const char *what, uint64_t timeout_ms, struct err *err)
{
	uint64_t end = clock_ms() + timeout_ms;

	for (;;) {
		struct pollfd poll_fd = { .fd = qmp->fd, .events = POLLIN };
		uint64_t now;

		qmp_pump(qmp);
		if (*slot)
			return 0;
		if (qmp->closed)
			return err_set(err, EXIT_BROKEN, "QEMU closed its monitor before %s", what);
		if (qmp->interrupt && *qmp->interrupt)
			return err_set(err, EXIT_INTERRUPTED, "interrupted");
		now = clock_ms();
		if (now >= end)
			return err_set(err, EXIT_BROKEN, "QEMU gave no answer for %llu ms (%s)", (unsigned long long)timeout_ms,
				       what);
		poll(&poll_fd, 1, clock_slice(end - now));
	}
}

static int send_all(struct qmp *qmp, const char *text, size_t length, struct err *err)
{
	while (length) {
		ssize_t sent = send(qmp->fd, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			err_set(err, EXIT_BROKEN, "QEMU's monitor: %s", strerror(errno));
			qmp_pump(qmp); /* its last words */
			qmp->closed = true;
			return -1;
		}
		text += sent;
		length -= (size_t)sent;
	}
	return 0;
}

int qmp_send(struct qmp *qmp, const char *command, json_t *take_arguments, struct err *err)
{
	json_t *request;
	char *text;
	int failed;

	json_decref(qmp->reply);
	qmp->reply = NULL;
	request =
		json_pack("{s:s, s:I, s:o*}", "execute", command, "id", (json_int_t)++qmp->last_id, "arguments", take_arguments);
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text)
		return err_set(err, EXIT_BROKEN, "QEMU's monitor: no memory for %s", command);
	failed = send_all(qmp, text, strlen(text), err) || send_all(qmp, "\n", 1, err);
	free(text);
	return failed ? -1 : 0;
}

json_t *qmp_answered(struct qmp *qmp)
{
	qmp_pump(qmp);
	return json_incref(json_object_get(qmp->reply, "return"));
}

json_t *qmp_execute(struct qmp *qmp, const char *command, json_t *take_arguments, uint64_t timeout_ms, struct err *err)
{
	json_t *answer;

	if (qmp_send(qmp, command, take_arguments, err) || wait_for(qmp, &qmp->reply, command, timeout_ms, err))
		return NULL;
	answer = json_object_get(qmp->reply, "return");
	if (!answer) {
		const char *why = json_string_value(json_object_get(json_object_get(qmp->reply, "error"), "desc"));

		return err_null(err, EXIT_BROKEN, "QEMU refused %s: %s", command, why ? why : "no reason given");
	}
	return json_incref(answer);
}

int qmp_greet(struct qmp *qmp, uint64_t timeout_ms, struct err *err)
{
	json_t *version, *answer;

	if (wait_for(qmp, &qmp->greeting, "its greeting", timeout_ms, err))
		return -1;
	version = json_object_get(json_object_get(json_object_get(qmp->greeting, "QMP"), "version"), "qemu");
	snprintf(qmp->version, sizeof(qmp->version), "%lld.%lld.%lld", json_integer_value(json_object_get(version, "major")),
		 json_integer_value(json_object_get(version, "minor")), json_integer_value(json_object_get(version, "micro")));
	answer = qmp_execute(qmp, "qmp_capabilities", NULL, timeout_ms, err);
	json_decref(answer);
	return answer ? 0 : -1;
}

int qmp_human(struct qmp *qmp, const char *command, char *out, size_t size, uint64_t timeout_ms, struct err *err)
{
	json_t *answer = qmp_execute(qmp, "human-monitor-command", json_pack("{s:s}", "command-line", command), timeout_ms, err);

	if (!answer)
		return -1;
	copy_text(out, size, answer);
	json_decref(answer);
	return 0;
}
