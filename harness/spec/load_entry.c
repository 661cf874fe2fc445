/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of a chapter.
 */
#include "spec/load.h"

#include <stdlib.h>
#include <string.h>

static void read_selector(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct entry *entry = slot;
	struct selector selector = { .known = entry->selector_known };

	memcpy(selector.value, entry->selector, sizeof(selector.value));
	load_selector(load, key, value, &selector);
	entry->selector_known = selector.known;
	memcpy(entry->selector, selector.value, sizeof(selector.value));
}

static void read_args(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_args(load, value, slot);
}

static void read_results(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_results(load, value, slot);
}

static void report_unknown_error(struct load *load, const struct node *node)
{
	struct near near = load_near(load, node->text);

	for (size_t i = 0; i < load->spec->error_count; i++)
		near_consider(&near, load->spec->errors[i].name);
	load_error(load, node, "unknown-error", "the interface has no error `%s`%s", node->text, near_hint(load->arena, &near));
}

static void read_errors(struct load *load, const char *key, const struct node *value, void *slot)
{
	const struct spec *spec = load->spec;
	struct entry *entry = slot;
	size_t count;
	const char *const *names = load_names(load, key, value, LIMIT_NAMES, &count);
	struct named_value *errors = arena_new_array(load->arena, struct named_value, count);

	if (value->kind != NODE_SEQUENCE)
		return;
	for (size_t i = 0; i < count; i++) {
		size_t number = 0;

		while (number < spec->error_count && strcmp(spec->errors[number].name, names[i]))
			number++;
		if (number < spec->error_count)
			errors[entry->error_count++] = spec->errors[number];
		else
			report_unknown_error(load, value->items[i]);
	}
	entry->errors = errors;
}

/* --- optional --- */

static void read_absent(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_expr(load, value, slot, true, SEE_RESULTS | SEE_ARGS | SEE_WORLD);
}

static const struct key optional_keys[] = {
	{ "absent", true, read_absent, offsetof(struct entry, absent) },
	{ "cite", false, read_nothing, 0 },
};
static const struct mapping optional_mapping = MAPPING("`optional`", optional_keys);

static void read_optional(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_mapping(load, &optional_mapping, value, slot);
}

/* --- words --- */

/* In the order of enum outcome_bit. */
static const char *const outcomes[] = { "returns", "lands", "stops", "blocks", "shutdown", "reset", "traps" };
static const char *const callers[] = { "any", "secondary" };
static const char *const outputs[] = { "none", "any" };

static void read_outcomes(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *bits = slot;

	if (!load_list(load, key, value, sizeof(outcomes) / sizeof(outcomes[0])))
		return;
	*bits = 0;
	for (size_t i = 0; i < value->count; i++) {
		int number = load_choice(load, key, value->items[i], outcomes, sizeof(outcomes) / sizeof(outcomes[0]));

		if (number >= 0 && *bits & 1u << number)
			load_error(load, value->items[i], "duplicate-id", "`%s`: `%s` is there for the second time", key,
				   value->items[i]->text);
		if (number >= 0)
			*bits |= 1u << number;
	}
	if (!value->count)
		load_error(load, value, "missing-key", "`outcomes` names at least one outcome");
}

static void read_caller(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(bool *)slot = load_choice(load, key, value, callers, 2) == 1;
}

static void read_output(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(bool *)slot = load_choice(load, key, value, outputs, 2) == 1;
}

static const struct key console_keys[] = {
	{ "output", false, read_output, offsetof(struct entry, console_output) },
	{ "input", false, read_text, offsetof(struct entry, console_input) },
};
static const struct mapping console_mapping = MAPPING("`console`", console_keys);

static void read_console(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_mapping(load, &console_mapping, value, slot);
}

static void read_preserved(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	*(const struct preserved **)slot = load_preserved(load, value);
}

/* The registers are the convention's: it is loaded before the first chapter. */
static void read_changes(struct load *load, const char *key, const struct node *value, void *slot)
{
	const struct convention *convention = &load->spec->convention;
	uint32_t *changes = slot;

	if (!load_list(load, key, value, SPEC_CONTROL))
		return;
	for (size_t i = 0; i < value->count; i++) {
		int number = load_choice(load, key, value->items[i], convention->control, convention->control_count);

		if (number >= 0)
			*changes |= UINT32_C(1) << number;
	}
}

/* --- calls before and after --- */

static const struct spec_call *load_steps(struct load *load, const char *key, const struct node *node, enum call_kind kind,
					  size_t *count)
{
	struct spec_call *calls;

	*count = 0;
	if (!load_list(load, key, node, SPEC_STEPS))
		return NULL;
	calls = arena_new_array(load->arena, struct spec_call, node->count);
	for (size_t i = 0; i < node->count; i++)
		load_call(load, kind, node->items[i], &calls[i]);
	*count = node->count;
	return calls;
}

