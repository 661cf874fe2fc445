/* SPDX-License-Identifier: BSD-2-Clause */
/* verify.c - `assay verify`: is a certificate genuine, and is it true? */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/node.h"
#include "cli/certify/dsse.h"
#include "cli/certify/evidence.h"
#include "cli/certify/sample.h"
#include "cli/certify/statement.h"
#include "guest/digest.h"

#define CERTIFICATE_MAX (16u << 20) /* bytes */

static const char doc[] =
	"Checks a certificate that `assay certify` made: its signature, and what else is asked for; shows what it says, and what it "
	"cannot say."
	"\vA signature shows who says it, not that it is true. Three options look into that, and none of them needs a network:\n"
	"  --blob FILE   is this the firmware that it is about?\n"
	"  --run RUN     the signer's recording, judged again: do these verdicts follow?\n"
	"  --rerun N     N cases of the same plan, drawn by chance, in guests of our own,\n"
	"                alone and one after the other, and up to N of the failures that\n"
	"                it names: does the blob do what the certificate says?\n\n"
	"Examples:\n"
	"  assay verify my.certificate.json --pub vendor.pub --blob my.bin\n"
	"  assay verify my.certificate.json --pub vendor.pub --blob my.bin --rerun 200\n"
	"                              (a manifest, my.bin.yaml, names the machine)\n\n"
	"The signature can be checked without assay, too: it is a DSSE envelope, and the key's name is what "
	"`openssl pkey -pubin -in PUB -outform DER | sha256sum` prints.\n\n"
	"Exit 0 when it is genuine and says PASSED, and nothing that was looked at speaks against it; 1 when it is NOT GENUINE, "
	"CONTRADICTED or NOT CONFORMANT, which the last line says; 2 for a usage error, 3 when the harness failed.";

enum { KEY_PUB = 256, KEY_RUN, KEY_RERUN, KEY_SEED, KEY_SANDBOX };

static const struct argp_option options[] = {
	{ "pub", KEY_PUB, "PUB", 0, "The signer's public key, a PEM file", 0 },
	{ "blob", 'b', "NAME|FILE", 0, "The firmware that it should be about; for --rerun with a manifest, as for `assay run`",
	  0 },
	{ "spec", 's', "DIR", 0,
	  "The specification that it should be about. Default: for --run the installed one of its name, for --rerun what the manifest names",
	  0 },
	{ "run", KEY_RUN, "RUNDIR", 0, "The recording that it was made from: judges it again", 0 },
	{ "rerun", KEY_RERUN, "N", 0, "Runs N of its cases again; needs --blob", 0 },
	{ "seed", KEY_SEED, "N", 0, "Which cases. Default: by chance, so that no signer knows them before", 0 },
	{ "sandbox", KEY_SANDBOX, "require|best|off", 0, SANDBOX_OPTION_HELP, 0 },
	{ 0 },
};

struct verification {
	/* what was asked for */
	const char *file, *pub, *blob, *spec, *rundir;
	uint64_t rerun, seed;
	bool seeded;
	enum sandbox_policy sandbox;
	/* what there is */
	struct arena *arena;
	struct dsse_key *key;
	struct dsse_payload payload;
	struct statement statement;
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct verification *request = state->input;

