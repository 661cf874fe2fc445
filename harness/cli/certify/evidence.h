/* SPDX-License-Identifier: BSD-2-Clause */
/* evidence.h - a certificate against the recording that it was made from, judged again. */
#ifndef ASSAY_CLI_CERTIFY_EVIDENCE_H
#define ASSAY_CLI_CERTIFY_EVIDENCE_H

#include "base/err.h"
#include "cli/certify/statement.h"

struct evidence_result {
	size_t rules; /* that were compared */
	uint64_t cases;
};

/* spec: a directory. EXIT_DEVIANT: it is another recording, or the certificate does not say what follows from it. */
int evidence_check(const struct statement *statement, const char *rundir, const char *spec, struct evidence_result *result,
		   struct err *err);

#endif