static void read_prepare(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct entry *entry = slot;

	entry->prepare = load_steps(load, key, value, CALL_PREPARE, &entry->prepare_count);
}

static void read_restore(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct entry *entry = slot;

	entry->restore = load_steps(load, key, value, CALL_STEP, &entry->restore_count);
}

static void read_samples(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_samples(load, value, slot);
}

static const struct key entry_keys[] = {
	{ "name", true, read_nothing, 0 },
	{ "title", false, read_text, offsetof(struct entry, title) },
	{ "cite", false, read_cite, offsetof(struct entry, cite) },
	{ "since", false, read_version, offsetof(struct entry, since) },
	{ "until", false, read_version, offsetof(struct entry, until) },
	{ "call", false, read_selector, 0 },
	{ "args", false, read_args, 0 },
	{ "results", false, read_results, 0 },
	{ "errors", false, read_errors, 0 },
	{ "optional", false, read_optional, 0 },
	{ "outcomes", false, read_outcomes, offsetof(struct entry, outcomes) },
	{ "caller", false, read_caller, offsetof(struct entry, secondary) },
	{ "console", false, read_console, 0 },
	{ "preserved", false, read_preserved, offsetof(struct entry, preserved) },
	{ "changes", false, read_changes, offsetof(struct entry, changes) },
	{ "deadline", false, read_time, offsetof(struct entry, deadline_ns) },
	{ "settle", false, read_time, offsetof(struct entry, settle_ns) },
	{ "prepare", false, read_prepare, 0 },
	{ "restore", false, read_restore, 0 },
	{ "samples", false, read_samples, 0 },
	{ "effects", false, read_effects, 0 },
	{ "rules", false, read_rules, 0 },
	{ "unspecified", false, read_unspecified, 0 },
	{ "unobservable", false, read_unobservable, 0 },
	{ "accept", false, read_accept, 0 }, /* names rules */
};
static const struct mapping entry_mapping = MAPPING("an entry", entry_keys);

static void check_twice(struct load *load, const struct entry *entry, const struct node *node)
{
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *other = load->entries.items[i];

		if (other->chapter != entry->chapter || strcmp(other->name, entry->name))
			continue;
		load_error(load, node, "duplicate-id", "a second entry `%s`; the first one is in line %u", entry->name,
			   other->where.line);
		return;
	}
}

struct entry *load_new_entry(struct load *load, const struct node *node)
{
	struct entry *entry = arena_alloc(load->arena, sizeof(*entry));
	const struct node *name = node_get(node, "name");

	*entry = (struct entry){
		.name = "",
		.where = node->where,
		.chapter = load->chapter,
		.number = (unsigned)load->entries.count,
		.since = load->chapter->since,
		.until = load->chapter->until,
		.cite = load->chapter->cite,
		.outcomes = OUTCOME_RETURNS,
		.deadline_ns = load->spec->convention.deadline_ns,
		.selector_known = load->chapter_selector.known,
	};
	memcpy(entry->selector, load->chapter_selector.value, sizeof(entry->selector));
	if (name) {
		read_name(load, "name", name, &entry->name);
		check_twice(load, entry, name);
	}
	entry->full_id = arena_printf(load->arena, "%s.%s.%s", load->spec->name, load->chapter->name, entry->name);
	list_add(&load->entries, entry);
	load->entry = entry;
	load->entry_rules = arena_alloc(load->arena, sizeof(*load->entry_rules));
	return entry;
}

void load_finish_entry(struct load *load, struct entry *entry)
{
	struct list *rules = load->entry_rules;

	entry->rules = arena_copy(load->arena, rules->items, rules->count * sizeof(rules->items[0]));
	entry->rule_count = rules->count;
	free(rules->items);
	load->entry_rules = NULL;
	load->entry = NULL;
}

/* Without `args` and `results` the convention still says where results are. */
static void load_entry(struct load *load, const struct node *node)
{
	struct entry *entry;

	if (!load_is(load, node, NODE_MAPPING, "an entry"))
		return;
	entry = load_new_entry(load, node);
	entry->result_count = load->spec->convention.result_count;
	entry->results = load->spec->convention.results;
	if (node_get(node, "args") == NULL)
		load_args(load, NULL, entry);
	load_mapping(load, &entry_mapping, node, entry);
	load_finish_entry(load, entry);
}

void load_entries(struct load *load, const struct node *node)
{
	if (!load_is(load, node, NODE_SEQUENCE, "`entries`"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		if (load->entries.count == LIMIT_ENTRIES) {
			load_error(load, node->items[i], "too-many", "an interface has at most %d entries", LIMIT_ENTRIES);
			return;
		}
		load_entry(load, node->items[i]);
	}
}
