/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/certify/sample.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/replay/again.h"
#include "cli/certify/pick.h"
#include "judge/judge.h"
#include "prove/side.h"
#include "run/rerun.h"
#include "run/structures.h"

#define TRIES_MORE 3u /* of what is not as the certificate says */
#define TOGETHER   256u /* cases in one guest, at most */

/* The first rule that failed in a try, and that the certificate does not say failed. */
struct news {
	const char *rule; /* in the arena; NULL: there was none */
	const struct pick *pick;
	enum verdict verdict;
};

struct sampling {
	const struct sample_request *request;
	struct sample_result *result;
	struct arena *arena;
	struct subject subject;
	char directory[GUESTS_DIRECTORY_SIZE];
	struct run_config config;
	struct survey survey;
	struct recording_head head;
	struct picks picks;
	struct rerun *rerun;
	struct judge *judge;
	struct progress progress;
	/* what is tried, and what came of it */
	const struct pick *pick; /* the case that is judged */
	const struct pick *only; /* news of this case alone; NULL: of all */
	bool counts, failed_as_said, broken;
	enum record_outcome first_outcome; /* of the first case */
	struct news news;
};

/* ---- the same blob, specification and plan ---- */

static void note(struct sampling *sample, const char *text)
{
	sample->result->notes[sample->result->note_count++] = text;
}

static int find_subject(struct sampling *sample, struct err *err)
{
	const struct statement *statement = sample->request->statement;
	struct plan_request request;
	int code;

	plan_request_init(&request);
	request.blob = sample->request->blob;
	request.spec = sample->request->spec;
	code = subject_find(&sample->subject, &request);
	if (code)
		return err_set(err, (enum exit_code)code, "nothing was run again");
	if (strcmp(sample->subject.blob->sha256, statement->blob_sha256) != 0)
		return err_set(err, EXIT_DEVIANT, "%s is another blob: its sha256 is %s", sample->request->blob,
			       sample->subject.blob->sha256);
	if (strcmp(sample->subject.spec->sha256, statement->spec_sha256) != 0)
		return err_set(
			err, EXIT_USAGE,
			"%s is another text of the specification than the certificate is about (%.16s, here %.16s): take the "
			"assay of that time, or name the text with --spec",
			sample->subject.spec->directory, statement->spec_sha256, sample->subject.spec->sha256);
	return 0;
}

static void compare_tools(struct sampling *sample)
{
	const struct statement *statement = sample->request->statement;

	if (strcmp(statement->assay, ASSAY_VERSION) != 0)
		note(sample, "another version of assay made the certificate");
	if (strcmp(statement->qemu, sample->head.qemu) != 0)
		note(sample, "another version of QEMU ran the blob");
	else if (statement->qemu_sha256 && strcmp(statement->qemu_sha256, sample->head.qemu_sha256) != 0)
		note(sample, "another build of QEMU ran the blob");
	if (strcmp(statement->probe_sha256, sample->head.probe_sha256) != 0)
		note(sample, "another build of the probe made the calls");
}

/* How much of two command lines is the same, in whole words. */
static size_t same_words(const char *left, const char *right)
{
	size_t words = 0;

	for (size_t at = 0; left[at] && left[at] == right[at]; at++)
		if (left[at] == ' ')
			words = at + 1;
	return words;
}

/* Another CPU model answers otherwise. How another version of assay would start the same machine is not known. */
static bool is_other_model(const struct statement *told, const struct recording_head *is)
{
	return told->machine && strcmp(told->machine, is->machine) != 0 && !strcmp(told->assay, ASSAY_VERSION);
}

/* Another one gives other cases and answers, which would not speak against the certificate. */
static int check_machine(const struct sampling *sample, struct err *err)
{
	const struct statement *told = sample->request->statement;
	const struct recording_head *is = &sample->head;

	if (is_other_model(told, is)) {
		size_t at = same_words(told->machine, is->machine);

		return err_set(err, EXIT_USAGE,
			       "%s: its manifest names another machine than the certificate is about (`%.80s`; here `%.80s`)",
			       sample->request->blob, told->machine + at, is->machine + at);
	}
	if ((uint64_t)told->harts == is->harts && (uint64_t)told->ram_bytes == is->ram_size &&
	    (uint64_t)told->clock_hz == is->clock_hz && told->arch && !strcmp(told->arch, is->arch))
		return 0;
	return err_set(
		err, EXIT_USAGE,
		"%s: its manifest names another machine than the certificate is about (%.40s, %lld CPUs, %lld MiB; here %s, %u, "
		"%llu)",
		sample->request->blob, told->arch ? told->arch : "", (long long)told->harts, (long long)told->ram_bytes >> 20,
		is->arch, is->harts, (unsigned long long)is->ram_size >> 20);
}

