/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world.c - one recorded step as the environment of expressions.
 *
 * The rule here is: what was not seen is unknown. A result of a call that did not come back, memory that was not captured,
 * interrupts and landings nobody waited for; none of them is ever taken for zero.
 */
#include <string.h>

#include "judge/private.h"

typedef struct value reader(const struct world *world, const struct name *name, const struct value keys[2]);

static struct value typed(const struct name *name, uint64_t bits)
{
	return value_of(bits, name->type);
}

static struct value typed_if(bool known, const struct name *name, uint64_t bits)
{
	return known ? value_of(bits, name->type) : value_unknown();
}

static bool returned(const struct world *world)
{
	return world->outcome == RECORD_RETURNED;
}

bool world_has_after(const struct world *world)
{
	return returned(world) || world->outcome == RECORD_TRAPPED || world->outcome == RECORD_LANDED;
}

static struct value read_constant(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)world;
	(void)keys;
	return name->value;
}

static struct value read_arg(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)keys;
	return name->index < world->step->arg_count ? typed(name, world->step->args[name->index]) : value_unknown();
}

static struct value read_result(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)keys;
	if (!returned(world) || name->index >= world->step->result_count)
		return value_unknown();
	return typed(name, world->step->results[name->index]);
}

static struct value read_state(const struct world *world, const struct name *name, const struct value keys[2])
{
	const uint64_t bits[2] = { name->keys > 0 ? keys[0].bits : 0, name->keys > 1 ? keys[1].bits : 0 };
	struct value value;

	for (unsigned i = 0; i < name->keys && i < 2; i++)
		if (!keys[i].known)
			return value_unknown();
	/* the model works out initial values in this world, and leaves it as it was */
	value = model_value(world->model, (struct world *)world, name->index, bits);
	return typed_if(value.known, name, value.bits);
}

/* The address of a buffer argument; what lies behind it is read by load(). */
static struct value read_buffer(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)keys;
	return name->arg < world->step->arg_count ? typed(name, world->step->args[name->arg]) : value_unknown();
}

static struct value read_control(const struct world *world, const struct name *name, const struct value keys[2])
{
	const struct recorded_step *step = world->step;
	const uint64_t *const moments[] = { step->before, step->after, step->later };
	const bool known[] = { true, returned(world), returned(world) && step->has_later };
	int number = name->index < SPEC_CONTROL ? world->judge->control[name->index] : -1;

	(void)keys;
	if (number < 0 || name->when > 2)
		return value_unknown();
	return typed_if(known[name->when], name, moments[name->when][number]);
}

/*
 * Did some CPU enter a pad? That none did is known only when there was time to look, or when the caller itself should have
 * come out at a pad and came back instead.
 */
static struct value has_landed(const struct world *world)
{
	if (world->step->landing_count || world->outcome == RECORD_LANDED)
		return value_bool(true);
	if (world->step->has_later || (returned(world) && world->entry->outcomes & OUTCOME_LANDS))
		return value_bool(false);
	return value_unknown();
}

static struct value read_outcome(const struct world *world, const struct name *name, const struct value keys[2])
{
	static const enum record_outcome outcomes[] = {
		[OUT_RETURNED] = RECORD_RETURNED, [OUT_TRAPPED] = RECORD_TRAPPED,   [OUT_LANDED] = RECORD_LANDED,
		[OUT_STOPPED] = RECORD_STOPPED,	  [OUT_SHUTDOWN] = RECORD_SHUTDOWN, [OUT_RESET] = RECORD_RESET,
	};

	(void)keys;
	if (name->index == OUT_LANDED)
		return has_landed(world);
	return name->index <= OUT_RESET ? value_bool(world->outcome == outcomes[name->index]) : value_unknown();
}

static struct value read_trap(const struct world *world, const struct name *name, const struct value keys[2])
{
	const uint64_t parts[] = { world->step->cause, world->step->pc, world->step->trap_value };

