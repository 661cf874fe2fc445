/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c - what became of an entry's demands: its rules, and the error codes it may answer.
 *
 * A demand that went lets callers down only if a call may now be answered as it could not be before: if some answer breaks the
 * old demand and keeps all new ones together. A demand that came asks something of implementers only the other way round.
 */
#include "compare/internal.h"

#include <stdio.h>
#include <string.h>

static struct weight ask(const struct pair *pair, struct demand broken, bool of_old)
{
	const struct question question = {
		.breaks_side = of_old ? pair->old_side : pair->new_side,
		.keeps_side = of_old ? pair->new_side : pair->old_side,
		.breaks = of_old ? pair->old : pair->new,
		.keeps = of_old ? pair->new : pair->old,
		.broken = broken,
	};
	struct arena *arena = pair->work->out->arena;
	struct witness *witness = arena_alloc(arena, sizeof(*witness));

	switch (pair->work->finder->find(pair->work->finder->context, &question, arena, witness)) {
	case FOUND_WITNESS:
		return (struct weight){ IMPACT_BREAKING, BASIS_WITNESS, witness };
	case FOUND_NONE:
		return (struct weight){ IMPACT_CLARIFICATION, BASIS_SEARCH, NULL };
	default:
		return (struct weight){ IMPACT_BREAKING, BASIS_ASSUMED, NULL };
	}
}

/* What breaks one party leaves the other more room; what breaks neither is other words for the same. */
static void weigh(struct change *change, struct weight callers, struct weight implementers)
{
	change->on[PARTY_CALLERS] = callers;
	change->on[PARTY_IMPLEMENTERS] = implementers;
	if (callers.impact == IMPACT_BREAKING && implementers.impact != IMPACT_BREAKING)
		change->on[PARTY_IMPLEMENTERS].impact = IMPACT_COMPATIBLE;
	if (implementers.impact == IMPACT_BREAKING && callers.impact != IMPACT_BREAKING)
		change->on[PARTY_CALLERS].impact = IMPACT_COMPATIBLE;
}

static const struct weight unmoved = { IMPACT_CLARIFICATION, BASIS_FORM, NULL };

/* ---- rules ---- */

static const char *const strength_words[] = {
	[MUST] = "must", [MUST_NOT] = "must not",     [SHOULD] = "should",
	[MAY] = "may",	 [UNSPECIFIED] = "left open", [UNOBSERVABLE] = "cannot be seen",
};

static const char *rule_text(struct arena *arena, const struct rule *rule)
{
	const char *when = rule->when ? arena_printf(arena, "when %s: ", expr_text(rule->when)) : "";

	return arena_printf(arena, "%s%s%s%s%s", rule->likely ? "likely: " : "", when, strength_words[rule->strength],
			    rule->must ? " " : "", rule->must ? expr_text(rule->must) : "");
}

static struct change *rule_change(const struct pair *pair, enum change_kind kind, const struct rule *old, const struct rule *new,
				  const char *format)
{
	const struct rule *shown = new ? new : old;
	struct change *change = change_add(pair->work, kind, pair->new->full_id, SHIFT_NONE, format, shown->id);

	change->before = old ? rule_text(pair->work->out->arena, old) : NULL;
	change->after = new ? rule_text(pair->work->out->arena, new) : NULL;
	change->cite = shown->cite;
	return change;
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
	return a->strength == b->strength && a->likely == b->likely && expr_equal(a->when, b->when) &&
	       expr_equal(a->must, b->must);
}

static const struct rule *find_id(const struct side *side, const struct entry *entry, const char *id)
{
	for (size_t i = 0; i < entry->rule_count; i++)
		if (rule_is_there(side, entry->rules[i]) && !strcmp(entry->rules[i]->id, id))
			return entry->rules[i];
	return NULL;
}

/* A rule of the same content whose name the other side does not have. */
static const struct rule *find_same(const struct side *side, const struct entry *entry, const struct rule *rule,
				    const struct side *other_side, const struct entry *other)
{
	for (size_t i = 0; i < entry->rule_count; i++)
		if (rule_is_there(side, entry->rules[i]) && same_rule(entry->rules[i], rule) &&
		    !find_id(other_side, other, entry->rules[i]->id))
			return entry->rules[i];
	return NULL;
}

