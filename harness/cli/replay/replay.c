/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - `assay replay`: one case of a run again, in a fresh guest, and looked at from close by when asked. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay/replay.h"

#define BEFORE_SHOWN	  8u /* cases before it that are named */
#define DIFFERENCES_SHOWN 6u
#define TRIES		  4u /* to see the same time, too: QEMU's CPUs do not always change turns at the same instruction */

static const char doc[] =
	"Runs one case of a run again in a fresh guest, shows every call, what came of it and every verdict, and says whether that is "
	"what the run recorded."
	"\vCASE is a case's id, as a report prints it. A case that fails only after others is run after the shortest sequence that is "
	"known (the run finds one for each rule: see --rule; `assay shrink` looks longer), or else after all that came before it in its "
	"guest.\n\n"
	"Examples:\n"
	"  assay replay RUN 'sbi.base.probe_extension:boundary:extension_id=max'\n"
	"  assay replay RUN CASE --trace           the firmware's instructions in that call, with registers\n"
	"  assay replay RUN CASE --gdb             stops at the call, and prints the gdb command to look around\n"
	"  assay replay RUN CASE --bundle DIR      a directory for a bug report: `sh DIR/run.sh` needs QEMU only\n\n"
	"--gdb and --trace look at the first call that fails a rule, or at the call that the case is about; --call names another one.\n\n"
	"Exit 0 when the case passes, 1 when it fails, 2 when there is no such run or case, 3 when the harness failed.";

enum { KEY_GDB = 256, KEY_TRACE, KEY_BUNDLE, KEY_CALL };

static const struct argp_option options[] = {
	{ "gdb", KEY_GDB, 0, 0, "Stop at the call, and wait for a debugger", 0 },
	{ "trace", KEY_TRACE, 0, 0, "Show the instructions executed in the call; the whole of it goes to RUNDIR/traces/", 0 },
	{ "bundle", KEY_BUNDLE, "DIR", 0, "Write a directory that reproduces the failure with QEMU alone", 0 },
	{ "call", KEY_CALL, "N", 0, "The call to look at, numbered as replay shows them", 0 },
	{ 0 },
};

struct replay_request {
	struct again_request again;
	const char *bundle;
	bool gdb, trace;
	unsigned call; /* 0: not said */
};

static unsigned parse_call(const char *word, struct argp_state *state)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	if (*end || !number || number > CASE_STEPS)
		argp_error(state, "--call: `%s` is no number of a call", word);
	return (unsigned)number;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct replay_request *request = state->input;

	switch (key) {
	case KEY_GDB:
		request->gdb = true;
		return 0;
	case KEY_TRACE:
		request->trace = true;
		return 0;
	case KEY_BUNDLE:
		request->bundle = word;
		return 0;
	case KEY_CALL:
		request->call = parse_call(word, state);
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->again;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- which sequence ---- */

/* How the case was judged when it was recorded with others, or alone when only that is known. */
static const struct judged *recorded_verdicts(const struct recall *recall)
{
	return recall->batch ? &recall->batch_judged : &recall->alone_judged;
}

static bool shows_it(const struct replay *replay)
{
	return judged_covers(&replay->trial.judged, recorded_verdicts(&replay->again.recall), replay->rule);
}

/* A way to come to the case. */
struct way {
	bool open; /* it is to be tried */
	const char *const *before;
	size_t count;
	const struct recorded_case *than; /* the recording that it should be like */
};

/* 1: it fails as recorded, 0: it does not, -1: err */
static int try_way(struct replay *replay, const struct way *way, struct err *err)
{
	const struct again_guests plain = { 0 };
	struct rerun_request request = replay_request(replay, way->before, way->count);
	struct rerun *rerun;
	int failed;

	replay->than = way->than;
	if (again_is_read(&replay->again))
		return again_read(&replay->again, way->than, &replay->trial, err) ? -1 : shows_it(replay);
	rerun = again_prepare(&replay->again, way->before, way->count, plain, err);
	failed = rerun ? again_try(&replay->again, rerun, &request, replay->than, &replay->trial, err) : -1;
	rerun_free(rerun);
	return failed ? -1 : shows_it(replay);
}

/* It was run alone, and did not show what it shows after others. */
static bool needs_others(const struct replay *replay)
{
	const struct recall *recall = &replay->again.recall;

	return recall->batch && recall->alone && recall->before_count &&
	       !judged_covers(&recall->alone_judged, &recall->batch_judged, replay->rule);
}

/* The shortest way first. The last one tried is what is shown, whether or not it fails as recorded. */
static int find_sequence(struct replay *replay, struct err *err)
{
	const struct recall *recall = &replay->again.recall;
	size_t count;
	const char *const *shrunk = shrunk_read(replay->again.arena, replay->again.rundir, replay->again.id, &count);
	const struct way ways[] = {
		/* who shrank it wants that; who names a rule wants what is on record for that rule */
		{ !replay->rule && shrunk && count, shrunk, count, recall->batch },
		{ recall->trial, recall->after, recall->after_count, recall->trial },
		{ !needs_others(replay), NULL, 0, recall->alone ? recall->alone : recall->batch },
		{ recall->before_count, recall->before, recall->before_count, recall->batch },
	};
	int shown = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && !shown; i++)
		if (ways[i].open)
			shown = try_way(replay, &ways[i], err);
	return shown < 0 ? -1 : 0;
}

/* ---- what is shown ---- */

static void show_before(const struct replay *replay)
{
	if (!replay->before_count)
		return;
	printf("after %zu case%s in the same guest:\n", replay->before_count, replay->before_count == 1 ? "" : "s");
	for (size_t i = 0; i < replay->before_count && i < BEFORE_SHOWN; i++)
		printf("    %s\n", replay->before[i]);
	if (replay->before_count > BEFORE_SHOWN)
		printf("    ... (`assay shrink %s CASE` finds out which of them it takes)\n", replay->again.rundir);
}

