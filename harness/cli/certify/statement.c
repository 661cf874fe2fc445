/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/certify/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static int no_certificate(struct err *err, const char *what)
{
	return err_set(err, EXIT_DEVIANT, "is signed, and is no certificate of assay's: %s", what);
}

static int contradicts_itself(struct err *err, const char *what)
{
	return err_set(err, EXIT_DEVIANT, "contradicts itself: %s", what);
}

/* ---- the shape ---- */

static bool is_digest(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* Another kind of statement, or another version of ours, is told apart before its fields are missed. */
static int check_types(const json_t *root, struct err *err)
{
	const char *type = json_string_value(json_object_get(root, "_type"));
	const char *predicate = json_string_value(json_object_get(root, "predicateType"));
	const json_t *own = json_object_get(json_object_get(root, "predicate"), "assay");
	const char *schema = json_string_value(json_object_get(own, "schema"));

	if (!type || strcmp(type, CERTIFICATE_STATEMENT) != 0)
		return no_certificate(err, "its `_type` is not " CERTIFICATE_STATEMENT);
	if (!predicate || strcmp(predicate, CERTIFICATE_PREDICATE) != 0)
		return no_certificate(err, "its `predicateType` is not " CERTIFICATE_PREDICATE);
	if (!schema || strcmp(schema, CERTIFICATE_SCHEMA) != 0)
		return no_certificate(err, "`predicate.assay.schema` is not " CERTIFICATE_SCHEMA);
	return json_array_size(json_object_get(root, "subject")) == 1 ? 0 : no_certificate(err, "it has not one subject");
}

struct lists {
	const json_t *passed, *warned, *failed, *failures;
	const char *result;
};

static int unpack(struct statement *s, struct lists *lists, const json_t **own, struct err *err)
{
	json_error_t mistake;
	int conformant;
	json_int_t seed, random_cases;

	if (json_unpack_ex(s->root, &mistake, 0, "{s:[{s:s, s:{s:s}}], s:{s:s, s?s, s:o, s:o, s:o, s:o}}", "subject", "name",
			   &s->blob, "digest", "sha256", &s->blob_sha256, "predicate", "result", &lists->result, "url", &s->url,
			   "passedTests", &lists->passed, "warnedTests", &lists->warned, "failedTests", &lists->failed, "assay",
			   own))
		return no_certificate(err, mistake.text);
	if (json_unpack_ex(
		    (json_t *)*own, &mistake, 0,
		    "{s:b, s?s, s:{s?s}, s:{s:s, s?s, s?s, s:s, s:s, s?s}, s:s, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:o}, s:o}",
		    "conformant", &conformant, "reason", &s->reason, "blob", "version", &s->blob_version, "spec", "name",
		    &s->spec, "document", &s->document, "revision", &s->revision, "sha256", &s->spec_sha256, "claimed",
		    &s->claimed_version, "judged_by", &s->judged_by, "judge", &s->judge, "cases", &s->cases, "left_out",
		    &s->left_out, "calls", &s->calls, "summary", &s->summary, "rules", "mandatory", &s->mandatory, "tested",
		    &s->tested, "untested", &s->untested, "failures", &lists->failures))
		return no_certificate(err, mistake.text);
	if (json_unpack_ex(
		    (json_t *)*own, &mistake, 0,
		    "{s:{s:s, s:s, s?s, s:s, s:{s?s, s:I, s:I, s:I, s?s}, s:I, s:s, s:I, s?s, s:s, s?s, s?s, s:{s:s}}, s:{s:I, s:I, s:I, s?s, s:o, s:o}}",
		    "run", "assay", &s->assay, "qemu", &s->qemu, "qemu_sha256", &s->qemu_sha256, "probe_sha256", &s->probe_sha256,
		    "machine", "arch", &s->arch, "harts", &s->harts, "ram_bytes", &s->ram_bytes, "clock_hz", &s->clock_hz,
		    "words", &s->machine, "seed", &seed, "effort", &s->effort, "random_cases", &random_cases, "claim", &s->claim,
		    "isolate", &s->isolate, "command", &s->command, "sandbox", &s->sandbox, "journal", "sha256",
		    &s->journal_sha256, "audit", "percent", &s->audit_percent, "calls", &s->audit_calls, "mismatches",
		    &s->mismatches, "first", &s->first_mismatch, "shows", &s->shows, "cannot_show", &s->cannot_show))
		return no_certificate(err, mistake.text);
	s->conformant = conformant;
	s->seed = (uint64_t)seed;
	s->random_cases = (uint64_t)random_cases;
	return 0;
}

static int check_fields(const struct statement *s, struct err *err)
{
	const json_int_t counts[] = { s->harts, s->ram_bytes, s->clock_hz, s->cases,	   s->left_out,
				      s->calls, s->mandatory, s->tested,   s->audit_calls, s->mismatches };

	if (!is_digest(s->blob_sha256) || !is_digest(s->spec_sha256) || !is_digest(s->probe_sha256) ||
	    !is_digest(s->journal_sha256) || (s->qemu_sha256 && !is_digest(s->qemu_sha256)))
		return no_certificate(err, "a `sha256` is no such digest");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i] < 0)
			return no_certificate(err, "a count is negative");
	if (!json_is_object(s->summary) || !json_is_array(s->shows) || !json_is_array(s->cannot_show) ||
	    !json_is_array(s->untested))
		return no_certificate(err, "a list is missing");
	return 0;
}

