/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/guest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/clock.h"
#include "guest/internal.h"

static struct launch launch_of(const struct guest *guest)
{
	return (struct launch){
		.machine = guest->config.blob->machine,
		.blob = guest->config.blob->path,
		.probe = guest->config.probe,
		.ram = guest->ram.fd,
		.qmp = -1,
		.console = -1,
		.tree = guest->tree,
		.icount = guest->config.icount,
		.gdb = guest->gdb_socket,
	};
}

static int prepare_gdb(struct guest *guest, struct err *err)
{
	const struct guest_config *config = &guest->config;

	if (!config->gdb)
		return 0;
	if (asprintf(&guest->gdb_socket, "%s/gdb.sock", config->directory) < 0 ||
	    asprintf(&guest->gdb_command, "gdb-multiarch -ex 'target remote %s' %s", guest->gdb_socket, config->probe) < 0)
		return err_set(err, EXIT_BROKEN, "no memory for a path");
	if (strlen(guest->gdb_socket) >= sizeof(((struct sockaddr_un *)0)->sun_path) || strchr(guest->gdb_socket, ','))
		return err_set(err, EXIT_USAGE, "%s: is no path a socket can have (at most 107 characters, no comma)",
			       guest->gdb_socket);
	return 0;
}

static int check_order(const struct guest_config *config, struct err *err)
{
	const uint16_t one = 1;
	bool host_big = !*(const char *)&one;

	if (config->arch->big_endian == host_big)
		return 0;
	return err_set(err, EXIT_BROKEN, "a guest of the other byte order than the host's is not supported yet (%s)",
		       config->arch->name);
}

struct guest *guest_new(const struct guest_config *config, struct err *err)
{
	const struct machine *machine = config->blob->machine;
	struct guest *guest = xcalloc(1, sizeof(*guest));
	struct launch launch;

	guest->config = *config;
	guest->tree = guest->ram.fd = -1;
	qemu_init(&guest->qemu);
	qmp_init(&guest->qmp, -1);
	console_init(&guest->console, -1, config->console_max);
	if (check_order(config, err) || image_read(config->probe, config->arch, &guest->image, err) ||
	    ram_new(&guest->ram, machine->ram_base, machine->ram_size, &guest->image, err) || prepare_gdb(guest, err))
		goto failed;
	guest->batch = ram_at(&guest->ram, guest->image.batch, sizeof(*guest->batch));
	if (!guest->batch) {
		err_set(err, EXIT_BROKEN, "%s: wire_batch at 0x%llx is outside of RAM", config->probe,
			(unsigned long long)guest->image.batch);
		goto failed;
	}
	launch = launch_of(guest);
	if (machine->tree_count && (guest->tree = qemu_make_tree(&launch, config->directory, err)) < 0)
		goto failed;
	return guest;
failed:
	guest_free(guest);
	return NULL;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	qemu_free(&guest->qemu);
	qmp_free(&guest->qmp);
	console_free(&guest->console);
	ram_free(&guest->ram);
	if (guest->tree >= 0)
		close(guest->tree);
	if (guest->gdb_socket)
		unlink(guest->gdb_socket);
	free(guest->gdb_socket);
	free(guest->gdb_command);
	free(guest);
}

void guest_end_now(struct guest *guest)
{
	qemu_kill(&guest->qemu);
	console_drain(&guest->console);
	guest->phase = PHASE_ENDED;
}

/* A connected pair: ours and QEMU's. */
static int make_pair(int pair[2], struct err *err)
{
	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 0;
	pair[0] = pair[1] = -1;
	return err_set(err, EXIT_BROKEN, "no channel to QEMU: %s", strerror(errno));
}

static int start(struct guest *guest, struct err *err)
{
	int qmp[2] = { -1, -1 }, console[2] = { -1, -1 }, result = -1;
	struct launch launch = launch_of(guest);

	if (!make_pair(qmp, err) && !make_pair(console, err)) {
		launch.qmp = qmp[1];
		launch.console = console[1];
		result = qemu_start(&guest->qemu, &launch, err);
	}
	if (qmp[1] >= 0)
		close(qmp[1]);
	if (console[1] >= 0)
		close(console[1]);
	qmp_init(&guest->qmp, qmp[0]);
	console_init(&guest->console, console[0], guest->config.console_max);
	return result;
}

int guest_reset(struct guest *guest, struct err *err)
{
	qemu_kill(&guest->qemu);
	qmp_free(&guest->qmp);
	console_free(&guest->console);
	guest->phase = PHASE_NONE;
	guest->steps = 0;
	guest->acknowledged = 0;
	if (ram_clear(&guest->ram, err) || start(guest, err))
		return -1;
	guest->phase = PHASE_STARTED;
	return 0;
}

size_t guest_capacity(const struct guest *guest)
{
	return guest->ram.capacity;
}

struct wire_step *guest_step(struct guest *guest, size_t number)
{
	struct wire_step *steps = ram_at(&guest->ram, guest->ram.step_at, guest->ram.capacity * sizeof(*steps));

	if (number != guest->steps || number >= guest->ram.capacity)
		return NULL;
	guest->steps++;
	return &steps[number]; /* zero since the reset */
}

void *guest_alloc(struct guest *guest, size_t size, size_t align, uint64_t *address)
{
	return ram_alloc(&guest->ram, size, align, address);
}

