/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules of an entry, what upstream leaves open, what cannot be seen, and effects on the model.
 */
#include "spec/load.h"

#include <string.h>

struct rule_text {
	struct rule *rule;
	const char *id, *cite, *note, *reason;
	int since, until;
	bool likely;
	const struct node *when, *must[MAY + 1];
};

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (load_is(load, value, NODE_SCALAR, arena_printf(load->arena, "`%s`", key)))
		*(const struct node **)slot = value;
}

static const char *const confidences[] = { "likely" };

static void read_confidence(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(bool *)slot = load_choice(load, key, value, confidences, 1) == 0;
}

static const struct key rule_keys[] = {
	{ "id", true, read_id, offsetof(struct rule_text, id) },
	{ "cite", true, read_cite, offsetof(struct rule_text, cite) },
	{ "since", false, read_version, offsetof(struct rule_text, since) },
	{ "until", false, read_version, offsetof(struct rule_text, until) },
	{ "when", false, keep_node, offsetof(struct rule_text, when) },
	{ "must", false, keep_node, offsetof(struct rule_text, must[MUST]) },
	{ "must_not", false, keep_node, offsetof(struct rule_text, must[MUST_NOT]) },
	{ "should", false, keep_node, offsetof(struct rule_text, must[SHOULD]) },
	{ "may", false, keep_node, offsetof(struct rule_text, must[MAY]) },
	{ "confidence", false, read_confidence, offsetof(struct rule_text, likely) },
	{ "note", false, read_text, offsetof(struct rule_text, note) },
};
static const struct key unspecified_keys[] = {
	{ "id", true, read_id, offsetof(struct rule_text, id) },
	{ "cite", true, read_cite, offsetof(struct rule_text, cite) },
	{ "since", false, read_version, offsetof(struct rule_text, since) },
	{ "until", false, read_version, offsetof(struct rule_text, until) },
	{ "when", false, keep_node, offsetof(struct rule_text, when) },
	{ "note", true, read_text, offsetof(struct rule_text, note) },
};
static const struct key unobservable_keys[] = {
	{ "id", true, read_id, offsetof(struct rule_text, id) },
	{ "cite", true, read_cite, offsetof(struct rule_text, cite) },
	{ "since", false, read_version, offsetof(struct rule_text, since) },
	{ "until", false, read_version, offsetof(struct rule_text, until) },
	{ "note", true, read_text, offsetof(struct rule_text, note) },
	{ "reason", true, read_text, offsetof(struct rule_text, reason) },
};
static const struct mapping rule_mapping = MAPPING("a rule", rule_keys);
static const struct mapping unspecified_mapping = MAPPING("an unspecified item", unspecified_keys);
static const struct mapping unobservable_mapping = MAPPING("an unobservable item", unobservable_keys);

/* The one of must, must_not, should and may that is written. */
static const struct node *only_demand(struct load *load, const struct node *node, const struct rule_text *text, struct rule *rule)
{
	const struct node *demand = NULL;

	for (unsigned strength = MUST; strength <= MAY; strength++) {
		if (!text->must[strength])
			continue;
		if (demand) {
			load_error(load, text->must[strength], "conflicting-keys",
				   "a rule has one of must, must_not, should and may");
			continue;
		}
		demand = text->must[strength];
		rule->strength = (enum strength)strength;
	}
	if (!demand && !node_get(node, "must") && !node_get(node, "must_not") && !node_get(node, "should") &&
	    !node_get(node, "may"))
		load_error(load, node, "missing-key", "a rule needs one of the keys must, must_not, should and may");
	return demand;
}

static void check_twice(struct load *load, const struct node *node, const char *id)
{
	for (size_t i = 0; i < load->entry_rules->count; i++) {
		const struct rule *other = load->entry_rules->items[i];

		if (strcmp(other->id, id))
			continue;
		load_error(load, node, "duplicate-id", "a second `%s`; the first one is in line %u", id, other->where.line);
		return;
	}
}

static void load_rule(struct load *load, const struct mapping *mapping, const struct node *node, enum strength strength)
{
	struct entry *entry = load->entry;
	struct rule *rule = arena_alloc(load->arena, sizeof(*rule));
	struct rule_text text = { .id = "", .cite = entry->cite, .since = -1, .until = -1 };
	const struct node *demand = NULL;

	if (!load_is(load, node, NODE_MAPPING, mapping->what))
		return;
	load_mapping(load, mapping, node, &text);
	*rule = (struct rule){
		.id = text.id,
		.cite = text.cite,
		.where = node->where,
		.strength = strength,
		.likely = text.likely,
		.note = text.note,
		.reason = text.reason,
		.entry = entry,
		.number = (unsigned)load->rules.count,
		.since = text.since < 0 ? entry->since : text.since,
		.until = text.until < 0 ? entry->until : text.until,
		.full_id = arena_printf(load->arena, "%s:%s", entry->full_id, text.id),
	};
	if (strength == MUST)
		demand = only_demand(load, node, &text, rule);
	if (node_get(node, "id"))
		check_twice(load, node_get(node, "id"), rule->id);
	list_add(&load->rules, rule);
	list_add(load->entry_rules, rule);
	if (text.when)
		load_expr(load, text.when, &rule->when, true, SEE_ARGS | SEE_RESULTS | SEE_WORLD);
	if (demand)
		load_expr(load, demand, &rule->must, true, SEE_ARGS | SEE_RESULTS | SEE_WORLD);
}

static void load_rules(struct load *load, const char *key, const struct mapping *mapping, const struct node *node,
		       enum strength strength)
{
	if (!load_list(load, key, node, LIMIT_RULES))
		return;
	for (size_t i = 0; i < node->count; i++)
		load_rule(load, mapping, node->items[i], strength);
}