static void show_rules(const struct judged *judged)
{
	if (!judged->count)
		printf(" %s", verdict_names[judged->verdict]);
	for (size_t i = 0; i < judged->count; i++)
		printf("%s %s %s", i ? "," : "", verdict_names[judged->list[i].verdict], judged->list[i].rule);
}

static void show_differences(const struct trial *trial)
{
	const char *line = trial->differences, *end;

	for (unsigned i = 0; i < DIFFERENCES_SHOWN && *line; i++, line = end + 1) {
		end = strchr(line, '\n');
		printf("    %.*s\n", (int)(end - line), line);
	}
	if (trial->difference_count > DIFFERENCES_SHOWN)
		printf("    and %u more\n", trial->difference_count - DIFFERENCES_SHOWN);
}

/* The recording it is compared with was made after other cases than this. */
static const char *elsewhere(const struct replay *replay)
{
	const struct recall *recall = &replay->again.recall;
	size_t count = replay->than == recall->alone   ? 0
		       : replay->than == recall->trial ? recall->after_count
						       : recall->before_count;

	if (replay->before_count == count)
		return "";
	return arena_printf(replay->again.arena, " (it was recorded after %zu cases)", count);
}

static void show_comparison(const struct replay *replay)
{
	const struct trial *trial = &replay->trial;
	const struct recall *recall = &replay->again.recall;
	const struct judged *was = replay->than == recall->alone   ? &recall->alone_judged
				   : replay->than == recall->trial ? &recall->trial_judged
								   : &recall->batch_judged;

	if (!replay->than) {
		puts("not compared: the run did not make this case");
	} else if (trial->judged.verdict != was->verdict || !judged_covers(&trial->judged, was, NULL) ||
		   !judged_covers(was, &trial->judged, NULL)) {
		fputs("NOT reproduced: recorded is", stdout);
		show_rules(was);
		fputs("; now it is", stdout);
		show_rules(&trial->judged);
		putchar('\n');
	} else if (!trial->difference_count) {
		puts("reproduced exactly: every call as it was recorded, to the tick");
	} else {
		printf("reproduced in its verdicts%s; what is not as it was recorded:\n", elsewhere(replay));
		show_differences(trial);
	}
}

static int show(struct replay *replay)
{
	show_before(replay);
	if (!replay->trial.reached) {
		fputs("assay: a case before this one ended the guest\n", stderr);
		return EXIT_DEVIANT;
	}
	fputs(replay->trial.shown, stdout);
	show_comparison(replay);
	return 0;
}

static int exit_code(const struct replay *replay)
{
	enum verdict verdict = replay->trial.judged.verdict;

	return verdict == VERDICT_BROKEN ? EXIT_BROKEN : verdict_is_failure(verdict) ? EXIT_DEVIANT : EXIT_CONFORMANT;
}

/* ---- the whole ---- */

static int choose_call(struct replay *replay, const struct replay_request *request, struct err *err)
{
	const struct trial *trial = &replay->trial;

	replay->call = trial->judged.count ? trial->judged.list[0].step : trial->main;
	if (request->call > trial->step_count)
		return err_set(err, EXIT_USAGE, "--call: the case has %u calls", trial->step_count);
	if (request->call)
		replay->call = request->call - 1;
	return 0;
}

static int look_closer(struct replay *replay, const struct replay_request *request, struct err *err)
{
	if (choose_call(replay, request, err))
		return -1;
	if (again_is_read(&replay->again) && (request->trace || request->bundle || request->gdb))
		return err_set(err, EXIT_USAGE, "%s: a structure is read, not called: there is no call to look into",
			       replay->again.id);
	if (request->trace && replay_trace(replay, err))
		return -1;
	if (request->bundle && replay_bundle(replay, request->bundle, err))
		return -1;
	return request->gdb ? replay_gdb(replay, err) : 0;
}

static int remember_trial(struct replay *replay, const struct replay_request *request, struct err *err)
{
	struct again *again = &replay->again;
	const struct judged *was = recorded_verdicts(&again->recall);

	replay->rule = request->again.rule;
	if (request->again.rule && was->count < FAILINGS_MAX && !judged_covers(was, was, request->again.rule))
		return err_set(err, EXIT_USAGE, "%s: did not fail the rule `%s` in the run %s", again->id, request->again.rule,
			       again->rundir);
	return recall_trial(&again->recall, again->arena, rundir_file(again->arena, again->rundir, "journal"),
			    again->subject.spec, request->again.rule, err);
}

static int run(struct replay *replay, const struct replay_request *request)
{
	struct err err = { 0 };
	int code = again_open(&replay->again, &request->again);

	if (code)
		return code;
	if (remember_trial(replay, request, &err) || find_sequence(replay, &err))
		return complain(&err);
	code = show(replay);
	if (code)
		return code;
	if (look_closer(replay, request, &err))
		return complain(&err);
	printf("%s\n", verdict_names[replay->trial.judged.verdict]);
	return exit_code(replay);
}

struct rerun_request replay_request(struct replay *replay, const char *const *before, size_t count)
{
	size_t *cases = arena_new_array(replay->again.arena, size_t, count + 1);

	for (size_t i = 0; i <= count; i++)
		cases[i] = i;
	replay->before = before;
	replay->before_count = count;
	return (struct rerun_request){ .cases = cases, .count = count + 1, .silence = true, .watched = -1 };
}

int replay_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "RUNDIR CASE", doc, again_request_child, 0, 0 };
	struct replay_request request = { 0 };
	static struct replay replay;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	catch_interrupts();
	code = run(&replay, &request);
	again_close(&replay.again);
	return code;
}
