/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments and results of an entry.
 */
#include "spec/load.h"

#include <stdlib.h>
#include <string.h>

/* An argument as it is written: names of other arguments are resolved when all of them are known. */
struct arg_text {
	struct arg arg;
	const struct node *node, *place, *nominal, *base, *high, *high_of, *length_of, *unit, *size, *special, *plus;
	const char *code, *handle;
	int role; /* 1 + position in roles[]; 0: not written */
	bool has_buffer;
};

static const char *const roles[] = { "hart", "hart_mask", "hart_mask_base", "time", "pages", "range_size", "caller" };
static const enum role role_of[] = { ROLE_HART,	 ROLE_HART_MASK,  ROLE_HART_MASK_BASE, ROLE_TIME,
				     ROLE_PAGES, ROLE_RANGE_SIZE, ROLE_CALLER };
static const char *const pads[] = { "park", "handler" };
static const char *const directions[] = { "in", "out", "inout" };

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (load_is(load, value, NODE_SCALAR, arena_printf(load->arena, "`%s`", key)))
		*(const struct node **)slot = value;
}

static void keep_list(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	*(const struct node **)slot = value;
}

static void read_role(struct load *load, const char *key, const struct node *value, void *slot)
{
	*(int *)slot = 1 + load_choice(load, key, value, roles, sizeof(roles) / sizeof(roles[0]));
}

static void read_pad(struct load *load, const char *key, const struct node *value, void *slot)
{
	int number = load_choice(load, key, value, pads, sizeof(pads) / sizeof(pads[0]));

	*(const char **)slot = pads[number < 0 ? 0 : number];
}

static void read_direction(struct load *load, const char *key, const struct node *value, void *slot)
{
	int number = load_choice(load, key, value, directions, 3);

	if (number >= 0)
		*(enum direction *)slot = (enum direction)(number + 1);
}

static void read_align(struct load *load, const char *key, const struct node *value, void *slot)
{
	unsigned *align = slot;

	read_unsigned(load, key, value, align);
	if (!*align || *align & (*align - 1)) {
		load_error(load, value, "bad-range", "`%s` is a power of two, got %s", key, value->text);
		*align = 1;
	}
}

static const struct key buffer_keys[] = {
	{ "size", false, keep_node, offsetof(struct arg_text, size) },
	{ "direction", true, read_direction, offsetof(struct arg_text, arg.direction) },
	{ "align", false, read_align, offsetof(struct arg_text, arg.align) },
	{ "high", false, keep_node, offsetof(struct arg_text, high) },
	{ "of", false, read_type, offsetof(struct arg_text, arg.of) },
	{ "special", false, keep_list, offsetof(struct arg_text, special) },
};
static const struct mapping buffer_mapping = MAPPING("`buffer`", buffer_keys);

static void read_buffer(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct arg_text *text = slot;

	(void)key;
	text->has_buffer = true;
	text->arg.direction = DIRECTION_INOUT;
	load_mapping(load, &buffer_mapping, value, text);
}

static const struct key arg_keys[] = {
	{ "name", true, read_name, offsetof(struct arg_text, arg.name) },
	{ "type", true, read_type, offsetof(struct arg_text, arg.type) },
	{ "in", false, keep_node, offsetof(struct arg_text, place) },
	{ "nominal", false, keep_node, offsetof(struct arg_text, nominal) },
	{ "role", false, read_role, offsetof(struct arg_text, role) },
	{ "base", false, keep_node, offsetof(struct arg_text, base) },
	{ "code", false, read_pad, offsetof(struct arg_text, code) },
	{ "buffer", false, read_buffer, 0 },
	{ "high_of", false, keep_node, offsetof(struct arg_text, high_of) },
	{ "length_of", false, keep_node, offsetof(struct arg_text, length_of) },
	{ "unit", false, keep_node, offsetof(struct arg_text, unit) },
	{ "handle", false, read_name, offsetof(struct arg_text, handle) },
	{ "plus", false, keep_node, offsetof(struct arg_text, plus) },
};
static const struct mapping arg_mapping = MAPPING("an argument", arg_keys);