const void *guest_memory(const struct guest *guest, uint64_t address, size_t size)
{
	if (address < guest->ram.alloc_at || address > guest->ram.end || size > guest->ram.end - address)
		return NULL;
	return ram_at(&guest->ram, address, size);
}

uint64_t guest_pad(const struct guest *guest, const char *name)
{
	const struct arch *arch = guest->config.arch;

	for (size_t i = 0; i < arch->pad_count; i++)
		if (!strcmp(arch->pads[i].name, name))
			return guest->image.pads[i];
	return 0;
}

void guest_leave(struct guest *guest, uint16_t gate, const uint64_t inputs[WIRE_INPUTS])
{
	guest->leave_gate = gate;
	memcpy(guest->leave, inputs, sizeof(guest->leave));
}

struct address_range guest_own_memory(const struct guest *guest)
{
	return (struct address_range){ guest->image.low, guest->ram.end - 1 };
}

/* QEMU did not come up: says why, in its own words where it has some. */
static int explain(struct guest *guest, struct err *err)
{
	char why[256], first[sizeof(err->message)];

	snprintf(first, sizeof(first), "%s", err->message);
	qemu_ended(&guest->qemu, 200);
	guest_end_now(guest);
	qemu_complaint(&guest->qemu, why, sizeof(why));
	return err_set(err, EXIT_BROKEN, "%s did not start: %s", guest->config.blob->machine->qemu, *why ? why : first);
}

static void write_head(struct guest *guest, size_t steps)
{
	struct wire_batch *batch = guest->batch;

	memset(batch, 0, sizeof(*batch));
	if (getrandom(&guest->nonce, sizeof(guest->nonce), GRND_NONBLOCK) != sizeof(guest->nonce))
		guest->nonce = clock_ns();
	batch->nonce = guest->nonce;
	batch->steps = (uint32_t)steps;
	batch->landings_max = guest->ram.landings_max;
	batch->step_at = guest->ram.step_at;
	batch->seen_at = guest->ram.seen_at;
	batch->landing_at = guest->ram.landing_at;
	memcpy(batch->leave, guest->leave, sizeof(batch->leave));
	batch->leave_gate = guest->leave_gate;
	__atomic_store_n(&batch->magic, WIRE_MAGIC, __ATOMIC_RELEASE);
}

int guest_go(struct guest *guest, size_t steps, struct err *err)
{
	json_t *answer;

	if (guest->phase != PHASE_STARTED || steps > guest->steps)
		return err_set(err, EXIT_BROKEN, "a guest was started twice, or with steps that are not there");
	if (qmp_greet(&guest->qmp, START_TIMEOUT_MS, err))
		return explain(guest, err);
	snprintf(guest->version, sizeof(guest->version), "%s", guest->qmp.version);
	/* QEMU has put blob and probe into RAM by now, and will not do it again */
	write_head(guest, steps);
	guest->watchdog = (struct watchdog){ .moved_ms = clock_ms() };
	guest->phase = PHASE_RUNNING;
	if (guest->config.gdb)
		return 0;
	answer = qmp_execute(&guest->qmp, "cont", NULL, START_TIMEOUT_MS, err);
	json_decref(answer);
	/* a guest may come to its end before QEMU has answered; guest_wait() tells how */
	return answer || guest->qmp.closed ? 0 : explain(guest, err);
}

void guest_seen(const struct guest *guest, size_t number, struct wire_seen *seen)
{
	const struct wire_seen *all = ram_at(&guest->ram, guest->ram.seen_at, guest->ram.capacity * sizeof(*all));

	if (number >= guest->ram.capacity) {
		memset(seen, 0, sizeof(*seen));
		return;
	}
	memcpy(seen, &all[number], sizeof(*seen));
	/* a record that is not this batch's is no record */
	if (seen->outcome != WIRE_NOTHING && (seen->nonce != guest->nonce || seen->number != number))
		seen->outcome = UINT16_MAX;
}

size_t guest_landings(const struct guest *guest)
{
	uint32_t count = __atomic_load_n(&guest->batch->landings, __ATOMIC_ACQUIRE);

	return count < guest->ram.landings_max ? count : guest->ram.landings_max;
}

void guest_landing(const struct guest *guest, size_t number, struct wire_landing *landing)
{
	const struct wire_landing *all = ram_at(&guest->ram, guest->ram.landing_at, guest->ram.landings_max * sizeof(*all));

	if (number < guest->ram.landings_max)
		memcpy(landing, &all[number], sizeof(*landing));
	else
		memset(landing, 0, sizeof(*landing));
}

void guest_batch(const struct guest *guest, struct wire_batch *batch)
{
	memcpy(batch, guest->batch, sizeof(*batch));
}

size_t guest_console(const struct guest *guest, const uint8_t **bytes, uint64_t *total)
{
	*bytes = guest->console.bytes;
	if (total)
		*total = guest->console.total;
	return guest->console.used;
}

int guest_console_feed(struct guest *guest, const void *bytes, size_t size, struct err *err)
{
	return console_feed(&guest->console, bytes, size, 1000, err);
}

const char *guest_qemu_version(const struct guest *guest)
{
	return guest->version;
}

const char *guest_gdb_command(const struct guest *guest)
{
	return guest->gdb_command;
}
