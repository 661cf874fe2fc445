/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli.h - the commands. The only layer that prints, and the only one that knows all the others.
 *
 * Results go to stdout, progress and diagnostics to stderr. Every command returns an exit code (base/err.h).
 */
#ifndef ASSAY_CLI_CLI_H
#define ASSAY_CLI_CLI_H

#include <argp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/arch.h"
#include "guest/blob.h"
#include "sandbox/sandbox.h"
#include "plan/plan.h"
#include "report.h"
#include "spec/spec.h"

struct command {
	const char *name, *summary;
	int (*main)(int argc, char **argv);
};

int lint_main(int argc, char **argv);
int run_main(int argc, char **argv);
int plan_main(int argc, char **argv);
int judge_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int shrink_main(int argc, char **argv);
int certify_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int matrix_main(int argc, char **argv);
int diff_main(int argc, char **argv);
int spec_main(int argc, char **argv);
int doc_main(int argc, char **argv);
int header_main(int argc, char **argv);
int draft_main(int argc, char **argv);

/* What the commands that make a plan are told. Strings point into argv. */
struct plan_request {
	const char *blob, *spec, *filter, *format, *rundir, *baseline, *resume, *claim;
	uint64_t seed, budget_s, random_cases;
	enum effort effort;
	enum sandbox_policy sandbox;
	bool isolate_case, verbose;
	unsigned jobs;
	unsigned audit; /* percent of the calls */
};

/* Of a command without words of its own; its input is a struct plan_request. */
extern const struct argp_child plan_request_child[];
void plan_request_init(struct plan_request *request);
const char *effort_name(enum effort effort);
int effort_named(const char *name, enum effort *effort); /* -1: there is none of this name */

/* A word after an option: what is none of its values, or no number from `low` up, is a usage error, which ends the program. */
enum sandbox_policy sandbox_option(struct argp_state *state, const char *word);
uint64_t number_option(struct argp_state *state, const char *option, const char *word, uint64_t low);
#define SANDBOX_OPTION_HELP                                                                                                      \
	"What keeps a hostile blob in: `require` all of namespaces (bubblewrap), own system call filter and unprivileged user, " \
	"`best` as much of that as the system offers, `off` QEMU's own filter and limits alone. Default: require"

/* The candidate and all that is needed to run it. */
struct subject {
	struct arena *arena;
	const struct blob *blob; /* NULL: `assay plan --spec DIR` without a blob */
	const struct arch *arch;
	const char *probe, *stopper;
	struct spec *spec;
};

#define DEFAULT_BLOB "opensbi-1.1"

/* Without a blob and with a spec the subject is the spec alone. Prints findings and the reason on failure; returns an exit code, 0 when all is there. */
int subject_find(struct subject *subject, const struct plan_request *request);
void subject_free(struct subject *subject);

/* Loads a spec; prints every finding on stderr when there is an error. NULL: printed already. */
struct spec *load_spec(const char *path);
/* The profiles of consumers beside the spec. What is wrong with one is printed, and it is left out. */
struct consumers;
struct consumers *load_consumers(struct spec *spec);

/* A file of the installation or the source tree: "blobs", "probes/arch". Lives as long as the arena. */
const char *home_path(struct arena *arena, const char *relative);
const char *build_path(struct arena *arena, const char *relative);

/* "assay: MESSAGE" on stderr; returns err->code. */
int complain(const struct err *err);

/* Set by SIGINT and SIGTERM. */
extern volatile bool interrupted;
void catch_interrupts(void);

/* How stdout and stderr look. */
struct report_options terminal_options(bool verbose);

/* A bar on a terminal, nothing elsewhere. total 0: not known. */
struct progress {
	uint64_t total, done, failures;
	double started;
	bool shown;
	const char *what;
};
void progress_begin(struct progress *progress, const char *what, uint64_t total);
void progress_step(struct progress *progress, uint64_t done, uint64_t failures);
void progress_end(struct progress *progress);

#endif
