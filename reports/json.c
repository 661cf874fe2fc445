/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c - the report for programs. reports/schema/run.schema.json and matrix.schema.json describe it. */
#include <jansson.h>
#include <string.h>

#include "consumers.h"
#include "formats.h"

#define RUN_SCHEMA    "assay-report-1"
#define MATRIX_SCHEMA "assay-matrix-1"

static json_t *counts_of(const uint64_t counts[VERDICT_COUNT])
{
	json_t *object = json_object();

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (counts[verdict])
			json_object_set_new(object, verdict_names[verdict], json_integer((json_int_t)counts[verdict]));
	return object;
}

/* Text from a blob may be no UTF-8; what is not is dropped rather than the whole report. */
static json_t *text_of(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();

	return value ? value : json_string("(not UTF-8)");
}

static json_t *rule_of(const struct rule_row *row)
{
	return json_pack("{s:s, s:o, s:b, s:s, s:o}", "id", row->id, "cite", text_of(row->cite), "mandatory", row->mandatory,
			 "verdict", verdict_names[row->cell.verdict], "counts", counts_of(row->cell.counts));
}

static json_t *entry_of(const struct entry_row *entry)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < entry->rule_count; i++)
		json_array_append_new(rules, rule_of(&entry->rules[i]));
	return json_pack("{s:s, s:s, s:o, s:o}", "name", entry->name, "verdict", verdict_names[entry->cell.verdict], "counts",
			 counts_of(entry->cell.counts), "rules", rules);
}

/* NULL: it takes none. */
static json_t *sequence_json(const struct attribution *sequence)
{
	json_t *cases = json_array();

	if (!sequence) {
		json_decref(cases);
		return json_null();
	}
	for (size_t i = 0; i < sequence->after_count; i++)
		json_array_append_new(cases, json_string(sequence->after[i]));
	return json_pack("{s:o, s:b}", "cases", cases, "shortest", sequence->shortest);
}

static json_t *rate_json(const struct attribution *attribution)
{
	if (attribution->kind != ATTRIBUTION_FLAKY)
		return json_null();
	return json_pack("{s:i, s:i}", "failed", (int)attribution->failed, "tries", (int)attribution->tries);
}

static json_t *example_of(const struct rule_row *row, const struct example *example)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:b, s:o, s:o}", "case", example->case_id, "rule", example->rule_id,
			 "verdict", verdict_names[example->verdict], "cite", text_of(example->cite), "expected",
			 text_of(example->expected), "got", text_of(example->got), "replay", example->replay, "alone",
			 example->alone, "only_after", sequence_json(example->sequence), "rate", rate_json(&row->attribution));
}

static void add_failures(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	(void)entry;
	for (size_t i = 0; i < row->example_count; i++)
		if (verdict_is_failure(row->examples[i].verdict))
			json_array_append_new(context, example_of(row, &row->examples[i]));
}

static void add_untested(void *context, const struct entry_row *entry, const struct rule_row *row)
{
	(void)entry;
	json_array_append_new(context, json_string(row->id));
}

static json_t *blob_of(const struct recording_head *head)
{
	return json_pack("{s:s, s:o, s:s}", "name", head->blob, "version", text_of(head->blob_version), "sha256",
			 head->blob_sha256);
}

static json_t *spec_of(const struct matrix *matrix)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "name", matrix->spec->name, "version", matrix->spec->revision, "sha256",
			 matrix->spec->sha256, "claimed", claimed_version(matrix->head));
}

/* NULL: the matrix was made from a recording, which does not hold it. */
static json_t *audit_of(const struct matrix *matrix)
{
	if (!matrix->audit.known)
		return json_null();
	return json_pack("{s:I, s:I, s:o}", "calls", (json_int_t)matrix->audit.calls, "mismatches",
			 (json_int_t)matrix->audit.mismatches, "first",
			 text_of(matrix->audit.mismatches ? matrix->audit.first : NULL));
}

static json_t *run_of(const struct matrix *matrix)
{
	json_t *entries = json_array(), *failures = json_array(), *untested = json_array();

	for (size_t i = 0; i < matrix->entry_count; i++)
		json_array_append_new(entries, entry_of(&matrix->entries[i]));
	each_rule(matrix, ~0u, add_failures, failures);
	each_rule(matrix, VERDICT_BIT(VERDICT_UNTESTED), add_untested, untested);
	return json_pack(
		"{s:s, s:o, s:o, s:s, s:o, s:I, s:b, s:o, s:b, s:I, s:I, s:o, s:{s:I, s:I, s:o}, s:o, s:o, s:o, s:{s:f, s:f, s:f, s:I}, s:I, s:o}",
		"schema", RUN_SCHEMA, "blob", blob_of(matrix->head), "spec", spec_of(matrix), "qemu", matrix->head->qemu,
		"sandbox", text_of(matrix->head->sandbox), "seed", (json_int_t)matrix->head->seed, "conformant",
		matrix->conformant, "reason", text_of(matrix->why_not), "partial", matrix->partial != NULL, "cases",
		(json_int_t)matrix->cases, "calls", (json_int_t)matrix->calls, "summary", counts_of(matrix->summary), "rules",
		"mandatory", (json_int_t)matrix->mandatory, "tested", (json_int_t)matrix->tested, "untested", untested, "entries",
		entries, "failures", failures, "audit", audit_of(matrix), "timing", "calls_per_second",
		matrix->timing.calls_per_second, "guest_seconds", matrix->timing.guest_seconds, "wall_seconds",
		matrix->timing.wall_seconds, "resets", (json_int_t)matrix->timing.resets, "vanished",
		(json_int_t)matrix->vanished, "consumers", consumers_json(matrix));
}

static int dump(json_t *root, FILE *out)
{
	int failed = !root || json_dumpf(root, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(root);
	fputc('\n', out);
	return failed || ferror(out) ? -1 : 0;
}

int json_run(const struct matrix *matrix, FILE *out, const struct report_options *options)
{
	(void)options;
	return dump(run_of(matrix), out);
}

int json_compare(const struct matrix *const *matrices, size_t count, FILE *out, const struct report_options *options)
{
	json_t *runs = json_array();

	(void)options;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(runs, run_of(matrices[i]));
	return dump(json_pack("{s:s, s:o}", "schema", MATRIX_SCHEMA, "runs", runs), out);
}
