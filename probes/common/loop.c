/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop.c - executes a batch: on the boot hart all steps in order, on every other hart what the boot hart hands to it.
 *
 * A hart that is in a call can be lost (it stops, it hangs) or come out at a pad instead of returning. What it was doing is
 * therefore kept in `inflight`, never only on its stack.
 */
#include "step.h"

#define ANSWER_TURNS  (1 << 20) /* how often one looks for a sign of a hart; the hart may have to wait for its share of time */
#define ENTER_TURNS   16 /* how long a hart is left to itself to get into a call that is not waited for */
#define BLOCKED_TURNS 4096 /* after which a hart that makes a call is taken to be asleep in it, and sends nothing */

enum worker_state {
	WORKER_ABSENT, /* has never come in */
	WORKER_IDLE,
	WORKER_BUSY, /* makes a call */
	WORKER_DONE, /* has made it; what it saw is in `seen` */
};

/* A hart other than the boot hart. `state` is the hand-over: its writer gives the rest away. */
struct worker {
	uint32_t state;
	uint32_t drain, drained; /* see drain() */
	bool entered; /* is about to make the call */
	bool abandoned; /* nobody waits for its call any more */
	const struct wire_step *step;
	struct wire_seen seen, *target;
	uint64_t began;
};

struct wire_batch wire_batch __attribute__((section(".data.wire_batch"), aligned(4096)));

static struct worker workers[WIRE_HARTS]; /* [0], the boot hart's, is not used */
static struct {
	const struct wire_step *step;
	struct wire_seen *seen;
} inflight[WIRE_HARTS];
static bool present[WIRE_HARTS];
static uint32_t position; /* of the boot hart in the batch */
static uint32_t ipis_before[WIRE_HARTS];

uint64_t loop_hart_id(unsigned hart)
{
	if (hart == 0)
		return wire_batch.boot_hart;
	return hart - 1 < wire_batch.boot_hart ? hart - 1 : hart;
}

unsigned loop_hart_index(uint64_t id)
{
	for (unsigned hart = 0; hart < WIRE_HARTS; hart++)
		if (loop_hart_id(hart) == id)
			return hart;
	return WIRE_HARTS;
}

bool loop_hart_free(unsigned hart)
{
	return !load_acquire(&present[hart]);
}

/* ---- landings ---- */

static struct wire_landing *reserve_landing(void)
{
	uint32_t count = load_acquire(&wire_batch.landings);

