/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/structures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/engine.h"
#include "run/pool.h"

#define STRUCTURE_MAX (1u << 20) /* bytes of one that are kept */
#define FILE_MAX      (64u << 20) /* bytes of a blob's file that are looked at */

/* ---- places ---- */

struct place_at {
	uint64_t address; /* 0: nothing points to it */
	struct structure_view view; /* size 0: there is no memory */
};

struct places {
	bool known;
	size_t count;
	struct place_at list[STRUCTURE_PLACES];
};

/* A memory, and where structures are in it. */
struct search {
	const struct spec *spec;
	const struct memory *memory;
	struct places *found; /* by entry number */
};

static struct structure_view view_at(const struct memory *memory, const struct structure *structure, uint64_t address)
{
	uint64_t offset = address - memory->base;

	if (address < memory->base || offset >= memory->size)
		return (struct structure_view){ structure, NULL, 0 };
	return (struct structure_view){ structure, memory->bytes + offset, memory->size - (size_t)offset };
}

static void add_place(struct places *places, uint64_t address, struct structure_view view)
{
	if (places->count < STRUCTURE_PLACES)
		places->list[places->count++] = (struct place_at){ address, view };
}

static void scan(const struct search *search, const struct structure *structure, struct places *places)
{
	const struct memory *memory = search->memory;
	uint64_t end = memory->base + memory->size, address = structure->range_low, skipped;

	/* what lies before the memory is passed by in one step */
	skipped = address < memory->base ? (memory->base - address + structure->step - 1) / structure->step : 0;
	address += skipped * structure->step;
	while (address < end && address <= structure->range_high && places->count < STRUCTURE_PLACES) {
		struct structure_view view = view_at(memory, structure, address);

		if (view.size && structure_fits(&view))
			add_place(places, address, view);
		if (address + structure->step < address)
			break;
		address += structure->step;
	}
}

static const struct places *find_places(struct search *search, const struct entry *entry);

/* One place for each of its holder's. */
static void follow(struct search *search, const struct structure *structure, struct places *places)
{
	const struct places *holders = find_places(search, structure->holder);
	const struct structure_field *field = &structure->holder->structure->fields[structure->holder_field];
	const struct name name = { .kind = NAME_FIELD, .index = structure->holder_field, .type = field->type->base };
	const struct value no_keys[2] = { { 0 } };

	for (size_t i = 0; i < holders->count; i++) {
		const struct place_at *holder = &holders->list[i];
		struct value value = structure_field(&holder->view, &name, no_keys);
		uint64_t address = value.known && value.bits ? value.bits : 0;

		if (address && structure->is_offset)
			address += holder->address;
		add_place(places, address, view_at(search->memory, structure, address));
	}
}

static const struct places *find_places(struct search *search, const struct entry *entry)
{
	struct places *places = &search->found[entry->number];

	if (places->known)
		return places;
	places->known = true;
	if (entry->structure->holder)
		follow(search, entry->structure, places);
	else
		scan(search, entry->structure, places);
	return places;
}

static struct search search_new(struct arena *arena, const struct spec *spec, const struct memory *memory)
{
	return (struct search){ spec, memory, arena_new_array(arena, struct places, spec->entry_count) };
}

/* ---- recordings ---- */

const char *structure_case_id(struct arena *arena, const struct entry *entry)
{
	return arena_printf(arena, "%s:structure", entry->full_id);
}

static void keep_bytes(struct arena *arena, struct structure_view view, uint64_t address, struct recorded_buffer *buffer)
{
	uint64_t size = view.size && structure_fits(&view) ? structure_size(&view) : structure_fields_size(view.structure);

	size = size < view.size ? size : view.size;
	size = size < STRUCTURE_MAX ? size : STRUCTURE_MAX;
	*buffer = (struct recorded_buffer){ .address = address, .size = (uint32_t)size };
	buffer->after = size ? arena_copy(arena, view.bytes, (size_t)size) : NULL;
}

static void record_place(struct arena *arena, const struct place_at *guest, const struct place_at *file,
			 const struct memory *file_memory, struct recorded_step *step)
{
	const struct place_at *place = guest ? guest : file;

	if (place) {
		step->arg_count = 1;
		step->args[0] = place->address;
	}
	/* where the guest's memory says that there is none, the file need not say otherwise */
	if (file && (!file->view.size || !structure_fits(&file->view) || (guest && !guest->address)))
		file = NULL;
	if ((guest && guest->view.size) || file)
		step->buffer_count = 1;
	if (guest)
		keep_bytes(arena, guest->view, guest->address, &step->buffers[0]);
	if (file)
		keep_bytes(arena, file->view, file->address - file_memory->base, &step->buffers[step->buffer_count++]);
}

