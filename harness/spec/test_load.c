/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spec/lint.h"
#include "spec/spec.h"

/* --- a spec in a directory of its own --- */

static char directory[64];
static struct findings *findings;
static struct spec *spec;
static struct err err;

/* clang-format off */
#define TOP \
	"assay: 1\ninterface: demo\ntitle: Demo\ndocument: { title: Demo Manual, short: Demo, revision: \"2\" }\n" \
	"versions: [\"1\", \"2\", \"3\"]\nerrors: { OK: 0, BAD: -1, WORSE: -2 }\n" \
	"constants: { SIZE: 16, HUGE: 0xffffffffffffffff }\n" \
	"sets: { low: [0..9], more: [low, 12, 16..SIZE] }\n"
#define CONVENTION \
	"convention:\n  gate: call\n  word: 64\n  byte_order: little\n  selector: { n: r7, m: r6 }\n" \
	"  arguments: [r0, r1, r2, r3]\n" \
	"  results: [{ name: error, type: s64, in: r0 }, { name: value, type: u64, in: r1 }]\n" \
	"  preserved: { all_but: [r0, r1], cite: \"3\" }\n" \
	"  control: { preserved: [ctl, tbl], watched: [pend], cite: \"3.1\" }\n" \
	"  success: { error: OK }\n  status: error\n  unsupported: { must: \"error == BAD\", cite: \"4\" }\n" \
	"  bring_up: { entry: two.start, args: { cpu: hart, address: park, opaque: SIZE } }\n  handler_leave: one.get\n" \
	"  deadline: 5ms\n  cites: { returns: \"9\" }\n  unspecified: [deadline]\nfacts: [harts]\n" \
	"claim: { entry: one.get, major: \"bits(value, 31, 16)\", minor: \"value & 0xffff\" }\n"

#define ONE \
	"chapter: one\ntitle: One\ncite: \"1\"\ncall: { n: 1 }\nentries:\n" \
	"  - name: get\n    call: { m: 0 }\n    errors: [OK]\n    rules: [{ id: works, cite: \"1.1\", must: \"error == OK\" }]\n"

#define TWO \
	"chapter: two\ntitle: Two\ncite: \"2\"\nsince: \"2\"\ncall: { n: 2 }\n" \
	"presence: { entry: one.get, when: \"error == OK && value != 0\" }\n" \
	"types:\n  colour: { base: u8, enum: { RED: 1, GREEN: 2 }, reserved: [3..0x7f] }\n" \
	"  pair: { struct: [{ name: a, type: u32 }, { name: b, type: u16 }, { name: c, type: colour }] }\n" \
	"state:\n  on: { index: [u64], type: u1, init: \"key == boot_hart ? 1 : 0\" }\n" \
	"  level: { index: [u8, u8], type: u32 }\n" \
	"entries:\n" \
	"  - name: start\n    call: { m: 0 }\n    args:\n      - { name: cpu, type: u64, role: hart }\n" \
	"      - { name: address, type: u64, code: park }\n      - { name: opaque, type: u64 }\n" \
	"    errors: [OK, BAD]\n    settle: 20us\n" \
	"    rules:\n" \
	"      - { id: lands, cite: \"2.1\", when: \"error == OK\", must: \"landed && land.r1 == opaque && land.ctl == 0\" }\n" \
	"      - { id: unsure, cite: \"2.1\", since: \"3\", should: \"ipis[cpu] == 1\", confidence: likely, note: read twice }\n" \
	"    effects:\n      - { when: \"error == OK\", set: { \"on[cpu]\": 1 } }\n" \
	"      - { each: { i: 4 }, set: { \"level[i, i + 1]\": i, \"level[i][0]\": unknown } }\n" \
	"  - name: fill\n    cite: \"2.2\"\n    since: \"3\"\n    call: { m: 1 }\n    deadline: 1s\n" \
	"    outcomes: [returns, stops]\n" \
	"    caller: secondary\n    console: { output: any, input: \"ab\" }\n" \
	"    args:\n" \
	"      - { name: low, type: u64, buffer: { size: \"count * 7\", direction: out, align: 8, of: pair, special: [HUGE] } }\n" \
	"      - { name: high, type: u64, high_of: low }\n" \
	"      - { name: count, type: u64, length_of: low, unit: 7, nominal: SIZE }\n" \
	"      - { name: paint, type: colour, in: \"stack+8\" }\n" \
	"    results: [{}, { name: ticket, type: u32, produces: ticket }]\n    preserved: { only: [r9] }\n" \
	"    optional: { absent: \"error == WORSE\", cite: \"2.2\" }\n" \
	"    prepare: [{ entry: two.start, args: { cpu: self, opaque: \"count + 1\", address: park } }]\n" \
	"    samples: [{ count: 3, low: [1, [2, 2]] }, { paint: GREEN }]\n" \
	"    rules: [{ id: red, cite: \"2.2\", must: \"low[0].c == RED || old(low[1].a) == 0 || low == HUGE || paint in more\" }]\n" \
	"    unspecified: [{ id: open, cite: \"2.2\", when: \"on[0] == 1 && level[1][2] == 3\", note: who knows }]\n" \
	"    unobservable: [{ id: unseen, cite: \"2.2\", note: hidden, reason: no window }]\n"
