/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch.c - waits for a running guest, and tells a hang from a slow host.
 *
 * A hang is measured on the guest's own clock, read from outside. The host's clock only decides when to look.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "guest/internal.h"
#include "guest/threads.h"

#define QUIET_MS 8u /* silence after which the watchdog looks */
#define LOOK_MS	 6u /* between two looks */
#define STILL_MS 500u /* how long the guest's clock must stand still to mean anything; of that */
#define GAP_MS	 25u /* at most from one look to the next: a host that itself stood still has looked at nothing */
/* Processor time of CPUs at work without one tick: they complete no instruction, as when a trap handler is no code itself. */
#define SPIN_MS	    250u
#define WORK_MS	    20u /* most that counts of what they worked between two looks */
#define PAUSE_NS    3000000 /* between two looks at the progress, when nothing arrives */
#define WORK_FACTOR 40 /* the CPUs' work holds QEMU's, too: translating, and what the host does for it */
#define BOOT_FACTOR 40 /* a boot may take longer than a call, and longer still where the machine says so */

enum { READY_RUNS = 1, READY_DONE = 2, READY_LOST = 3 }; /* values of wire_batch.ready */

enum watch { WATCH_FINE, WATCH_HANG, WATCH_FLOOD, WATCH_STUCK };

struct end_name {
	const char *event, *reason;
	enum guest_end end;
};

/* Which event ends a run, and how. The first that fits counts; "" fits every reason. */
static const struct end_name end_names[] = {
	{ "SHUTDOWN", "guest-reset", GUEST_RESET },	{ "SHUTDOWN", "guest-panic", GUEST_CRASH },
	{ "SHUTDOWN", "subsystem-reset", GUEST_RESET }, { "SHUTDOWN", "guest-shutdown", GUEST_SHUTDOWN },
	{ "SHUTDOWN", "host-signal", GUEST_KILLED },	{ "SHUTDOWN", "", GUEST_CRASH },
	{ "GUEST_PANICKED", "", GUEST_CRASH },		{ "GUEST_CRASHLOADED", "", GUEST_CRASH },
};

/* Takes in events. True when one of them ended the run. */
static bool take_events(struct guest *guest, enum guest_end *end)
{
	struct qmp_event event;

	qmp_pump(&guest->qmp);
	while (qmp_event(&guest->qmp, &event))
		for (size_t i = 0; i < sizeof(end_names) / sizeof(end_names[0]); i++)
			if (!strcmp(event.name, end_names[i].event) &&
			    (!*end_names[i].reason || !strcmp(event.reason, end_names[i].reason))) {
				*end = end_names[i].end;
				if (*end == GUEST_RESET && storm_has_crashed(guest))
					*end = GUEST_CRASH;
				return true;
			}
	return false;
}

/*
 * QEMU is gone. Who kills it from outside (an operator, the kernel for want of memory) tells nothing of the blob. A board whose power switch ends QEMU leaves a clean exit behind, without a word; everything else is a crash.
 */
static enum guest_end how_it_ended(struct guest *guest)
{
	char complaint[128];

	if (guest_was_killed(guest) || guest_interrupted(guest))
		return GUEST_KILLED;
	if (!qemu_ended(&guest->qemu, 0) || !WIFEXITED(guest->qemu.status))
		return GUEST_CRASH;
	qemu_complaint(&guest->qemu, complaint, sizeof(complaint));
	return guest->config.blob->machine->off_by_exit && !*complaint ? GUEST_SHUTDOWN : GUEST_CRASH;
}

/*
 * How long the CPUs have run: for a machine without a clock that can be read, or before the probe has set it going, or where the
 * guest's clock is the host's (without -icount), which says how busy the host is.
 */
static uint64_t ran_ticks(const struct guest *guest)
{
	return threads_look(guest->qemu.pid).ran_ns * (guest->config.blob->machine->clock_hz / 1000) / 1000000;
}

static bool has_clock(const struct guest *guest)
{
	return guest->config.blob->machine->clock_address && guest->config.icount;
}

/* Without a clock, whether QEMU answers at all. */
static void ask_clock(struct guest *guest, uint64_t now)
{
	char command[64] = "info status";
	struct err err; /* a QEMU that is gone is noticed by others */

	if (has_clock(guest))
		snprintf(command, sizeof(command), "xp /1gx 0x%" PRIx64, guest->config.blob->machine->clock_address);
	qmp_send(&guest->qmp, "human-monitor-command", json_pack("{s:s}", "command-line", command), &err);
	guest->watchdog.asked = guest->qmp.last_id;
	guest->watchdog.asked_ms = now;
}

