/* SPDX-License-Identifier: BSD-2-Clause */
/* see.c - what was recorded of a call, folded over its samples, and said in words. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "draft/draft.h"

/* ---- is that the answer of a call that is not there? ---- */

struct answer {
	const struct spec *spec;
	const uint64_t *results;
};

static struct value read_answer(void *context, const struct name *name, const struct value keys[2])
{
	const struct answer *answer = context;

	(void)keys;
	if (name->kind == NAME_CONSTANT)
		return name->value;
	return name->kind == NAME_RESULT ? value_of(answer->results[name->index], name->type) : value_unknown();
}

static struct value load_nothing(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	(void)context, (void)buffer, (void)offset, (void)size, (void)old;
	return value_unknown();
}

static struct value no_hart(void *context, uint64_t hart)
{
	(void)context, (void)hart;
	return value_unknown();
}

static struct value no_memory(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	(void)context, (void)high, (void)low, (void)length;
	return value_unknown();
}

static struct value no_chapter(void *context, unsigned chapter)
{
	(void)context, (void)chapter;
	return value_unknown();
}

static bool is_absent(const struct spec *spec, const struct recorded_step *step)
{
	struct answer answer = { spec, step->results };
	const struct expr_env env = { &answer, read_answer, load_nothing, no_hart, no_memory, no_chapter, NULL, NULL };

	return step->outcome == RECORD_RETURNED && spec->convention.unsupported &&
	       value_is_true(expr_eval(spec->convention.unsupported, &env));
}

/* ---- folding ---- */

static void see_answer(struct observed *observed, const struct recorded_step *step)
{
	for (unsigned i = 0; i < observed->answer_count; i++)
		if (!memcmp(observed->answers[i], step->results, sizeof(step->results)))
			return;
	if (observed->answer_count < DRAFT_ANSWERS)
		memcpy(observed->answers[observed->answer_count++], step->results, sizeof(step->results));
}

static unsigned changed_bytes(const uint8_t *before, const uint8_t *after, size_t size)
{
	unsigned count = 0;

	for (size_t i = 0; i < size; i++)
		count += before[i] != after[i];
	return count;
}

static void see_memory(struct observed *observed, const struct recorded_step *step)
{
	for (unsigned i = 0; i < step->buffer_count && i < RECORD_BUFFERS; i++) {
		const struct recorded_buffer *buffer = &step->buffers[i];
		size_t all = buffer->size + 2u * buffer->guard;
		unsigned inside;

		if (!buffer->before || !buffer->after)
			continue;
		inside = changed_bytes(buffer->before + buffer->guard, buffer->after + buffer->guard, buffer->size);
		if (inside > observed->written[i])
			observed->written[i] = inside;
		observed->beside |= changed_bytes(buffer->before, buffer->after, all) > inside;
	}
}

static bool is_kept(const struct convention *convention, const char *name)
{
	for (size_t i = 0; i < convention->control_preserved; i++)
		if (!strcmp(convention->control[i], name))
			return true;
	return false;
}

/* Of those that the convention keeps: others change with every call. */
static void see_control(const struct convention *convention, struct observed *observed, const struct recorded_step *step,
			const struct recording_head *head)
{
	for (size_t i = 0; i < head->control_count; i++)
		if ((step->before[i] ^ step->after[i]) & head->control_mask[i] && is_kept(convention, head->control[i]))
			observed->control |= 1u << i;
}

static void see_step(const struct draft *draft, struct observed *observed, const struct recorded_step *step,
		     const struct recording_head *head)
{
	observed->made++;
	observed->absent += is_absent(draft->spec, step);
	observed->outcomes |= 1u << step->outcome;
	if (step->has_console && step->console_length > observed->console)
		observed->console = step->console_length;
	if (step->outcome != RECORD_RETURNED)
		return;
	see_answer(observed, step);
	see_memory(observed, step);
	see_control(&draft->spec->convention, observed, step, head);
	observed->clobbered |= step->clobbered;
}

static struct draft_call *find(const struct draft *draft, const char *entry)
{
	const char *chapter = strchr(entry, '.') ? strchr(entry, '.') + 1 : "", *name = strchr(chapter, '.');

