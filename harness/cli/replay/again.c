/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/replay/again.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/show.h"
#include "prove/side.h"
#include "run/structures.h"

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

static int survey_again(struct again *again, const struct recording_head *old, struct err *err)
{
	again->config = (struct run_config){
		.spec = again->subject.spec,
		.blob = again->subject.blob,
		.arch = again->subject.arch,
		.probe = again->subject.probe,
		.stopper = again->subject.stopper,
		.directory = again->directory,
		.isolate_case = true,
		.sandbox = again->request.sandbox,
		.jobs = 1,
		.interrupt = &interrupted,
	};
	if (run_survey(again->arena, &again->config, &again->survey, &again->head, err))
		return -1;
	if (strcmp(old->blob_sha256, again->head.blob_sha256) != 0)
		fprintf(stderr, "assay: note: the blob is not the one that was recorded\n");
	if (again->request.claim) {
		again->head.claimed_major = old->claimed_major;
		again->head.claimed_minor = old->claimed_minor;
		again->survey.version = judge_version(again->subject.spec, &again->head);
	}
	return 0;
}

static int remember(struct again *again, const char *journal, struct err *err)
{
	return recall_case(&again->recall, again->arena, journal, again->subject.spec, again->id, err);
}

int guests_directory(char directory[GUESTS_DIRECTORY_SIZE], struct err *err)
{
	strcpy(directory, "/tmp/assay-replay-XXXXXX");
	if (mkdtemp(directory))
		return 0;
	directory[0] = 0;
	return err_set(err, EXIT_BROKEN, "/tmp: cannot make a directory for the guest");
}

int again_open(struct again *again, const struct again_request *request)
{
	struct arena *arena = arena_new();
	const char *journal = rundir_file(arena, request->rundir, "journal");
	struct journal_reader *reader;
	struct err err = { 0 };
	int code;

	*again = (struct again){ .arena = arena, .rundir = request->rundir, .id = request->id };
	plan_request_init(&again->request);
	again->request.sandbox = request->sandbox;
	reader = journal_open(journal, &err);
	if (!reader)
		return complain(&err);
	code = request_from_text(arena, journal_head(reader)->options, &again->request, &err) ? complain(&err) : 0;
	if (!code)
		code = subject_find(&again->subject, &again->request);
	if (!code && (remember(again, journal, &err) || guests_directory(again->directory, &err) ||
		      survey_again(again, journal_head(reader), &err)))
		code = complain(&err);
	journal_free(reader);
	return code;
}

void again_close(struct again *again)
{
	recall_free(&again->recall);
	subject_free(&again->subject);
	if (*again->directory)
		rmdir(again->directory);
	arena_free(again->arena);
}

struct rerun *again_prepare(struct again *again, const char *const *before, size_t count, struct again_guests guests,
			    struct err *err)
{
	const struct plan_request *request = &again->request;
	const struct plan_options options = { request->effort, request->seed,
					      count ? request->filter : exactly(again->arena, again->id), request->random_cases,
					      prove_sides() };
	const struct rerun_config config = { &again->config, &again->survey, guests.gdb, guests.trace };
	const char **ids = arena_new_array(again->arena, const char *, count + 1);
	struct plan *plan = plan_new(again->subject.spec, &again->survey, &options, err);
	struct rerun *rerun;

	for (size_t i = 0; i < count; i++)
		ids[i] = before[i];
	ids[count] = again->id;
	rerun = plan ? rerun_new(&config, plan, ids, count + 1, err) : NULL;
	plan_free(plan);
	return rerun;
}

/* ---- a trial ---- */

struct hearing {
	struct again *again;
	const struct recorded_case *than;
	struct trial *trial;
	FILE *shown;
	struct judge *judge;
	struct listener listener;
};

static const char *finish_text(struct arena *arena, FILE *stream, char **text)
{
	const char *kept;

	fclose(stream);
	kept = arena_strdup(arena, *text);
	free(*text);
	return kept;
}

