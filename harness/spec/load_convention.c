/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calling convention of an interface.
 */
#include "spec/load.h"

#include <stdio.h>
#include <string.h>

static const char *const byte_orders[] = { "little", "big" };

static void read_byte_order(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(bool *)slot = load_choice(load, key, value, byte_orders, 2) == 1;
}

static void read_word(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *word = slot;

	read_unsigned(load, key, value, word);
	if (*word != 16 && *word != 32 && *word != 64) {
		load_error(load, value, "bad-range", "`%s` is 16, 32 or 64 bits, got %s", key, value->text);
		*word = 64;
	}
}

static void read_selector(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;

	if (!load_is(load, value, NODE_MAPPING, "`selector`"))
		return;
	for (size_t i = 0; i < value->count; i++) {
		size_t number = convention->selector_count;

		if (number == SPEC_RESULTS) {
			load_error(load, value->keys[i], "too-many", "`selector` has at most %d parts", SPEC_RESULTS);
			return;
		}
		read_name(load, key, value->keys[i], &convention->selector_name[number]);
		if (load_place(load, key, value->items[i], &convention->selector[number]) && convention->selector_name[number])
			convention->selector_count++;
	}
}

static void read_arguments(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;
	const char *const *names = load_names(load, key, value, SPEC_ARGS, &convention->argument_count);

	for (size_t i = 0; i < convention->argument_count; i++)
		convention->arguments[i] = names[i];
}

struct result_text {
	struct result result;
	const struct node *place;
};

static void keep_place(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	*(const struct node **)slot = value;
}

static const struct key result_keys[] = {
	{ "name", true, read_name, offsetof(struct result_text, result.name) },
	{ "type", true, read_type, offsetof(struct result_text, result.type) },
	{ "in", true, keep_place, offsetof(struct result_text, place) },
	{ "produces", false, read_name, offsetof(struct result_text, result.produces) },
};
static const struct mapping result_mapping = MAPPING("a result of the convention", result_keys);

static void read_results(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;

	if (!load_list(load, key, value, SPEC_RESULTS))
		return;
	for (size_t i = 0; i < value->count; i++) {
		struct result_text text = { .result = { .name = "", .type = load_plain_type(load, "u64") } };

		load_mapping(load, &result_mapping, value->items[i], &text);
		if (text.place)
			load_place(load, "in", text.place, &text.result.place);
		for (size_t k = 0; k < convention->result_count; k++) {
			if (!strcmp(convention->results[k].name, text.result.name))
				load_error(load, value->items[i], "duplicate-id", "a second result `%s`", text.result.name);
		}
		convention->results[convention->result_count++] = text.result;
	}
}

struct preserved_text {
	const struct node *all_but, *only;
	const char *cite;
};

static const struct key preserved_keys[] = {
	{ "all_but", false, keep_place, offsetof(struct preserved_text, all_but) },
	{ "only", false, keep_place, offsetof(struct preserved_text, only) },
	{ "cite", false, read_cite, offsetof(struct preserved_text, cite) },
};
static const struct mapping preserved_mapping = MAPPING("`preserved`", preserved_keys);

struct preserved *load_preserved(struct load *load, const struct node *node)
{
	struct preserved *preserved = arena_alloc(load->arena, sizeof(*preserved));
	struct preserved_text text = { 0 };

	load_mapping(load, &preserved_mapping, node, &text);
	if (node->kind == NODE_MAPPING && !text.all_but == !text.only) {
		load_error(load, node, text.only ? "conflicting-keys" : "missing-key",
			   "`preserved` has one of the keys `all_but` and `only`");
		return preserved;
	}
	preserved->all_but = text.all_but;
	preserved->cite = text.cite;
	if (text.all_but || text.only)
		preserved->names = load_names(load, text.all_but ? "all_but" : "only", text.all_but ? text.all_but : text.only,
					      256, &preserved->count);
	return preserved;
}

static void read_preserved(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;
	const struct preserved *preserved = load_preserved(load, value);

	(void)key;
	convention->preserve_all_but = preserved->all_but;
	convention->preserved = preserved->names;
	convention->preserved_count = preserved->count;
	convention->cites[UNIVERSAL_PRESERVED_REGISTERS] = preserved->cite;
}

static void read_control_names(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;
	size_t count;
	const char *const *names = load_names(load, key, value, SPEC_CONTROL, &count);

	for (size_t i = 0; i < count; i++) {
		if (convention->control_count == SPEC_CONTROL) {
			load_error(load, value, "too-many", "`control` has at most %d registers", SPEC_CONTROL);
			return;
		}
		for (size_t k = 0; k < convention->control_count; k++) {
			if (!strcmp(convention->control[k], names[i]))
				load_error(load, value->items[i], "duplicate-id", "`%s` is there for the second time", names[i]);
		}
		convention->control[convention->control_count++] = names[i];
	}
}

static void read_control_preserved(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;

	read_control_names(load, key, value, slot);
	convention->control_preserved = convention->control_count;
}

/* The order matters: the preserved ones come first. */
static const struct key control_keys[] = {
	{ "preserved", false, read_control_preserved, 0 },
	{ "watched", false, read_control_names, 0 },
	{ "cite", false, read_cite, offsetof(struct convention, cites[UNIVERSAL_PRESERVED_CONTROL]) },
};
static const struct mapping control_mapping = MAPPING("`control`", control_keys);