/* What an argument is; two answers are one too many. */
static void settle_role(struct load *load, struct arg_text *text)
{
	const struct {
		bool is;
		enum role role;
		const char *key;
	} answers[] = {
		{ text->role > 0, text->role > 0 ? role_of[text->role - 1] : ROLE_PLAIN, "role" },
		{ text->code, ROLE_CODE, "code" },
		{ text->has_buffer, ROLE_BUFFER, "buffer" },
		{ text->high_of, ROLE_HIGH, "high_of" },
		{ text->length_of, ROLE_LENGTH, "length_of" },
		{ text->handle, ROLE_HANDLE, "handle" },
	};
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (!answers[i].is)
			continue;
		if (first)
			load_error(load, text->node, "conflicting-keys", "an argument has one of `%s` and `%s`", first,
				   answers[i].key);
		else
			text->arg.role = answers[i].role;
		first = first ? first : answers[i].key;
	}
	if (text->base && text->arg.role != ROLE_HART_MASK)
		load_error(load, text->base, "conflicting-keys", "`base` belongs to an argument with `role: hart_mask`");
	if (!text->base && text->arg.role == ROLE_HART_MASK)
		load_error(load, text->node, "missing-key", "an argument with `role: hart_mask` needs the key `base`");
	if (text->unit && text->arg.role != ROLE_LENGTH)
		load_error(load, text->unit, "conflicting-keys", "`unit` belongs to an argument with `length_of`");
	if (text->plus && text->arg.role != ROLE_HANDLE)
		load_error(load, text->plus, "conflicting-keys", "`plus` belongs to an argument with `handle`");
}

static void read_values(struct load *load, struct arg_text *text)
{
	struct arg *arg = &text->arg;

	arg->pad = text->code;
	arg->handle = text->handle;
	arg->unit = 1;
	if (text->unit)
		read_unsigned(load, "unit", text->unit, &arg->unit);
	if (!arg->unit) {
		load_error(load, text->unit, "bad-range", "`unit` is at least 1");
		arg->unit = 1;
	}
	if (text->plus)
		load_value(load, "plus", text->plus, arg->type->base, &arg->plus);
	arg->has_nominal = text->nominal && load_value(load, "nominal", text->nominal, arg->type->base, &arg->nominal);
	if (text->special)
		arg->special = load_set(load, "special", text->special, arg->type->base);
	if (arg->type->member_count)
		load_error(load, text->node, "bad-type",
			   "a struct is no argument; it lies in memory, behind a `buffer` with `of`");
}

static void load_arg(struct load *load, const struct node *node, struct arg_text *text)
{
	*text = (struct arg_text){ .node = node };
	text->arg =
		(struct arg){ .name = "", .where = node->where, .type = load_plain_type(load, "u64"), .other = -1, .align = 1 };
	load_mapping(load, &arg_mapping, node, text);
	settle_role(load, text);
	read_values(load, text);
}

/* --- places --- */

static void place_args(struct load *load, struct arg_text *texts, size_t count)
{
	const struct convention *convention = &load->spec->convention;
	size_t next = 0;

	for (size_t i = 0; i < count; i++) {
		struct place *place = &texts[i].arg.place;

		if (texts[i].place) {
			load_place(load, "in", texts[i].place, place);
			continue;
		}
		*place = (struct place){ .kind = PLACE_REGISTER, .reg = "" };
		if (texts[i].arg.role == ROLE_CALLER)
			load_error(load, texts[i].node, "missing-key",
				   "an argument with `role: caller` needs the key `in`: no register of the convention is what it "
				   "speaks of");
		else if (next < convention->argument_count)
			place->reg = convention->arguments[next];
		else
			load_error(load, texts[i].node, "bad-place",
				   "argument `%s` finds no register: the convention has %zu; write `in:`", texts[i].arg.name,
				   convention->argument_count);
		next++;
	}
}

/* --- arguments that speak of each other --- */

static int find_arg(struct load *load, const char *key, const struct node *name, const struct arg_text *texts, size_t count)
{
	struct near near = load_near(load, name->text);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(texts[i].arg.name, name->text))
			return (int)i;
	}
	for (size_t i = 0; i < count; i++)
		near_consider(&near, texts[i].arg.name);
	load_error(load, name, "unknown-name", "`%s`: there is no argument `%s`%s", key, name->text,
		   near_hint(load->arena, &near));
	return -1;
}

