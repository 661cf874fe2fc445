/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.c - walks the steps of a case, decides which rules apply to each, and hands the verdicts out. */
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "judge/private.h"

const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_SKIP] = "SKIP",   [VERDICT_PASS] = "PASS",	    [VERDICT_OBSERVED] = "OBSERVED", [VERDICT_KNOWN] = "KNOWN",
	[VERDICT_CURED] = "CURED", [VERDICT_UNTESTED] = "UNTESTED", [VERDICT_BROKEN] = "BROKEN",     [VERDICT_FAIL] = "FAIL",
	[VERDICT_CRASH] = "CRASH", [VERDICT_HANG] = "HANG",	    [VERDICT_FLAKY] = "FLAKY",
};

int judge_version(const struct spec *spec, const struct recording_head *head)
{
	int version;

	if (head->claimed_major < 0)
		return (int)spec->version_count - 1;
	version = spec_version(spec, (uint64_t)head->claimed_major, (uint64_t)head->claimed_minor);
	return version < 0 ? 0 : version;
}

uint64_t judge_unnamed(const struct judge *judge)
{
	return judge->unnamed;
}

static bool is_listed(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* The registers that must be kept, by the architecture's numbers. */
static uint32_t register_mask(const struct recording_head *head, bool all_but, const char *const *names, size_t count)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < head->register_count; i++)
		if (is_listed(head->registers[i], names, count) != all_but)
			mask |= UINT32_C(1) << i;
	return mask;
}

static enum standing recorded_standing(const struct recording_head *head, const char *name)
{
	for (size_t i = 0; i < head->chapter_count; i++)
		if (!strcmp(head->chapters[i], name))
			return head->present[i] ? STANDING_THERE : STANDING_ABSENT;
	return STANDING_UNSURE;
}

bool judge_is_missing(const struct recording_head *head, const struct entry *entry, int version)
{
	const struct spec_call *question = spec_question(entry);

	return question && spec_in_version(question->entry->since, question->entry->until, version) &&
	       recorded_standing(head, entry->full_id) == STANDING_ABSENT;
}

bool judge_is_left_alone(const struct spec *spec, const struct recording_head *head, const struct entry *entry)
{
	return entry->chapter->presence && !spec->convention.unsupported &&
	       recorded_standing(head, entry->chapter->name) == STANDING_ABSENT;
}

static enum standing standing_of(const struct judge *judge, const struct entry *entry)
{
	const struct recording_head *head = judge->head;
	enum standing standing = entry->chapter->presence ? STANDING_UNSURE : STANDING_THERE;

	if (standing == STANDING_UNSURE)
		standing = recorded_standing(head, entry->chapter->name);
	if (standing == STANDING_THERE && judge_is_missing(head, entry, judge->version))
		standing = STANDING_ABSENT;
	if (standing == STANDING_THERE && !spec_in_version(entry->since, entry->until, judge->version))
		standing = STANDING_OUTSIDE;
	return standing;
}

static void fill_info(struct judge *judge, struct entry_info *info, const struct entry *entry)
{
	const struct preserved *own = entry->preserved;

	info->entry = entry;
	info->standing = standing_of(judge, entry);
	info->preserved = own ? register_mask(judge->head, own->all_but, own->names, own->count) : judge->convention_preserved;
	for (unsigned i = 0; i < UNIVERSAL_COUNT; i++)
		info->universal_ids[i] = arena_printf(judge->arena, "%s:%s", entry->full_id, universal_rules[i]);
	HASH_ADD_KEYPTR(hh, judge->by_name, entry->full_id, strlen(entry->full_id), info);
}

/* One name may be both, like the flags of a processor: bits that are its own, and bits that control it. */
static void add_register(struct judge *judge, const char *name, int number, int control)
{
	struct register_name *added, *old;

	HASH_FIND_STR(judge->register_names, name, old);
	if (old && old->control < 0)
		old->control = control;
	if (old)
		return;
	added = arena_alloc(judge->arena, sizeof(*added));
	*added = (struct register_name){ .name = name, .number = number, .control = control };
	HASH_ADD_KEYPTR(hh, judge->register_names, name, strlen(name), added);
}

static void name_registers(struct judge *judge)
{
	const struct recording_head *head = judge->head;
	const struct convention *convention = &judge->spec->convention;

	for (size_t i = 0; i < head->register_count; i++)
		add_register(judge, head->registers[i], (int)i, -1);
	for (size_t i = 0; i < head->control_count; i++)
		add_register(judge, head->control[i], -1, (int)i);
	for (size_t i = 0; i < SPEC_CONTROL; i++) {
		struct register_name *found = NULL;

		if (i < convention->control_count)
			HASH_FIND_STR(judge->register_names, convention->control[i], found);
		judge->control[i] = found ? found->control : -1;
	}
}

struct judge *judge_new(const struct judge_config *config, struct err *err)
{
	const struct spec *spec = config->spec;
	const struct convention *convention = &spec->convention;
	struct judge *judge;

