/* SPDX-License-Identifier: BSD-2-Clause */
/* again_options.c - the words that name a case of a run, and how to run it again. */
#include <argp.h>

#include "cli/replay/again.h"

enum { KEY_RULE = 512, KEY_SANDBOX };

static const struct argp_option options[] = {
	{ "rule", KEY_RULE, "RULE", 0, "The rule that has to fail. Default: all that the case failed in the run", 0 },
	{ "sandbox", KEY_SANDBOX, "require|best|off", 0, SANDBOX_OPTION_HELP, 0 },
	{ 0 },
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct again_request *request = state->input;

	switch (key) {
	case KEY_RULE:
		request->rule = word;
		return 0;
	case KEY_SANDBOX:
		request->sandbox = sandbox_option(state, word);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "name a run directory and a case");
		*(state->arg_num ? &request->id : &request->rundir) = word;
		return 0;
	case ARGP_KEY_END:
		if (!request->id)
			argp_error(state, "name a run directory and a case");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp again_request_argp = { options, parse, 0, 0, 0, 0, 0 };
const struct argp_child again_request_child[] = { { &again_request_argp, 0, "", 0 }, { 0 } };
