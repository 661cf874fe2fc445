/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest/internal.h"

#define PAUSE_MS   20 /* for QEMU to begin to stop its CPUs */
#define LOOK_MS	   50 /* between two looks at a debugger's connection */
#define PIPE_BYTES (1 << 20)
#define GATE_BYTES 8 /* of code at a gate: the call, and the beginning of what follows when it returns */

void sight_init(struct sight *sight)
{
	*sight = (struct sight){ .gdb = -1, .trace = { -1, -1 } };
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void sight_free(struct sight *sight)
{
	close_if_open(&sight->gdb);
	close_if_open(&sight->trace[0]);
	close_if_open(&sight->trace[1]);
	if (sight->socket)
		unlink(sight->socket);
	free(sight->socket);
	free(sight->filter);
	sight_init(sight);
}

/* QEMU inherits the socket: it needs no right to make one. */
static int open_gdb(struct guest *guest, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct sight *sight = &guest->sight;

	if (asprintf(&sight->socket, "%s/gdb.sock", guest->config.directory) < 0)
		return err_set(err, EXIT_BROKEN, "no memory for a path");
	if (strlen(sight->socket) >= sizeof(address.sun_path))
		return err_set(err, EXIT_USAGE, "%s: is too long for the path of a socket", sight->socket);
	strcpy(address.sun_path, sight->socket);
	sight->gdb = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sight->gdb < 0 || bind(sight->gdb, (struct sockaddr *)&address, sizeof(address)) || listen(sight->gdb, 1))
		return err_set(err, EXIT_BROKEN, "%s: no socket for a debugger: %s", sight->socket, strerror(errno));
	return 0;
}

/* Everything but the probe's own code, and of that the gates. */
static int make_filter(struct guest *guest, struct err *err)
{
	const struct image *image = &guest->image;
	size_t size;
	FILE *out = open_memstream(&guest->sight.filter, &size);

	if (!out)
		return err_set(err, EXIT_BROKEN, "no memory for a filter");
	fprintf(out, "0..0x%" PRIx64 ",0x%" PRIx64 "..0x%" PRIx64, image->low - 1, image->high + 1, UINT64_MAX);
	for (size_t i = 0; i < guest->config.arch->gate_count; i++)
		for (unsigned hart = 0; hart < WIRE_HARTS; hart++)
			if (image->gates[i][hart])
				fprintf(out, ",0x%" PRIx64 "+%d", image->gates[i][hart], GATE_BYTES);
	return fclose(out) ? err_set(err, EXIT_BROKEN, "no memory for a filter") : 0;
}

int sight_open(struct guest *guest, struct err *err)
{
	if ((guest->config.gdb || guest->config.trace) && !guest->config.stopper)
		return err_set(err, EXIT_USAGE,
			       "a call can be looked into on QEMU's own accelerator only, without `accelerator` in the manifest");
	if (guest->config.gdb && open_gdb(guest, err))
		return -1;
	return guest->config.trace ? make_filter(guest, err) : 0;
}

int sight_renew(struct guest *guest, struct err *err)
{
	struct sight *sight = &guest->sight;

	if (!guest->config.trace)
		return 0;
	close_if_open(&sight->trace[0]);
	close_if_open(&sight->trace[1]);
	if (!pipe2(sight->trace, O_CLOEXEC)) {
		fcntl(sight->trace[0], F_SETPIPE_SZ, PIPE_BYTES); /* fewer turns; less does as well */
		fchmod(sight->trace[1], 0622); /* QEMU opens it by name, and is somebody else by then */
		return 0;
	}
	sight->trace[0] = sight->trace[1] = -1;
	return err_set(err, EXIT_BROKEN, "no pipe for a trace: %s", strerror(errno));
}

void sight_close_ours(struct guest *guest)
{
	close_if_open(&guest->sight.trace[1]);
}