/* clang-format on */

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void write_spec(const char *chapters)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s%schapters: %s\n", TOP, CONVENTION, chapters);
	write_file("interface.yaml", text);
	write_file("one.yaml", ONE);
	write_file("two.yaml", TWO);
}

static void load(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s%s", directory, name ? "/" : "", name ? name : "");
	spec = spec_load(path, findings, &err);
}

static int new_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/assay-spec-XXXXXX");
	findings = findings_new();
	spec = NULL;
	err = (struct err){ 0 };
	return mkdtemp(directory) ? 0 : -1;
}

static int free_directory(void **state)
{
	static const char *const names[] = { "interface.yaml", "one.yaml", "two.yaml", "three.yaml" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
	findings_free(findings);
	spec_free(spec);
	return 0;
}

static void load_whole(void)
{
	write_spec("[one, two]");
	load(NULL);
	lint_print(stderr, findings);
	assert_non_null(spec);
	assert_int_equal(findings->errors, 0);
}

static const struct entry *fill(void)
{
	load_whole();
	return spec_find_entry(spec, "two.fill");
}

static const struct entry *start(void)
{
	load_whole();
	return spec_find_entry(spec, "demo.two.start");
}

static void assert_found(const char *code, const char *file, const char *message)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (!strcmp(finding->code, code) && strstr(finding->where.file, file) && strstr(finding->message, message))
			return;
	}
	lint_print(stderr, findings);
	fail_msg("not found: %s: ... %s [%s]", file, message, code);
}

/* --- the interface --- */

static void an_interface_is_loaded_whole(void **state)
{
	const struct convention *convention;

	(void)state;
	load_whole();
	convention = &spec->convention;
	assert_string_equal(spec->name, "demo");
	assert_string_equal(spec->document, "Demo Manual");
	assert_string_equal(spec->revision, "2");
	assert_string_equal(spec->directory, directory);
	assert_int_equal(spec->version_count, 3);
	assert_int_equal(spec->chapter_count, 2);
	assert_int_equal(spec->entry_count, 3);
	assert_int_equal(spec->rule_count, 6);
	assert_int_equal(spec->error_count, 3);
	assert_int_equal(spec->errors[1].value, (uint64_t)-1);
	assert_string_equal(convention->gate, "call");
	assert_int_equal(convention->word, 64);
	assert_string_equal(convention->selector_name[1], "m");
	assert_string_equal(convention->selector[1].reg, "r6");
	assert_string_equal(convention->results[1].place.reg, "r1");
	assert_true(convention->preserve_all_but);
	assert_int_equal(convention->preserved_count, 2);
	assert_int_equal(convention->control_count, 3);
	assert_int_equal(convention->control_preserved, 2);
	assert_int_equal(convention->status, 0);
	assert_int_equal(convention->success.result, 0);
	assert_int_equal(convention->deadline_ns, 5000000);
	assert_non_null(convention->unsupported);
	assert_string_equal(convention->handler_leave->name, "get");
	assert_string_equal(spec->claim->full_id, "demo.one.get");
	assert_non_null(spec->claim_minor);
}

