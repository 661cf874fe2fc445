/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_fold.c - a loop ends its round by going back. Then the round that has just ended is compared with what was kept before
 * it: when it is the same, it is counted and forgotten. Loops in loops fold from the inside.
 */
#include "guest/trace_fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define THINGS_MAX 120000u
#define HEAD	   40000u /* of them stay in any case */
#define CUT	   40000u /* are dropped behind those when there is no more room */
#define ROUND_MAX  4096u /* things in one round of a loop */

enum kind { ADDRESS, REPEAT, GAP };

struct thing {
	enum kind kind;
	uint32_t length; /* REPEAT: of the round */
	uint64_t value; /* ADDRESS: it; REPEAT: times; GAP: addresses left out */
	uint64_t number; /* of the first address that it stands for */
	char *note;
};

struct fold {
	struct thing *things; /* room for THINGS_MAX */
	size_t count;
	size_t floor; /* nothing below it takes part in folding */
	uint64_t added;
};

struct fold *fold_new(void)
{
	struct fold *fold = xcalloc(1, sizeof(*fold));

	fold->things = xcalloc(THINGS_MAX, sizeof(*fold->things));
	return fold;
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	for (size_t i = 0; i < fold->count; i++)
		free(fold->things[i].note);
	free(fold->things);
	free(fold);
}

static void cut_to(struct fold *fold, size_t count)
{
	while (fold->count > count)
		free(fold->things[--fold->count].note);
}

/* Drops the oldest things behind the head; the gap that is there grows. */
static void make_room(struct fold *fold)
{
	uint64_t first = fold->things[HEAD].number; /* NOLINT(clang-analyzer-core.NullDereference): there since fold_new() */

	for (size_t i = HEAD; i < HEAD + CUT; i++)
		free(fold->things[i].note);
	memmove(fold->things + HEAD + 1, fold->things + HEAD + CUT, (fold->count - HEAD - CUT) * sizeof(*fold->things));
	fold->count -= CUT - 1;
	fold->things[HEAD] = (struct thing){ .kind = GAP, .value = fold->things[HEAD + 1].number - first, .number = first };
	fold->floor = HEAD + 1;
}

static struct thing *push(struct fold *fold, enum kind kind, uint64_t value)
{
	if (fold->count == THINGS_MAX)
		make_room(fold);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there since fold_new() */
	fold->things[fold->count] = (struct thing){ .kind = kind, .value = value, .number = fold->added };
	return &fold->things[fold->count++];
}

static bool is_same(const struct thing *a, const struct thing *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].kind != b[i].kind || a[i].value != b[i].value || a[i].length != b[i].length)
			return false;
	return true;
}

/* Where the round that began at this address, and has just ended, is in the list. SIZE_MAX: nowhere near. */
static size_t find_round(const struct fold *fold, uint64_t address)
{
	size_t lowest = fold->count > ROUND_MAX ? fold->count - ROUND_MAX : 0;

	lowest = lowest > fold->floor ? lowest : fold->floor;
	for (size_t i = fold->count; i-- > lowest;)
		if (fold->things[i].kind == ADDRESS && fold->things[i].value == address)
			return i;
	return SIZE_MAX;
}

/* The execution goes back to this address. */
static void fold_round(struct fold *fold, uint64_t address)
{
	size_t begin = find_round(fold, address), length = fold->count - begin;
	const struct thing *things = fold->things;

	if (begin == SIZE_MAX || begin < fold->floor + length)
		return;
	if (things[begin - 1].kind == REPEAT && things[begin - 1].length == length && begin > fold->floor + length &&
	    is_same(things + begin - 1 - length, things + begin, length)) {
		fold->things[begin - 1].value++;
		cut_to(fold, begin);
	} else if (is_same(things + begin - length, things + begin, length)) {
		uint64_t number = things[begin].number;

		cut_to(fold, begin);
		push(fold, REPEAT, 1)->length = (uint32_t)length;
		fold->things[fold->count - 1].number = number;
	}
}

void fold_add(struct fold *fold, uint64_t address)
{
	const struct thing *last = fold->count ? &fold->things[fold->count - 1] : NULL;

	if (last && last->kind == ADDRESS && address <= last->value)
		fold_round(fold, address);
	push(fold, ADDRESS, address);
	fold->things[fold->count - 1].number = ++fold->added;
}

void fold_take_back(struct fold *fold, uint64_t address)
{
	const struct thing *last = fold->count ? &fold->things[fold->count - 1] : NULL;

	if (!last || last->kind != ADDRESS || last->value != address)
		return;
	cut_to(fold, fold->count - 1);
	fold->added--;
}

uint64_t fold_count(const struct fold *fold)
{
	return fold->added;
}

size_t fold_size(const struct fold *fold)
{
	return fold->count;
}

size_t fold_last(const struct fold *fold)
{
	return fold->count ? fold->count - 1 : SIZE_MAX;
}

void fold_note(struct fold *fold, size_t thing, const char *note)
{
	char **text = &fold->things[thing].note;
	size_t used = *text ? strlen(*text) : 0, size = used + strlen(note) + 2;

	*text = xrealloc(*text, size);
	strcpy(*text + used, used ? " " : "");
	strcat(*text, note);
}

void fold_print(const struct fold *fold, const struct fold_printer *printer)
{
	for (size_t i = 0; i < fold->count; i++) {
		const struct thing *thing = &fold->things[i];

		if (thing->kind == ADDRESS)
			printer->address(printer->context, thing->number, thing->value, thing->note);
		else if (thing->kind == REPEAT)
			printer->repeat(printer->context, thing->length, thing->value);
		else
			printer->gap(printer->context, thing->value);
	}
}
