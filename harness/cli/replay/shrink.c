/* SPDX-License-Identifier: BSD-2-Clause */
/* shrink.c - `assay shrink`: which of the cases before one it takes to make it fail. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/replay/again.h"
#include "run/shrink.h"

static const char doc[] =
	"Finds the shortest sequence of cases after which a case still fails its rules, each try in a fresh guest."
	"\vWhen something that was done before in the same guest matters, the run has looked for the fewest cases that it takes, one rule "
	"at a time and not for ever (\"only after\" in the report). shrink tries parts of what came before until nothing more can be left "
	"out, prints what is left, and writes it into RUNDIR/shrunk/, where `assay replay RUNDIR CASE` finds it.\n\n"
	"Example:\n"
	"  assay shrink RUN 'sbi.pmu.counter_fw_read:sample:counter_idx=0'\n\n"
	"What does not fail every time is FLAKY and reported with its rate; guests are deterministic, so it takes a blob that is not.\n\n"
	"Exit 1 when the case fails (also when the tries are used up: the shortest so far is printed), 0 when it does not fail any "
	"more, 2 when there is nothing to shrink, 3 when the harness failed, 130 when interrupted.";

enum { KEY_TRIES = 256, KEY_REPEATS };

static const struct argp_option options[] = {
	{ "tries", KEY_TRIES, "N", 0, "At most so many guests. Default: 500", 0 },
	{ "repeats", KEY_REPEATS, "K", 0, "How often the result has to fail. Default: 3", 0 },
	{ 0 },
};

struct shrink_request {
	struct again_request again;
	unsigned tries, repeats;
};

static unsigned parse_count(const char *option, const char *word, struct argp_state *state)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	if (*end || !number || number > 1000000)
		argp_error(state, "%s: `%s` is no number from 1 to 1000000", option, word);
	return (unsigned)number;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct shrink_request *request = state->input;

	switch (key) {
	case KEY_TRIES:
		request->tries = parse_count("--tries", word, state);
		return 0;
	case KEY_REPEATS:
		request->repeats = parse_count("--repeats", word, state);
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->again;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct shrinking {
	const struct shrink_request *request;
	struct again again;
	struct rerun *rerun;
	const struct judged *wanted;
	size_t *cases;
	bool drawn;
};

static int fails(void *context, const size_t *kept, size_t count, struct err *err)
{
	struct shrinking *shrinking = context;
	struct rerun_request request = { .cases = shrinking->cases, .count = count + 1, .watched = -1 };
	struct trial trial;

	if (count)
		memcpy(shrinking->cases, kept, count * sizeof(*kept));
	shrinking->cases[count] = shrinking->again.recall.before_count;
	if (again_try(&shrinking->again, shrinking->rerun, &request, NULL, &trial, err))
		return -1;
	return trial.reached && judged_covers(&trial.judged, shrinking->wanted, shrinking->request->again.rule);
}

static void progress(void *context, unsigned tries, size_t shortest)
{
	struct shrinking *shrinking = context;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[Ktry %u of at most %u: fails after %zu of %zu cases", tries, shrinking->request->tries, shortest,
		shrinking->again.recall.before_count);
	fflush(stderr);
	shrinking->drawn = true;
}

/* What there is to shrink: rules that the case failed in the run. */
static int find_wanted(struct shrinking *shrinking, struct err *err)
{
	const struct recall *recall = &shrinking->again.recall;
	const char *rule = shrinking->request->again.rule;

	shrinking->wanted = recall->batch ? &recall->batch_judged : &recall->alone_judged;
	if (!recall->batch && !recall->alone)
		return err_set(err, EXIT_USAGE, "%s: the run %s did not make this case", recall->id, shrinking->again.rundir);
	if (!shrinking->wanted->count)
		return err_set(err, EXIT_USAGE, "%s: fails no rule in the run %s, so there is nothing to shrink", recall->id,
			       shrinking->again.rundir);
	if (rule && !judged_covers(shrinking->wanted, shrinking->wanted, rule))
		return err_set(err, EXIT_USAGE, "%s: did not fail the rule `%s` in the run %s", recall->id, rule,
			       shrinking->again.rundir);
	return 0;
}

