/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "run/decode.h"

#define CALLS	      UINT64_C(1000000) /* of so many a share is counted */
#define LOOKS_MAX     8u /* at the calls of a batch, about; */
#define LONG_STEPS    8192u
#define LONG_LOOKS    2u /* of a batch that is longer than that, of which there are many */
#define STRANGERS_MAX 16u /* after which nobody is held any more: it is clear that nothing is to be believed */

void audit_free(struct audit *audit)
{
	free(audit->orders);
	free(audit->calls);
	*audit = (struct audit){ 0 };
}

/* ---- which calls ---- */

/* Of CALLS calls. A look takes a thousand times as long as a call, so a long batch has a smaller share of them, unless all are wanted. */
static uint64_t share_of(const struct audit *audit, size_t steps)
{
	uint64_t looks = steps > LONG_STEPS ? LONG_LOOKS : LOOKS_MAX, most;

	most = steps > looks ? looks * CALLS / steps : CALLS;
	return audit->share == 100 || audit->share * (CALLS / 100) < most ? audit->share * (CALLS / 100) : most;
}

static bool is_picked(uint64_t hash, unsigned step, uint64_t share)
{
	return hash_word(hash, step) % CALLS < share;
}

static void pick(struct audit *audit, uint32_t order)
{
	if (audit->order_count == audit->order_room) {
		audit->order_room = audit->order_room ? 2 * audit->order_room : 256;
		audit->orders = xrealloc(audit->orders, audit->order_room * sizeof(*audit->orders));
	}
	audit->orders[audit->order_count++] = order;
}

static void hold_at_next(struct audit *audit, struct guest *guest)
{
	bool more = audit->next < audit->order_count && audit->strangers < STRANGERS_MAX;

	guest_hold_at(guest, more ? audit->orders[audit->next++] : 0);
}

/* A call on a CPU that turns out not to be there is not made: what comes after it is one earlier than is counted here. */
void audit_begin(struct audit *audit, const struct unit *unit, size_t steps, const struct asked_case *opening,
		 struct guest *guest)
{
	uint64_t share = share_of(audit, steps);
	uint32_t order = opening ? opening->step_count : 0;

	audit->opening = opening;

	memset(audit->under_way, 0, sizeof(audit->under_way));
	audit->order_count = audit->next = audit->call_count = audit->strangers = audit->cursor = 0;
	for (size_t number = 0; number < unit->count; number++) {
		const struct asked_case *asked = unit_case(unit, number);
		uint64_t hash = hash_text(audit->seed, asked->id);

		for (unsigned i = 0; i < asked->step_count; i++)
			if (!asked->steps[i].join && ++order && is_picked(hash, i, share))
				pick(audit, order);
	}
	hold_at_next(audit, guest);
}

/* ---- what is seen at a call ---- */

/* A register that holds nothing but its canary before a call, by which the call is known. */
static unsigned telling_register(const struct codec *codec)
{
	const struct arch *arch = codec->arch;
	unsigned number = 0;

	while (number + 1 < arch->register_count &&
	       (arch->constant[number] || arch->late[number] || arch->fixed[number] || !arch->monitor[number] ||
		arch->register_mask[number] != arch->word_mask || codec->input_of[number] < WIRE_INPUTS))
		number++;
	return number;
}

/* A register shows of the seed what it has room for. */
static const struct asked_step *step_with_seed(const struct asked_case *asked, uint64_t seed, uint64_t mask)
{
	for (unsigned i = 0; i < asked->step_count; i++)
		if (!asked->steps[i].join && !((asked->steps[i].seed ^ seed) & mask))
			return &asked->steps[i];
	return NULL;
}

/* Calls come in about the order of the cases. */
static const struct asked_step *find_step(struct audit *audit, const struct unit *unit, uint64_t seed, uint64_t mask,
					  uint32_t *number)
{
	for (size_t tried = 0; tried < unit->count; tried++) {
		size_t at = (audit->cursor + tried) % unit->count;
		const struct asked_case *asked = unit_case(unit, at);
		const struct asked_step *step = step_with_seed(asked, seed, mask);

		if (!step)
			continue;
		audit->cursor = at;
		*number = asked->first + (uint32_t)(step - asked->steps);
		return step;
	}
	return NULL;
}

