/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - `assay run`: plan, guests, journal, verdicts and reports, put together. */
#include <argp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/attribute.h"
#include "cli/rundir.h"
#include "cli/diff.h"
#include "cli/resume.h"
#include "base/clock.h"
#include "prove/side.h"
#include "run/pool.h"
#include "run/run.h"

static const char doc[] =
	"Judges a blob: makes the cases that follow from its specification, runs each of them in an isolated guest, and prints "
	"the matrix of verdicts.\v"
	"Examples:\n"
	"  assay run                                   OpenSBI 1.1, quick\n"
	"  assay run --blob opensbi-1.6 --effort standard\n"
	"  assay run --blob my.bin --filter 'sbi.hsm.*'\n"
	"  assay run --baseline assay-runs/opensbi-1.1-1   for CI: only what is new fails\n\n"
	"What fails in a batch is run again alone, and what does not fail there after fewer and fewer of the cases before it; what fails "
	"now and then is FLAKY, and not conformant.\n\n"
	"Exit 0 when the blob is conformant, 1 when it is not, or when that is not known because only a part was run (--filter, --budget), 2 for a usage or specification error, 3 when the harness failed.";

struct job {
	struct plan_request request;
	struct subject subject;
	struct arena *arena;
	const char *rundir;
	const char *command;
	struct recording_head head;
	struct survey survey;
	struct plan *plan;
	struct journal_writer *journal;
	struct folding folding;
	struct progress progress;
	struct run_stats stats;
	struct pool *pool;
	struct audit_tally tally, tally_on_record;
	struct recording_head past; /* resume: of the recording, as far as resume.h has it */
	uint32_t boot; /* the highest number of a boot so far */
	struct err sink_err; /* of a journal that could not be written */
	volatile bool stop;
};

/* Where it has changed since it was recorded last. */
static int record_audit(struct job *job)
{
	const struct audit_tally *is = &job->tally, *was = &job->tally_on_record;
	const struct recorded_audit audit = { is->calls, is->mismatches, is->first };

	if (is->calls == was->calls && is->mismatches == was->mismatches)
		return 0;
	job->tally_on_record = job->tally;
	return journal_audit(job->journal, &audit, &job->sink_err);
}

/* True: it is to be run again alone. */
static bool fold(struct job *job, const struct recorded_case *recorded)
{
	job->boot = recorded->boot > job->boot ? recorded->boot : job->boot;
	folding_case(&job->folding, recorded);
	return job->folding.fresh_failure && recorded->attempt == 0;
}

static bool on_recorded(void *context, const struct recorded_case *recorded)
{
	struct job *job = context;

	if (record_audit(job) || journal_write(job->journal, recorded, &job->sink_err)) {
		interrupted = true; /* nothing that cannot be kept is worth running */
		return false;
	}
	return fold(job, recorded);
}

/* Resume: what is in the journal is judged like what comes. */
static bool on_known(void *context, const struct recorded_case *recorded)
{
	return fold(context, recorded);
}

static void on_progress(void *context, uint64_t done)
{
	struct job *job = context;

	progress_step(&job->progress, done, job->folding.failing_cases);
	journal_sync(job->journal, &job->sink_err);
}

static struct run_config config_of(struct job *job)
{
	return (struct run_config){
		.spec = job->subject.spec,
		.blob = job->subject.blob,
		.arch = job->subject.arch,
		.probe = job->subject.probe,
		.stopper = job->subject.stopper,
		.directory = job->rundir,
		.pool = job->pool,
		.isolate_case = job->request.isolate_case,
		.jobs = job->request.jobs,
		.audit_share = job->request.audit,
		.audit_seed = job->request.seed,
		.tally = &job->tally,
		.sandbox = job->request.sandbox,
		.budget_ms = job->request.budget_s * 1000,
		.interrupt = &interrupted,
	};
}

/* Whoever asked for less than everything is told what they got. */
static void note_weaker_sandbox(const struct recording_head *head)
{
	char all[SANDBOX_NAMES_SIZE];

	if (strcmp(head->sandbox, sandbox_names(SANDBOX_ALL, all)) != 0)
		fprintf(stderr, "assay: note: of the sandbox's walls only these hold the blob: %s\n", head->sandbox);
}

