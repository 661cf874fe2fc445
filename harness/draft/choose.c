/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.c - which selectors are tried: neighbours of those that have a name, and the ranges that the user wants. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "draft/draft.h"

#define BEFORE 1u /* numbers before the first that has a name */

struct choice {
	struct draft *draft;
	const struct spec *spec;
	int version;
	const struct draft_wish *wish;
	size_t room;
	/* Of the parts of the selector: those in which named calls differ. Neighbours differ in the last of these, ranges are of the first. */
	unsigned parts, differ, first, varied;
	uint64_t usual[SPEC_RESULTS]; /* what the other parts hold */
};

static bool has_entry(const struct choice *choice, const struct entry *entry)
{
	return spec_in_version(entry->since, entry->until, choice->version) &&
	       spec_in_version(entry->chapter->since, entry->chapter->until, choice->version);
}

static unsigned all_parts(const struct spec *spec)
{
	return (1u << spec->convention.selector_count) - 1;
}

/* The argument in the place of this part; NULL: none. */
static const struct arg *arg_at(const struct entry *entry, const struct place *place)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (entry->args[i].place.kind == PLACE_REGISTER && place->kind == PLACE_REGISTER &&
		    !strcmp(entry->args[i].place.reg, place->reg))
			return &entry->args[i];
	return NULL;
}

/* A part that has its usual value does not count; one that may be anything stands for the calls that have no name. */
static bool part_is_named(const struct choice *choice, const struct entry *entry, unsigned part, uint64_t number)
{
	const struct arg *arg = arg_at(entry, &choice->spec->convention.selector[part]);

	if (entry->selector_known & (1u << part))
		return entry->selector[part] == number;
	return arg && arg->has_nominal;
}

/* Also in a version that is not asked for: it is documented. */
static bool names(const struct choice *choice, const struct entry *entry, const uint64_t *selector)
{
	if (entry->is_structure || !entry->selector_known)
		return false;
	for (unsigned part = 0; part < choice->spec->convention.selector_count; part++)
		if (!part_is_named(choice, entry, part, selector[part]))
			return false;
	return true;
}

static bool is_named(const struct choice *choice, const uint64_t *selector)
{
	for (size_t i = 0; i < choice->spec->entry_count; i++)
		if (names(choice, choice->spec->entries[i], selector))
			return true;
	return false;
}

static const char *part_name(const struct choice *choice, const uint64_t *selector, unsigned part)
{
	return arena_printf(choice->draft->arena, "%s_0x%" PRIx64, choice->spec->convention.selector_name[part], selector[part]);
}

static const char *chapter_name(const struct choice *choice, const uint64_t *selector)
{
	const char *name = NULL;

	for (unsigned part = 0; part < choice->parts; part++) {
		if (part == choice->varied)
			continue;
		name = name ? arena_printf(choice->draft->arena, "%s_%s", name, part_name(choice, selector, part))
			    : part_name(choice, selector, part);
	}
	return name ? name : "calls";
}

static bool is_chosen(const struct choice *choice, const uint64_t *selector)
{
	for (size_t i = 0; i < choice->draft->count; i++)
		if (!memcmp(choice->draft->calls[i].selector, selector, choice->parts * sizeof(*selector)))
			return true;
	return false;
}

static void choose(struct choice *choice, const uint64_t *selector)
{
	struct draft *draft = choice->draft;
	struct draft_call *call;

	if (is_named(choice, selector) || is_chosen(choice, selector))
		return;
	if (draft->count == choice->wish->limit) {
		draft->left_out++;
		return;
	}
	if (draft->count == choice->room)
		draft->calls = xrealloc(draft->calls, (choice->room = choice->room * 2 + 64) * sizeof(*draft->calls));
	call = &draft->calls[draft->count++];
	*call = (struct draft_call){ .chapter = chapter_name(choice, selector),
				     .name = part_name(choice, selector, choice->varied) };
	memcpy(call->selector, selector, choice->parts * sizeof(*selector));
}

/* ---- neighbours ---- */

static bool is_constant(const struct choice *choice, const struct entry *entry)
{
	return !entry->is_structure && entry->selector_known == all_parts(choice->spec) && has_entry(choice, entry);
}

/* Two calls whose selectors differ in nothing but the varied part. */
static bool alike(const struct choice *choice, const struct entry *a, const struct entry *b)
{
	for (unsigned part = 0; part < choice->parts; part++)
		if (part != choice->varied && a->selector[part] != b->selector[part])
			return false;
	return is_constant(choice, b);
}

/* From the number before the smallest that has a name up to `near` beyond the greatest. */
static void choose_near(struct choice *choice, const struct entry *first)
{
	const struct spec *spec = choice->spec;
	unsigned varied = choice->varied;
	uint64_t selector[SPEC_RESULTS] = { 0 }, low = first->selector[varied], high = low;

	memcpy(selector, first->selector, sizeof(selector));
	for (size_t i = 0; i < spec->entry_count; i++) {
		uint64_t number = spec->entries[i]->selector[varied];

		if (!alike(choice, first, spec->entries[i]))
			continue;
		low = number < low ? number : low;
		high = number > high ? number : high;
	}
	low -= low >= BEFORE ? BEFORE : low;
	for (uint64_t number = low; number <= high + choice->wish->near && number - low < choice->wish->limit; number++) {
		selector[varied] = number;
		choose(choice, selector);
	}
}

static bool is_first_of_group(const struct choice *choice, const struct entry *entry)
{
	if (!is_constant(choice, entry))
		return false;
	for (size_t i = 0; choice->spec->entries[i] != entry; i++)
		if (alike(choice, entry, choice->spec->entries[i]))
			return false;
	return true;
}

