/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/decode.h"

#include <stdlib.h>
#include <string.h>

#include "run/results.h"

/* ---- landings ---- */

static int by_step(const void *left, const void *right)
{
	const struct landing_place *a = left, *b = right;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

void seen_batch_sort_landings(struct seen_batch *batch, struct arena *arena)
{
	size_t count = guest_landings(batch->guest);
	struct landing_place *places = arena_new_array(arena, struct landing_place, count);

	for (size_t i = 0; i < count; i++) {
		struct wire_landing landing;

		guest_landing(batch->guest, i, &landing);
		places[i] = (struct landing_place){ landing.step, (uint32_t)i };
	}
	qsort(places, count, sizeof(*places), by_step);
	batch->landings = places;
	batch->landing_count = count;
}

/* The first landing at or after this step. */
static size_t find_landing(const struct seen_batch *batch, uint32_t step)
{
	size_t low = 0, high = batch->landing_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (batch->landings[middle].step < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A join belongs to the call it waits for. Returns that call's number in the case, or `number` itself. */
static unsigned joined_call(const struct asked_case *asked, unsigned number)
{
	for (unsigned i = number; asked->steps[number].join && i-- > 0;)
		if (asked->steps[i].async && asked->steps[i].hart == asked->steps[number].hart)
			return i;
	return number;
}

static void copy_landing(const struct guest *guest, size_t number, struct recorded_landing *to)
{
	struct wire_landing landing;

	guest_landing(guest, number, &landing);
	to->hart = landing.hart;
	to->pad = landing.pad;
	to->pc = landing.pc;
	memcpy(to->registers, landing.registers, sizeof(to->registers));
	memcpy(to->control, landing.control, sizeof(to->control));
}

/* Gives the landings between `from` and `to` in the batch's list to the step, behind those it has. */
static void add_landings(struct arena *scratch, const struct seen_batch *batch, size_t from, size_t to,
			 struct recorded_step *step)
{
	size_t count = step->landing_count + (to - from);
	struct recorded_landing *landings = arena_new_array(scratch, struct recorded_landing, count);

	if (step->landing_count)
		memcpy(landings, step->landings, step->landing_count * sizeof(*landings));
	for (size_t i = from; i < to; i++)
		copy_landing(batch->guest, batch->landings[i].number, &landings[step->landing_count++]);
	step->landings = landings;
}

static void decode_landings(struct arena *scratch, const struct seen_batch *batch, const struct asked_case *asked,
			    struct recorded_step *steps)
{
	size_t next = batch->landing_count ? find_landing(batch, asked->first) : 0;

	for (unsigned i = 0; next < batch->landing_count && i < asked->step_count; i++) {
		size_t from = next;

		while (next < batch->landing_count && batch->landings[next].step == asked->first + i)
			next++;
		if (next > from)
			add_landings(scratch, batch, from, next, &steps[joined_call(asked, i)]);
	}
}

/* ---- how a step ended ---- */

static const enum record_outcome outcomes[] = {
	[WIRE_NOTHING] = RECORD_NOT_RUN,   [WIRE_STARTED] = RECORD_STOPPED, /* unless the batch ended there */
	[WIRE_RETURNED] = RECORD_RETURNED, [WIRE_TRAPPED] = RECORD_TRAPPED, [WIRE_LANDED] = RECORD_LANDED,
	[WIRE_LATE] = RECORD_STOPPED,	   [WIRE_NO_HART] = RECORD_NO_HART,
};

static enum record_outcome end_outcome(enum guest_end end, const struct entry *entry)
{
	switch (end) {
	case GUEST_SHUTDOWN:
		return RECORD_SHUTDOWN;
	case GUEST_RESET:
		return RECORD_RESET;
	case GUEST_HANG:
		return entry->outcomes & OUTCOME_STOPS ? RECORD_STOPPED : RECORD_HANG;
	case GUEST_FLOOD:
		return RECORD_HANG;
	case GUEST_CRASH:
		return RECORD_CRASH;
	default:
		return RECORD_BROKEN;
	}
}

static bool is_declared(enum record_outcome outcome, const struct entry *entry)
{
	return (outcome == RECORD_SHUTDOWN && entry->outcomes & OUTCOME_SHUTDOWN) ||
	       (outcome == RECORD_RESET && entry->outcomes & OUTCOME_RESET) ||
	       (outcome == RECORD_STOPPED && entry->outcomes & OUTCOME_STOPS);
}

bool is_undeclared_end(enum record_outcome outcome, const struct entry *entry)
{
	bool end = outcome == RECORD_SHUTDOWN || outcome == RECORD_RESET || outcome == RECORD_CRASH || outcome == RECORD_HANG;

	return end && !is_declared(outcome, entry);
}

static bool holds_end(const struct seen_batch *batch, const struct asked_case *asked)
{
	return batch->ended && batch->end_step >= asked->first && batch->end_step - asked->first < asked->step_count;
}

/*
 * The call of the case that the end of the batch is put down to: the one under way, unless another CPU is still in a call that
 * may end the machine in just this way.
 */
static unsigned end_call(const struct seen_batch *batch, const struct asked_case *asked)
{
	unsigned at = joined_call(asked, (unsigned)(batch->end_step - asked->first));

	if (is_declared(end_outcome(batch->end, asked->steps[at].code->entry), asked->steps[at].code->entry))
		return at;
	for (unsigned i = 0; i < at; i++) {
		const struct entry *entry = asked->steps[i].code->entry;
		struct wire_seen seen;

		guest_seen(batch->guest, asked->first + i, &seen);
		if (asked->steps[i].async && seen.outcome == WIRE_STARTED && is_declared(end_outcome(batch->end, entry), entry))
			return i;
	}
	return at;
}

bool seen_undeclared_end(const struct seen_batch *batch, const struct asked_case *asked)
{
	const struct entry *entry;

	if (!holds_end(batch, asked) || batch->end == GUEST_SYNC)
		return false;
	entry = asked->steps[end_call(batch, asked)].code->entry;
	return !is_declared(end_outcome(batch->end, entry), entry);
}

/* ---- registers ---- */

/* What the register held before the call: the argument or selector it was loaded with, or its canary. */
static uint64_t register_before(const struct codec *codec, const struct asked_step *step, unsigned number)
{
	uint32_t input = codec->input_of[number];
	const struct entry_code *code = step->code;

	for (unsigned i = 0; input < WIRE_INPUTS && i < step->arg_count; i++)
		if (code->arg_input[i] == input)
			return step->args[i].passed;
	for (unsigned i = 0; input < WIRE_INPUTS && i < code->selector_count; i++)
		if (code->selector_input[i] == input)
			return code->selector[i];
	return codec_canary(codec, step->seed, number);
}

bool asked_register(const struct codec *codec, const struct asked_step *step, unsigned number, uint64_t *value)
{
	uint32_t input = codec->input_of[number];

	*value = register_before(codec, step, number);
	for (unsigned i = 0; input < WIRE_INPUTS && i < step->arg_count; i++)
		if (step->code->arg_input[i] == input && step->args[i].source == VALUE_NOW)
			return false;
	return true;
}

static uint32_t kept_registers(const struct entry_code *code, const struct recorded_step *recorded)
{
	const struct results results = { recorded->results, recorded->args, NULL };

	if (code->kept == code->kept_absent || !code->entry->absent)
		return code->kept;
	return value_is_true(results_eval(code->entry->absent, &results)) ? code->kept_absent : code->kept;
}

static void decode_registers(const struct codec *codec, const struct asked_step *step, const struct wire_seen *seen,
			     struct recorded_step *recorded)
{
	uint32_t kept;

	for (unsigned i = 0; i < recorded->result_count; i++)
		recorded->results[i] = seen->registers[step->code->result_register[i]];
	for (kept = kept_registers(step->code, recorded); kept; kept &= kept - 1) {
		unsigned number = (unsigned)__builtin_ctz(kept);
		uint64_t before = register_before(codec, step, number);

		if (!((seen->registers[number] ^ before) & codec->arch->register_mask[number]))
			continue;
		recorded->clobbered |= 1u << number;
		recorded->registers[number] = seen->registers[number];
		recorded->expected[number] = before;
	}
}

/* ---- memory and console ---- */

/* What an earlier step of the case left in the buffer, guards included, or NULL. */
static const uint8_t *left_before(const struct recorded_step *recorded, unsigned earlier, const struct asked_buffer *buffer)
{
	while (earlier--) {
		recorded--;
		for (unsigned i = 0; i < recorded->buffer_count; i++)
			if (recorded->buffers[i].address == buffer->address && recorded->buffers[i].size == buffer->size)
				return recorded->buffers[i].after;
	}
	return NULL;
}

static void decode_buffers(struct arena *scratch, const struct seen_batch *batch, const struct asked_step *step, bool copied,
			   unsigned earlier, struct recorded_step *recorded)
{
	const uint8_t *memory = guest_memory(batch->guest, copied ? step->to : step->from, step->length);

	for (unsigned i = 0; i < step->buffer_count && memory; i++) {
		const struct asked_buffer *buffer = &step->buffers[i];
		size_t from = buffer->offset - GUARD, size = buffer->size + 2 * GUARD;

		const uint8_t *left = left_before(recorded, earlier, buffer);

		recorded->buffers[recorded->buffer_count++] = (struct recorded_buffer){
			.address = buffer->address,
			.size = (uint32_t)buffer->size,
			.guard = GUARD,
			.before = left ? left : step->before + from,
			.after = arena_copy(scratch, memory + from, size),
		};
	}
}

static void decode_console(struct arena *scratch, const struct seen_batch *batch, uint32_t step, struct recorded_step *recorded)
{
	const struct console_mark *mark = NULL;
	const uint8_t *bytes;
	size_t low = 0, high = batch->mark_count, used;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (batch->marks[middle].step < step)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < batch->mark_count && batch->marks[low].step == step)
		mark = &batch->marks[low];
	recorded->has_console = mark || batch->accounted;
	if (!mark)
		return;
	used = guest_console(batch->guest, &bytes, NULL);
	if (mark->from < mark->to && mark->to <= used) {
		recorded->console_length = (uint32_t)(mark->to - mark->from);
		recorded->console = arena_copy(scratch, bytes + mark->from, recorded->console_length);
	}
}

/* ---- a case ---- */

void asked_resolve(const struct codec *codec, const struct asked_case *asked, struct asked_step *step,
		   const struct wire_seen *seen)
{
	unsigned number = (unsigned)(step - asked->steps);

	for (unsigned i = 0; i < step->arg_count; i++) {
		struct asked_arg *arg = &step->args[i];

		if (arg->source == VALUE_NOW)
			arg->passed = arg->literal + seen[number].start;
		if (arg->source == VALUE_RESULT && arg->step < asked->step_count)
			arg->passed = arg->literal +
				      seen[arg->step].registers[asked->steps[arg->step].code->result_register[arg->index]];
		arg->passed &= codec->arch->word_mask;
	}
}

static enum record_outcome step_outcome(const struct wire_seen *seen)
{
	return seen->outcome < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[seen->outcome] : RECORD_BROKEN;
}

static void decode_step(struct arena *scratch, const struct seen_batch *batch, const struct asked_case *asked,
			const struct asked_step *step, const struct wire_seen *seen, struct recorded_step *recorded)
{
	const struct entry_code *code = step->code;
	bool finished;

	recorded->entry = code->entry->full_id;
	recorded->outcome = step_outcome(seen);
	recorded->hart = batch->codec->hart_ids[step->hart % RECORD_HARTS];
	recorded->arg_count = step->arg_count;
	recorded->result_count = (unsigned)code->entry->result_count;
	for (unsigned i = 0; i < step->arg_count; i++)
		recorded->args[i] = step->args[i].passed;
	if (recorded->outcome == RECORD_NOT_RUN || recorded->outcome == RECORD_BROKEN)
		return;
	finished = seen->outcome == WIRE_RETURNED || seen->outcome == WIRE_TRAPPED || seen->outcome == WIRE_LANDED;
	recorded->start = seen->start;
	recorded->end = seen->end;
	memcpy(recorded->before, seen->before, sizeof(recorded->before));
	if (finished) {
		recorded->has_later = code->settle != 0;
		memcpy(recorded->after, seen->after, sizeof(recorded->after));
		memcpy(recorded->later, seen->later, sizeof(recorded->later));
		memcpy(recorded->ipis, seen->ipis, sizeof(recorded->ipis));
	}
	if (recorded->outcome == RECORD_RETURNED)
		decode_registers(batch->codec, step, seen, recorded);
	if (recorded->outcome == RECORD_TRAPPED) {
		recorded->cause = seen->cause;
		recorded->pc = seen->pc;
		recorded->trap_value = seen->trap_value;
	}
	decode_buffers(scratch, batch, step, finished || seen->outcome == WIRE_LATE, (unsigned)(step - asked->steps), recorded);
	decode_console(scratch, batch, asked->first + (uint32_t)(step - asked->steps), recorded);
}

/* How far a call had come with its memory when somebody stopped the machine is chance. */
static void forget_memory(struct recorded_step *step)
{
	for (unsigned i = 0; i < step->buffer_count; i++)
		step->buffers[i].after = NULL;
}

/* Nothing after the end was seen, whatever stands in the records. */
static void decode_end(const struct seen_batch *batch, const struct asked_case *asked, struct recorded_step *steps)
{
	unsigned last = (unsigned)(batch->end_step - asked->first);

	/* GUEST_SYNC: we ended it ourselves, after this call */
	if (batch->end != GUEST_SYNC) {
		unsigned at = end_call(batch, asked);

		steps[at].outcome = end_outcome(batch->end, asked->steps[at].code->entry);
		forget_memory(&steps[at]);
		if (at != last && !asked->steps[last].join)
			steps[last].outcome = RECORD_NOT_RUN;
	}
	for (unsigned i = last + 1; i < asked->step_count; i++)
		steps[i] = (struct recorded_step){ .entry = steps[i].entry,
						   .outcome = RECORD_NOT_RUN,
						   .hart = steps[i].hart,
						   .arg_count = steps[i].arg_count,
						   .result_count = steps[i].result_count };
}

/* Some record of the batch is not what happened: that leaves none of them worth a word. */
static void decode_forged(const struct asked_case *asked, struct recorded_step *steps)
{
	for (unsigned i = 0; i < asked->step_count; i++) {
		bool made = steps[i].outcome != RECORD_NOT_RUN;
		struct recorded_step forged = { .entry = steps[i].entry,
						.outcome = made ? RECORD_FORGED : RECORD_NOT_RUN,
						.hart = steps[i].hart,
						.arg_count = steps[i].arg_count,
						.result_count = steps[i].result_count };

		memcpy(forged.args, steps[i].args, sizeof(forged.args));
		steps[i] = forged;
	}
}

/* Joins are no calls: they are left out of the recording. */
static void drop_joins(const struct asked_case *asked, struct recorded_case *recorded)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < asked->step_count; i++) {
		if (i == asked->main)
			recorded->main = kept;
		if (asked->steps[i].join)
			continue;
		if (kept != i)
			recorded->steps[kept] = recorded->steps[i];
		kept++;
	}
	recorded->step_count = kept;
}

