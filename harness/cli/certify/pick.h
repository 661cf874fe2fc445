/* SPDX-License-Identifier: BSD-2-Clause */
/* pick.h - which cases of a plan are run again, to see whether a certificate is true. */
#ifndef ASSAY_CLI_CERTIFY_PICK_H
#define ASSAY_CLI_CERTIFY_PICK_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/certify/statement.h"
#include "plan/plan.h"

struct pick {
	const char *id;
	const char *fails; /* a rule that it fails, as the certificate says; NULL: it is drawn by chance */
	const struct entry *structure; /* that it reads; NULL: it makes calls */
	uint64_t place; /* in the plan */
	bool found; /* the plan has it */
};

struct picks {
	struct pick *list; /* those that make calls, in the order of the plan, then all structures */
	size_t count, calls; /* of the list; of those that make calls */
	uint64_t planned; /* cases that the certificate ought to tell of */
};

struct pick_request {
	const struct statement *statement;
	const struct spec *spec;
	const struct survey *survey;
	size_t most; /* cases that are drawn by chance, and at most as many of its failures */
	uint64_t seed;
};

/*
 * Reads the plan once. EXIT_DEVIANT: the certificate names cases that it does not have, or tells of another number of them. What is
 * picked lives in the arena.
 */
int pick_cases(struct arena *arena, const struct pick_request *request, struct plan *plan, struct picks *picks, struct err *err);

#endif
