/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * build.c - puts a case together around its main call: other CPUs brought up, handles produced, prepared, undone.
 */
#include "plan/internal.h"

#include <string.h>

#define OTHER_HART 1u /* the CPU that entries with `caller: secondary` run on */

void draft_begin(struct draft *draft, enum strategy strategy)
{
	memset(draft, 0, offsetof(struct draft, calls));
	draft->strategy = strategy;
	draft->label = strategy_names[strategy];
}

void draft_copy(struct draft *to, const struct draft *from)
{
	memcpy(to, from, offsetof(struct draft, calls) + from->count * sizeof(struct planned));
}

struct planned *draft_add(struct draft *draft, const struct entry *entry)
{
	struct planned *call;

	if (draft->count == CASE_STEPS)
		return NULL;
	call = &draft->calls[draft->count++];
	planned_begin(call, entry, entry->secondary ? OTHER_HART : 0);
	return call;
}

unsigned draft_occurrence(const struct draft *draft, unsigned index)
{
	unsigned count = 0;

	for (unsigned i = 0; i < index; i++)
		count += draft->calls[i].entry == draft->calls[index].entry;
	return count;
}

static int producing_result(const struct entry *entry, const char *handle)
{
	for (unsigned r = 0; r < entry->result_count; r++)
		if (entry->results[r].produces && !strcmp(entry->results[r].produces, handle))
			return (int)r;
	return -1;
}

/* The call of the entry's own preparation that produces the handle; NULL: any call that produces one will do. */
static const struct spec_call *own_producer(const struct entry *entry, const char *handle)
{
	for (size_t i = 0; i < entry->prepare_count; i++)
		if (producing_result(entry->prepare[i].entry, handle) >= 0)
			return &entry->prepare[i];
	return NULL;
}

static struct pick written_pick(struct plan *plan, const struct spec_call *written, unsigned number, const struct planned *main);

/* Is the call the one that is written, as far as that says something of its arguments? */
static bool is_written(struct plan *plan, const struct planned *call, const struct spec_call *written, const struct planned *main)
{
	if (call->entry != written->entry)
		return false;
	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		struct pick pick;

		if (!written->value[i])
			continue;
		pick = written_pick(plan, written, i, main);
		if (pick.value.source != call->args[i].value.source || pick.value.literal != call->args[i].value.literal)
			return false;
	}
	return true;
}

bool draft_link(struct plan *plan, const struct draft *draft, struct planned *call, unsigned number, unsigned back)
{
	const struct arg *arg = &call->entry->args[number];
	const struct spec_call *own = own_producer(call->entry, arg->handle);
	struct pick *pick = &call->args[number];

	for (unsigned i = draft->count; i-- > 0;) {
		const struct entry *entry = draft->calls[i].entry;
		int result = producing_result(entry, arg->handle);

		if (result < 0 || draft->calls[i].join || (own && !is_written(plan, &draft->calls[i], own, call)) || back--)
			continue;
		pick->value.from_step = i;
		pick->value.from_result = (unsigned)result;
		pick->seen =
			value_of(model_placeholder(entry, draft_occurrence(draft, i), (unsigned)result) + pick->value.literal,
				 arg->type->base);
		return true;
	}
	return false;
}

bool entry_produces(const struct entry *entry)
{
	for (unsigned r = 0; r < entry->result_count; r++)
		if (entry->results[r].produces)
			return true;
	return false;
}

static const struct entry *producer_of(const struct plan *plan, const char *handle)
{
	for (size_t i = 0; i < plan->spec->entry_count; i++) {
		const struct entry *entry = plan->spec->entries[i];

		if (producing_result(entry, handle) >= 0 && plan_has_entry(plan, entry) && plan_is_present(plan, entry))
			return entry;
	}
	return NULL;
}

static bool needs_producer(const struct planned *call, unsigned arg)
{
	return call->entry->args[arg].role == ROLE_HANDLE && call->args[arg].value.source == VALUE_RESULT;
}

static int add_producers(struct plan *plan, struct draft *draft, struct planned *call, unsigned nested);
static int add_written(struct plan *plan, struct draft *draft, const struct spec_call *written, const struct planned *main);

/* Points a handle at the call that produced it, which is made first where there was none. */
static int add_producer(struct plan *plan, struct draft *draft, struct planned *call, unsigned arg, unsigned nested)
{
	const struct spec_call *own = own_producer(call->entry, call->entry->args[arg].handle);
	const struct entry *producer;
	struct planned made;

	if (draft_link(plan, draft, call, arg, 0))
		return 0;
	if (own)
		return add_written(plan, draft, own, call) || !draft_link(plan, draft, call, arg, 0) ? -1 : 0;
	producer = producer_of(plan, call->entry->args[arg].handle);
	if (!producer || nested > 2)
		return -1;
	planned_nominal(plan, producer, &made);
	if (add_producers(plan, draft, &made, nested + 1) || draft->count == CASE_STEPS)
		return -1;
	planned_copy(&draft->calls[draft->count++], &made);
	draft_link(plan, draft, call, arg, 0);
	return 0;
}

