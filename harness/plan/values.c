/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values.c - the odd values of an argument: the one place where they live, for all specs.
 *
 * A specification never says "also try 4095". It says what an argument is, and this file knows what goes wrong with such
 * things. Every value has a short name that stays the same when others come or go: case ids are made of them.
 */
#include "plan/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MENU_MAX 96
#define DIRTY UINT64_C(0x5eed5eed00000000)	/* junk for the half of a register that a 32-bit argument does not use */
#define PAGE UINT64_C(0x1000)

struct list {
	struct plan *plan;
	const struct entry *entry;
	const struct arg *arg;
	struct int_type base;
	bool reserved;		/* what is added now belongs to the strategy `reserved` */
	size_t count;
	struct pick picks[MENU_MAX];
};

bool value_excepted(const struct arg *arg, uint64_t literal)
{
	return arg->type->except && int_set_has(arg->type->except, int_truncate(literal, arg->type->base));
}

struct pick pick_literal(struct arena *arena, const struct arg *arg, const char *name, uint64_t literal)
{
	struct pick pick = { .name = name, .value = { .source = VALUE_LITERAL, .literal = literal } };

	pick.seen = value_of(literal, arg->type->base);
	if (!name)
		pick.name = arena_printf(arena, "%#" PRIx64, literal);
	return pick;
}

struct pick pick_pad(const struct plan *plan, const struct arg *arg, const char *pad, uint64_t offset)
{
	struct pick pick = { .name = offset ? "pad+1" : "pad", .value = { .source = VALUE_PAD, .literal = offset, .pad = pad } };

	pick.seen = value_of(plan_own_memory(plan) + 0x100000 + offset, arg->type->base);
	return pick;
}

static bool same_pick(const struct pick *a, const struct pick *b)
{
	return a->value.source == b->value.source && a->value.literal == b->value.literal && a->misalign == b->misalign &&
	       a->has_fill == b->has_fill && a->fill == b->fill && a->content == b->content;
}

/* The first name of a value wins; two values never share a name. */
static void add(struct list *list, struct pick pick)
{
	if (list->count == MENU_MAX || (pick.value.source == VALUE_LITERAL && value_excepted(list->arg, pick.value.literal)))
		return;
	for (size_t i = 0; i < list->count; i++) {
		if (same_pick(&list->picks[i], &pick))
			return;
		if (!strcmp(list->picks[i].name, pick.name))
			pick.name = arena_printf(list->plan->arena, "%s-%" PRIx64, pick.name, pick.value.literal);
	}
	pick.reserved = list->reserved;
	list->picks[list->count++] = pick;
}

/* A number, if the argument's type can hold it. Negative numbers of signed types come sign-extended. */
static void add_number(struct list *list, const char *name, uint64_t literal)
{
	if (int_truncate(literal, list->base) == literal)
		add(list, pick_literal(list->plan->arena, list->arg, name, literal));
}

static void add_format(struct list *list, const char *prefix, const char *name, uint64_t literal)
{
	add_number(list, arena_printf(list->plan->arena, "%s%s", prefix, name), literal);
}

static void add_hex(struct list *list, const char *prefix, uint64_t literal)
{
	add_number(list, arena_printf(list->plan->arena, "%s%#" PRIx64, prefix, literal), literal);
}

/* ---- by type ---- */

static void add_ends(struct list *list)
{
	unsigned bits = list->base.bits ? list->base.bits : 1;
	uint64_t sign = UINT64_C(1) << (bits - 1);
	uint64_t max = list->base.is_signed ? sign - 1 : sign | (sign - 1);

	add_number(list, "zero", 0);
	add_number(list, "max", max);
	add_number(list, "one", 1);
	if (list->base.is_signed) {
		add_number(list, "min", int_truncate(sign, list->base));
		add_number(list, "minus-one", ~UINT64_C(0));
	} else {
		add_number(list, "sign", sign);
		add_number(list, "sign-1", sign - 1);
	}
	add_number(list, "max-1", max - 1);
}

static void add_powers(struct list *list)
{
	static const struct { const char *name; unsigned bit; } powers[] = { { "pow2-32", 32 }, { "pow2-12", 12 }, { "pow2-16", 16 } };

	for (size_t i = 0; i < PLAN_COUNT(powers); i++)
		if (powers[i].bit < list->base.bits)
			add_number(list, powers[i].name, UINT64_C(1) << powers[i].bit);
}

static bool is_enum(const struct type *type, uint64_t value)
{
	for (size_t i = 0; i < type->enum_count; i++)
		if (type->enums[i].value == value)
			return true;
	return false;
}

static void add_enums(struct list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++)
		add_format(list, "enum:", type->enums[i].name, int_truncate(type->enums[i].value, list->base));
}

