/* SPDX-License-Identifier: BSD-2-Clause */
/* same.c - whether two recordings of a case saw the same. */
#include "record/record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

struct comparison {
	FILE *out;
	unsigned call, differences;
};

static void differ(struct comparison *comparison, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void differ(struct comparison *comparison, const char *format, ...)
{
	va_list args;

	comparison->differences++;
	fprintf(comparison->out, "call %u: ", comparison->call);
	va_start(args, format);
	vfprintf(comparison->out, format, args);
	va_end(args);
	fputc('\n', comparison->out);
}

static void compare(struct comparison *comparison, const char *what, uint64_t was, uint64_t is)
{
	if (was != is)
		differ(comparison, "%s was %#" PRIx64 " and is %#" PRIx64, what, was, is);
}

static void compare_list(struct comparison *comparison, const char *what, const uint64_t *was, const uint64_t *is, unsigned count)
{
	char name[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s %u", what, i);
		compare(comparison, name, was[i], is[i]);
	}
}

static void compare_args(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	char name[32];

	compare(comparison, "the number of arguments", was->arg_count, is->arg_count);
	for (unsigned i = 0; i < was->arg_count && i < is->arg_count; i++) {
		snprintf(name, sizeof(name), "argument %u", i);
		if (was->args[i] - was->start != is->args[i] - is->start)
			compare(comparison, name, was->args[i], is->args[i]);
	}
}

static void compare_clobbered(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	char name[32];

	compare(comparison, "the set of changed registers", was->clobbered, is->clobbered);
	for (unsigned i = 0; i < RECORD_REGISTERS; i++) {
		snprintf(name, sizeof(name), "changed register %u", i);
		if (was->clobbered & is->clobbered & 1u << i)
			compare(comparison, name, was->registers[i], is->registers[i]);
	}
}

static void compare_buffers(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	compare(comparison, "the number of buffers", was->buffer_count, is->buffer_count);
	for (unsigned i = 0; i < was->buffer_count && i < is->buffer_count; i++) {
		const struct recorded_buffer *a = &was->buffers[i], *b = &is->buffers[i];

		compare(comparison, "a buffer's address", a->address, b->address);
		compare(comparison, "a buffer's size", a->size, b->size);
		compare(comparison, "a buffer's guard", a->guard, b->guard);
		if (a->size == b->size && a->guard == b->guard && a->after && b->after &&
		    memcmp(a->after, b->after, a->size + 2 * (size_t)a->guard) != 0)
			differ(comparison, "memory of buffer %u holds something else", i);
	}
}

static void compare_landings(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	compare(comparison, "the number of landings", was->landing_count, is->landing_count);
	for (unsigned i = 0; i < was->landing_count && i < is->landing_count; i++) {
		const struct recorded_landing *a = &was->landings[i], *b = &is->landings[i];

		compare(comparison, "a landing's hart", a->hart, b->hart);
		compare(comparison, "a landing's pad", a->pad, b->pad);
		compare(comparison, "a landing's address", a->pc, b->pc);
		compare_list(comparison, "a landing's register", a->registers, b->registers, RECORD_REGISTERS);
		compare_list(comparison, "a landing's control register", a->control, b->control, RECORD_CONTROL);
	}
}

static void compare_console(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	if (!was->has_console || !is->has_console)
		return;
	if (was->console_length != is->console_length ||
	    (was->console_length && memcmp(was->console, is->console, was->console_length) != 0))
		differ(comparison, "the console got something else");
}

static void compare_control(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	compare_list(comparison, "before the call, control register", was->before, is->before, RECORD_CONTROL);
	compare_list(comparison, "after the call, control register", was->after, is->after, RECORD_CONTROL);
	compare(comparison, "whether it was looked at later", was->has_later, is->has_later);
	if (was->has_later && is->has_later)
		compare_list(comparison, "later, control register", was->later, is->later, RECORD_CONTROL);
}

static void compare_step(struct comparison *comparison, const struct recorded_step *was, const struct recorded_step *is)
{
	if (strcmp(was->entry, is->entry) != 0) {
		differ(comparison, "%s was called, and is %s", was->entry, is->entry);
		return;
	}
	compare(comparison, "the outcome", was->outcome, is->outcome);
	compare(comparison, "the hart", was->hart, is->hart);
	compare_args(comparison, was, is);
	compare_list(comparison, "result", was->results, is->results, RECORD_RESULTS);
	compare(comparison, "its time in ticks", was->end - was->start, is->end - is->start);
	compare(comparison, "the trap's cause", was->cause, is->cause);
	compare(comparison, "the trap's address", was->pc, is->pc);
	compare(comparison, "the trap's value", was->trap_value, is->trap_value);
	compare_clobbered(comparison, was, is);
	compare_control(comparison, was, is);
	for (unsigned i = 0; i < RECORD_HARTS; i++)
		compare(comparison, "a hart's number of software interrupts", was->ipis[i], is->ipis[i]);
	compare_buffers(comparison, was, is);
	compare_landings(comparison, was, is);
	compare_console(comparison, was, is);
}

unsigned recorded_differences(const struct recorded_case *was, const struct recorded_case *is, FILE *out)
{
	struct comparison comparison = { .out = out };

	if (was->step_count != is->step_count)
		differ(&comparison, "there were %u calls, and are %u", was->step_count, is->step_count);
	for (unsigned i = 0; i < was->step_count && i < is->step_count; i++) {
		comparison.call = i + 1;
		compare_step(&comparison, &was->steps[i], &is->steps[i]);
	}
	return comparison.differences;
}
