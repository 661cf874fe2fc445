/* SPDX-License-Identifier: BSD-2-Clause */
/* test_compare.c - one edit of a small specification at a time: what kind of change it is, and whom it breaks. */
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
#include <unistd.h>

#include "base/arena.h"
#include "compare/search.h"

static const char toy[] =
	"assay: 1\n"
	"interface: toy\n"
	"title: A toy\n"
	"document: { title: The toy, short: Toy, revision: '2' }\n"
	"versions: ['1', '2']\n"
	"convention:\n"
	"  gate: ecall\n"
	"  word: 64\n"
	"  byte_order: little\n"
	"  selector: { fid: a7 }\n"
	"  arguments: [a0, a1, a2, a3]\n"
	"  results: [{ name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 }]\n"
	"  preserved: { all_but: [a0, a1], cite: '1' }\n"
	"  control: { preserved: [satp], cite: '1' }\n"
	"  success: { error: OK }\n"
	"  status: error\n"
	"  unsupported: { must: 'error == NO_CALL', cite: '1' }\n"
	"  deadline: 1ms\n"
	"errors: { OK: 0, NO_CALL: -1, BAD_ARGUMENT: -2, BAD_STATE: -3 }\n"
	"sets: { odd_ones: [1, 3] }\n"
	"chapters:\n"
	"  - chapter: box\n"
	"    title: Boxes\n"
	"    cite: '3'\n"
	"    state: { lid: { type: { base: u8, enum: { SHUT: 0, OPEN: 1 } }, init: SHUT } }\n"
	"    entries:\n"
	"      - name: open\n"
	"        cite: '3.1'\n"
	"        call: { fid: 3 }\n"
	"        args:\n"
	"          - { name: flags, type: { base: u32, flags: { BIG: 0, RED: 4 }, reserved: [0x100..0xffff] } }\n"
	"          - { name: to, type: u64, buffer: { size: 8, direction: out, align: 8, of: u64 } }\n"
	"        results: [{}, { name: value, type: { base: u64, enum: { WOOD: 1, TIN: 2 } } }]\n"
	"        errors: [OK, BAD_ARGUMENT]\n"
	"        rules:\n"
	"          - { id: reserved, cite: '3.1', when: '(flags & 0xffee) != 0', must: 'error == BAD_ARGUMENT' }\n"
	"          - { id: good, cite: '3.1', when: '(flags & 0xffee) == 0', must: 'error == OK' }\n"
	"          - { id: lid, cite: '3.1', when: 'error == OK && lid == OPEN', must: 'value in { WOOD, TIN }' }\n"
	"          - { id: guess, cite: '3.1', must: 'value < 100', confidence: likely, note: a guess }\n"
	"          - { id: stored, cite: '3.1', when: 'error == OK', must: 'to[0] == value' }\n"
	"        effects: [{ when: 'error == OK', set: { lid: OPEN } }]\n"
	"      - name: shut\n"
	"        cite: '3.2'\n"
	"        call: { fid: 4 }\n"
	"        errors: [OK, BAD_STATE]\n"
	"        rules: [{ id: twice, cite: '3.2', when: 'lid == SHUT', must: 'error == BAD_STATE' }]\n"
	"        effects: [{ when: 'error == OK', set: { lid: SHUT } }]\n";

static const char third[] = "      - name: lock\n"
			    "        cite: '3.3'\n"
			    "        call: { fid: 5 }\n"
			    "        errors: [OK]\n"
			    "        rules: [{ id: locks, cite: '3.3', must: 'error == OK' }]\n";

static const char *replaced(struct arena *arena, const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	if (!at)
		fail_msg("the toy does not say `%s`", what);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
}

struct toy_spec {
	struct spec *spec;
	struct findings *findings;
};

static struct toy_spec load(const char *text)
{
	char path[] = "/tmp/assay-compare-XXXXXX.yaml";
	struct toy_spec toy_spec = { .findings = findings_new() };
	struct err err = { .message = "" };
	int file = mkstemps(path, 5);

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
	toy_spec.spec = spec_load(path, toy_spec.findings, &err);
	unlink(path);
	if (!toy_spec.spec)
		fail_msg("%s", err.message);
	return toy_spec;
}

