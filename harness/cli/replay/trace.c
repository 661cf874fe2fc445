/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - `assay replay --trace`: the instructions that the firmware executes in one call. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "cli/replay/replay.h"
#include "guest/debug.h"
#include "guest/trace.h"

#define LIMIT	       1000000u /* instructions after which a call that does not come back is left alone */
#define WITH_REGISTERS 30000u /* calls of at most so many are traced again with their registers */
#define LINES_SHOWN    40u /* at the beginning, and at the end */
#define LOOK_MS	       100
#define GATHER_US      500 /* a line at a time would cost both sides a call each */

struct tracing {
	struct replay *replay;
	struct err *err;
	bool registers, failed, begun;
	struct trace *trace;
	uint64_t blob_at;
	int log; /* what QEMU logs; ours, for the guest may be gone before all is read */
	pthread_t reader;
	volatile bool stop; /* ends the guest: interrupted, or enough was seen */
};

/* ---- one run ---- */

/* Takes what QEMU logs until QEMU is gone. */
static void *read_log(void *context)
{
	struct tracing *tracing = context;
	struct pollfd ready = { .fd = tracing->log, .events = POLLIN };
	static char text[1 << 18];

	for (;;) {
		ssize_t got;

		tracing->stop |= interrupted || trace_state(tracing->trace) >= TRACE_FULL;
		if (poll(&ready, 1, LOOK_MS) == 0)
			continue;
		usleep(GATHER_US);
		got = read(ready.fd, text, sizeof(text));
		if (got == 0 || (got < 0 && errno != EINTR))
			return NULL;
		if (got > 0)
			trace_feed(tracing->trace, text, (size_t)got);
	}
}

static void join_reader(struct tracing *tracing)
{
	if (!tracing->begun)
		return;
	pthread_join(tracing->reader, NULL);
	close(tracing->log);
	tracing->begun = false;
}

static int begin_reader(struct tracing *tracing, const struct guest *guest)
{
	tracing->log = fcntl(guest_trace_fd(guest), F_DUPFD_CLOEXEC, 0);
	tracing->begun = tracing->log >= 0 && !pthread_create(&tracing->reader, NULL, read_log, tracing);
	if (tracing->begun)
		return 0;
	if (tracing->log >= 0)
		close(tracing->log);
	return err_set(tracing->err, EXIT_BROKEN, "nobody can read the trace: %s", strerror(errno));
}

static bool before(void *context, struct guest *guest, const struct asked_step *step)
{
	struct tracing *tracing = context;

	tracing->blob_at = guest_blob_at(guest);
	join_reader(tracing);
	trace_free(tracing->trace);
	tracing->trace = trace_new(guest_gate(guest, step->code->gate, step->hart), LIMIT);
	tracing->failed = guest_pause(guest, tracing->err) || guest_trace_begin(guest, tracing->registers, tracing->err) ||
			  begin_reader(tracing, guest) || guest_resume(guest, tracing->err);
	return !tracing->failed;
}

static void after(void *context, struct guest *guest)
{
	struct err ignored;

	(void)context;
	/* what goes wrong here costs nothing but time: the trace has ended at the return */
	if (!guest_pause(guest, &ignored) && !guest_trace_end(guest, &ignored))
		guest_resume(guest, &ignored);
}

static int execute(struct tracing *tracing, struct trial *trial)
{
	struct replay *replay = tracing->replay;
	const struct lane_watcher watcher = { tracing, before, after };
	struct rerun_request request = replay_request(replay, replay->before, replay->before_count);
	struct rerun *rerun;
	int failed;

	tracing->stop = false;
	replay->again.config.interrupt = &tracing->stop;
	rerun = again_prepare(&replay->again, replay->before, replay->before_count, (struct again_guests){ .trace = true },
			      tracing->err);
	replay->again.config.interrupt = &interrupted;
	if (!rerun)
		return -1;
	request.watcher = &watcher;
	request.watched = rerun_step(rerun, replay->before_count, replay->call);
	failed = again_try(&replay->again, rerun, &request, NULL, trial, tracing->err);
	rerun_free(rerun); /* QEMU is gone, and with it the log's other end */
	join_reader(tracing);
	if (interrupted)
		return err_set(tracing->err, EXIT_INTERRUPTED, "interrupted");
	if (tracing->failed || (failed && !tracing->stop))
		return -1;
	if (!tracing->trace || trace_state(tracing->trace) == TRACE_BEFORE)
		return err_set(tracing->err, EXIT_DEVIANT, "the guest ended before it came to the call");
	return 0;
}

