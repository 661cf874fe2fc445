/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * certificate.h - what a signer says of a blob: an in-toto Statement v1 (github.com/in-toto/attestation, spec/v1/statement.md) with
 * the predicate test-result v0.1 (spec/predicates/test-result.md), and all that makes it checkable in a member of our own, `assay`.
 * schema/certificate.schema.json describes it.
 *
 * A rule is listed as passed, as failed (also when flaky: nothing excuses a failure here, deviations on record do not exist), or as
 * warned, where the text leaves open or only recommends what was observed. A rule that nothing tested is in none of the lists. The
 * result is PASSED for a conformant blob and FAILED for any other.
 */
#ifndef ASSAY_REPORTS_CERTIFICATE_H
#define ASSAY_REPORTS_CERTIFICATE_H

#include <stdio.h>

#include "matrix/matrix.h"

#define CERTIFICATE_STATEMENT "https://in-toto.io/Statement/v1"
#define CERTIFICATE_PREDICATE "https://in-toto.io/attestation/test-result/v0.1"
#define CERTIFICATE_SCHEMA    "assay-certificate-1"
#define CERTIFICATE_TYPE      "application/vnd.in-toto+json" /* of the payload in an envelope */

/* What a certificate says of a rule. */
enum claimed { CLAIMED_NOTHING, CLAIMED_PASSED, CLAIMED_WARNED, CLAIMED_FAILED, CLAIMED_COUNT };
extern const char *const claimed_names[CLAIMED_COUNT];
enum claimed claimed_of(enum verdict verdict);

/* What the matrix does not know of its run. */
struct certificate_run {
	const char *judge; /* version of the assay that gives these verdicts */
	const char *journal_sha256;
	const char *effort; /* by name */
	uint64_t random_cases; /* per entry; 0: as the effort says */
	const char *claim; /* version that was demanded in place of the one that the blob claims; NULL: none */
	bool isolate_case;
	unsigned audit_share; /* percent of the calls */
	const char *url; /* where the run is published, or NULL */
};

/* Of a matrix that is folded and stands for the whole of a plan. 0, or -1 when the stream failed. The same bytes for the same run. */
int certificate_write(const struct matrix *matrix, const struct certificate_run *run, FILE *out);

#endif