static uint64_t ticks_of(const struct guest *guest, const char *answer)
{
	const char *colon = has_clock(guest) ? strchr(answer, ':') : NULL;
	uint64_t count = colon ? strtoull(colon + 1, NULL, 16) : 0;

	return count ? count * guest->config.blob->machine->clock_step : ran_ticks(guest);
}

/*
 * The guest's clock, read from outside: 1 when it is in *ticks, 0 when QEMU has been asked, -1 when it has given no answer for too
 * long. Nobody waits for it: other guests may have been given up by their hosts, too.
 */
static int read_clock(struct guest *guest, uint64_t now, uint64_t *ticks)
{
	struct watchdog *dog = &guest->watchdog;
	json_t *answer;

	if (!dog->asked || dog->asked != guest->qmp.last_id)
		ask_clock(guest, now);
	answer = qmp_answered(&guest->qmp);
	if (!answer)
		return guest->qmp.closed || guest_interrupted(guest) || now - dog->asked_ms < guest->config.stuck_ms ? 0 : -1;
	dog->asked = 0;
	*ticks = ticks_of(guest, json_is_string(answer) ? json_string_value(answer) : "");
	json_decref(answer);
	return 1;
}

static uint64_t boot_ns(const struct guest *guest)
{
	uint64_t ms = guest->config.blob->machine->boot_ms;

	return ms ? ms * 1000000u : guest->hang_ns * BOOT_FACTOR;
}

/* How long the guest may go without progress: as its configuration says, or clearly longer than the call under way may take. */
static uint64_t hang_ticks(const struct guest *guest)
{
	const struct watchdog *dog = &guest->watchdog;
	uint64_t ns = (dog->ready ? guest->hang_ns : boot_ns(guest)) * (guest->config.icount ? 1 : WORK_FACTOR), call = 0;
	uint64_t ticks = (uint64_t)((unsigned __int128)ns * guest->config.blob->machine->clock_hz / 1000000000u);

	if (dog->progress && dog->progress <= guest->steps)
		call = guest->patience[dog->progress - 1];
	call += call / 4;
	return ticks > call ? ticks : call;
}

/* When the call under way began, as the probe noted it; `otherwise` when there is nothing to go by. */
static uint64_t call_start(const struct guest *guest, uint64_t otherwise, uint64_t now)
{
	uint32_t progress = guest->watchdog.progress;
	struct wire_seen seen;

	if (!progress || guest->watchdog.ready != READY_RUNS || !guest->config.icount)
		return otherwise;
	guest_seen(guest, progress - 1, &seen);
	return seen.outcome == WIRE_STARTED && seen.start <= now && seen.start < otherwise ? seen.start : otherwise;
}

bool watch_sleeps(struct watchdog *dog, uint64_t ticks, struct threads_state threads, uint64_t now)
{
	uint64_t gap = now - dog->looked_ms;

	if (!dog->looked_ms || threads.runnable || ticks != dog->still_ticks ||
	    threads.awake_ns - dog->still_awake_ns > STILL_MS * 1000000u / 50) {
		dog->still_ticks = ticks;
		dog->still_awake_ns = threads.awake_ns;
		dog->still_ms = 0;
		return false;
	}
	dog->still_ms += gap < GAP_MS ? gap : GAP_MS;
	return dog->still_ms >= STILL_MS;
}

/* The CPUs are at work, and complete no instruction that the clock would count: they trap for ever. */
static bool spins_for_good(struct watchdog *dog, uint64_t ticks)
{
	if (!dog->looked_ms || ticks != dog->spin_ticks) {
		dog->spin_ticks = ticks;
		dog->spin_worked_ns = dog->worked_ns;
	}
	return dog->worked_ns - dog->spin_worked_ns >= SPIN_MS * UINT64_C(1000000);
}

/*
 * Only work that many looks have seen counts: a host that is itself a guest may stand still for seconds, and count them as its
 * processes' work.
 */
