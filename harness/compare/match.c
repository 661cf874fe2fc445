/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match.c - which entry of one side is which of the other: by chapter and name, else by a name that only one of each side has,
 * else by the selector. What is left over came or went.
 */
#include "compare/internal.h"

#include <stdio.h>
#include <string.h>

struct match {
	struct work *work;
	const struct entry **old_of; /* by number of the new entry; NULL: it is new */
	const struct entry **new_of; /* by number of the old entry; NULL: it went */
};

typedef bool same_entry(const struct match *match, const struct entry *old, const struct entry *new);

static bool same_id(const struct match *match, const struct entry *old, const struct entry *new)
{
	(void)match;
	return !strcmp(old->name, new->name) && !strcmp(old->chapter->name, new->chapter->name);
}

/* What unknown calls do is said in many chapters under one name. */
static bool same_name(const struct match *match, const struct entry *old, const struct entry *new)
{
	const struct spec *a = match->work->out->old.spec, *b = match->work->out->new.spec;
	unsigned count = 0;

	if (strcmp(old->name, new->name))
		return false;
	for (size_t i = 0; i < a->entry_count; i++)
		count += !match->new_of[i] && entry_is_there(&match->work->out->old, a->entries[i]) &&
			 !strcmp(a->entries[i]->name, old->name);
	for (size_t i = 0; i < b->entry_count; i++)
		count += !match->old_of[i] && entry_is_there(&match->work->out->new, b->entries[i]) &&
			 !strcmp(b->entries[i]->name, new->name);
	return count == 2;
}

static bool same_selector(const struct match *match, const struct entry *old, const struct entry *new)
{
	size_t count = match->work->out->old.spec->convention.selector_count;
	unsigned all = (1u << count) - 1;

	if (!all || old->selector_known != all || new->selector_known != all ||
	    count != match->work->out->new.spec->convention.selector_count)
		return false;
	return !memcmp(old->selector, new->selector, count * sizeof(old->selector[0]));
}

static void match_by(struct match *match, same_entry *same)
{
	const struct spec *a = match->work->out->old.spec, *b = match->work->out->new.spec;

	for (size_t n = 0; n < b->entry_count; n++) {
		if (match->old_of[n] || !entry_is_there(&match->work->out->new, b->entries[n]))
			continue;
		for (size_t o = 0; o < a->entry_count && !match->old_of[n]; o++) {
			if (match->new_of[o] || !entry_is_there(&match->work->out->old, a->entries[o]) ||
			    !same(match, a->entries[o], b->entries[n]))
				continue;
			match->old_of[n] = a->entries[o];
			match->new_of[o] = b->entries[n];
		}
	}
}

/* ---- chapters ---- */

static size_t entries_there(const struct side *side, const struct chapter *chapter)
{
	size_t count = 0;

	for (size_t i = 0; i < chapter->entry_count; i++)
		count += entry_is_there(side, chapter->entries[i]);
	return count;
}

static const struct chapter *find_chapter(const struct side *side, const char *name)
{
	for (size_t i = 0; i < side->spec->chapter_count; i++)
		if (!strcmp(side->spec->chapters[i]->name, name) && entries_there(side, side->spec->chapters[i]))
			return side->spec->chapters[i];
	return NULL;
}

static size_t matched(const struct chapter *chapter, const struct entry *const *other)
{
	size_t count = 0;

	for (size_t i = 0; i < chapter->entry_count; i++)
		count += other[chapter->entries[i]->number] != NULL;
	return count;
}

static const char *chapter_id(struct work *work, const struct side *side, const struct chapter *chapter)
{
	return arena_printf(work->out->arena, "%s.%s", side->spec->name, chapter->name);
}

static const char *plural(size_t count)
{
	return count == 1 ? "y" : "ies";
}

static void chapter_came(struct work *work, const struct chapter *chapter)
{
	size_t count = entries_there(&work->out->new, chapter);

	change_add(work, CHANGED_CHAPTER_ADDED, chapter_id(work, &work->out->new, chapter),
		   chapter->presence ? SHIFT_FREE : SHIFT_STRONGER, "chapter added: %s, %zu entr%s, %s",
		   chapter->title ? chapter->title : chapter->name, count, plural(count),
		   chapter->presence ? "may be missing" : "mandatory")
		->cite = chapter->cite;
}

