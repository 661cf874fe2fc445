/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chapter: its place in the document, what its entries share, and its entries.
 */
#include "spec/load.h"

#include <string.h>

static void read_own_name(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct chapter *chapter = slot;

	read_name(load, key, value, &chapter->name);
	for (size_t i = 0; i < load->chapters.count; i++) {
		const struct chapter *other = load->chapters.items[i];

		if (other != chapter && !strcmp(other->name, chapter->name))
			load_error(load, value, "duplicate-id", "a second chapter `%s`", chapter->name);
	}
}

static void read_types(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_types(load, value);
}

/* --- state variables --- */

struct state_text {
	struct state *state;
	const struct node *init;
};

static void read_index(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct state *state = ((struct state_text *)slot)->state;

	if (!load_list(load, key, value, 2))
		return;
	state->keys = (unsigned)value->count;
	for (size_t i = 0; i < value->count; i++)
		state->key_type[i] = load_type(load, key, value->items[i])->base;
}

static void read_state_type(struct load *load, const char *key, const struct node *value, void *slot)
{
	((struct state_text *)slot)->state->type = load_type(load, key, value);
}

static void keep_init(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	if (load_is(load, value, NODE_SCALAR, "`init`"))
		((struct state_text *)slot)->init = value;
}

static const struct key state_keys[] = {
	{ "index", false, read_index, 0 },
	{ "type", true, read_state_type, 0 },
	{ "init", false, keep_init, 0 },
};
static const struct mapping state_mapping = MAPPING("a state variable", state_keys);

static void run_init(struct load *load, const struct work *work)
{
	struct state *state = work->slot;

	state->init = scope_parse(load, &work->scope, work->node, false);
}

static void load_state(struct load *load, const struct node *name, const struct node *node)
{
	struct state *state = arena_alloc(load->arena, sizeof(*state));
	struct state_text text = { .state = state };

	*state = (struct state){
		.name = name->text, .chapter = load->chapter, .where = name->where, .number = (unsigned)load->states.count
	};
	state->type = load_plain_type(load, "u64");
	read_name(load, "state", name, &state->name);
	load_mapping(load, &state_mapping, node, &text);
	list_add(&load->states, state);
	if (!text.init)
		return;
	load_later(
		load,
		(struct work){
			.run = run_init,
			.node = text.init,
			.slot = state,
			.scope = { .load = load, .chapter = load->chapter, .see = SEE_KEYS, .keys = state->keys, .state = state },
		});
}

static void read_state(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	if (!load_is(load, value, NODE_MAPPING, "`state`"))
		return;
	if (load->states.count + value->count > LIMIT_STATES) {
		load_error(load, value, "too-many", "an interface has at most %d state variables", LIMIT_STATES);
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		load_state(load, value->keys[i], value->items[i]);
}

/* --- the selector --- */

void load_selector(struct load *load, const char *key, const struct node *node, struct selector *selector)
{
	const struct convention *convention = &load->spec->convention;

	if (!load_is(load, node, NODE_MAPPING, "`call`"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct near near = load_near(load, node->keys[i]->text);
		size_t part = 0;

		for (; part < convention->selector_count; part++) {
			if (!strcmp(convention->selector_name[part], near.wanted))
				break;
			near_consider(&near, convention->selector_name[part]);
		}
		if (part == convention->selector_count)
			load_error(load, node->keys[i], "unknown-key", "the selector has no part `%s`%s", near.wanted,
				   near_hint(load->arena, &near));
		else if (load_value(load, key, node->items[i], (struct int_type){ 64, false }, &selector->value[part]))
			selector->known |= 1u << part;
	}
}

static void read_call(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load_selector(load, key, value, &load->chapter_selector);
}

static void read_presence(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct spec_call *call = arena_alloc(load->arena, sizeof(*call));

	(void)key;
	*(const struct spec_call **)slot = call;
	load_call(load, CALL_PRESENCE, value, call);
}

static void read_entries(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_entries(load, value);
}

static void read_structures(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_structures(load, value);
}

static const struct key chapter_keys[] = {
	{ "chapter", true, read_own_name, 0 },
	{ "title", true, read_text, offsetof(struct chapter, title) },
	{ "cite", true, read_cite, offsetof(struct chapter, cite) },
	{ "since", false, read_version, offsetof(struct chapter, since) },
	{ "until", false, read_version, offsetof(struct chapter, until) },
	{ "call", false, read_call, 0 },
	{ "types", false, read_types, 0 },
	{ "state", false, read_state, 0 },
	{ "presence", false, read_presence, offsetof(struct chapter, presence) },
	{ "entries", false, read_entries, 0 },
	{ "structures", false, read_structures, 0 },
};
static const struct mapping chapter_mapping = MAPPING("a chapter", chapter_keys);

static const struct entry **entries_of(struct load *load, const struct chapter *chapter, size_t *count)
{
	const struct entry **entries = arena_new_array(load->arena, const struct entry *, load->entries.count);

	*count = 0;
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		if (entry->chapter == chapter)
			entries[(*count)++] = entry;
	}
	return entries;
}

void load_chapter(struct load *load, const struct node *node, const char *expected_name)
{
	struct chapter *chapter = arena_alloc(load->arena, sizeof(*chapter));
	const struct node *name = node_get(node, "chapter");

	/* The name is wanted early: ids and scoped names are made of it. */
	*chapter = (struct chapter){
		.name = "", .title = "", .where = node->where, .since = -1, .until = -1, .number = (unsigned)load->chapters.count
	};
	if (name && name->kind == NODE_SCALAR)
		chapter->name = name->text;
	if (expected_name && name && strcmp(chapter->name, expected_name))
		load_error(load, name, "unknown-chapter", "this is the file of chapter `%s`, got `%s`", expected_name,
			   chapter->name);
	list_add(&load->chapters, chapter);
	load->chapter = chapter;
	load->chapter_selector = (struct selector){ 0 };
	load_mapping(load, &chapter_mapping, node, chapter);
	if (node->kind == NODE_MAPPING && !node_get(node, "entries") && !node_get(node, "structures"))
		load_error(load, node, "missing-key", "a chapter needs the key `entries` (or `structures`)");
	chapter->entries = entries_of(load, chapter, &chapter->entry_count);
	load->chapter = NULL;
}
