/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scene.h - a call and an answer to it that nobody gave: what the expressions of both sides see.
 *
 * A scene is a seed. Whatever an expression reads and the call does not decide (results, states, registers, memory) is drawn from
 * the seed and the name of what is read, so that both sides see the same. Numbers come from what the rules speak of.
 */
#ifndef ASSAY_COMPARE_SCENE_H
#define ASSAY_COMPARE_SCENE_H

#include "compare/calls.h"
#include "compare/compare.h"

#define POOL_MAX 256

/* Numbers worth trying: what the rules of both sides compare with, and the error codes both may answer. */
struct pool {
	size_t count, error_count;
	uint64_t list[POOL_MAX], errors[POOL_MAX];
};

void pool_add_entry(struct pool *pool, const struct entry *entry);

struct scene {
	uint64_t seed;
	const struct pool *pool;
	const struct entry *of; /* whose call it is: its arguments are the other side's by name */
	const struct call *call;
	unsigned happened; /* one of enum outcome_bit */
	bool error_given; /* the status is `error` */
	uint64_t error;
};

struct view {
	const struct scene *scene;
	const struct side *side;
	const struct entry *entry;
	struct expr_env env;
};

void scene_view(struct view *view, const struct scene *scene, const struct side *side, const struct entry *entry);
struct value view_status(const struct view *view); /* unknown: there is none */

#endif
