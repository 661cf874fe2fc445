/* SPDX-License-Identifier: BSD-2-Clause */
/* survey.c - asks the blob what it is: which version it claims, and which chapters of the interface are there. */
#include <stdlib.h>
#include <string.h>

#include "guest/digest.h"
#include "run/engine.h"
#include "run/results.h"
#include "run/structures.h"

/* The cases of a survey: first the claim, then one for each chapter that has a way to ask, then one for each entry that has. */
struct questions {
	const struct run_config *config;
	struct survey *survey;
	bool *present, *missing;
	struct recording_head *head;
	size_t next; /* 0: the claim; then the chapters; then the entries */
	struct plan_case plan_case;
	struct arena *arena;
};

/* ---- asking ---- */

static struct case_value argument(const struct questions *questions, const struct spec_call *call, unsigned number)
{
	const struct results facts = { NULL, NULL, questions->survey };
	const struct arg *arg = &call->entry->args[number];
	struct case_value value = { .source = VALUE_LITERAL, .literal = arg->has_nominal ? arg->nominal : 0 };
	struct value given;

	if (call->pad[number])
		return (struct case_value){ .source = VALUE_PAD, .pad = call->pad[number] };
	given = call->value[number] ? results_eval(call->value[number], &facts) : value_unknown();
	if (given.known)
		value.literal = given.bits;
	return value;
}

static const struct plan_case *ask(struct questions *questions, const struct spec_call *call, const char *id)
{
	struct plan_case *plan_case = &questions->plan_case;

	memset(plan_case, 0, sizeof(*plan_case));
	plan_case->id = id;
	plan_case->entry = call->entry;
	plan_case->step_count = 1;
	plan_case->steps[0].entry = call->entry;
	for (unsigned i = 0; i < call->entry->arg_count; i++)
		plan_case->steps[0].args[i] = argument(questions, call, i);
	return plan_case;
}

/* A call that tells whether something is there, and under which name the head of the recording keeps the answer. */
struct asked {
	const struct spec_call *call; /* NULL: nothing to ask */
	const char *name;
};

/* Number 1 is the first chapter, and the first entry comes behind the last chapter. */
static struct asked asked_at(const struct spec *spec, size_t number)
{
	const struct entry *entry;

	if (!number)
		return (struct asked){ 0 };
	if (number <= spec->chapter_count)
		return (struct asked){ spec->chapters[number - 1]->presence, spec->chapters[number - 1]->name };
	entry = spec->entries[number - 1 - spec->chapter_count];
	return (struct asked){ spec_question(entry), entry->full_id };
}

/* No claim: the newest is meant. */
static int version_of(const struct questions *questions)
{
	int version = questions->survey->version;

	return version < 0 ? (int)questions->config->spec->version_count - 1 : version;
}

/* Of a version without the call that tells, the entry is there. */
static bool can_ask(const struct questions *questions, const struct spec_call *call)
{
	return call && spec_in_version(call->entry->since, call->entry->until, version_of(questions));
}

/* Number 0 is the claim, which is a question when a call has to be made for it. */
static bool is_question(const struct questions *questions, size_t number)
{
	const struct spec *spec = questions->config->spec;
	const struct asked asked = asked_at(spec, number);

	if (!number)
		return spec->claim && !spec->claim->is_structure;
	return asked.call && (number <= spec->chapter_count || can_ask(questions, asked.call));
}

static const struct plan_case *next_question(void *context)
{
	struct questions *questions = context;
	const struct spec *spec = questions->config->spec;
	const struct spec_call claim = { .entry = spec->claim };

	while (!questions->survey->unreachable && questions->next <= spec->chapter_count + spec->entry_count) {
		size_t number = questions->next++;
		const struct asked asked = asked_at(spec, number);

		if (is_question(questions, number))
			return number ? ask(questions, asked.call, asked.name) : ask(questions, &claim, "claim");
	}
	return NULL;
}

static bool has_questions(const struct questions *questions)
{
	const struct spec *spec = questions->config->spec;

	if (questions->survey->unreachable)
		return false;
	for (size_t number = 0; number <= spec->chapter_count + spec->entry_count; number++)
		if (is_question(questions, number))
			return true;
	return false;
}

/* ---- answers ---- */

static bool succeeded(const struct spec *spec, const struct recorded_step *step)
{
	int result = spec->convention.success.result;

	return step->outcome == RECORD_RETURNED && (result < 0 || step->results[result] == spec->convention.success.value);
}