static void unload(struct toy_spec *toy_spec)
{
	spec_free(toy_spec->spec);
	findings_free(toy_spec->findings);
}

struct compared {
	struct toy_spec old, new;
	struct search *search;
	struct comparison *comparison;
};

static struct compared compare(const char *old, const char *new)
{
	struct compared compared = { load(old), load(new), search_new(), NULL };
	struct witness_finder finder = search_finder(compared.search);
	const struct side a = { compared.old.spec, 1 }, b = { compared.new.spec, 1 };

	compared.comparison = compare_specs(&a, &b, &finder);
	return compared;
}

static void done(struct compared *compared)
{
	comparison_free(compared->comparison);
	search_free(compared->search);
	unload(&compared->old);
	unload(&compared->new);
}

static const struct change *find(const struct comparison *comparison, enum change_kind kind)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (comparison->changes[i]->kind == kind)
			return comparison->changes[i];
	return NULL;
}

/* Letters: b breaking, c compatible, - clarification; callers first. A capital B comes with a witness. */
static char letter(const struct weight *weight)
{
	if (weight->impact != IMPACT_BREAKING)
		return weight->impact == IMPACT_COMPATIBLE ? 'c' : '-';
	return weight->witness ? 'B' : 'b';
}

static const struct edit {
	const char *what, *with;
	enum change_kind kind;
	const char *weights;
	enum change_kind back; /* of the same edit undone */
	const char *weights_back;
} edits[] = {
	/* demands: what breaks callers one way breaks implementers the other way */
	{ "must: 'error == OK' }\n          - { id: lid", "must: 'error in { OK, BAD_ARGUMENT }' }\n          - { id: lid",
	  CHANGED_RULE, "Bc", CHANGED_RULE, "cB" },
	{ "when: '(flags & 0xffee) == 0'", "when: '(flags & 0xffee) == 0 && flags != 1'", CHANGED_RULE, "Bc", CHANGED_RULE,
	  "cB" },
	{ "          - { id: good, cite: '3.1', when: '(flags & 0xffee) == 0', must: 'error == OK' }\n", "", CHANGED_RULE_REMOVED,
	  "Bc", CHANGED_RULE_ADDED, "cB" },
	{ "must: 'value in { WOOD, TIN }'", "must: 'value == WOOD'", CHANGED_RULE, "cB", CHANGED_RULE, "Bc" },
	{ "must: 'value in { WOOD, TIN }'", "must: 'value != 0 && value <= TIN'", CHANGED_RULE, "--", CHANGED_RULE, "--" },
	{ "must: 'value in { WOOD, TIN }'", "must_not: 'value not in { WOOD, TIN }'", CHANGED_RULE, "--", CHANGED_RULE, "--" },
	{ "must: 'value in { WOOD, TIN }'", "should: 'value in { WOOD, TIN }'", CHANGED_RULE_REMOVED, "Bc", CHANGED_RULE_ADDED,
	  "cB" },
	{ "must: 'to[0] == value'", "must: 'to[0] >= value'", CHANGED_RULE, "Bc", CHANGED_RULE, "cB" },
	{ "errors: [OK, BAD_ARGUMENT]", "errors: [OK, BAD_ARGUMENT, BAD_STATE]", CHANGED_ERROR_ADDED, "--", CHANGED_ERROR_REMOVED,
	  "--" },
	{ "errors: [OK, BAD_STATE]", "errors: [OK, BAD_STATE, BAD_ARGUMENT]", CHANGED_ERROR_ADDED, "Bc", CHANGED_ERROR_REMOVED,
	  "cB" },
	/* no demands */
	{ "must: 'value < 100', confidence: likely, note: a guess", "must: 'value < 99', confidence: likely, note: a guess",
	  CHANGED_REMARK, "--", CHANGED_REMARK, "--" },
	{ "must: 'value < 100', confidence: likely, note: a guess", "must: 'value < 100'", CHANGED_RULE_ADDED, "cB",
	  CHANGED_RULE_REMOVED, "Bc" },
	{ "id: good,", "id: well,", CHANGED_REMARK, "--", CHANGED_REMARK, "--" },
	/* forms */
	{ "call: { fid: 4 }", "call: { fid: 6 }", CHANGED_SELECTOR, "bb", CHANGED_SELECTOR, "bb" },
	{ "name: shut", "name: close", CHANGED_ENTRY_MOVED, "--", CHANGED_ENTRY_MOVED, "--" },
	{ "type: u64, buffer", "type: u64, in: a3, buffer", CHANGED_ARGUMENT, "bb", CHANGED_ARGUMENT, "bb" },
	{ "RED: 4 }, reserved", "RED: 5 }, reserved", CHANGED_ARGUMENT, "bb", CHANGED_ARGUMENT, "bb" },
	{ "reserved: [0x100..0xffff]", "reserved: [0x80..0xffff]", CHANGED_ARGUMENT, "bc", CHANGED_ARGUMENT, "cb" },
	{ "align: 8", "align: 16", CHANGED_ARGUMENT, "bc", CHANGED_ARGUMENT, "cb" },
	{ "direction: out", "direction: inout", CHANGED_ARGUMENT, "bc", CHANGED_ARGUMENT, "cb" },
	{ "WOOD: 1, TIN: 2 }", "WOOD: 1, TIN: 2, GOLD: 3 }", CHANGED_RESULT, "bc", CHANGED_RESULT, "cb" },
	{ "all_but: [a0, a1]", "all_but: [a0, a1, t0]", CHANGED_CLOBBER, "bc", CHANGED_CLOBBER, "cb" },
	{ "control: { preserved: [satp], cite", "control: { preserved: [satp, sie], cite", CHANGED_CLOBBER, "cb", CHANGED_CLOBBER,
	  "bc" },
	{ "call: { fid: 4 }", "call: { fid: 4 }\n        changes: [satp]", CHANGED_CLOBBER, "bc", CHANGED_CLOBBER, "cb" },
	{ "call: { fid: 4 }", "call: { fid: 4 }\n        outcomes: [returns, traps]", CHANGED_OUTCOME, "bc", CHANGED_OUTCOME,
	  "cb" },
	{ "call: { fid: 4 }", "call: { fid: 4 }\n        console: { output: any }", CHANGED_CONSOLE, "bc", CHANGED_CONSOLE,
	  "cb" },
	{ "call: { fid: 4 }", "call: { fid: 4 }\n        optional: { absent: 'error == NO_CALL', cite: '3' }", CHANGED_PRESENCE,
	  "bc", CHANGED_PRESENCE, "cb" },
	{ "deadline: 1ms", "deadline: 2ms", CHANGED_DEADLINE, "bc", CHANGED_DEADLINE, "cb" },
	{ "deadline: 1ms", "deadline: 1ms\n  unspecified: [guard-zones]", CHANGED_CONVENTION, "bc", CHANGED_CONVENTION, "cb" },
	{ "must: 'error == NO_CALL', cite: '1' }", "must: 'error < 0', cite: '1' }", CHANGED_CONVENTION, "bb", CHANGED_CONVENTION,
	  "bb" },
	{ "gate: ecall", "gate: hvc", CHANGED_CONVENTION, "bb", CHANGED_CONVENTION, "bb" },
	{ "BAD_STATE: -3", "BAD_STATE: -4", CHANGED_CONSTANT, "bb", CHANGED_CONSTANT, "bb" },
	{ "title: The toy", "title: The Toy", CHANGED_DOCUMENT, "--", CHANGED_DOCUMENT, "--" },
	{ "set: { lid: SHUT }", "set: { lid: OPEN }", CHANGED_EFFECT, "bb", CHANGED_EFFECT, "bb" },
};

