/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/rerun.h"

#include <stdlib.h>
#include <string.h>

#include "run/engine.h"

#define BOOTS_MAX 2 /* of a guest that does not come to the probe */

struct rerun {
	struct run_config config;
	struct guest_config guest_config;
	const struct codec *codec;
	struct arena *arena, *scratch;
	struct asked_case **cases;
	size_t count;
	struct lane lane;
	uint32_t boot;
};

/* ---- cases of the plan ---- */

struct wanted {
	const char *id;
	size_t number;
};

static int by_id(const void *left, const void *right)
{
	return strcmp(((const struct wanted *)left)->id, ((const struct wanted *)right)->id);
}

/* Where the case with this id belongs; NULL: nowhere, or it is there already. */
static struct asked_case **place_of(struct rerun *rerun, const struct wanted *list, const char *id)
{
	const struct wanted key = { id, 0 }, *found = bsearch(&key, list, rerun->count, sizeof(*list), by_id);

	return found && !rerun->cases[found->number] ? &rerun->cases[found->number] : NULL;
}

/* Returns how many there were. */
static size_t take_kept(struct rerun *rerun, const struct kept *kept, const struct wanted *list)
{
	size_t taken = 0;

	for (size_t i = 0; kept && i < kept->count; i++) {
		for (size_t j = 0; j < kept->stretches[i]->count; j++) {
			struct asked_case *asked = kept->stretches[i]->cases[j], **place = place_of(rerun, list, asked->id);

			if (!place)
				continue;
			*place = asked;
			taken++;
			for (unsigned step = 0; step < asked->step_count; step++)
				asked->steps[step].listen = false; /* as new */
		}
	}
	return taken;
}

static int take_cases(struct rerun *rerun, const struct kept *kept, struct plan *plan, const char *const *ids, struct err *err)
{
	struct wanted *list = arena_new_array(rerun->arena, struct wanted, rerun->count);
	const struct plan_case *plan_case;
	size_t missing = rerun->count;

	for (size_t i = 0; i < rerun->count; i++)
		list[i] = (struct wanted){ ids[i], i };
	qsort(list, rerun->count, sizeof(*list), by_id);
	missing -= take_kept(rerun, kept, list);
	while (missing && (plan_case = plan_next(plan))) {
		struct asked_case **place = place_of(rerun, list, plan_case->id);

		if (place) {
			*place = asked_new(rerun->arena, rerun->codec, plan_case);
			missing--;
		}
	}
	for (size_t i = 0; i < rerun->count; i++)
		if (!rerun->cases[i])
			return err_set(err, EXIT_USAGE, "%s: the plan has no such case (was the specification changed since?)",
				       ids[i]);
	return 0;
}

static struct codec *new_codec(struct arena *arena, const struct rerun_config *config, struct err *err)
{
	const struct run_config *run = config->run;
	struct codec *codec = codec_new(arena, run->spec, run->arch, run->blob->machine, err);

	if (codec)
		codec_set_boot_hart(codec, config->survey->hart_ids[0]);
	return codec;
}

/* A guest with a door for people is not one of the others. */
static struct pool *pool_of(const struct rerun_config *config)
{
	return config->gdb || config->trace ? NULL : config->run->pool;
}

struct rerun *rerun_new(const struct rerun_config *config, struct plan *plan, const char *const *ids, size_t count,
			struct err *err)
{
	struct rerun *rerun = xcalloc(1, sizeof(*rerun));

	rerun->config = *config->run;
	rerun->arena = arena_new();
	rerun->scratch = arena_new();
	rerun->count = count;
	rerun->cases = arena_new_array(rerun->arena, struct asked_case *, count);
	rerun->guest_config = engine_guest_config(config->run);
	rerun->guest_config.gdb = config->gdb;
	rerun->guest_config.trace = config->trace;
	rerun->codec = config->kept ? config->kept->codec : new_codec(rerun->arena, config, err);
	if (!rerun->codec)
		goto failed;
	if (take_cases(rerun, config->kept, plan, ids, err) ||
	    lane_open(&rerun->lane, &rerun->guest_config, pool_of(config), err))
		goto failed;
	rerun->lane.audit.share = config->sampled ? config->run->audit_share : 100;
	rerun->lane.audit.seed = config->run->audit_seed;
	return rerun;
failed:
	rerun_free(rerun);
	return NULL;
}