/* ---- rules ---- */

static int by_id(const void *left, const void *right)
{
	return strcmp(((const struct claimed_rule *)left)->id, ((const struct claimed_rule *)right)->id);
}

static int add_rules(struct statement *s, const json_t *list, enum claimed claimed, size_t *count, struct err *err)
{
	*count = json_array_size(list);
	if (!json_is_array(list))
		return no_certificate(err, "a list of tests is missing");
	for (size_t i = 0; i < *count; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (!id)
			return no_certificate(err, "a test has no name");
		s->rules[s->rule_count++] = (struct claimed_rule){ id, claimed };
	}
	return 0;
}

static int take_rules(struct statement *s, const struct lists *lists, struct err *err)
{
	size_t most = json_array_size(lists->passed) + json_array_size(lists->warned) + json_array_size(lists->failed);

	s->rules = xcalloc(most + 1, sizeof(*s->rules));
	if (add_rules(s, lists->passed, CLAIMED_PASSED, &s->passed, err) ||
	    add_rules(s, lists->warned, CLAIMED_WARNED, &s->warned, err) ||
	    add_rules(s, lists->failed, CLAIMED_FAILED, &s->failed, err))
		return -1;
	qsort(s->rules, s->rule_count, sizeof(*s->rules), by_id);
	for (size_t i = 1; i < s->rule_count; i++)
		if (!strcmp(s->rules[i - 1].id, s->rules[i].id))
			return contradicts_itself(err, "a rule is in its lists twice");
	return 0;
}

enum claimed statement_claims(const struct statement *statement, const char *rule)
{
	const struct claimed_rule key = { .id = rule };
	const struct claimed_rule *found = bsearch(&key, statement->rules, statement->rule_count, sizeof(key), by_id);

	return found ? found->claimed : CLAIMED_NOTHING;
}

static int take_failures(struct statement *s, const json_t *list, struct err *err)
{
	if (!json_is_array(list))
		return no_certificate(err, "`failures` is no list");
	s->failures = xcalloc(json_array_size(list) + 1, sizeof(*s->failures));
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct claimed_failure *failure = &s->failures[s->failure_count++];
		const char *takes;

		if (json_unpack(json_array_get(list, i), "{s:s, s?s, s:s}", "rule", &failure->rule, "case", &failure->case_id,
				"takes", &takes))
			return no_certificate(err, "a failure lacks its rule");
		failure->alone = failure->case_id && !strcmp(takes, "nothing");
		if (statement_claims(s, failure->rule) != CLAIMED_FAILED)
			return contradicts_itself(err, "a failure is not among the tests that failed");
	}
	return 0;
}

/* ---- what it says, against itself ---- */

static int check_result(const struct statement *s, const char *result, struct err *err)
{
	bool passed = !strcmp(result, "PASSED");

	if (!passed && strcmp(result, "FAILED") != 0)
		return no_certificate(err, "its result is neither PASSED nor FAILED");
	if (passed != s->conformant)
		return contradicts_itself(err, "its result is not what `conformant` says");
	if (passed && s->failed)
		return contradicts_itself(err, "it says PASSED, and names tests that failed");
	if (passed && (s->tested < s->mandatory || !s->mandatory))
		return contradicts_itself(err, "it says PASSED, and not every mandatory rule was tested");
	if (passed && s->mismatches)
		return contradicts_itself(err, "it says PASSED, and its audit found records that are not true");
	return 0;
}

int statement_read(struct statement *statement, const char *text, size_t size, struct err *err)
{
	struct lists lists = { 0 };
	const json_t *own = NULL;

	*statement = (struct statement){ .root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) };
	if (!statement->root)
		return no_certificate(err, "it is no JSON text");
	if (check_types(statement->root, err) || unpack(statement, &lists, &own, err) || check_fields(statement, err) ||
	    take_rules(statement, &lists, err) || take_failures(statement, lists.failures, err))
		return -1;
	return check_result(statement, lists.result, err);
}

void statement_free(struct statement *statement)
{
	free(statement->rules);
	free(statement->failures);
	json_decref(statement->root);
	*statement = (struct statement){ 0 };
}
