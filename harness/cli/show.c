/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/show.h"

#include <inttypes.h>

#include "spec/structure.h"

static const char *const outcomes[] = {
	[RECORD_NOT_RUN] = "was not made",
	[RECORD_RETURNED] = "returned",
	[RECORD_TRAPPED] = "trapped",
	[RECORD_LANDED] = "came out at a pad",
	[RECORD_STOPPED] = "did not come back; the machine lives",
	[RECORD_SHUTDOWN] = "the machine was switched off",
	[RECORD_RESET] = "the machine was reset",
	[RECORD_CRASH] = "the machine crashed",
	[RECORD_HANG] = "hangs",
	[RECORD_NO_HART] = "was not made: its CPU is not running",
	[RECORD_BROKEN] = "is not known: the harness failed",
	[RECORD_READ] = "was read",
	[RECORD_FORGED] = "is not known: the record is not what QEMU saw",
};

static void show_value(FILE *out, uint64_t value)
{
	fprintf(out, value < 10 ? "%" PRIu64 : "0x%" PRIx64, value);
}

static void show_call(FILE *out, const struct entry *entry, const struct recorded_step *step)
{
	fprintf(out, "hart %u  %s(", step->hart, step->entry);
	for (unsigned i = 0; i < step->arg_count; i++) {
		if (entry && i < entry->arg_count)
			fprintf(out, "%s%s = ", i ? ", " : "", entry->args[i].name);
		else
			fputs(i ? ", " : "", out);
		show_value(out, step->args[i]);
	}
	fputs(")\n", out);
}

static void show_results(FILE *out, const struct spec *spec, const struct entry *entry, const struct recorded_step *step)
{
	fprintf(out, "        %s", outcomes[step->outcome]);
	if (step->outcome == RECORD_TRAPPED)
		fprintf(out, ": cause %#" PRIx64 " at %#" PRIx64 ", value %#" PRIx64, step->cause, step->pc, step->trap_value);
	for (unsigned i = 0; step->outcome == RECORD_RETURNED && entry && i < step->result_count && i < entry->result_count;
	     i++) {
		const char *name = (int)i == spec->convention.status ? spec_error_name(spec, step->results[i]) : NULL;

		fprintf(out, "%s %s = ", i ? "," : ":", entry->results[i].name);
		if (name)
			fputs(name, out);
		else
			show_value(out, step->results[i]);
	}
	if (step->end >= step->start && step->outcome != RECORD_NOT_RUN)
		fprintf(out, ", %" PRIu64 " ticks", step->end - step->start);
	fputc('\n', out);
}

#define COUNT_SHOWN 16u /* of a field's repetitions */

static void show_field(FILE *out, const struct structure_view *view, unsigned number)
{
	const struct structure_field *field = &view->structure->fields[number];
	const struct name name = { .kind = NAME_FIELD, .index = number, .keys = field->count > 1, .type = field->type->base };

	fprintf(out, "        %s =", field->name);
	for (unsigned i = 0; i < field->count && i < COUNT_SHOWN; i++) {
		const struct value keys[2] = { value_of(i, (struct int_type){ 32, false }) };
		struct value value = structure_field(view, &name, keys);

		fputc(' ', out);
		if (value.known)
			show_value(out, value.bits);
		else
			fputc('?', out);
	}
	fputs(field->count > COUNT_SHOWN ? " ...\n" : "\n", out);
}

static void show_structure(FILE *out, const struct entry *entry, const struct recorded_step *step)
{
	static const char *const places[] = { "in the guest's memory", "in the blob's file" };

	fprintf(out, "%s", step->entry);
	if (step->arg_count)
		fprintf(out, " at %#" PRIx64, step->args[0]);
	fputs(step->buffer_count ? "\n" : ": nothing there\n", out);
	for (unsigned i = 0; i < step->buffer_count && i < 2; i++) {
		const struct recorded_buffer *buffer = &step->buffers[i];
		const struct structure_view view = { entry ? entry->structure : NULL, buffer->after, buffer->size };

		fprintf(out, "        %u bytes %s\n", buffer->size, places[i]);
		for (unsigned k = 0; !i && buffer->size && view.structure && k < view.structure->field_count; k++)
			show_field(out, &view, k);
	}
}

static void show_landings(FILE *out, const struct recorded_step *step)
{
	for (unsigned i = 0; i < step->landing_count; i++)
		fprintf(out, "        hart %u entered pad %u at %#" PRIx64 "\n", step->landings[i].hart, step->landings[i].pad,
			step->landings[i].pc);
}

static void show_clobbered(FILE *out, const struct recording_head *head, const struct recorded_step *step)
{
	for (unsigned i = 0; i < head->register_count; i++)
		if (step->clobbered >> i & 1)
			fprintf(out, "        %s was %#" PRIx64 " and is %#" PRIx64 "\n", head->registers[i], step->expected[i],
				step->registers[i]);
}

static void show_console(FILE *out, const struct recorded_step *step)
{
	if (!step->console_length)
		return;
	fputs("        console: \"", out);
	for (uint32_t i = 0; i < step->console_length && i < 200; i++)
		fprintf(out, step->console[i] >= ' ' && step->console[i] < 127 ? "%c" : "\\x%02x", step->console[i]);
	fputs("\"\n", out);
}

void show_case(FILE *out, const struct spec *spec, const struct recording_head *head, const struct recorded_case *recorded)
{
	fprintf(out, "%s\n", recorded->id);
	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];
		const struct entry *entry = spec_find_entry(spec, step->entry);

		fprintf(out, "%s %2u  ", i == recorded->main ? ">" : " ", i + 1);
		if (step->outcome == RECORD_READ) {
			show_structure(out, entry, step);
			continue;
		}
		show_call(out, entry, step);
		show_results(out, spec, entry, step);
		show_landings(out, step);
		show_clobbered(out, head, step);
		show_console(out, step);
	}
}

void show_judgement(void *context, const struct judgement *judgement)
{
	FILE *out = context;

	if (judgement->verdict == VERDICT_PASS && !judgement->rule)
		return;
	fprintf(out, "%-8s %s", verdict_names[judgement->verdict], judgement->rule_id);
	if (judgement->cite)
		fprintf(out, "  [%s]", judgement->cite);
	fputc('\n', out);
	if (judgement->verdict == VERDICT_PASS || judgement->verdict == VERDICT_SKIP)
		return;
	if (judgement->expected && *judgement->expected)
		fprintf(out, "         expected: %s\n", judgement->expected);
	if (judgement->got && *judgement->got)
		fprintf(out, "         got:      %s\n", judgement->got);
}
