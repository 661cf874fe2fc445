/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_expr_mistakes.c - what is no expression, where it goes wrong, and what is said about it; and what is said about values.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "spec/test_expr_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MISTAKES(...)                                                                                                            \
	do {                                                                                                                     \
		static const struct mistake rows[] = { __VA_ARGS__ };                                                            \
		check_mistakes(rows, COUNT(rows), true);                                                                         \
	} while (0)
#define INTEGER_MISTAKES(...)                                                                                                    \
	do {                                                                                                                     \
		static const struct mistake rows[] = { __VA_ARGS__ };                                                            \
		check_mistakes(rows, COUNT(rows), false);                                                                        \
	} while (0)

struct mistake {
	const char *text, *expected;
};

static void check_mistakes(const struct mistake *rows, size_t count, bool wanted_bool)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *said = world_mistake(rows[i].text, wanted_bool);

		if (strcmp(said, rows[i].expected))
			fail_msg("`%s`\n  says     %s\n  expected %s", rows[i].text, said, rows[i].expected);
	}
}

static void a_mistake_names_what_was_expected_and_what_was_there(void **state)
{
	(void)state;
	MISTAKES({ "", "1: a value expected, got the end" }, { "a ==", "5: a value expected, got the end" },
		 { "a == 7 7", "8: an operator or the end expected, got `7`" },
		 { "(a == 7", "8: an operator or `)` expected, got the end" }, { "a == )", "6: a value expected, got `)`" },
		 { "true ? a", "9: an operator or `:` expected, got the end" },
		 { "a in 5", "6: a set, `{...}` or its name, expected, got `5`" }, { "a in { }", "8: a value expected, got `}`" },
		 { "a in { 1 2 }", "10: `,` or `}` expected, got `2`" },
		 { "a not 7", "3: an operator or the end expected, got `not`" }, { "not a", "1: no name `not` is known here" });
}

static void bytes_that_mean_nothing_are_shown(void **state)
{
	(void)state;
	MISTAKES({ "a $ b", "3: an operator or the end expected, got `$`: this character has no meaning here" },
		 { "a == \001", "6: a value expected, got byte 0x01: this character has no meaning here" },
		 { "\xc3\xa4 == 1", "1: a value expected, got byte 0xc3: this character has no meaning here" },
		 { "a = 7", "3: an operator or the end expected, got `=`: this character has no meaning here" });
}

static void bad_numbers_are_refused(void **state)
{
	(void)state;
	MISTAKES(
		{ "a == 010", "6: a value expected, got `010`: a number does not begin with 0, except as 0x... or 0b..." },
		{ "a == 0x", "6: a value expected, got `0x`: digits expected behind the prefix" },
		{ "a == 12ab", "6: a value expected, got `12ab`: this is no number" },
		{ "a == 0b12", "6: a value expected, got `0b12`: this is no number" },
		{ "a == 18446744073709551616", "6: a value expected, got `18446744073709551616`: a number has at most 64 bits" });
}

static void an_unknown_name_gets_the_nearest_one_as_a_hint(void **state)
{
	(void)state;
	MISTAKES({ "hartdi == 1", "1: no name `hartdi` is known here; did you mean `hartid`?" },
		 { "a == 1 && errro == 0", "11: no name `errro` is known here; did you mean `error`?" },
		 { "before.sie == 0", "1: no name `before.sie` is known here; did you mean `before.sip`?" },
		 { "qwertyuiop", "1: no name `qwertyuiop` is known here" },
		 { "is_hrat(1)", "1: no function `is_hrat` is known here; did you mean `is_hart`?" },
		 { "u65(1) == 1", "1: no function `u65` is known here" }, { "s1(1) == 1", "1: no function `s1` is known here" },
		 { "a in sone", "6: no set `sone` is known here; did you mean `some`?" },
		 { "present(hsn)", "9: no chapter `hsn` is known here; did you mean `hsm`?" },
		 { "all(index, 0, 4, idnex == 1)", "18: no name `idnex` is known here; did you mean `index`?" },
		 { "any(i, 0, 4, i == 1) && i == 1", "25: no name `i` is known here" });
}

