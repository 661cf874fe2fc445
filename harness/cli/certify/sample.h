/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sample.h - what a certificate claims, tried out: some cases of the plan that it is about, drawn by chance, and some of the
 * failures that it names, run again in guests of our own: each alone, and then one after the other in the order of the plan, for there are
 * failures that take others before them. Nothing of the signer's is needed but the blob.
 */
#ifndef ASSAY_CLI_CERTIFY_SAMPLE_H
#define ASSAY_CLI_CERTIFY_SAMPLE_H

#include "cli/cli.h"
#include "cli/certify/statement.h"

struct sample_request {
	const struct statement *statement;
	const char *blob, *spec; /* blob: as after `--blob`, with a manifest; spec: NULL: what the manifest names */
	size_t count; /* of cases, at least 1; and at most as many of its failures */
	uint64_t seed; /* which ones */
	enum sandbox_policy sandbox;
};

struct sample_result {
	uint64_t planned; /* cases that follow from the specification */
	size_t cases, failures; /* that were run again; of `cases`: those that the certificate says fail */
	uint64_t passed; /* checks */
	/* what is not as it was when the certificate was made, and may be why something is different; texts in static memory */
	const char *notes[4];
	size_t note_count;
};

/* EXIT_DEVIANT: the certificate is contradicted; the message says by what. EXIT_INTERRUPTED. */
int sample_run(const struct sample_request *request, struct sample_result *result, struct err *err);

#endif
