/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/test_court.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAID 64

static struct {
	enum verdict verdict;
	char rule[64], expected[256], got[256], cite[64];
} sayings[SAID];
static size_t saying_count;

const struct spec *court_spec;
struct recording_head court_head;
struct judge *court_judge;

static const uint64_t map[][2] = { { 0x9000, 0x9fff }, { 0x8000, 0x8fff }, { 0x100000, 0x1fffff } };
static const char *const chapters[] = { "one", "extra", "states" };
static bool present[] = { true, true, true };
static const char *const registers[] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7" };
static const char *const control[] = { "pending", "mode", "base" };

static const struct recording_head first_head = {
	.assay = "0",
	.arch = "demo",
	.ram_base = 0x100000,
	.ram_size = 0x100000,
	.clock_hz = 1000000,
	.boot_hart = 4,
	.harts = 2,
	.hart_ids = { 4, 0 },
	.claimed_major = 2,
	.claimed_minor = 0,
	.own_low = 0x180000,
	.own_high = 0x18ffff,
	.map_count = 3,
	.map = map,
	.chapter_count = 3,
	.chapters = chapters,
	.present = present,
	.register_count = 8,
	.control_count = 3,
	.registers = registers,
	.control = control,
	.control_mask = { UINT64_MAX, 0xff, UINT64_MAX },
};

static void keep(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

static void hear(void *context, const struct judgement *judgement)
{
	(void)context;
	if (saying_count == SAID)
		return;
	sayings[saying_count].verdict = judgement->verdict;
	keep(sayings[saying_count].rule, sizeof(sayings->rule), judgement->rule_id);
	keep(sayings[saying_count].expected, sizeof(sayings->expected), judgement->expected);
	keep(sayings[saying_count].got, sizeof(sayings->got), judgement->got);
	keep(sayings[saying_count].cite, sizeof(sayings->cite), judgement->cite);
	saying_count++;
}

int court_setup(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	court_spec = spec_load(ASSAY_SOURCE "/harness/judge/test_demo.yaml", findings, &err);
	if (!court_spec)
		fprintf(stderr, "%s\n", err.message);
	findings_free(findings);
	return court_spec ? 0 : -1;
}

int court_teardown(void **state)
{
	(void)state;
	spec_free((struct spec *)court_spec);
	return 0;
}

void court_again(void)
{
	struct err err = { 0 };

	judge_free(court_judge);
	court_judge = judge_new(&(struct judge_config){ court_spec, &court_head, NULL, hear }, &err);
	if (!court_judge)
		abort();
}

int court_begin(void **state)
{
	(void)state;
	court_head = first_head;
	present[1] = true;
	court_again();
	return 0;
}

int court_end(void **state)
{
	(void)state;
	judge_free(court_judge);
	court_judge = NULL;
	return 0;
}

struct recorded_step call_of(const char *entry, unsigned arg_count, const uint64_t *args)
{
	struct recorded_step step = { .entry = entry,
				      .outcome = RECORD_RETURNED,
				      .hart = 4,
				      .arg_count = arg_count,
				      .result_count = 2,
				      .start = 1000,
				      .end = 1010 };

	memcpy(step.args, args, arg_count * sizeof(*args));
	return step;
}

enum verdict judge_call_in(const struct recorded_step *step, uint32_t boot, uint32_t attempt)
{
	struct recorded_step copy = *step;
	const struct recorded_case recorded = { "demo:case", "boundary", NULL, boot, attempt, 1, 0, &copy };

	saying_count = 0;
	return judge_case(court_judge, &recorded);
}

enum verdict judge_call(const struct recorded_step *step)
{
	return judge_call_in(step, 1, 0);
}

static size_t find(const char *rule)
{
	size_t i = saying_count;

	while (i > 0 && strcmp(sayings[i - 1].rule + strlen("demo."), rule))
		i--;
	return i;
}

enum verdict said(const char *rule)
{
	size_t i = find(rule);

	return i ? sayings[i - 1].verdict : UNJUDGED;
}

const char *said_expected(const char *rule)
{
	return sayings[find(rule) - 1].expected;
}

const char *said_got(const char *rule)
{
	return sayings[find(rule) - 1].got;
}

const char *said_cite(const char *rule)
{
	return sayings[find(rule) - 1].cite;
}