static struct audit_call *add_call(struct audit *audit)
{
	if (audit->call_count == audit->call_room) {
		audit->call_room = audit->call_room ? 2 * audit->call_room : 64;
		audit->calls = xrealloc(audit->calls, audit->call_room * sizeof(*audit->calls));
	}
	audit->calls[audit->call_count] = (struct audit_call){ 0 };
	return &audit->calls[audit->call_count++];
}

/* The memory of a step is, at its call, what was laid out, unless an earlier call of the case was handed it, too. */
static bool memory_differs(const struct guest *guest, const struct asked_case *asked, const struct asked_step *step)
{
	const void *memory = step->length ? guest_memory(guest, step->from, step->length) : NULL;

	for (const struct asked_step *earlier = asked->steps; earlier < step; earlier++)
		if (asked->steps[earlier->lender].from == step->from)
			return false;
	return memory && memcmp(memory, step->before, step->length) != 0;
}

static const struct asked_case *case_of(const struct unit *unit, uint32_t step);

static uint64_t digest(const struct guest *guest, uint64_t address, size_t length)
{
	const uint8_t *memory = guest_memory(guest, address, length);
	uint64_t hash = 0;

	for (size_t i = 0; memory && i + sizeof(hash) <= length; i += sizeof(hash)) {
		uint64_t word;

		memcpy(&word, memory + i, sizeof(word));
		hash = hash_word(hash, word);
	}
	return hash;
}

static void look_at_return(struct audit_call *call, const struct unit *unit, const struct guest *guest,
			   const uint64_t registers[WIRE_REGISTERS])
{
	const struct asked_case *asked = case_of(unit, call->step);
	const struct asked_step *step = &asked->steps[call->step - asked->first];

	call->returned = true;
	call->memory = digest(guest, step->from, step->length);
	memcpy(call->after, registers, sizeof(call->after));
}

static void look_at_call(struct audit *audit, const struct codec *codec, const struct unit *unit, const struct guest *guest,
			 const uint64_t registers[WIRE_REGISTERS])
{
	unsigned telling = telling_register(codec);
	uint64_t seed = registers[telling] - wire_canary(0, telling);
	struct audit_call *call;
	const struct asked_step *step;
	uint32_t number;

	audit->under_way[guest_held_hart(guest)] = 0;
	step = find_step(audit, unit, seed, codec->arch->word_mask, &number);
	if (!step) {
		audit->strangers++;
		return;
	}
	call = add_call(audit);
	call->step = number;
	call->memory_differs = memory_differs(guest, unit_case(unit, audit->cursor), step);
	memcpy(call->before, registers, sizeof(call->before));
	audit->under_way[guest_held_hart(guest)] = audit->call_count;
}

int audit_look(struct audit *audit, const struct codec *codec, const struct unit *unit, struct guest *guest, enum guest_end end,
	       struct err *err)
{
	uint64_t registers[WIRE_REGISTERS] = { 0 };
	size_t under_way = audit->under_way[guest_held_hart(guest)];
	int seen = guest_look(guest, registers, err);

	if (seen <= 0)
		return seen;
	if (end == GUEST_CALL) {
		look_at_call(audit, codec, unit, guest, registers);
		/* the stopper holds the return of a call by itself; the next call may be another CPU's, before it */
		hold_at_next(audit, guest);
	} else if (under_way) {
		look_at_return(&audit->calls[under_way - 1], unit, guest, registers);
	}
	return 1;
}

/* ---- what does not match ---- */

struct check {
	const struct audit *audit;
	const struct codec *codec;
	const struct unit *unit;
	const struct guest *guest;
	enum guest_end end;
	size_t end_step;
	struct audit_tally *tally;
	bool bad;
};

static void __attribute__((format(printf, 2, 3))) mismatch(struct check *check, const char *format, ...)
{
	va_list args;

	check->bad = true;
	if (check->tally->mismatches++)
		return;
	va_start(args, format);
	vsnprintf(check->tally->first, sizeof(check->tally->first), format, args);
	va_end(args);
}

static bool is_finished(enum wire_outcome outcome)
{
	return outcome == WIRE_RETURNED || outcome == WIRE_TRAPPED || outcome == WIRE_LANDED;
}