static void add_holes(struct list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++) {
		uint64_t next = int_truncate(type->enums[i].value + 1, list->base);

		if (!is_enum(type, next))
			add_hex(list, "enum-hole:", next);
	}
}

static uint64_t flag_mask(const struct type *type)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < type->flag_count; i++)
		mask |= type->flags[i].value < 64 ? UINT64_C(1) << type->flags[i].value : 0;
	return mask;
}

static void add_flags(struct list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->flag_count; i++)
		if (type->flags[i].value < 64)
			add_format(list, "flag:", type->flags[i].name, UINT64_C(1) << type->flags[i].value);
	if (type->flag_count > 1)
		add_number(list, "all-flags", flag_mask(type));
}

/* The lowest, the highest and one bit in the middle that no flag names. */
static void add_reserved_bits(struct list *list)
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

		add_number(list, arena_printf(list->plan->arena, "reserved-bit-%u", bit),
			   int_truncate(UINT64_C(1) << bit, list->base));
	}
}

static void add_fields(struct list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->field_count; i++) {
		const struct bit_field *field = &type->fields[i];
		uint64_t ones = ~UINT64_C(0) >> (63 - (field->high - field->low));

		add_format(list, "field-max:", field->name, int_truncate(ones << field->low, list->base));
		add_format(list, "field-one:", field->name, int_truncate(UINT64_C(1) << field->low, list->base));
	}
}

static void add_ranges(struct list *list, const struct int_set *set, const char *word)
{
	for (size_t i = 0; set && i < set->count; i++) {
		add_hex(list, arena_printf(list->plan->arena, "%s:", word), (uint64_t)set->ranges[i].low);
		if (set->ranges[i].high != set->ranges[i].low)
			add_hex(list, arena_printf(list->plan->arena, "%s-high:", word), (uint64_t)set->ranges[i].high);
	}
}

/*
 * A number that fits into half a register, although its type is the whole one: the names with a bit set above. Whether the
 * upper half counts is what the rules are for.
 */
static void add_wide(struct list *list)
{
	const struct type *type = list->arg->type;

	for (size_t i = 0; i < type->enum_count; i++)
		if (list->base.bits < 64 || list->base.is_signed || type->enums[i].value >> 32)
			return;
	for (size_t i = 0; i < type->enum_count && i < 4; i++)
		add_format(list, "wide:", type->enums[i].name, type->enums[i].value | UINT64_C(1) << 32);
}

static void add_dirty(struct list *list)
{
	unsigned bits = list->base.bits;
	struct pick pick;

	if (list->plan->spec->convention.word < 64 || bits > 32 || !list->count || list->picks[0].value.source != VALUE_LITERAL)
		return;
	pick = list->picks[0];
	pick.name = "dirty-upper";
	pick.value.literal = (pick.value.literal & (bits < 64 ? (UINT64_C(1) << bits) - 1 : ~UINT64_C(0))) | DIRTY;
	add(list, pick);
}

/* ---- from the rules: a number that a rule compares with is worth trying, and so are its neighbours ---- */

struct literals {
	struct list *list;
	bool about;	/* the expression reads this argument */
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
	struct list *list = literals->list;
	static const int near[] = { 0, 1, -1 };

	for (size_t i = 0; i < PLAN_COUNT(near); i++)
		add_number(list, NULL, int_truncate(bits + (uint64_t)(int64_t)near[i], list->base));
}

static void add_literals_of(struct list *list, unsigned number, const struct expr *expr)
{
	struct literals literals = { .list = list, .arg = number };

	if (!expr)
		return;
	expr_names(expr, see_name, &literals);
	if (literals.about)
		expr_literals(expr, see_literal, &literals);
}

static void add_literals(struct list *list)
{
	unsigned number = (unsigned)(list->arg - list->entry->args);

	for (size_t i = 0; i < list->entry->rule_count; i++) {
		add_literals_of(list, number, list->entry->rules[i]->when);
		add_literals_of(list, number, list->entry->rules[i]->must);
	}
}

static void add_by_type(struct list *list)
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
	add_dirty(list);
	list->reserved = false;
	add_ends(list);
	if (type->align > 1)
		add_number(list, "unaligned+1", list->picks[0].value.literal + 1);
	add_fields(list);
	add_literals(list);
	add_powers(list);
}

/* ---- by role; each begins with the nominal value ---- */

uint64_t nominal_number(const struct type *type)
{
	uint64_t candidate = 0;

	for (size_t i = 0; i < type->enum_count; i++)
		if (!type->except || !int_set_has(type->except, type->enums[i].value))
			return int_truncate(type->enums[i].value, type->base);
	for (size_t i = 0; type->except && int_set_has(type->except, candidate) && i < type->except->count; i++)
		candidate = int_truncate((uint64_t)type->except->ranges[i].high + 1, type->base);
	return candidate;
}

