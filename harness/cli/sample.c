/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/sample.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "cli/again.h"
#include "judge/judge.h"
#include "run/rerun.h"

#define TRIES_MORE 3u /* of a case that is not what the certificate says: nothing is believed that was seen once */

/* A case to be run again; fails: the rule that it fails, as the certificate says, or NULL. */
struct pick {
	const char *id, *fails;
	bool found; /* the plan has it */
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
	struct pick *picks;
	size_t count;
	struct rerun *rerun;
	struct judge *judge;
	struct progress progress;
	/* the case that is judged */
	const struct pick *pick;
	bool counts, failed_as_said, hung, broken;
	const char *news; /* rule that failed, and that the certificate does not say failed; in the arena */
	enum verdict verdict; /* of it */
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
	if (strcmp(statement->probe_sha256, sample->head.probe_sha256) != 0)
		note(sample, "another build of the probe made the calls");
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
	if (run_survey(sample->arena, &sample->config, &sample->survey, &sample->head, err) ||
	    subject_claim(subject, sample->request->statement->claim, &sample->survey, &sample->head, err))
		return -1;
	compare_tools(sample);
	return 0;
}

static struct plan *new_plan(struct sampling *sample, struct err *err)
{
	const struct statement *statement = sample->request->statement;
	struct plan_options options = { .seed = statement->seed, .random_cases = statement->random_cases };

	if (effort_named(statement->effort, &options.effort))
		return err_null(err, EXIT_DEVIANT, "it was made with the effort `%.40s`, which there is not", statement->effort);
	return plan_new(sample->subject.spec, &sample->survey, &options, err);
}

/* ---- which cases ---- */

static int by_id(const void *left, const void *right)
{
	return strcmp(((const struct pick *)left)->id, ((const struct pick *)right)->id);
}

/* Each of n things is kept with the same probability, and n need not be known (Vitter's algorithm R). NULL: this one is not. */
static struct pick *reserve(struct pick *room, size_t size, struct rng *rng, uint64_t number)
{
	uint64_t place = number < size ? number : rng_below(rng, number + 1);

	return place < size ? &room[place] : NULL;
}

/* Failures that one case shows alone, and every time. */
static size_t pick_failures(struct sampling *sample, struct pick *picks, struct rng *rng)
{
	const struct statement *statement = sample->request->statement;
	size_t seen = 0;

	for (size_t i = 0; i < statement->failure_count; i++) {
		const struct claimed_failure *failure = &statement->failures[i];
		struct pick *pick = failure->alone ? reserve(picks, sample->request->count, rng, seen++) : NULL;

		if (pick)
			*pick = (struct pick){ .id = failure->case_id, .fails = failure->rule };
	}
	return seen < sample->request->count ? seen : sample->request->count;
}

/* One pass over the plan: draws cases by chance, and looks which of the failures' cases there are. */
static size_t pick_cases(struct sampling *sample, struct plan *plan, struct pick *drawn, struct pick *failing,
			 size_t failing_count, struct rng *rng)
{
	const struct plan_case *plan_case;
	uint64_t seen = 0;

	while ((plan_case = plan_next(plan))) {
		const struct pick key = { .id = plan_case->id };
		struct pick *known = bsearch(&key, failing, failing_count, sizeof(key), by_id);
		struct pick *place = reserve(drawn, sample->request->count, rng, seen++);

		if (place)
			*place = (struct pick){ .id = arena_strdup(sample->arena, plan_case->id), .found = true };
		if (known)
			known->found = true;
	}
	sample->result->planned = seen;
	return seen < sample->request->count ? (size_t)seen : sample->request->count;
}

/* Cases that fail several rules, or were drawn, too, are run once. */
static size_t join_picks(struct pick *picks, size_t count)
{
	size_t unique = 0;

	qsort(picks, count, sizeof(*picks), by_id);
	for (size_t i = 0; i < count; i++) {
		if (!unique || strcmp(picks[unique - 1].id, picks[i].id) != 0)
			picks[unique++] = picks[i];
		else if (picks[i].fails && !picks[unique - 1].fails)
			picks[unique - 1] = picks[i];
	}
	return unique;
}

static int check_plan(const struct sampling *sample, const struct pick *failing, size_t count, struct err *err)
{
	const struct statement *statement = sample->request->statement;
	uint64_t told = (uint64_t)statement->cases + (uint64_t)statement->left_out;

	for (size_t i = 0; i < count; i++)
		if (!failing[i].found)
			return err_set(err, EXIT_DEVIANT, "it names a case that this blob's plan does not have: %.200s",
				       failing[i].id);
	if (told != sample->result->planned && !strcmp(statement->assay, ASSAY_VERSION))
		return err_set(err, EXIT_DEVIANT, "it tells of %llu cases, and what follows from this specification are %llu",
			       (unsigned long long)told, (unsigned long long)sample->result->planned);
	return 0;
}

