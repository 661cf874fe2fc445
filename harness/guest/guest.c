/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/guest.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "guest/internal.h"
#include "guest/turns.h"

#define FEED_ANSWERS 3u
#define PAUSE_MS     2u /* for QEMU to begin to stop its CPUs */
#define PAUSE_MS_MAX 2048u

static struct launch launch_of(const struct guest *guest)
{
	return (struct launch){
		.machine = guest->config.blob->machine,
		.blob = guest->config.blob->path,
		.probe = guest->config.probe,
		.stopper = guest->config.stopper,
		.stop = guest->image.stop,
		.ram = guest->ram.fd,
		.qmp = -1,
		.rsp = -1,
		.stops = -1,
		.board = guest->witness.fd,
		.state = guest->state,
		.console_in = guest->console.qemu_in,
		.console_out = guest->console.out,
		.tree = guest->tree,
		.icount = guest->config.icount,
		.policy = guest->config.sandbox,
		.gdb = guest->sight.gdb,
		.trace = guest->sight.trace[1],
		.trace_filter = guest->sight.filter,
		.traps = guest->storm.traps,
	};
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
	guest->tree = guest->ram.fd = guest->state = guest->witness.fd = -1;
	sight_init(&guest->sight);
	qemu_init(&guest->qemu);
	qmp_init(&guest->qmp, -1);
	rsp_init(&guest->rsp, -1);
	stops_init(&guest->stops, -1);
	console_init(&guest->console);
	storm_init(&guest->storm);
	if (check_order(config, err) || place_open(guest, err) || image_read(config->probe, config->arch, &guest->image, err) ||
	    witness_open(&guest->witness, &guest->image, err) ||
	    ram_new(&guest->ram, machine->ram_base, machine->ram_size, &guest->image, config->arch->control_count, err) ||
	    sight_open(guest, err) || console_open(&guest->console, config->console_max, err) || storm_open(&guest->storm, err))
		goto failed;
	guest->state = memfd_create("device-state", MFD_CLOEXEC);
	if (guest->state < 0) {
		err_set(err, EXIT_BROKEN, "no memory for the machine's state: %s", strerror(errno));
		goto failed;
	}
	guest->batch = ram_at(&guest->ram, guest->image.batch, guest->image.batch_size);
	if (!guest->batch) {
		err_set(err, EXIT_BROKEN, "%s: wire_batch at 0x%llx is outside of RAM", config->probe,
			(unsigned long long)guest->image.batch);
		goto failed;
	}
	launch = launch_of(guest);
	if (machine->tree_count && (guest->tree = qemu_make_tree(&launch, err)) < 0)
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
	rsp_free(&guest->rsp);
	stops_free(&guest->stops);
	console_free(&guest->console);
	storm_free(&guest->storm);
	snapshot_free(&guest->snapshot);
	ram_free(&guest->ram);
	witness_free(&guest->witness);
	image_free(&guest->image);
	if (guest->tree >= 0)
		close(guest->tree);
	if (guest->state >= 0)
		close(guest->state);
	sight_free(&guest->sight);
	free(guest->patience);
	free(guest);
}

void guest_kill(struct guest *guest)
{
	qemu_kill(&guest->qemu);
	console_drain(&guest->console);
	guest->phase = PHASE_ENDED;
}

int guest_stop_machine(struct guest *guest, struct err *err)
{
	uint64_t end = clock_ms() + guest->config.stuck_ms;
	json_t *answer;

	if (qmp_send(&guest->qmp, "stop", NULL, err))
		return -1;
	while (!(answer = qmp_answered(&guest->qmp))) {
		struct pollfd fds[] = { { .fd = guest->qmp.fd, .events = POLLIN }, { .fd = guest->stops.fd, .events = POLLIN } };

		if (guest->qmp.closed || clock_ms() >= end || guest_interrupted(guest))
			return err_set(err, EXIT_BROKEN, "QEMU did not stop its machine");
		stops_let_go(&guest->stops);
		poll(fds, 2, 10);
	}
	json_decref(answer);
	return 0;
}