static void universal_rules_cite_a_section_or_the_document(void **state)
{
	(void)state;
	load_whole();
	assert_string_equal(spec->convention.cites[UNIVERSAL_RETURNS], "Demo 2, 9");
	assert_string_equal(spec->convention.cites[UNIVERSAL_PRESERVED_REGISTERS], "Demo 2, 3");
	assert_string_equal(spec->convention.cites[UNIVERSAL_PRESERVED_CONTROL], "Demo 2, 3.1");
	assert_string_equal(spec->convention.cites[UNIVERSAL_UNSUPPORTED], "Demo 2, 4");
	assert_string_equal(spec->convention.cites[UNIVERSAL_DEADLINE], "Demo 2");
	assert_string_equal(universal_rules[UNIVERSAL_DECLARED_ERROR], "declared-error");
	assert_int_equal(spec->convention.unspecified, 1u << UNIVERSAL_DEADLINE);
}

static void sets_hold_numbers_ranges_and_other_sets(void **state)
{
	(void)state;
	load_whole();
	assert_int_equal(spec->set_count, 2);
	assert_string_equal(spec->sets[1].name, "more");
	assert_true(int_set_has(&spec->sets[1], 5));
	assert_true(int_set_has(&spec->sets[1], 12));
	assert_true(int_set_has(&spec->sets[1], 16));
	assert_false(int_set_has(&spec->sets[1], 10));
}

static void bring_up_knows_the_cpu_the_pad_and_the_rest(void **state)
{
	const struct spec_call *call;

	(void)state;
	load_whole();
	call = spec->convention.bring_up;
	assert_string_equal(call->entry->name, "start");
	assert_true(call->target_hart[0]);
	assert_null(call->value[0]);
	assert_string_equal(call->pad[1], "park");
	assert_non_null(call->value[2]);
	assert_false(call->target_hart[2]);
}

/* --- chapters and entries --- */

static void versions_and_selectors_are_inherited(void **state)
{
	const struct entry *entry = start();

	(void)state;
	assert_int_equal(entry->since, 1);
	assert_int_equal(entry->until, -1);
	assert_int_equal(entry->selector_known, 3);
	assert_int_equal(entry->selector[0], 2);
	assert_int_equal(entry->rules[0]->since, 1);
	assert_int_equal(entry->rules[1]->since, 2);
	assert_string_equal(entry->cite, "Demo 2, 2");
	assert_int_equal(spec_find_entry(spec, "two.fill")->since, 2);
	assert_int_equal(spec_find_entry(spec, "one.get")->since, -1);
	assert_int_equal(entry->deadline_ns, 5000000);
	assert_int_equal(entry->settle_ns, 20000);
}

static void presence_is_a_call_with_a_condition(void **state)
{
	const struct chapter *chapter = start()->chapter;

	(void)state;
	assert_string_equal(chapter->presence->entry->name, "get");
	assert_non_null(chapter->presence->when);
	assert_null(spec->chapters[0]->presence);
}

static void arguments_have_places_and_roles(void **state)
{
	const struct entry *entry = fill();

	(void)state;
	assert_int_equal(entry->arg_count, 4);
	assert_int_equal(entry->buffer_count, 1);
	assert_int_equal(entry->args[0].role, ROLE_BUFFER);
	assert_int_equal(entry->args[0].other, 1);
	assert_int_equal(entry->args[0].direction, DIRECTION_OUT);
	assert_int_equal(entry->args[0].align, 8);
	assert_int_equal(entry->args[0].of->size, 7);
	assert_non_null(entry->args[0].size);
	assert_true(int_set_has(entry->args[0].special, UINT64_MAX));
	assert_int_equal(entry->args[1].role, ROLE_HIGH);
	assert_int_equal(entry->args[1].other, 0);
	assert_string_equal(entry->args[1].place.reg, "r1");
	assert_int_equal(entry->args[2].role, ROLE_LENGTH);
	assert_int_equal(entry->args[2].unit, 7);
	assert_true(entry->args[2].has_nominal);
	assert_int_equal(entry->args[2].nominal, 16);
	assert_int_equal(entry->args[3].place.kind, PLACE_STACK);
	assert_int_equal(entry->args[3].place.offset, 8);
	assert_int_equal(entry->args[3].type->enum_count, 2);
	assert_int_equal(entry->args[3].type->base.bits, 8);
}

