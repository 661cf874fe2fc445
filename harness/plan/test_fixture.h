/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fixture.h - a small interface to plan for, and plans of it.
 */
#ifndef ASSAY_PLAN_TEST_FIXTURE_H
#define ASSAY_PLAN_TEST_FIXTURE_H

#include "plan/plan.h"

/* A spec that is valid until the next call; fails the test when it does not load. */
const struct spec *fixture_spec(void);
void fixture_free(void);
/* Two CPUs, 128 MiB at 2 GiB; every chapter but `gone` present. */
const struct survey *fixture_survey(void);
struct plan *fixture_plan(enum effort effort, uint64_t seed, const char *filter);

/* All cases as text; free(). */
char *plan_text(struct plan *plan);
/* Is there a case whose id matches this shell pattern? */
bool plan_has(struct plan *plan, const char *pattern);

#endif