static void print_rules(const struct shrinking *shrinking)
{
	const struct judged *wanted = shrinking->wanted;

	for (size_t i = 0; i < wanted->count; i++)
		if (!shrinking->request->again.rule || !strcmp(shrinking->request->again.rule, wanted->list[i].rule))
			printf("%-8s %s\n", verdict_names[wanted->list[i].verdict], wanted->list[i].rule);
}

static const char **chosen(struct shrinking *shrinking, const struct shrunk *shrunk)
{
	const char **ids = arena_new_array(shrinking->again.arena, const char *, shrunk->count + 1);

	for (size_t i = 0; i < shrunk->count; i++)
		ids[i] = shrinking->again.recall.before[shrunk->kept[i]];
	return ids;
}

static int print_sequence(struct shrinking *shrinking, const struct shrunk *shrunk, struct err *err)
{
	const struct again *again = &shrinking->again;
	const char **ids = chosen(shrinking, shrunk), *path;
	bool shortest = shrunk->end == SHRINK_DONE;

	if (!shrunk->count)
		printf("fails alone, in a fresh guest (%u tries)\n", shrunk->tries);
	else
		printf("fails after %zu of the %zu cases before it%s (%u tries):\n", shrunk->count, again->recall.before_count,
		       shortest ? "" : ", and perhaps after fewer", shrunk->tries);
	for (size_t i = 0; i < shrunk->count; i++)
		printf("    %s\n", ids[i]);
	if (shrunk_write(again->arena, again->rundir, again->id, ids, shrunk->count, shrinking->wanted, shortest, &path, err))
		return -1;
	printf("replay   assay replay %s '%s'\n", again->rundir, again->id);
	return 0;
}

static int conclude(struct shrinking *shrinking, const struct shrunk *shrunk, struct err *err)
{
	printf("%s\n", shrinking->again.id);
	print_rules(shrinking);
	switch (shrunk->end) {
	case SHRINK_PASSES:
		printf("does not fail any more: 0 of %u times after the %zu cases before it\n", shrunk->repeats,
		       shrinking->again.recall.before_count);
		return EXIT_CONFORMANT;
	case SHRINK_FLAKY:
		printf("FLAKY: failed %u of %u times after the same %zu case%s\n", shrunk->failed, shrunk->repeats, shrunk->count,
		       shrunk->count == 1 ? "" : "s");
		return EXIT_DEVIANT;
	default:
		if (!shrunk->tries)
			return EXIT_INTERRUPTED;
		if (print_sequence(shrinking, shrunk, err))
			return complain(err);
		return interrupted ? EXIT_INTERRUPTED : EXIT_DEVIANT;
	}
}

static int run(struct shrinking *shrinking)
{
	const struct recall *recall = &shrinking->again.recall;
	const struct again_guests plain = { 0 };
	const struct shrink_config config = {
		.count = recall->before_count,
		.tries = shrinking->request->tries,
		.repeats = shrinking->request->repeats,
		.context = shrinking,
		.fails = fails,
		.progress = progress,
	};
	struct shrunk shrunk;
	struct err err = { 0 };
	int failed;

	if (again_is_read(&shrinking->again))
		err_set(&err, EXIT_USAGE, "%s: a structure is read before any call: no case before it has to do with it",
			shrinking->again.id);
	if (err.code || find_wanted(shrinking, &err))
		return complain(&err);
	shrinking->cases = arena_new_array(shrinking->again.arena, size_t, recall->before_count + 1);
	shrinking->rerun = again_prepare(&shrinking->again, recall->before, recall->before_count, plain, &err);
	failed = !shrinking->rerun || shrink(shrinking->again.arena, &config, &shrunk, &err);
	if (shrinking->drawn)
		fputs("\r\033[K", stderr);
	return failed ? complain(&err) : conclude(shrinking, &shrunk, &err);
}

int shrink_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "RUNDIR CASE", doc, again_request_child, 0, 0 };
	struct shrink_request request = { .tries = 500, .repeats = 3 };
	struct shrinking shrinking = { .request = &request };
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	catch_interrupts();
	code = again_open(&shrinking.again, &request.again);
	if (!code)
		code = run(&shrinking);
	rerun_free(shrinking.rerun);
	again_close(&shrinking.again);
	return code;
}