static void mixing_signs_in_arithmetic_is_a_mistake_with_a_hint(void **state)
{
	(void)state;
	MISTAKES({ "a + error == 1",
		   "3: u64 and s64 differ in sign: write s64(...) around the first or u64(...) around the second" },
		 { "s * n == 1", "3: s32 and u8 differ in sign: write u32(...) around the first or s32(...) around the second" },
		 { "(true ? a : error) == 1",
		   "7: u64 and s64 differ in sign: write s64(...) around the first or u64(...) around the second" },
		 { "min(a, error) == 1",
		   "1: u64 and s64 differ in sign: write s64(...) around the first or u64(...) around the second" },
		 { "all(i, s, a, true)",
		   "1: s32 and u64 differ in sign: write u64(...) around the first or s64(...) around the second" });
}

static void a_literal_that_does_not_fit_is_a_mistake_with_a_hint(void **state)
{
	(void)state;
	MISTAKES({ "a == -1", "6: -1 is no value of u64: write u64(-1) if the bit pattern is meant" },
		 { "n == 256", "6: 0x100 is no value of u8: write u8(0x100) if its low bits are meant" },
		 { "tiny < 128", "8: 0x80 is no value of s8: write s8(0x80) if its low bits are meant" },
		 { "n & ~0x100 == 0", "5: -257 is no value of u8: write u8(-257) if the bit pattern is meant" },
		 { "a in { 1, -2 }", "11: -2 is no value of u64: write u64(-2) if the bit pattern is meant" },
		 { "n in { 1..300 }", "11: 0x12c is no value of u8: write u8(0x12c) if its low bits are meant" },
		 { "1 << 64 == 0", "3: this number does not fit in 64 bits" },
		 { "-0xffffffffffffffff < 0", "1: this number does not fit in 64 bits" },
		 { "0xffffffffffffffff * 0xffffffffffffffff * 16 < a", "20: this number does not fit in 64 bits" },
		 { "returned == 2", "13: a truth value expected, got a number that is neither 0 nor 1" });
}

static void truth_values_and_numbers_are_kept_apart(void **state)
{
	(void)state;
	MISTAKES({ "a", "1: a truth value expected, got u64: compare it with something, as in x != 0" },
		 { "1", "1: a truth value expected, got a number" },
		 { "returned && a", "13: a truth value expected, got u64: compare it with something, as in x != 0" },
		 { "!error", "2: a truth value expected, got s64: compare it with something, as in x != 0" },
		 { "a ? true : false", "1: a truth value expected, got u64: compare it with something, as in x != 0" },
		 { "returned == a", "13: a truth value expected, got u64: compare it with something, as in x != 0" },
		 { "a < 3 < 4", "7: truth values have no order: compare them with == or !=" },
		 { "returned + 1 == 2", "1: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "-returned == 1", "2: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "returned in { 1 }", "1: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "state[returned] == 1", "7: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "all(i, 0, 3, i)", "14: a truth value expected, got u64: compare it with something, as in x != 0" },
		 { "(true ? returned : 7) == true", "20: a truth value expected, got a number that is neither 0 nor 1" },
		 { "is_hart(a == 1)", "11: an integer expected, got a truth value: write u64(...) to count with it" });
}

