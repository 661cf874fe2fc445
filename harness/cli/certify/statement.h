/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statement.h - a certificate read back (certificate.h writes it): what its signer says, in the shape in which it can be checked.
 *
 * It comes from others. A statement that was read has every field of the right kind, and does not contradict itself; whether it is
 * true is another question.
 */
#ifndef ASSAY_CLI_CERTIFY_STATEMENT_H
#define ASSAY_CLI_CERTIFY_STATEMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "certificate.h"

struct claimed_failure {
	const char *rule, *case_id; /* case_id: NULL when none is named */
	bool alone; /* the case fails the rule every time, and takes no others */
};

struct claimed_rule {
	const char *id;
	enum claimed claimed;
};

/* Texts belong to the statement. Those that may be missing are NULL then. */
struct statement {
	json_t *root;
	bool conformant;
	const char *reason; /* may be missing, as may: */
	const char *blob_version, *document, *revision, *judged_by, *claim, *command, *sandbox, *url, *first_mismatch, *arch,
		*qemu_sha256;
	const char *machine; /* in QEMU's words */
	const char *blob, *blob_sha256, *spec, *spec_sha256, *claimed_version;
	const char *assay, *judge, *qemu, *probe_sha256, *journal_sha256, *effort, *isolate;
	uint64_t seed, random_cases;
	json_int_t harts, ram_bytes, clock_hz; /* of the machine */
	json_int_t cases, left_out, calls, mandatory, tested, audit_percent, audit_calls, mismatches;
	const json_t *summary, *shows, *cannot_show, *untested;
	struct claimed_rule *rules; /* sorted by id */
	size_t rule_count, passed, warned, failed;
	struct claimed_failure *failures;
	size_t failure_count;
};

/* EXIT_DEVIANT: it is none of ours, or contradicts itself. statement_free() in any case. */
int statement_read(struct statement *statement, const char *text, size_t size, struct err *err);
void statement_free(struct statement *statement);
enum claimed statement_claims(const struct statement *statement, const char *rule);

/* For people. */
void statement_show(const struct statement *statement, FILE *out);
/* Text of others, without what a terminal would obey. */
void print_safely(FILE *out, const char *text);

#endif
