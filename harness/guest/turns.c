/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/turns.h"

#include <stdio.h>

#include "guest/internal.h"

/* Guest time, microseconds. */
#define SHARED 200u /* several CPUs have work to do */
#define LENT   1000u /* one has: the others sleep, and if one of them should not, a call that waits for it is not late */
#define ALONE  10000u /* there is no other. No timer at all would do, but QEMU complains when it sleeps and none is set */

#define TIMER "/objects/turns"

void turns_add(struct words *words, const struct machine *machine)
{
	words_add_pair(words, "-netdev", "hubport,id=nowhere,hubid=0");
	words_add_pair(words, "-object", "filter-buffer,id=turns,netdev=nowhere,queue=rx,interval=%u",
		       machine->harts > 1 ? SHARED : ALONE);
}

/* Steps that only the CPU that booted has to do with, and for which nobody waits. */
static bool is_for_one(const struct guest *guest)
{
	const struct wire_step *steps = ram_at(&guest->ram, guest->ram.step_at, guest->ram.capacity * sizeof(*steps));
	unsigned others = 0;

	for (size_t i = 0; steps && i < guest->steps; i++)
		others |= steps[i].hart | steps[i].settle | (steps[i].flags & (WIRE_ASYNC | WIRE_JOIN | WIRE_WAKE));
	return !others;
}

int turns_begin(struct guest *guest, struct err *err)
{
	unsigned length = guest->config.blob->machine->harts < 2 ? ALONE : is_for_one(guest) ? LENT : SHARED;
	char interval[64];

	snprintf(interval, sizeof(interval), "qom-set " TIMER " interval %u", length);
	return rsp_monitor(&guest->rsp, "qom-set " TIMER " status off", guest->config.stuck_ms, err) ||
			       rsp_monitor(&guest->rsp, interval, guest->config.stuck_ms, err) ||
			       rsp_monitor(&guest->rsp, "qom-set " TIMER " status on", guest->config.stuck_ms, err)
		       ? -1
		       : 0;
}
