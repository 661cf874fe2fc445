/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * universal.c - the rules every call is held to, whatever its own rules are: one line each in the table at the end.
 *
 * A rule here gives a verdict and, for what did not pass, the words. PASS is said only when there was something to look at
 * that could have been wrong: a call without buffers has no guard zones to keep.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge/universal.h"

#define separator(text) ((text)[0] ? ", " : "")

void text_add(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + used, size - used, format, args);
	va_end(args);
}

static bool returned(const struct world *world)
{
	return world->outcome == RECORD_RETURNED;
}

static bool is_present(const struct world *world)
{
	return world->standing == STANDING_THERE;
}

/* --- returns --- */

/* What each outcome needs the entry to declare, and what it is when it does not. */
static const struct {
	unsigned declared; /* enum outcome_bit: any of them */
	enum verdict otherwise;
	const char *words;
} outcomes[] = {
	[RECORD_NOT_RUN] = { 0, NO_VERDICT, "was not made" },
	[RECORD_RETURNED] = { OUTCOME_RETURNS | OUTCOME_BLOCKS, VERDICT_FAIL, "returned" },
	[RECORD_TRAPPED] = { OUTCOME_TRAPS, VERDICT_FAIL, "trapped" },
	[RECORD_LANDED] = { OUTCOME_LANDS, VERDICT_FAIL, "went on at a prepared address" },
	[RECORD_STOPPED] = { OUTCOME_STOPS | OUTCOME_BLOCKS, VERDICT_FAIL, "did not come back, the machine went on" },
	[RECORD_SHUTDOWN] = { OUTCOME_SHUTDOWN, VERDICT_CRASH, "switched the machine off" },
	[RECORD_RESET] = { OUTCOME_RESET, VERDICT_CRASH, "reset the machine" },
	[RECORD_CRASH] = { 0, VERDICT_CRASH, "crashed the machine" },
	[RECORD_HANG] = { 0, VERDICT_HANG, "hung the machine" },
	[RECORD_NO_HART] = { 0, NO_VERDICT, "was not made: the CPU was not there" },
	[RECORD_BROKEN] = { 0, VERDICT_BROKEN, "no answer from the machine emulator" },
	[RECORD_READ] = { 0, NO_VERDICT, "was read" },
	[RECORD_FORGED] = { 0, VERDICT_FAIL, "forged: the record is not what the machine emulator saw" },
};

const char *outcome_words(enum record_outcome outcome)
{
	return outcome < RECORD_OUTCOMES ? outcomes[outcome].words : "no outcome";
}

/* A call that is not there has one thing left to do: to return and say so. */
static unsigned declared_outcomes(const struct world *world)
{
	if (world->standing == STANDING_ABSENT || world->standing == STANDING_MISSING)
		return OUTCOME_RETURNS;
	return world->entry->outcomes ? world->entry->outcomes : OUTCOME_RETURNS;
}

static enum verdict judge_returns(const struct world *world)
{
	if (world->outcome >= RECORD_OUTCOMES)
		return NO_VERDICT;
	return declared_outcomes(world) & outcomes[world->outcome].declared ? VERDICT_PASS : outcomes[world->outcome].otherwise;
}

static void words_returns(const struct world *world, struct words *words)
{
	static const char *const names[] = { "returns", "lands", "stops", "blocks", "shutdown", "reset", "traps" };
	const struct recorded_step *step = world->step;

	for (unsigned bit = 0; bit < sizeof(names) / sizeof(*names); bit++)
		if (declared_outcomes(world) >> bit & 1)
			expect(words, "%s%s", words->expected[0] ? " or " : "", names[bit]);
	got(words, "%s", outcome_words(world->outcome));
	if (world->outcome == RECORD_TRAPPED)
		got(words, ": cause 0x%" PRIx64 ", pc 0x%" PRIx64 ", value 0x%" PRIx64, step->cause, step->pc, step->trap_value);
	if (world->outcome == RECORD_LANDED && step->landing_count)
		got(words, ": 0x%" PRIx64, step->landings[0].pc);
}

/* --- declared-error --- */

static const struct result *status_of(const struct world *world)
{
	int status = world->judge->spec->convention.status;

	if (status < 0 || (unsigned)status >= world->entry->result_count || (unsigned)status >= world->step->result_count)
		return NULL;
	return &world->entry->results[status];
}

static uint64_t status_value(const struct world *world)
{
	return int_truncate(world->step->results[world->judge->spec->convention.status], status_of(world)->type->base);
}

static enum verdict judge_declared_error(const struct world *world)
{
	const struct entry *entry = world->entry;
	const struct result *status = status_of(world);

	if (!is_present(world) || !returned(world) || !entry->errors || !status)
		return NO_VERDICT;
	for (size_t i = 0; i < entry->error_count; i++)
		if (int_truncate(entry->errors[i].value, status->type->base) == status_value(world))
			return VERDICT_PASS;
	return VERDICT_FAIL;
}