static void read_control(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_mapping(load, &control_mapping, value, slot);
}

/* The result of this name, or -1 after a finding. */
static int result_number(struct load *load, const char *key, const struct node *name)
{
	const struct convention *convention = &load->spec->convention;
	struct near near = load_near(load, name->text);

	for (size_t i = 0; i < convention->result_count; i++) {
		if (!strcmp(convention->results[i].name, name->text))
			return (int)i;
		near_consider(&near, convention->results[i].name);
	}
	load_error(load, name, "unknown-name", "`%s`: there is no result `%s`%s", key, name->text, near_hint(load->arena, &near));
	return -1;
}

static void read_success(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;
	int number;

	if (!load_is(load, value, NODE_MAPPING, "`success`"))
		return;
	if (value->count != 1) {
		load_error(load, value, "wrong-type", "`%s` is one result with its value, got %zu", key, value->count);
		return;
	}
	number = result_number(load, key, value->keys[0]);
	if (number >= 0 &&
	    load_value(load, key, value->items[0], convention->results[number].type->base, &convention->success.value))
		convention->success.result = number;
}

static void read_status(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (load_is(load, value, NODE_SCALAR, "`status`"))
		*(int *)slot = result_number(load, key, value);
}

static void read_unsupported_must(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_expr(load, value, slot, true, SEE_RESULTS);
}

static const struct key unsupported_keys[] = {
	{ "must", true, read_unsupported_must, offsetof(struct convention, unsupported) },
	{ "cite", false, read_cite, offsetof(struct convention, cites[UNIVERSAL_UNSUPPORTED]) },
};
static const struct mapping unsupported_mapping = MAPPING("`unsupported`", unsupported_keys);

static void read_unsupported(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_mapping(load, &unsupported_mapping, value, slot);
}

static void read_bring_up(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;
	struct spec_call *call = arena_alloc(load->arena, sizeof(*call));

	(void)key;
	convention->bring_up = call;
	load_call(load, CALL_BRING_UP, value, call);
}

static void run_leave(struct load *load, const struct work *work)
{
	load->spec->convention.handler_leave = load_find_entry(load, "handler_leave", work->node);
}

static void read_leave(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_later(load, (struct work){ .run = run_leave, .node = value });
}

static void run_first_call(struct load *load, const struct work *work)
{
	load->spec->convention.first_call = load_find_entry(load, "first_call", work->node);
}

static void read_first_call(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	(void)slot;
	load_later(load, (struct work){ .run = run_first_call, .node = value });
}

static void read_cites(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct convention *convention = slot;

	if (!load_is(load, value, NODE_MAPPING, "`cites`"))
		return;
	for (size_t i = 0; i < value->count; i++) {
		int rule = load_choice(load, key, value->keys[i], universal_rules, UNIVERSAL_COUNT);

		if (rule >= 0)
			read_cite(load, key, value->items[i], &convention->cites[rule]);
	}
}

static void read_left_open(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *unspecified = slot;

	if (!load_is(load, value, NODE_SEQUENCE, "`unspecified`"))
		return;
	for (size_t i = 0; i < value->count; i++) {
		int rule = load_choice(load, key, value->items[i], universal_rules, UNIVERSAL_COUNT);

		if (rule >= 0)
			*unspecified |= 1u << rule;
	}
}

/* Their types are declared later than the convention: they are read with each entry. */
static void read_every_call(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)slot;
	if (load_list(load, key, value, SPEC_ARGS))
		load->every_call = value;
}

static void read_block(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct place *place = arena_alloc(load->arena, sizeof(*place));

	if (load_place(load, key, value, place))
		*(const struct place **)slot = place;
}

static const struct key convention_keys[] = {
	{ "gate", true, read_name, offsetof(struct convention, gate) },
	{ "word", true, read_word, offsetof(struct convention, word) },
	{ "byte_order", true, read_byte_order, offsetof(struct convention, big_endian) },
	{ "block", false, read_block, offsetof(struct convention, block) },
	{ "selector", false, read_selector, 0 },
	{ "arguments", false, read_arguments, 0 },
	{ "every_call", false, read_every_call, 0 },
	{ "results", false, read_results, 0 },
	{ "preserved", false, read_preserved, 0 },
	{ "control", false, read_control, 0 },
	{ "success", false, read_success, 0 },
	{ "status", false, read_status, offsetof(struct convention, status) },
	{ "unsupported", false, read_unsupported, 0 },
	{ "bring_up", false, read_bring_up, 0 },
	{ "deadline", false, read_time, offsetof(struct convention, deadline_ns) },
	{ "handler_leave", false, read_leave, 0 },
	{ "first_call", false, read_first_call, 0 },
	{ "cites", false, read_cites, 0 },
	{ "unspecified", false, read_left_open, offsetof(struct convention, unspecified) },
};
static const struct mapping convention_mapping = MAPPING("`convention`", convention_keys);

void load_convention(struct load *load, const struct node *node)
{
	struct convention *convention = &load->spec->convention;

	load_mapping(load, &convention_mapping, node, convention);
	if (!convention->gate)
		convention->gate = "";
}