static void check(const struct edit *edit, const char *old, const char *new, enum change_kind kind, const char *weights)
{
	struct compared compared = compare(old, new);
	const struct change *change = find(compared.comparison, kind);
	char seen[3] = "";

	if (!change)
		fail_msg("`%s` -> `%s`: no %s", edit->what, edit->with, change_kind_names[kind]);
	seen[0] = letter(&change->on[PARTY_CALLERS]);
	seen[1] = letter(&change->on[PARTY_IMPLEMENTERS]);
	if (strcmp(seen, weights))
		fail_msg("`%s` -> `%s`: %s is %s, not %s", edit->what, edit->with, change_kind_names[kind], seen, weights);
	done(&compared);
}

static void an_edit_is_classed_and_so_is_its_undoing(void **state)
{
	arena_auto struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *other = replaced(arena, toy, edits[i].what, edits[i].with);

		check(&edits[i], toy, other, edits[i].kind, edits[i].weights);
		check(&edits[i], other, toy, edits[i].back, edits[i].weights_back);
	}
}

static void nothing_changes_between_a_specification_and_itself(void **state)
{
	struct compared compared = compare(toy, toy);

	(void)state;
	assert_int_equal(compared.comparison->count, 0);
	done(&compared);
}

static void other_words_for_the_same_are_no_change(void **state)
{
	static const char *const words[][2] = {
		{ "when: 'lid == SHUT'", "when: '  lid==0 '" },
		{ "when: '(flags & 0xffee) == 0'", "when: '(flags & 65518) == 0'" },
		{ "deadline: 1ms", "deadline: 1000us" },
		{ "sets: { odd_ones: [1, 3] }", "sets: { odd_ones: [1, 3, 5] }" },
	};
	arena_auto struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct compared compared = compare(toy, replaced(arena, toy, words[i][0], words[i][1]));

		if (compared.comparison->count)
			fail_msg("`%s`: %s", words[i][1], compared.comparison->changes[0]->what);
		done(&compared);
	}
}