static void chapter_went(struct work *work, const struct chapter *chapter)
{
	size_t count = entries_there(&work->out->old, chapter);

	change_add(work, CHANGED_CHAPTER_REMOVED, chapter_id(work, &work->out->old, chapter), SHIFT_WEAKER,
		   "chapter removed: %s, %zu entr%s", chapter->title ? chapter->title : chapter->name, count, plural(count))
		->cite = chapter->cite;
}

static void compare_presence(struct work *work, const struct chapter *old, const struct chapter *new)
{
	const char *id = chapter_id(work, &work->out->new, new);

	if (calls_equal(old->presence, new->presence))
		return;
	change_add(work, CHANGED_PRESENCE, id,
		   !new->presence   ? SHIFT_STRONGER
		   : !old->presence ? SHIFT_WEAKER
				    : SHIFT_BOTH,
		   "%s",
		   !new->presence   ? "the chapter is mandatory now"
		   : !old->presence ? "the chapter may be missing now"
				    : "one finds out otherwise whether the chapter is there")
		->cite = new->cite;
}

/* ---- entries ---- */

static void entry_came(struct work *work, const struct entry *entry)
{
	bool optional = entry_may_be_missing(entry);
	struct change *change = change_add(work, CHANGED_ENTRY_ADDED, entry->full_id, optional ? SHIFT_FREE : SHIFT_STRONGER,
					   "entry added%s", optional ? ", may be missing" : " to a chapter that was there");

	change->after = entry->is_structure ? NULL : selector_text(work, &work->out->new, entry);
	change->cite = entry->cite;
}

static void entry_went(struct work *work, const struct entry *entry)
{
	struct change *change = change_add(work, CHANGED_ENTRY_REMOVED, entry->full_id, SHIFT_WEAKER, "entry removed");

	change->before = entry->is_structure ? NULL : selector_text(work, &work->out->old, entry);
	change->cite = entry->cite;
}

static void compare_new(struct match *match)
{
	struct work *work = match->work;
	const struct side *side = &work->out->new;

	for (size_t c = 0; c < side->spec->chapter_count; c++) {
		const struct chapter *chapter = side->spec->chapters[c], *old = find_chapter(&work->out->old, chapter->name);
		bool came;

		if (!entries_there(side, chapter))
			continue;
		came = !old && !matched(chapter, match->old_of);
		if (came)
			chapter_came(work, chapter);
		if (old)
			compare_presence(work, old, chapter);
		for (size_t i = 0; i < chapter->entry_count; i++) {
			const struct entry *entry = chapter->entries[i];
			const struct pair pair = { work, &work->out->old, side, match->old_of[entry->number], entry };

			if (pair.old)
				compare_entry(&pair);
			else if (entry_is_there(side, entry) && !came)
				entry_came(work, entry);
		}
	}
}

static void list_gone(struct match *match)
{
	struct work *work = match->work;
	const struct side *side = &work->out->old;

	for (size_t c = 0; c < side->spec->chapter_count; c++) {
		const struct chapter *chapter = side->spec->chapters[c];
		bool went = !find_chapter(&work->out->new, chapter->name) && !matched(chapter, match->new_of);

		if (!entries_there(side, chapter))
			continue;
		if (went)
			chapter_went(work, chapter);
		for (size_t i = 0; i < chapter->entry_count && !went; i++)
			if (!match->new_of[chapter->entries[i]->number] && entry_is_there(side, chapter->entries[i]))
				entry_went(work, chapter->entries[i]);
	}
}

void compare_entries(struct work *work)
{
	struct match match = { .work = work };

	match.old_of = arena_new_array(work->out->arena, const struct entry *, work->out->new.spec->entry_count + 1);
	match.new_of = arena_new_array(work->out->arena, const struct entry *, work->out->old.spec->entry_count + 1);
	match_by(&match, same_id);
	match_by(&match, same_name);
	match_by(&match, same_selector);
	compare_new(&match);
	list_gone(&match);
}