/* Whoever wonders why everything is untested is told. */
static void note_unreachable(const struct survey *survey)
{
	if (survey->unreachable)
		fprintf(stderr, "assay: note: what calls are found by is not in the guest's memory, so no call is made\n");
}

/* What is known before a guest has started: another blob may not even start. */
static int check_before(const struct job *job, struct err *err)
{
	const struct recording_head is = { .blob_sha256 = job->subject.blob->sha256, .spec_sha256 = job->subject.spec->sha256 };

	return resume_check(job->request.resume, &job->past, &is, err);
}

static int make_plan(struct job *job, struct err *err)
{
	const struct run_config config = config_of(job);
	const struct plan_options options = { job->request.effort, job->request.seed, job->request.filter,
					      job->request.random_cases, prove_sides() };

	if (check_before(job, err) || run_survey(job->arena, &config, &job->survey, &job->head, err) ||
	    resume_check(job->request.resume, &job->past, &job->head, err) ||
	    subject_claim(&job->subject, job->request.claim, &job->survey, &job->head, err))
		return -1;
	job->head.assay = ASSAY_VERSION;
	job->head.seed = job->request.seed;
	job->head.command = job->command;
	job->head.options = request_to_text(job->arena, &job->request, &job->subject);
	job->plan = plan_new(job->subject.spec, &job->survey, &options, err);
	note_weaker_sandbox(&job->head);
	note_unreachable(&job->survey);
	return job->plan ? 0 : -1;
}

static int open_journal(struct job *job, struct err *err)
{
	if (folding_begin(&job->folding, job->subject.spec, &job->head, job->rundir, err))
		return -1;
	if (!job->journal)
		job->journal = journal_create(rundir_file(job->arena, job->rundir, "journal"), &job->head, err);
	return job->journal ? 0 : -1;
}

/*
 * Whatever ended the run, but for a user who has had enough: what it saw fail is looked into. Not where records were forged: what
 * fails after what is then the blob's own tale.
 */
static int on_ended(void *context, const struct kept *kept, struct err *err)
{
	struct job *job = context;
	const struct run_config config = config_of(job);
	struct attribution_job attribution = {
		.config = &config,
		.survey = &job->survey,
		.plan = job->plan,
		.head = &job->head,
		.journal = rundir_file(job->arena, job->rundir, "journal"),
		.writer = job->journal,
		.folding = &job->folding,
		.kept = kept,
		.boot = job->boot,
	};
	uint64_t begun_ms = clock_ms();
	int failed;

	if (job->tally.mismatches)
		return 0;
	failed = journal_sync(job->journal, err) || attribute_failures(&attribution, err);
	job->stats.resets += attribution.guests;
	job->stats.wall_seconds += (double)(clock_ms() - begun_ms) / 1000;
	job->stats.interrupted |= failed && err->code == EXIT_INTERRUPTED;
	return failed && !job->stats.interrupted ? -1 : 0;
}

static int execute(struct job *job, struct err *err)
{
	const struct run_config config = config_of(job);
	const struct run_sink sink = { job, on_recorded, on_known, on_progress, on_ended };
	const char *past = job->request.resume ? rundir_file(job->arena, job->rundir, "journal") : NULL;
	int failed;

	progress_begin(&job->progress, job->subject.blob->name, isatty(STDERR_FILENO) ? plan_count(job->plan) : 0);
	failed = run_plan(&config, &job->survey, job->plan, past, &sink, &job->stats, err);
	progress_end(&job->progress);
	if (job->sink_err.code) {
		*err = job->sink_err;
		failed = -1;
	}
	return failed || journal_sync(job->journal, err) ? -1 : 0;
}

static int apply_deviations(struct job *job, struct err *err)
{
	char today[16];
	time_t now = time(NULL);

	if (!job->subject.blob->deviations)
		return 0;
	strftime(today, sizeof(today), "%Y-%m-%d", gmtime(&now));
	return matrix_deviations(job->folding.matrix, job->subject.blob->deviations, today, err);
}

static const char *why_partial(const struct job *job)
{
	if (job->stats.interrupted)
		return "interrupted";
	if (job->stats.budget_spent)
		return "the budget was spent";
	return job->request.filter ? arena_printf(job->arena, "--filter '%s'", job->request.filter) : NULL;
}

