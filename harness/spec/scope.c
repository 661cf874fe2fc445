/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names in expressions: which ones can be seen from a place in a spec, and what they stand for.
 */
#include "spec/load.h"

#include <string.h>

static const struct int_type u64_type = { 64, false };
static const struct int_type bool_type = { 0, false };

static struct int_type word_type(const struct scope *scope)
{
	unsigned word = scope->load->spec->convention.word;

	return (struct int_type){ (uint8_t)(word ? word : 64), false };
}

static int word_in(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], text))
			return (int)i;
	}
	return -1;
}

#define WORD_IN(text, words) word_in((text), (words), sizeof(words) / sizeof((words)[0]))

static const char *const key_names[] = { "key", "key2" };

static bool find_key_name(const struct scope *scope, const char *name, struct name *found)
{
	int number = WORD_IN(name, key_names);

	if (!(scope->see & SEE_KEYS) || number < 0 || (unsigned)number >= scope->keys)
		return false;
	*found = (struct name){ .kind = NAME_KEY, .index = (unsigned)number, .type = scope->state->key_type[number] };
	return true;
}

static bool find_each(const struct scope *scope, const char *name, struct name *found)
{
	if (!(scope->see & SEE_EACH) || strcmp(name, "i"))
		return false;
	*found = (struct name){ .kind = NAME_KEY, .type = u64_type };
	return true;
}

static bool find_arg(const struct scope *scope, const char *name, struct name *found)
{
	const struct entry *entry = scope->entry;

	if (!entry || !(scope->see & SEE_ARGS))
		return false;
	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];

		if (strcmp(arg->name, name))
			continue;
		*found = (struct name){ .kind = NAME_ARG, .index = (unsigned)i, .type = arg->type->base };
		/* A buffer's memory is part of what is seen of a call; its address alone is just an argument. */
		if (arg->role == ROLE_BUFFER && scope->see & SEE_WORLD)
			*found = (struct name){
				.kind = NAME_BUFFER, .index = arg->buffer, .arg = (unsigned)i, .type = arg->type->base
			};
		return true;
	}
	return false;
}

static bool find_result(const struct scope *scope, const char *name, struct name *found)
{
	const struct convention *convention = &scope->load->spec->convention;
	const struct result *results = scope->entry ? scope->entry->results : convention->results;
	size_t count = scope->entry ? scope->entry->result_count : convention->result_count;

	if (!(scope->see & SEE_RESULTS) || (scope->entry && scope->entry->is_structure))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(results[i].name, name))
			continue;
		*found = (struct name){ .kind = NAME_RESULT, .index = (unsigned)i, .type = results[i].type->base };
		return true;
	}
	return false;
}

static bool find_field_name(const struct scope *scope, const char *name, struct name *found)
{
	const struct structure *structure = scope->entry ? scope->entry->structure : NULL;

	for (size_t i = 0; structure && i < structure->field_count; i++) {
		const struct structure_field *field = &structure->fields[i];

		if (strcmp(field->name, name))
			continue;
		*found = (struct name){
			.kind = NAME_FIELD, .index = (unsigned)i, .keys = field->count > 1, .type = field->type->base
		};
		return true;
	}
	return false;
}

/* "hsm.hart_state" -> chapter hsm, "hart_state"; "hart_state" -> the scope's chapter. */
static const struct chapter *split_chapter(const struct scope *scope, const char *name, const char **rest)
{
	const char *dot = strchr(name, '.');

	*rest = dot ? dot + 1 : name;
	if (!dot)
		return scope->chapter;
	for (size_t i = 0; i < scope->load->chapters.count; i++) {
		const struct chapter *chapter = scope->load->chapters.items[i];

		if (!strncmp(chapter->name, name, (size_t)(dot - name)) && !chapter->name[dot - name])
			return chapter;
	}
	return NULL;
}

static bool find_state(const struct scope *scope, const char *name, struct name *found)
{
	const char *rest;
	const struct chapter *chapter = split_chapter(scope, name, &rest);

	if (!(scope->see & SEE_WORLD) || !chapter)
		return false;
	for (size_t i = 0; i < scope->load->states.count; i++) {
		const struct state *state = scope->load->states.items[i];

		if (state->chapter != chapter || strcmp(state->name, rest))
			continue;
		*found = (struct name){
			.kind = NAME_STATE, .index = state->number, .keys = state->keys, .type = state->type->base
		};
		return true;
	}
	return false;
}