static void a_set_that_a_rule_names_is_part_of_the_rule(void **state)
{
	arena_auto struct arena *arena = arena_new();
	const char *old = replaced(arena, toy, "value in { WOOD, TIN }", "value in odd_ones");
	struct compared compared = compare(old, replaced(arena, old, "odd_ones: [1, 3]", "odd_ones: [1, 3, 5]"));
	const struct change *change = find(compared.comparison, CHANGED_RULE);

	(void)state;
	assert_non_null(change);
	assert_int_equal(letter(&change->on[PARTY_CALLERS]), 'B');
	done(&compared);
}

static void a_new_entry_of_an_old_chapter_has_to_be_implemented(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct compared compared = compare(toy, arena_printf(arena, "%s%s", toy, third));
	const struct change *change = find(compared.comparison, CHANGED_ENTRY_ADDED);

	(void)state;
	assert_non_null(change);
	assert_string_equal(change->subject, "toy.box.lock");
	assert_int_equal(change->on[PARTY_CALLERS].impact, IMPACT_COMPATIBLE);
	assert_int_equal(change->on[PARTY_IMPLEMENTERS].impact, IMPACT_BREAKING);
	assert_int_equal(compared.comparison->count, 1);
	done(&compared);
}

static void an_argument_in_the_place_of_another_was_renamed(void **state)
{
	arena_auto struct arena *arena = arena_new();
	const char *old =
		replaced(arena, third, "call: { fid: 5 }", "call: { fid: 5 }\n        args: [{ name: key, type: u64 }]");
	struct compared compared = compare(arena_printf(arena, "%s%s", toy, old),
					   arena_printf(arena, "%s%s", toy, replaced(arena, old, "name: key", "name: code")));
	const struct change *change = find(compared.comparison, CHANGED_ARGUMENT);

	(void)state;
	assert_non_null(change);
	assert_int_equal(change->on[PARTY_CALLERS].impact, IMPACT_CLARIFICATION);
	assert_int_equal(compared.comparison->count, 1);
	done(&compared);
}

