/* SPDX-License-Identifier: BSD-2-Clause */
/* draft.c - `assay draft`: what a blob does that nobody has written down. */
#include "draft/draft.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/run.h"

#define RANGES 32

static const char doc[] =
	"Makes the calls that a specification does not name, with a few arguments each, and writes down those that answer otherwise than "
	"a call that is not there: a specification in which everything is `unspecified`, to begin a real one with."
	"\vTried are the neighbours of the calls that have a name, and what --select says:\n\n"
	"  assay draft                                     OpenSBI 1.1, neighbours only\n"
	"  assay draft --blob my.bin --select eid=0x0A000000..0x0A0000ff -o found.yaml\n"
	"  assay draft --blob my.bin --select eid=experimental_eids\n\n"
	"PART is a part of the selector; without it the first one in which named calls differ is meant. What is tried of it is a number, "
	"a range, or a set of the specification; the part in which neighbours differ goes from 0 to --near. Of a range that has more than "
	"--limit calls, the ends and numbers between them are tried.\n\n"
	"Nothing was promised of these calls, so they may do anything: the guest is isolated like in a run. Exit 0, also when nothing was "
	"found.";

enum { KEY_NEAR = 256, KEY_LIMIT, KEY_SANDBOX };

static const struct argp_option options[] = {
	{ "blob", 'b', "NAME|FILE", 0, "The candidate, as for `assay run`. Default: opensbi-1.1", 0 },
	{ "spec", 's', "DIR", 0, "The specification, where the manifest names none or another is wanted", 0 },
	{ "select", 'S', "[PART=]RANGES", 0, "Selectors to try besides the neighbours: numbers, ranges, sets, with commas", 0 },
	{ "near", KEY_NEAR, "N", 0, "How far to go beyond the last number that has a name. Default: 8", 0 },
	{ "limit", KEY_LIMIT, "N", 0, "Calls to try at most. Default: 1024", 0 },
	{ "sandbox", KEY_SANDBOX, "require|best|off", 0, SANDBOX_OPTION_HELP, 0 },
	{ "output", 'o', "FILE", 0, "Where the draft goes. Default: standard output", 0 },
	{ 0 },
};

struct draft_request {
	struct plan_request plan;
	struct draft_wish wish;
	const char *ranges[RANGES], *output;
};

static unsigned long number(struct argp_state *state, const char *option, const char *word, unsigned long low, unsigned long high)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(word, &end, 0);
	if (errno || end == word || *end || *word == '-' || value < low || value > high)
		argp_error(state, "--%s: `%s` is no number from %lu to %lu", option, word, low, high);
	return value;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct draft_request *request = state->input;

	switch (key) {
	case 'b':
		request->plan.blob = word;
		return 0;
	case 's':
		request->plan.spec = word;
		return 0;
	case 'o':
		request->output = word;
		return 0;
	case 'S':
		if (request->wish.range_count == RANGES)
			argp_error(state, "--select: at most %d of them", RANGES);
		request->ranges[request->wish.range_count++] = word;
		return 0;
	case KEY_NEAR:
		request->wish.near = (unsigned)number(state, "near", word, 0, 4096);
		return 0;
	case KEY_LIMIT:
		request->wish.limit = number(state, "limit", word, 1, 4096);
		return 0;
	case KEY_SANDBOX:
		request->plan.sandbox = sandbox_option(state, word);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "`%s` is no option; see --help", word);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct job {
	const struct draft_request *request;
	struct subject *subject;
	struct draft *draft;
	struct spec *questions;
	struct recording_head head;
	struct audit_tally tally;
	char directory[64];
	struct progress progress;
};

/* ---- the questions, as a specification ---- */

static struct spec *read_back(const char *path, struct err *err)
{
	struct findings *findings = findings_new();
	struct spec *spec = spec_load(path, findings, err);

	findings_free(findings);
	if (!spec)
		err->code = EXIT_BROKEN; /* we wrote it */
	return spec;
}

static int make_questions(struct job *job, struct err *err)
{
	char path[sizeof(job->directory) + 16];
	FILE *out;
	int failed;

	snprintf(path, sizeof(path), "%s/draft.yaml", job->directory);
	out = fopen(path, "w");
	failed = !out || draft_write(job->draft, NULL, out);
	if (out)
		failed |= fclose(out);
	if (failed)
		return err_set(err, EXIT_BROKEN, "%s: %s", path, strerror(errno));
	job->questions = read_back(path, err);
	unlink(path);
	return job->questions ? 0 : -1;
}