static bool find_constant(const struct scope *scope, const char *name, struct name *found)
{
	const char *rest;
	const struct chapter *chapter = split_chapter(scope, name, &rest);
	const struct constant *constant;

	if (strchr(name, '.') && !chapter)
		return false;
	constant = load_find_constant(scope->load, chapter, rest);
	if (!constant)
		return false;
	*found = (struct name){ .kind = NAME_CONSTANT,
				.type = constant->type,
				.value = value_of(constant->value, constant->type) };
	return true;
}

static const char *const fact_names[FACT_COUNT] = {
	[FACT_HARTS] = "harts",
	[FACT_BOOT_HART] = "boot_hart",
	[FACT_SELF] = "self",
	[FACT_RAM_BASE] = "ram_base",
	[FACT_RAM_SIZE] = "ram_size",
	[FACT_CLAIMED_MAJOR] = "claimed_major",
	[FACT_CLAIMED_MINOR] = "claimed_minor",
	[FACT_CLOCK_HZ] = "clock_hz",
};

static bool find_fact(const struct scope *scope, const char *name, struct name *found)
{
	int number = WORD_IN(name, fact_names);

	(void)scope;
	if (number < 0)
		return false;
	*found = (struct name){ .kind = NAME_FACT, .index = (unsigned)number, .type = u64_type };
	return true;
}

static const char *const outcome_names[] = {
	[OUT_RETURNED] = "returned", [OUT_TRAPPED] = "trapped",	  [OUT_LANDED] = "landed",
	[OUT_STOPPED] = "stopped",   [OUT_SHUTDOWN] = "shutdown", [OUT_RESET] = "reset",
};

/* Names of one word, or of two joined by a dot, that stand for what was seen of a call. */
static const struct seen_name {
	const char *name;
	enum name_kind kind;
	unsigned index, keys;
	uint8_t bits; /* 0: the word of the interface */
} seen_names[] = {
	{ "trap.cause", NAME_TRAP, 0, 0, 0 },		{ "trap.pc", NAME_TRAP, 1, 0, 0 },
	{ "trap.value", NAME_TRAP, 2, 0, 0 },		{ "land.hart", NAME_LAND, LAND_HART, 0, 64 },
	{ "land.count", NAME_LAND, LAND_COUNT, 0, 64 }, { "ipis", NAME_IPIS, 0, 1, 64 },
	{ "console.length", NAME_CONSOLE, 0, 0, 64 },	{ "console", NAME_CONSOLE, 1, 1, 8 },
	{ "start_time", NAME_TIME, 0, 0, 64 },		{ "end_time", NAME_TIME, 1, 0, 64 },
};

static bool find_seen(const struct scope *scope, const char *name, struct name *found)
{
	int outcome = WORD_IN(name, outcome_names);

	if (!(scope->see & SEE_WORLD))
		return false;
	if (outcome >= 0) {
		*found = (struct name){ .kind = NAME_OUTCOME, .index = (unsigned)outcome, .type = bool_type };
		return true;
	}
	for (size_t i = 0; i < sizeof(seen_names) / sizeof(seen_names[0]); i++) {
		const struct seen_name *seen = &seen_names[i];

		if (strcmp(seen->name, name))
			continue;
		*found = (struct name){ .kind = seen->kind, .index = seen->index, .keys = seen->keys, .text = seen->name };
		found->type = seen->bits ? (struct int_type){ seen->bits, false } : word_type(scope);
		return true;
	}
	return false;
}

static int control_number(const struct scope *scope, const char *name)
{
	const struct convention *convention = &scope->load->spec->convention;

	return word_in(name, convention->control, convention->control_count);
}

static const char *const moments[] = { "before.", "after.", "later." };

