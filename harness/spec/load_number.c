/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers, ranges and sets of them, and the constants that stand for numbers.
 */
#include "spec/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int digit_of(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return 99;
}

/* Digits of one base that fit 64 bits. */
static bool digits_parse(const char *text, size_t length, unsigned base, uint64_t *bits)
{
	*bits = 0;
	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(text[i]);

		if (digit >= (int)base || __builtin_mul_overflow(*bits, (uint64_t)base, bits) ||
		    __builtin_add_overflow(*bits, (uint64_t)digit, bits))
			return false;
	}
	return length > 0;
}

bool number_parse(const char *text, size_t length, struct number *number)
{
	unsigned base = 10;
	bool minus = length && text[0] == '-';

	if (minus) {
		text++;
		length--;
	}
	if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'b')) {
		base = text[1] == 'x' ? 16 : 2;
		text += 2;
		length -= 2;
	}
	if (!digits_parse(text, length, base, &number->bits))
		return false;
	if (minus && number->bits > UINT64_C(1) << 63)
		return false;
	number->negative = minus && number->bits;
	number->bits = minus ? -number->bits : number->bits;
	return true;
}

bool number_fits(struct number number, struct int_type type)
{
	if (number.negative)
		return type.is_signed && int_truncate(number.bits, type) == number.bits;
	return int_truncate(number.bits, (struct int_type){ (uint8_t)(type.bits - type.is_signed), false }) == number.bits;
}

static const char *type_text(struct load *load, struct int_type type)
{
	return arena_printf(load->arena, "%c%u", type.is_signed ? 's' : 'u', type.bits);
}

/* The name of a thing as it is declared: a chapter's names do not meet those of another chapter. */
static const char *scoped_key(char *out, size_t size, const struct chapter *chapter, const char *name)
{
	snprintf(out, size, "%s%s%s", chapter ? chapter->name : "", chapter ? "." : "", name);
	return out;
}

const struct constant *load_find_constant(const struct load *load, const struct chapter *chapter, const char *name)
{
	char key[256];
	struct constant *constant;

	HASH_FIND_STR(load->constants, scoped_key(key, sizeof(key), chapter, name), constant);
	if (!constant && chapter)
		HASH_FIND_STR(load->constants, name, constant);
	return constant;
}

void load_declare_constant(struct load *load, const struct node *place, const char *name, struct int_type type, uint64_t value)
{
	const struct constant *old = load_find_constant(load, load->chapter, name);
	struct constant *constant;
	char key[256];

	if (old) {
		if (old->value != value)
			load_error(load, place, "duplicate-id", "the constant `%s` has another value at %s:%u", name,
				   old->where.file, old->where.line);
		return;
	}
	constant = arena_alloc(load->arena, sizeof(*constant));
	constant->key = arena_strdup(load->arena, scoped_key(key, sizeof(key), load->chapter, name));
	constant->type = type;
	constant->value = value;
	constant->where = place->where;
	HASH_ADD_KEYPTR(hh, load->constants, constant->key, strlen(constant->key), constant);
}

void load_each_constant(const struct load *load, const struct chapter *chapter, void (*visit)(void *ctx, const char *name),
			void *ctx)
{
	const char *prefix = chapter ? chapter->name : "";
	size_t length = strlen(prefix);

	for (const struct constant *constant = load->constants; constant; constant = constant->hh.next) {
		const char *dot = strchr(constant->key, '.');

		if (!dot)
			visit(ctx, constant->key);
		else if ((size_t)(dot - constant->key) == length && !strncmp(constant->key, prefix, length))
			visit(ctx, dot + 1);
	}
}

static void consider(void *near, const char *name)
{
	near_consider(near, name);
}

static bool text_number(struct load *load, const char *text, size_t length, struct number *number)
{
	const struct constant *constant;
	char name[128];

	if (number_parse(text, length, number))
		return true;
	if (length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = 0;
	constant = load_find_constant(load, load->chapter, name);
	if (!constant)
		return false;
	*number = (struct number){ constant->value, constant->type.is_signed && (int64_t)constant->value < 0 };
	return true;
}

static void report_no_number(struct load *load, const char *key, const struct node *node, const char *text)
{
	struct near near = load_near(load, text);

	if (!is_name(text)) {
		load_error(load, node, "wrong-type", "`%s`: a number of at most 64 bits was expected, got `%s`", key, text);
		return;
	}
	load_each_constant(load, load->chapter, consider, &near);
	load_error(load, node, "unknown-name", "`%s`: `%s` is no number and no constant%s", key, text,
		   near_hint(load->arena, &near));
}

bool load_number(struct load *load, const char *key, const struct node *node, struct number *number)
{
	char what[80];

	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_SCALAR, what))
		return false;
	if (text_number(load, node->text, strlen(node->text), number))
		return true;
	report_no_number(load, key, node, node->text);
	return false;
}

