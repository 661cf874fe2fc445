/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values.c - the odd values of an argument: the one place where they live, for all specs.
 *
 * A specification never says "also try 4095". It says what an argument is, and this file knows what goes wrong with such
 * things. Every value has a short name that stays the same when others come or go: case ids are made of them.
 */
#include "plan/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE UINT64_C(0x1000)

bool value_excepted(const struct arg *arg, uint64_t literal)
{
	return arg->type->except && int_set_has(arg->type->except, int_truncate(literal, arg->type->base));
}

/*
 * An address that is somewhere, but not ours, could make a correct blob overwrite the probe or a device: what follows would be
 * our fault. Everything else is fair.
 */
bool value_harmful(const struct plan *plan, const struct arg *arg, uint64_t *low, uint64_t *high)
{
	*low = arg->role == ROLE_LENGTH ? PAGE + 1 : PAGE;
	*high = plan->survey.ram_base + plan->survey.ram_size - 1;
	return arg->role == ROLE_BUFFER || arg->role == ROLE_CODE || arg->role == ROLE_LENGTH;
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

/* Where something is excepted, an address that only the guest knows could be just that. */
static bool is_excepted(const struct value_list *list, const struct pick *pick)
{
	const struct survey *survey = &list->plan->survey;

	switch (pick->value.source) {
	case VALUE_LITERAL:
		return value_excepted(list->arg, pick->value.literal);
	case VALUE_RAM_END:
		return value_excepted(list->arg, survey->ram_base + survey->ram_size + pick->value.literal);
	case VALUE_PAD:
		return pick->value.literal && list->arg->type->except;
	case VALUE_BLOB:
		return list->arg->type->except;
	default:
		return false;
	}
}

/* The first name of a value wins; two values never share a name. */
void values_add(struct value_list *list, struct pick pick)
{
	if (list->count == MENU_MAX || is_excepted(list, &pick))
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
void values_number(struct value_list *list, const char *name, uint64_t literal)
{
	if (int_truncate(literal, list->base) == literal)
		values_add(list, pick_literal(list->plan->arena, list->arg, name, literal));
}

void values_hex(struct value_list *list, const char *prefix, uint64_t literal)
{
	values_number(list, arena_printf(list->plan->arena, "%s%#" PRIx64, prefix, literal), literal);
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

static void role_plain(struct value_list *list)
{
	const struct arg *arg = list->arg;

	values_number(list, arg->type->enum_count || nominal_number(arg->type) ? NULL : "zero", nominal_number(arg->type));
	if (arg->type->enum_count && list->count)
		list->picks[0].name = arena_printf(list->plan->arena, "enum:%s", arg->type->enums[0].name);
	values_by_type(list);
}

static void add_hart(struct value_list *list, unsigned number)
{
	const struct survey *survey = &list->plan->survey;

	if (number < survey->harts)
		values_number(list, arena_printf(list->plan->arena, "hart%u", number), survey->hart_ids[number]);
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

static void role_hart(struct value_list *list)
{
	add_hart(list, 0);
	add_hart(list, 1);
	values_number(list, "hart-none", no_hart(&list->plan->survey));
	values_by_type(list);
	for (unsigned i = 2; i < list->plan->survey.harts; i++)
		add_hart(list, i);
}

static uint64_t hart_bit(uint64_t id)
{
	return id < 64 ? UINT64_C(1) << id : 0;
}

static void role_hart_mask(struct value_list *list)
{
	const struct survey *survey = &list->plan->survey;
	uint64_t all = 0;

	for (unsigned i = 0; i < survey->harts; i++)
		all |= hart_bit(survey->hart_ids[i]);
	values_number(list, "mask-hart0", hart_bit(survey->hart_ids[0]));
	values_number(list, "mask-none", hart_bit(no_hart(survey)));
	values_number(list, "zero", 0);
	values_number(list, "mask-all", all);
	if (survey->harts > 1)
		values_number(list, "mask-hart1", hart_bit(survey->hart_ids[1]));
	values_number(list, "mask-all-and-none", all | hart_bit(no_hart(survey)));
	values_by_type(list);
}

static void role_hart_mask_base(struct value_list *list)
{
	values_number(list, "zero", 0);
	values_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	values_number(list, "wrap", int_truncate(~UINT64_C(0) - 1, list->base));
	add_hart(list, 1);
	values_number(list, "hart-none", no_hart(&list->plan->survey));
	values_by_type(list);
}

static void role_time(struct value_list *list)
{
	static const struct {
		const char *name;
		int64_t ticks;
	} points[] = { { "now-1000", -1000 }, { "now+1000", 1000 }, { "now", 0 } };

	values_number(list, "max", int_truncate(~UINT64_C(0), list->base));
	for (size_t i = 0; i < PLAN_COUNT(points); i++)
		values_add(list, (struct pick){ .name = points[i].name,
						.value = { .source = VALUE_NOW, .literal = (uint64_t)points[i].ticks } });
	values_by_type(list);
}

static void role_pages(struct value_list *list)
{
	values_number(list, "zero", 0);
	values_number(list, "page", PAGE);
	values_number(list, "unaligned+1", PAGE + 1);
	values_number(list, "max-page", ~(PAGE - 1));
	values_by_type(list);
}

static void role_range_size(struct value_list *list)
{
	values_number(list, "page", PAGE);
	values_number(list, "zero", 0);
	values_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	values_number(list, "page+1", PAGE + 1);
	values_number(list, "wrap", ~(PAGE - 1));
	values_by_type(list);
}

/* An address near the end of RAM, in the firmware, or nowhere. */
static void add_places(struct value_list *list, uint64_t small)
{
	const struct plan *plan = list->plan;
	struct pick ram_end = { .name = "ram-end", .value = { .source = VALUE_RAM_END, .literal = -small } };

	ram_end.seen = value_of(plan->survey.ram_base + plan->survey.ram_size - small, list->base);
	values_number(list, "nowhere", PLAN_NOWHERE);
	values_add(list, ram_end);
	values_add(list, (struct pick){ .name = "firmware", .value = { .source = VALUE_BLOB } });
	values_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	values_number(list, "zero", 0);
}

static void role_code(struct value_list *list)
{
	values_add(list, pick_pad(list->plan, list->arg, list->arg->pad, 0));
	values_add(list, pick_pad(list->plan, list->arg, list->arg->pad, 1));
	add_places(list, 0);
}

static struct pick buffer_pick(const struct value_list *list, const char *name, unsigned misalign)
{
	struct pick pick = { .name = name,
			     .value = { .source = VALUE_BUFFER, .buffer = list->arg->buffer },
			     .misalign = misalign };

	pick.seen = value_of(plan_own_memory(list->plan) + 0x10000 * list->arg->buffer + misalign, list->base);
	if (list->arg->direction & DIRECTION_IN && list->arg->of) {
		pick.has_fill = true;
		pick.fill = list->arg->of->member_count ? 0 : nominal_number(list->arg->of);
	}
	return pick;
}

static void add_content(struct value_list *list, const char *name, uint64_t fill)
{
	struct pick pick = buffer_pick(list, name ? name : arena_printf(list->plan->arena, "holding:%#" PRIx64, fill), 0);

	pick.has_fill = true;
	pick.fill = fill;
	values_add(list, pick);
}

/* What the callee reads is an argument too. */
static void add_contents(struct value_list *list)
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

static void role_buffer(struct value_list *list)
{
	const struct arg *arg = list->arg;

	values_add(list, buffer_pick(list, "valid", 0));
	for (size_t i = 0; arg->special && i < arg->special->count; i++)
		values_hex(list, "special:", int_truncate((uint64_t)arg->special->ranges[i].low, list->base));
	if (arg->align > 1)
		values_add(list, buffer_pick(list, "unaligned+1", 1));
	add_places(list, arg->align > 8 ? arg->align : 8);
	if (arg->align > 2)
		values_add(list, buffer_pick(list, "unaligned-half", arg->align / 2));
	add_contents(list);
	values_number(list, "wrap", int_truncate(-(uint64_t)(arg->align > 1 ? arg->align : 8), list->base));
}

static void role_high(struct value_list *list)
{
	values_number(list, "zero", 0);
	values_number(list, "all-ones", int_truncate(~UINT64_C(0), list->base));
	values_number(list, "one", 1);
	values_by_type(list);
}

/*
 * A length that reaches from a buffer over the caller's own memory would be carried out, and would be our fault. So: what fits
 * into a buffer, or what cannot be right anywhere.
 */
static void role_length(struct value_list *list)
{
	values_number(list, "exact", list->base.bits > 5 ? 16 : 1);
	values_number(list, "zero", 0);
	values_number(list, "one", 1);
	values_number(list, "eight", 8);
	values_number(list, "max", int_truncate(list->base.is_signed ? ~UINT64_C(0) >> 1 : ~UINT64_C(0), list->base));
	if (list->base.bits == 64) {
		values_number(list, "max-1", ~UINT64_C(0) - 1);
		values_number(list, "sign", UINT64_C(1) << 63);
		values_number(list, "pow2-44", PLAN_NOWHERE);
	}
	values_dirty(list);
}

/* What a value was produced by is found when a case is put together; here is only what was never produced. */
static void role_handle(struct value_list *list)
{
	struct pick produced = { .name = "produced", .value = { .source = VALUE_RESULT, .literal = list->arg->plus } };

	values_add(list, produced);
	values_by_type(list);
}

static void (*const roles[])(struct value_list *list) = {
	[ROLE_PLAIN] = role_plain,
	[ROLE_HART] = role_hart,
	[ROLE_HART_MASK] = role_hart_mask,
	[ROLE_HART_MASK_BASE] = role_hart_mask_base,
	[ROLE_TIME] = role_time,
	[ROLE_PAGES] = role_pages,
	[ROLE_RANGE_SIZE] = role_range_size,
	[ROLE_CODE] = role_code,
	[ROLE_BUFFER] = role_buffer,
	[ROLE_HIGH] = role_high,
	[ROLE_LENGTH] = role_length,
	[ROLE_HANDLE] = role_handle,
	[ROLE_CALLER] = role_plain,
};

/* An argument that is part of the selector: its odd values are unknown calls. */
bool arg_is_selector(const struct plan *plan, const struct arg *arg)
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
	struct value_list list = { .plan = plan, .entry = entry, .arg = arg, .base = arg->type->base };

	if (arg->has_nominal)
		values_number(&list, NULL, int_truncate(arg->nominal, list.base));
	roles[arg->role](&list);
	if (!list.count)
		list.picks[list.count++] = pick_literal(plan->arena, arg, NULL, 0);
	for (size_t i = 0; i < list.count && arg_is_selector(plan, arg); i++)
		list.picks[i].reserved = true;
	return (struct picks){ list.count, arena_copy(plan->arena, list.picks, list.count * sizeof(struct pick)) };
}
