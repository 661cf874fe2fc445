/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nominal.c - values with which a call should succeed, found from the rules.
 *
 * While one argument is odd the others have to be right, or the call is refused for a reason that is not looked at. What is
 * right is not always what a type says (the CPU to start must not be the one that runs), so the rules are asked.
 */
#include "plan/internal.h"

#include <string.h>

#define TRIES 1500u

static bool succeeds(struct plan *plan, const struct planned *main)
{
	struct draft *draft = arena_alloc(plan->search, sizeof(*draft));
	struct sight sight = { .plan = plan };
	struct model model;

	if (draft_around(plan, draft, main, true))
		return false;
	draft_model(plan, draft, draft->main, &model);
	sight.model = &model;
	sight.call = &draft->calls[draft->main];
	return model_predict(&sight, 0) == PREDICT_SUCCESS;
}

static bool eligible(const struct pick *pick)
{
	return !pick->reserved && (pick->value.source == VALUE_LITERAL || pick->value.source == VALUE_BUFFER) && !pick->misalign;
}

static void prefer(struct picks *picks, size_t index)
{
	struct pick pick = picks->list[index];

	memmove(&picks->list[1], &picks->list[0], index * sizeof(pick));
	picks->list[0] = pick;
}

/* Other values for arguments from `first` on, at most `depth` of them changed; keeps the first choice that works. */
static bool improve(struct plan *plan, struct menu *menu, struct planned *main, unsigned first, unsigned depth, unsigned *tries)
{
	for (unsigned a = first; a < menu->entry->arg_count; a++) {
		struct picks *picks = &menu->args[a];
		struct pick kept = main->args[a];

		if (kept.value.source == VALUE_RESULT)
			continue;
		for (size_t i = 1; i < picks->count && *tries < TRIES; i++) {
			if (!eligible(&picks->list[i]))
				continue;
			main->args[a] = picks->list[i];
			arena_reset(plan->search);
			++*tries;
			if (depth > 1 ? improve(plan, menu, main, a + 1, depth - 1, tries) : succeeds(plan, main)) {
				prefer(picks, i);
				return true;
			}
		}
		main->args[a] = kept;
	}
	return false;
}

static void fit(struct plan *plan, struct menu *menu)
{
	struct planned main;
	unsigned tries = 0;

	planned_nominal(plan, menu->entry, &main);
	arena_reset(plan->search);
	if (succeeds(plan, &main))
		return;
	if (!improve(plan, menu, &main, 0, 1, &tries))
		improve(plan, menu, &main, 0, 2, &tries);
}

static bool has_producer(const struct plan *plan, const char *handle)
{
	for (size_t i = 0; i < plan->spec->entry_count; i++) {
		const struct entry *entry = plan->spec->entries[i];

		if (!plan_has_entry(plan, entry) || !plan_is_present(plan, entry))
			continue;
		for (unsigned r = 0; r < entry->result_count; r++)
			if (entry->results[r].produces && !strcmp(entry->results[r].produces, handle))
				return true;
	}
	return false;
}

const struct menu *plan_menu(struct plan *plan, const struct entry *entry)
{
	struct menu *menu = &plan->menus[entry->number];

	if (menu->ready)
		return menu;
	menu->ready = true;
	menu->entry = entry;
	for (unsigned i = 0; i < entry->arg_count; i++) {
		struct picks *picks = &menu->args[i];

		*picks = values_of(plan, entry, i);
		if (entry->args[i].role == ROLE_HANDLE && picks->count > 1 && picks->list[0].value.source == VALUE_RESULT &&
		    !has_producer(plan, entry->args[i].handle)) {
			picks->list++;
			picks->count--;
		}
		/* An address to be called is none but what a call has returned: another one would be our mistake. */
		if (entry->args[i].role == ROLE_HANDLE && arg_is_selector(plan, &entry->args[i])) {
			picks->count = 1;
			picks->list[0].reserved = false;
		}
	}
	if (plan_is_present(plan, entry))
		fit(plan, menu);
	return menu;
}