static void what_an_entry_says_of_its_own_wins(void **state)
{
	const struct entry *entry = fill();

	(void)state;
	assert_int_equal(entry->deadline_ns, 1000000000);
	assert_int_equal(entry->outcomes, OUTCOME_RETURNS | OUTCOME_STOPS);
	assert_true(entry->secondary);
	assert_true(entry->console_output);
	assert_string_equal(entry->console_input, "ab");
	assert_string_equal(entry->results[0].name, "error");
	assert_string_equal(entry->results[1].name, "ticket");
	assert_string_equal(entry->results[1].produces, "ticket");
	assert_string_equal(entry->results[1].place.reg, "r1");
	assert_false(entry->preserved->all_but);
	assert_string_equal(entry->preserved->names[0], "r9");
	assert_non_null(entry->absent);
	assert_null(entry->errors);
	assert_string_equal(entry->cite, "Demo 2, 2.2");
}

static void prepared_calls_and_samples_are_resolved(void **state)
{
	const struct entry *entry = fill();

	(void)state;
	assert_int_equal(entry->prepare_count, 1);
	assert_string_equal(entry->prepare[0].entry->name, "start");
	assert_string_equal(entry->prepare[0].pad[1], "park");
	assert_non_null(entry->prepare[0].value[0]);
	assert_string_equal(expr_text(entry->prepare[0].value[2]), "count + 1");
	assert_int_equal(entry->sample_count, 2);
	assert_true(entry->samples[0].has[2]);
	assert_int_equal(entry->samples[0].value[2], 3);
	assert_false(entry->samples[0].has[0]);
	assert_int_equal(entry->samples[0].content_count[0], 3);
	assert_int_equal(entry->samples[0].content[0][0], 1);
	assert_int_equal(entry->samples[0].content[0][1], 2);
	assert_int_equal(entry->samples[0].content[0][2], 2);
	assert_int_equal(entry->samples[1].value[3], 2);
}

static void rules_carry_id_citation_strength_and_expressions(void **state)
{
	const struct entry *entry = start();
	const struct rule *const *rules = entry->rules;

	(void)state;
	assert_int_equal(entry->rule_count, 2);
	assert_string_equal(rules[0]->full_id, "demo.two.start:lands");
	assert_string_equal(rules[0]->cite, "Demo 2, 2.1");
	assert_int_equal(rules[0]->strength, MUST);
	assert_non_null(rules[0]->when);
	assert_non_null(rules[0]->must);
	assert_int_equal(rules[1]->strength, SHOULD);
	assert_true(rules[1]->likely);
	assert_ptr_equal(spec->rules[rules[1]->number], rules[1]);
	entry = spec_find_entry(spec, "two.fill");
	assert_int_equal(entry->rules[1]->strength, UNSPECIFIED);
	assert_int_equal(entry->rules[2]->strength, UNOBSERVABLE);
	assert_string_equal(entry->rules[2]->reason, "no window");
	assert_null(entry->rules[2]->must);
}

static void effects_name_variables_keys_and_values(void **state)
{
	const struct entry *entry = start();

	(void)state;
	assert_int_equal(entry->effect_count, 3);
	assert_string_equal(spec->states[entry->effects[0].state]->name, "on");
	assert_int_equal(entry->effects[0].keys, 1);
	assert_int_equal(entry->effects[0].each, 0);
	assert_non_null(entry->effects[0].when);
	assert_string_equal(spec->states[entry->effects[1].state]->name, "level");
	assert_int_equal(entry->effects[1].each, 4);
	assert_int_equal(entry->effects[1].keys, 2);
	assert_non_null(entry->effects[1].value);
	assert_int_equal(entry->effects[2].keys, 2);
	assert_null(entry->effects[2].value);
}