static bool find_control(const struct scope *scope, const char *name, struct name *found)
{
	for (unsigned when = 0; scope->see & SEE_WORLD && when < 3; when++) {
		size_t length = strlen(moments[when]);
		int number;

		if (strncmp(name, moments[when], length))
			continue;
		number = control_number(scope, name + length);
		*found = (struct name){ .kind = NAME_CONTROL, .index = (unsigned)number, .when = when, .type = word_type(scope) };
		return number >= 0;
	}
	return false;
}

static bool find_land(const struct scope *scope, const char *name, struct name *found)
{
	int control;

	if (!(scope->see & SEE_WORLD) || strncmp(name, "land.", 5) || !is_name(name + 5))
		return false;
	control = control_number(scope, name + 5);
	*found = (struct name){
		.kind = NAME_LAND, .index = control < 0 ? LAND_REGISTER : LAND_CONTROL, .text = name + 5, .type = word_type(scope)
	};
	return true;
}

typedef bool finder(const struct scope *scope, const char *name, struct name *found);

/* The first one that knows a name wins; check_names() sees to it that there is never a second one. */
static finder *const finders[] = {
	find_each,     find_key_name, find_arg,	 find_result,  find_field_name, find_state,
	find_constant, find_fact,     find_seen, find_control, find_land,
};

bool scope_find(const struct scope *scope, const char *name, struct name *found)
{
	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
		if (!finders[i](scope, name, found))
			continue;
		found->text = arena_strdup(scope->load->arena, found->text ? found->text : name);
		return true;
	}
	return false;
}

bool scope_is_built_in(const struct scope *scope, const char *name, struct name *found)
{
	return find_fact(scope, name, found) || find_seen(scope, name, found);
}

/* --- hints --- */

struct visitor {
	void (*visit)(void *context, const char *name);
	void *context;
};

static void each_word(const struct visitor *to, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to->visit(to->context, words[i]);
}

static void each_control(const struct scope *scope, const struct visitor *to)
{
	const struct convention *convention = &scope->load->spec->convention;

	for (size_t i = 0; i < convention->control_count; i++) {
		for (unsigned when = 0; when < 3; when++)
			to->visit(to->context, arena_printf(scope->load->arena, "%s%s", moments[when], convention->control[i]));
	}
}

static void each_state(const struct scope *scope, const struct visitor *to)
{
	for (size_t i = 0; i < scope->load->states.count; i++) {
		const struct state *state = scope->load->states.items[i];

		if (state->chapter == scope->chapter)
			to->visit(to->context, state->name);
		else
			to->visit(to->context, arena_printf(scope->load->arena, "%s.%s", state->chapter->name, state->name));
	}
}

static void each_of_entry(const struct scope *scope, const struct visitor *to)
{
	const struct entry *entry = scope->entry;

	for (size_t i = 0; scope->see & SEE_ARGS && i < entry->arg_count; i++)
		to->visit(to->context, entry->args[i].name);
	for (size_t i = 0; scope->see & SEE_RESULTS && i < entry->result_count; i++)
		to->visit(to->context, entry->results[i].name);
	for (size_t i = 0; entry->structure && i < entry->structure->field_count; i++)
		to->visit(to->context, entry->structure->fields[i].name);
}

void scope_each_name(const struct scope *scope, void (*visit)(void *ctx, const char *name), void *ctx)
{
	const struct visitor to = { visit, ctx };

	if (scope->load->findings->count >= LIMIT_HINTS)
		return;
	if (scope->entry)
		each_of_entry(scope, &to);
	each_word(&to, fact_names, FACT_COUNT);
	load_each_constant(scope->load, scope->chapter, visit, ctx);
	for (size_t i = 0; i < scope->load->spec->set_count; i++)
		visit(ctx, scope->load->spec->sets[i].name);
	for (size_t i = 0; i < scope->load->chapters.count; i++)
		visit(ctx, ((const struct chapter *)scope->load->chapters.items[i])->name);
	if (!(scope->see & SEE_WORLD))
		return;
	each_state(scope, &to);
	each_control(scope, &to);
	each_word(&to, outcome_names, sizeof(outcome_names) / sizeof(outcome_names[0]));
	for (size_t i = 0; i < sizeof(seen_names) / sizeof(seen_names[0]); i++)
		visit(ctx, seen_names[i].name);
}