static void role_plain(struct list *list)
{
	const struct arg *arg = list->arg;

	add_number(list, arg->type->enum_count || nominal_number(arg->type) ? NULL : "zero", nominal_number(arg->type));
	if (arg->type->enum_count && list->count)
		list->picks[0].name = arena_printf(list->plan->arena, "enum:%s", arg->type->enums[0].name);
	add_by_type(list);
}

static void add_hart(struct list *list, unsigned number)
{
	const struct survey *survey = &list->plan->survey;

	if (number < survey->harts)
		add_number(list, arena_printf(list->plan->arena, "hart%u", number), survey->hart_ids[number]);
}

/* The first id that no CPU has. */
static uint64_t no_hart(const struct survey *survey)
{
	uint64_t id = 0;

	for (unsigned i = 0; i < survey->harts; i++)
		if (survey->hart_ids[i] >= id)
			id = (uint64_t)survey->hart_ids[i] + 1;
	return id;
}

static void role_hart(struct list *list)
{
	add_hart(list, 0);
	add_hart(list, 1);
	add_number(list, "hart-none", no_hart(&list->plan->survey));
	add_by_type(list);
	for (unsigned i = 2; i < list->plan->survey.harts; i++)
		add_hart(list, i);
}

static uint64_t hart_bit(uint64_t id)
{
	return id < 64 ? UINT64_C(1) << id : 0;
}

static void role_hart_mask(struct list *list)
{
	const struct survey *survey = &list->plan->survey;
	uint64_t all = 0;

	for (unsigned i = 0; i < survey->harts; i++)
		all |= hart_bit(survey->hart_ids[i]);
	add_number(list, "mask-hart0", hart_bit(survey->hart_ids[0]));
	add_number(list, "mask-none", hart_bit(no_hart(survey)));
	add_number(list, "zero", 0);
	add_number(list, "mask-all", all);
	if (survey->harts > 1)
		add_number(list, "mask-hart1", hart_bit(survey->hart_ids[1]));
	add_number(list, "mask-all-and-none", all | hart_bit(no_hart(survey)));
	add_by_type(list);
}

static void role_hart_mask_base(struct list *list)
{
	add_number(list, "zero", 0);
	add_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	add_number(list, "wrap", int_truncate(~UINT64_C(0) - 1, list->base));
	add_hart(list, 1);
	add_number(list, "hart-none", no_hart(&list->plan->survey));
	add_by_type(list);
}

static void role_time(struct list *list)
{
	static const struct { const char *name; int64_t ticks; } points[] = {
		{ "now-1000", -1000 }, { "now+1000", 1000 }, { "now", 0 }
	};

	add_number(list, "max", int_truncate(~UINT64_C(0), list->base));
	for (size_t i = 0; i < PLAN_COUNT(points); i++)
		add(list, (struct pick){ .name = points[i].name,
					 .value = { .source = VALUE_NOW, .literal = (uint64_t)points[i].ticks } });
	add_by_type(list);
}

static void role_pages(struct list *list)
{
	add_number(list, "zero", 0);
	add_number(list, "page", PAGE);
	add_number(list, "unaligned+1", PAGE + 1);
	add_number(list, "max-page", ~(PAGE - 1));
	add_by_type(list);
}

static void role_range_size(struct list *list)
{
	add_number(list, "page", PAGE);
	add_number(list, "zero", 0);
	add_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	add_number(list, "page+1", PAGE + 1);
	add_number(list, "wrap", ~(PAGE - 1));
	add_by_type(list);
}

/* An address near the end of RAM, in the firmware, or nowhere. */
static void add_places(struct list *list, uint64_t small)
{
	const struct plan *plan = list->plan;
	struct pick ram_end = { .name = "ram-end", .value = { .source = VALUE_RAM_END, .literal = -small } };

	ram_end.seen = value_of(plan->survey.ram_base + plan->survey.ram_size - small, list->base);
	add_number(list, "nowhere", PLAN_NOWHERE);
	add(list, ram_end);
	add(list, (struct pick){ .name = "firmware", .value = { .source = VALUE_BLOB } });
	add_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	add_number(list, "zero", 0);
}

static void role_code(struct list *list)
{
	add(list, pick_pad(list->plan, list->arg, list->arg->pad, 0));
	add(list, pick_pad(list->plan, list->arg, list->arg->pad, 1));
	add_places(list, 0);
}

static struct pick buffer_pick(const struct list *list, const char *name, unsigned misalign)
{
	struct pick pick = { .name = name, .value = { .source = VALUE_BUFFER, .buffer = list->arg->buffer }, .misalign = misalign };

	pick.seen = value_of(plan_own_memory(list->plan) + 0x10000 * list->arg->buffer + misalign, list->base);
	if (list->arg->direction & DIRECTION_IN && list->arg->of) {
		pick.has_fill = true;
		pick.fill = list->arg->of->member_count ? 0 : nominal_number(list->arg->of);
	}
	return pick;
}

