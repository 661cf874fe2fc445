/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can it be found out whether a chapter is there, and where a structure is?
 */
#include "spec/load.h"

#include <string.h>

/* Follows presence from chapter to chapter; one that comes back to itself is never found. */
static bool comes_back(const struct load *load, const struct chapter *start)
{
	const struct chapter *chapter = start;

	for (size_t steps = 0; steps <= load->chapters.count; steps++) {
		if (!chapter->presence || !chapter->presence->entry)
			return false;
		chapter = chapter->presence->entry->chapter;
		if (chapter == start)
			return true;
	}
	return false;
}

static void check_presence(struct load *load, const struct chapter *chapter)
{
	const struct entry *entry = chapter->presence ? chapter->presence->entry : NULL;
	int since = chapter->since < 0 ? 0 : chapter->since;

	if (!entry)
		return;
	if (comes_back(load, chapter))
		findings_add(load->findings, SEVERITY_ERROR, chapter->presence->where, "not-discoverable",
			     "to find chapter `%s` one has to call it", chapter->name);
	else if (entry->since > since || (entry->until >= 0 && (chapter->until < 0 || chapter->until > entry->until)))
		load_warning(load, chapter->presence->where, "not-discoverable",
			     "chapter `%s` is in versions that have no %s.%s to find it with", chapter->name,
			     entry->chapter->name, entry->name);
}

/* One call tells whether an entry is there, and it is one that can be made before anything is known of the blob. */
static void check_question(struct load *load, const struct entry *entry)
{
	const struct spec_call *question = spec_question(entry);

	for (size_t i = 0; i < entry->prepare_count; i++) {
		const struct spec_call *call = &entry->prepare[i];

		if (!call->when || !call->entry)
			continue;
		if (call != question)
			findings_add(load->findings, SEVERITY_ERROR, call->where, "conflicting-keys",
				     "one call of `prepare` tells with `when` whether `%s` is there, this is the second",
				     entry->name);
		else if (call->entry == entry || spec_question(call->entry))
			findings_add(load->findings, SEVERITY_ERROR, call->where, "not-discoverable",
				     "to find out whether `%s` is there one has to find out whether %s.%s is", entry->name,
				     call->entry->chapter->name, call->entry->name);
	}
}

static void check_claim(struct load *load)
{
	const struct entry *claim = load->spec->claim;

	if (claim && claim->chapter->presence)
		findings_add(load->findings, SEVERITY_ERROR, claim->where, "not-discoverable",
			     "`claim` calls %s.%s, whose chapter may be missing", claim->chapter->name, claim->name);
}

/* --- structures --- */

/* A structure whose pointer lies in itself, by way of others, is never found. */
static void check_pointers(struct load *load, const struct entry *entry)
{
	const struct entry *holder = entry;

	for (size_t steps = 0; steps < load->entries.count && holder; steps++) {
		holder = holder->structure->holder;
		if (holder != entry)
			continue;
		findings_add(load->findings, SEVERITY_ERROR, entry->where, "cycle", "to find `%s` one has to have found it",
			     entry->name);
		return;
	}
}

/* Calls need a convention; structures do not. */
static void check_convention(struct load *load)
{
	if (load->spec->convention.gate[0])
		return;
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		if (entry->is_structure)
			continue;
		findings_add(load->findings, SEVERITY_ERROR, entry->where, "missing-key",
			     "an entry needs the interface's `convention` with a `gate`");
		return;
	}
}

void check_chapters(struct load *load)
{
	for (size_t i = 0; i < load->chapters.count; i++)
		check_presence(load, load->chapters.items[i]);
	for (size_t i = 0; i < load->entries.count; i++) {
		const struct entry *entry = load->entries.items[i];

		if (entry->structure && entry->structure->pointer)
			check_pointers(load, entry);
		check_question(load, entry);
	}
	check_claim(load);
	check_convention(load);
}
