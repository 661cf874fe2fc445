/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * perturb.h - could a rule that passed have failed?
 *
 * A rule that no observation can fail checks nothing. For a rule that passed on a call, the observation of that call is changed
 * in every way a broken blob could change it (another error code, a flipped bit, a clobbered register, a dirty guard, a lost
 * landing, a hang), one at a time, until one change makes the rule fail. The same is tried on calls about which the rule had
 * nothing to say.
 */
#ifndef ASSAY_JUDGE_PERTURB_H
#define ASSAY_JUDGE_PERTURB_H

#include "judge/judge.h"

struct perturb;

/* What is known of one rule of one entry. */
struct perturbed {
	const char *rule_id; /* full */
	const struct entry *entry;
	const struct rule *rule; /* NULL: a universal rule */
	enum universal universal;
	uint64_t passed; /* calls on which it passed */
	const char *failed_by; /* the change that makes it fail; NULL: none was found */
};

/* config->judged may be NULL; it is not called. */
struct perturb *perturb_new(const struct judge_config *config, struct err *err);
void perturb_free(struct perturb *perturb);
/* Like judge_case(): cases in the order of the recording, so that the model is what it was. */
void perturb_case(struct perturb *perturb, const struct recorded_case *recorded);
/* Every rule that passed at least once, in the order of the spec. */
void perturb_each(const struct perturb *perturb, void (*visit)(void *context, const struct perturbed *perturbed), void *context);

#endif
