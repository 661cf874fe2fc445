/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - `assay replay`: one case of a run again, alone, in a fresh guest. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/rundir.h"
#include "cli/show.h"
#include "run/run.h"

static const char doc[] =
	"Runs one case of a run again, alone in a fresh guest, and shows every call, what came of it and every verdict."
	"\vCASE is a case's id, as a report prints it. Exit 0 when it passes, 1 when it fails.";

enum option_key { KEY_SANDBOX = 256 };

static const struct argp_option own_options[] = { { "sandbox", KEY_SANDBOX, "require|best|off", 0, SANDBOX_OPTION_HELP, 0 },
						  { 0 } };

struct replay_request {
	const char *rundir, *id;
	enum sandbox_policy sandbox;
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct replay_request *request = state->input;

	if (key == ARGP_KEY_ARG && state->arg_num == 0)
		request->rundir = word;
	else if (key == ARGP_KEY_ARG && state->arg_num == 1)
		request->id = word;
	else if (key == KEY_SANDBOX)
		request->sandbox = sandbox_option(state, word);
	else if (key == ARGP_KEY_ARG || (key == ARGP_KEY_END && state->arg_num < 2))
		argp_error(state, "name a run directory and a case");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

struct replay {
	struct arena *arena;
	struct subject subject;
	struct recording_head head;
	struct judge *judge;
	enum verdict verdict;
	bool found;
};

static bool on_recorded(void *context, const struct recorded_case *recorded)
{
	struct replay *replay = context;

	replay->found = true;
	show_case(stdout, replay->subject.spec, &replay->head, recorded);
	replay->verdict = judge_case(replay->judge, recorded);
	return false;
}

/* The pattern that matches exactly this case: ids may hold characters that mean something in a pattern. */
static const char *exactly(struct arena *arena, const char *id)
{
	char *pattern = arena_alloc(arena, strlen(id) * 3 + 1), *out = pattern;

	for (; *id; id++) {
		if (strchr("*?[", *id))
			out += sprintf(out, "[%c]", *id);
		else
			*out++ = *id;
	}
	return pattern;
}

static int run_case(struct replay *replay, const struct run_config *config, const struct plan_request *request, const char *id,
		    const struct recording_head *old, struct err *err)
{
	const struct plan_options options = { request->effort, request->seed, exactly(replay->arena, id), request->random_cases };
	const struct run_sink sink = { replay, on_recorded, NULL };
	struct survey survey;
	struct run_stats stats;
	struct plan *plan;
	int failed;

	if (run_survey(replay->arena, config, &survey, &replay->head, err))
		return -1;
	if (strcmp(old->blob_sha256, replay->head.blob_sha256))
		fprintf(stderr, "assay: note: the blob is not the one that was recorded\n");
	if (request->claim) {
		replay->head.claimed_major = old->claimed_major;
		replay->head.claimed_minor = old->claimed_minor;
		survey.version = judge_version(replay->subject.spec, &replay->head);
	}
	replay->judge = judge_new(&(struct judge_config){ replay->subject.spec, &replay->head, stdout, show_judgement }, err);
	plan = replay->judge ? plan_new(replay->subject.spec, &survey, &options, err) : NULL;
	if (!plan)
		return -1;
	failed = run_plan(config, &survey, plan, 0, &sink, &stats, err);
	plan_free(plan);
	if (!failed && !replay->found)
		return err_set(err, EXIT_USAGE, "%s: the plan has no such case (was the specification changed since?)", id);
	return failed;
}

static int replay_in(struct replay *replay, const char *directory, const struct plan_request *request, const char *id,
		     const struct recording_head *old)
{
	struct err err = { 0 };
	const struct run_config config = {
		.spec = replay->subject.spec,
		.blob = replay->subject.blob,
		.arch = replay->subject.arch,
		.probe = replay->subject.probe,
		.stopper = replay->subject.stopper,
		.directory = directory,
		.isolate_case = true,
		.sandbox = request->sandbox,
		.jobs = 1,
		.interrupt = &interrupted,
	};

	if (run_case(replay, &config, request, id, old, &err))
		return complain(&err);
	printf("%s\n", verdict_names[replay->verdict]);
	return replay->verdict == VERDICT_BROKEN ? EXIT_BROKEN : replay->verdict >= VERDICT_FAIL ? EXIT_DEVIANT : EXIT_CONFORMANT;
}

static int replay_recorded(struct replay *replay, const struct journal_reader *reader, const struct replay_request *wanted)
{
	char directory[] = "/tmp/assay-replay-XXXXXX";
	struct plan_request request;
	struct err err = { 0 };
	int code;

	plan_request_init(&request);
	request.sandbox = wanted->sandbox;
	if (request_from_text(replay->arena, journal_head(reader)->options, &request, &err))
		return complain(&err);
	code = subject_find(&replay->subject, &request);
	if (code)
		return code;
	if (!mkdtemp(directory)) {
		err_set(&err, EXIT_BROKEN, "%s: cannot make a directory for the guest", directory);
		return complain(&err);
	}
	code = replay_in(replay, directory, &request, wanted->id, journal_head(reader));
	rmdir(directory);
	return code;
}

int replay_main(int argc, char **argv)
{
	static const struct argp argp = { own_options, parse, "RUNDIR CASE", doc, 0, 0, 0 };
	struct replay_request request = { 0 };
	struct replay replay = { 0 };
	struct journal_reader *reader;
	struct err err = { 0 };
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	catch_interrupts();
	replay.arena = arena_new();
	reader = journal_open(rundir_file(replay.arena, request.rundir, "journal"), &err);
	code = reader ? replay_recorded(&replay, reader, &request) : complain(&err);
	judge_free(replay.judge);
	journal_free(reader);
	subject_free(&replay.subject);
	arena_free(replay.arena);
	return code;
}