bool load_value(struct load *load, const char *key, const struct node *node, struct int_type type, uint64_t *bits)
{
	struct number number;

	if (!load_number(load, key, node, &number))
		return false;
	*bits = int_truncate(number.bits, type);
	if (number_fits(number, type) || (number.negative && number.bits == UINT64_MAX))
		return true;
	load_error(load, node, "bad-range", "`%s`: %s does not fit %s", key, node->text, type_text(load, type));
	return false;
}

const struct int_set *load_find_set(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->spec->set_count; i++) {
		if (!strcmp(load->spec->sets[i].name, name))
			return &load->spec->sets[i];
	}
	return NULL;
}

struct range_list {
	size_t count, room;
	struct int_range *ranges;
};

static void add_range(struct load *load, struct range_list *list, struct int_range range)
{
	if (list->count == list->room) {
		struct int_range *old = list->ranges;

		list->room = list->room ? list->room * 2 : 8;
		list->ranges = arena_new_array(load->arena, struct int_range, list->room);
		if (old)
			memcpy(list->ranges, old, list->count * sizeof(old[0]));
	}
	list->ranges[list->count++] = range;
}

static bool range_is_ordered(struct number low, struct number high)
{
	if (low.negative != high.negative)
		return false;
	return low.bits <= high.bits;
}

static bool add_text_range(struct load *load, const char *key, const struct node *item, struct int_type type, const char *dots,
			   struct range_list *list)
{
	struct number low, high;
	char *left = arena_printf(load->arena, "%.*s", (int)(dots - item->text), item->text);

	if (!text_number(load, left, strlen(left), &low)) {
		report_no_number(load, key, item, left);
		return false;
	}
	if (!text_number(load, dots + 2, strlen(dots + 2), &high)) {
		report_no_number(load, key, item, dots + 2);
		return false;
	}
	if (!range_is_ordered(low, high)) {
		load_error(load, item, "bad-range", "`%s`: a range goes up and does not cross 0, got %s", key, item->text);
		return false;
	}
	if (type.bits && (!number_fits(low, type) || !number_fits(high, type))) {
		load_error(load, item, "bad-range", "`%s`: %s does not fit %s", key, item->text, type_text(load, type));
		return false;
	}
	add_range(load, list, (struct int_range){ (int64_t)low.bits, (int64_t)high.bits });
	return true;
}

static bool add_item(struct load *load, const char *key, const struct node *item, struct int_type type, struct range_list *list)
{
	const struct int_set *set;
	const char *dots;
	uint64_t bits;

	if (!load_is(load, item, NODE_SCALAR, "a member of a set"))
		return false;
	dots = strstr(item->text, "..");
	if (dots)
		return add_text_range(load, key, item, type, dots, list);
	set = is_name(item->text) ? load_find_set(load, item->text) : NULL;
	if (set) {
		for (size_t i = 0; i < set->count; i++)
			add_range(load, list, set->ranges[i]);
		return true;
	}
	if (type.bits) {
		if (!load_value(load, key, item, type, &bits))
			return false;
	} else {
		struct number number;

		if (!load_number(load, key, item, &number))
			return false;
		bits = number.bits;
	}
	add_range(load, list, (struct int_range){ (int64_t)bits, (int64_t)bits });
	return true;
}

const struct int_set *load_set(struct load *load, const char *key, const struct node *node, struct int_type type)
{
	struct int_set *set = arena_alloc(load->arena, sizeof(*set));
	struct range_list list = { 0 };
	char what[80];
	bool good = true;

	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_SEQUENCE, what))
		return NULL;
	for (size_t i = 0; i < node->count; i++)
		good &= add_item(load, key, node->items[i], type, &list);
	set->count = list.count;
	set->ranges = list.ranges;
	return good ? set : NULL;
}

/* A constant of no declared type is as wide as can be, and signed only if it has to be. */
static struct int_type constant_type(struct number number)
{
	return (struct int_type){ 64, number.negative };
}

static bool named_number(struct load *load, const char *key, const struct node *node, struct int_type type, struct number *number)
{
	if (!type.bits)
		return load_number(load, key, node, number);
	return load_value(load, key, node, type, &number->bits);
}

const struct named_value *load_named_values(struct load *load, const char *key, const struct node *node, struct int_type type,
					    bool constants, size_t *count)
{
	struct named_value *values;
	char what[80];

	*count = 0;
	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_MAPPING, what))
		return NULL;
	if (node->count > LIMIT_NAMES) {
		load_error(load, node, "too-many", "`%s` has at most %d names, got %zu", key, LIMIT_NAMES, node->count);
		return NULL;
	}
	values = arena_new_array(load->arena, struct named_value, node->count);
	for (size_t i = 0; i < node->count; i++) {
		struct named_value *value = &values[*count];
		struct number number = { 0 };

		*value = (struct named_value){ 0 };
		read_name(load, key, node->keys[i], &value->name);
		value->where = node->keys[i]->where;
		if (!value->name || !named_number(load, key, node->items[i], type, &number))
			continue;
		value->value = number.bits;
		++*count;
		if (constants)
			load_declare_constant(load, node->keys[i], value->name, type.bits ? type : constant_type(number),
					      value->value);
	}
	return values;
}