	(void)keys;
	if (world->outcome != RECORD_TRAPPED || name->index > 2)
		return value_unknown();
	return typed(name, parts[name->index]);
}

static struct value read_landed_register(const struct world *world, const struct name *name)
{
	const struct recorded_landing *landing = &world->step->landings[0];
	const struct register_name *found = NULL;

	HASH_FIND_STR(world->judge->register_names, name->text, found);
	if (!found)
		return value_unknown();
	return typed(name, found->control >= 0 ? landing->control[found->control] : landing->registers[found->number]);
}

static struct value read_land(const struct world *world, const struct name *name, const struct value keys[2])
{
	const struct recorded_step *step = world->step;

	(void)keys;
	if (name->index == LAND_COUNT)
		return typed_if(has_landed(world).known && (step->landing_count || world->outcome != RECORD_LANDED), name,
				step->landing_count);
	if (!step->landing_count)
		return value_unknown();
	return name->index == LAND_HART ? typed(name, step->landings[0].hart) : read_landed_register(world, name);
}

static struct value read_ipis(const struct world *world, const struct name *name, const struct value keys[2])
{
	const struct recording_head *head = world->judge->head;

	if (!keys[0].known || !world->step->has_later)
		return value_unknown();
	for (unsigned i = 0; i < head->harts && i < RECORD_HARTS; i++)
		if (head->hart_ids[i] == keys[0].bits)
			return typed(name, world->step->ipis[i]);
	return value_unknown();
}

static struct value read_console(const struct world *world, const struct name *name, const struct value keys[2])
{
	const struct recorded_step *step = world->step;

	if (!step->has_console)
		return value_unknown();
	if (name->index == 0)
		return typed(name, step->console_length);
	if (!keys[0].known || keys[0].bits >= step->console_length)
		return value_unknown();
	return typed(name, step->console[keys[0].bits]);
}

static struct value read_time(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)keys;
	return name->index == 0 ? typed(name, world->step->start) : typed_if(returned(world), name, world->step->end);
}

static struct value read_fact(const struct world *world, const struct name *name, const struct value keys[2])
{
	const struct recording_head *head = world->judge->head;
	const struct {
		bool known;
		uint64_t bits;
	} facts[FACT_COUNT] = {
		[FACT_HARTS] = { true, head->harts },
		[FACT_BOOT_HART] = { true, head->boot_hart },
		[FACT_SELF] = { true, world->step->hart },
		[FACT_RAM_BASE] = { head->ram_size > 0, head->ram_base },
		[FACT_RAM_SIZE] = { head->ram_size > 0, head->ram_size },
		[FACT_CLAIMED_MAJOR] = { head->claimed_major >= 0, (uint64_t)head->claimed_major },
		[FACT_CLAIMED_MINOR] = { head->claimed_minor >= 0, (uint64_t)head->claimed_minor },
		[FACT_CLOCK_HZ] = { head->clock_hz > 0, head->clock_hz },
	};

	(void)keys;
	return name->index < FACT_COUNT ? typed_if(facts[name->index].known, name, facts[name->index].bits) : value_unknown();
}

static struct value read_key(const struct world *world, const struct name *name, const struct value keys[2])
{
	(void)keys;
	return name->index < 2 ? typed(name, world->key[name->index]) : value_unknown();
}

static struct value read_field(const struct world *world, const struct name *name, const struct value keys[2])
{
	return world->structure.size ? structure_field(&world->structure, name, keys) : value_unknown();
}

static reader *const readers[] = {
	[NAME_CONSTANT] = read_constant, [NAME_ARG] = read_arg,		[NAME_RESULT] = read_result,   [NAME_STATE] = read_state,
	[NAME_BUFFER] = read_buffer,	 [NAME_CONTROL] = read_control, [NAME_OUTCOME] = read_outcome, [NAME_TRAP] = read_trap,
	[NAME_LAND] = read_land,	 [NAME_IPIS] = read_ipis,	[NAME_CONSOLE] = read_console, [NAME_TIME] = read_time,
	[NAME_FACT] = read_fact,	 [NAME_KEY] = read_key,		[NAME_FIELD] = read_field,
};