static void add_content(struct list *list, const char *name, uint64_t fill)
{
	struct pick pick = buffer_pick(list, name ? name : arena_printf(list->plan->arena, "holding:%#" PRIx64, fill), 0);

	pick.has_fill = true;
	pick.fill = fill;
	add(list, pick);
}

/* What the callee reads is an argument too. */
static void add_contents(struct list *list)
{
	const struct type *of = list->arg->of;

	if (!(list->arg->direction & DIRECTION_IN))
		return;
	add_content(list, "holding:zeros", 0);
	add_content(list, "holding:ones", ~UINT64_C(0));
	add_content(list, "holding:one", 1);
	for (size_t i = 0; of && i < of->enum_count; i++)
		add_content(list, NULL, of->enums[i].value);
	for (unsigned bit = 1; bit < 64; bit *= 2)
		add_content(list, NULL, UINT64_C(1) << bit);
}

static void role_buffer(struct list *list)
{
	const struct arg *arg = list->arg;

	add(list, buffer_pick(list, "valid", 0));
	for (size_t i = 0; arg->special && i < arg->special->count; i++)
		add_hex(list, "special:", int_truncate((uint64_t)arg->special->ranges[i].low, list->base));
	if (arg->align > 1)
		add(list, buffer_pick(list, "unaligned+1", 1));
	add_places(list, arg->align > 8 ? arg->align : 8);
	if (arg->align > 2)
		add(list, buffer_pick(list, "unaligned-half", arg->align / 2));
	add_contents(list);
	add_number(list, "wrap", int_truncate(-(uint64_t)(arg->align > 1 ? arg->align : 8), list->base));
}

static void role_high(struct list *list)
{
	add_number(list, "zero", 0);
	add_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	add_number(list, "one", 1);
	add_by_type(list);
}

/*
 * A length that reaches from a buffer over the caller's own memory would be carried out, and would be our fault. So: what fits
 * into a buffer, or what cannot be right anywhere.
 */
static void role_length(struct list *list)
{
	add_number(list, "exact", list->base.bits > 5 ? 16 : 1);
	add_number(list, "zero", 0);
	add_number(list, "one", 1);
	add_number(list, "eight", 8);
	add_number(list, "max", int_truncate(list->base.is_signed ? ~UINT64_C(0) >> 1 : ~UINT64_C(0), list->base));
	if (list->base.bits == 64) {
		add_number(list, "max-1", ~UINT64_C(0) - 1);
		add_number(list, "sign", UINT64_C(1) << 63);
		add_number(list, "pow2-44", PLAN_NOWHERE);
	}
	add_dirty(list);
}

/* What a value was produced by is found when a case is put together; here is only what was never produced. */
static void role_handle(struct list *list)
{
	struct pick produced = { .name = "produced", .value = { .source = VALUE_RESULT } };

	add(list, produced);
	add_by_type(list);
}

static void (*const roles[])(struct list *list) = {
	[ROLE_PLAIN] = role_plain, [ROLE_HART] = role_hart, [ROLE_HART_MASK] = role_hart_mask,
	[ROLE_HART_MASK_BASE] = role_hart_mask_base, [ROLE_TIME] = role_time, [ROLE_PAGES] = role_pages,
	[ROLE_RANGE_SIZE] = role_range_size, [ROLE_CODE] = role_code, [ROLE_BUFFER] = role_buffer, [ROLE_HIGH] = role_high,
	[ROLE_LENGTH] = role_length, [ROLE_HANDLE] = role_handle,
};

/* An argument that is part of the selector: its odd values are unknown calls. */
static bool is_selector(const struct plan *plan, const struct arg *arg)
{
	const struct convention *convention = &plan->spec->convention;

	for (size_t i = 0; i < convention->selector_count; i++) {
		const struct place *place = &convention->selector[i];

		if (place->kind != arg->place.kind)
			continue;
		if (place->kind == PLACE_REGISTER && place->reg && arg->place.reg && !strcmp(place->reg, arg->place.reg))
			return true;
	}
	return false;
}

struct picks values_of(struct plan *plan, const struct entry *entry, unsigned number)
{
	const struct arg *arg = &entry->args[number];
	struct list list = { .plan = plan, .entry = entry, .arg = arg, .base = arg->type->base };

	if (arg->has_nominal)
		add_number(&list, NULL, int_truncate(arg->nominal, list.base));
	roles[arg->role](&list);
	if (!list.count)
		list.picks[list.count++] = pick_literal(plan->arena, arg, NULL, 0);
	for (size_t i = 0; i < list.count && is_selector(plan, arg); i++)
		list.picks[i].reserved = true;
	return (struct picks){ list.count, arena_copy(plan->arena, list.picks, list.count * sizeof(struct pick)) };
}