static void words_declared_error(const struct world *world, struct words *words)
{
	const struct entry *entry = world->entry;
	const char *name = spec_error_name(world->judge->spec, status_value(world));

	expect(words, "%s in {", status_of(world)->name);
	for (size_t i = 0; i < entry->error_count; i++)
		expect(words, "%s %s", i ? "," : "", entry->errors[i].name);
	expect(words, " }");
	got(words, "%s = %" PRId64 " (%s)", status_of(world)->name, (int64_t)status_value(world),
	    name ? name : "no error code at all");
}

/* --- preserved-registers --- */

static uint32_t preserved(const struct world *world)
{
	/* an entry may keep more or fewer; a call that is not there is none of its kind */
	return is_present(world) ? world->info->preserved : world->judge->convention_preserved;
}

static enum verdict judge_preserved_registers(const struct world *world)
{
	if (!returned(world) || !preserved(world))
		return NO_VERDICT;
	return pass_if(!(world->step->clobbered & preserved(world)));
}

static void words_preserved_registers(const struct world *world, struct words *words)
{
	const struct recorded_step *step = world->step;

	for (uint32_t left = step->clobbered & preserved(world); left; left &= left - 1) {
		unsigned number = (unsigned)__builtin_ctz(left);
		const char *name = world->judge->head->registers[number];

		expect(words, "%s%s = 0x%" PRIx64, separator(words->expected), name, step->expected[number]);
		got(words, "%s%s = 0x%" PRIx64, separator(words->got), name, step->registers[number]);
	}
}

/* --- preserved-control --- */

/* Where the control register is in the recording; -1: not there, or the call may change it. */
static int kept_control(const struct world *world, size_t i)
{
	return world->entry->changes & UINT32_C(1) << i ? -1 : world->judge->control[i];
}

/* The bits of a control register that the call should have kept and did not. */
static uint64_t changed_control(const struct world *world, size_t i)
{
	int number = kept_control(world, i);

	if (number < 0)
		return 0;
	return (world->step->before[number] ^ world->step->after[number]) & world->judge->head->control_mask[number];
}

static enum verdict judge_preserved_control(const struct world *world)
{
	const struct convention *convention = &world->judge->spec->convention;
	uint64_t changed = 0;
	bool seen = false;

	if (!returned(world))
		return NO_VERDICT;
	for (size_t i = 0; i < convention->control_preserved; i++) {
		seen |= kept_control(world, i) >= 0;
		changed |= changed_control(world, i);
	}
	return seen ? pass_if(!changed) : NO_VERDICT;
}

static void words_preserved_control(const struct world *world, struct words *words)
{
	const struct convention *convention = &world->judge->spec->convention;

	for (size_t i = 0; i < convention->control_preserved; i++) {
		int number = world->judge->control[i];

		if (!changed_control(world, i))
			continue;
		expect(words, "%s%s = 0x%" PRIx64, separator(words->expected), convention->control[i],
		       world->step->before[number]);
		got(words, "%s%s = 0x%" PRIx64, separator(words->got), convention->control[i], world->step->after[number]);
	}
}

/* --- console-silence --- */

static enum verdict judge_console_silence(const struct world *world)
{
	if (!world->step->has_console || (is_present(world) && world->entry->console_output))
		return NO_VERDICT;
	return pass_if(world->step->console_length == 0);
}

static void words_console_silence(const struct world *world, struct words *words)
{
	const struct recorded_step *step = world->step;

	expect(words, "nothing on the console");
	got(words, "%" PRIu32 " bytes: \"", step->console_length);
	for (uint32_t i = 0; i < step->console_length && i < 60; i++)
		got(words, isprint(step->console[i]) ? "%c" : "\\x%02x", step->console[i]);
	got(words, step->console_length > 60 ? "...\"" : "\"");
}

/* --- deadline --- */

static uint64_t deadline_of(const struct world *world)
{
	return world->entry->deadline_ns ? world->entry->deadline_ns : world->judge->spec->convention.deadline_ns;
}

static uint64_t duration(const struct world *world)
{
	unsigned __int128 ticks = world->step->end - world->step->start;

	return (uint64_t)(ticks * 1000000000u / world->judge->head->clock_hz);
}

/* How long a call blocks is up to who wakes it. */
static enum verdict judge_deadline(const struct world *world)
{
	if (!returned(world) || !deadline_of(world) || !world->judge->head->clock_hz || world->entry->outcomes & OUTCOME_BLOCKS)
		return NO_VERDICT;
	if (world->step->end < world->step->start)
		return NO_VERDICT;
	return pass_if(duration(world) <= deadline_of(world));
}

static void words_deadline(const struct world *world, struct words *words)
{
	expect(words, "at most %" PRIu64 " ns of guest time", deadline_of(world));
	got(words, "%" PRIu64 " ns", duration(world));
}

/* --- unsupported --- */

static struct value says_unsupported(const struct world *world)
{
	const struct expr *unsupported = world->judge->spec->convention.unsupported;

	return unsupported ? expr_eval(unsupported, &world->env) : value_unknown();
}

bool was_refused(const struct world *world)
{
	return world->standing == STANDING_MISSING ||
	       (world->standing == STANDING_ABSENT && value_is_true(says_unsupported(world)));
}

static enum verdict judge_unsupported(const struct world *world)
{
	struct value value;