static void note_work(struct watchdog *dog, struct threads_state threads)
{
	uint64_t ran = dog->looked_ms ? threads.ran_ns - dog->ran_ns : 0, most = WORK_MS * UINT64_C(1000000);

	dog->ran_ns = threads.ran_ns;
	dog->worked_ns += ran < most ? ran : most;
}

/*
 * Only what goes forward, and not past the end, is progress: a blob that writes what it likes there is out of such words after as
 * many as there are steps, and is looked at like any other.
 */
bool watch_moved(const struct watchdog *dog, size_t steps, uint32_t progress, uint32_t ready)
{
	return (progress > dog->progress && progress <= steps) || (ready > dog->ready && ready <= READY_LOST);
}

/* There is progress from here on. */
static void watch_from(struct guest *guest, uint32_t progress, uint32_t ready)
{
	storm_calm(guest);
	guest->watchdog = (struct watchdog){
		.progress = progress, .ready = ready, .moved_ms = clock_ms(), .console_from = guest->console.total
	};
}

static bool note_progress(struct guest *guest)
{
	const struct watchdog *dog = &guest->watchdog;
	uint32_t progress = __atomic_load_n(&guest->batch->progress, __ATOMIC_ACQUIRE);
	uint32_t ready = __atomic_load_n(&guest->batch->ready, __ATOMIC_ACQUIRE);

	if (!watch_moved(dog, guest->steps, progress, ready))
		return false;
	progress = progress > dog->progress && progress <= guest->steps ? progress : dog->progress;
	ready = ready > dog->ready && ready <= READY_LOST ? ready : dog->ready;
	watch_from(guest, progress, ready);
	return true;
}

static enum watch look(struct guest *guest, uint64_t now)
{
	struct watchdog *dog = &guest->watchdog;
	struct threads_state threads;
	uint64_t ticks;
	bool over;
	int news = read_clock(guest, now, &ticks);

	if (news <= 0)
		return news ? WATCH_STUCK : WATCH_FINE;
	/* on a busy host much may have happened until the clock was read: it is not the time of the call that was under way before */
	if (note_progress(guest))
		return WATCH_FINE;
	threads = threads_look(guest->qemu.pid);
	note_work(dog, threads);
	over = watch_sleeps(dog, ticks, threads, now);
	over |= spins_for_good(dog, ticks);
	over |= storm_rages(guest, dog->worked_ns);
	if (!dog->looked_ms || ticks < dog->first_ticks)
		dog->first_ticks = call_start(guest, ticks, ticks);
	dog->looked_ms = now;
	/* of a QEMU that is gone, threads tell nothing: that is no time long past */
	return over || (ticks > dog->first_ticks && ticks - dog->first_ticks >= hang_ticks(guest)) ? WATCH_HANG : WATCH_FINE;
}

/* Called often. Looks at the guest's clock when there was no progress for a while. */
static enum watch watch(struct guest *guest)
{
	const struct watchdog *dog = &guest->watchdog;
	uint64_t now = clock_ms();

	if (note_progress(guest))
		return WATCH_FINE;
	if (guest->console.total - dog->console_from >= guest->config.console_max)
		return WATCH_FLOOD;
	if (!dog->asked && (now - dog->moved_ms < QUIET_MS || now - dog->looked_ms < LOOK_MS))
		return WATCH_FINE;
	return look(guest, now);
}

void guest_await(struct guest *const *guests, size_t count)
{
	const struct timespec timeout = { 0, PAUSE_NS };
	struct pollfd fds[3 * GUEST_AWAIT_MAX];
	nfds_t used = 0;

	for (size_t i = 0; i < count && i < GUEST_AWAIT_MAX; i++) {
		fds[used++] = (struct pollfd){ .fd = guests[i]->qmp.fd, .events = POLLIN };
		fds[used++] = (struct pollfd){ .fd = guests[i]->rsp.fd, .events = POLLIN };
		fds[used++] = (struct pollfd){ .fd = guests[i]->stops.fd, .events = POLLIN };
	}
	ppoll(fds, used, &timeout, NULL);
}

/*
 * The batch is done; what a call before asked of the machine may still be on its way. The records are all there: a QEMU that does not
 * answer any more is of no use, and how it ends then is our doing.
 */
static enum guest_end finish(struct guest *guest)
{
	enum guest_end end = GUEST_DONE;
	struct err err;
	bool silent = guest_stop_machine(guest, &err) && !guest->qmp.closed;