/* ---- asking them ---- */

static bool on_recorded(void *context, const struct recorded_case *recorded)
{
	struct job *job = context;

	draft_see(job->draft, recorded, &job->head);
	return false;
}

static void on_progress(void *context, uint64_t done)
{
	struct job *job = context;

	progress_step(&job->progress, done, 0);
}

static int ask(struct job *job, struct arena *arena, struct err *err)
{
	const struct plan_options samples = { .effort = EFFORT_QUICK, .seed = 1, .filter = "*:sample:*" };
	const struct run_sink sink = { job, on_recorded, NULL, on_progress, NULL };
	const struct run_config config = {
		.spec = job->questions,
		.blob = job->subject->blob,
		.arch = job->subject->arch,
		.probe = job->subject->probe,
		.stopper = job->subject->stopper,
		.directory = job->directory,
		.sandbox = job->request->plan.sandbox,
		.jobs = job->request->plan.jobs,
		.tally = &job->tally,
		.interrupt = &interrupted,
	};
	struct run_stats stats = { 0 };
	struct survey survey = { 0 };
	struct plan *plan;
	int failed;

	if (run_survey(arena, &config, &survey, &job->head, err))
		return -1;
	plan = plan_new(job->questions, &survey, &samples, err);
	if (!plan)
		return -1;
	progress_begin(&job->progress, job->subject->blob->name, 0);
	failed = run_plan(&config, &survey, plan, NULL, &sink, &stats, err);
	progress_end(&job->progress);
	plan_free(plan);
	return failed;
}

/* ---- the answer ---- */

static int write_draft(const struct job *job, struct err *err)
{
	const char *path = job->request->output;
	FILE *out = path ? fopen(path, "w") : stdout;
	int failed = !out || draft_write(job->draft, &job->head, out);

	if (out && path)
		failed |= fclose(out);
	else if (out)
		failed |= fflush(out);
	return failed ? err_set(err, EXIT_BROKEN, "%s: %s", path ? path : "standard output", strerror(errno)) : 0;
}

static size_t found(const struct draft *draft)
{
	size_t count = 0;

	for (size_t i = 0; i < draft->count; i++)
		count += draft_is_there(&draft->calls[i]);
	return count;
}

static int conclude(const struct job *job, struct err *err)
{
	size_t there = found(job->draft);

	fprintf(stderr, "%s: %zu calls without a name tried, %zu of them answer\n", job->subject->blob->name, job->draft->count,
		there);
	if (job->draft->left_out)
		fprintf(stderr, "%llu more of the wanted ranges were not tried; see --limit\n",
			(unsigned long long)job->draft->left_out);
	if (there)
		return write_draft(job, err);
	return 0;
}

static int draft(const struct draft_request *request, struct subject *subject)
{
	arena_auto struct arena *arena = arena_new();
	struct job job = { .request = request, .subject = subject, .directory = P_tmpdir "/assay-draft-XXXXXX" };
	struct err err = { 0 };
	int failed;

	job.draft = draft_new(subject->spec, (int)subject->spec->version_count - 1, &request->wish, &err);
	if (!job.draft)
		return complain(&err);
	if (!mkdtemp(job.directory))
		failed = err_set(&err, EXIT_BROKEN, "%s: %s", job.directory, strerror(errno));
	else
		failed = make_questions(&job, &err) || ask(&job, arena, &err) || conclude(&job, &err);
	rmdir(job.directory);
	spec_free(job.questions);
	draft_free(job.draft);
	if (interrupted)
		return EXIT_INTERRUPTED;
	return failed ? complain(&err) : 0;
}

int draft_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, 0, doc, 0, 0, 0 };
	struct draft_request request = { .wish = { .near = 8, .limit = 1024 } };
	struct subject subject;
	int code;

	plan_request_init(&request.plan);
	request.wish.ranges = request.ranges;
	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	if (!request.plan.blob)
		request.plan.blob = "opensbi-1.1";
	catch_interrupts();
	code = subject_find(&subject, &request.plan);
	if (!code)
		code = draft(&request, &subject);
	subject_free(&subject);
	return code;
}