/* The argument that `key` names must play a role of its own. */
static int find_role(struct load *load, const char *key, const struct node *name, const struct arg_text *texts, size_t count,
		     enum role role, const char *expected)
{
	int number = find_arg(load, key, name, texts, count);

	if (number < 0 || texts[number].arg.role == role)
		return number;
	load_error(load, name, "bad-role", "`%s`: the argument `%s` must be %s", key, name->text, expected);
	return -1;
}

static void link_high(struct load *load, struct arg_text *texts, size_t count, size_t buffer)
{
	int high = find_arg(load, "high", texts[buffer].high, texts, count);

	if (high < 0)
		return;
	if (texts[high].arg.role != ROLE_PLAIN && texts[high].arg.role != ROLE_HIGH) {
		load_error(load, texts[buffer].high, "bad-role", "`high`: the argument `%s` is something else already",
			   texts[high].arg.name);
		return;
	}
	texts[high].arg.role = ROLE_HIGH;
	texts[high].arg.other = (int)buffer;
	texts[buffer].arg.other = high;
}

static void link_args(struct load *load, struct arg_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arg_text *text = &texts[i];

		if (text->base)
			text->arg.other = find_role(load, "base", text->base, texts, count, ROLE_HART_MASK_BASE,
						    "of `role: hart_mask_base`");
		if (text->length_of)
			text->arg.other = find_role(load, "length_of", text->length_of, texts, count, ROLE_BUFFER, "a `buffer`");
		if (text->high_of)
			text->arg.other = find_role(load, "high_of", text->high_of, texts, count, ROLE_BUFFER, "a `buffer`");
		if (text->high_of && text->arg.other >= 0)
			texts[text->arg.other].arg.other = (int)i;
		if (text->high)
			link_high(load, texts, count, i);
	}
}

static void number_buffers(struct load *load, struct entry *entry, struct arg_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (texts[i].arg.role != ROLE_BUFFER)
			continue;
		if (entry->buffer_count == SPEC_BUFFERS) {
			load_error(load, texts[i].node, "too-many", "an entry has at most %d buffers", SPEC_BUFFERS);
			return;
		}
		texts[i].arg.buffer = (unsigned)entry->buffer_count;
		entry->buffers[entry->buffer_count++] = (unsigned)i;
	}
}

static void check_twice(struct load *load, const struct arg_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(texts[i].arg.name, texts[k].arg.name))
				load_error(load, texts[i].node, "duplicate-id", "a second argument `%s`", texts[i].arg.name);
		}
	}
}

/* Appends a list to the arguments that are there; returns how many there are then. */
static size_t add_args(struct load *load, const char *key, const struct node *list, struct arg_text *texts, size_t count)
{
	if (!list || !load_list(load, key, list, SPEC_ARGS - count))
		return count;
	for (size_t i = 0; i < list->count; i++)
		load_arg(load, list->items[i], &texts[count + i]);
	return count + list->count;
}

void load_args(struct load *load, const struct node *node, struct entry *entry)
{
	struct arg_text texts[SPEC_ARGS];
	size_t count = add_args(load, "args", node, texts, 0);
	struct arg *args;

	count = add_args(load, "every_call", load->every_call, texts, count);
	check_twice(load, texts, count);
	place_args(load, texts, count);
	link_args(load, texts, count);
	number_buffers(load, entry, texts, count);
	entry->args = args = arena_new_array(load->arena, struct arg, count);
	entry->arg_count = count;
	for (size_t i = 0; i < count; i++) {
		args[i] = texts[i].arg;
		if (texts[i].size)
			load_expr(load, texts[i].size, &args[i].size, false, SEE_ARGS);
	}
}

/* --- results --- */

struct result_text {
	struct result result;
	const struct node *place;
};

static const struct key result_keys[] = {
	{ "name", false, read_name, offsetof(struct result_text, result.name) },
	{ "type", false, read_type, offsetof(struct result_text, result.type) },
	{ "in", false, keep_node, offsetof(struct result_text, place) },
	{ "produces", false, read_name, offsetof(struct result_text, result.produces) },
};
static const struct mapping result_mapping = MAPPING("a result", result_keys);