static int conclude(struct job *job, struct err *err)
{
	struct matrix *matrix = job->folding.matrix;

	matrix->partial = why_partial(job);
	matrix->timing.guest_seconds = job->stats.guest_seconds;
	matrix->timing.wall_seconds = job->stats.wall_seconds;
	matrix->vanished = job->stats.vanished;
	matrix->audit.known = !job->subject.blob->machine->accelerator;
	matrix->audit.calls = job->tally.calls;
	matrix->audit.mismatches = job->tally.mismatches;
	matrix->audit.first = job->tally.first;
	matrix->timing.resets = job->stats.resets;
	matrix->timing.calls_per_second = job->stats.wall_seconds > 0 ? (double)job->stats.calls / job->stats.wall_seconds : 0;
	if (apply_deviations(job, err))
		return -1;
	folding_end(&job->folding);
	if (rundir_write(job->arena, job->rundir, matrix, err))
		return -1;
	/* last of all: a recording that is complete has its reports, and any other can be taken up */
	return job->stats.interrupted || job->stats.budget_spent ? 0 : journal_finish(job->journal, err);
}

static int print_report(const struct job *job)
{
	const struct report_format *format = report_find(job->request.format);
	const struct report_options options = terminal_options(job->request.verbose);

	format->run(job->folding.matrix, stdout, &options);
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	fputs("assay: the report could not be written to standard output\n", stderr);
	return EXIT_BROKEN;
}

/* A run directory in which nothing was recorded is taken away again. */
static void discard(const struct job *job)
{
	if (!job->request.resume && !job->journal && job->rundir)
		rmdir(job->rundir);
}

static int begin(struct job *job, struct err *err)
{
	job->rundir = job->request.resume ? job->request.resume
					  : rundir_create(job->arena, job->request.rundir, job->subject.blob->name, err);
	if (!job->rundir || make_plan(job, err) || open_journal(job, err)) {
		discard(job);
		return -1;
	}
	return 0;
}

static int exit_code(const struct job *job)
{
	if (job->stats.interrupted) {
		fprintf(stderr, "assay: interrupted; go on with: assay run --resume %s\n", job->rundir);
		return EXIT_INTERRUPTED;
	}
	if (job->folding.matrix->summary[VERDICT_BROKEN])
		return EXIT_BROKEN;
	if (job->request.baseline)
		return diff_against(job->request.baseline, job->folding.matrix);
	return job->folding.matrix->conformant ? EXIT_CONFORMANT : EXIT_DEVIANT;
}

static int run(struct job *job)
{
	struct err err = { 0 };
	int code;

	if (begin(job, &err))
		return complain(&err);
	if (execute(job, &err) || conclude(job, &err)) {
		complain(&err);
		fprintf(stderr, "assay: what was recorded is in %s; `assay run --resume %s` goes on with it\n", job->rundir,
			job->rundir);
		return err.code;
	}
	code = print_report(job);
	return code ? code : exit_code(job);
}

static const char *command_line(struct arena *arena, int argc, char **argv)
{
	const char *line = argv[0];

	for (int i = 1; i < argc; i++)
		line = arena_printf(arena, "%s %s", line, argv[i]);
	return line;
}

int run_main(int argc, char **argv)
{
	static const struct argp argp = { 0, 0, 0, doc, plan_request_child, 0, 0 };
	struct job job = { .arena = arena_new(), .pool = pool_new() };
	int code = 0;

	plan_request_init(&job.request);
	job.command = command_line(job.arena, argc, argv);
	if (argp_parse(&argp, argc, argv, 0, 0, &job.request))
		return EXIT_USAGE;
	catch_interrupts();
	if (job.request.resume)
		code = resume_open(job.arena, &job.request, &job.past, &job.journal);
	if (!job.request.blob)
		job.request.blob = DEFAULT_BLOB;
	if (!code)
		code = subject_find(&job.subject, &job.request);
	if (!code)
		code = run(&job);
	pool_free(job.pool);
	journal_close(job.journal, NULL); /* what matters is on disk */
	plan_free(job.plan);
	folding_free(&job.folding);
	subject_free(&job.subject);
	arena_free(job.arena);
	return code;
}
