/* SPDX-License-Identifier: BSD-2-Clause */
/* perturb.c - looks for an observation on which a rule that passed would have failed. */
#include "judge/perturb.h"

#include <stdlib.h>
#include <string.h>

#include "judge/mutate.h"

#define TRIES 64 /* calls, passed and silent each, on which a rule may resist before it is left alone */

struct record {
	uint64_t passed, silent; /* silent: calls on which it had nothing to say */
	const char *failed_by;
};

struct perturb {
	struct judge *judge;
	struct record *rules; /* by rule number */
	struct record (*universals)[UNIVERSAL_COUNT]; /* by entry number */
	struct arena *arena;
};

struct perturb *perturb_new(const struct judge_config *config, struct err *err)
{
	struct judge *judge = judge_new(config, err);
	struct perturb *perturb;

	if (!judge)
		return NULL;
	perturb = xcalloc(1, sizeof(*perturb));
	perturb->judge = judge;
	perturb->rules = xcalloc(config->spec->rule_count + 1, sizeof(*perturb->rules));
	perturb->universals = xcalloc(config->spec->entry_count + 1, sizeof(*perturb->universals));
	perturb->arena = arena_new();
	return perturb;
}

void perturb_free(struct perturb *perturb)
{
	if (!perturb)
		return;
	judge_free(perturb->judge);
	free(perturb->rules);
	free(perturb->universals);
	arena_free(perturb->arena);
	free(perturb);
}

/* The verdict of one rule, own or universal. */
static enum verdict verdict_of(const struct world *world, const struct rule *rule, enum universal universal)
{
	if (!rule)
		return universal_verdict(world, universal);
	return world->standing == STANDING_THERE ? rule_verdict(world, rule) : NO_VERDICT;
}

/* OBSERVED is how a recommendation, or a rule that is only likely, fails. */
static bool is_failure(enum verdict verdict)
{
	return verdict != NO_VERDICT && verdict > VERDICT_PASS;
}

static const char *find_failure(struct perturb *perturb, const struct world *world, const struct rule *rule,
				enum universal universal)
{
	struct mutation mutation = { .spec = perturb->judge->spec,
				     .head = perturb->judge->head,
				     .entry = world->entry,
				     .original = world->step,
				     .arena = perturb->arena };

	mutate_begin(&mutation, rule);
	while (mutate_next(&mutation)) {
		struct world other;

		world_init(&other, perturb->judge, world->model, world->info, &mutation.step);
		if (is_failure(verdict_of(&other, rule, universal)))
			return mutation.name;
		arena_reset(perturb->arena);
	}
	return NULL;
}

/*
 * A call on which the rule was silent counts too: "success only where the CPU was stopped" fails on the call that was refused,
 * had it succeeded.
 */
static void perturb_rule(struct perturb *perturb, const struct world *world, const struct rule *rule, enum universal universal)
{
	struct record *record = rule ? &perturb->rules[rule->number] : &perturb->universals[world->entry->number][universal];
	enum verdict verdict = verdict_of(world, rule, universal);
	uint64_t *calls = verdict == VERDICT_PASS ? &record->passed : &record->silent;

	if (verdict != VERDICT_PASS && verdict != NO_VERDICT)
		return;
	if (!record->failed_by && *calls < TRIES)
		record->failed_by = find_failure(perturb, world, rule, universal);
	++*calls;
	arena_reset(perturb->arena);
}

static void perturb_step(struct perturb *perturb, struct model *model, const struct entry_info *info,
			 const struct recorded_step *step)
{
	struct world world;

	world_init(&world, perturb->judge, model, info, step);
	if (step->outcome == RECORD_BROKEN || step->outcome == RECORD_FORGED)
		return;
	for (unsigned i = 0; i < UNIVERSAL_COUNT && world.standing != STANDING_OUTSIDE; i++)
		if (universal_is_for(info->entry, (enum universal)i))
			perturb_rule(perturb, &world, NULL, (enum universal)i);
	for (size_t i = 0; i < info->entry->rule_count; i++)
		perturb_rule(perturb, &world, info->entry->rules[i], UNIVERSAL_COUNT);
	model_apply(model, &world);
}

void perturb_case(struct perturb *perturb, const struct recorded_case *recorded)
{
	struct model *model = judge_enter(perturb->judge, recorded);

	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];
		const struct entry_info *info = was_called(step) ? judge_find(perturb->judge, step->entry) : NULL;

		if (info)
			perturb_step(perturb, model, info, step);
	}
}

void perturb_each(const struct perturb *perturb, void (*visit)(void *context, const struct perturbed *perturbed), void *context)
{
	const struct spec *spec = perturb->judge->spec;

	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct entry *entry = spec->entries[i];

		for (size_t k = 0; k < entry->rule_count; k++) {
			const struct rule *rule = entry->rules[k];
			const struct record *record = &perturb->rules[rule->number];

			if (record->passed)
				visit(context, &(struct perturbed){ rule->full_id, entry, rule, UNIVERSAL_COUNT, record->passed,
								    record->failed_by });
		}
		for (unsigned k = 0; k < UNIVERSAL_COUNT; k++) {
			const struct record *record = &perturb->universals[i][k];

			if (record->passed)
				visit(context, &(struct perturbed){ perturb->judge->infos[i].universal_ids[k], entry, NULL,
								    (enum universal)k, record->passed, record->failed_by });
		}
	}
}