	if (silent)
		guest_kill(guest);
	if (!take_events(guest, &end) && guest->qmp.closed && !silent)
		end = how_it_ended(guest);
	return end;
}

/*
 * The machine is held at the probe's stop: the batch is done, a step wants the host, or the probe lost its own footing because a
 * call broke what it stands on. A blob that goes there by itself is not listened to for ever.
 */
static enum guest_end why_stopped(struct guest *guest)
{
	uint32_t ready = __atomic_load_n(&guest->batch->ready, __ATOMIC_ACQUIRE);

	if (ready == READY_DONE)
		return finish(guest);
	if (ready == READY_LOST || ++guest->syncs > 2 * guest->steps + 2)
		return GUEST_CRASH;
	return GUEST_SYNC;
}

/* One look at everything. True when there is something to tell. */
static bool check(struct guest *guest, enum guest_end *end)
{
	console_drain(&guest->console);
	rsp_pump(&guest->rsp);
	if (take_events(guest, end))
		return true;
	if (guest->qmp.closed) {
		*end = how_it_ended(guest);
		return true;
	}
	stops_pump(&guest->stops);
	if (!guest->stops.held)
		return false;
	console_drain(&guest->console);
	*end = guest->stops.place == STOPPER_CALL   ? GUEST_CALL
	       : guest->stops.place == STOPPER_BACK ? GUEST_BACK
						    : why_stopped(guest);
	return true;
}

static enum guest_end look_around(struct guest *guest)
{
	static const enum guest_end ends[] = {
		[WATCH_FINE] = GUEST_RUNNING,
		[WATCH_HANG] = GUEST_HANG,
		[WATCH_FLOOD] = GUEST_FLOOD,
		[WATCH_STUCK] = GUEST_STUCK,
	};
	enum guest_end end;

	return check(guest, &end) ? end : ends[watch(guest)];
}

/* The machine is at rest; QEMU goes with it where it is of no more use. */
static void settle(struct guest *guest, enum guest_end end)
{
	if (end == GUEST_RUNNING)
		return;
	guest->last_end = end;
	storm_calm(guest);
	if (end == GUEST_SYNC || end == GUEST_CALL || end == GUEST_BACK)
		return;
	if (end == GUEST_STUCK || end == GUEST_INTERRUPTED)
		guest_kill(guest);
	else
		guest_halt(guest);
}

static size_t step_under_way(const struct guest *guest)
{
	uint32_t progress = __atomic_load_n(&guest->batch->progress, __ATOMIC_ACQUIRE);
	size_t step = progress ? progress - 1 : 0;

	return step >= guest->steps && guest->steps ? guest->steps - 1 : step;
}

enum guest_end guest_poll(struct guest *guest, size_t *step, struct err *err)
{
	enum guest_end end;

	*step = 0;
	if (guest->phase == PHASE_LOST)
		return guest->boot_end;
	if (guest->phase != PHASE_RUNNING) {
		err_set(err, EXIT_BROKEN, "nobody runs in the guest that is waited for");
		return GUEST_STUCK;
	}
	end = guest->given_up ? GUEST_STUCK : look_around(guest);
	settle(guest, end);
	if (end == GUEST_STUCK)
		err_set(err, EXIT_BROKEN, "QEMU gave no answer for %" PRIu64 " ms", guest->config.stuck_ms);
	*step = step_under_way(guest);
	return end;
}

enum guest_end guest_wait(struct guest *guest, const volatile bool *interrupt, size_t *step, struct err *err)
{
	enum guest_end end;

	while ((end = guest_poll(guest, step, err)) == GUEST_RUNNING) {
		if (interrupt && *interrupt) {
			settle(guest, GUEST_INTERRUPTED);
			return GUEST_INTERRUPTED;
		}
		guest_await(&guest, 1);
	}
	return end;
}

void guest_stop(struct guest *guest)
{
	if (guest->phase == PHASE_RUNNING)
		settle(guest, GUEST_HANG);
}

int guest_continue(struct guest *guest, struct err *err)
{
	if (guest->phase != PHASE_RUNNING)
		return err_set(err, EXIT_BROKEN, "a guest that does not run cannot go on");
	watch_from(guest, guest->watchdog.progress, guest->watchdog.ready);
	stops_release(&guest->stops);
	return 0;
}
