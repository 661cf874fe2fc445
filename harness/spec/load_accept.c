/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings that an entry explains.
 */
#include "spec/load.h"

#include <string.h>

/* Silence is none of them: what the document leaves open is `unspecified`. */
static const char *const codes[] = { "contradiction", "never-applies", "vacuous", "unreachable-error", "undecided" };

static void read_code(struct load *load, const char *key, const struct node *value, void *slot)
{
	int number = load_choice(load, key, value, codes, sizeof(codes) / sizeof(codes[0]));

	*(const char **)slot = number < 0 ? "" : codes[number];
}

static bool is_known(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->entry_rules->count; i++) {
		if (!strcmp(((const struct rule *)load->entry_rules->items[i])->id, name))
			return true;
	}
	for (size_t i = 0; i < load->entry->error_count; i++) {
		if (!strcmp(load->entry->errors[i].name, name))
			return true;
	}
	return false;
}

static void read_of(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct accepted *accepted = slot;

	accepted->names = load_names(load, key, value, LIMIT_NAMES, &accepted->name_count);
	for (size_t i = 0; i < accepted->name_count; i++) {
		if (!is_known(load, accepted->names[i]))
			load_error(load, value->kind == NODE_SEQUENCE ? value->items[i] : value, "unknown-name",
				   "`%s` is no rule of this entry and no error it lists", accepted->names[i]);
	}
}

static const struct key accept_keys[] = {
	{ "code", true, read_code, offsetof(struct accepted, code) },
	{ "of", false, read_of, 0 },
	{ "why", true, read_text, offsetof(struct accepted, why) },
	{ "cite", false, read_cite, offsetof(struct accepted, cite) },
};
static const struct mapping accept_mapping = MAPPING("an accepted warning", accept_keys);

void read_accept(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct entry *entry = slot;
	struct accepted *accepted;

	if (!load_list(load, key, value, LIMIT_RULES))
		return;
	entry->accepted = accepted = arena_new_array(load->arena, struct accepted, value->count);
	for (size_t i = 0; i < value->count; i++) {
		accepted[i] = (struct accepted){ .code = "", .where = value->items[i]->where };
		if (load_is(load, value->items[i], NODE_MAPPING, accept_mapping.what))
			load_mapping(load, &accept_mapping, value->items[i], &accepted[i]);
	}
	entry->accepted_count = value->count;
}
