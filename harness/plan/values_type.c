/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values_type.c - odd values that follow from an argument's type, and from the numbers in the rules about it.
 */
#include "plan/values.h"

#include <inttypes.h>

#define DIRTY UINT64_C(0x5eed5eed00000000) /* junk for the half of a register that a 32-bit argument does not use */

static void add_format(struct value_list *list, const char *prefix, const char *name, uint64_t literal)
{
	values_number(list, arena_printf(list->plan->arena, "%s%s", prefix, name), literal);
}

static void add_ends(struct value_list *list)
{
	unsigned bits = list->base.bits ? list->base.bits : 1;
	uint64_t sign = UINT64_C(1) << (bits - 1);
	uint64_t max = list->base.is_signed ? sign - 1 : sign | (sign - 1);

	values_number(list, "zero", 0);
	values_number(list, "max", max);
	values_number(list, "one", 1);
	if (list->base.is_signed) {
		values_number(list, "min", int_truncate(sign, list->base));
		values_number(list, "minus-one", ~UINT64_C(0));
	} else {
		values_number(list, "sign", sign);
		values_number(list, "sign-1", sign - 1);
	}
	values_number(list, "max-1", max - 1);
}

static void add_powers(struct value_list *list)
{
	static const struct {
		const char *name;
		unsigned bit;
	} powers[] = { { "pow2-32", 32 }, { "pow2-12", 12 }, { "pow2-16", 16 } };

	for (size_t i = 0; i < PLAN_COUNT(powers); i++)
		if (powers[i].bit < list->base.bits)
			values_number(list, powers[i].name, UINT64_C(1) << powers[i].bit);
}

static bool is_enum(const struct type *type, uint64_t value)
{
	for (size_t i = 0; i < type->enum_count; i++)
		if (type->enums[i].value == value)
			return true;
	return false;
}

static void add_enums(struct value_list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++)
		add_format(list, "enum:", type->enums[i].name, int_truncate(type->enums[i].value, list->base));
}

static void add_holes(struct value_list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++) {
		uint64_t next = int_truncate(type->enums[i].value + 1, list->base);

		if (!is_enum(type, next))
			values_hex(list, "enum-hole:", next);
	}
}

static uint64_t flag_mask(const struct type *type)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < type->flag_count; i++)
		mask |= type->flags[i].value < 64 ? UINT64_C(1) << type->flags[i].value : 0;
	return mask;
}

static void add_flags(struct value_list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->flag_count; i++)
		if (type->flags[i].value < 64)
			add_format(list, "flag:", type->flags[i].name, UINT64_C(1) << type->flags[i].value);
	if (type->flag_count > 1)
		values_number(list, "all-flags", flag_mask(type));
}

/* The lowest, the highest and one bit in the middle that no flag names. */
static void add_reserved_bits(struct value_list *list)
{
	const struct type *type = list->arg->type;
	unsigned bits = list->base.bits, free_bits[64], count = 0;

	if (!type->flag_count)
		return;
	for (unsigned bit = 0; bit < bits; bit++)
		if (!(flag_mask(type) >> bit & 1))
			free_bits[count++] = bit;
	for (unsigned i = 0; i < 3 && count; i++) {
		unsigned bit = free_bits[i == 0 ? 0 : i == 1 ? count - 1 : count / 2];

		values_number(list, arena_printf(list->plan->arena, "reserved-bit-%u", bit),
			      int_truncate(UINT64_C(1) << bit, list->base));
	}
}

static void add_fields(struct value_list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->field_count; i++) {
		const struct bit_field *field = &type->fields[i];
		uint64_t ones = ~UINT64_C(0) >> (63 - (field->high - field->low));

		add_format(list, "field-max:", field->name, int_truncate(ones << field->low, list->base));
		add_format(list, "field-one:", field->name, int_truncate(UINT64_C(1) << field->low, list->base));
	}
}

static void add_ranges(struct value_list *list, const struct int_set *set, const char *word)
{
	for (size_t i = 0; set && i < set->count; i++) {
		values_hex(list, arena_printf(list->plan->arena, "%s:", word), (uint64_t)set->ranges[i].low);
		if (set->ranges[i].high != set->ranges[i].low)
			values_hex(list, arena_printf(list->plan->arena, "%s-high:", word), (uint64_t)set->ranges[i].high);
	}
}

/*
 * A number that fits into half a register, although its type is the whole one: the names with a bit set above. Whether the
 * upper half counts is what the rules are for.
 */
static void add_wide(struct value_list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++)
		if (list->base.bits < 64 || list->base.is_signed || type->enums[i].value >> 32)
			return;
	for (size_t i = 0; i < type->enum_count && i < 4; i++)
		add_format(list, "wide:", type->enums[i].name, type->enums[i].value | UINT64_C(1) << 32);
}

void values_dirty(struct value_list *list)
{
	unsigned bits = list->base.bits;
	struct pick pick;

	if (list->plan->spec->convention.word < 64 || bits > 32 || !list->count || list->picks[0].value.source != VALUE_LITERAL)
		return;
	pick = list->picks[0];
	pick.name = "dirty-upper";
	pick.value.literal = (pick.value.literal & (bits < 64 ? (UINT64_C(1) << bits) - 1 : ~UINT64_C(0))) | DIRTY;
	values_add(list, pick);
}

/* ---- from the rules: a number that a rule compares with is worth trying, and so are its neighbours ---- */

struct literals {
	struct value_list *list;
	bool about; /* the expression reads this argument */
	unsigned arg;
};

static void see_name(void *context, const struct name *name)
{
	struct literals *literals = context;

	if (name->kind == NAME_ARG && name->index == literals->arg)
		literals->about = true;
}

static void see_literal(void *context, uint64_t bits)
{
	struct literals *literals = context;
	struct value_list *list = literals->list;
	static const int near[] = { 0, 1, -1 };

	for (size_t i = 0; i < PLAN_COUNT(near); i++)
		values_number(list, NULL, int_truncate(bits + (uint64_t)(int64_t)near[i], list->base));
}

static void add_literals_of(struct value_list *list, unsigned number, const struct expr *expr)
{
	struct literals literals = { .list = list, .arg = number };

	if (!expr)
		return;
	expr_names(expr, see_name, &literals);
	if (literals.about)
		expr_literals(expr, see_literal, &literals);
}

static void add_literals(struct value_list *list)
{
	unsigned number = (unsigned)(list->arg - list->entry->args);

	for (size_t i = 0; i < list->entry->rule_count; i++) {
		add_literals_of(list, number, list->entry->rules[i]->when);
		add_literals_of(list, number, list->entry->rules[i]->must);
	}
}

void values_by_type(struct value_list *list)
{
	const struct type *type = list->arg->type;

	add_enums(list);
	add_flags(list);
	list->reserved = true;
	add_holes(list);
	add_ranges(list, type->reserved, "reserved");
	add_ranges(list, type->platform, "platform");
	add_reserved_bits(list);
	add_wide(list);
	values_dirty(list);
	list->reserved = false;
	add_ends(list);
	if (type->align > 1)
		values_number(list, "unaligned+1", list->picks[0].value.literal + 1);
	add_fields(list);
	add_literals(list);
	add_powers(list);
}
