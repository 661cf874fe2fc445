/* SPDX-License-Identifier: BSD-2-Clause */
#include "certificate.h"

#include <jansson.h>
#include <string.h>

#include "common.h"

/* Names may come with a blob, and bytes of a blob may be in them. */
static json_t *text_of(const char *text)
{
	json_t *value = json_string(text);

	return value ? value : json_string("(not UTF-8)");
}

/* Left out of its object when there is none. */
static json_t *optional(const char *text)
{
	return text ? text_of(text) : NULL;
}

/* ---- rules ---- */

const char *const claimed_names[CLAIMED_COUNT] = {
	[CLAIMED_NOTHING] = "not tested", [CLAIMED_PASSED] = "passed", [CLAIMED_WARNED] = "warned", [CLAIMED_FAILED] = "failed"
};

/* What was excused by a deviation on record failed all the same. */
static const enum claimed claims[VERDICT_COUNT] = {
	[VERDICT_PASS] = CLAIMED_PASSED,  [VERDICT_CURED] = CLAIMED_PASSED, [VERDICT_OBSERVED] = CLAIMED_WARNED,
	[VERDICT_KNOWN] = CLAIMED_FAILED, [VERDICT_FLAKY] = CLAIMED_FAILED, [VERDICT_FAIL] = CLAIMED_FAILED,
	[VERDICT_CRASH] = CLAIMED_FAILED, [VERDICT_HANG] = CLAIMED_FAILED,
};

enum claimed claimed_of(enum verdict verdict)
{
	return claims[verdict];
}

static unsigned verdicts_of(enum claimed claimed)
{
	unsigned verdicts = 0;

	for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
		verdicts |= claims[verdict] == claimed ? VERDICT_BIT(verdict) : 0;
	return verdicts;
}

static void add_id(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	(void)entry;
	json_array_append_new(context, text_of(row->id));
}

static json_t *ids_of(const struct matrix *matrix, unsigned verdicts)
{
	json_t *list = json_array();

	each_rule(matrix, verdicts, add_id, list);
	return list;
}

static const char *const takes[] = {
	[ATTRIBUTION_NONE] = "unknown", [ATTRIBUTION_ALONE] = "nothing", [ATTRIBUTION_SEQUENCE] = "others",
	[ATTRIBUTION_FLAKY] = "luck",	[ATTRIBUTION_OPEN] = "unknown",
};

/* One case for each rule that failed: the one that was looked into. */
static void add_failure(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	const struct example *example = row->example_count ? &row->examples[0] : NULL;
	enum attribution_kind kind = row->attribution.kind;

	(void)entry;
	if (kind == ATTRIBUTION_ALONE && example && !example->alone)
		kind = ATTRIBUTION_OPEN; /* another case than this one was seen alone */
	json_array_append_new(context,
			      json_pack("{s:o, s:s, s:o*, s:s, s:o*}", "rule", text_of(row->id), "verdict",
					verdict_names[row->cell.verdict], "case", example ? text_of(example->case_id) : NULL,
					"takes", takes[kind], "cite", optional(row->cite)));
}

static json_t *failures_of(const struct matrix *matrix)
{
	json_t *list = json_array();

	each_rule(matrix, verdicts_of(CLAIMED_FAILED), add_failure, list);
	return list;
}

static json_t *summary_of(const struct matrix *matrix)
{
	json_t *object = json_object();

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (matrix->summary[verdict])
			json_object_set_new(object, verdict_names[verdict], json_integer((json_int_t)matrix->summary[verdict]));
	return object;
}

/* ---- what its audit is worth (blobs/forgers/README.md) ---- */

#define COUNTED                                                                                                                     \
	"The machine emulator counted every call, and saw that the probe's code was the probe's whenever it was executed: no call " \
	"was left out or added."

static json_t *shown(const struct matrix *matrix, const struct certificate_run *run)
{
	unsigned long long calls = matrix->audit.calls, mismatches = matrix->audit.mismatches;
	json_t *list = json_array();

	if (!matrix->audit.known)
		json_array_append_new(list,
				      json_string("Nothing: it is not on record that anybody compared the blob's records with "
						  "what the machine emulator saw."));
	else if (mismatches)
		json_array_append_new(list,
				      json_sprintf("%llu records are not what the machine emulator saw. The blob forged them, "
						   "or destroyed them.",
						   mismatches));
	else
		json_array_append_new(list, json_string(COUNTED));
	if (matrix->audit.known && !mismatches && calls)
		json_array_append_new(list,
				      json_sprintf("Of %llu calls, registers and memory before and after were compared with "
						   "what the machine emulator saw: their records are true.%s",
						   calls, run->audit_share < 100 ? " They are a sample of all." : ""));
	return list;
}

/* In the order of blobs/forgers/README.md. */
static const char *const never_shown[] = {
	"That it behaves like this elsewhere: a blob may recognise the emulator, the board or the probe, and behave well only then. "
	"Its records are true.",
	"What a call does and undoes before it returns.",
	"Forged times, control registers, counts of software interrupts and landings: these are taken from records of which the "
	"general registers and the memory are compared.",
	"Which bytes on the console belong to which call, when the blob changes the probe's progress meanwhile.",
	"A blob that breaks out of the machine and into the emulator's process: the sandbox stands behind that, no audit.",
	"That the run took place: the recording is the word of whoever signs this. `assay verify --rerun` makes calls of it again.",
};