static int add_producers(struct plan *plan, struct draft *draft, struct planned *call, unsigned nested)
{
	for (unsigned i = 0; i < call->entry->arg_count; i++)
		if (needs_producer(call, i) && add_producer(plan, draft, call, i, nested))
			return -1;
	return 0;
}

/* Every handle that `prepare` does not produce. */
static int add_unprepared(struct plan *plan, struct draft *draft, struct planned *call, bool prepared)
{
	const struct entry *entry = call->entry;

	for (unsigned i = 0; i < entry->arg_count; i++) {
		if (!needs_producer(call, i) || (prepared && own_producer(entry, entry->args[i].handle)))
			continue;
		if (add_producer(plan, draft, call, i, 0))
			return -1;
	}
	return 0;
}

/* ---- calls written in a spec ---- */

struct only_arg {
	int arg;
	unsigned names;
};

static void see_only_arg(void *context, const struct name *name)
{
	struct only_arg *only = context;

	only->names++;
	only->arg = name->kind == NAME_ARG ? (int)name->index : -1;
}

/* The number of the argument that the expression is nothing but; -1: it is more. */
static int plain_arg(const struct expr *expr, const struct entry *entry)
{
	struct only_arg only = { -1, 0 };

	expr_names(expr, see_only_arg, &only);
	return only.names == 1 && only.arg >= 0 && !strcmp(expr_text(expr), entry->args[only.arg].name) ? only.arg : -1;
}

struct pick known_pick(struct plan *plan, const struct entry *entry, unsigned arg, uint64_t literal)
{
	const struct picks *picks = &plan_menu(plan, entry)->args[arg];

	for (size_t i = 0; i < picks->count; i++)
		if (picks->list[i].value.source == VALUE_LITERAL && picks->list[i].value.literal == literal)
			return picks->list[i];
	return pick_literal(NULL, &entry->args[arg], "given", literal);
}

static struct pick written_pick(struct plan *plan, const struct spec_call *written, unsigned number, const struct planned *main)
{
	const struct arg *arg = &written->entry->args[number];
	struct sight sight = { .plan = plan, .call = main, .prediction = PREDICT_OPEN };
	struct value value;
	int same;

	if (written->pad[number])
		return pick_pad(plan, arg, written->pad[number], 0);
	if (written->target_hart[number])
		return known_pick(plan, written->entry, number, plan->survey.hart_ids[OTHER_HART]);
	if (!written->value[number])
		return plan_menu(plan, written->entry)->args[number].list[0];
	same = main ? plain_arg(written->value[number], main->entry) : -1;
	if (same >= 0) {
		struct pick pick = main->args[same];

		pick.borrowed = pick.value.source == VALUE_BUFFER;
		return pick;
	}
	value = sight_eval(&sight, written->value[number]);
	return known_pick(plan, written->entry, number, int_truncate(value.known ? value.bits : 0, arg->type->base));
}

static int add_written(struct plan *plan, struct draft *draft, const struct spec_call *written, const struct planned *main)
{
	struct planned call;

	/* What another version has is left out of this one, and what another chapter lacks; what is missing in its own leaves nothing to stand on. */
	if (!plan_has_entry(plan, written->entry))
		return 0;
	if (plan_is_missing(plan, written->entry))
		return main && main->entry->chapter != written->entry->chapter ? 0 : -1;
	planned_begin(&call, written->entry, written->entry->secondary ? OTHER_HART : 0);
	for (unsigned i = 0; i < call.entry->arg_count; i++)
		call.args[i] = written_pick(plan, written, i, main);
	if (add_producers(plan, draft, &call, 0) || draft->count == CASE_STEPS)
		return -1;
	planned_copy(&draft->calls[draft->count++], &call);
	return 0;
}

int draft_bring_up(struct plan *plan, struct draft *draft)
{
	const struct spec_call *bring_up = plan->spec->convention.bring_up;

	if (!bring_up || plan->survey.harts <= OTHER_HART || !plan_is_present(plan, bring_up->entry))
		return -1;
	return draft_is_up(plan, draft) ? 0 : add_written(plan, draft, bring_up, NULL);
}

static int add_all(struct plan *plan, struct draft *draft, const struct spec_call *calls, size_t count,
		   const struct planned *main, const bool *unless_sets)
{
	for (size_t i = 0; i < count; i++)
		if (!(unless_sets && entry_sets_any(calls[i].entry, unless_sets)) && add_written(plan, draft, &calls[i], main))
			return -1;
	return 0;
}

int draft_prepare(struct plan *plan, struct draft *draft, const struct planned *main, const bool *unless_sets)
{
	return add_all(plan, draft, main->entry->prepare, main->entry->prepare_count, main, unless_sets);
}

int draft_restore(struct plan *plan, struct draft *draft, const struct planned *main, const bool *unless_sets)
{
	return add_all(plan, draft, main->entry->restore, main->entry->restore_count, main, unless_sets);
}

