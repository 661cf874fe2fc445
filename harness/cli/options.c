/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the options that every command which makes a plan understands. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum option_key {
	KEY_FILTER = 256,
	KEY_EFFORT,
	KEY_SEED,
	KEY_BUDGET,
	KEY_ISOLATE,
	KEY_JOBS,
	KEY_BASELINE,
	KEY_RESUME,
	KEY_FORMAT,
	KEY_CLAIM,
	KEY_SANDBOX,
	KEY_CASES,
	KEY_AUDIT
};

static const struct argp_option options[] = {
	{ "blob", 'b', "NAME|FILE", 0,
	  "The candidate: a manifest's name (`blobs/NAME.yaml`), a manifest, or a firmware file with a "
	  "manifest FILE.yaml beside it. Default: opensbi-1.1",
	  1 },
	{ "spec", 's', "DIR", 0, "The specification, where the manifest names none or another is wanted", 1 },
	{ "claim", KEY_CLAIM, "VERSION", 0, "Judge by this version of the specification, whatever the blob claims", 1 },
	{ "effort", KEY_EFFORT, "quick|standard|deep", 0, "How many cases: seconds, minutes or hours. Default: quick", 2 },
	{ "cases", KEY_CASES, "N", 0, "Random cases per entry, instead of as many as the effort says", 2 },
	{ "filter", KEY_FILTER, "GLOB", 0, "Only entries or cases of this name, as `sbi.hsm.*`", 2 },
	{ "seed", KEY_SEED, "N", 0, "Seed of the random cases. The same seed gives the same cases. Default: 1", 2 },
	{ "budget", KEY_BUDGET, "SECONDS", 0, "Begin no new batch after this time; the rest of the plan is left out and said so",
	  2 },
	{ "isolate", KEY_ISOLATE, "batch|case", 0, "How often the guest starts anew. Default: batch", 3 },
	{ "jobs", KEY_JOBS, "N", 0, "Guests at work at once. Default: the number of processors", 3 },
	{ "audit", KEY_AUDIT, "PERCENT", 0,
	  "Of this share of the calls the record is compared with what QEMU saw; less of long batches, below 100. Default: 1",
	  3 },
	{ "sandbox", KEY_SANDBOX, "require|best|off", 0, SANDBOX_OPTION_HELP, 3 },
	{ "baseline", KEY_BASELINE, "RUN", 0, "Exit 1 only for what is worse than in this earlier run", 4 },
	{ "resume", KEY_RESUME, "RUN", 0, "Go on with a run that was interrupted", 4 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text, json, junit, tap, markdown or html, on stdout. Default: text", 5 },
	{ "output", 'o', "RUNDIR", 0, "Directory for the recording and the reports; new, or empty. Default: assay-runs/BLOB-N",
	  5 },
	{ "verbose", 'v', 0, 0, "List the rules that pass, too", 5 },
	{ 0 },
};

struct choice {
	const char *name;
	int value;
};

static const struct choice efforts[] = {
	{ "quick", EFFORT_QUICK }, { "standard", EFFORT_STANDARD }, { "deep", EFFORT_DEEP }, { 0 }
};
static const struct choice isolations[] = { { "batch", false }, { "case", true }, { 0 } };

static const struct choice sandboxes[] = {
	{ "require", SANDBOX_REQUIRE }, { "best", SANDBOX_BEST }, { "off", SANDBOX_OFF }, { 0 }
};

static int choose(struct argp_state *state, const char *option, const struct choice *choices, const char *word)
{
	for (const struct choice *choice = choices; choice->name; choice++)
		if (!strcmp(word, choice->name))
			return choice->value;
	argp_error(state, "--%s: `%s` is none of its values; see --help", option, word);
	return 0;
}

const char *effort_name(enum effort effort)
{
	for (const struct choice *choice = efforts; choice->name; choice++)
		if (choice->value == (int)effort)
			return choice->name;
	return "unknown";
}

int effort_named(const char *name, enum effort *effort)
{
	for (const struct choice *choice = efforts; choice->name; choice++)
		if (!strcmp(name, choice->name)) {
			*effort = (enum effort)choice->value;
			return 0;
		}
	return -1;
}

enum sandbox_policy sandbox_option(struct argp_state *state, const char *word)
{
	return (enum sandbox_policy)choose(state, "sandbox", sandboxes, word);
}

uint64_t number_option(struct argp_state *state, const char *option, const char *word, uint64_t low)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || end == word || *end || *word == '-' || value < low)
		argp_error(state, "--%s: `%s` is no number from %llu up", option, word, (unsigned long long)low);
	return value;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct plan_request *request = state->input;

	switch (key) {
	case 'b':
		request->blob = word;
		break;
	case 's':
		request->spec = word;
		break;
	case 'o':
		request->rundir = word;
		break;
	case 'v':
		request->verbose = true;
		break;
	case KEY_CLAIM:
		request->claim = word;
		break;
	case KEY_FILTER:
		request->filter = word;
		break;
	case KEY_EFFORT:
		request->effort = (enum effort)choose(state, "effort", efforts, word);
		break;
	case KEY_SEED:
		request->seed = number_option(state, "seed", word, 0);
		break;
	case KEY_CASES:
		request->random_cases = number_option(state, "cases", word, 1);
		break;
	case KEY_BUDGET:
		request->budget_s = number_option(state, "budget", word, 1);
		break;
	case KEY_ISOLATE:
		request->isolate_case = choose(state, "isolate", isolations, word);
		break;
	case KEY_SANDBOX:
		request->sandbox = sandbox_option(state, word);
		break;
	case KEY_JOBS:
		request->jobs = (unsigned)number_option(state, "jobs", word, 1);
		break;
	case KEY_AUDIT:
		request->audit = (unsigned)number_option(state, "audit", word, 0);
		if (request->audit > 100)
			argp_error(state, "--audit: more than 100 percent");
		break;
	case KEY_BASELINE:
		request->baseline = word;
		break;
	case KEY_RESUME:
		request->resume = word;
		break;
	case KEY_FORMAT:
		if (!report_find(word))
			argp_error(state, "--format: `%s` is none of text, json, junit, tap, markdown, html", word);
		request->format = word;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "`%s` is no option; see --help", word);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp plan_request_argp = { options, parse, 0, 0, 0, 0, 0 };
const struct argp_child plan_request_child[] = { { &plan_request_argp, 0, "", 0 }, { 0 } };

void plan_request_init(struct plan_request *request)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	*request = (struct plan_request){
		.format = "text",
		.seed = 1,
		.audit = 1,
		.jobs = processors > 0 ? (unsigned)processors : 1,
	};
}
