/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls written in a spec: steps around a call, the call that finds a chapter, the call that starts a CPU.
 */
#include "spec/load.h"

#include <string.h>

static const char *const pads[] = { "park", "handler" };

const struct entry *load_find_entry(struct load *load, const char *key, const struct node *node)
{
	struct near near = load_near(load, node->text);
	size_t interface = strlen(load->spec->name) + 1;

	if (!load_is(load, node, NODE_SCALAR, "an entry's name"))
		return NULL;
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		if (!strcmp(entry->full_id + interface, node->text) || !strcmp(entry->full_id, node->text))
			return entry;
	}
	for (size_t i = 0; i < load->entries.count; i++)
		near_consider(&near, ((const struct entry *)load->entries.items[i])->full_id + interface);
	load_error(load, node, "unknown-name", "`%s`: there is no entry `%s` (CHAPTER.ENTRY)%s", key, node->text,
		   near_hint(load->arena, &near));
	return NULL;
}

static int arg_number(struct load *load, const struct entry *entry, const struct node *name)
{
	struct near near = load_near(load, name->text);

	for (size_t i = 0; i < entry->arg_count; i++) {
		if (!strcmp(entry->args[i].name, name->text))
			return (int)i;
	}
	for (size_t i = 0; i < entry->arg_count; i++)
		near_consider(&near, entry->args[i].name);
	load_error(load, name, "unknown-name", "%s.%s has no argument `%s`%s", entry->chapter->name, entry->name, name->text,
		   near_hint(load->arena, &near));
	return -1;
}

/* The pad that a code address is, unless the main call has an argument of that name. */
static const char *pad_of(const struct scope *scope, const struct arg *arg, const char *text)
{
	struct name found;

	for (size_t i = 0; i < sizeof(pads) / sizeof(pads[0]); i++) {
		if (arg->role == ROLE_CODE && !strcmp(pads[i], text) && !scope_find(scope, text, &found))
			return pads[i];
	}
	return NULL;
}

struct pending_call {
	enum call_kind kind;
	struct spec_call *call;
	const struct node *entry, *args, *when;
};

static void run_arg(struct load *load, const struct pending_call *pending, const struct scope *scope, const struct node *name,
		    const struct node *value)
{
	struct spec_call *call = pending->call;
	int number = arg_number(load, call->entry, name);

	if (number < 0 || !load_is(load, value, NODE_SCALAR, "an argument's value"))
		return;
	if (pending->kind == CALL_BRING_UP && !strcmp(value->text, "hart")) {
		call->target_hart[number] = true;
		return;
	}
	call->pad[number] = pad_of(scope, &call->entry->args[number], value->text);
	if (!call->pad[number])
		call->value[number] = scope_parse(load, scope, value, false);
}

static void run_call(struct load *load, const struct work *work)
{
	const struct pending_call *pending = work->slot;
	const struct node *args = pending->args;
	struct scope results = work->scope;

	if (!pending->entry)
		return;
	pending->call->entry = load_find_entry(load, "entry", pending->entry);
	if (!pending->call->entry)
		return;
	if (args && load_is(load, args, NODE_MAPPING, "`args`")) {
		for (size_t i = 0; i < args->count; i++)
			run_arg(load, pending, &work->scope, args->keys[i], args->items[i]);
	}
	results.entry = pending->call->entry;
	results.see = SEE_ARGS | SEE_RESULTS;
	if (pending->when && load_is(load, pending->when, NODE_SCALAR, "`when`"))
		pending->call->when = scope_parse(load, &results, pending->when, true);
}

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	*(const struct node **)slot = value;
}

static const struct key step_keys[] = {
	{ "entry", true, keep_node, offsetof(struct pending_call, entry) },
	{ "args", false, keep_node, offsetof(struct pending_call, args) },
};
static const struct key prepare_keys[] = {
	{ "entry", true, keep_node, offsetof(struct pending_call, entry) },
	{ "args", false, keep_node, offsetof(struct pending_call, args) },
	{ "when", false, keep_node, offsetof(struct pending_call, when) },
};
static const struct key presence_keys[] = {
	{ "entry", true, keep_node, offsetof(struct pending_call, entry) },
	{ "args", false, keep_node, offsetof(struct pending_call, args) },
	{ "when", true, keep_node, offsetof(struct pending_call, when) },
};
static const struct mapping mappings[] = {
	[CALL_STEP] = MAPPING("a call", step_keys),
	[CALL_PREPARE] = MAPPING("a call", prepare_keys),
	[CALL_PRESENCE] = MAPPING("`presence`", presence_keys),
	[CALL_BRING_UP] = MAPPING("`bring_up`", step_keys),
};

void load_call(struct load *load, enum call_kind kind, const struct node *node, struct spec_call *slot)
{
	struct pending_call *pending = arena_alloc(load->arena, sizeof(*pending));

	*pending = (struct pending_call){ .kind = kind, .call = slot };
	slot->where = node->where;
	load_mapping(load, &mappings[kind], node, pending);
	load_later(load, (struct work){
				 .run = run_call,
				 .slot = pending,
				 .scope = { .load = load, .chapter = load->chapter, .entry = load->entry, .see = SEE_ARGS },
			 });
}
