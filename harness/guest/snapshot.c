/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/snapshot.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "guest/internal.h"

static int execute(struct guest *guest, const char *command, json_t *take_arguments, struct err *err)
{
	json_t *answer = qmp_execute(&guest->qmp, command, take_arguments, guest->config.stuck_ms, err);

	json_decref(answer);
	return answer ? 0 : -1;
}

/* ---- a place for device state ---- */

enum job { JOB_RUNS, JOB_DONE, JOB_FAILED };

static enum job look_at_job(struct guest *guest, struct err *err)
{
	json_t *jobs = qmp_execute(&guest->qmp, "query-jobs", NULL, guest->config.stuck_ms, err), *job = json_array_get(jobs, 0);
	const char *status = json_string_value(json_object_get(job, "status"));
	const char *error = json_string_value(json_object_get(job, "error"));
	enum job seen = JOB_RUNS;

	if (error)
		err_set(err, EXIT_BROKEN, "QEMU could not make an image for snapshots: %s", error);
	if (!jobs || error)
		seen = JOB_FAILED;
	else if (status && !strcmp(status, "concluded"))
		seen = JOB_DONE;
	json_decref(jobs);
	return seen;
}

/* It takes well below a millisecond. */
static int wait_for_job(struct guest *guest, const char *id, struct err *err)
{
	uint64_t end = clock_ms() + guest->config.stuck_ms;
	enum job job;

	while ((job = look_at_job(guest, err)) == JOB_RUNS) {
		if (clock_ms() >= end)
			return err_set(err, EXIT_BROKEN, "QEMU took too long to make an image for snapshots");
		poll(NULL, 0, 1);
	}
	return job == JOB_DONE ? execute(guest, "job-dismiss", json_pack("{s:s}", "id", id), err) : -1;
}

int snapshot_prepare(struct guest *guest, int descriptor, struct err *err)
{
	char path[64], answer[16];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	if (execute(guest, "migrate-set-capabilities",
		    json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "x-ignore-shared", "state", 1), err) ||
	    execute(guest, "blockdev-add",
		    json_pack("{s:s, s:s, s:s}", "driver", "file", "node-name", "state-file", "filename", path), err) ||
	    execute(guest, "blockdev-create",
		    json_pack("{s:s, s:{s:s, s:s, s:i}}", "job-id", "make", "options", "driver", "qcow2", "file", "state-file",
			      "size", 0),
		    err) ||
	    wait_for_job(guest, "make", err) ||
	    execute(guest, "blockdev-add",
		    json_pack("{s:s, s:s, s:s}", "driver", "qcow2", "node-name", "state", "file", "state-file"), err))
		return -1;
	/* device registers are read and written by their physical addresses */
	return rsp_ask(&guest->rsp, "Qqemu.PhyMemMode:1", answer, sizeof(answer), guest->config.stuck_ms, err);
}

/* ---- what QEMU does not save ---- */

static int read_unsaved(struct guest *guest, struct err *err)
{
	const struct machine *machine = guest->config.blob->machine;

	for (size_t i = 0; i < machine->unsaved_count; i++) {
		char command[64], *content = guest->snapshot.unsaved[i];

		snprintf(command, sizeof(command), "m%" PRIx64 ",8", machine->unsaved[i]);
		if (rsp_ask(&guest->rsp, command, content, sizeof(guest->snapshot.unsaved[i]), guest->config.stuck_ms, err))
			return -1;
		if (strlen(content) != 16)
			return err_set(err, EXIT_BROKEN, "machine %s: `unsaved`: nothing can be read at 0x%" PRIx64,
				       machine->name, machine->unsaved[i]);
	}
	return 0;
}

static int write_unsaved(struct guest *guest, struct err *err)
{
	const struct machine *machine = guest->config.blob->machine;

	for (size_t i = 0; i < machine->unsaved_count; i++) {
		char command[96], answer[64];

		snprintf(command, sizeof(command), "M%" PRIx64 ",8:%s", machine->unsaved[i], guest->snapshot.unsaved[i]);
		if (rsp_ask(&guest->rsp, command, answer, sizeof(answer), guest->config.stuck_ms, err))
			return -1;
		if (strcmp(answer, "OK"))
			return err_set(err, EXIT_BROKEN, "machine %s: `unsaved`: 0x%" PRIx64 " cannot be written: %s",
				       machine->name, machine->unsaved[i], answer);
	}
	return 0;
}

/* ---- */

int snapshot_take(struct guest *guest, struct err *err)
{
	guest->snapshot.taken = false;
	if (rsp_monitor(&guest->rsp, "savevm begin", guest->config.stuck_ms, err) || read_unsaved(guest, err) ||
	    ram_save(&guest->ram, &guest->snapshot.ram, err))
		return -1;
	guest->snapshot.taken = true;
	return 0;
}

int snapshot_restore(struct guest *guest, struct err *err)
{
	if (rsp_monitor(&guest->rsp, "loadvm begin", guest->config.stuck_ms, err) ||
	    ram_restore(&guest->ram, &guest->snapshot.ram, guest->steps, err))
		return -1;
	return write_unsaved(guest, err);
}

static int set_reboot(struct guest *guest, const char *action, struct err *err)
{
	return execute(guest, "set-action", json_pack("{s:s}", "reboot", action), err);
}

static int wait_for_event(struct guest *guest, const char *name, struct err *err)
{
	uint64_t end = clock_ms() + guest->config.stuck_ms;
	struct qmp_event event;

	while (clock_ms() < end && !guest->qmp.closed) {
		struct pollfd poll_fd = { .fd = guest->qmp.fd, .events = POLLIN };

		qmp_pump(&guest->qmp);
		while (qmp_event(&guest->qmp, &event))
			if (!strcmp(event.name, name))
				return 0;
		poll(&poll_fd, 1, 10);
	}
	return err_set(err, EXIT_BROKEN, "QEMU did not reset its machine");
}

int snapshot_revive(struct guest *guest, struct err *err)
{
	struct qmp_event event;

	qmp_pump(&guest->qmp);
	while (qmp_event(&guest->qmp, &event))
		; /* of the machine's last life */
	if (set_reboot(guest, "reset", err) || execute(guest, "system_reset", NULL, err) || wait_for_event(guest, "RESET", err))
		return -1;
	return set_reboot(guest, "shutdown", err);
}

void snapshot_free(struct snapshot *snapshot)
{
	ram_image_free(&snapshot->ram);
	snapshot->taken = false;
}