void rerun_free(struct rerun *rerun)
{
	if (!rerun)
		return;
	lane_close(&rerun->lane);
	arena_free(rerun->arena);
	arena_free(rerun->scratch);
	free(rerun);
}

const struct asked_case *rerun_case(const struct rerun *rerun, size_t number)
{
	return rerun->cases[number];
}

int rerun_step(const struct rerun *rerun, size_t number, unsigned call)
{
	const struct asked_case *asked = rerun->cases[number];

	for (int i = 0; i < asked->step_count; i++)
		if (!asked->steps[i].join && !call--)
			return i;
	return -1;
}

/* ---- a boot ---- */

/* The memory of both belongs to the rerun: nobody may free them as a run does. */
struct load {
	struct stretch stretch;
	struct unit unit;
};

static void make_load(struct rerun *rerun, const struct rerun_request *request, struct load *load)
{
	struct asked_case **cases = arena_new_array(rerun->scratch, struct asked_case *, request->count);

	for (size_t i = 0; i < request->count; i++)
		cases[i] = rerun->cases[request->cases[i]];
	load->stretch = (struct stretch){ .arena = rerun->arena, .users = 1, .count = request->count, .cases = cases };
	/* as a run that wants to be sure: every step of the last case is listened to, and a hang has to last */
	load->unit = (struct unit){ .stretch = &load->stretch,
				    .count = request->count,
				    .in_place = true,
				    .skip = request->count ? request->count - 1 : 0 };
}

static void watch_step(struct rerun *rerun, const struct rerun_request *request)
{
	struct asked_case *last = request->count ? rerun->cases[request->cases[request->count - 1]] : NULL;

	for (unsigned i = 0; last && i < last->step_count; i++)
		last->steps[i].watched = (int)i == request->watched;
	rerun->lane.watcher = request->watcher;
}

static int lay_out(struct rerun *rerun, const struct rerun_request *request, struct load *load, struct err *err)
{
	struct unit *rest;

	arena_reset(rerun->scratch);
	make_load(rerun, request, load);
	watch_step(rerun, request);
	if (lane_lay_out(&rerun->lane, rerun->codec, &load->unit, &rest, err))
		return -1;
	if (!rest)
		return 0;
	unit_free(rest);
	if (request->part)
		return 0;
	rerun->lane.unit = NULL;
	return err_set(err, EXIT_BROKEN,
		       "the guest has no room for all cases before this one; give the machine more memory (`ram_mib`)");
}

struct guest *rerun_lay_out(struct rerun *rerun, const struct rerun_request *request, struct err *err)
{
	struct load load;

	if (lay_out(rerun, request, &load, err))
		return NULL;
	rerun->lane.unit = NULL;
	guest_hold_at(rerun->lane.guest, 0); /* nobody is there to look at calls */
	return rerun->lane.guest;
}

/* The blob brought up the probe, and the probe's memory is what it was made of. */
static bool is_sound(struct rerun *rerun, bool *came_up)
{
	struct wire_batch batch;

	guest_batch(rerun->lane.guest, &batch);
	*came_up = batch.ready;
	return batch.magic == WIRE_MAGIC && batch.ready;
}

static void tell(struct rerun *rerun, const struct rerun_request *request, struct recorded_case *recorded)
{
	recorded->boot = rerun->boot;
	request->seen(request->context, recorded);
}