static int pick(struct sampling *sample, struct plan *plan, struct err *err)
{
	struct rng rng = { sample->request->seed };
	size_t most = sample->request->count, failing, drawn;

	sample->picks = arena_new_array(sample->arena, struct pick, 2 * most + 1);
	failing = join_picks(sample->picks, pick_failures(sample, sample->picks, &rng));
	drawn = pick_cases(sample, plan, sample->picks + failing, sample->picks, failing, &rng);
	if (check_plan(sample, sample->picks, failing, err))
		return -1;
	sample->count = join_picks(sample->picks, failing + drawn);
	return 0;
}

static int prepare(struct sampling *sample, struct plan *plan, struct err *err)
{
	const struct rerun_config config = { .run = &sample->config, .survey = &sample->survey };
	const char **ids;

	if (pick(sample, plan, err))
		return -1;
	ids = arena_new_array(sample->arena, const char *, sample->count + 1);
	for (size_t i = 0; i < sample->count; i++)
		ids[i] = sample->picks[i].id;
	plan_rewind(plan);
	sample->rerun = rerun_new(&config, plan, ids, sample->count, err);
	return sample->rerun ? 0 : -1;
}

/* ---- one case ---- */

static void judged(void *context, const struct judgement *judgement)
{
	struct sampling *sample = context;
	const struct pick *now = sample->pick;

	sample->broken |= judgement->verdict == VERDICT_BROKEN;
	sample->result->passed += sample->counts && judgement->verdict == VERDICT_PASS;
	if (!verdict_is_failure(judgement->verdict))
		return;
	sample->hung |= judgement->verdict == VERDICT_HANG;
	sample->failed_as_said |= now->fails && !strcmp(now->fails, judgement->rule_id);
	if (sample->news || statement_claims(sample->request->statement, judgement->rule_id) == CLAIMED_FAILED)
		return;
	sample->news = arena_strdup(sample->arena, judgement->rule_id);
	sample->verdict = judgement->verdict;
}

static bool wants_no_words(void *context, const struct judgement *judgement)
{
	(void)context;
	(void)judgement;
	return false;
}

static void hear(void *context, const struct recorded_case *recorded)
{
	judge_case(((struct sampling *)context)->judge, recorded);
}

/* first: the checks of this time are counted */
static int try(struct sampling *sample, size_t number, bool first, struct err *err)
{
	const struct rerun_request request = { .cases = &number, .count = 1, .watched = -1, .context = sample, .seen = hear };

	sample->pick = &sample->picks[number];
	sample->counts = first;
	sample->failed_as_said = sample->hung = sample->broken = false;
	sample->news = NULL;
	if (rerun_run(sample->rerun, &request, err))
		return -1;
	if (sample->broken)
		return err_set(err, EXIT_BROKEN, "%s: could not be run again: QEMU gave no answer", sample->pick->id);
	return 0;
}

static bool is_as_said(const struct sampling *sample)
{
	return !sample->news && (!sample->pick->fails || sample->failed_as_said);
}

static int contradict_pass(const struct sampling *sample, const char *rule, enum verdict verdict, unsigned failed,
			   struct err *err)
{
	return err_set(err, EXIT_DEVIANT, "%s: it says %s, and here it is %s in %u of %u tries: %.200s", rule,
		       claimed_names[statement_claims(sample->request->statement, rule)], verdict_names[verdict], failed,
		       TRIES_MORE + 1, sample->pick->id);
}

/* What was not as the certificate says is tried again. A failure that shows once is one, but for a hang: that may be the host's. */
static int look_again(struct sampling *sample, size_t number, struct err *err)
{
	const char *rule = sample->news;
	enum verdict verdict = sample->verdict;
	bool hung = sample->hung, as_said = sample->failed_as_said;
	unsigned failed = rule != NULL;

	for (unsigned i = 0; i < TRIES_MORE; i++) {
		if (try(sample, number, false, err))
			return -1;
		as_said |= sample->failed_as_said;
		failed += rule && sample->news && !strcmp(rule, sample->news);
	}
	if (rule && !(hung && failed == 1))
		return contradict_pass(sample, rule, verdict, failed, err);
	sample->result->vanished += rule != NULL;
	if (sample->pick->fails && !as_said)
		return err_set(err, EXIT_DEVIANT, "%s: it says failed, and here it is not in %u tries: %.200s",
			       sample->pick->fails, TRIES_MORE + 1, sample->pick->id);
	return 0;
}

static int run_case(struct sampling *sample, size_t number, struct err *err)
{
	if (try(sample, number, true, err) || (!is_as_said(sample) && look_again(sample, number, err)))
		return -1;
	sample->result->cases++;
	sample->result->failures += sample->pick->fails != NULL;
	return 0;
}

/* ---- all of them ---- */

static int run_cases(struct sampling *sample, struct err *err)
{
	const struct judge_config config = { sample->subject.spec, &sample->head, sample, judged, wants_no_words };
	int failed = 0;

	sample->judge = judge_new(&config, err);
	if (!sample->judge)
		return -1;
	progress_begin(&sample->progress, "run again", sample->count);
	for (size_t i = 0; i < sample->count && !failed; i++) {
		failed = run_case(sample, i, err);
		progress_step(&sample->progress, i + 1, 0);
	}
	progress_end(&sample->progress);
	return failed;
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
	return failed || run_cases(sample, err) ? -1 : 0;
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
