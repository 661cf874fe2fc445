/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/certify/evidence.h"

#include <string.h>

#include "cli/rundir.h"
#include "guest/digest.h"

static int check_journal(const struct statement *statement, const char *rundir, struct arena *arena, struct err *err)
{
	char sha256[65];

	if (digest_large_file(rundir_file(arena, rundir, "journal"), sha256, err))
		return -1;
	if (!strcmp(sha256, statement->journal_sha256))
		return 0;
	return err_set(err, EXIT_DEVIANT, "%s: its journal is not the one that was certified: sha256 %.16s, certified is %.16s",
		       rundir, sha256, statement->journal_sha256);
}

static int check_whole(const struct statement *statement, const struct old_run *run, struct err *err)
{
	if (strcmp(run->spec->sha256, statement->spec_sha256) != 0)
		return err_set(
			err, EXIT_USAGE,
			"%s is another text of the specification than the certificate is about (%.16s, here %.16s): take the "
			"assay of that time, or name the text with --spec",
			run->spec->directory, statement->spec_sha256, run->spec->sha256);
	if (journal_state(run->reader) != JOURNAL_COMPLETE || run->request.filter)
		return err_set(err, EXIT_DEVIANT, "%s: is unfinished, damaged or of a part only, and was certified all the same",
			       run->rundir);
	return 0;
}

static int differs(const struct old_run *run, const char *what, struct err *err)
{
	return err_set(err, EXIT_DEVIANT, "%s: is of another %s than the certificate says", run->rundir, what);
}

static bool is_same(const char *told, const char *is)
{
	return told && is ? !strcmp(told, is) : told == is;
}

static int check_facts(const struct statement *s, const struct old_run *run, struct err *err)
{
	const struct recording_head *head = journal_head(run->reader);
	const struct plan_request *request = &run->request;
	const struct {
		const char *what, *told, *is;
	} texts[] = {
		{ "blob", s->blob_sha256, head->blob_sha256 },
		{ "specification", s->spec_sha256, head->spec_sha256 },
		{ "probe", s->probe_sha256, head->probe_sha256 },
		{ "QEMU", s->qemu, head->qemu },
		{ "build of QEMU", s->qemu_sha256, head->qemu_sha256 },
		{ "machine", s->machine, head->machine },
		{ "assay", s->assay, head->assay },
		{ "architecture", s->arch, head->arch },
		{ "effort", s->effort, effort_name(request->effort) },
		{ "claim", s->claim, request->claim },
		{ "sandbox", s->sandbox, head->sandbox },
	};
	const struct matrix *matrix = run->matrix;
	const struct {
		const char *what;
		uint64_t told, is;
	} numbers[] = {
		{ "number of CPUs", (uint64_t)s->harts, head->harts },
		{ "size of memory", (uint64_t)s->ram_bytes, head->ram_size },
		{ "clock", (uint64_t)s->clock_hz, head->clock_hz },
		{ "seed", s->seed, head->seed },
		{ "number of random cases", s->random_cases, request->random_cases },
		{ "number of cases", (uint64_t)s->cases, matrix->cases },
		{ "number of cases that were left out", (uint64_t)s->left_out, matrix->left_out },
		{ "number of calls", (uint64_t)s->calls, matrix->calls },
		{ "number of mandatory rules", (uint64_t)s->mandatory, matrix->mandatory },
		{ "number of rules that were tested", (uint64_t)s->tested, matrix->tested },
		{ "share of calls to audit", (uint64_t)s->audit_percent, request->audit },
		{ "number of audited calls", (uint64_t)s->audit_calls, matrix->audit.calls },
		{ "number of mismatches", (uint64_t)s->mismatches, matrix->audit.mismatches },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!is_same(texts[i].told, texts[i].is))
			return differs(run, texts[i].what, err);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].told != numbers[i].is)
			return differs(run, numbers[i].what, err);
	return 0;
}

static int check_rule(const struct statement *statement, const struct rule_row *row, struct evidence_result *result,
		      struct err *err)
{
	enum claimed told = statement_claims(statement, row->id);

	result->rules += told != CLAIMED_NOTHING;
	if (told == claimed_of(row->cell.verdict))
		return 0;
	return err_set(err, EXIT_DEVIANT, "%s: it says %s, and from the recording follows %s%s%s", row->id, claimed_names[told],
		       verdict_names[row->cell.verdict],
		       strcmp(statement->judge, ASSAY_VERSION) ? "; it was judged by assay " : "",
		       strcmp(statement->judge, ASSAY_VERSION) ? statement->judge : "");
}

static int check_rules(const struct statement *statement, const struct matrix *matrix, struct evidence_result *result,
		       struct err *err)
{
	for (size_t i = 0; i < matrix->entry_count; i++)
		for (size_t j = 0; j < matrix->entries[i].rule_count; j++)
			if (check_rule(statement, &matrix->entries[i].rules[j], result, err))
				return -1;
	if (result->rules != statement->rule_count)
		return err_set(err, EXIT_DEVIANT, "it names rules that the specification does not have");
	if (statement->conformant != matrix->conformant)
		return err_set(err, EXIT_DEVIANT, "it says %s, and from the recording follows that the blob is %s",
			       statement->conformant ? "PASSED" : "FAILED", matrix->conformant ? "conformant" : "not conformant");
	return 0;
}

int evidence_check(const struct statement *statement, const char *rundir, const char *spec, struct evidence_result *result,
		   struct err *err)
{
	struct old_run run = { 0 };
	arena_auto struct arena *arena = arena_new();
	int failed = 0;

	*result = (struct evidence_result){ 0 };
	if (check_journal(statement, rundir, arena, err))
		return -1;
	failed = old_run_read(&run, rundir, spec, err) || check_whole(statement, &run, err) ||
		 check_facts(statement, &run, err) || check_rules(statement, run.matrix, result, err);
	result->cases = failed ? 0 : run.matrix->cases;
	old_run_free(&run);
	return failed ? -1 : 0;
}