	if (world->standing != STANDING_ABSENT && world->standing != STANDING_MISSING)
		return NO_VERDICT;
	value = says_unsupported(world);
	/* an optional entry says in its own way that it is not there */
	if (!value.known || (!value.bits && world->standing == STANDING_MISSING))
		return NO_VERDICT;
	return pass_if(value.bits);
}

static void words_unsupported(const struct world *world, struct words *words)
{
	const struct expr *unsupported = world->judge->spec->convention.unsupported;

	expect(words, "%s (%s is not there)", expr_text(unsupported), world->entry->chapter->name);
	expr_explain(unsupported, &world->env, words->got, words->got_size);
}

/* --- found --- */

/* All of it, in the guest's memory: buffer 0. Buffer 1, when there is one, is what the blob's file has of it. */
static bool is_whole(const struct world *world, const struct recorded_buffer *buffer)
{
	const struct structure_view view = { world->entry->structure, buffer->after, buffer->size };

	return buffer->after && structure_fits(&view) && buffer->size >= structure_size(&view);
}

static enum verdict judge_found(const struct world *world)
{
	const struct recorded_step *step = world->step;
	bool whole = step->buffer_count > 0;

	if (world->standing != STANDING_THERE)
		return NO_VERDICT;
	for (unsigned i = 0; i < step->buffer_count; i++)
		whole &= is_whole(world, &step->buffers[i]);
	return pass_if(whole);
}

static void expect_place(const struct world *world, struct words *words)
{
	const struct structure *structure = world->entry->structure;

	if (structure->signature)
		expect(words, "`%s` ", structure->signature);
	if (structure->holder)
		expect(words, "at 0x%" PRIx64, world->step->args[0]);
	else
		expect(words, "from 0x%" PRIx64 " to 0x%" PRIx64 ", every %" PRIu64 " bytes", structure->range_low,
		       structure->range_high, structure->step);
	if (structure->shape)
		expect(words, ", where %s", expr_text(structure->shape));
}

static void got_structure(const struct world *world, const struct recorded_buffer *buffer, struct words *words)
{
	const struct structure_view view = { world->entry->structure, buffer->after, buffer->size };

	if (!buffer->after || !buffer->size)
		got(words, "nothing");
	else if (!structure_fits(&view))
		got(words, "something else");
	else
		got(words, "%zu of its %" PRIu64 " bytes", view.size, structure_size(&view));
}

static void words_found(const struct world *world, struct words *words)
{
	static const char *const places[] = { " in the guest's memory", " in the blob's file" };

	expect_place(world, words);
	if (!world->step->buffer_count)
		got(words, "nothing, neither in the guest's memory nor in the blob's file");
	for (unsigned i = 0; i < world->step->buffer_count && i < 2; i++) {
		got(words, "%s", separator(words->got));
		got_structure(world, &world->step->buffers[i], words);
		got(words, "%s", places[i]);
	}
}

/* --- */

static const struct {
	enum verdict (*judge)(const struct world *world);
	void (*words)(const struct world *world, struct words *words);
} universals[UNIVERSAL_COUNT] = {
	[UNIVERSAL_RETURNS] = { judge_returns, words_returns },
	[UNIVERSAL_DECLARED_ERROR] = { judge_declared_error, words_declared_error },
	[UNIVERSAL_PRESERVED_REGISTERS] = { judge_preserved_registers, words_preserved_registers },
	[UNIVERSAL_PRESERVED_CONTROL] = { judge_preserved_control, words_preserved_control },
	[UNIVERSAL_GUARD_ZONES] = { judge_guard_zones, words_guard_zones },
	[UNIVERSAL_DECLARED_WRITES] = { judge_declared_writes, words_declared_writes },
	[UNIVERSAL_CONSOLE_SILENCE] = { judge_console_silence, words_console_silence },
	[UNIVERSAL_DEADLINE] = { judge_deadline, words_deadline },
	[UNIVERSAL_UNSUPPORTED] = { judge_unsupported, words_unsupported },
	[UNIVERSAL_FOUND] = { judge_found, words_found },
};

static bool is_unspecified(const struct world *world, enum universal universal)
{
	return world->outcome != RECORD_FORGED && world->judge->spec->convention.unspecified >> universal & 1;
}

/* What the document leaves open cannot be broken. No document leaves open that a machine hangs or crashes, or that its records lie. */
enum verdict universal_verdict(const struct world *world, enum universal universal)
{
	enum verdict verdict = universal_is_for(world->entry, universal) ? universals[universal].judge(world) : NO_VERDICT;

	return verdict == VERDICT_FAIL && is_unspecified(world, universal) ? VERDICT_OBSERVED : verdict;
}

void universal_words(const struct world *world, enum universal universal, char *expected, size_t expected_size, char *got_text,
		     size_t got_size)
{
	const char *prefix = is_unspecified(world, universal) ? "unspecified: " : "";
	size_t length = strlen(prefix);
	struct words words = { expected + length, got_text, expected_size - length, got_size };

	snprintf(expected, expected_size, "%s", prefix);
	got_text[0] = 0;
	universals[universal].words(world, &words);
}