	if (config->head->register_count > RECORD_REGISTERS || config->head->control_count > RECORD_CONTROL)
		return err_null(err, EXIT_USAGE, "the recording names more registers than a call can have");
	judge = xcalloc(1, sizeof(*judge));
	judge->config = *config;
	judge->spec = spec;
	judge->head = config->head;
	judge->arena = arena_new();
	judge->version = judge_version(spec, config->head);
	judge->batch = model_new(spec);
	judge->alone = model_new(spec);
	judge->convention_preserved =
		register_mask(judge->head, convention->preserve_all_but, convention->preserved, convention->preserved_count);
	name_registers(judge);
	judge->infos = arena_new_array(judge->arena, struct entry_info, spec->entry_count + 1);
	for (size_t i = 0; i < spec->entry_count; i++)
		fill_info(judge, &judge->infos[i], spec->entries[i]);
	needs_begin(judge);
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	HASH_CLEAR(hh, judge->by_name);
	HASH_CLEAR(hh, judge->register_names);
	model_free(judge->batch);
	model_free(judge->alone);
	arena_free(judge->arena);
	free(judge);
}

const struct entry_info *judge_find(struct judge *judge, const char *name)
{
	struct name_cache *cached = &judge->cache[((uintptr_t)name >> 4) % NAME_CACHE];

	if (cached->name == name && (cached->info->entry->full_id == name || !strcmp(cached->info->entry->full_id, name)))
		return cached->info;
	HASH_FIND_STR(judge->by_name, name, cached->info);
	cached->name = cached->info ? name : NULL;
	return cached->info;
}

/*
 * The model of the guest boot a case ran in. A case that is run again alone has a boot of its own; the batch's model waits
 * until the batch goes on.
 */
struct model *judge_enter(struct judge *judge, const struct recorded_case *recorded)
{
	struct model *model = recorded->attempt ? judge->alone : judge->batch;

	model_boot(model, recorded->boot);
	return model;
}

/* What is being judged, and the worst verdict so far. */
struct hearing {
	struct judge *judge;
	struct judgement judgement;
	enum verdict worst;
};

static void say(struct hearing *hearing)
{
	const struct judgement *judgement = &hearing->judgement;

	if (judgement->verdict > hearing->worst)
		hearing->worst = judgement->verdict;
	if (hearing->judge->config.judged)
		hearing->judge->config.judged(hearing->judge->config.context, judgement);
}

static bool wants_words(const struct hearing *hearing)
{
	const struct judge_config *config = &hearing->judge->config;

	return hearing->judgement.verdict > VERDICT_PASS &&
	       (!config->wants_words || config->wants_words(config->context, &hearing->judgement));
}

static void say_rule(struct hearing *hearing, const struct world *world, const struct rule *rule, enum verdict verdict)
{
	struct judgement *judgement = &hearing->judgement;
	struct judge *judge = hearing->judge;

	if (verdict == NO_VERDICT)
		return;
	judgement->verdict = verdict;
	judgement->rule = rule;
	judgement->rule_id = rule->full_id;
	judgement->cite = rule->cite;
	judgement->expected = judgement->got = NULL;
	if (wants_words(hearing)) {
		rule_words(world, rule, judge->expected, sizeof(judge->expected), judge->got, sizeof(judge->got));
		judgement->expected = judge->expected;
		judgement->got = judge->got;
	}
	say(hearing);
}

static void say_universal(struct hearing *hearing, const struct world *world, enum universal universal)
{
	struct judgement *judgement = &hearing->judgement;
	struct judge *judge = hearing->judge;
	enum verdict verdict = universal_verdict(world, universal);
	const char *cite = judge->spec->convention.cites[universal];

	if (verdict == NO_VERDICT)
		return;
	judgement->verdict = verdict;
	judgement->rule = NULL;
	judgement->universal = universal;
	judgement->rule_id = world->info->universal_ids[universal];
	judgement->cite = cite ? cite : world->entry->cite;
	judgement->expected = judgement->got = NULL;
	if (wants_words(hearing)) {
		universal_words(world, universal, judge->expected, sizeof(judge->expected), judge->got, sizeof(judge->got));
		judgement->expected = judge->expected;
		judgement->got = judge->got;
	}
	say(hearing);
}

/* The entry's own rules: those of an entry that is not there, or of another version, are skipped. */
static void judge_rules(struct hearing *hearing, const struct world *world)
{
	const struct entry *entry = world->entry;

	if (world->standing == STANDING_UNSURE)
		return;
	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule *rule = entry->rules[i];

		if (world->standing == STANDING_THERE)
			say_rule(hearing, world, rule, rule_verdict(world, rule));
		else if (rule->strength != UNOBSERVABLE)
			say_rule(hearing, world, rule, VERDICT_SKIP);
	}
}

static void judge_step(struct hearing *hearing, struct model *model, const struct entry_info *info,
		       const struct recorded_step *step)
{
	struct world world;

	world_init(&world, hearing->judge, model, info, step);
	hearing->judgement.entry = info->entry;
	if (step->outcome == RECORD_BROKEN || step->outcome == RECORD_FORGED) {
		say_universal(hearing, &world, UNIVERSAL_RETURNS);
		return;
	}
	for (unsigned i = 0; i < UNIVERSAL_COUNT && world.standing != STANDING_OUTSIDE; i++)
		say_universal(hearing, &world, (enum universal)i);
	judge_rules(hearing, &world);
	needs_observe(hearing->judge, &world, hearing->judgement.recorded->id);
	model_apply(model, &world);
}

enum verdict judge_case(struct judge *judge, const struct recorded_case *recorded)
{
	struct hearing hearing = { .judge = judge, .judgement.recorded = recorded, .worst = VERDICT_SKIP };
	struct model *model = judge_enter(judge, recorded);

	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];
		const struct entry_info *info;

		if (!was_called(step))
			continue;
		info = judge_find(judge, step->entry);
		hearing.judgement.step = i;
		if (info)
			judge_step(&hearing, model, info, step);
		else
			judge->unnamed++;
	}
	return hearing.worst;
}