static json_t *not_shown(const struct certificate_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(never_shown) / sizeof(never_shown[0]); i++)
		json_array_append_new(list, json_string(never_shown[i]));
	if (run->audit_share < 100)
		json_array_append_new(list,
				      json_sprintf("Single records that were changed between two calls that were compared: of "
						   "each 100 calls at most %u were, so n such records go unnoticed with a "
						   "probability of at least %.2f to the power of n.",
						   run->audit_share, 1 - run->audit_share / 100.0));
	return list;
}

static json_t *audit_of(const struct matrix *matrix, const struct certificate_run *run)
{
	return json_pack("{s:i, s:I, s:I, s:o*, s:o, s:o}", "percent", (int)run->audit_share, "calls",
			 (json_int_t)(matrix->audit.known ? matrix->audit.calls : 0), "mismatches",
			 (json_int_t)(matrix->audit.known ? matrix->audit.mismatches : 0), "first",
			 optional(matrix->audit.known && matrix->audit.mismatches ? matrix->audit.first : NULL), "shows",
			 shown(matrix, run), "cannot_show", not_shown(run));
}

/* ---- the run ---- */

static json_t *digest_of(const char *sha256)
{
	return json_pack("{s:s}", "sha256", sha256);
}

static json_t *blob_of(const struct recording_head *head)
{
	return json_pack("{s:o, s:o*}", "name", text_of(head->blob), "version", optional(head->blob_version));
}

static json_t *spec_of(const struct matrix *matrix)
{
	const struct spec *spec = matrix->spec;
	int version = judge_version(spec, matrix->head);

	return json_pack("{s:o, s:o*, s:o*, s:s, s:s, s:o*}", "name", text_of(spec->name), "document", optional(spec->document),
			 "revision", optional(spec->revision), "sha256", spec->sha256, "claimed", claimed_version(matrix->head),
			 "judged_by", version >= 0 ? text_of(spec->versions[version]) : NULL);
}

static json_t *machine_of(const struct recording_head *head)
{
	return json_pack("{s:o*, s:i, s:I, s:I, s:o*}", "arch", optional(head->arch), "harts", (int)head->harts, "ram_bytes",
			 (json_int_t)head->ram_size, "clock_hz", (json_int_t)head->clock_hz, "words", optional(head->machine));
}

static json_t *run_of(const struct recording_head *head, const struct certificate_run *run)
{
	return json_pack("{s:o, s:o, s:o*, s:s, s:o, s:I, s:s, s:I, s:o*, s:s, s:o*, s:o*, s:o}", "assay", text_of(head->assay),
			 "qemu", text_of(head->qemu), "qemu_sha256", optional(head->qemu_sha256), "probe_sha256",
			 head->probe_sha256, "machine", machine_of(head), "seed", (json_int_t)head->seed, "effort", run->effort,
			 "random_cases", (json_int_t)run->random_cases, "claim", optional(run->claim), "isolate",
			 run->isolate_case ? "case" : "batch", "command", optional(head->command), "sandbox",
			 optional(head->sandbox), "journal", digest_of(run->journal_sha256));
}

static json_t *own_of(const struct matrix *matrix, const struct certificate_run *run)
{
	return json_pack("{s:s, s:b, s:o*, s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:o}, s:o, s:o}", "schema",
			 CERTIFICATE_SCHEMA, "conformant", matrix->conformant, "reason", optional(matrix->why_not), "blob",
			 blob_of(matrix->head), "spec", spec_of(matrix), "run", run_of(matrix->head, run), "judge", run->judge,
			 "cases", (json_int_t)matrix->cases, "left_out", (json_int_t)matrix->left_out, "calls",
			 (json_int_t)matrix->calls, "summary", summary_of(matrix), "rules", "mandatory",
			 (json_int_t)matrix->mandatory, "tested", (json_int_t)matrix->tested, "untested",
			 ids_of(matrix, VERDICT_BIT(VERDICT_UNTESTED) | VERDICT_BIT(VERDICT_BROKEN)), "failures",
			 failures_of(matrix), "audit", audit_of(matrix, run));
}

/* ---- the statement ---- */

static json_t *resource(const char *name, const char *sha256)
{
	return json_pack("{s:o, s:o}", "name", text_of(name), "digest", digest_of(sha256));
}

static json_t *predicate_of(const struct matrix *matrix, const struct certificate_run *run)
{
	return json_pack("{s:s, s:[o, o], s:o*, s:o, s:o, s:o, s:o}", "result", matrix->conformant ? "PASSED" : "FAILED",
			 "configuration", resource("specification", matrix->spec->sha256),
			 resource("probe", matrix->head->probe_sha256), "url", optional(run->url), "passedTests",
			 ids_of(matrix, verdicts_of(CLAIMED_PASSED)), "warnedTests", ids_of(matrix, verdicts_of(CLAIMED_WARNED)),
			 "failedTests", ids_of(matrix, verdicts_of(CLAIMED_FAILED)), "assay", own_of(matrix, run));
}

int certificate_write(const struct matrix *matrix, const struct certificate_run *run, FILE *out)
{
	json_t *root = json_pack("{s:s, s:[o], s:s, s:o}", "_type", CERTIFICATE_STATEMENT, "subject",
				 resource(matrix->head->blob, matrix->head->blob_sha256), "predicateType", CERTIFICATE_PREDICATE,
				 "predicate", predicate_of(matrix, run));
	int failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER);

	json_decref(root);
	fputc('\n', out);
	return failed || ferror(out) ? -1 : 0;
}
