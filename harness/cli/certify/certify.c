/* SPDX-License-Identifier: BSD-2-Clause */
/* certify.c - `assay certify`: what a run found, signed. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "certificate.h"
#include "cli/certify/dsse.h"
#include "cli/rundir.h"
#include "cli/whole.h"
#include "guest/digest.h"

static const char doc[] =
	"Judges the recording of a run again and writes a certificate: what was tested, how, and what came of it, signed with your key. It "
	"is an in-toto statement (test-result v0.1) in a DSSE envelope, so that other tools can read it, too."
	"\vThe key is an Ed25519 key in a PEM file:\n"
	"  openssl genpkey -algorithm ed25519 -out my.key      keep this one\n"
	"  openssl pkey -in my.key -pubout -out my.pub         hand this one out\n\n"
	"Examples:\n"
	"  assay run --blob my.bin -o RUN\n"
	"  assay certify RUN --key my.key -o my.certificate.json\n"
	"  assay verify my.certificate.json --pub my.pub --blob my.bin   what others do\n\n"
	"Hand the run directory out as well, and others can judge it again: `assay verify --run RUN`.\n\n"
	"A run that is unfinished, filtered, damaged, or was recorded with another text of the specification is refused. Deviations on "
	"record (KNOWN) count as the failures that they are. A blob that is not conformant can be certified, and the certificate says "
	"FAILED, and what failed.\n\n"
	"Exit 0 when the certificate says PASSED, 1 when it says FAILED, 2 for a usage error or a run that cannot be certified, 3 when it "
	"cannot be written.";

enum { KEY_KEY = 256, KEY_URL };

static const struct argp_option options[] = {
	{ "key", KEY_KEY, "KEY", 0, "The private key that signs, a PEM file", 0 },
	{ "output", 'o', "FILE", 0, "The certificate", 0 },
	{ "spec", 's', "DIR", 0, "Where the specification lies now; it has to be the one that the run was recorded with", 0 },
	{ "url", KEY_URL, "URL", 0, "Where the run directory is published, to be named in the certificate", 0 },
	{ 0 },
};

struct certify_request {
	const char *rundir, *key, *output, *spec, *url;
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct certify_request *request = state->input;

	switch (key) {
	case KEY_KEY:
		request->key = word;
		return 0;
	case KEY_URL:
		request->url = word;
		return 0;
	case 'o':
		request->output = word;
		return 0;
	case 's':
		request->spec = word;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "name one run directory");
		request->rundir = word;
		return 0;
	case ARGP_KEY_END:
		if (!request->rundir || !request->key || !request->output)
			argp_error(state, "name a run directory, --key KEY and -o FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- what may be certified ---- */

static int refuse_state(const struct old_run *run, struct err *err)
{
	switch (journal_state(run->reader)) {
	case JOURNAL_DAMAGED:
		return err_set(err, EXIT_USAGE, "%s: its journal is damaged, and stands for no run; run again", run->rundir);
	case JOURNAL_UNFINISHED:
		return err_set(err, EXIT_USAGE, "%s: is unfinished; go on with it first: assay run --resume %s", run->rundir,
			       run->rundir);
	default:
		return 0;
	}
}

static int refuse_part(const struct old_run *run, struct err *err)
{
	const struct recording_head *head = journal_head(run->reader);

	if (!run->request.spec)
		return err_set(err, EXIT_USAGE, "%s: does not say with which options it was made; run again", run->rundir);
	if (run->request.filter)
		return err_set(err, EXIT_USAGE,
			       "%s: tells of a part only (--filter '%s'); a certificate takes a run of everything", run->rundir,
			       run->request.filter);
	if (strcmp(head->spec_sha256, run->spec->sha256) != 0)
		return err_set(
			err, EXIT_USAGE,
			"%s: the specification has changed since it was recorded (%.16s, now %.16s); run again, or name the old "
			"one with --spec",
			run->rundir, head->spec_sha256, run->spec->sha256);
	if (run->matrix->summary[VERDICT_BROKEN])
		return err_set(err, EXIT_USAGE, "%s: %llu rules could not be judged, for the harness failed; run again",
			       run->rundir, (unsigned long long)run->matrix->summary[VERDICT_BROKEN]);
	return 0;
}

static int refuse_key_as_output(const struct certify_request *request, struct err *err)
{
	struct stat key, output;

	if (stat(request->key, &key) || stat(request->output, &output) || key.st_dev != output.st_dev ||
	    key.st_ino != output.st_ino)
		return 0;
	return err_set(err, EXIT_USAGE, "%s: is the key; name another file with -o", request->output);
}

/* ---- the certificate ---- */

static int write_statement(const struct certify_request *request, const struct old_run *run, FILE *out, struct err *err)
{
	const struct plan_request *asked = &run->request;
	char journal[65];
	const struct certificate_run facts = {
		.judge = ASSAY_VERSION,
		.journal_sha256 = journal,
		.effort = effort_name(asked->effort),
		.random_cases = asked->random_cases,
		.claim = asked->claim,
		.isolate_case = asked->isolate_case,
		.audit_share = asked->audit,
		.url = request->url,
	};

	if (digest_large_file(rundir_file(run->arena, run->rundir, "journal"), journal, err))
		return -1;
	if (certificate_write(run->matrix, &facts, out))
		return err_set(err, EXIT_BROKEN, "%s: the statement cannot be written", run->rundir);
	return 0;
}

static const char *seal(const struct certify_request *request, const struct old_run *run, const struct dsse_key *key,
			struct err *err)
{
	const char *envelope = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int failed = out ? write_statement(request, run, out, err) : err_set(err, EXIT_BROKEN, "out of memory");

	if (out)
		fclose(out);
	if (!failed)
		envelope = dsse_seal(run->arena, key, CERTIFICATE_TYPE, text, size, err);
	free(text);
	return envelope;
}

static int write_envelope(struct arena *arena, const char *path, const char *envelope, struct err *err)
{
	struct whole_file file;

	if (whole_begin(&file, arena, path, err))
		return -1;
	fputs(envelope, file.out);
	return whole_finish(&file, err);
}

static int certify(const struct certify_request *request, struct old_run *run, const struct dsse_key *key, struct err *err)
{
	const char *envelope;

	if (refuse_key_as_output(request, err) || old_run_read(run, request->rundir, request->spec, err) ||
	    refuse_state(run, err) || refuse_part(run, err))
		return -1;
	envelope = seal(request, run, key, err);
	return envelope ? write_envelope(run->arena, request->output, envelope, err) : -1;
}

static void say_what_it_says(const struct certify_request *request, const struct old_run *run, const struct dsse_key *key)
{
	const struct matrix *matrix = run->matrix;

	printf("%s: %s%s%s\n", request->output, matrix->conformant ? "PASSED" : "FAILED", matrix->conformant ? "" : ": ",
	       matrix->conformant ? "" : matrix->why_not);
	printf("signed with the key %s\n", dsse_key_id(key));
}

int certify_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "RUNDIR", doc, 0, 0, 0 };
	struct certify_request request = { 0 };
	struct old_run run = { 0 };
	struct err err = { 0 };
	struct dsse_key *key;
	int code;

	if (argp_parse(&argp, argc, argv, 0, 0, &request))
		return EXIT_USAGE;
	key = dsse_private_key(request.key, &err);
	if (!key || certify(&request, &run, key, &err)) {
		code = complain(&err);
	} else {
		say_what_it_says(&request, &run, key);
		code = run.matrix->conformant ? EXIT_CONFORMANT : EXIT_DEVIANT;
	}
	dsse_key_free(key);
	old_run_free(&run);
	return code;
}