static void rule_came(const struct pair *pair, const struct rule *old, const struct rule *new)
{
	struct change *change =
		rule_change(pair, CHANGED_RULE_ADDED, old, new, old ? "rule `%s` is demanded now" : "rule `%s` added");

	weigh(change, unmoved, ask(pair, (struct demand){ new, 0 }, false));
}

static void rule_went(const struct pair *pair, const struct rule *old, const struct rule *new)
{
	struct change *change =
		rule_change(pair, CHANGED_RULE_REMOVED, old, new, new ? "rule `%s` is no longer demanded" : "rule `%s` removed");

	weigh(change, ask(pair, (struct demand){ old, 0 }, true), unmoved);
}

static void remark(const struct pair *pair, const struct rule *old, const struct rule *new)
{
	rule_change(pair, CHANGED_REMARK, old, new, !old ? "`%s` added" : !new ? "`%s` removed" : "`%s` changed");
}

static void compare_pair(const struct pair *pair, const struct rule *old, const struct rule *new)
{
	if (same_rule(old, new))
		return;
	if (rule_demands(old) && rule_demands(new))
		weigh(rule_change(pair, CHANGED_RULE, old, new, "rule `%s` changed"), ask(pair, (struct demand){ old, 0 }, true),
		      ask(pair, (struct demand){ new, 0 }, false));
	else if (rule_demands(new))
		rule_came(pair, old, new);
	else if (rule_demands(old))
		rule_went(pair, old, new);
	else
		remark(pair, old, new);
}

static void compare_new_rule(const struct pair *pair, const struct rule *new)
{
	const struct rule *old = find_id(pair->old_side, pair->old, new->id);
	const struct rule *same = find_same(pair->old_side, pair->old, new, pair->new_side, pair->new);

	if (old)
		compare_pair(pair, old, new);
	else if (same)
		rule_change(pair, CHANGED_REMARK, same, new, "a rule is called `%s` now");
	else if (rule_demands(new))
		rule_came(pair, NULL, new);
	else
		remark(pair, NULL, new);
}

void compare_rules(const struct pair *pair)
{
	for (size_t i = 0; i < pair->new->rule_count; i++)
		if (rule_is_there(pair->new_side, pair->new->rules[i]))
			compare_new_rule(pair, pair->new->rules[i]);
	for (size_t i = 0; i < pair->old->rule_count; i++) {
		const struct rule *old = pair->old->rules[i];

		if (!rule_is_there(pair->old_side, old) || find_id(pair->new_side, pair->new, old->id) ||
		    find_same(pair->new_side, pair->new, old, pair->old_side, pair->old))
			continue;
		if (rule_demands(old))
			rule_went(pair, old, NULL);
		else
			remark(pair, old, NULL);
	}
}

/* ---- error codes ---- */

static const struct named_value *find_code(const struct entry *entry, uint64_t code)
{
	for (size_t i = 0; i < entry->error_count; i++)
		if (entry->errors[i].value == code)
			return &entry->errors[i];
	return NULL;
}

static void error_changed(const struct pair *pair, const struct named_value *code, bool came)
{
	struct change *change = pair_change(pair, came ? CHANGED_ERROR_ADDED : CHANGED_ERROR_REMOVED, SHIFT_NONE,
					    came ? "may answer %s" : "may no longer answer %s", code->name);
	struct weight weight = ask(pair, (struct demand){ NULL, code->value }, came);

	change->cite = pair->new->cite;
	weigh(change, came ? weight : unmoved, came ? unmoved : weight);
}

/* NULL: the status is no code, and may be anything. */
static void list_changed(const struct pair *pair)
{
	bool listed = pair->new->errors;

	pair_change(pair, listed ? CHANGED_ERROR_REMOVED : CHANGED_ERROR_ADDED, listed ? SHIFT_STRONGER : SHIFT_WEAKER, "%s",
		    listed ? "answers the codes of a list only" : "may answer any code")
		->cite = pair->new->cite;
}

void compare_errors(const struct pair *pair)
{
	const struct entry *old = pair->old, *new = pair->new;

	if (!old->errors || !new->errors) {
		if (old->errors || new->errors)
			list_changed(pair);
		return;
	}
	for (size_t i = 0; i < new->error_count; i++)
		if (!find_code(old, new->errors[i].value))
			error_changed(pair, &new->errors[i], true);
	for (size_t i = 0; i < old->error_count; i++)
		if (!find_code(new, old->errors[i].value))
			error_changed(pair, &old->errors[i], false);
}