static void state_variables_have_keys_types_and_a_first_value(void **state)
{
	(void)state;
	load_whole();
	assert_int_equal(spec->state_count, 2);
	assert_int_equal(spec->states[0]->keys, 1);
	assert_non_null(spec->states[0]->init);
	assert_int_equal(spec->states[1]->keys, 2);
	assert_int_equal(spec->states[1]->key_type[1].bits, 8);
	assert_null(spec->states[1]->init);
	assert_string_equal(spec->states[1]->chapter->name, "two");
}

static void names_are_looked_up(void **state)
{
	(void)state;
	load_whole();
	assert_string_equal(spec_error_name(spec, (uint64_t)-2), "WORSE");
	assert_null(spec_error_name(spec, 77));
	assert_null(spec_find_entry(spec, "two.nothing"));
	assert_null(spec_find_entry(spec, "fill"));
}

/* --- files --- */

static void the_digest_follows_the_content(void **state)
{
	char before[65];

	(void)state;
	load_whole();
	assert_int_equal(strlen(spec->sha256), 64);
	strcpy(before, spec->sha256);
	spec_free(spec);
	load(NULL);
	assert_string_equal(spec->sha256, before);
	spec_free(spec);
	write_file("one.yaml", ONE "# a comment\n");
	load(NULL);
	assert_string_not_equal(spec->sha256, before);
}

static void mistakes_of_all_files_are_reported_in_order(void **state)
{
	(void)state;
	write_spec("[one, two, three]");
	write_file("one.yaml", ONE "    effets: []\n");
	write_file("two.yaml", "chapter: zwei\ntitle: Two\nentries: []\n");
	load(NULL);
	assert_null(spec);
	assert_found("unknown-chapter", "interface.yaml", "three.yaml: cannot be read: No such file");
	assert_found("unknown-key", "one.yaml", "did you mean `effects`?");
	assert_found("unknown-chapter", "two.yaml", "the file of chapter `two`, got `zwei`");
	assert_found("missing-key", "two.yaml", "`cite`");
	assert_found("unknown-name", "interface.yaml", "no entry `two.start`");
	for (size_t i = 1; i < findings->count; i++) {
		const struct where *last = &findings->list[i - 1].where, *where = &findings->list[i].where;
		int order = strcmp(last->file, where->file);

		assert_true(order < 0 || (!order && (last->line < where->line ||
						     (last->line == where->line && last->column <= where->column))));
	}
	assert_non_null(strstr(err.message, "and 4 more"));
	assert_int_equal(err.code, EXIT_USAGE);
}

static void a_chapter_that_nobody_lists_is_a_warning(void **state)
{
	(void)state;
	write_spec("[one, two]");
	write_file("three.yaml", "chapter: three\n");
	load(NULL);
	assert_non_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("unknown-chapter", "interface.yaml", "three.yaml");
}

static void the_interface_file_alone_names_the_directory(void **state)
{
	(void)state;
	write_spec("[one, two]");
	load("interface.yaml");
	assert_non_null(spec);
	assert_int_equal(spec->chapter_count, 2);
}

static void what_is_not_there_is_one_finding(void **state)
{
	(void)state;
	load("nowhere");
	assert_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("unreadable", "nowhere", "cannot be read: No such file or directory");
	assert_non_null(strstr(err.message, "nowhere:1:1: cannot be read"));
}

static void a_directory_without_interface_is_one_finding(void **state)
{
	(void)state;
	load(NULL);
	assert_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("unreadable", "interface.yaml", "No such file or directory");
}

static void a_directory_in_the_place_of_a_chapter_is_one_finding(void **state)
{
	char path[128];

	(void)state;
	write_spec("[one, two, three]");
	snprintf(path, sizeof(path), "%s/three.yaml", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	load(NULL);
	rmdir(path);
	assert_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("unknown-chapter", "interface.yaml", "is a directory");
}

static void a_file_that_is_too_large_is_one_finding(void **state)
{
	size_t size = node_limits_default.bytes + 2;
	char *text = malloc(size);

	(void)state;
	memset(text, '#', size - 1);
	text[size - 1] = 0;
	write_file("interface.yaml", text);
	free(text);
	load(NULL);
	assert_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("unreadable", "interface.yaml", "larger than");
}

static void a_file_that_is_too_deep_is_one_finding(void **state)
{
	char text[1001];

	(void)state;
	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	write_file("interface.yaml", text);
	load(NULL);
	assert_null(spec);
	assert_int_equal(findings->count, 1);
	assert_found("too-deep", "interface.yaml", "deeper than 32");
}

static void a_deep_chain_of_structs_ends(void **state)
{
	char text[8192] = TOP "types:\n";

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "  t%u: { struct: [{ name: a, type: t%u }] }\n", i,
			 i + 1);
	strcat(text, "  t20: { base: u8 }\nchapters: [{ chapter: one, title: One, cite: \"1\", entries: [] }]\n");
	write_file("interface.yaml", text);
	load(NULL);
	assert_null(spec);
	assert_found("too-deep", "interface.yaml", "types are nested deeper");
}