static int survey(struct sampling *sample, struct err *err)
{
	const struct subject *subject = &sample->subject;

	if (guests_directory(sample->directory, err))
		return -1;
	sample->config = (struct run_config){
		.spec = subject->spec,
		.blob = subject->blob,
		.arch = subject->arch,
		.probe = subject->probe,
		.stopper = subject->stopper,
		.directory = sample->directory,
		.isolate_case = true,
		.sandbox = sample->request->sandbox,
		.jobs = 1,
		.interrupt = &interrupted,
	};
	if (run_survey(sample->arena, &sample->config, &sample->survey, &sample->head, err) || check_machine(sample, err) ||
	    subject_claim(subject, sample->request->statement->claim, &sample->survey, &sample->head, err))
		return -1;
	compare_tools(sample);
	return 0;
}

static struct plan *new_plan(struct sampling *sample, struct err *err)
{
	const struct statement *statement = sample->request->statement;
	struct plan_options options = { .seed = statement->seed,
					.random_cases = statement->random_cases,
					.solver = prove_sides() };

	if (effort_named(statement->effort, &options.effort))
		return err_null(err, EXIT_DEVIANT, "it was made with the effort `%.40s`, which there is not", statement->effort);
	return plan_new(sample->subject.spec, &sample->survey, &options, err);
}

static int prepare(struct sampling *sample, struct plan *plan, struct err *err)
{
	const struct rerun_config config = { .run = &sample->config, .survey = &sample->survey };
	const struct pick_request request = { sample->request->statement, sample->subject.spec, &sample->survey,
					      sample->request->count, sample->request->seed };
	const char **ids;

	if (pick_cases(sample->arena, &request, plan, &sample->picks, err))
		return -1;
	sample->result->planned = sample->picks.planned;
	if (!sample->picks.calls)
		return 0;
	ids = arena_new_array(sample->arena, const char *, sample->picks.calls);
	for (size_t i = 0; i < sample->picks.calls; i++)
		ids[i] = sample->picks.list[i].id;
	plan_rewind(plan);
	sample->rerun = rerun_new(&config, plan, ids, sample->picks.calls, err);
	return sample->rerun ? 0 : -1;
}

/* ---- a try: some cases in one guest ---- */

static void judged(void *context, const struct judgement *judgement)
{
	struct sampling *sample = context;
	const struct pick *now = sample->pick;

	sample->broken |= judgement->verdict == VERDICT_BROKEN;
	sample->result->passed += sample->counts && judgement->verdict == VERDICT_PASS;
	if (!verdict_is_failure(judgement->verdict))
		return;
	sample->failed_as_said |= now->fails && !strcmp(now->fails, judgement->rule_id);
	if (!sample->news.rule && (!sample->only || sample->only == now) &&
	    statement_claims(sample->request->statement, judgement->rule_id) != CLAIMED_FAILED)
		sample->news = (struct news){ arena_strdup(sample->arena, judgement->rule_id), now, judgement->verdict };
}

static bool wants_no_words(void *context, const struct judgement *judgement)
{
	(void)context;
	(void)judgement;
	return false;
}

/* The next of the list. */
static void hear(void *context, const struct recorded_case *recorded)
{
	struct sampling *sample = context;

	if (sample->first_outcome == RECORD_OUTCOMES)
		sample->first_outcome = recorded->steps[recorded->main].outcome;
	sample->pick++;
	judge_case(sample->judge, recorded);
}

static int make_calls(struct sampling *sample, size_t first, size_t count, struct err *err)
{
	size_t *cases = xcalloc(count, sizeof(*cases));
	const struct rerun_request request = {
		.cases = cases, .count = count, .part = true, .watched = -1, .context = sample, .seen = hear
	};
	int failed;

	for (size_t i = 0; i < count; i++)
		cases[i] = first + i;
	failed = rerun_run(sample->rerun, &request, err);
	free(cases);
	return failed;
}

static int read_structure(struct sampling *sample, size_t number, struct err *err)
{
	struct structures structures;

	if (structures_read(sample->arena, &sample->config, &structures, err))
		return -1;
	hear(sample, structures.cases[sample->picks.list[number].structure->number]);
	return 0;
}

/* counts: the checks of this time are told. Returns how many cases were begun: one may end the guest. -1 and err. */
static long try(struct sampling *sample, size_t first, size_t count, bool counts, struct err *err)
{
	const struct pick *start = &sample->picks.list[first];

	sample->pick = start - 1;
	sample->counts = counts;
	sample->first_outcome = RECORD_OUTCOMES;
	sample->failed_as_said = sample->broken = false;
	sample->news = (struct news){ 0 };
	if (start->structure ? read_structure(sample, first, err) : make_calls(sample, first, count, err))
		return -1;
	if (sample->broken)
		return err_set(err, EXIT_BROKEN, "%s: could not be run again: QEMU gave no answer", sample->pick->id);
	return sample->pick + 1 - start;
}

/* ---- what is not as the certificate says ---- */

static int contradict_pass(const struct sampling *sample, const struct news *news, size_t before, unsigned failed,
			   struct err *err)
{
	char after[80] = "";

	if (before)
		snprintf(after, sizeof(after), " after %zu other case%s of --seed %llu", before, before == 1 ? "" : "s",
			 (unsigned long long)sample->request->seed);
	return err_set(err, EXIT_DEVIANT, "%s: it says %s, and here it is %s in %u of %u tries%s: %.200s", news->rule,
		       claimed_names[statement_claims(sample->request->statement, news->rule)], verdict_names[news->verdict],
		       failed, TRIES_MORE + 1, after, news->pick->id);
}

