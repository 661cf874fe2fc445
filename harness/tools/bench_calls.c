/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_calls.c - for bench.py: the calls of a plan in one batch, in the same guest as `assay run` makes them in, by whatever
 * payload speaks wire.h: the probe, or one that looks at nothing. Prints calls and the seconds from the first call to the last, of the
 * last of some rounds: as in a run, whose guests keep their memory, pages of the batch are there by then.
 *
 *     bench_calls PAYLOAD FILTER CALLS [BLOB]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "base/clock.h"
#include "guest/internal.h"
#include "run/codec.h"
#include "run/run.h"

#define HANG_NS	 10000000u
#define STUCK_MS 20000u
#define ROUNDS	 3u

struct batch {
	struct asked_case **cases; /* NULL behind the last */
	size_t calls;
};

static struct batch take_cases(struct arena *arena, const struct codec *codec, struct plan *plan, size_t calls)
{
	struct batch batch = { .cases = arena_new_array(arena, struct asked_case *, calls + 2) };
	const struct plan_case *plan_case;
	size_t count = 0;

	if (codec->opening) {
		batch.cases[count++] = codec->opening;
		batch.calls = codec->opening->step_count;
	}
	while (batch.calls < calls && (plan_case = plan_next(plan))) {
		batch.cases[count] = asked_new(arena, codec, plan_case);
		batch.calls += batch.cases[count++]->step_count;
	}
	return batch;
}

static size_t lay_out(struct arena *arena, struct guest *guest, const struct codec *codec, const struct batch *batch)
{
	size_t laid = 0;

	for (size_t i = 0; batch->cases[i] && asked_encode(arena, codec, guest, batch->cases[i], laid); i++)
		laid += batch->cases[i]->step_count;
	return laid;
}

struct moment {
	double wall, processor;
};

struct measured {
	size_t calls;
	double wall, processor; /* seconds */
};

static struct moment now(const struct guest *guest)
{
	struct timespec used = { 0 };
	clockid_t clock;

	if (!clock_getcpuclockid(guest->qemu.pid, &clock))
		clock_gettime(clock, &used);
	return (struct moment){ (double)clock_ns() / 1e9, (double)used.tv_sec + (double)used.tv_nsec / 1e9 };
}

/* Looks seldom: whoever keeps looking at the guest's memory slows the guest down. */
static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

/* The boot is over when the first step begins; what is done by then is not counted. */
static struct moment until_first_call(struct guest *guest, uint32_t *done)
{
	struct wire_batch batch;

	do {
		pause_a_little();
		guest_batch(guest, &batch);
	} while (!batch.progress);
	*done = batch.progress - 1;
	return now(guest);
}

static struct moment until_done(struct guest *guest)
{
	struct wire_batch batch;

	do {
		pause_a_little();
		guest_batch(guest, &batch);
	} while (batch.ready == 1);
	return now(guest);
}

/* One batch, from its first call that was looked for in time to its last. */
static int run_round(const struct subject *subject, struct guest *guest, const struct codec *codec, const struct batch *batch,
		     struct measured *last, struct err *err)
{
	size_t laid, step;
	uint32_t done;
	struct moment begun, ended;

	if (guest_reset(guest, err))
		return -1;
	guest_leave(guest, codec->leave_gate, codec->leave);
	laid = lay_out(subject->arena, guest, codec, batch);
	if (guest_go(guest, laid, err))
		return -1;
	begun = until_first_call(guest, &done);
	ended = until_done(guest);
	if (guest_wait(guest, NULL, &step, err) != GUEST_DONE)
		return err_set(err, EXIT_BROKEN, "the batch did not come to its end");
	*last = (struct measured){ laid - done, ended.wall - begun.wall, ended.processor - begun.processor };
	return 0;
}

static int measure(const struct subject *subject, struct plan *plan, const char *payload, size_t calls, struct err *err)
{
	const struct guest_config config = { .blob = subject->blob,
					     .arch = subject->arch,
					     .probe = payload,
					     .stopper = subject->stopper,
					     .directory = ".",
					     .icount = true,
					     .hang_ns = HANG_NS,
					     .stuck_ms = STUCK_MS,
					     .console_max = 1u << 20 };
	struct codec *codec = codec_new(subject->arena, subject->spec, subject->arch, subject->blob->machine, err);
	struct guest *guest = codec ? guest_new(&config, err) : NULL;
	struct measured measured = { 0 };
	struct batch batch;

	if (!guest)
		return -1;
	batch = take_cases(subject->arena, codec, plan, calls);
	for (unsigned round = 0; round < ROUNDS; round++)
		if (run_round(subject, guest, codec, &batch, &measured, err))
			return -1;
	guest_free(guest);
	printf("%zu %.6f %.6f\n", measured.calls, measured.wall, measured.processor);
	return 0;
}

int main(int argc, char **argv)
{
	const struct plan_request request = { .blob = argc == 5 ? argv[4] : NULL };
	struct subject subject;
	struct survey survey;
	struct recording_head head;
	struct plan_options options = { .seed = 1, .filter = argv[2] };
	struct plan *plan = NULL;
	struct err err = { 0 };

	if (argc < 4 || argc > 5 || subject_find(&subject, &request))
		return EXIT_USAGE;
	options.random_cases = strtoull(argv[3], NULL, 10);
	const struct run_config config = { .spec = subject.spec,
					   .blob = subject.blob,
					   .arch = subject.arch,
					   .probe = subject.probe,
					   .stopper = subject.stopper,
					   .directory = "." };
	if (!run_survey(subject.arena, &config, &survey, &head, &err))
		plan = plan_new(subject.spec, &survey, &options, &err);
	if (!plan || measure(&subject, plan, argv[1], options.random_cases, &err))
		return complain(&err);
	plan_free(plan);
	subject_free(&subject);
	return 0;
}