static void compare(struct hearing *hearing, const struct recorded_case *recorded)
{
	struct trial *trial = hearing->trial;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trial->difference_count = recorded_differences(hearing->than, recorded, out);
	trial->differences = finish_text(hearing->again->arena, out, &text);
}

static void keep_steps(struct hearing *hearing, const struct recorded_case *recorded)
{
	struct trial *trial = hearing->trial;

	trial->step_count = recorded->step_count;
	trial->main = recorded->main;
	trial->steps = arena_copy(hearing->again->arena, recorded->steps, recorded->step_count * sizeof(*recorded->steps));
	for (unsigned i = 0; i < trial->step_count; i++) {
		trial->steps[i].buffer_count = trial->steps[i].landing_count = 0;
		trial->steps[i].landings = NULL;
		trial->steps[i].console = NULL;
		trial->steps[i].console_length = 0;
	}
}

static void hear(void *context, const struct recorded_case *recorded)
{
	struct hearing *hearing = context;
	struct again *again = hearing->again;

	if (strcmp(recorded->id, again->id) != 0) {
		judge_case(hearing->judge, recorded);
		return;
	}
	hearing->trial->reached = true;
	show_case(hearing->shown, again->subject.spec, &again->head, recorded);
	hearing->listener.judged = &hearing->trial->judged;
	hearing->trial->judged.verdict = judge_case(hearing->judge, recorded);
	hearing->listener.judged = NULL;
	if (hearing->than)
		compare(hearing, recorded);
	keep_steps(hearing, recorded);
}

/* Something that makes recordings for hear(). */
typedef int maker(struct hearing *hearing, void *context, struct err *err);

static int try_case(struct again *again, const struct recorded_case *than, struct trial *trial, maker *make, void *context,
		    struct err *err)
{
	struct hearing hearing = { .again = again, .than = than, .trial = trial, .listener = { .arena = again->arena } };
	char *text = NULL;
	size_t size;
	int failed;

	*trial = (struct trial){ 0 };
	hearing.judge =
		judge_new(&(struct judge_config){ again->subject.spec, &again->head, &hearing.listener, listen_judged }, err);
	if (!hearing.judge)
		return -1;
	hearing.shown = hearing.listener.out = open_memstream(&text, &size);
	failed = make(&hearing, context, err);
	judge_free(hearing.judge);
	trial->shown = finish_text(again->arena, hearing.shown, &text);
	return failed;
}

struct making {
	struct rerun *rerun;
	const struct rerun_request *request;
};

static int make_calls(struct hearing *hearing, void *context, struct err *err)
{
	const struct making *making = context;
	struct rerun_request heard = *making->request;

	heard.context = hearing;
	heard.seen = hear;
	return rerun_run(making->rerun, &heard, err);
}

int again_try(struct again *again, struct rerun *rerun, const struct rerun_request *request, const struct recorded_case *than,
	      struct trial *trial, struct err *err)
{
	struct making making = { rerun, request };

	return try_case(again, than, trial, make_calls, &making, err);
}

static const struct entry *read_entry(const struct again *again)
{
	const struct spec *spec = again->subject.spec;

	for (size_t i = 0; i < spec->entry_count; i++)
		if (spec->entries[i]->is_structure && !strcmp(structure_case_id(again->arena, spec->entries[i]), again->id))
			return spec->entries[i];
	return NULL;
}

bool again_is_read(const struct again *again)
{
	return read_entry(again) != NULL;
}

static int make_reading(struct hearing *hearing, void *context, struct err *err)
{
	struct again *again = hearing->again;
	const struct entry *entry = context;
	struct structures structures;

	if (structures_read(again->arena, &again->config, &structures, err))
		return -1;
	hear(hearing, structures.cases[entry->number]);
	return 0;
}

int again_read(struct again *again, const struct recorded_case *than, struct trial *trial, struct err *err)
{
	return try_case(again, than, trial, make_reading, (void *)read_entry(again), err);
}
