/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/storm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
	/* QEMU opens the file anew each time that it begins to log */
	guest->storm.counts = !ftruncate(guest->storm.traps, 0);
	if (guest->storm.counts)
		order(guest, "log int");
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
	order(guest, "log none");
}