/* Tells every case that was begun. */
static void tell_all(struct rerun *rerun, const struct rerun_request *request, const struct load *load, enum guest_end end,
		     size_t end_step)
{
	struct seen_batch batch = {
		.codec = rerun->codec,
		.guest = rerun->lane.guest,
		.marks = rerun->lane.marks,
		.mark_count = rerun->lane.mark_count,
		.accounted = !lane_console_rest(&rerun->lane),
		.ended = end != GUEST_DONE,
		.end_step = end_step,
		.end = end,
	};
	struct audit_tally tally = { 0 };

	batch.forged = audit_finish(&rerun->lane.audit, rerun->codec, &load->unit, rerun->lane.guest, end, end_step, &tally);
	seen_batch_sort_landings(&batch, rerun->scratch);
	for (size_t i = 0; i < load->unit.count; i++) {
		const struct asked_case *asked = unit_case(&load->unit, i);

		if (batch.ended && asked->first > end_step)
			break;
		tell(rerun, request, seen_case(rerun->scratch, &batch, asked));
	}
}

/* The probe's memory is destroyed. Nothing that the cases left is believed; it is put down to the last one, which this is about. */
static void tell_lost(struct rerun *rerun, const struct rerun_request *request, const struct load *load)
{
	for (size_t i = 0; i < load->unit.count; i++) {
		struct recorded_case *recorded = unseen_case(rerun->scratch, unit_case(&load->unit, i));

		if (i + 1 == load->unit.count)
			recorded->steps[recorded->main].outcome = RECORD_CRASH;
		tell(rerun, request, recorded);
	}
}

static bool is_interrupted(const struct rerun *rerun)
{
	return rerun->config.interrupt && *rerun->config.interrupt;
}

static int execute(struct rerun *rerun, const struct rerun_request *request, struct load *load, enum guest_end *end,
		   size_t *end_step, struct err *err)
{
	int failed;

	if (lay_out(rerun, request, load, err))
		return -1;
	failed = lane_go(&rerun->lane, err);
	if (!failed)
		*end = lane_wait(&rerun->lane, rerun->codec, rerun->config.interrupt, end_step, err);
	rerun->lane.unit = NULL;
	rerun->boot++;
	if (failed)
		return -1;
	return *end == GUEST_INTERRUPTED || is_interrupted(rerun) ? err_set(err, EXIT_INTERRUPTED, "interrupted") : 0;
}

struct in_vain {
	unsigned killed, silent;
};

/* Nothing is known of the blob: the guest is started once more. -1: that was so too often. */
static int is_no_attempt(struct rerun *rerun, const struct rerun_request *request, enum guest_end end, size_t end_step,
			 struct in_vain *in_vain, struct err *err)
{
	if (end == GUEST_KILLED && in_vain->killed++ == GUEST_KILLED_MAX)
		return guest_killed_too_often(rerun->lane.guest, err);
	if (end == GUEST_KILLED || (end == GUEST_STUCK && !in_vain->silent++))
		return 1;
	if (end == GUEST_STUCK && !request->silence)
		return err_set(err, EXIT_BROKEN, "%s gave no answer, two times in a row: is this machine very busy?",
			       rerun->config.blob->machine->qemu);
	return lane_ended_early(&rerun->lane, end, end_step);
}

int rerun_run(struct rerun *rerun, const struct rerun_request *request, struct err *err)
{
	struct in_vain in_vain = { 0 };

	for (unsigned boots = 0; boots < BOOTS_MAX;) {
		struct load load;
		enum guest_end end;
		size_t end_step;
		bool came_up, sound;
		int again;

		if (execute(rerun, request, &load, &end, &end_step, err))
			return -1;
		again = is_no_attempt(rerun, request, end, end_step, &in_vain, err);
		if (again < 0)
			return -1;
		if (again)
			continue;
		boots++;
		sound = is_sound(rerun, &came_up);
		if (!came_up)
			continue;
		if (sound)
			tell_all(rerun, request, &load, end, end_step);
		else
			tell_lost(rerun, request, &load);
		return 0;
	}
	return err_set(err, EXIT_DEVIANT, "%s: the blob never came to the probe", rerun->config.blob->path);
}