static void thousands_of_mistakes_are_all_reported_and_soon(void **state)
{
	char *text = malloc(1u << 20);
	size_t size;

	(void)state;
	strcpy(text, TOP CONVENTION "chapters:\n  - chapter: one\n    title: One\n    cite: \"1\"\n    entries:\n");
	size = strlen(text);
	for (unsigned i = 0; i < 2000; i++)
		size += (size_t)sprintf(text + size,
					"      - { name: f%u, call: { n: 1, m: %u }, prepare: [{ entry: one.g%u }], eror: [] }\n",
					i, i, i);
	write_file("interface.yaml", text);
	free(text);
	load(NULL);
	assert_null(spec);
	assert_true(findings->errors >= 4000);
	assert_found("unknown-name", "interface.yaml", "one.g1999");
}

/* --- findings --- */

static void findings_are_printed_one_a_line(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	findings_add(findings, SEVERITY_WARNING, (struct where){ "b", 2, 3 }, "odd", "look at %s", "this");
	findings_add(findings, SEVERITY_ERROR, (struct where){ "a", 9, 1 }, "bad", "no");
	findings_add(findings, SEVERITY_ERROR, (struct where){ "a", 9, 1 }, "bad", "no");
	findings_sort(findings);
	assert_int_equal(lint_print(out, findings), 1);
	fclose(out);
	assert_string_equal(text, "a:9:1: error: no [bad]\nb:2:3: warning: look at this [odd]\n");
	free(text);
}

static void the_summary_counts_what_each_chapter_has(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	load_whole();
	lint_summary(out, spec);
	fclose(out);
	assert_string_equal(text, "chapter  entries  must  must not  should  may  unspecified  unobservable\n"
				  "one            1     1         0       0    0            0             0\n"
				  "two            2     2         0       1    0            1             1\n"
				  "total          3     3         0       1    0            1             1\n");
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_directory, free_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_interface_is_loaded_whole),
		TEST(universal_rules_cite_a_section_or_the_document),
		TEST(sets_hold_numbers_ranges_and_other_sets),
		TEST(bring_up_knows_the_cpu_the_pad_and_the_rest),
		TEST(versions_and_selectors_are_inherited),
		TEST(presence_is_a_call_with_a_condition),
		TEST(arguments_have_places_and_roles),
		TEST(what_an_entry_says_of_its_own_wins),
		TEST(prepared_calls_and_samples_are_resolved),
		TEST(rules_carry_id_citation_strength_and_expressions),
		TEST(effects_name_variables_keys_and_values),
		TEST(state_variables_have_keys_types_and_a_first_value),
		TEST(names_are_looked_up),
		TEST(the_digest_follows_the_content),
		TEST(mistakes_of_all_files_are_reported_in_order),
		TEST(a_chapter_that_nobody_lists_is_a_warning),
		TEST(the_interface_file_alone_names_the_directory),
		TEST(what_is_not_there_is_one_finding),
		TEST(a_directory_without_interface_is_one_finding),
		TEST(a_directory_in_the_place_of_a_chapter_is_one_finding),
		TEST(a_file_that_is_too_large_is_one_finding),
		TEST(a_file_that_is_too_deep_is_one_finding),
		TEST(a_deep_chain_of_structs_ends),
		TEST(thousands_of_mistakes_are_all_reported_and_soon),
		TEST(findings_are_printed_one_a_line),
		TEST(the_summary_counts_what_each_chapter_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