static struct value world_read(void *context, const struct name *name, const struct value keys[2])
{
	reader *read = name->kind < sizeof(readers) / sizeof(*readers) ? readers[name->kind] : NULL;

	return read ? read(context, name, keys) : value_unknown();
}

/* An address of two halves as one; false when it is beyond what 64 bits can say. */
static bool join_address(const struct world *world, uint64_t high, uint64_t low, uint64_t *address)
{
	unsigned word = world->judge->spec->convention.word;

	*address = word >= 64 ? low : high << word | low;
	return word >= 64 ? high == 0 : high >> (64 - word) == 0;
}

/*
 * Where the callee was told to look, as an offset into the buffer that was laid out. False when the argument points elsewhere
 * (a case may pass any number): then nobody knows what is there.
 */
static bool buffer_offset(const struct world *world, unsigned number, uint64_t *offset)
{
	const struct recorded_step *step = world->step;
	const struct arg *arg;
	uint64_t high = 0, address;
	unsigned argument;

	if (number >= step->buffer_count || number >= world->entry->buffer_count)
		return false;
	argument = world->entry->buffers[number];
	if (argument >= step->arg_count)
		return false;
	arg = &world->entry->args[argument];
	if (arg->other >= 0 && (unsigned)arg->other < step->arg_count)
		high = step->args[arg->other];
	if (!join_address(world, high, step->args[argument], &address))
		return false;
	*offset = address - step->buffers[number].address;
	return *offset <= step->buffers[number].size;
}

static uint64_t to_number(const uint8_t *bytes, unsigned size, bool big_endian)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size; i++)
		number = number << 8 | bytes[big_endian ? i : size - 1 - i];
	return number;
}

static struct value world_load(void *context, unsigned number, uint64_t offset, unsigned size, bool old)
{
	const struct world *world = context;
	const struct recorded_buffer *buffer;
	const uint8_t *bytes;
	uint64_t start;

	if (world->entry->structure)
		return world->structure.size ? structure_load(&world->structure, offset, size) : value_unknown();
	if (!buffer_offset(world, number, &start))
		return value_unknown();
	buffer = &world->step->buffers[number];
	bytes = old ? buffer->before : buffer->after;
	if (!bytes || (!old && !world_has_after(world)))
		return value_unknown();
	if (size > 8 || offset > buffer->size - start || buffer->size - start - offset < size)
		return value_unknown();
	bytes += buffer->guard + start + offset;
	return value_of(to_number(bytes, size, world->judge->spec->convention.big_endian),
			(struct int_type){ (uint8_t)(size * 8), false });
}

static struct value world_is_hart(void *context, uint64_t hart)
{
	const struct recording_head *head = ((const struct world *)context)->judge->head;

	for (unsigned i = 0; i < head->harts && i < RECORD_HARTS; i++)
		if (head->hart_ids[i] == hart)
			return value_bool(true);
	return value_bool(false);
}

static const uint64_t *range_at(const struct recording_head *head, uint64_t address)
{
	for (size_t i = 0; i < head->map_count; i++)
		if (address >= head->map[i][0] && address <= head->map[i][1])
			return head->map[i];
	return NULL;
}

/* Is every byte of low..high somewhere in the machine's memory map? Ranges may touch, in any order. */
static bool is_mapped(const struct recording_head *head, uint64_t low, uint64_t high)
{
	for (;;) {
		const uint64_t *range = range_at(head, low);

		if (!range)
			return false;
		if (high <= range[1])
			return true;
		low = range[1] + 1;
	}
}