/* A failure that comes and goes is one: FLAKY, which is never conformant. The tries are there for the rate. */
static int look_again(struct sampling *sample, size_t first, struct err *err)
{
	const struct news news = sample->news;
	size_t before = (size_t)(news.pick - &sample->picks.list[first]);
	unsigned failed = 1;

	for (unsigned i = 0; i < TRIES_MORE; i++) {
		if (try(sample, first, before + 1, false, err) < 0)
			return -1;
		failed += sample->news.rule && !strcmp(news.rule, sample->news.rule);
	}
	return contradict_pass(sample, &news, before, failed, err);
}

static int look_for_failure(struct sampling *sample, size_t number, struct err *err)
{
	const struct pick *pick = &sample->picks.list[number];

	for (unsigned i = 0; i < TRIES_MORE; i++) {
		if (try(sample, number, 1, false, err) < 0)
			return -1;
		if (sample->failed_as_said)
			return 0;
	}
	return err_set(err, EXIT_DEVIANT, "%s: it says failed, and here it is not in %u tries: %.200s", pick->fails,
		       TRIES_MORE + 1, pick->id);
}

/* ---- all of them ---- */

static int try_alone(struct sampling *sample, size_t number, struct err *err)
{
	const struct pick *pick = &sample->picks.list[number];

	if (try(sample, number, 1, true, err) < 0 || (sample->news.rule && look_again(sample, number, err)))
		return -1;
	if (pick->fails && !sample->failed_as_said && look_for_failure(sample, number, err))
		return -1;
	sample->result->cases++;
	sample->result->failures += pick->fails != NULL;
	return 0;
}

/*
 * Where the probe's memory was destroyed, or records were forged, no record of the try is worth anything: the first case has no outcome
 * of its own then. A case that does that alone is the last of its try.
 */
static bool is_spoiled(const struct sampling *sample, size_t count)
{
	return sample->first_outcome == RECORD_FORGED || sample->first_outcome == (count > 1 ? RECORD_NOT_RUN : RECORD_CRASH);
}

/* The fewest cases from the first on that spoil a try: the last of them does it. */
static int narrow(struct sampling *sample, size_t first, size_t *count, struct err *err)
{
	size_t good = 0;

	while (*count - good > 1) {
		size_t middle = good + (*count - good) / 2;

		if (try(sample, first, middle, false, err) < 0)
			return -1;
		if (is_spoiled(sample, middle))
			*count = middle;
		else
			good = middle;
	}
	sample->only = &sample->picks.list[first + *count - 1];
	return try(sample, first, *count, false, err) < 0 ? -1 : 0;
}

/* Returns how many were gone through. */
static long try_some(struct sampling *sample, size_t first, size_t count, struct err *err)
{
	long begun = try(sample, first, count, true, err);

	if (begun > 1 && is_spoiled(sample, (size_t)begun)) {
		count = (size_t)begun;
		if (narrow(sample, first, &count, err))
			return -1;
		begun = (long)count;
	}
	if (begun < 0 || (sample->news.rule && look_again(sample, first, err)))
		return -1;
	sample->only = NULL;
	return begun;
}

/* Those that make calls, one after the other in as few guests as it takes: there are failures that take others. */
static int try_together(struct sampling *sample, struct err *err)
{
	size_t next = 0, calls = sample->picks.calls;

	while (next < calls) {
		long begun = try_some(sample, next, calls - next < TOGETHER ? calls - next : TOGETHER, err);

		if (begun < 0)
			return -1;
		next += begun ? (size_t)begun : 1;
	}
	return 0;
}

static int try_all(struct sampling *sample, struct err *err)
{
	const struct judge_config config = { sample->subject.spec, &sample->head, sample, judged, wants_no_words };
	int failed = 0;

	sample->judge = judge_new(&config, err);
	if (!sample->judge)
		return -1;
	progress_begin(&sample->progress, "run again", sample->picks.count);
	for (size_t i = 0; i < sample->picks.count && !failed; i++) {
		failed = try_alone(sample, i, err);
		progress_step(&sample->progress, i + 1, 0);
	}
	progress_end(&sample->progress);
	return failed || try_together(sample, err) ? -1 : 0;
}

static int run(struct sampling *sample, struct err *err)
{
	struct plan *plan;
	int failed;

	if (find_subject(sample, err) || survey(sample, err))
		return -1;
	plan = new_plan(sample, err);
	failed = !plan || prepare(sample, plan, err);
	plan_free(plan);
	return failed || try_all(sample, err) ? -1 : 0;
}

int sample_run(const struct sample_request *request, struct sample_result *result, struct err *err)
{
	struct sampling sample = { .request = request, .result = result, .arena = arena_new() };
	int failed;

	*result = (struct sample_result){ 0 };
	failed = run(&sample, err);
	judge_free(sample.judge);
	rerun_free(sample.rerun);
	subject_free(&sample.subject);
	if (*sample.directory)
		rmdir(sample.directory);
	arena_free(sample.arena);
	return failed;
}
