/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/replay/script.h"

#include <inttypes.h>
#include <string.h>

#include "run/codec.h"

#define FIELD(member) offsetof(struct wire_seen, member)

static void print_quoted(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, 0 }, out);
	fputc('\'', out);
}

/* A line for each option. */
static void print_words(const struct script *script, FILE *out)
{
	for (char *const *word = words_list(script->words); *word; word++) {
		fputs(**word == '-' ? " \\\n\t\t" : " ", out);
		print_quoted(*word, out);
	}
}

static uint64_t seen_at(const struct script *script, unsigned step, size_t member)
{
	return script->layout.seen + (script->asked->first + step) * script->layout.seen_size + member;
}

/* What a guest that nobody ends stores for an outcome. */
static const char *outcome_word(enum record_outcome outcome)
{
	switch (outcome) {
	case RECORD_NOT_RUN:
		return "not-made";
	case RECORD_RETURNED:
		return "returned";
	case RECORD_TRAPPED:
		return "trapped";
	case RECORD_LANDED:
		return "came-out-at-a-pad";
	case RECORD_NO_HART:
		return "no-cpu";
	case RECORD_SHUTDOWN:
	case RECORD_RESET:
	case RECORD_CRASH:
		return "ended-the-machine";
	default:
		return "no-return";
	}
}

static void print_value(const struct script *script, unsigned step, const char *what, size_t member, uint64_t value, FILE *out)
{
	fprintf(out, "\tnumber %-8s 0x%" PRIx64 " %016" PRIx64 "\n", what, seen_at(script, step, member), value);
}

static void print_call(const struct script *script, unsigned number, unsigned step, FILE *out)
{
	const struct recorded_step *seen = &script->steps[number];
	const struct entry_code *code = script->asked->steps[step].code;
	const struct arch *arch = script->subject->arch;

	fprintf(out, "\techo 'call %u, %s'\n", number + 1, seen->entry);
	fprintf(out, "\toutcome 0x%" PRIx64 " %s\n", seen_at(script, step, FIELD(outcome)), outcome_word(seen->outcome));
	for (unsigned i = 0; seen->outcome == RECORD_RETURNED && i < seen->result_count; i++) {
		unsigned place = code->result_register[i];

		print_value(script, step, arch->registers[place], FIELD(registers) + place * sizeof(uint64_t), seen->results[i],
			    out);
	}
	if (seen->outcome != RECORD_TRAPPED)
		return;
	print_value(script, step, "cause", FIELD(cause), seen->cause, out);
	print_value(script, step, "address", FIELD(pc), seen->pc, out);
	print_value(script, step, "value", FIELD(trap_value), seen->trap_value, out);
}

/* The last call that was made, joins left out. */
static unsigned last_call(const struct script *script)
{
	unsigned last = 0;

	for (unsigned number = 0; number < script->step_count; number++)
		if (script->steps[number].outcome != RECORD_NOT_RUN)
			last = number;
	return last;
}

unsigned script_last_step(const struct script *script)
{
	unsigned call = last_call(script), step;

	for (step = 0; step + 1u < script->asked->step_count; step++)
		if (!script->asked->steps[step].join && !call--)
			break;
	return step;
}

/* Far more than any call may take. */
static uint64_t patience(const struct script *script, unsigned step)
{
	const struct entry_code *code = script->asked->steps[step].code;

	return script->subject->blob->machine->clock_hz / 10 + 2 * ((uint64_t)code->deadline + code->settle);
}

static void print_settings(const struct script *script, FILE *out)
{
	const struct machine *machine = script->subject->blob->machine;
	unsigned last = script_last_step(script);

	fprintf(out, "QEMU=${QEMU:-%s}\n", machine->qemu);
	fprintf(out, "READY=0x%" PRIx64 " PROGRESS=0x%" PRIx64 " CLOCK=0x%" PRIx64 " STEP=%" PRIu64 "\n",
		script->layout.batch + offsetof(struct wire_batch, ready),
		script->layout.batch + offsetof(struct wire_batch, progress), machine->clock_address, machine->clock_step);
	fprintf(out,
		"# the last call that is made (ENDS: it ends the machine), when it begins, and how many ticks it is given\n");
	fprintf(out, "LAST=%u ENDS=%d BEGIN=0x%" PRIx64 " TICKS=%" PRIu64 "\n", script->asked->first + last + 1,
		!strcmp(outcome_word(script->steps[last_call(script)].outcome), "ended-the-machine"),
		seen_at(script, last, FIELD(start)), patience(script, last));
}

/* What has to be read for print_call(). */
static void ask_call(const struct script *script, unsigned number, unsigned step, FILE *out)
{
	const struct recorded_step *seen = &script->steps[number];
	const struct entry_code *code = script->asked->steps[step].code;

	fprintf(out, "\task h 0x%" PRIx64 "\n", seen_at(script, step, FIELD(outcome)));
	for (unsigned i = 0; seen->outcome == RECORD_RETURNED && i < seen->result_count; i++)
		fprintf(out, "\task g 0x%" PRIx64 "\n",
			seen_at(script, step, FIELD(registers)) + code->result_register[i] * sizeof(uint64_t));
	for (unsigned i = 0; seen->outcome == RECORD_TRAPPED && i < 3; i++)
		fprintf(out, "\task g 0x%" PRIx64 "\n", seen_at(script, step, FIELD(cause)) + i * sizeof(uint64_t));
}

typedef void print_call_fn(const struct script *script, unsigned number, unsigned step, FILE *out);

/* A function of the shell with lines for each call of the case. */
static void print_function(const struct script *script, const char *name, print_call_fn *print, FILE *out)
{
	unsigned number = 0;

	fprintf(out, "\n%s() {\n", name);
	for (unsigned step = 0; step < script->asked->step_count && number < script->step_count; step++)
		if (!script->asked->steps[step].join)
			print(script, number++, step, out);
	fputs("}\n", out);
}

void script_write(const struct script *script, FILE *out)
{
	fputs("# The case that run.sh runs. Addresses are those of struct wire_batch and struct wire_seen.\n", out);
	print_settings(script, out);
	fputs("\nstart_qemu() {\n\texec \"$QEMU\"", out);
	print_words(script, out);
	fputs(" \\\n\t\t\"$@\"\n}\n", out);
	print_function(script, "questions", ask_call, out);
	print_function(script, "compare", print_call, out);
}
