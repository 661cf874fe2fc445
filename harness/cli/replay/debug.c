/* SPDX-License-Identifier: BSD-2-Clause */
/* debug.c - `assay replay --gdb`: the guest stands before the call, and a debugger may come. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/replay/replay.h"
#include "guest/debug.h"
#include "guest/symbols.h"

struct session {
	struct replay *replay;
	struct err *err;
	bool stopped;
};

/* A word for the shell. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, 0 }, stdout);
	putchar('\'');
}

static void print_order(struct arena *arena, const char *format, const char *path, uint64_t number)
{
	fputs(" -ex ", stdout);
	print_quoted(arena_printf(arena, format, path, number));
}

static void print_command(const struct session *session, struct guest *guest, const struct asked_step *step)
{
	struct arena *arena = session->replay->again.arena;
	const struct subject *subject = &session->replay->again.subject;
	uint64_t moved = 0;

	fputs("  gdb-multiarch -q ", stdout);
	print_quoted(subject->probe);
	fputs(" -ex 'set confirm off'", stdout);
	if (subject->blob->symbols && !symbols_moved(subject->blob->symbols, guest_blob_at(guest), &moved))
		print_order(arena, "add-symbol-file \"%s\" -o 0x%" PRIx64, subject->blob->symbols, moved);
	fputs(" -ex ", stdout);
	print_quoted(arena_printf(arena, "target remote %s", guest_gdb_socket(guest)));
	fputs(" -ex ", stdout);
	print_quoted(arena_printf(arena, "tbreak *0x%" PRIx64, guest_gate(guest, step->code->gate, step->hart)));
	fputs(" -ex continue\n", stdout);
}

static bool before(void *context, struct guest *guest, const struct asked_step *step)
{
	struct session *session = context;
	const char *into = session->replay->again.subject.arch->gdb_into;

	if (guest_pause(guest, session->err))
		return false;
	session->stopped = true;
	printf("\nThe guest stands before call %u of the case, %s. In another terminal:\n\n", session->replay->call + 1,
	       step->code->entry->full_id);
	print_command(session, guest, step);
	printf("\nIt stops at the instruction that makes the call. Into the firmware: %s%s%s\n"
	       "This waits until the debugger leaves; Ctrl-C ends it.\n",
	       into ? "`" : "`stepi`", into ? into : "", into ? "`, then `continue`" : "");
	fflush(stdout);
	/* an interrupt is how this ends, whatever was being waited for */
	if (guest_debug(guest, &interrupted, session->err) && !interrupted)
		session->stopped = false;
	return false;
}

static void after(void *context, struct guest *guest)
{
	(void)context;
	(void)guest; /* before() never lets it come so far */
}

int replay_gdb(struct replay *replay, struct err *err)
{
	const struct again_guests guests = { .gdb = true };
	struct session session = { replay, err, false };
	const struct lane_watcher watcher = { &session, before, after };
	struct rerun *rerun = again_prepare(&replay->again, replay->before, replay->before_count, guests, err);
	struct rerun_request request = replay_request(replay, replay->before, replay->before_count);
	struct trial trial;
	int failed;

	if (!rerun)
		return -1;
	request.watcher = &watcher;
	request.watched = rerun_step(rerun, replay->before_count, replay->call);
	failed = again_try(&replay->again, rerun, &request, NULL, &trial, err);
	rerun_free(rerun);
	if (session.stopped && interrupted)
		fputs("assay: the guest was ended\n", stderr);
	if (session.stopped)
		return 0;
	return failed ? -1 : err_set(err, EXIT_DEVIANT, "the guest ended before it came to the call");
}
