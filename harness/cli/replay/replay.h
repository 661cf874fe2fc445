/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.h - a case that was run again, and ways to look at one of its calls from close by. */
#ifndef ASSAY_CLI_REPLAY_REPLAY_H
#define ASSAY_CLI_REPLAY_REPLAY_H

#include "cli/replay/again.h"

struct replay {
	struct again again;
	/* the sequence that was chosen, and what came of it */
	const char *const *before;
	size_t before_count;
	const struct recorded_case *than; /* the recording it is compared with, or NULL */
	const char *rule; /* the one that has to fail; NULL: all that the case failed in the run */
	struct trial trial;
	unsigned call; /* to be looked at, from 0 */
};

/* A request for these cases and the one that is replayed, which becomes the replay's sequence. */
struct rerun_request replay_request(struct replay *replay, const char *const *before, size_t count);

/* Each runs the chosen sequence once more. */
int replay_gdb(struct replay *replay, struct err *err);
int replay_trace(struct replay *replay, struct err *err);
int replay_bundle(struct replay *replay, const char *directory, struct err *err);

#endif