static void an_entry_that_went_is_missed_by_its_callers(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct compared compared = compare(arena_printf(arena, "%s%s", toy, third), toy);
	const struct change *change = find(compared.comparison, CHANGED_ENTRY_REMOVED);

	(void)state;
	assert_non_null(change);
	assert_int_equal(change->on[PARTY_CALLERS].impact, IMPACT_BREAKING);
	assert_int_equal(change->on[PARTY_IMPLEMENTERS].impact, IMPACT_COMPATIBLE);
	done(&compared);
}

/* The rule that says the same again, under another name and in other words, catches what the first one would have. */
static void a_demand_that_another_rule_repeats_can_go(void **state)
{
	arena_auto struct arena *arena = arena_new();
	const char *again =
		"          - { id: again, cite: '3.2', when: 'lid != OPEN && lid < 2', must_not: 'error != BAD_STATE' }\n";
	const char *old = replaced(
		arena, toy, "        rules: [{ id: twice, cite: '3.2', when: 'lid == SHUT', must: 'error == BAD_STATE' }]\n",
		arena_printf(arena,
			     "        rules:\n"
			     "          - { id: twice, cite: '3.2', when: 'lid == SHUT', must: 'error == BAD_STATE' }\n%s",
			     again));
	const char *new = replaced(
		arena, old, "          - { id: twice, cite: '3.2', when: 'lid == SHUT', must: 'error == BAD_STATE' }\n", "");
	struct compared compared = compare(old, new);
	const struct change *change = find(compared.comparison, CHANGED_RULE_REMOVED);

	(void)state;
	assert_non_null(change);
	assert_int_equal(change->on[PARTY_CALLERS].impact, IMPACT_CLARIFICATION);
	assert_int_equal(change->on[PARTY_CALLERS].basis, BASIS_SEARCH);
	done(&compared);
}

static void a_demand_that_nothing_breaks_is_taken_for_breaking(void **state)
{
	arena_auto struct arena *arena = arena_new();
	const char *old = replaced(arena, toy, "must: 'value < 100'", "must: 'value == value'");
	struct compared compared = compare(replaced(arena, old, ", confidence: likely, note: a guess", ""),
					   replaced(arena, toy,
						    "          - { id: guess, cite: '3.1', must: 'value < 100', "
						    "confidence: likely, note: a guess }\n",
						    ""));
	const struct change *change = find(compared.comparison, CHANGED_RULE_REMOVED);

	(void)state;
	assert_non_null(change);
	assert_int_equal(change->on[PARTY_CALLERS].impact, IMPACT_BREAKING);
	assert_int_equal(change->on[PARTY_CALLERS].basis, BASIS_ASSUMED);
	done(&compared);
}

static void a_witness_names_a_call_an_answer_and_the_demand(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct compared compared =
		compare(toy, replaced(arena, toy, "errors: [OK, BAD_STATE]", "errors: [OK, BAD_STATE, BAD_ARGUMENT]"));
	const struct witness *witness = find(compared.comparison, CHANGED_ERROR_ADDED)->on[PARTY_CALLERS].witness;

	(void)state;
	assert_string_equal(witness->call, "shut()");
	assert_string_equal(witness->answer, "BAD_ARGUMENT");
	assert_string_equal(witness->demand, "toy.box.shut:declared-error");
	done(&compared);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_edit_is_classed_and_so_is_its_undoing),
		TEST(nothing_changes_between_a_specification_and_itself),
		TEST(other_words_for_the_same_are_no_change),
		TEST(a_set_that_a_rule_names_is_part_of_the_rule),
		TEST(a_new_entry_of_an_old_chapter_has_to_be_implemented),
		TEST(an_argument_in_the_place_of_another_was_renamed),
		TEST(an_entry_that_went_is_missed_by_its_callers),
		TEST(a_demand_that_another_rule_repeats_can_go),
		TEST(a_demand_that_nothing_breaks_is_taken_for_breaking),
		TEST(a_witness_names_a_call_an_answer_and_the_demand),
	};

	return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
