/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - the universal rules about memory: guard-zones (around every buffer) and declared-writes (what may only be read). */
#include <inttypes.h>
#include <string.h>

#include "judge/universal.h"

/* Part of a captured buffer: [from, to) of guard, content, guard. */
struct part {
	size_t from, to;
};

/* A byte that changed and should not have. */
struct change {
	unsigned buffer;
	size_t at;
};

/* The parts of a buffer that must not change; how many. */
typedef unsigned keeps(const struct world *world, unsigned number, struct part parts[2]);

static unsigned keeps_guards(const struct world *world, unsigned number, struct part parts[2])
{
	const struct recorded_buffer *buffer = &world->step->buffers[number];
	size_t end = (size_t)buffer->guard + buffer->size;

	parts[0] = (struct part){ 0, buffer->guard };
	parts[1] = (struct part){ end, end + buffer->guard };
	return buffer->guard ? 2 : 0;
}

static unsigned keeps_content(const struct world *world, unsigned number, struct part parts[2])
{
	const struct recorded_buffer *buffer = &world->step->buffers[number];
	const struct entry *entry = world->entry;

	parts[0] = (struct part){ buffer->guard, (size_t)buffer->guard + buffer->size };
	return number < entry->buffer_count && entry->args[entry->buffers[number]].direction == DIRECTION_IN && buffer->size;
}

/* The offset of the first byte of a part that changed; part.to when none did. */
static size_t first_change(const struct recorded_buffer *buffer, struct part part)
{
	size_t at = part.from;

	if (buffer->before == buffer->after || !memcmp(buffer->before + at, buffer->after + at, part.to - at))
		return part.to;
	while (buffer->before[at] == buffer->after[at])
		at++;
	return at;
}

/* PASS or FAIL (and where), or NO_VERDICT when there was nothing to look at. */
static enum verdict look(const struct world *world, keeps *keep, struct change *change)
{
	enum verdict verdict = NO_VERDICT;

	for (unsigned number = 0; world_has_after(world) && number < world->step->buffer_count; number++) {
		const struct recorded_buffer *buffer = &world->step->buffers[number];
		struct part parts[2] = { 0 };
		unsigned count = buffer->before && buffer->after ? keep(world, number, parts) : 0;

		for (unsigned i = 0; i < count; i++) {
			*change = (struct change){ number, first_change(buffer, parts[i]) };
			if (change->at != parts[i].to)
				return VERDICT_FAIL;
			verdict = VERDICT_PASS;
		}
	}
	return verdict;
}

static void words_change(const struct world *world, keeps *keep, struct words *words)
{
	const struct entry *entry = world->entry;
	const struct recorded_buffer *buffer;
	struct change change;
	const char *name;
	int64_t offset;

	if (look(world, keep, &change) != VERDICT_FAIL)
		return;
	buffer = &world->step->buffers[change.buffer];
	name = change.buffer < entry->buffer_count ? entry->args[entry->buffers[change.buffer]].name : "buffer";
	offset = (int64_t)change.at - buffer->guard;
	expect(words, "%s[%" PRId64 "] = 0x%02x as before", name, offset, buffer->before[change.at]);
	got(words, "%s[%" PRId64 "] = 0x%02x at 0x%" PRIx64 " (%" PRIu32 " bytes were given)", name, offset,
	    buffer->after[change.at], buffer->address + (uint64_t)offset, buffer->size);
}

enum verdict judge_guard_zones(const struct world *world)
{
	struct change change;

	return look(world, keeps_guards, &change);
}

void words_guard_zones(const struct world *world, struct words *words)
{
	words_change(world, keeps_guards, words);
}

enum verdict judge_declared_writes(const struct world *world)
{
	struct change change;

	return look(world, keeps_content, &change);
}

void words_declared_writes(const struct world *world, struct words *words)
{
	words_change(world, keeps_content, words);
}