	do {
		if (count >= wire_batch.landings_max)
			return NULL;
	} while (
		!__atomic_compare_exchange_n(&wire_batch.landings, &count, count + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return (struct wire_landing *)(uintptr_t)wire_batch.landing_at + count;
}

void loop_land(unsigned hart, unsigned pad, uint64_t pc, const uint64_t registers[WIRE_REGISTERS],
	       const uint64_t control[WIRE_CONTROL])
{
	struct wire_landing *landing = reserve_landing();

	if (!landing)
		return;
	landing->step = load_acquire(&wire_batch.progress) - 1;
	landing->hart = loop_hart_id(hart);
	landing->pad = pad;
	landing->pc = pc;
	landing->time = arch_now();
	copy_words(landing->registers, registers, sizeof(landing->registers));
	copy_words(landing->control, control, sizeof(landing->control));
}

void loop_boot(uint64_t boot_hart, uint64_t device_tree, const uint64_t registers[WIRE_REGISTERS],
	       const uint64_t control[WIRE_CONTROL])
{
	wire_batch.boot_hart = boot_hart;
	wire_batch.device_tree = device_tree;
	copy_words(wire_batch.entry_registers, registers, sizeof(wire_batch.entry_registers));
	copy_words(wire_batch.entry_control, control, sizeof(wire_batch.entry_control));
}

void loop_back(unsigned hart, const uint64_t registers[WIRE_REGISTERS], const uint64_t control[WIRE_CONTROL])
{
	struct wire_seen *seen = inflight[hart].seen;

	if (!seen)
		return;
	seen->end = arch_now();
	copy_words(seen->registers, registers, sizeof(seen->registers));
	copy_words(seen->after, control, sizeof(seen->after));
}

/* ---- a call on the hart itself ---- */

static void call_here(unsigned hart, const struct wire_step *step, struct wire_seen *seen)
{
	inflight[hart].step = step;
	store_release(&inflight[hart].seen, seen);
	step_call(hart, step, seen);
	store_release(&inflight[hart].seen, NULL);
}

/* True when the hart was in a call that ended at a pad. */
static bool finish_landed(unsigned hart)
{
	struct wire_seen *seen = inflight[hart].seen;

	if (!seen)
		return false;
	store_release(&inflight[hart].seen, NULL);
	step_landed(hart, inflight[hart].step, seen);
	return true;
}

/* ---- other harts ---- */

static _Noreturn void work(unsigned hart)
{
	struct worker *worker = &workers[hart];
	uint32_t drain;

	store_release(&worker->state, finish_landed(hart) ? WORKER_DONE : WORKER_IDLE);
	while (load_acquire(&wire_batch.ready) == 1) {
		if (load_acquire(&worker->state) == WORKER_BUSY) {
			store_release(&worker->entered, true);
			call_here(hart, worker->step, &worker->seen);
			store_release(&worker->state, WORKER_DONE);
		}
		drain = load_acquire(&worker->drain);
		step_poll_ipi(hart);
		store_release(&worker->drained, drain);
		arch_relax(hart, true);
	}
	arch_idle();
}

/* Waits until every parked hart has taken the software interrupts that were on their way to it. */
static void drain(void)
{
	static uint32_t request;

	request++;
	for (unsigned hart = 1; hart < WIRE_HARTS; hart++)
		store_release(&workers[hart].drain, request);
	for (unsigned hart = 1; hart < WIRE_HARTS; hart++)
		for (unsigned turn = 0; turn < ANSWER_TURNS && load_acquire(&workers[hart].state) == WORKER_IDLE &&
					load_acquire(&workers[hart].drained) != request;
		     turn++)
			arch_relax(0, false);
	step_poll_ipi(0);
}

static bool wait_done(struct worker *worker, uint32_t deadline)
{
	unsigned turn = 0;

	while (load_acquire(&worker->state) != WORKER_DONE) {
		if (deadline && arch_now() - worker->began >= deadline)
			return false;
		step_poll_ipi(0);
		arch_relax(0, turn++ < BLOCKED_TURNS);
	}
	return true;
}

static void copy_seen(struct worker *worker, enum wire_outcome outcome)
{
	worker->seen.outcome = WIRE_STARTED;
	copy_words(worker->target, &worker->seen, sizeof(worker->seen));
	store_release(&worker->target->outcome, outcome);
}

/* Takes over what a hart saw, if it is done. */
static void collect(struct worker *worker)
{
	if (load_acquire(&worker->state) != WORKER_DONE)
		return;
	if (!worker->abandoned)
		copy_seen(worker, worker->seen.outcome);
	store_release(&worker->state, WORKER_IDLE);
	arch_relax(0, false); /* it may just have woken up, and has to get back to where it listens */
}

static void hand_over(struct worker *worker, const struct wire_step *step, struct wire_seen *seen)
{
	clear_words(&worker->seen, sizeof(worker->seen));
	step_begin(step, step->hart, &worker->seen);
	step_begin(step, step->hart, seen);
	worker->step = step;
	worker->target = seen;
	worker->abandoned = false;
	worker->entered = false;
	store_release(&worker->state, WORKER_BUSY);
}

/* Its time begins when it is about to make the call: until then it may have to wait for its share of the machine. */
static void wait_entered(struct worker *worker)
{
	for (unsigned turn = 0; turn < ANSWER_TURNS && !load_acquire(&worker->entered); turn++)
		arch_relax(0, true);
	worker->began = arch_now();
}

static struct worker *idle_worker(unsigned hart)
{
	if (hart >= WIRE_HARTS)
		return NULL;
	collect(&workers[hart]);
	return load_acquire(&workers[hart].state) == WORKER_IDLE ? &workers[hart] : NULL;
}

static void call_there(const struct wire_step *step, struct wire_seen *seen)
{
	struct worker *worker = idle_worker(step->hart);

	if (!worker) {
		step_begin(step, step->hart, seen);
		seen->end = seen->start;
		store_release(&seen->outcome, WIRE_NO_HART);
		return;
	}
	hand_over(worker, step, seen);
	wait_entered(worker);
	if (step->flags & WIRE_ASYNC) { /* what the boot hart does next comes after the call's begin */
		for (unsigned turn = 0; turn < ENTER_TURNS && load_acquire(&worker->state) == WORKER_BUSY; turn++)
			arch_relax(0, true);
		return;
	}
	if (wait_done(worker, step->deadline)) {
		collect(worker);
		return;
	}
	worker->abandoned = true;
	step_capture(step);
	worker->seen.end = arch_now();
	copy_seen(worker, WIRE_LATE);
}

static void join(const struct wire_step *step, struct wire_seen *seen)
{
	struct worker *worker = step->hart < WIRE_HARTS ? &workers[step->hart] : NULL;
	enum wire_outcome outcome = WIRE_NO_HART;

	step_begin(step, step->hart, seen);
	if (worker && !worker->abandoned && load_acquire(&worker->state) >= WORKER_BUSY) {
		worker->began = seen->start;
		outcome = wait_done(worker, step->deadline) ? WIRE_RETURNED : WIRE_LATE;
		collect(worker);
	}
	seen->end = arch_now();
	store_release(&seen->outcome, outcome);
}

/* ---- the batch ---- */

static void begin_step(const struct wire_step *step)
{
	store_release(&wire_batch.progress, position + 1);
	arch_look(step->flags & WIRE_SYNC);
	if (!step->settle)
		return;
	drain();
	for (unsigned hart = 0; hart < WIRE_HARTS; hart++)
		ipis_before[hart] = load_acquire(&ipis_received[hart]);
}

static void end_step(const struct wire_step *step, struct wire_seen *seen)
{
	uint32_t received;

	if (step->settle) {
		drain();
		for (unsigned hart = 0; hart < WIRE_HARTS; hart++) {
			received = load_acquire(&ipis_received[hart]) - ipis_before[hart];
			seen->ipis[hart] = received < UINT8_MAX ? received : UINT8_MAX;
		}
	}
	arch_look(step->flags & WIRE_SYNC);
	position++;
}

static void run_step(const struct wire_step *step, struct wire_seen *seen)
{
	begin_step(step);
	if (step->flags & WIRE_JOIN)
		join(step, seen);
	else if (step->hart)
		call_there(step, seen);
	else
		call_here(0, step, seen);
	end_step(step, seen);
}

/* All of it in one piece of code: see step_call_plain(). */
static __attribute__((flatten)) void run_plain_steps(const struct wire_step *steps, struct wire_seen *seen)
{
	const struct wire_step *step = &steps[position];
	uint32_t count = wire_batch.steps;

	for (seen += position; position < count && step_is_plain(step); step++, seen++) {
		store_release(&wire_batch.progress, position + 1);
		arch_look(step->flags & WIRE_SYNC);
		inflight[0].step = step;
		store_release(&inflight[0].seen, seen);
		step_call_plain(step, seen);
		store_release(&inflight[0].seen, NULL);
		arch_look(step->flags & WIRE_SYNC);
		position++;
	}
}

static void end_batch(void)
{
	for (unsigned hart = 1; hart < WIRE_HARTS; hart++) {
		struct worker *worker = &workers[hart];

		if (load_acquire(&worker->state) == WORKER_BUSY && !worker->abandoned && worker->step->deadline)
			wait_done(worker, worker->step->deadline);
		collect(worker);
	}
	store_release(&wire_batch.ready, 2);
	wire_stop();
}

/* A deterministic QEMU whose CPUs all sleep is busy with its clock, and may leave the host without an answer. */
static _Noreturn void stay_awake(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static _Noreturn void run_batch(void)
{
	const struct wire_step *steps;
	struct wire_seen *seen;

	store_release(&wire_batch.ready, 1);
	while (wire_batch.magic != WIRE_MAGIC) /* who comes back in the middle of a batch has one */
		wire_stop(); /* the host takes its picture of the machine here, and writes the batch */
	steps = (const struct wire_step *)(uintptr_t)wire_batch.step_at;
	seen = (struct wire_seen *)(uintptr_t)wire_batch.seen_at;
	if (finish_landed(0))
		end_step(&steps[position], &seen[position]);
	for (;;) {
		run_plain_steps(steps, seen);
		if (position >= wire_batch.steps)
			break;
		run_step(&steps[position], &seen[position]);
	}
	end_batch();
	stay_awake();
}

_Noreturn void loop_run(unsigned hart)
{
	store_release(&present[hart], true);
	if (hart == 0)
		run_batch();
	work(hart);
}

_Noreturn void loop_stray(uint64_t cause, uint64_t pc, uint64_t value)
{
	wire_batch.stray[0] = cause;
	wire_batch.stray[1] = pc;
	wire_batch.stray[2] = value;
	store_release(&wire_batch.ready, 3);
	wire_stop();
	stay_awake();
}
