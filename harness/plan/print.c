/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * print.c - a case as text for people, one line a call.
 *
 *     1  hart 0  sbi.base.probe_extension(extension_id = 0x10)
 */
#include "plan/plan.h"

#include <inttypes.h>

/* What a value is counted from; the literal is what is added. */
static void print_base(const struct plan_case *plan_case, const struct case_value *value, FILE *out)
{
	const struct entry *producer;

	switch (value->source) {
	case VALUE_LITERAL:
		break;
	case VALUE_NOW:
		fputs("now", out);
		break;
	case VALUE_RESULT:
		producer = plan_case->steps[value->from_step].entry;
		fprintf(out, "%s of call %u", producer->results[value->from_result].name, value->from_step + 1);
		break;
	case VALUE_PAD:
		fprintf(out, "pad %s", value->pad ? value->pad : "?");
		break;
	case VALUE_BUFFER:
		fprintf(out, "buffer %u", value->buffer);
		break;
	case VALUE_RAM_END:
		fputs("end of RAM", out);
		break;
	case VALUE_BLOB:
		fputs("firmware", out);
		break;
	}
}

static const char *enum_name(const struct type *type, uint64_t number)
{
	for (size_t i = 0; i < type->enum_count; i++)
		if (int_truncate(type->enums[i].value, type->base) == number)
			return type->enums[i].name;
	return NULL;
}

static void print_value(const struct plan_case *plan_case, const struct arg *arg, const struct case_value *value, FILE *out)
{
	int64_t offset = (int64_t)value->literal;
	const char *name = enum_name(arg->type, value->literal);

	print_base(plan_case, value, out);
	if (value->source == VALUE_LITERAL)
		fprintf(out, "%#" PRIx64, value->literal);
	else if (offset > 0)
		fprintf(out, " + %" PRId64, offset);
	else if (offset < 0)
		fprintf(out, " - %" PRIu64, -value->literal);
	if (value->source == VALUE_LITERAL && name)
		fprintf(out, " (%s)", name);
}

static void print_buffers(const struct case_step *step, FILE *out)
{
	for (unsigned i = 0; i < step->buffer_count; i++) {
		const struct case_buffer *buffer = &step->buffers[i];

		if (!buffer->size)
			continue;
		fprintf(out, "  buffer %u: %zu bytes", i, buffer->size);
		if (buffer->misalign)
			fprintf(out, ", %zu off", buffer->misalign);
		for (size_t b = 0; buffer->content && b < buffer->size && b < 8; b++)
			fprintf(out, "%s%02x", b ? " " : ", ", buffer->content[b]);
	}
}

static void print_step(const struct plan_case *plan_case, unsigned number, FILE *out)
{
	const struct case_step *step = &plan_case->steps[number];

	fprintf(out, "%c %2u  hart %u  ", number == plan_case->main ? '>' : ' ', number + 1, step->hart);
	if (step->join) {
		fprintf(out, "wait until %s has come to an end\n", step->entry->full_id);
		return;
	}
	fprintf(out, "%s(", step->entry->full_id);
	for (unsigned i = 0; i < step->entry->arg_count; i++) {
		fprintf(out, "%s%s = ", i ? ", " : "", step->entry->args[i].name);
		print_value(plan_case, &step->entry->args[i], &step->args[i], out);
	}
	fputs(step->async ? "), not waited for" : ")", out);
	print_buffers(step, out);
	fputc('\n', out);
}

void plan_print(const struct plan_case *plan_case, FILE *out)
{
	fprintf(out, "%s%s\n", plan_case->id, plan_case->ends_guest ? "  (in a guest of its own)" : "");
	for (unsigned i = 0; i < plan_case->step_count; i++)
		print_step(plan_case, i, out);
}
