/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/rsp.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

void rsp_init(struct rsp *rsp, int take_fd)
{
	*rsp = (struct rsp){ .fd = take_fd };
}

void rsp_free(struct rsp *rsp)
{
	if (rsp->fd >= 0)
		close(rsp->fd);
	*rsp = (struct rsp){ .fd = -1, .closed = true };
}

static int send_text(struct rsp *rsp, const char *text, size_t length, struct err *err)
{
	while (length) {
		ssize_t sent = send(rsp->fd, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			rsp->closed = true;
			return err_set(err, EXIT_BROKEN, "QEMU's gdbserver: %s", strerror(errno));
		}
		text += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static int send_packet(struct rsp *rsp, const char *command, struct err *err)
{
	char text[RSP_COMMAND + 8];
	uint8_t sum = 0;
	int length;

	for (const char *at = command; *at; at++)
		sum = (uint8_t)(sum + (uint8_t)*at);
	length = snprintf(text, sizeof(text), "$%s#%02x", command, sum);
	return send_text(rsp, text, (size_t)length, err);
}

/* "T05thread:01;", "S05"; 05 is a trap. W and X tell of QEMU's own end, which others see. */
static bool take_stop(struct rsp *rsp)
{
	bool stop = rsp->packet[0] == 'T' || rsp->packet[0] == 'S';
	unsigned signal = 0, thread = 0;

	if (!stop)
		return false;
	rsp->stopped = true;
	sscanf(rsp->packet + 1, "%2xthread:%x", &signal, &thread);
	if (signal == 5) {
		rsp->trapped = true;
		rsp->thread = thread ? thread : 1;
	}
	return true;
}

/* There is news of a stop no more: it is about to run. */
static void forget_stop(struct rsp *rsp)
{
	rsp_pump(rsp);
	rsp->stopped = rsp->trapped = false;
}

/* "O" and what the human monitor prints, in hexadecimal. */
static bool take_output(struct rsp *rsp)
{
	const char *at = rsp->packet + 1;
	unsigned byte;

	if (rsp->packet[0] != 'O' || !strcmp(at, "K"))
		return false;
	for (; sscanf(at, "%2x", &byte) == 1 && at[1]; at += 2)
		if (rsp->printed + 1 < sizeof(rsp->output))
			rsp->output[rsp->printed++] = (char)byte;
	rsp->output[rsp->printed] = 0;
	return true;
}

static void take_packet(struct rsp *rsp)
{
	struct err err;

	rsp->packet[rsp->used] = 0;
	send_text(rsp, "+", 1, &err);
	if (take_stop(rsp) || take_output(rsp))
		return;
	memcpy(rsp->reply, rsp->packet, rsp->used + 1);
	rsp->replied = true;
}

static void take_character(struct rsp *rsp, char character)
{
	if (rsp->tail) {
		if (!--rsp->tail)
			take_packet(rsp);
	} else if (character == '$') {
		rsp->in_packet = true;
		rsp->used = 0;
	} else if (character == '#' && rsp->in_packet) {
		rsp->in_packet = false;
		rsp->tail = 2;
	} else if (rsp->in_packet && rsp->used + 1 < sizeof(rsp->packet)) {
		rsp->packet[rsp->used++] = character;
	}
}

void rsp_pump(struct rsp *rsp)
{
	char chunk[4096];

	while (!rsp->closed) {
		ssize_t got = recv(rsp->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		rsp->closed = got <= 0;
		for (ssize_t i = 0; i < got; i++)
			take_character(rsp, chunk[i]);
	}
}

static int wait_for(struct rsp *rsp, const bool *what, uint64_t timeout_ms, struct err *err)
{
	uint64_t end = clock_ms() + timeout_ms;

	for (;;) {
		struct pollfd poll_fd = { .fd = rsp->fd, .events = POLLIN };
		uint64_t now;

		rsp_pump(rsp);
		if (*what)
			return 0;
		if (rsp->closed)
			return err_set(err, EXIT_BROKEN, "QEMU closed its gdbserver");
		if (rsp->interrupt && *rsp->interrupt)
			return err_set(err, EXIT_INTERRUPTED, "interrupted");
		now = clock_ms();
		if (now >= end)
			return err_set(err, EXIT_BROKEN, "QEMU's gdbserver gave no answer for %" PRIu64 " ms", timeout_ms);
		poll(&poll_fd, 1, clock_slice(end - now));
	}
}

int rsp_ask(struct rsp *rsp, const char *command, char *answer, size_t size, uint64_t timeout_ms, struct err *err)
{
	rsp_pump(rsp);
	rsp->replied = false;
	if (send_packet(rsp, command, err) || wait_for(rsp, &rsp->replied, timeout_ms, err))
		return -1;
	snprintf(answer, size, "%s", rsp->reply);
	return 0;
}

int rsp_monitor(struct rsp *rsp, const char *line, uint64_t timeout_ms, struct err *err)
{
	char command[RSP_COMMAND] = "qRcmd,", answer[16];
	size_t used = strlen(command);

	for (const char *at = line; *at && used + 3 < sizeof(command); at++)
		used += (size_t)snprintf(command + used, sizeof(command) - used, "%02x", (unsigned char)*at);
	rsp->printed = 0;
	rsp->output[0] = 0;
	if (rsp_ask(rsp, command, answer, sizeof(answer), timeout_ms, err))
		return -1;
	rsp->output[strcspn(rsp->output, "\r\n")] = 0;
	if (!strcmp(answer, "OK") && !rsp->output[0])
		return 0;
	return err_set(err, EXIT_BROKEN, "QEMU refused %s: %s", line, rsp->output[0] ? rsp->output : answer);
}

int rsp_continue(struct rsp *rsp, struct err *err)
{
	forget_stop(rsp);
	return send_packet(rsp, "c", err);
}

/* Kind 1, of the processor where there is one: the guest's memory stays as it is. */
int rsp_breakpoint(struct rsp *rsp, uint64_t address, bool there, uint64_t timeout_ms, struct err *err)
{
	char command[64], answer[16];

	snprintf(command, sizeof(command), "%c1,%" PRIx64 ",1", there ? 'Z' : 'z', address);
	if (rsp_ask(rsp, command, answer, sizeof(answer), timeout_ms, err))
		return -1;
	return !strcmp(answer, "OK") ? 0
				     : err_set(err, EXIT_BROKEN, "QEMU's gdbserver refuses a breakpoint at 0x%" PRIx64 ": %s",
					       address, *answer ? answer : "it has none");
}

int rsp_step(struct rsp *rsp, unsigned thread, uint64_t timeout_ms, struct err *err)
{
	char command[64];

	forget_stop(rsp);
	snprintf(command, sizeof(command), "vCont;s:%x", thread);
	return send_packet(rsp, command, err) || wait_for(rsp, &rsp->stopped, timeout_ms, err) ? -1 : 0;
}