static void a_set_holds_constants_only(void **state)
{
	(void)state;
	MISTAKES({ "a in { 1, b }", "11: a set holds numbers and constants only: compare with == instead" },
		 { "a in { 1..b }", "11: a set holds numbers and constants only: compare with == instead" },
		 { "a in { true }", "8: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "a in { 5..3 }", "8: this range is empty: its first number is above its last" },
		 { "s in { 3..-3 }", "8: this range is empty: its first number is above its last" });
}

static void functions_say_how_they_are_written(void **state)
{
	(void)state;
	MISTAKES({ "bits(a) == 1", "7: bits(x, high, low) expected, got `)`" },
		 { "bit(a, 1, 2)", "9: bit(x, n) expected, got `,`" },
		 { "unchanged(same, 3)", "18: unchanged(buf) or unchanged(buf, offset, length) expected, got `)`" },
		 { "unchanged(a)", "11: `a` is no buffer" }, { "unchanged(7)", "11: the name of a buffer expected, got `7`" },
		 { "present(7)", "9: the name of a chapter expected, got `7`" },
		 { "all(7, 0, 1, true)", "5: the name of a variable expected, got `7`" },
		 { "any(i, 0, 1)", "12: any(i, low, high, condition) expected, got `)`" },
		 { "u8(a, 1) == 1", "5: `)` expected, got `,`" }, { "popcount() == 1", "10: a value expected, got `)`" },
		 { "sum8(0, 20) == 0", "1: sum8(offset, length) is for rules over a structure" });
}

static void indices_belong_where_they_are_declared(void **state)
{
	(void)state;
	MISTAKES({ "state == 1", "7: `[` and an index expected, got `==`" }, { "a[1] == 1", "2: `a` takes no index" },
		 { "state[1][2] == 1", "9: `state` takes no further index" },
		 { "grid[1] == 1", "9: a second index expected, got `==`" },
		 { "state[1 == 1", "9: an integer expected, got a truth value: write u64(...) to count with it" },
		 { "state[1, 2] == 1", "8: `]` expected, got `,`" });
}

static void memory_is_used_as_it_is_declared(void **state)
{
	(void)state;
	MISTAKES({ "records[0] == 1", "1: `records[...]` is a struct: name a field, as in records[0].field" },
		 { "records[0].sise == 1", "12: what `records` points to has no field `sise`" },
		 { "bytes[0].kind == 1", "10: what `bytes` points to has no field `kind`" },
		 { "records[0]. == 1", "13: the name of a field expected, got `==`" },
		 { "old(a) == 1", "5: old() is for memory, as in old(buf[0]): nothing else changes in a call" });
}

static void the_word_unknown_is_for_effects(void **state)
{
	(void)state;
	MISTAKES({ "a == unknown", "6: `unknown` is the value of an effect as a whole: ask with known(...)" });
}

static void the_column_counts_from_the_beginning_of_the_text(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct where where = { "spec/x.yaml", 14, 7 };
	struct err err = { 0 };

	(void)state;
	assert_null(expr_parse(arena, "a == hartdi", where, true, &world_scope, &err));
	assert_string_equal(err.message, "spec/x.yaml:14:12: no name `hartdi` is known here; did you mean `hartid`?");
	assert_int_equal(err.code, EXIT_USAGE);
}

static void integers_are_wanted_where_integers_are_wanted(void **state)
{
	(void)state;
	INTEGER_MISTAKES({ "5 +", "4: a value expected, got the end" }, { "a b", "3: an operator or the end expected, got `b`" });
}

static char *repeat(char *out, const char *text, unsigned count)
{
	char *end = out;

	while (count--)
		end = stpcpy(end, text);
	return end;
}

static void deep_nesting_is_refused(void **state)
{
	static char text[EXPR_TEXT + 2];
	char *end = repeat(text, "(", 60);

	(void)state;
	repeat(stpcpy(end, "true"), ")", 60);
	assert_int_equal(world_truth(text), 'T');
	repeat(text, "(", 65);
	assert_string_equal(world_mistake(text, true), "65: nested more than 64 levels deep");
	repeat(text, "!", 4000);
	assert_string_equal(world_mistake(text, true), "64: nested more than 64 levels deep");
	repeat(text, "true ? true : ", 100);
	assert_non_null(strstr(world_mistake(text, true), "nested more than 64 levels deep"));
	repeat(text, "true => ", 100);
	assert_non_null(strstr(world_mistake(text, true), "nested more than 64 levels deep"));
	repeat(text, "state[", 100);
	assert_non_null(strstr(world_mistake(text, true), "nested more than 64 levels deep"));
	repeat(text, "all(i, 0, 1, ", 9);
	assert_non_null(strstr(world_mistake(text, true), "more than 8 loops inside each other"));
}

static void long_texts_are_refused_but_long_chains_are_not(void **state)
{
	static char text[EXPR_TEXT + 3];

	(void)state;
	repeat(text, "a+", (EXPR_TEXT - 6) / 2);
	strcat(text, "a > 0");
	assert_int_equal(world_truth(text), 'T');
	repeat(text, " ", EXPR_TEXT + 1);
	assert_string_equal(world_mistake(text, true), "1: an expression has at most 4096 characters");
}

/* Pieces that make it far into the parser; random bytes alone hardly leave the lexer. */
static const char *const pieces[] = {
	"a",
	"b",
	"s",
	"n",
	"error",
	"state[",
	"grid[",
	"]",
	"(",
	")",
	"{",
	"}",
	"bytes[",
	"records[0].",
	"kind",
	"old(",
	"all(i,",
	"0,",
	"i",
	"any(j,",
	"unchanged(",
	"zero(same,",
	"bits(",
	"1",
	"-1",
	"0xffffffffffffffff",
	"64",
	"in",
	"not in",
	"==",
	"<",
	"&&",
	"||",
	"=>",
	"?",
	":",
	"+",
	"-",
	"*",
	"/",
	"%",
	"<<",
	">>",
	"&",
	"|",
	"^",
	"~",
	"!",
	",",
	"..",
	".",
	"u8(",
	"s64(",
	"true",
	"min(",
	"harts_in(",
	"sum8(",
	"known(",
	"never",
	"nothing",
	"some",
	"SBI_SUCCESS",
	"$",
	"\x80",
	"9999999999999999999999",
};

static void try_text(const char *text)
{
	arena_auto struct arena *arena = arena_new();
	struct where where = { "fuzz", 1, 1 };
	struct expr_mistake mistake = { .message = "" };
	const struct expr *expr = expr_compile(arena, text, where, text[0] & 1, &world_scope_of_structure, &mistake);
	char out[64];

	if (!expr) {
		assert_true(mistake.message[0]);
		assert_in_range(mistake.where.column, 1, strlen(text) + 1);
		return;
	}
	struct value value = expr_eval(expr, &world_env);
	assert_true(!value.known || value.bits == int_truncate(value.bits, expr_type(expr)));
	expr_explain(expr, &world_env, out, sizeof(out));
}

static void any_text_is_a_mistake_or_an_expression(void **state)
{
	struct rng rng = { 1 };
	unsigned round;

	(void)state;
	for (round = 0; round < 30000; round++) {
		char text[400], *end = text;
		unsigned count = 1 + (unsigned)rng_below(&rng, round % 3 ? 6 : 24);

		while (count--)
			end = stpcpy(stpcpy(end, pieces[rng_below(&rng, COUNT(pieces))]), rng_next(&rng) & 1 ? " " : "");
		try_text(text);
	}
}

static void any_bytes_are_a_mistake_or_an_expression(void **state)
{
	struct rng rng = { 2 };
	unsigned round, i;

	(void)state;
	for (round = 0; round < 20000; round++) {
		char text[24];

		for (i = 0; i < sizeof(text) - 1; i++)
			text[i] = (char)rng_next(&rng);
		text[rng_below(&rng, sizeof(text))] = '\0';
		text[sizeof(text) - 1] = '\0';
		try_text(text);
	}
}

static void an_explanation_names_what_was_read(void **state)
{
	(void)state;
	assert_string_equal(world_explanation("error == -3 || hartid < 2"), "error = -2 (SBI_ERR_NOT_SUPPORTED), hartid = 0xff");
	assert_string_equal(world_explanation("a == 8 && hartid < 2"), "a = 7");
	assert_string_equal(world_explanation("a == a && a == 8 && hartid < 2"), "a = 7");
	assert_string_equal(world_explanation("nothing == 1 && returned"), "nothing = unknown, returned = true");
	assert_string_equal(world_explanation("state[2] == hsm.state[a] + grid[1][2]"),
			    "state[2] = 0x14, a = 7, hsm.state[7] = 8, grid[1][2] = 0xc");
	assert_string_equal(world_explanation("s == 1"), "s = -5");
	assert_string_equal(world_explanation("XLEN == 64"), "");
}

static void an_explanation_shows_memory(void **state)
{
	(void)state;
	assert_string_equal(world_explanation("bytes[3] == old(bytes[3])"), "bytes[3] = 3, old(bytes[3]) = 0xc");
	assert_string_equal(world_explanation("records[1].size == 0"), "records[1].size = 0xf0e0d0c");
	assert_string_equal(world_explanation("zero(bytes, 0, 16)"), "bytes[1] = 1");
	assert_string_equal(world_explanation("unchanged(bytes)"), "bytes[0] = 0");
	assert_string_equal(world_explanation("unchanged(same)"), "");
}

static void an_explanation_of_a_loop_shows_the_step_that_settled_it(void **state)
{
	(void)state;
	assert_string_equal(world_explanation("all(i, 0, 16, bytes[i] < 12)"), "bytes[12] = 0xc");
	assert_string_equal(world_explanation("any(i, 0, 16, bytes[i] > a)"), "bytes[8] = 8, a = 7");
	assert_string_equal(world_explanation("any(i, 0, 3, bytes[i] > 3)"), "bytes[0] = 0, bytes[1] = 1, bytes[2] = 2");
	assert_string_equal(world_explanation("all(i, 0, 3, any(j, 0, 3, grid[i][j] > 12))"),
			    "grid[0][0] = 0, grid[0][1] = 1, grid[0][2] = 2");
}

static void an_explanation_is_cut_to_fit(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct where where = { "x", 1, 1 };
	struct err err = { 0 };
	const struct expr *expr = expr_parse(arena, "all(i, 0, 30, state[i] == i * 10)", where, true, &world_scope, &err);
	char out[12] = "untouched";

	(void)state;
	expr_explain(expr, &world_env, out, sizeof(out));
	assert_string_equal(out, "state[0] = ");
	expr_explain(expr, &world_env, out, 0);
	assert_string_equal(out, "state[0] = ");
	assert_string_equal(strstr(world_explanation("all(i, 0, 30, hsm.state[i] == i + 1)"), "hsm.state[15]"),
			    "hsm.state[15] = 0x10, ...");
}

static void collect_name(void *out, const struct name *name)
{
	strcat(strcat(out, name->text), " ");
}

static void collect_literal(void *out, uint64_t bits)
{
	sprintf((char *)out + strlen(out), "%llx ", (unsigned long long)bits);
}

static void names_and_literals_can_be_listed(void **state)
{
	arena_auto struct arena *arena = arena_new();
	struct where where = { "x", 1, 1 };
	struct err err = { 0 };
	const char *text =
		"state[hartid] == 3 && words[1] + n in { 5, 7..9 } && unchanged(same, 0, a) => error == SBI_ERR_NOT_SUPPORTED";
	const struct expr *expr = expr_parse(arena, text, where, true, &world_scope, &err);
	char out[200] = "";

	(void)state;
	assert_non_null(expr);
	expr_names(expr, collect_name, out);
	assert_string_equal(out, "state hartid words n same a error ");
	out[0] = '\0';
	expr_literals(expr, collect_literal, out);
	assert_string_equal(out, "3 1 5 7 9 0 fffffffffffffffe ");
	assert_string_equal(expr_text(expr), text);
	assert_int_equal(expr_type(expr).bits, 0);
	assert_string_equal(expr_where(expr).file, "x");
}

static void a_scope_and_an_environment_may_be_empty(void **state)
{
	arena_auto struct arena *arena = arena_new();
	const struct expr_scope no_scope = { 0 };
	const struct expr_env no_env = { 0 };
	struct where where = { "x", 1, 1 };
	struct err err = { 0 };
	const struct expr *expr;

	(void)state;
	assert_null(expr_parse(arena, "a == 1", where, true, &no_scope, &err));
	assert_null(expr_parse(arena, "1 in some", where, true, &no_scope, &err));
	assert_null(expr_parse(arena, "present(hsm)", where, true, &no_scope, &err));
	expr = expr_parse(arena, "is_hart(1) || accessible(0, 0, 1)", where, true, &no_scope, &err);
	assert_false(expr_eval(expr, &no_env).known);
	expr = expr_parse(arena, "a == 1 || bytes[0] == 1 || present(hsm) || zero(bytes)", where, true, &world_scope, &err);
	assert_false(expr_eval(expr, &no_env).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_names_what_was_expected_and_what_was_there),
		cmocka_unit_test(bytes_that_mean_nothing_are_shown),
		cmocka_unit_test(bad_numbers_are_refused),
		cmocka_unit_test(an_unknown_name_gets_the_nearest_one_as_a_hint),
		cmocka_unit_test(mixing_signs_in_arithmetic_is_a_mistake_with_a_hint),
		cmocka_unit_test(a_literal_that_does_not_fit_is_a_mistake_with_a_hint),
		cmocka_unit_test(truth_values_and_numbers_are_kept_apart),
		cmocka_unit_test(a_set_holds_constants_only),
		cmocka_unit_test(functions_say_how_they_are_written),
		cmocka_unit_test(indices_belong_where_they_are_declared),
		cmocka_unit_test(memory_is_used_as_it_is_declared),
		cmocka_unit_test(the_word_unknown_is_for_effects),
		cmocka_unit_test(the_column_counts_from_the_beginning_of_the_text),
		cmocka_unit_test(integers_are_wanted_where_integers_are_wanted),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(long_texts_are_refused_but_long_chains_are_not),
		cmocka_unit_test(any_text_is_a_mistake_or_an_expression),
		cmocka_unit_test(any_bytes_are_a_mistake_or_an_expression),
		cmocka_unit_test(an_explanation_names_what_was_read),
		cmocka_unit_test(an_explanation_shows_memory),
		cmocka_unit_test(an_explanation_of_a_loop_shows_the_step_that_settled_it),
		cmocka_unit_test(an_explanation_is_cut_to_fit),
		cmocka_unit_test(names_and_literals_can_be_listed),
		cmocka_unit_test(a_scope_and_an_environment_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
