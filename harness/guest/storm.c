/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/storm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/internal.h"

void storm_init(struct storm *storm)
{
	*storm = (struct storm){ .traps = -1 };
}

int storm_open(struct storm *storm, struct err *err)
{
	storm->traps = memfd_create("traps", MFD_CLOEXEC);
	return storm->traps >= 0 ? 0 : err_set(err, EXIT_BROKEN, "no memory for a log of traps: %s", strerror(errno));
}

void storm_free(struct storm *storm)
{
	if (storm->traps >= 0)
		close(storm->traps);
	storm_init(storm);
}

/* An instruction log for people (debug.h) takes the place of this one. */
static bool can_count(const struct guest *guest)
{
	return guest->storm.traps >= 0 && !guest->config.trace;
}

/* A QEMU that does not do it is found out by those who wait for its next answer. */
static void order(struct guest *guest, const char *line)
{
	char answer[256];
	struct err err;

	qmp_human(&guest->qmp, line, answer, sizeof(answer), guest->config.stuck_ms, &err);
}

static void begin(struct guest *guest)
{
	bool resets = guest->config.blob->machine->crash_words;

	/* QEMU opens the file anew each time that it begins to log */
	guest->storm.counts = !ftruncate(guest->storm.traps, 0);
	guest->storm.read_from = 0;
	if (guest->storm.counts)
		order(guest, resets ? "log int,cpu_reset" : "log int");
}

bool storm_rages(struct guest *guest, uint64_t worked_ns)
{
	struct stat status;

	if (!can_count(guest) || worked_ns < STORM_BEGIN_MS * UINT64_C(1000000))
		return false;
	if (!guest->storm.counts)
		begin(guest);
	return !fstat(guest->storm.traps, &status) && status.st_size >= STORM_BYTES;
}

void storm_calm(struct guest *guest)
{
	if (!guest->storm.counts)
		return;
	guest->storm.counts = false;
	order(guest, guest->config.blob->machine->crash_words ? "log cpu_reset" : "log none");
}

bool storm_has_crashed(struct guest *guest)
{
	const char *words = guest->config.blob->machine->crash_words;
	struct storm *storm = &guest->storm;
	struct stat status;
	size_t size;
	ssize_t got;
	char *text;
	bool found;

	if (!words || !can_count(guest) || fstat(storm->traps, &status) || status.st_size <= storm->read_from)
		return false;
	size = (size_t)(status.st_size - storm->read_from);
	text = xmalloc(size);
	got = pread(storm->traps, text, size, storm->read_from);
	found = got > 0 && memmem(text, (size_t)got, words, strlen(words));
	free(text);
	storm->read_from = status.st_size;
	return found;
}
