/* SPDX-License-Identifier: BSD-2-Clause */
/* suspects.h - cases of a run that are to be run again behind what came before them. */
#ifndef ASSAY_RUN_SUSPECTS_H
#define ASSAY_RUN_SUSPECTS_H

#include "run/rerun.h"

struct suspect {
	const char *id;
	const char *const *before; /* ids of what came before it in its guest, in order; NULL: not looked up yet */
	size_t before_count;
	size_t number, *numbers; /* in the rerun's list: its own, and of those before it */
	size_t *sequence, sequence_count; /* into `numbers`: those that it took to fail before; NULL: not known */
};

struct suspects {
	struct arena *arena; /* whoever made them owns it */
	struct suspect *list; /* each once, sorted by id */
	size_t count;
};

/* An id may be there several times. */
void suspects_init(struct suspects *suspects, struct arena *arena, const char *const *ids, size_t count);
struct suspect *suspects_find(const struct suspects *suspects, const char *id);
/* Looks up in the journal what came before each, and tells of the searches that are on record. */
int suspects_look_back(struct suspects *suspects, const char *journal,
		       void (*searched)(void *context, const struct recorded_search *search), void *context, struct err *err);
/* All of them and what came before them, to be run again. The plan is rewound, and of no use after that. */
struct rerun *suspects_rerun(struct suspects *suspects, const struct rerun_config *config, struct plan *plan, struct err *err);

#endif
