/* SPDX-License-Identifier: BSD-2-Clause */
/* test_court.h - the demo interface, a machine it was recorded on, and what the judge said last. */
#ifndef ASSAY_JUDGE_TEST_COURT_H
#define ASSAY_JUDGE_TEST_COURT_H

#include "judge/judge.h"

#define UNJUDGED VERDICT_COUNT

extern const struct spec *court_spec;
extern struct recording_head court_head; /* claims 2.0; harts 0 and 4; changes hold from the next court_begin() on */
extern struct judge *court_judge;

int court_setup(void **state); /* group setup: loads the spec */
int court_teardown(void **state);
int court_begin(void **state); /* test setup: a fresh judge, and court_head as new */
int court_end(void **state);
void court_again(void); /* a fresh judge for a changed court_head */

/* A call that returned OK, with the arguments given. The entry is "one.plain". */
struct recorded_step call_of(const char *entry, unsigned arg_count, const uint64_t *args);
#define CALL(entry, ...)                                                                                                         \
	call_of("demo." entry, sizeof((uint64_t[]){ 0, ##__VA_ARGS__ }) / 8 - 1, (uint64_t[]){ 0, ##__VA_ARGS__ } + 1)

/* Judges one call as a case of its own in boot 1; forgets what was said before. */
enum verdict judge_call(const struct recorded_step *step);
enum verdict judge_call_in(const struct recorded_step *step, uint32_t boot, uint32_t attempt);

/* What was said last of a rule ("one.plain:echo"); UNJUDGED: nothing. */
enum verdict said(const char *rule);
const char *said_expected(const char *rule);
const char *said_got(const char *rule);
const char *said_cite(const char *rule);

#endif
