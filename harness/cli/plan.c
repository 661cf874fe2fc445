/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.c - `assay plan`: the cases that would be run. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "prove/side.h"

static const char doc[] =
	"Prints the cases that follow from a specification, without running them."
	"\vNothing is asked of the blob: the plan is for one that has every chapter of the newest version (or of --claim). On stderr is said "
	"which side of which rule's `when` no case aims at, and why: values that trying does not find are solved for.";

/* A machine for specifications that come without one: two CPUs, memory at zero. */
static const struct machine plain_machine = {
	.harts = 2,
	.hart_ids = { 0, 1 },
	.ram_base = 0,
	.ram_size = 128 << 20,
	.clock_hz = 10000000,
};

static struct survey everything(const struct subject *subject)
{
	const struct machine *machine = subject->blob ? subject->blob->machine : &plain_machine;
	bool *present = arena_new_array(subject->arena, bool, subject->spec->chapter_count);
	struct survey survey = { .version = -1, .present = present, .harts = machine->harts };

	for (size_t i = 0; i < subject->spec->chapter_count; i++)
		present[i] = true;
	for (unsigned i = 0; i < machine->harts && i < 8; i++)
		survey.hart_ids[i] = machine->hart_ids[i];
	survey.ram_base = machine->ram_base;
	survey.ram_size = machine->ram_size;
	survey.clock_hz = machine->clock_hz;
	return survey;
}

/* Sides of rules that no case aims at: a rule that stays untested shall not come as a surprise. */
static void print_gaps(const struct plan *plan)
{
	static const char *const why[] = {
		[GAP_UNSOLVED] = "trying found none",
		[GAP_UNDECIDED] = "trying found none, and a solver gave up",
		[GAP_NO_VALUES] = "no values of its arguments do, in the states that were tried",
		[GAP_NO_CHOICE] = "nothing that the caller chooses decides it",
	};
	const struct plan_gap *gaps;
	size_t count = plan_gaps(plan, &gaps);

	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "no case aims at %s where its `when` %s: %s\n", gaps[i].rule->full_id,
			gaps[i].holds ? "holds" : "does not hold", why[gaps[i].why]);
}

static int print_plan(const struct subject *subject, const struct plan_request *request)
{
	const struct plan_options options = { request->effort, request->seed, request->filter, request->random_cases,
					      prove_sides() };
	struct survey survey = everything(subject);
	struct err err = { 0 };
	struct plan *plan;
	const struct plan_case *one;
	uint64_t count = 0;

	for (size_t i = 0; request->claim && i < subject->spec->version_count; i++)
		if (!strcmp(subject->spec->versions[i], request->claim))
			survey.version = (int)i;
	plan = plan_new(subject->spec, &survey, &options, &err);
	if (!plan)
		return complain(&err);
	for (; !interrupted && !ferror(stdout) && (one = plan_next(plan)); count++)
		plan_print(one, stdout);
	if (!request->filter || !strchr(request->filter, ':'))
		print_gaps(plan);
	fprintf(stderr, "%llu cases\n", (unsigned long long)count);
	plan_free(plan);
	return interrupted ? EXIT_INTERRUPTED : fflush(stdout) || ferror(stdout) ? EXIT_BROKEN : 0;
}

int plan_main(int argc, char **argv)
{
	static const struct argp argp = { 0, 0, 0, doc, plan_request_child, 0, 0 };
	struct plan_request request;
	struct subject subject;
	int code;

	plan_request_init(&request);
	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	catch_interrupts();
	code = subject_find(&subject, &request);
	if (!code)
		code = print_plan(&subject, &request);
	subject_free(&subject);
	return code;
}
