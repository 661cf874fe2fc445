/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/past.h"

#include <string.h>

#include "run/decode.h"

static int count(struct past *past, const char *journal, struct err *err)
{
	struct journal_reader *reader = journal_open(journal, err);
	const struct recorded_case *recorded;
	int more;

	if (!reader)
		return -1;
	while ((more = journal_next(reader, &recorded, err)) > 0) {
		past->records++;
		past->cases += recorded->attempt == 0;
	}
	journal_free(reader);
	return more;
}

/* Not beyond what was there at the start: by now the journal goes on. */
void past_step(struct past *past)
{
	past->cases -= past->next && past->next->attempt == 0;
	if (past->next && past->next->boot > past->boot)
		past->boot = past->next->boot;
	past->next = NULL;
	if (!past->records || past->failed)
		return;
	past->records--;
	past->failed = journal_next(past->reader, &past->next, &past->err) < 0;
}

int past_open(struct past *past, const char *journal, struct err *err)
{
	*past = (struct past){ 0 };
	if (count(past, journal, err))
		return -1;
	past->reader = journal_open(journal, err);
	if (!past->reader)
		return -1;
	past_step(past);
	return 0;
}

void past_close(struct past *past)
{
	journal_free(past->reader);
	*past = (struct past){ 0 };
}

bool past_covers(const struct past *past, size_t cases)
{
	return past->next && past->cases > cases;
}

static bool ended_undeclared(const struct asked_case *asked, const struct recorded_case *recorded)
{
	for (unsigned i = 0; i < recorded->step_count && i < asked->step_count; i++)
		if (is_undeclared_end(recorded->steps[i].outcome, asked->steps[i].code->entry))
			return true;
	return false;
}

void past_pass(struct past *past, const struct stretch *stretch, const struct passed *passed)
{
	uint32_t boot = past->boot;

	for (size_t number = 0; past->next && (number < stretch->count || past->next->attempt); past_step(past)) {
		const struct recorded_case *recorded = past->next;

		passed->record(passed->context, recorded);
		past->audited = journal_audited(past->reader, &past->audit);
		if (recorded->attempt)
			continue;
		if (ended_undeclared(stretch->cases[number], recorded))
			passed->ended(passed->context, stretch->cases[number], recorded->boot != boot);
		boot = recorded->boot;
		number++;
	}
}

const struct recorded_case *past_match(struct past *past, struct recorded_case *seen)
{
	const struct recorded_case *recorded = past->next;

	seen->boot += past->shift;
	if (!recorded || past->failed)
		return NULL;
	if (strcmp(recorded->id, seen->id) || recorded->attempt != seen->attempt) {
		past->failed = true;
		err_set(&past->err, EXIT_USAGE,
			"the recording does not go with what is run now: where it has %s there is %s; was the blob or the "
			"specification changed?",
			recorded->id, seen->id);
		return NULL;
	}
	past->shift += recorded->boot - seen->boot;
	return recorded;
}