	for (size_t i = 0; name && i < draft->count; i++)
		if (!strcmp(draft->calls[i].name, name + 1) &&
		    !strncmp(draft->calls[i].chapter, chapter, (size_t)(name - chapter)) &&
		    !draft->calls[i].chapter[name - chapter])
			return &draft->calls[i];
	return NULL;
}

void draft_see(struct draft *draft, const struct recorded_case *recorded, const struct recording_head *head)
{
	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];
		struct draft_call *call = find(draft, step->entry);

		if (call && step->outcome != RECORD_NOT_RUN)
			see_step(draft, &call->observed, step, head);
	}
}

bool draft_is_there(const struct draft_call *call)
{
	return call->observed.made > call->observed.absent;
}

/* ---- words ---- */

static const char *add(struct arena *arena, const char *words, const char *more)
{
	return *words ? arena_printf(arena, "%s; %s", words, more) : more;
}

static const char *answers(const struct draft *draft, const struct observed *observed)
{
	const struct convention *convention = &draft->spec->convention;
	struct arena *arena = draft->arena;
	const char *words = "";

	for (unsigned a = 0; a < observed->answer_count; a++) {
		words = arena_printf(arena, "%s%s", words, a ? ", or " : "returned ");
		for (size_t r = 0; r < convention->result_count; r++) {
			uint64_t bits = observed->answers[a][r];
			bool is_signed = convention->results[r].type->base.is_signed;
			const char *name = (int)r == convention->status ? spec_error_name(draft->spec, bits) : NULL;

			words = arena_printf(arena, "%s%s%s ", words, r ? " " : "", convention->results[r].name);
			if (name)
				words = arena_printf(arena, "%s%s", words, name);
			else if (is_signed)
				words = arena_printf(arena, "%s%" PRId64, words, (int64_t)bits);
			else
				words = arena_printf(arena, "%s0x%" PRIx64, words, bits);
		}
	}
	return observed->answer_count == DRAFT_ANSWERS ? arena_printf(arena, "%s, or others", words) : words;
}

static const char *outcomes(struct arena *arena, unsigned bits)
{
	static const char *const words[RECORD_OUTCOMES] = {
		[RECORD_TRAPPED] = "trapped",
		[RECORD_LANDED] = "came out elsewhere",
		[RECORD_STOPPED] = "did not come back",
		[RECORD_SHUTDOWN] = "switched the machine off",
		[RECORD_RESET] = "reset the machine",
		[RECORD_CRASH] = "took the machine down",
		[RECORD_HANG] = "hung",
		[RECORD_BROKEN] = "ended the machine emulator",
		[RECORD_FORGED] = "spoilt the record",
	};
	const char *list = "";

	for (unsigned i = 0; i < RECORD_OUTCOMES; i++)
		if (bits & (1u << i) && words[i])
			list = add(arena, list, words[i]);
	return list;
}

static const char *marked(struct arena *arena, uint32_t bits, size_t count, const char *const *names, const char *verb)
{
	const char *list = "";

	for (size_t i = 0; i < count && i < 32; i++)
		if (bits >> i & 1)
			list = arena_printf(arena, "%s%s%s", list, *list ? ", " : "", names[i]);
	return *list ? arena_printf(arena, "%s %s", verb, list) : "";
}

static const char *memory(struct arena *arena, const struct observed *observed)
{
	const char *list = "";

	for (unsigned i = 0; i < RECORD_BUFFERS; i++)
		if (observed->written[i])
			list = add(arena, list,
				   arena_printf(arena, "wrote %u bytes where argument %u points to", observed->written[i], i));
	return observed->beside ? add(arena, list, "wrote memory beside that") : list;
}

const char *draft_words(const struct draft *draft, const struct draft_call *call, const struct recording_head *head)
{
	const struct observed *observed = &call->observed;
	struct arena *arena = draft->arena;
	const char *parts[] = {
		answers(draft, observed),
		outcomes(arena, observed->outcomes),
		memory(arena, observed),
		marked(arena, observed->clobbered, head->register_count, head->registers, "did not keep"),
		marked(arena, observed->control, head->control_count, head->control, "changed"),
		observed->console ? arena_printf(arena, "wrote %u bytes to the console", observed->console) : "",
	};
	const char *words = "";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (*parts[i])
			words = add(arena, words, parts[i]);
	return arena_printf(arena, "%s (%u of %u calls like one that is not there)", words, observed->absent, observed->made);
}