/* ---- what is shown ---- */

static const char *ending(const struct trace *trace)
{
	switch (trace_state(trace)) {
	case TRACE_RETURNED:
		return "here the call returns";
	case TRACE_FULL:
		return "cut off here: the call has not come back";
	case TRACE_STILL:
		return "here its CPU stops, while others go on: the call does not return";
	default:
		return "the trace ends here: the call does not return";
	}
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static const char *skip_lines(const char *text, size_t lines)
{
	while (lines--)
		text = strchr(text, '\n') + 1;
	return text;
}

static void show_text(const char *text)
{
	size_t lines = count_lines(text);
	const char *rest;

	if (lines <= 2 * LINES_SHOWN + 1) {
		fputs(text, stdout);
		return;
	}
	rest = skip_lines(text, LINES_SHOWN);
	fwrite(text, 1, (size_t)(rest - text), stdout);
	printf("          ... %zu lines are in the file only\n", lines - 2 * LINES_SHOWN);
	fputs(skip_lines(rest, lines - 2 * LINES_SHOWN), stdout);
}

/* RUNDIR/traces/HASH.txt */
static int write_text(struct replay *replay, const char *text, const char **path, struct err *err)
{
	struct arena *arena = replay->again.arena;
	FILE *file;
	bool failed;

	*path = arena_printf(arena, "%s/traces", replay->again.rundir);
	if (mkdir(*path, 0777) && errno != EEXIST)
		return err_set(err, EXIT_BROKEN, "%s: cannot be made: %s", *path, strerror(errno));
	*path = arena_printf(arena, "%s/%016" PRIx64 "-%u.txt", *path, hash_text(0, replay->again.id), replay->call + 1);
	file = fopen(*path, "w");
	failed = !file || fprintf(file, "%s\ncall %u\n\n%s", replay->again.id, replay->call + 1, text) < 0;
	failed |= file && fclose(file);
	return failed ? err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", *path, strerror(errno)) : 0;
}

static char *trace_text(struct tracing *tracing)
{
	const struct blob *blob = tracing->replay->again.subject.blob;
	struct err ignored;
	struct symbols *symbols = blob->symbols ? symbols_new(blob->symbols, tracing->blob_at, &ignored) : NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trace_print(tracing->trace, symbols, out);
	fprintf(out, "%8" PRIu64 " instructions; %s\n", trace_count(tracing->trace), ending(tracing->trace));
	fclose(out);
	symbols_free(symbols);
	return text;
}

static int show(struct tracing *tracing, const struct trial *trial)
{
	struct replay *replay = tracing->replay;
	char *text = trace_text(tracing);
	const char *path;
	int failed = write_text(replay, text, &path, tracing->err);

	printf("\ninstructions of call %u, %s:\n", replay->call + 1, replay->trial.steps[replay->call].entry);
	show_text(text);
	free(text);
	if (failed)
		return -1;
	printf("the whole trace: %s\n", path);
	if (trial->reached && trial->judged.verdict != replay->trial.judged.verdict)
		printf("note: while it was traced, the case was %s\n", verdict_names[trial->judged.verdict]);
	return 0;
}

int replay_trace(struct replay *replay, struct err *err)
{
	struct tracing tracing = { .replay = replay, .err = err };
	struct trial trial;
	int failed = execute(&tracing, &trial);

	if (!failed && trace_state(tracing.trace) < TRACE_FULL && trace_count(tracing.trace) <= WITH_REGISTERS) {
		tracing.registers = true;
		failed = execute(&tracing, &trial);
	}
	if (!failed)
		failed = show(&tracing, &trial);
	trace_free(tracing.trace);
	return failed;
}