/* Steps are executed in order: all before the end, none after it. One on another CPU may still be under way. */
static void check_order(struct check *check, const struct asked_case *asked, unsigned step, uint16_t outcome)
{
	size_t number = asked->first + step;
	bool ended = check->end != GUEST_DONE, here = !asked->steps[step].hart && !asked->steps[step].join;

	if (outcome > WIRE_NO_HART)
		mismatch(check, "%s, call %u: its record is of another batch, or none at all", asked->id, step);
	else if (ended && number > check->end_step && outcome != WIRE_NOTHING)
		mismatch(check, "%s, call %u: has a record, and the batch had not come to it", asked->id, step);
	else if ((!ended || number < check->end_step) &&
		 (here ? !is_finished((enum wire_outcome)outcome) : outcome == WIRE_NOTHING))
		mismatch(check, "%s, call %u: has no record, and the batch is said to have got past it", asked->id, step);
}

/* How many calls a CPU has made, by the records: as many as have an end, and perhaps the others that were begun. */
struct made {
	uint64_t surely, perhaps;
};

static void count_made(const struct asked_step *asked, uint16_t outcome, struct made made[WIRE_HARTS])
{
	struct made *on = &made[asked->hart % WIRE_HARTS];

	if (asked->join)
		return;
	on->surely += outcome == WIRE_RETURNED || outcome == WIRE_TRAPPED;
	on->perhaps += outcome == WIRE_STARTED || outcome == WIRE_LANDED || outcome == WIRE_LATE;
}

static void check_counts(struct check *check, const struct guest_witness *witness, const struct made made[WIRE_HARTS])
{
	for (unsigned hart = 0; hart < WIRE_HARTS; hart++)
		if (witness->calls[hart] < made[hart].surely || witness->calls[hart] > made[hart].surely + made[hart].perhaps)
			mismatch(check, "CPU %u: by the records it made %" PRIu64 " calls, by QEMU %" PRIu64, hart,
				 made[hart].surely, witness->calls[hart]);
}

static void check_case(struct check *check, const struct asked_case *asked, struct made made[WIRE_HARTS])
{
	for (unsigned i = 0; i < asked->step_count; i++) {
		uint16_t outcome = guest_outcome(check->guest, asked->first + i);

		check_order(check, asked, i, outcome);
		count_made(&asked->steps[i], outcome, made);
	}
}

static void check_records(struct check *check, const struct guest_witness *witness)
{
	struct made made[WIRE_HARTS] = { 0 };
	struct wire_batch batch;

	if (check->audit->opening)
		check_case(check, check->audit->opening, made);
	for (size_t number = 0; number < check->unit->count; number++)
		check_case(check, unit_case(check->unit, number), made);
	check_counts(check, witness, made);
	guest_batch(check->guest, &batch);
	if (batch.landings > guest_landings(check->guest))
		mismatch(check, "%" PRIu32 " landings are counted, more than there is room for", batch.landings);
}

/* ---- the calls that were looked at ---- */

static const struct asked_case *case_of(const struct unit *unit, uint32_t step)
{
	size_t low = 0, high = unit->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (unit_case(unit, middle)->first <= step)
			low = middle;
		else
			high = middle;
	}
	return unit_case(unit, low);
}

static void check_before(struct check *check, const struct audit_call *call, const struct asked_case *asked,
			 const struct asked_step *step)
{
	const struct arch *arch = check->codec->arch;

	for (unsigned i = 0; i < arch->register_count; i++) {
		uint64_t wanted;

		if (arch->constant[i] || arch->late[i] || !arch->monitor[i] || !asked_register(check->codec, step, i, &wanted))
			continue;
		if ((call->before[i] ^ wanted) & arch->register_mask[i])
			mismatch(check, "%s: was asked with %s = 0x%" PRIx64 ", made with 0x%" PRIx64, asked->id,
				 arch->registers[i], wanted, call->before[i]);
	}
	if (call->memory_differs)
		mismatch(check, "%s: the memory that was handed over had been changed before the call", asked->id);
}

