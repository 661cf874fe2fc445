/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_near.h - which known name a mistyped one was meant to be. Private to the expression language.
 */
#ifndef ASSAY_SPEC_EXPR_NEAR_H
#define ASSAY_SPEC_EXPR_NEAR_H

struct near {
	const char *wanted;
	unsigned distance;	/* a name must be nearer than this */
	char best[80];		/* "" when none is near; a copy, since a name may be the offering side's own buffer */
};

struct near near_to(const char *wanted);
/* Of names that are equally near the first one offered stays. */
void near_offer(struct near *near, const char *name);

#endif