static void claim(struct questions *questions, struct value major, struct value minor)
{
	struct survey *survey = questions->survey;

	if (!major.known || !minor.known)
		return;
	survey->claimed_major = major.bits;
	survey->claimed_minor = minor.bits;
	survey->version = spec_version(questions->config->spec, major.bits, minor.bits);
	questions->head->claimed_major = (int64_t)major.bits;
	questions->head->claimed_minor = (int64_t)minor.bits;
}

static void take_claim(struct questions *questions, const struct recorded_step *step)
{
	const struct spec *spec = questions->config->spec;
	const struct results results = { step->results, NULL, NULL };

	if (succeeded(spec, step))
		claim(questions, results_eval(spec->claim_major, &results), results_eval(spec->claim_minor, &results));
}

/* The claim that a structure makes: the first one that there is. */
static void take_structure(struct questions *questions, const struct structures *structures)
{
	const struct spec *spec = questions->config->spec;
	struct structure_view view;

	if (spec->claim && spec->claim->is_structure && structure_first(structures, spec->claim, &view))
		claim(questions, structure_eval(spec->claim_major, &view), structure_eval(spec->claim_minor, &view));
}

static int look_at_structures(struct questions *questions, struct err *err)
{
	const struct spec *spec = questions->config->spec;
	struct survey *survey = questions->survey;
	struct structures structures;

	if (!spec_has_structures(spec))
		return 0;
	if (structures_read(questions->arena, questions->config, &structures, err))
		return -1;
	take_structure(questions, &structures);
	survey->unreachable = structures_are_missing(&structures, spec, version_of(questions));
	return 0;
}

static void keep_answer(struct questions *questions, size_t number, bool there)
{
	size_t chapters = questions->config->spec->chapter_count;

	if (number <= chapters)
		questions->present[number - 1] = there;
	else
		questions->missing[number - 1 - chapters] = !there;
}

static bool answered(void *context, const struct recorded_case *recorded)
{
	struct questions *questions = context;
	const struct spec *spec = questions->config->spec;
	const struct recorded_step *step = &recorded->steps[0];
	const struct results results = { step->results, step->args, questions->survey };

	if (recorded->attempt)
		return false;
	if (!strcmp(recorded->id, "claim") && spec->claim && !strcmp(step->entry, spec->claim->full_id)) {
		take_claim(questions, step);
		return false;
	}
	for (size_t number = 1; number <= spec->chapter_count + spec->entry_count; number++) {
		const struct asked asked = asked_at(spec, number);

		if (asked.call && !strcmp(asked.name, recorded->id))
			keep_answer(questions, number,
				    step->outcome == RECORD_RETURNED && value_is_true(results_eval(asked.call->when, &results)));
	}
	return false;
}

/* ---- the head of a recording ---- */

static const uint64_t (*copy_map(struct arena *arena, const struct machine *machine))[2]
{
	uint64_t(*map)[2] = arena_alloc(arena, sizeof(*map) * (machine->map_count + 1));

	for (size_t i = 0; i < machine->map_count; i++) {
		map[i][0] = machine->map[i].low;
		map[i][1] = machine->map[i].high;
	}
	map[machine->map_count][0] = machine->ram_base;
	map[machine->map_count][1] = machine->ram_base + machine->ram_size - 1;
	return (const uint64_t(*)[2])map;
}

static void head_machine(struct arena *arena, const struct run_config *config, const struct survey *survey,
			 struct recording_head *head)
{
	const struct machine *machine = config->blob->machine;

	head->arch = config->arch->name;
	head->ram_base = machine->ram_base;
	head->ram_size = machine->ram_size;
	head->clock_hz = machine->clock_hz;
	head->boot_hart = survey->hart_ids[0];
	head->harts = survey->harts;
	memcpy(head->hart_ids, survey->hart_ids, sizeof(head->hart_ids));
	head->map_count = machine->map_count + 1;
	head->map = copy_map(arena, machine);
	head->register_count = config->arch->register_count;
	head->registers = config->arch->registers;
	head->control_count = config->arch->control_count;
	head->control = config->arch->control;
	memcpy(head->control_mask, config->arch->control_mask, sizeof(head->control_mask));
}