static void check_after(struct check *check, const struct audit_call *call, const struct asked_case *asked,
			const struct wire_seen *seen)
{
	const struct arch *arch = check->codec->arch;

	if (call->returned != (seen->outcome == WIRE_RETURNED) && seen->outcome != WIRE_STARTED && seen->outcome != WIRE_LATE &&
	    seen->outcome != WIRE_LANDED)
		mismatch(check, "%s: is recorded to have %sreturned, and did%s", asked->id, call->returned ? "not " : "",
			 call->returned ? "" : " not");
	for (unsigned i = 0; i < arch->register_count && call->returned && seen->outcome == WIRE_RETURNED; i++)
		if (!arch->constant[i] && !arch->unchecked[i] && arch->monitor[i] && seen->registers[i] != call->after[i])
			mismatch(check, "%s: is recorded with %s = 0x%" PRIx64 ", and returned 0x%" PRIx64, asked->id,
				 arch->registers[i], seen->registers[i], call->after[i]);
}

/* What the probe copied away at once is what was there when the call returned. Other CPUs' calls may write there meanwhile. */
static void check_memory(struct check *check, const struct audit_call *call, const struct asked_case *asked,
			 const struct asked_step *step, const struct wire_seen *seen)
{
	for (unsigned i = 0; i < asked->step_count; i++)
		if (asked->steps[i].async)
			return;
	if (!call->returned || seen->outcome != WIRE_RETURNED || !step->length || step->code->settle)
		return;
	if (call->memory != digest(check->guest, step->to, step->length))
		mismatch(check, "%s: the memory that is recorded is not what the call left", asked->id);
}

static void check_call(struct check *check, const struct audit_call *call)
{
	const struct asked_case *asked = case_of(check->unit, call->step);
	struct asked_step *step = &asked->steps[call->step - asked->first];
	struct wire_seen seen[CASE_STEPS];

	for (unsigned i = 0; i < asked->step_count; i++)
		guest_seen(check->guest, asked->first + i, &seen[i]);
	asked_resolve(check->codec, asked, step, seen);
	check_before(check, call, asked, step);
	check_after(check, call, asked, &seen[step - asked->steps]);
	check_memory(check, call, asked, step, &seen[step - asked->steps]);
}

static int by_step(const void *left, const void *right)
{
	uint32_t a = ((const struct audit_call *)left)->step, b = ((const struct audit_call *)right)->step;

	return (a > b) - (a < b);
}

static void check_calls(struct check *check)
{
	const struct audit *audit = check->audit;

	if (audit->call_count)
		qsort(audit->calls, audit->call_count, sizeof(*audit->calls), by_step);
	for (size_t i = 0; i < audit->call_count; i++) {
		if (i && audit->calls[i].step == audit->calls[i - 1].step)
			mismatch(check, "%s: was made more than once", case_of(check->unit, audit->calls[i].step)->id);
		check_call(check, &audit->calls[i]);
	}
	if (audit->strangers)
		mismatch(check, "%zu calls were made that nobody had asked for", audit->strangers);
}

/* A case that is there twice has one place in memory that the host remembers: which records are whose cannot be told. */
static bool holds_a_case_twice(const struct unit *unit)
{
	for (size_t i = 1; i < unit->count; i++)
		if (unit_case(unit, i)->first <= unit_case(unit, i - 1)->first)
			return true;
	return false;
}

bool audit_finish(const struct audit *audit, const struct codec *codec, const struct unit *unit, const struct guest *guest,
		  enum guest_end end, size_t end_step, struct audit_tally *tally)
{
	struct check check = { audit, codec, unit, guest, end, end_step, tally, false };
	struct guest_witness witness;

	if (!guest_has_witness(guest) || end == GUEST_STUCK || end == GUEST_INTERRUPTED || !unit->count ||
	    holds_a_case_twice(unit))
		return false;
	guest_witness(guest, &witness);
	if (witness.foreign)
		mismatch(&check, "the probe's code at 0x%" PRIx64 " had been changed", witness.foreign_at);
	check_records(&check, &witness);
	check_calls(&check);
	tally->calls += audit->call_count + audit->strangers;
	return check.bad;
}

void audit_recall(struct audit_tally *tally, const struct recorded_audit *audit)
{
	tally->calls = audit->calls;
	tally->mismatches = audit->mismatches;
	snprintf(tally->first, sizeof(tally->first), "%s", audit->first);
}
