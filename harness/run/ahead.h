/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead.h - cuts a plan into stretches on a thread of its own: the next ones are made while guests run and results are judged.
 *
 * How a plan is cut depends on the plan and the capacity alone, never on who is faster. The source and what it works with belong to
 * the thread from ahead_new() to ahead_free().
 */
#ifndef ASSAY_RUN_AHEAD_H
#define ASSAY_RUN_AHEAD_H

#include "run/unit.h"

struct ahead;

/* capacity: steps that a guest has room for; cases: at most so many in one stretch. The codec has to outlive it. */
struct ahead *ahead_new(const struct codec *codec, struct case_source source, size_t capacity, size_t cases, struct err *err);
void ahead_free(struct ahead *ahead); /* NULL is allowed; waits for the case that is being made */

enum ahead_news {
	AHEAD_READY, /* *stretch is the caller's */
	AHEAD_LATER, /* it is being made */
	AHEAD_NO_MORE,
};
/* The next stretch. Waits for it at most so long. */
enum ahead_news ahead_take(struct ahead *ahead, unsigned wait_ms, struct stretch **stretch);

#endif
