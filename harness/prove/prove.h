/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prove.h - what is true of a specification for all calls at once, for `assay lint`.
 *
 * Every entry's rules become formulas (encode.h), and z3 is asked: does a rule never apply, could nothing break or keep it, is
 * there a call that no answer satisfies, or one that no rule speaks of? Effort is counted in z3's own units, so the answers do not
 * depend on the host; a question that would take more is reported as open. A call that is named as an example was looked at by our
 * own evaluator too.
 */
#ifndef ASSAY_PROVE_PROVE_H
#define ASSAY_PROVE_PROVE_H

#include "spec/spec.h"

struct prove_options {
	unsigned threads; /* 0: as many as there are processors */
	const char *cache; /* a directory for what was proved; NULL: none */
};

struct prove_summary {
	size_t entries, undecided, cached;
};

/* Adds what was proved to *findings (unsorted: findings_sort()). -1: z3 failed, err says how. */
int prove_spec(const struct spec *spec, const struct prove_options *options, struct findings *findings,
	       struct prove_summary *summary, struct err *err);

#endif