	switch (key) {
	case KEY_PUB:
		request->pub = word;
		return 0;
	case 'b':
		request->blob = word;
		return 0;
	case 's':
		request->spec = word;
		return 0;
	case KEY_RUN:
		request->rundir = word;
		return 0;
	case KEY_RERUN:
		request->rerun = number_option(state, "rerun", word, 1);
		if (request->rerun > 1000000)
			argp_error(state, "--rerun: more than a million cases; run the whole again with `assay run`");
		return 0;
	case KEY_SEED:
		request->seed = number_option(state, "seed", word, 0);
		request->seeded = true;
		return 0;
	case KEY_SANDBOX:
		request->sandbox = sandbox_option(state, word);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "name one certificate");
		request->file = word;
		return 0;
	case ARGP_KEY_END:
		if (!request->file || !request->pub)
			argp_error(state, "name a certificate and --pub PUB");
		if (request->rerun && !request->blob)
			argp_error(state, "--rerun: needs the blob: --blob FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the checks, one after the other ---- */

static void good(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void good(const char *name, const char *format, ...)
{
	va_list args;

	printf("  %-10s ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static bool is_manifest(const char *name)
{
	size_t length = strlen(name);

	return access(name, F_OK) || (length > 5 && !strcmp(name + length - 5, ".yaml"));
}

/* A firmware alone has a digest; only who wants to run it needs a manifest. */
static const char *digest_of_blob(const struct verification *v, struct err *err)
{
	char sha256[65];
	uint64_t size;
	const struct blob *blob;

	if (is_manifest(v->blob)) {
		blob = blob_find(v->arena, home_path(v->arena, "blobs"), v->blob, err);
		return blob ? blob->sha256 : NULL;
	}
	return digest_file(v->blob, sha256, &size, err) ? NULL : arena_strdup(v->arena, sha256);
}

static int check_blob(struct verification *v, struct err *err)
{
	const char *sha256 = digest_of_blob(v, err);

	if (!sha256)
		return -1;
	if (strcmp(sha256, v->statement.blob_sha256) != 0)
		return err_set(err, EXIT_DEVIANT, "%s is another blob: its sha256 is %s", v->blob, sha256);
	good("blob", "%s is the one", v->blob);
	return 0;
}

static int check_spec(struct verification *v, struct err *err)
{
	struct spec *spec = load_spec(v->spec);
	bool same;

	if (!spec)
		return err_set(err, EXIT_USAGE, "%s: cannot be compared", v->spec);
	same = !strcmp(spec->sha256, v->statement.spec_sha256);
	if (same)
		good("spec", "%s is the one", v->spec);
	else
		err_set(err, EXIT_DEVIANT, "%s is another text of the specification: its sha256 is %s", v->spec, spec->sha256);
	spec_free(spec);
	return same ? 0 : -1;
}

/* The installation's own of this name. */
static const char *spec_by_name(const struct verification *v, struct err *err)
{
	const char *name = v->statement.spec;

	if (*name && *name != '.' && !strchr(name, '/'))
		return home_path(v->arena, arena_printf(v->arena, "spec/%s", name));
	return err_null(err, EXIT_USAGE, "name the specification with --spec");
}

static int check_run(struct verification *v, struct err *err)
{
	const char *spec = v->spec ? v->spec : spec_by_name(v, err);
	struct evidence_result result;

	if (!spec || evidence_check(&v->statement, v->rundir, spec, &result, err))
		return -1;
	good("run", "%s is the recording, and its verdicts follow from it: %" PRIu64 " cases judged again, %zu rules", v->rundir,
	     result.cases, result.rules);
	return 0;
}

/* Of so many that were looked at none was wrong: how many may be, all the same? (The rule of three: 95 % sure.) */
static double wrong_at_most(const struct sample_result *result)
{
	double share = 3.0 / (double)result->cases;

	return result->cases >= result->planned ? 0 : share > 1 ? 100 : 100 * share;
}

static void tell_sample(const struct verification *v, const struct sample_result *result)
{
	good("rerun", "%zu of %" PRIu64 " cases run again (--seed %" PRIu64 "), %" PRIu64 " checks passed: all as it says",
	     result->cases, result->planned, v->seed, result->passed);
	if (result->failures)
		good("", "%zu of them fail, as it says", result->failures);
	if (wrong_at_most(result) > 0)
		good("", "had more than %.3g %% of its cases come out otherwise, one would have been among them (95 %% sure)",
		     wrong_at_most(result));
	for (size_t i = 0; i < result->note_count; i++)
		good("", "note: %s", result->notes[i]);
}

static int check_sample(struct verification *v, struct err *err)
{
	struct sample_request request = { &v->statement, v->blob, v->spec, v->rerun, 0, v->sandbox };
	struct sample_result result;

	if (!v->seeded && getrandom(&v->seed, sizeof(v->seed), 0) != sizeof(v->seed))
		return err_set(err, EXIT_BROKEN, "no random numbers: name a --seed");
	v->seed >>= v->seeded ? 0 : 32; /* short enough to be typed */
	request.seed = v->seed;
	if (sample_run(&request, &result, err))
		return -1;
	tell_sample(v, &result);
	return 0;
}

static bool wants_blob(const struct verification *v)
{
	return v->blob;
}

static bool wants_spec(const struct verification *v)
{
	return v->spec;
}

static bool wants_run(const struct verification *v)
{
	return v->rundir;
}

static bool wants_sample(const struct verification *v)
{
	return v->rerun;
}

static const struct check {
	const char *name, *ask;
	bool (*wanted)(const struct verification *v);
	int (*make)(struct verification *v, struct err *err);
} checks[] = {
	{ "blob", "--blob FILE", wants_blob, check_blob },
	{ "spec", "--spec DIR", wants_spec, check_spec },
	{ "run", "--run RUNDIR", wants_run, check_run },
	{ "rerun", "--rerun N", wants_sample, check_sample },
};

static int make_checks(struct verification *v, struct err *err)
{
	puts("checked here");
	good("signature", "made with the key %s", dsse_key_id(v->key));
	if (v->payload.others)
		good("", "%zu more, which this key did not make: not looked at", v->payload.others);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].wanted(v))
			good(checks[i].name, "not looked at (%s)", checks[i].ask);
		else if (checks[i].make(v, err))
			return -1;
	}
	return 0;
}

/* ---- the answer ---- */

/* What speaks against it is a result; all else is a mishap. */
static int answer(const char *word, const struct err *err)
{
	if (err->code != EXIT_DEVIANT)
		return complain(err);
	printf("%s: ", word);
	print_safely(stdout, err->message);
	putchar('\n');
	return EXIT_DEVIANT;
}

static int conclude(const struct statement *statement)
{
	if (statement->conformant) {
		puts("GENUINE AND CONFORMANT");
		return EXIT_CONFORMANT;
	}
	fputs("NOT CONFORMANT: ", stdout);
	print_safely(stdout, statement->reason ? statement->reason : "it does not say why");
	putchar('\n');
	return EXIT_DEVIANT;
}

static int open_certificate(struct verification *v, struct err *err)
{
	struct err inner = { 0 };
	size_t size;
	const char *text = node_read_file(v->arena, v->file, CERTIFICATE_MAX, &size, err);

	if (!text)
		return -1;
	if (!dsse_open(v->arena, v->key, CERTIFICATE_TYPE, text, size, &v->payload, &inner) &&
	    !statement_read(&v->statement, v->payload.text, v->payload.size, &inner))
		return 0;
	return err_set(err, inner.code, "%s %s", v->file, inner.message);
}

static int verify(struct verification *v)
{
	struct err err = { 0 };

	v->key = dsse_public_key(v->pub, &err);
	if (!v->key)
		return complain(&err);
	if (open_certificate(v, &err))
		return answer("NOT GENUINE", &err);
	puts("it says");
	statement_show(&v->statement, stdout);
	if (make_checks(v, &err))
		return answer("CONTRADICTED", &err);
	return conclude(&v->statement);
}

int verify_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "FILE", doc, 0, 0, 0 };
	struct verification verification = { .arena = arena_new() };
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &verification))
		return EXIT_USAGE;
	catch_interrupts();
	code = verify(&verification);
	if (fflush(stdout) || ferror(stdout))
		code = EXIT_BROKEN;
	statement_free(&verification.statement);
	dsse_key_free(verification.key);
	arena_free(verification.arena);
	return code;
}
