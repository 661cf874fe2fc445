/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storm.h - a guest that keeps QEMU busy and hardly gets on in its own time.
 *
 * Guest time counts instructions. A CPU that takes one trap after the other completes none, or so few that the limit on guest time
 * is minutes of the host's away, or never reached. So traps are counted, too: QEMU logs each, and the length of the log tells how
 * many there were. A guest pays nothing for that before its CPUs have worked for a while without any progress. When the counting
 * begins depends on the host, then; that there is no end to the traps does not.
 */
#ifndef ASSAY_GUEST_STORM_H
#define ASSAY_GUEST_STORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define STORM_BEGIN_MS 300u /* of work without progress after which traps are counted */
#define STORM_BYTES    (10u << 20) /* of the log, that make it a storm: some 70000 traps. Below the limit on QEMU's files */

struct guest;

struct storm {
	int traps; /* QEMU's log, an anonymous file */
	bool counts;
	int64_t read_from; /* where what was logged of resets begins that has not been looked at */
};

void storm_init(struct storm *storm);
int storm_open(struct storm *storm, struct err *err);
void storm_free(struct storm *storm);
/* Called often while there is no progress; worked_ns: how long the CPUs have worked since there was some. True: it is a storm. */
bool storm_rages(struct guest *guest, uint64_t worked_ns);
/* There was progress, or an end: nothing is counted any more. */
void storm_calm(struct guest *guest);
/* Was the reset that has just been told a processor's death? Asked once for each. Resets are logged in the same place. */
bool storm_has_crashed(struct guest *guest);

#endif
