/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

const char *const universal_rules[UNIVERSAL_COUNT] = {
	[UNIVERSAL_RETURNS] = "returns",
	[UNIVERSAL_DECLARED_ERROR] = "declared-error",
	[UNIVERSAL_PRESERVED_REGISTERS] = "preserved-registers",
	[UNIVERSAL_PRESERVED_CONTROL] = "preserved-control",
	[UNIVERSAL_GUARD_ZONES] = "guard-zones",
	[UNIVERSAL_DECLARED_WRITES] = "declared-writes",
	[UNIVERSAL_CONSOLE_SILENCE] = "console-silence",
	[UNIVERSAL_DEADLINE] = "deadline",
	[UNIVERSAL_UNSUPPORTED] = "unsupported",
	[UNIVERSAL_FOUND] = "found",
};

const char *place_text(struct arena *arena, const struct place *place)
{
	switch (place->kind) {
	case PLACE_STACK:
		return arena_printf(arena, "stack+%u", place->offset);
	case PLACE_BLOCK:
		return arena_printf(arena, "block+%u:%u", place->offset, place->bits);
	case PLACE_INSTRUCTION:
		return arena_printf(arena, "insn[%u:%u]", place->high, place->low);
	default:
		return place->reg ? place->reg : "";
	}
}

const struct entry *spec_find_entry(const struct spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct entry *entry = spec->entries[i];
		const char *without_interface = entry->full_id + strlen(spec->name) + 1;

		if (!strcmp(entry->full_id, name) || !strcmp(without_interface, name))
			return entry;
	}
	return NULL;
}

const char *spec_error_name(const struct spec *spec, uint64_t value)
{
	for (size_t i = 0; i < spec->error_count; i++) {
		if (spec->errors[i].value == value)
			return spec->errors[i].name;
	}
	return NULL;
}

const struct spec_call *spec_question(const struct entry *entry)
{
	for (size_t i = 0; i < entry->prepare_count; i++)
		if (entry->prepare[i].when)
			return &entry->prepare[i];
	return NULL;
}

struct version {
	uint64_t major, minor;
};

static struct version version_of(const char *text)
{
	char *end;
	struct version version = { .major = strtoull(text, &end, 10) };

	version.minor = *end == '.' ? strtoull(end + 1, NULL, 10) : 0;
	return version;
}

static bool is_greater(struct version a, struct version b)
{
	return a.major != b.major ? a.major > b.major : a.minor > b.minor;
}

int spec_version(const struct spec *spec, uint64_t major, uint64_t minor)
{
	struct version best = { 0 };
	int found = -1;

	for (size_t i = 0; i < spec->version_count; i++) {
		struct version version = version_of(spec->versions[i]);

		if (is_greater(version, (struct version){ major, minor }) || (found >= 0 && is_greater(best, version)))
			continue;
		found = (int)i;
		best = version;
	}
	return found;
}
