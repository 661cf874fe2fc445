/* SPDX-License-Identifier: BSD-2-Clause */
/* folding.c - recordings through the judge into a matrix, live or from a journal. */
#include <string.h>

#include "cli/rundir.h"

static void judged(void *context, const struct judgement *judgement)
{
	struct folding *folding = context;

	folding->fresh_failure |= matrix_is_news(folding->matrix, judgement);
	matrix_judged(folding->matrix, judgement);
}

static bool wants_words(void *context, const struct judgement *judgement)
{
	const struct folding *folding = context;

	return matrix_wants_words(folding->matrix, judgement);
}

int folding_begin(struct folding *folding, struct spec *spec, const struct recording_head *head, const char *rundir,
		  struct err *err)
{
	struct consumers *consumers = load_consumers(spec);
	const struct judge_config config = { spec, head, folding, judged, wants_words, consumers };

	*folding = (struct folding){ .matrix = matrix_new(spec, head, rundir), .consumers = consumers };
	folding->judge = judge_new(&config, err);
	return folding->judge ? 0 : -1;
}

enum verdict folding_case(struct folding *folding, const struct recorded_case *recorded)
{
	enum verdict verdict;

	folding->fresh_failure = false;
	matrix_counted(folding->matrix, recorded);
	verdict = judge_case(folding->judge, recorded);
	folding->failing_cases += recorded->attempt == 0 && verdict_is_failure(verdict);
	return verdict;
}

void folding_end(struct folding *folding)
{
	matrix_fold(folding->matrix);
	matrix_consumers(folding->matrix, folding->judge, folding->consumers);
}

void folding_free(struct folding *folding)
{
	judge_free(folding->judge);
	matrix_free(folding->matrix);
	*folding = (struct folding){ 0 };
}

static int read_all(struct old_run *run, struct err *err)
{
	const struct recorded_case *recorded;
	int more;

	while ((more = journal_next(run->reader, &recorded, err)) > 0)
		folding_case(&run->folding, recorded);
	return more;
}

static void warn_about(const struct old_run *run)
{
	const struct recording_head *head = journal_head(run->reader);

	if (strcmp(head->spec_sha256, run->spec->sha256))
		fprintf(stderr, "assay: note: %s was recorded with another version of the specification %s\n", run->rundir,
			head->spec);
	if (journal_state(run->reader) == JOURNAL_UNFINISHED)
		fprintf(stderr, "assay: note: %s is unfinished; `assay run --resume %s` goes on with it\n", run->rundir,
			run->rundir);
	if (journal_state(run->reader) == JOURNAL_DAMAGED)
		fprintf(stderr, "assay: warning: the journal of %s is damaged at its end; what comes before was judged\n",
			run->rundir);
}

static void take_audit(struct old_run *run)
{
	struct recorded_audit audit;

	run->matrix->audit.known = journal_audited(run->reader, &audit);
	if (!run->matrix->audit.known)
		return;
	run->matrix->audit.calls = audit.calls;
	run->matrix->audit.mismatches = audit.mismatches;
	run->matrix->audit.first = audit.first;
}

static const char *why_partial(const struct old_run *run)
{
	static const char *const states[] = { [JOURNAL_UNFINISHED] = "unfinished", [JOURNAL_DAMAGED] = "the journal is damaged" };
	enum journal_state state = journal_state(run->reader);

	if (state != JOURNAL_COMPLETE)
		return states[state];
	return run->request.filter ? arena_printf(run->arena, "--filter '%s'", run->request.filter) : NULL;
}

/* wanted: another specification, or NULL. What the run was asked for is then of use, and not needed. */
static int find_spec(struct old_run *run, const char *wanted, struct err *err)
{
	const struct recording_head *head = journal_head(run->reader);

	if (request_from_text(run->arena, head->options, &run->request, err)) {
		if (!wanted)
			return -1;
		err_clear(err);
	}
	run->spec = load_spec(wanted ? wanted : run->request.spec);
	return run->spec ? 0 : err_set(err, EXIT_USAGE, "%s: cannot be judged without its specification", run->rundir);
}

int old_run_read(struct old_run *run, const char *rundir, const char *spec, struct err *err)
{
	*run = (struct old_run){ .arena = arena_new(), .rundir = rundir };
	run->reader = journal_open(rundir_file(run->arena, rundir, "journal"), err);
	if (!run->reader || find_spec(run, spec, err))
		return -1;
	if (folding_begin(&run->folding, run->spec, journal_head(run->reader), rundir, err) || read_all(run, err))
		return -1;
	run->matrix = run->folding.matrix;
	run->matrix->partial = why_partial(run);
	take_audit(run);
	folding_end(&run->folding);
	return 0;
}

int old_run_load(struct old_run *run, const char *rundir, const char *spec)
{
	struct err err = { 0 };

	if (old_run_read(run, rundir, spec, &err))
		return complain(&err);
	warn_about(run);
	return 0;
}

void old_run_free(struct old_run *run)
{
	folding_free(&run->folding);
	journal_free(run->reader);
	spec_free(run->spec);
	arena_free(run->arena);
}
