/* SPDX-License-Identifier: BSD-2-Clause */
#include "compare/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "compare/internal.h"
#include "compare/scene.h"

#define SCENES 100000u /* tried for one question */
#define ENOUGH 100u /* of them broke the demand: that none was a witness says something */

struct known {
	const struct side *side;
	const struct entry *entry;
	struct calls calls;
};

/* Questions come entry by entry, about one side and about the other: the calls of the last entry are kept. */
struct search {
	struct arena *arena;
	struct known known[2];
	struct pool pool;
};

struct search *search_new(void)
{
	struct search *search = xcalloc(1, sizeof(*search));

	search->arena = arena_new();
	return search;
}

void search_free(struct search *search)
{
	if (!search)
		return;
	arena_free(search->arena);
	free(search);
}

static const struct known *find_known(const struct search *search, const struct side *side, const struct entry *entry)
{
	for (int i = 0; i < 2; i++)
		if (search->known[i].side == side && search->known[i].entry == entry)
			return &search->known[i];
	return NULL;
}

static void learn(struct search *search, struct known *known, const struct side *side, const struct entry *entry)
{
	known->side = side;
	known->entry = entry;
	known->calls = calls_of(search->arena, side, entry);
	pool_add_entry(&search->pool, entry);
}

static void prepare(struct search *search, const struct question *question)
{
	if (find_known(search, question->breaks_side, question->breaks) &&
	    find_known(search, question->keeps_side, question->keeps))
		return;
	arena_reset(search->arena);
	search->pool = (struct pool){ 0 };
	learn(search, &search->known[0], question->breaks_side, question->breaks);
	learn(search, &search->known[1], question->keeps_side, question->keeps);
}

/* ---- demands ---- */

/* An entry that says it is not there owes nothing more. */
static bool is_absent(const struct view *view)
{
	return view->entry->absent && value_is_true(expr_eval(view->entry->absent, &view->env));
}

static bool breaks_rule(const struct view *view, const struct rule *rule)
{
	struct value must;

	if (rule->when && !value_is_true(expr_eval(rule->when, &view->env)))
		return false;
	must = expr_eval(rule->must, &view->env);
	return rule->strength == MUST ? value_is_false(must) : value_is_true(must);
}

static bool breaks(const struct view *view, const struct demand *demand)
{
	struct value status = view_status(view);

	if (is_absent(view))
		return false;
	if (demand->rule)
		return breaks_rule(view, demand->rule);
	return status.known && status.bits == demand->error;
}

static bool declares(const struct entry *entry, struct value status)
{
	for (size_t i = 0; i < entry->error_count; i++)
		if (entry->errors[i].value == status.bits)
			return true;
	return !status.known || !entry->errors;
}

static bool keeps_all(const struct view *view)
{
	const struct entry *entry = view->entry;

	if (is_absent(view))
		return true;
	if (!(entry->outcomes & view->scene->happened) || !declares(entry, view_status(view)))
		return false;
	for (size_t i = 0; i < entry->rule_count; i++)
		if (rule_is_there(view->side, entry->rules[i]) && rule_demands(entry->rules[i]) &&
		    breaks_rule(view, entry->rules[i]))
			return false;
	return true;
}

/* ---- words ---- */

static const char *enum_word(const struct type *type, struct value value)
{
	for (size_t i = 0; i < type->enum_count; i++)
		if (value.known && type->enums[i].value == value.bits)
			return type->enums[i].name;
	return NULL;
}

static const char *call_text(struct arena *arena, const struct scene *scene)
{
	const char *text = arena_printf(arena, "%s(", scene->of->name);

	for (size_t i = 0; i < scene->of->arg_count; i++) {
		const struct arg *arg = &scene->of->args[i];
		const struct value *value = &scene->call->args[i];
		const char *word = enum_word(arg->type, *value);

		text = arena_printf(arena, "%s%s%s = ", text, i ? ", " : "", arg->name);
		if (word || scene->call->text[i])
			text = arena_printf(arena, "%s%s", text, word ? word : scene->call->text[i]);
		else if (arg->type->base.is_signed)
			text = arena_printf(arena, "%s%" PRId64, text, (int64_t)value->bits);
		else
			text = arena_printf(arena, "%s%#" PRIx64, text, value->bits);
	}
	return arena_printf(arena, "%s)", text);
}