static int execute(struct guest *guest, const char *command, struct err *err)
{
	json_t *answer = qmp_execute(&guest->qmp, command, NULL, guest->config.stuck_ms, err);

	json_decref(answer);
	return answer ? 0 : -1;
}

/* A CPU that is held goes on for a few instructions when QEMU has not begun to stop it by the time it is let go. */
int guest_pause(struct guest *guest, struct err *err)
{
	if (qmp_send(&guest->qmp, "stop", NULL, err))
		return -1;
	poll(NULL, 0, guest->stops.held ? PAUSE_MS : 0);
	stops_release(&guest->stops);
	return guest_stop_machine(guest, err);
}

int guest_resume(struct guest *guest, struct err *err)
{
	return execute(guest, "cont", err);
}

uint64_t guest_gate(const struct guest *guest, uint16_t gate, unsigned hart)
{
	const struct arch *arch = guest->config.arch;

	for (size_t i = 0; i < arch->gate_count && hart < WIRE_HARTS; i++)
		if (arch->gates[i].number == gate)
			return guest->image.gates[i][hart];
	return 0;
}

/* ---- a debugger ---- */

const char *guest_gdb_socket(const struct guest *guest)
{
	return guest->sight.socket;
}

/* 1: there is a debugger, 0: there is none, -1: QEMU gave no answer. */
static int is_connected(struct guest *guest)
{
	struct err err;
	json_t *devices = qmp_execute(&guest->qmp, "query-chardev", NULL, guest->config.stuck_ms, &err), *device;
	int connected = devices ? 0 : -1;
	size_t i;

	json_array_foreach(devices, i, device)
	{
		const char *label = json_string_value(json_object_get(device, "label"));
		const char *name = json_string_value(json_object_get(device, "filename"));

		if (label && name && !strcmp(label, "gdb"))
			connected = strncmp(name, "disconnected:", strlen("disconnected:")) != 0;
	}
	json_decref(devices);
	return connected;
}

/* Keeps a guest going while nobody waits for it. True when it was let go, which only a debugger does. */
static bool attend(struct guest *guest)
{
	struct qmp_event event;
	bool resumed = false;

	console_drain(&guest->console);
	qmp_pump(&guest->qmp);
	while (qmp_event(&guest->qmp, &event))
		resumed |= !strcmp(event.name, "RESUME");
	stops_pump(&guest->stops);
	stops_release(&guest->stops);
	return resumed;
}

int guest_debug(struct guest *guest, const volatile bool *interrupt, struct err *err)
{
	char answer[256];
	bool came = false;

	/* the gdbserver was ours so far */
	if (qmp_human(&guest->qmp, "gdbserver chardev:gdb", answer, sizeof(answer), guest->config.stuck_ms, err))
		return -1;
	while (!*interrupt && !guest->qmp.closed) {
		int connected = is_connected(guest);

		if (connected < 0 || (came && !connected))
			break;
		/* a short visit is seen by what it did */
		came |= connected | attend(guest);
		poll(NULL, 0, LOOK_MS);
	}
	guest_kill(guest);
	return 0;
}

/* ---- a trace ---- */

int guest_trace_fd(const struct guest *guest)
{
	return guest->sight.trace[0];
}

/* A command that says something did not work. */
static int order(struct guest *guest, const char *line, struct err *err)
{
	char answer[256];

	if (qmp_human(&guest->qmp, line, answer, sizeof(answer), guest->config.stuck_ms, err))
		return -1;
	return *answer ? err_set(err, EXIT_BROKEN, "QEMU's monitor: %s: %s", line, answer) : 0;
}

int guest_trace_begin(struct guest *guest, bool registers, struct err *err)
{
	if (order(guest, "singlestep on", err))
		return -1;
	return order(guest, registers ? "log exec,in_asm,nochain,cpu" : "log exec,in_asm,nochain", err);
}

int guest_trace_end(struct guest *guest, struct err *err)
{
	return order(guest, "log none", err) || order(guest, "singlestep off", err) ? -1 : 0;
}
