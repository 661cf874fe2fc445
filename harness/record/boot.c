/* SPDX-License-Identifier: BSD-2-Clause */
#include "record/boot.h"

#include <stdlib.h>

#define ROOM 256u

bool recorded_was_run(const struct recorded_case *recorded)
{
	for (unsigned i = 0; i < recorded->step_count; i++)
		if (recorded->steps[i].outcome != RECORD_NOT_RUN)
			return true;
	return false;
}

void boot_enter(struct boot_ids *boot, const struct recorded_case *recorded)
{
	if (!boot->arena)
		boot->arena = arena_new();
	if (boot->number == recorded->boot)
		return;
	arena_reset(boot->arena);
	boot->number = recorded->boot;
	boot->count = 0;
}

void boot_add(struct boot_ids *boot, const struct recorded_case *recorded)
{
	boot_enter(boot, recorded);
	if (boot->count == boot->room) {
		boot->room = boot->room ? 2 * boot->room : ROOM;
		boot->ids = xrealloc(boot->ids, boot->room * sizeof(*boot->ids));
	}
	boot->ids[boot->count++] = arena_strdup(boot->arena, recorded->id);
}

const char *const *boot_copy(const struct boot_ids *boot, struct arena *arena)
{
	const char **ids = arena_new_array(arena, const char *, boot->count + 1);

	for (size_t i = 0; i < boot->count; i++)
		ids[i] = arena_strdup(arena, boot->ids[i]);
	return ids;
}

void boot_free(struct boot_ids *boot)
{
	free(boot->ids);
	arena_free(boot->arena);
	*boot = (struct boot_ids){ 0 };
}
