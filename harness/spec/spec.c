/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/spec.h"

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
};

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