static struct recorded_case *record(struct arena *arena, const struct entry *entry, struct search *guest, struct search *file)
{
	const struct places *in_guest = find_places(guest, entry), *in_file = find_places(file, entry);
	size_t count = in_guest->count ? in_guest->count : in_file->count;
	struct recorded_case *recorded = arena_alloc(arena, sizeof(*recorded));

	*recorded =
		(struct recorded_case){ .id = structure_case_id(arena, entry), .strategy = strategy_names[STRATEGY_BOUNDARY] };
	recorded->step_count = count ? (unsigned)count : 1;
	recorded->steps = arena_new_array(arena, struct recorded_step, recorded->step_count);
	for (size_t i = 0; i < recorded->step_count; i++) {
		struct recorded_step *step = &recorded->steps[i];

		step->entry = entry->full_id;
		step->outcome = RECORD_READ;
		record_place(arena, i < in_guest->count ? &in_guest->list[i] : NULL,
			     i < in_file->count ? &in_file->list[i] : NULL, file->memory, step);
	}
	return recorded;
}

void structures_find(struct arena *arena, const struct spec *spec, const struct memory *guest, const struct memory *file,
		     struct structures *structures)
{
	struct search in_guest = search_new(arena, spec, guest), in_file = search_new(arena, spec, file);

	structures->cases = arena_new_array(arena, struct recorded_case *, spec->entry_count);
	for (size_t i = 0; i < spec->entry_count; i++)
		if (spec->entries[i]->is_structure)
			structures->cases[i] = record(arena, spec->entries[i], &in_guest, &in_file);
}

/* ---- reading ---- */

bool spec_has_structures(const struct spec *spec)
{
	for (size_t i = 0; i < spec->entry_count; i++)
		if (spec->entries[i]->is_structure)
			return true;
	return false;
}

/* The lowest address that anything is scanned from. */
static uint64_t first_scanned(const struct spec *spec)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct structure *structure = spec->entries[i]->structure;

		if (structure && !structure->holder && !structure->optional && structure->range_low < first)
			first = structure->range_low;
	}
	return first;
}

/* Where the file lies: where the machine loads it, or else, if it is copied where the machine likes, where it would be looked for. */
static uint64_t file_base(const struct run_config *config)
{
	uint64_t first = first_scanned(config->spec), at = config->blob->machine->blob_at;

	return first >= at && first - at < config->blob->size ? at : first;
}

static int read_file(struct arena *arena, const struct run_config *config, struct memory *memory, struct err *err)
{
	const char *path = config->blob->path;
	size_t size = config->blob->size < FILE_MAX ? (size_t)config->blob->size : FILE_MAX;
	uint8_t *bytes = arena_alloc(arena, size + 1);
	FILE *file = fopen(path, "rb");

	if (!file)
		return err_set(err, EXIT_USAGE, "%s: %s", path, strerror(errno));
	*memory = (struct memory){ file_base(config), bytes, fread(bytes, 1, size, file) };
	fclose(file);
	return 0;
}

int structures_read(struct arena *arena, const struct run_config *config, struct structures *structures, struct err *err)
{
	const struct guest_config guest_config = engine_guest_config(config);
	arena_auto struct arena *scratch = arena_new();
	struct memory file = { 0 }, memory;
	struct attendant *attendant;

	if (read_file(scratch, config, &file, err))
		return -1;
	attendant = pool_take(config->pool, &guest_config, err);
	if (!attendant)
		return -1;
	attendant_ask(attendant);
	if (attendant_wait(attendant, err)) {
		attendant_free(attendant);
		return -1;
	}
	memory.bytes = guest_ram(attendant_guest(attendant), &memory.base, &memory.size);
	structures_find(arena, config->spec, &memory, &file, structures);
	pool_give(config->pool, attendant);
	return 0;
}

/* ---- what they tell ---- */

bool structure_first(const struct structures *structures, const struct entry *entry, struct structure_view *view)
{
	const struct recorded_step *step = &structures->cases[entry->number]->steps[0];

	for (unsigned i = 0; i < step->buffer_count; i++) {
		*view = (struct structure_view){ entry->structure, step->buffers[i].after, step->buffers[i].size };
		if (view->size && structure_fits(view))
			return true;
	}
	return false;
}

bool structures_are_missing(const struct structures *structures, const struct spec *spec, int version)
{
	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct entry *entry = spec->entries[i];
		const struct structure *structure = entry->structure;

		if (!structure || structure->optional || structure->holder ||
		    !spec_in_version(entry->since, entry->until, version))
			continue;
		if (!structures->cases[i]->steps[0].buffers[0].size)
			return true;
	}
	return false;
}