/* Which parts tell the named calls from each other; where there are no two of them, the last part is what calls differ in. */
static void find_parts(struct choice *choice)
{
	const struct entry *first = NULL;

	choice->parts = (unsigned)choice->spec->convention.selector_count;
	choice->first = choice->varied = choice->parts - 1;
	for (size_t i = 0; i < choice->spec->entry_count; i++) {
		const struct entry *entry = choice->spec->entries[i];

		if (!is_constant(choice, entry))
			continue;
		if (!first)
			memcpy(choice->usual, entry->selector, sizeof(choice->usual));
		first = first ? first : entry;
		for (unsigned part = 0; part < choice->parts; part++)
			choice->differ |= (unsigned)(entry->selector[part] != first->selector[part]) << part;
	}
	if (!choice->differ)
		choice->differ = 1u << choice->varied;
	while (!(choice->differ >> choice->varied & 1))
		choice->varied--;
	choice->first = (unsigned)__builtin_ctz(choice->differ);
}

static void choose_neighbours(struct choice *choice)
{
	for (size_t i = 0; i < choice->spec->entry_count; i++)
		if (is_first_of_group(choice, choice->spec->entries[i]))
			choose_near(choice, choice->spec->entries[i]);
}

/* ---- ranges ---- */

static int find_part(const struct choice *choice, const char *name, size_t length)
{
	for (size_t i = 0; i < choice->spec->convention.selector_count; i++)
		if (strlen(choice->spec->convention.selector_name[i]) == length &&
		    !strncmp(choice->spec->convention.selector_name[i], name, length))
			return (int)i;
	return -1;
}

/* All of a small range; of a large one its ends, and numbers at even distances between. */
static void choose_range(struct choice *choice, unsigned part, uint64_t low, uint64_t high)
{
	size_t each = part == choice->varied ? 1 : choice->wish->near + 1;
	uint64_t wanted = choice->wish->limit / each / 2 + 1, step = (high - low) / wanted + 1;
	uint64_t selector[SPEC_RESULTS] = { 0 };

	memcpy(selector, choice->usual, sizeof(selector));
	choice->draft->left_out += step > 1 ? (high - low) - (high - low) / step : 0;
	for (uint64_t number = low;; number = high - number < step ? high : number + step) {
		selector[part] = number;
		for (size_t i = 0; i < each; i++) {
			if (part != choice->varied)
				selector[choice->varied] = i;
			choose(choice, selector);
		}
		if (number == high)
			break;
	}
}

static const struct int_set *find_set(const struct choice *choice, const char *name, size_t length)
{
	for (size_t i = 0; i < choice->spec->set_count; i++)
		if (strlen(choice->spec->sets[i].name) == length && !strncmp(choice->spec->sets[i].name, name, length))
			return &choice->spec->sets[i];
	return NULL;
}

static const char *read_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return end == text || *text == '-' ? NULL : end;
}

static bool read_range(const char *item, size_t length, uint64_t *low, uint64_t *high)
{
	const char *end = read_number(item, low);

	*high = *low;
	if (end && !strncmp(end, "..", 2))
		end = read_number(end + 2, high);
	return end == item + length && *low <= *high;
}

static int choose_item(struct choice *choice, unsigned part, const char *item, size_t length, struct err *err)
{
	const struct int_set *set = find_set(choice, item, length);
	uint64_t low, high;

	for (size_t i = 0; set && i < set->count; i++)
		choose_range(choice, part, (uint64_t)set->ranges[i].low, (uint64_t)set->ranges[i].high);
	if (set)
		return 0;
	if (!read_range(item, length, &low, &high))
		return err_set(err, EXIT_USAGE,
			       "--select: `%.*s` is neither a number, nor a range as 0x10..0x1f, nor a set of %s", (int)length,
			       item, choice->spec->name);
	choose_range(choice, part, low, high);
	return 0;
}

static int choose_ranges(struct choice *choice, const char *text, struct err *err)
{
	const char *equals = strchr(text, '='), *item = equals ? equals + 1 : text;
	int part = equals ? find_part(choice, text, (size_t)(equals - text)) : (int)choice->first;

	if (part < 0)
		return err_set(err, EXIT_USAGE, "--select: `%.*s` is no part of the selector of %s; the first one is `%s`",
			       (int)(equals - text), text, choice->spec->name, choice->spec->convention.selector_name[0]);
	for (;;) {
		size_t length = strcspn(item, ",");

		if (choose_item(choice, (unsigned)part, item, length, err))
			return -1;
		if (!item[length])
			return 0;
		item += length + 1;
	}
}

struct draft *draft_new(const struct spec *spec, int version, const struct draft_wish *wish, struct err *err)
{
	struct draft *draft = xcalloc(1, sizeof(*draft));
	struct choice choice = { .draft = draft, .spec = spec, .version = version, .wish = wish };
	int failed = 0;

	draft->spec = spec;
	draft->arena = arena_new();
	if (!spec->convention.selector_count)
		failed = err_set(err, EXIT_USAGE, "%s: has no calls, so there are none without a name", spec->name);
	else
		find_parts(&choice);
	for (size_t i = 0; !failed && i < wish->range_count; i++)
		failed = choose_ranges(&choice, wish->ranges[i], err);
	if (!failed)
		choose_neighbours(&choice);
	if (!failed && !draft->count)
		failed = err_set(err, EXIT_USAGE,
				 "%s: no call without a name is in reach; say which to try with --near and --select", spec->name);
	if (!failed)
		return draft;
	draft_free(draft);
	return NULL;
}

void draft_free(struct draft *draft)
{
	if (!draft)
		return;
	free(draft->calls);
	arena_free(draft->arena);
	free(draft);
}