void read_rules(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load_rules(load, key, &rule_mapping, value, MUST);
}

void read_unspecified(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load_rules(load, key, &unspecified_mapping, value, UNSPECIFIED);
}

void read_unobservable(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	load_rules(load, key, &unobservable_mapping, value, UNOBSERVABLE);
}

/* --- effects --- */

#define EACH 4096

struct effect_text {
	const struct node *when, *set;
	unsigned each;
};

static void keep_set(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	if (load_is(load, value, NODE_MAPPING, "`set`"))
		*(const struct node **)slot = value;
}

static void read_each(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *each = slot;

	if (!load_is(load, value, NODE_MAPPING, "`each`"))
		return;
	if (value->count != 1 || strcmp(value->keys[0]->text, "i")) {
		load_error(load, value, "bad-name", "`each` is { i: TIMES }");
		return;
	}
	read_unsigned(load, key, value->items[0], each);
	if (!*each || *each > EACH) {
		load_error(load, value->items[0], "bad-range", "`each` repeats 1 to %d times, got %s", EACH,
			   value->items[0]->text);
		*each = 1;
	}
}

static const struct key effect_keys[] = {
	{ "when", false, keep_node, offsetof(struct effect_text, when) },
	{ "set", true, keep_set, offsetof(struct effect_text, set) },
	{ "each", false, read_each, offsetof(struct effect_text, each) },
};
static const struct mapping effect_mapping = MAPPING("an effect", effect_keys);

/* The text between the bracket at `open` and its partner; NULL when there is none. Cut at commas outside brackets. */
static const char *split_index(struct load *load, const char *open, const char *part[2], unsigned *count)
{
	const char *start = open + 1, *at = start;
	unsigned depth = 1;

	for (; *at; at++) {
		depth += (*at == '[' || *at == '(' || *at == '{') - (*at == ']' || *at == ')' || *at == '}');
		if (!depth || (depth == 1 && *at == ',')) {
			if (*count < 2)
				part[*count] = arena_printf(load->arena, "%.*s", (int)(at - start), start);
			++*count;
			start = at + 1;
		}
		if (!depth)
			return *at == ']' ? at + 1 : NULL;
	}
	return NULL;
}

/* `name`, `name[a]`, `name[a][b]` or `name[a, b]`. */
static bool split_target(struct load *load, const struct node *target, const char **name, const char *part[2], unsigned *count)
{
	size_t length = strcspn(target->text, "[");
	const char *at = target->text + length;

	*name = arena_printf(load->arena, "%.*s", (int)length, target->text);
	while (at && *at) {
		if (*at != '[') {
			at = NULL;
			break;
		}
		at = split_index(load, at, part, count);
	}
	if (at)
		return true;
	load_error(load, target, "bad-expression", "a state variable with its index was expected (hart_state[hartid]), got `%s`",
		   target->text);
	return false;
}

/* The place of a part of the key's text, for messages. */
static struct node part_node(const struct node *target, const char *text)
{
	struct node node = *target;
	const char *found = strstr(target->text + strcspn(target->text, "["), text);

	node.text = text;
	node.where.column += (unsigned)(found ? found - target->text : 0);
	return node;
}

static void run_effect(struct load *load, const struct work *work)
{
	struct effect *effect = work->slot;
	const struct node *target = work->node;
	const char *name, *part[2] = { NULL, NULL };
	unsigned count = 0;
	struct name found;

	if (!split_target(load, target, &name, part, &count))
		return;
	if (!scope_find(&work->scope, name, &found) || found.kind != NAME_STATE) {
		struct near near = load_near(load, name);

		for (size_t i = 0; i < load->states.count; i++)
			near_consider(&near, ((const struct state *)load->states.items[i])->name);
		load_error(load, target, "unknown-name", "there is no state variable `%s`%s", name,
			   near_hint(load->arena, &near));
		return;
	}
	if (count != found.keys) {
		load_error(load, target, "bad-expression", "`%s` has %u index expressions, got %u", name, found.keys, count);
		return;
	}
	effect->state = found.index;
	effect->keys = count;
	for (unsigned i = 0; i < count; i++) {
		struct node node = part_node(target, part[i]);

		effect->key[i] = scope_parse(load, &work->scope, arena_copy(load->arena, &node, sizeof(node)), false);
	}
}

/* One effect for each variable that `set` names. */
static void load_effect(struct load *load, const struct node *node, struct entry *entry, struct effect *effects)
{
	struct effect_text text = { 0 };

	load_mapping(load, &effect_mapping, node, &text);
	for (size_t i = 0; text.set && i < text.set->count; i++) {
		struct effect *effect = &effects[entry->effect_count++];
		unsigned see = SEE_ARGS | SEE_RESULTS | SEE_WORLD | (text.each ? SEE_EACH : 0u);

		effect->each = text.each;
		load_later(load, (struct work){
					 .run = run_effect,
					 .node = text.set->keys[i],
					 .slot = effect,
					 .scope = { .load = load, .chapter = load->chapter, .entry = load->entry, .see = see },
				 });
		if (text.when)
			load_expr(load, text.when, &effect->when, true, see);
		if (text.set->items[i]->kind != NODE_SCALAR || strcmp(text.set->items[i]->text, "unknown"))
			load_expr(load, text.set->items[i], &effect->value, false, see);
	}
}

void read_effects(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct entry *entry = slot;
	struct effect *effects;
	size_t total = 0;

	if (!load_list(load, key, value, 256))
		return;
	for (size_t i = 0; i < value->count; i++) {
		const struct node *set = node_get(value->items[i], "set");

		total += set ? set->count : 0;
	}
	entry->effects = effects = arena_new_array(load->arena, struct effect, total);
	for (size_t i = 0; i < value->count; i++)
		load_effect(load, value->items[i], entry, effects);
}