static void load_result(struct load *load, const struct node *node, struct result *result, bool is_new)
{
	struct result_text text = { .result = *result };

	load_mapping(load, &result_mapping, node, &text);
	if (text.place)
		load_place(load, "in", text.place, &text.result.place);
	if (is_new && node->kind == NODE_MAPPING && (!node_get(node, "name") || !node_get(node, "type") || !text.place))
		load_error(load, node, "missing-key", "a result that the convention does not have needs `name`, `type` and `in`");
	*result = text.result;
}

void load_results(struct load *load, const struct node *node, struct entry *entry)
{
	const struct convention *convention = &load->spec->convention;
	struct result *results = arena_new_array(load->arena, struct result, SPEC_RESULTS);

	if (!load_list(load, "results", node, SPEC_RESULTS))
		return;
	memcpy(results, convention->results, convention->result_count * sizeof(results[0]));
	for (size_t i = 0; i < node->count; i++) {
		bool is_new = i >= convention->result_count;

		if (is_new)
			results[i] = (struct result){ .name = "", .type = load_plain_type(load, "u64"), .place = { .reg = "" } };
		load_result(load, node->items[i], &results[i], is_new);
	}
	entry->results = results;
	entry->result_count = node->count > convention->result_count ? node->count : convention->result_count;
}

/* --- samples --- */

#define CONTENT_MAX 65536

/* How often an item of a buffer's content is there, and what it is: a number, or [COUNT, NUMBER]. */
static size_t load_run(struct load *load, const struct node *item, uint64_t *number)
{
	const struct int_type type = { 64, false };
	uint64_t count;

	if (item->kind != NODE_SEQUENCE)
		return load_value(load, "samples", item, type, number);
	if (item->count != 2) {
		load_error(load, item, "wrong-type", "`samples`: that many times a number is [COUNT, NUMBER]");
		return 0;
	}
	if (!load_value(load, "samples", item->items[0], type, &count) ||
	    !load_value(load, "samples", item->items[1], type, number))
		return 0;
	if (count > CONTENT_MAX) {
		load_error(load, item, "too-many", "`samples`: a buffer holds at most %d numbers", CONTENT_MAX);
		return 0;
	}
	return (size_t)count;
}

static void load_content(struct load *load, const struct node *node, struct sample *sample, size_t number)
{
	uint64_t *content = xcalloc(CONTENT_MAX, sizeof(*content)), value = 0;
	size_t used = 0;

	for (size_t i = 0; i < node->count; i++)
		for (size_t left = load_run(load, node->items[i], &value); left && used < CONTENT_MAX; left--)
			content[used++] = value;
	sample->content[number] = arena_copy(load->arena, content, used * sizeof(*content));
	sample->content_count[number] = used;
	free(content);
}

static void load_sample_value(struct load *load, const struct node *name, const struct node *value, const struct entry *entry,
			      struct sample *sample)
{
	struct near near = load_near(load, name->text);
	size_t number = 0;

	while (number < entry->arg_count && strcmp(entry->args[number].name, name->text))
		number++;
	if (number == entry->arg_count) {
		for (size_t i = 0; i < entry->arg_count; i++)
			near_consider(&near, entry->args[i].name);
		load_error(load, name, "unknown-name", "`samples`: there is no argument `%s`%s", name->text,
			   near_hint(load->arena, &near));
		return;
	}
	if (value->kind == NODE_SEQUENCE && entry->args[number].role == ROLE_BUFFER)
		load_content(load, value, sample, number);
	else
		sample->has[number] = load_value(load, "samples", value, entry->args[number].type->base, &sample->value[number]);
}

void load_samples(struct load *load, const struct node *node, struct entry *entry)
{
	struct sample *samples;

	if (!load_list(load, "samples", node, 256))
		return;
	entry->samples = samples = arena_new_array(load->arena, struct sample, node->count);
	entry->sample_count = node->count;
	for (size_t i = 0; i < node->count; i++) {
		const struct node *map = node->items[i];

		if (!load_is(load, map, NODE_MAPPING, "a sample"))
			continue;
		for (size_t k = 0; k < map->count; k++)
			load_sample_value(load, map->keys[k], map->items[k], entry, &samples[i]);
	}
}