/* What the blob has: chapter by chapter, and then the entries that it was asked for. */
static void head_presence(struct arena *arena, const struct spec *spec, const struct survey *survey, struct recording_head *head)
{
	const char **names = arena_new_array(arena, const char *, spec->chapter_count + spec->entry_count);
	bool *present = arena_new_array(arena, bool, spec->chapter_count + spec->entry_count);
	size_t count = spec->chapter_count;

	for (size_t i = 0; i < count; i++) {
		names[i] = spec->chapters[i]->name;
		present[i] = survey->present[i];
	}
	for (size_t i = 0; i < spec->entry_count; i++) {
		if (!spec_question(spec->entries[i]))
			continue;
		names[count] = spec->entries[i]->full_id;
		present[count++] = !survey->missing[i];
	}
	head->chapter_count = count;
	head->chapters = names;
	head->present = present;
}

static int head_subject(struct arena *arena, const struct run_config *config, struct recording_head *head, struct err *err)
{
	const struct spec *spec = config->spec;
	char sha256[65];
	uint64_t size;

	if (digest_file(config->probe, sha256, &size, err))
		return -1;
	head->assay = ASSAY_VERSION;
	head->blob = config->blob->name;
	head->blob_version = config->blob->version;
	head->blob_sha256 = config->blob->sha256;
	head->spec = spec->name;
	head->spec_sha256 = spec->sha256;
	head->probe_sha256 = arena_strdup(arena, sha256);
	head->command = head->options = "";
	return 0;
}

static void start_survey(struct arena *arena, const struct run_config *config, struct survey *survey)
{
	const struct machine *machine = config->blob->machine;
	size_t count = config->spec->chapter_count;
	bool *present = arena_new_array(arena, bool, count);
	bool *missing = arena_new_array(arena, bool, config->spec->entry_count);

	for (size_t i = 0; i < count; i++)
		present[i] = !config->spec->chapters[i]->presence;
	*survey = (struct survey){
		.version = -1,
		.present = present,
		.missing = missing,
		.harts = machine->harts,
		.ram_base = machine->ram_base,
		.ram_size = machine->ram_size,
		.clock_hz = machine->clock_hz,
	};
	memcpy(survey->hart_ids, machine->hart_ids, sizeof(survey->hart_ids));
}

static int head_qemu(struct arena *arena, const struct engine *engine, struct recording_head *head, struct err *err)
{
	char sha256[65];

	if (digest_large_file(engine->facts.program, sha256, err))
		return -1;
	head->qemu = arena_strdup(arena, engine->facts.qemu);
	head->qemu_sha256 = arena_strdup(arena, sha256);
	head->machine = guest_machine_words(&engine->guest_config, arena);
	return 0;
}

int run_survey(struct arena *arena, const struct run_config *config, struct survey *survey, struct recording_head *head,
	       struct err *err)
{
	struct run_config alone = *config;
	struct run_stats stats = { 0 };
	struct questions questions = { .config = config, .survey = survey, .head = head, .arena = arena };
	const struct run_sink sink = { .context = &questions, .recorded = answered };
	struct engine engine = { .config = &alone, .source = { next_question, &questions }, .sink = &sink, .stats = &stats };

	engine.single = true;
	alone.jobs = 1;
	alone.isolate_case = false;
	alone.budget_ms = 0;
	*head = (struct recording_head){ .claimed_major = -1, .claimed_minor = -1 };
	start_survey(arena, config, survey);
	questions.present = (bool *)survey->present;
	questions.missing = (bool *)survey->missing;
	if (head_subject(arena, config, head, err) || look_at_structures(&questions, err))
		return -1;
	engine.only_boot = !has_questions(&questions);
	if (engine_run(&engine, arena, err))
		return -1;
	if (stats.interrupted)
		return err_set(err, EXIT_INTERRUPTED, "interrupted");
	if (!engine.facts.known)
		return err_set(err, EXIT_BROKEN, "%s: the boot CPU is none of the machine's `hart_ids`", config->blob->path);
	memcpy(survey->hart_ids, engine.codec->hart_ids, sizeof(survey->hart_ids));
	head_machine(arena, config, survey, head);
	if (head_qemu(arena, &engine, head, err))
		return -1;
	head->sandbox = arena_strdup(arena, engine.facts.sandbox);
	head->own_low = engine.facts.own.low;
	head->own_high = engine.facts.own.high;
	head_presence(arena, config->spec, survey, head);
	return 0;
}