int draft_around(struct plan *plan, struct draft *draft, const struct planned *main, bool prepared)
{
	struct planned call;

	planned_copy(&call, main);
	if (call.hart && draft_bring_up(plan, draft))
		return -1;
	if (add_unprepared(plan, draft, &call, prepared))
		return -1;
	if (prepared && draft_prepare(plan, draft, &call, NULL))
		return -1;
	if (add_producers(plan, draft, &call, 0))
		return -1;
	if (draft->count == CASE_STEPS)
		return -1;
	draft->main = draft->count;
	planned_copy(&draft->calls[draft->count++], &call);
	return prepared ? draft_restore(plan, draft, &call, NULL) : 0;
}

void planned_nominal(struct plan *plan, const struct entry *entry, struct planned *call)
{
	const struct menu *menu = plan_menu(plan, entry);

	planned_begin(call, entry, entry->secondary ? OTHER_HART : 0);
	for (unsigned i = 0; i < entry->arg_count; i++)
		call->args[i] = menu->args[i].list[0];
}

/* ---- what becomes of the machine ---- */

/* Does this call leave hart 1 at the probe's pad? */
bool call_brings_up(const struct plan *plan, const struct planned *call)
{
	const struct spec_call *bring_up = plan->spec->convention.bring_up;

	if (!bring_up || call->entry != bring_up->entry || plan->survey.harts <= OTHER_HART)
		return false;
	for (unsigned i = 0; i < call->entry->arg_count; i++) {
		const struct pick *pick = &call->args[i];

		if (bring_up->target_hart[i] && (!pick->seen.known || pick->seen.bits != plan->survey.hart_ids[OTHER_HART]))
			return false;
		if (bring_up->pad[i] && (pick->value.source != VALUE_PAD || pick->value.literal))
			return false;
	}
	return true;
}

bool draft_is_up(const struct plan *plan, const struct draft *draft)
{
	bool up = false;

	for (unsigned i = 0; i < draft->count; i++) {
		if (call_brings_up(plan, &draft->calls[i]))
			up = true;
		if (draft->calls[i].hart == OTHER_HART && draft->calls[i].entry->outcomes & OUTCOME_STOPS)
			up = false;
	}
	return up;
}

static bool strange_code(const struct planned *call)
{
	for (unsigned i = 0; i < call->entry->arg_count; i++)
		if (call->entry->args[i].role == ROLE_CODE &&
		    (call->args[i].value.source != VALUE_PAD || call->args[i].value.literal))
			return true;
	return false;
}

/* A call that is carried out and after which the machine is not there, or not ours, any more. */
bool call_ends_guest(const struct planned *call)
{
	unsigned outcomes = call->entry->outcomes;

	return outcomes & (OUTCOME_SHUTDOWN | OUTCOME_RESET) || (outcomes & OUTCOME_STOPS && !call->hart) || strange_code(call);
}

/* Calls that only look, or whose traces may stay: nothing to simulate. */
static bool is_inert(const struct draft *draft, bool undo)
{
	for (unsigned i = 0; i < draft->count; i++)
		if ((undo && draft->calls[i].entry->effect_count) || call_ends_guest(&draft->calls[i]))
			return false;
	return true;
}

void draft_model(const struct plan *plan, const struct draft *draft, unsigned calls, struct model *model)
{
	model_reset(model);
	for (unsigned i = 0; i < calls; i++)
		if (!draft->calls[i].join)
			model_call(plan, model, &draft->calls[i], draft_occurrence(draft, i), NULL);
}

static void add_joins(struct draft *draft)
{
	unsigned count = draft->count;

	for (unsigned i = 0; i < count; i++) {
		struct planned *join;

		if (!draft->calls[i].async || !(join = draft_add(draft, draft->calls[i].entry)))
			continue;
		join->hart = draft->calls[i].hart;
		join->join = true;
	}
}

void draft_settle(struct plan *plan, struct draft *draft, bool undo)
{
	struct model model;

	add_joins(draft);
	if (is_inert(draft, undo))
		return;
	model_reset(&model);
	for (unsigned i = 0; i < draft->count; i++) {
		const struct planned *call = &draft->calls[i];

		if (!call->join && model_call(plan, &model, call, draft_occurrence(draft, i), NULL) == PREDICT_SUCCESS &&
		    call_ends_guest(call))
			draft->ends_guest = true;
	}
	if (undo && !draft->ends_guest && !model_is_reset(plan, &model))
		draft->dirty = walk_undo(plan, draft, &model);
}

uint64_t draft_hash(const struct draft *draft)
{
	uint64_t hash = 1;

	for (unsigned i = 0; i < draft->count; i++)
		hash = hash_word(hash, planned_hash(&draft->calls[i]));
	return hash;
}

void drafts_add(struct drafts *drafts, struct arena *arena, const struct draft *draft)
{
	if (drafts->count == drafts->room) {
		drafts->room = drafts->room ? 2 * drafts->room : 256;
		drafts->list = xrealloc(drafts->list, drafts->room * sizeof(*drafts->list));
	}
	drafts->list[drafts->count++] =
		arena_copy(arena, draft, offsetof(struct draft, calls) + draft->count * sizeof(struct planned));
}