static struct recorded_case *recorded_new(struct arena *scratch, const struct asked_case *asked)
{
	struct recorded_case *recorded = arena_alloc(scratch, sizeof(*recorded));

	recorded->id = asked->id;
	recorded->strategy = asked->strategy;
	recorded->rule = asked->rule;
	recorded->steps = arena_new_array(scratch, struct recorded_step, asked->step_count);
	return recorded;
}

struct recorded_case *unseen_case(struct arena *scratch, const struct asked_case *asked)
{
	struct recorded_case *recorded = recorded_new(scratch, asked);

	for (unsigned i = 0; i < asked->step_count; i++) {
		struct recorded_step *step = &recorded->steps[i];

		step->entry = asked->steps[i].code->entry->full_id;
		step->outcome = RECORD_NOT_RUN;
		step->arg_count = asked->steps[i].arg_count;
		for (unsigned j = 0; j < step->arg_count; j++)
			step->args[j] = asked->steps[i].args[j].passed;
	}
	drop_joins(asked, recorded);
	return recorded;
}

struct recorded_case *seen_case(struct arena *scratch, const struct seen_batch *batch, const struct asked_case *asked)
{
	struct recorded_case *recorded = recorded_new(scratch, asked);
	struct wire_seen seen[CASE_STEPS];

	for (unsigned i = 0; i < asked->step_count; i++)
		guest_seen(batch->guest, asked->first + i, &seen[i]);
	for (unsigned i = 0; i < asked->step_count; i++) {
		asked_resolve(batch->codec, asked, &asked->steps[i], seen);
		decode_step(scratch, batch, asked, &asked->steps[i], &seen[i], &recorded->steps[i]);
	}
	decode_landings(scratch, batch, asked, recorded->steps);
	if (holds_end(batch, asked))
		decode_end(batch, asked, recorded->steps);
	if (batch->forged)
		decode_forged(asked, recorded->steps);
	drop_joins(asked, recorded);
	return recorded;
}