static bool is_seen(const struct name *name)
{
	return name->kind != NAME_ARG && name->kind != NAME_CONSTANT && name->kind != NAME_FACT && name->kind != NAME_TIME;
}

static void see(void *context, const struct name *name)
{
	*(bool *)context |= is_seen(name);
}

static const char *answer_text(struct arena *arena, const struct view *view, const struct demand *demand)
{
	char must[300] = "", when[300] = "";
	const char *name = demand->rule ? NULL : spec_error_name(view->side->spec, demand->error);
	bool looks = false;

	if (!demand->rule)
		return name ? name : arena_printf(arena, "%" PRId64, (int64_t)demand->error);
	expr_explain(demand->rule->must, &view->env, must, sizeof(must));
	if (demand->rule->when)
		expr_names(demand->rule->when, see, &looks);
	if (looks)
		expr_explain(demand->rule->when, &view->env, when, sizeof(when));
	return looks && strcmp(when, must) ? arena_printf(arena, "%s, where %s", must, when) : arena_strdup(arena, must);
}

static void describe(const struct question *question, const struct view *view, struct arena *arena, struct witness *witness)
{
	witness->call = call_text(arena, view->scene);
	witness->answer = answer_text(arena, view, &question->broken);
	witness->demand = question->broken.rule ? question->broken.rule->full_id
						: arena_printf(arena, "%s:%s", question->breaks->full_id,
							       universal_rules[UNIVERSAL_DECLARED_ERROR]);
}

/* ---- the search ---- */

/* Mostly what every call does, if it may. */
static unsigned draw_outcome(unsigned declared, uint64_t seed)
{
	unsigned bits[8], count = 0;

	for (unsigned bit = 1; bit <= OUTCOME_TRAPS; bit <<= 1)
		if (declared & bit)
			bits[count++] = bit;
	if (!count || (declared & OUTCOME_RETURNS && seed % 4))
		return OUTCOME_RETURNS;
	return bits[seed / 4 % count];
}

static void take_arg(struct call *to, const struct call *from, const struct entry *entry, unsigned number)
{
	const struct arg *arg = &entry->args[number];

	to->args[number] = from->args[number];
	to->text[number] = from->text[number];
	if (arg->role != ROLE_BUFFER)
		return;
	to->content[arg->buffer] = from->content[arg->buffer];
	to->size[arg->buffer] = from->size[arg->buffer];
}

/* First every call of the plans as it is, then arguments of several together. */
static const struct call *choose_call(const struct search *search, uint64_t seed, struct call *mixed, const struct entry **of)
{
	size_t all = search->known[0].calls.count + search->known[1].calls.count, n = seed % all;
	const struct known *known = &search->known[n >= search->known[0].calls.count];
	struct rng rng = { seed };

	*of = known->entry;
	*mixed = known->calls.list[known == search->known ? n : n - search->known[0].calls.count];
	for (unsigned i = 0; seed / all % 2 && i < known->entry->arg_count; i++)
		take_arg(mixed, &known->calls.list[rng_below(&rng, known->calls.count)], known->entry, i);
	return mixed;
}

static enum found find(void *context, const struct question *question, struct arena *arena, struct witness *witness)
{
	struct search *search = context;
	size_t broken = 0;

	prepare(search, question);
	for (uint64_t seed = 0; seed < SCENES; seed++) {
		struct scene scene = { .seed = seed, .pool = &search->pool };
		struct view one, other;
		struct call call;

		scene.call = choose_call(search, seed, &call, &scene.of);
		scene.happened = draw_outcome(question->breaks->outcomes | question->keeps->outcomes, hash_word(seed, 1));
		scene.error_given = !question->broken.rule;
		scene.error = question->broken.error;
		scene_view(&one, &scene, question->breaks_side, question->breaks);
		if (!breaks(&one, &question->broken))
			continue;
		broken++;
		scene_view(&other, &scene, question->keeps_side, question->keeps);
		if (!keeps_all(&other))
			continue;
		describe(question, &one, arena, witness);
		return FOUND_WITNESS;
	}
	return broken < ENOUGH ? FOUND_UNDECIDED : FOUND_NONE;
}

struct witness_finder search_finder(struct search *search)
{
	return (struct witness_finder){ search, find };
}