static struct value world_accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	const struct world *world = context;
	const struct recording_head *head = world->judge->head;
	uint64_t first, last;

	if (!length)
		return value_unknown();
	if (!join_address(world, high, low, &first))
		return value_bool(false);
	last = first + (length - 1);
	if (last < first)
		return value_bool(false);
	if (head->own_high && first >= head->own_low && last <= head->own_high)
		return value_bool(true);
	return head->map_count && !is_mapped(head, first, last) ? value_bool(false) : value_unknown();
}

static struct value world_present(void *context, unsigned number)
{
	const struct world *world = context;
	const struct chapter *chapter = number < world->judge->spec->chapter_count ? world->judge->spec->chapters[number] : NULL;
	const struct recording_head *head = world->judge->head;

	if (!chapter)
		return value_unknown();
	for (size_t i = 0; i < head->chapter_count; i++)
		if (!strcmp(head->chapters[i], chapter->name))
			return value_bool(head->present[i]);
	return chapter->presence ? value_unknown() : value_bool(true);
}

static const char *enum_name(const struct type *type, uint64_t bits)
{
	for (size_t i = 0; type && i < type->enum_count; i++)
		if (int_truncate(type->enums[i].value, type->base) == bits)
			return type->enums[i].name;
	return NULL;
}

static const char *world_constant_name(void *context, const struct name *name, uint64_t bits)
{
	const struct world *world = context;
	const struct spec *spec = world->judge->spec;

	if (name->kind == NAME_RESULT && (int)name->index == spec->convention.status && world->entry->errors)
		return spec_error_name(spec, bits);
	if (name->kind == NAME_RESULT && name->index < world->entry->result_count)
		return enum_name(world->entry->results[name->index].type, bits);
	if (name->kind == NAME_ARG && name->index < world->entry->arg_count)
		return enum_name(world->entry->args[name->index].type, bits);
	return name->kind == NAME_STATE ? enum_name(spec->states[name->index]->type, bits) : NULL;
}

/* A CPU that was stopped as asked and a machine in which nobody runs any more look the same when it was the only one. */
static enum record_outcome meant(const struct entry *entry, enum record_outcome outcome)
{
	return outcome == RECORD_HANG && entry->outcomes & OUTCOME_STOPS ? RECORD_STOPPED : outcome;
}

static struct structure_view find_structure(const struct entry *entry, const struct recorded_step *step)
{
	for (unsigned i = 0; entry->structure && i < step->buffer_count; i++) {
		const struct recorded_buffer *buffer = &step->buffers[i];
		const struct structure_view view = { entry->structure, buffer->after, buffer->size };

		if (buffer->after && buffer->size && structure_fits(&view))
			return view;
	}
	return (struct structure_view){ 0 };
}

/* It need not be there, or nothing points to it. */
static bool is_spared(const struct world *world)
{
	const struct structure *structure = world->entry->structure;
	bool nowhere = structure && structure->holder && (!world->step->arg_count || !world->step->args[0]);

	return structure && (structure->optional || nowhere) && !world->structure.size;
}

static enum standing standing_of(const struct world *world)
{
	const struct entry *entry = world->entry;

	if (world->info->standing == STANDING_THERE && is_spared(world))
		return STANDING_MISSING;
	if (world->info->standing == STANDING_THERE && entry->absent && value_is_true(expr_eval(entry->absent, &world->env)))
		return STANDING_MISSING;
	return world->info->standing;
}

void world_init(struct world *world, const struct judge *judge, struct model *model, const struct entry_info *info,
		const struct recorded_step *step)
{
	world->env = (struct expr_env){ world,	       world_read,	   world_load, world_is_hart, world_accessible,
					world_present, world_constant_name };
	world->judge = judge;
	world->model = model;
	world->info = info;
	world->entry = info->entry;
	world->step = step;
	world->outcome = meant(info->entry, step->outcome);
	world->key[0] = world->key[1] = 0;
	world->structure = find_structure(info->entry, step);
	world->standing = standing_of(world);
}