void guest_halt(struct guest *guest)
{
	struct err err;

	if (guest->phase == PHASE_ENDED)
		return;
	if (guest->qmp.closed || !guest->snapshot.taken || guest_stop_machine(guest, &err))
		guest_kill(guest);
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

static void forget(struct guest *guest)
{
	qemu_kill(&guest->qemu);
	qmp_free(&guest->qmp);
	rsp_free(&guest->rsp);
	stops_free(&guest->stops);
	snapshot_free(&guest->snapshot);
	guest->storm.counts = false;
	guest->phase = PHASE_NONE;
}

static int start(struct guest *guest, struct err *err)
{
	int pairs[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, result = -1;
	struct launch launch;

	if (!sight_renew(guest, err) && !make_pair(pairs[0], err) && !make_pair(pairs[1], err) && !make_pair(pairs[2], err)) {
		launch = launch_of(guest);
		launch.qmp = pairs[0][1];
		launch.rsp = pairs[1][1];
		launch.stops = pairs[2][1];
		result = qemu_start(&guest->qemu, &launch, err);
	}
	sight_close_ours(guest);
	for (int i = 0; i < 3; i++)
		if (pairs[i][1] >= 0)
			close(pairs[i][1]);
	qmp_init(&guest->qmp, pairs[0][0]);
	rsp_init(&guest->rsp, pairs[1][0]);
	guest->qmp.interrupt = guest->rsp.interrupt = guest->config.interrupt;
	stops_init(&guest->stops, pairs[2][0]);
	return result;
}

static bool is_alive(struct guest *guest)
{
	return guest->phase != PHASE_NONE && !guest->qmp.closed && guest->qemu.pid > 0 && !qemu_ended(&guest->qemu, 0);
}

int guest_start(struct guest *guest, struct err *err)
{
	if (is_alive(guest))
		return 0;
	forget(guest);
	if (ram_clear(&guest->ram, err) || console_clear(&guest->console, err))
		return -1;
	if (ftruncate(guest->state, 0))
		return err_set(err, EXIT_BROKEN, "the machine's state cannot be emptied: %s", strerror(errno));
	if (start(guest, err))
		return -1;
	guest->phase = PHASE_STARTED;
	return 0;
}

/* QEMU did not come up: says why, in its own words where it has some. */
static int explain(struct guest *guest, struct err *err)
{
	char why[256], first[sizeof(err->message)];

	if (guest_interrupted(guest))
		return -1;
	snprintf(first, sizeof(first), "%s", err->message);
	guest->qemu.silent = !qemu_ended(&guest->qemu, ENDING_MS);
	guest_kill(guest);
	qemu_complaint(&guest->qemu, why, sizeof(why));
	return err_set(err, EXIT_BROKEN, "%s did not start: %s", guest->config.blob->machine->qemu, *why ? why : first);
}

static void begin_watch(struct guest *guest)
{
	guest->watchdog = (struct watchdog){ .moved_ms = clock_ms() };
	guest->syncs = 0; /* of this boot alone, or of this batch */
	guest->given_up = false;
	guest->phase = PHASE_RUNNING;
}

/*
 * Stops the machine where it is held, and not one instruction later. When QEMU has begun to stop its CPUs is not told; a CPU that
 * was let go too early has come back to the stop by then, for the probe goes round until there is a batch.
 */
static int stop_exactly(struct guest *guest, unsigned pause_ms, bool *exactly, struct err *err)
{
	unsigned count = guest->stops.count;

	*exactly = guest->stops.rsp; /* it stands still already, as exactly as it can */
	if (*exactly)
		return 0;
	if (qmp_send(&guest->qmp, "stop", NULL, err))
		return -1;
	poll(NULL, 0, (int)pause_ms);
	stops_release(&guest->stops);
	if (guest_stop_machine(guest, err))
		return -1;
	*exactly = guest->stops.count == count;
	return 0;
}

/* Whoever holds the machine at the probe's stop. */
static int set_stop(struct guest *guest, struct err *err)
{
	return guest->config.stopper ? 0 : stops_by_breakpoint(&guest->stops, &guest->rsp, guest->image.stop, err);
}

/* Lets the blob start, up to the probe's first stop, and keeps the machine as it is there. */
static int boot(struct guest *guest, unsigned pause_ms, bool *exactly, struct err *err)
{
	struct err lost;
	size_t step;

	*exactly = true;
	if (qmp_greet(&guest->qmp, guest->config.stuck_ms, err) || snapshot_prepare(guest, qemu_state_descriptor(), err) ||
	    set_stop(guest, err) || rsp_continue(&guest->rsp, err))
		return explain(guest, err);
	snprintf(guest->version, sizeof(guest->version), "%s", guest->qmp.version);
	begin_watch(guest);
	guest->boot_end = guest_wait(guest, guest->config.interrupt, &step, &lost);
	if (guest->boot_end == GUEST_KILLED)
		return err_set(err, EXIT_BROKEN, "QEMU was killed while the blob started");
	if (guest->boot_end == GUEST_INTERRUPTED)
		return err_set(err, EXIT_INTERRUPTED, "interrupted");
	if (guest->boot_end != GUEST_SYNC) {
		guest_kill(guest);
		return 0;
	}
	guest->boot_cpu = guest->stops.cpu;
	if (stop_exactly(guest, pause_ms, exactly, err) || snapshot_take(guest, err))
		return -1;
	place_find(guest);
	return 0;
}

static bool needs_reset(enum guest_end end)
{
	return end == GUEST_SHUTDOWN || end == GUEST_RESET || end == GUEST_CRASH;
}

/*
 * Nothing has run since it was brought back: only what was laid out is to be forgotten. To load the state once more would be worse than
 * needless: the flash of QEMU's boards (pflash_cfi01 of 7.2) expects the machine to run between two loads, and ends QEMU otherwise.
 */
static int tidy_up(struct guest *guest, struct err *err)
{
	json_t *answer = qmp_execute(&guest->qmp, "query-status", NULL, guest->config.stuck_ms, err);

	json_decref(answer);
	return answer ? ram_restore(&guest->ram, &guest->snapshot.ram, guest->steps, err) : -1;
}

static int restore(struct guest *guest, struct err *err)
{
	if (guest->phase == PHASE_READY)
		return tidy_up(guest, err);
	if ((needs_reset(guest->last_end) && snapshot_revive(guest, err)) || snapshot_restore(guest, err) ||
	    console_clear(&guest->console, err))
		return -1;
	guest->last_end = GUEST_DONE;
	return 0;
}

/* Starts QEMU and the blob, again when the moment was not met exactly: then the machine is not quite the same as every time. */
static int start_over(struct guest *guest, struct err *err)
{
	bool exactly = false;

	for (unsigned pause_ms = PAUSE_MS; !exactly && pause_ms <= PAUSE_MS_MAX; pause_ms *= 4) {
		if (guest->snapshot.taken)
			forget(guest);
		if (guest_start(guest, err) || boot(guest, pause_ms, &exactly, err))
			return -1;
	}
	return exactly ? 0 : err_set(err, EXIT_BROKEN, "QEMU takes longer than %u ms to stop its machine", PAUSE_MS_MAX);
}

/* A QEMU that cannot be brought back is replaced; one that has just started has no excuse. */
static int bring_back(struct guest *guest, struct err *err)
{
	if (guest->snapshot.taken && !restore(guest, err))
		return 0;
	return start_over(guest, err) || (guest->snapshot.taken && restore(guest, err)) ? -1 : 0;
}

bool guest_interrupted(const struct guest *guest)
{
	return guest->config.interrupt && *guest->config.interrupt;
}

bool guest_was_killed(struct guest *guest)
{
	return qemu_was_killed(&guest->qemu, guest_interrupted(guest) ? 0 : ENDING_MS);
}

int guest_killed_too_often(const struct guest *guest, struct err *err)
{
	return err_set(err, EXIT_BROKEN, "%s was killed again and again, and not by its guest: is there too little memory?",
		       guest->config.blob->machine->qemu);
}

int guest_reset(struct guest *guest, struct err *err)
{
	guest->looking = false;
	guest->hang_ns = guest->config.hang_ns;
	guest->witness.board->hold_at = 0;
	if (guest->phase == PHASE_RUNNING)
		guest_halt(guest);
	for (unsigned killed = 0, silent = 0; guest_start(guest, err) || bring_back(guest, err); forget(guest)) {
		if (guest_interrupted(guest))
			return -1;
		if ((guest->qemu.silent || is_alive(guest)) && !silent++)
			continue; /* it gave no answer: the host may have stopped it, and let another one run */
		if (!guest_was_killed(guest))
			return -1;
		if (killed++ == GUEST_KILLED_MAX)
			return guest_killed_too_often(guest, err);
	}
	err_clear(err);
	guest->steps = 0;
	guest->phase = guest->snapshot.taken ? PHASE_READY : PHASE_LOST;
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

const uint8_t *guest_ram(const struct guest *guest, uint64_t *base, size_t *size)
{
	*base = guest->ram.base;
	*size = guest->ram.size;
	return guest->ram.map;
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

void guest_fill_head(struct guest *guest, size_t steps, struct wire_batch *batch)
{
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

void guest_patience(struct guest *guest, uint64_t hang_ns)
{
	guest->hang_ns = hang_ns;
}

/* So that the turns do not depend on who was stopped last, the CPU that booted makes one step alone. */
static int take_up(struct guest *guest, struct err *err)
{
	if (guest->config.icount && turns_begin(guest, err))
		return -1;
	return guest->stops.rsp ? stops_step_off(&guest->stops, guest->boot_cpu, err)
				: rsp_step(&guest->rsp, guest->boot_cpu + 1, guest->config.stuck_ms, err);
}

static void note_patience(struct guest *guest)
{
	const struct wire_step *steps = ram_at(&guest->ram, guest->ram.step_at, guest->ram.capacity * sizeof(*steps));

	guest->patience = xrealloc(guest->patience, (guest->steps + 1) * sizeof(*guest->patience));
	for (size_t i = 0; i < guest->steps; i++)
		guest->patience[i] = (uint64_t)steps[i].deadline + steps[i].settle;
}

int guest_go(struct guest *guest, size_t steps, struct err *err)
{
	if (guest->phase == PHASE_LOST)
		return 0;
	if (guest->phase != PHASE_READY || steps > guest->steps)
		return err_set(err, EXIT_BROKEN, "a guest was started twice, or with steps that are not there");
	guest_note_steps(guest);
	note_patience(guest);
	witness_begin(&guest->witness);
	guest_fill_head(guest, steps, guest->batch);
	begin_watch(guest);
	if (!take_up(guest, err) && !rsp_continue(&guest->rsp, err))
		return 0;
	guest->given_up = is_alive(guest) && !guest_interrupted(guest);
	if (!guest->given_up && !guest_was_killed(guest))
		return -1;
	err_clear(err); /* guest_wait() tells */
	return 0;
}

void guest_hold_at(struct guest *guest, uint64_t call)
{
	guest->witness.board->hold_at = call;
}

static int ask_for_registers(struct guest *guest, struct err *err)
{
	char command[32];

	snprintf(command, sizeof(command), "info registers %u", guest->stops.cpu);
	guest->look_end_ms = clock_ms() + guest->config.stuck_ms;
	guest->looking = !qmp_send(&guest->qmp, "human-monitor-command", json_pack("{s:s}", "command-line", command), err);
	return guest->looking ? 0 : -1;
}

int guest_look(struct guest *guest, uint64_t registers[WIRE_REGISTERS], struct err *err)
{
	json_t *answer;
	int failed;

	if (!guest->looking && ask_for_registers(guest, err)) {
		if (!guest->qmp.closed)
			return -1;
		err_clear(err); /* that QEMU is gone, and why, guest_poll() tells */
		return 0;
	}
	answer = qmp_answered(&guest->qmp);
	if (!answer && (guest->qmp.closed || clock_ms() < guest->look_end_ms))
		return 0;
	guest->looking = false;
	failed = !json_is_string(answer) || witness_parse(json_string_value(answer), guest->config.arch, registers);
	json_decref(answer);
	if (!failed)
		return 1;
	return err_set(err, EXIT_BROKEN, "QEMU's monitor does not tell the registers of CPU %u", guest->stops.cpu);
}

int guest_registers(struct guest *guest, uint64_t registers[WIRE_REGISTERS], struct err *err)
{
	int seen;

	while (!(seen = guest_look(guest, registers, err)) && !guest->qmp.closed)
		guest_await(&guest, 1);
	if (!seen)
		return err_set(err, EXIT_BROKEN, "QEMU is gone, and does not tell the registers of CPU %u", guest->stops.cpu);
	return seen > 0 ? 0 : -1;
}

unsigned guest_held_hart(const struct guest *guest)
{
	return guest->stops.gate % WIRE_HARTS;
}

bool guest_has_witness(const struct guest *guest)
{
	return guest->config.stopper;
}

void guest_witness(const struct guest *guest, struct guest_witness *witness)
{
	const struct stopper_board *board = guest->witness.board;

	*witness = (struct guest_witness){ .foreign = board->foreign, .foreign_at = board->foreign_at };
	for (size_t gate = 0; gate < guest->config.arch->gate_count; gate++)
		for (size_t hart = 0; hart < WIRE_HARTS; hart++)
			witness->calls[hart] += board->calls[gate * WIRE_HARTS + hart];
}

size_t guest_console(const struct guest *guest, const uint8_t **bytes, uint64_t *total)
{
	*bytes = guest->console.bytes;
	if (total)
		*total = guest->console.total;
	return guest->console.used;
}

/*
 * QEMU takes from the pipe what the machine's own buffer has room for, in its main loop, which also answers the monitor. What is
 * still there after some answers will not be taken: the buffer is full.
 */
int guest_console_feed(struct guest *guest, const void *bytes, size_t size, struct err *err)
{
	size_t waiting = size, before;

	if (console_feed(&guest->console, bytes, size, err))
		return -1;
	for (unsigned same = 0; waiting && same < FEED_ANSWERS; same = waiting == before ? same + 1 : 0) {
		json_t *answer = qmp_execute(&guest->qmp, "query-status", NULL, guest->config.stuck_ms, err);

		json_decref(answer);
		if (!answer)
			return -1;
		before = waiting;
		waiting = console_waiting(&guest->console);
	}
	return 0;
}

void guest_console_take_back(struct guest *guest)
{
	console_take_back(&guest->console);
}

const char *guest_qemu_version(const struct guest *guest)
{
	return guest->version;
}

const char *guest_qemu_program(const struct guest *guest)
{
	return guest->qemu.sandbox.program;
}

const char *guest_sandbox(const struct guest *guest, char *names)
{
	return sandbox_names(guest->qemu.sandbox.layers, names);
}
