/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_expr.c - values of expressions.
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

#include "spec/test_expr_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TRUTHS(...)                                                                                                              \
	do {                                                                                                                     \
		static const struct truth rows[] = { __VA_ARGS__ };                                                              \
		check_truths(rows, COUNT(rows));                                                                                 \
	} while (0)
#define NUMBERS(...)                                                                                                             \
	do {                                                                                                                     \
		static const struct number rows[] = { __VA_ARGS__ };                                                             \
		check_numbers(rows, COUNT(rows));                                                                                \
	} while (0)

struct truth {
	const char *text;
	char expected;
};

struct number {
	const char *text;
	int64_t expected;
};

static void check_truths(const struct truth *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (world_truth(rows[i].text) != rows[i].expected)
			fail_msg("`%s` is %c, expected %c", rows[i].text, world_truth(rows[i].text), rows[i].expected);
}

static void check_numbers(const struct number *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct value value = world_integer(rows[i].text);

		if (!value.known || value.bits != (uint64_t)rows[i].expected)
			fail_msg("`%s` is %s0x%llx, expected 0x%llx", rows[i].text, value.known ? "" : "unknown, ",
				 (unsigned long long)value.bits, (unsigned long long)rows[i].expected);
	}
}

static void check_unknown(const char *text)
{
	if (world_integer(text).known)
		fail_msg("`%s` should be unknown", text);
}

static void numbers_may_be_decimal_hexadecimal_or_binary(void **state)
{
	(void)state;
	NUMBERS({ "42", 42 }, { "0", 0 }, { "0x10", 16 }, { "0XfF", 255 }, { "0b101", 5 }, { "0xffffffffffffffff", -1 },
		{ "-1", -1 }, { "18446744073709551615", -1 }, { "-9223372036854775808", INT64_MIN });
}

static void multiplication_binds_tighter_than_addition(void **state)
{
	(void)state;
	NUMBERS({ "a + a * 2", 21 }, { "(a + a) * 2", 28 }, { "a - a - a", -7 }, { "a * 2 % 5", 4 }, { "a / 2 * 2", 6 });
}

static void shifts_bind_looser_than_addition(void **state)
{
	(void)state;
	NUMBERS({ "a << 1 + 1", 28 }, { "a + 1 << 1", 16 }, { "a << 1 << 1", 28 });
}

static void bitwise_operators_bind_tighter_than_comparison(void **state)
{
	(void)state;
	TRUTHS({ "a & 2 == 2", 'T' }, { "a & 8 == 0", 'T' }, { "a | 8 == 15", 'T' }, { "a ^ 1 == 6", 'T' }, { "a & 1 < 2", 'T' },
	       { "8 | a & 4 == 12", 'T' });
}

static void and_binds_tighter_than_exclusive_or_and_that_than_or(void **state)
{
	(void)state;
	NUMBERS({ "a ^ 1 & 2", 7 }, { "a | 8 ^ 1", 15 }, { "8 | 1 ^ 1", 8 }, { "(a ^ 1) & 2", 2 });
}

static void order_comparison_binds_tighter_than_equality(void **state)
{
	(void)state;
	TRUTHS({ "a < 8 == true", 'T' }, { "a < 8 == a > 1", 'T' }, { "true == a in { 7 }", 'T' }, { "a == 7 == true", 'T' });
}

static void logic_binds_loosest_and_implication_goes_to_the_right(void **state)
{
	(void)state;
	TRUTHS({ "true || true && false", 'T' }, { "(true || true) && false", 'F' }, { "false => false => false", 'T' },
	       { "(false => false) => false", 'F' }, { "false && true => false", 'T' },
	       { "a == 7 && error == -2 || false", 'T' });
}

static void choice_binds_loosest_of_all_and_goes_to_the_right(void **state)
{
	(void)state;
	NUMBERS({ "false ? 1 : true ? 2 : 3", 2 }, { "a == 7 ? 1 : 2", 1 }, { "returned => trapped ? 1 : 2", 2 },
		{ "true ? false ? 1 : 2 : 3", 2 });
}

static void prefixes_bind_tighter_than_every_operator(void **state)
{
	(void)state;
	NUMBERS({ "-s + 1", 6 }, { "~a & 0xff", 0xf8 }, { "- -s", -5 }, { "~~a", 7 }, { "-s * 2", 10 });
	TRUTHS({ "!trapped && returned", 'T' }, { "!!returned", 'T' }, { "!(a == 7)", 'F' });
}

static void arithmetic_wraps_in_the_wider_type(void **state)
{
	(void)state;
	NUMBERS({ "n + 100", 44 }, { "n + u32(100)", 300 }, { "w + 2", 0 }, { "w + u64(2)", 0x100000000 }, { "b + 1", 0 },
		{ "n * 2", 144 }, { "-n", 56 }, { "~n", 55 }, { "a - 8", -1 }, { "n - 201", 255 }, { "n << 1", 144 });
}

static void signed_arithmetic_wraps_too(void **state)
{
	(void)state;
	NUMBERS({ "tiny - 1", 127 }, { "-tiny", -128 }, { "tiny * tiny", 0 }, { "least - 1", INT64_MAX }, { "-least", INT64_MIN },
		{ "tiny + s", -133 }, { "s * tiny", 640 });
}

static void division_by_zero_is_all_ones(void **state)
{
	(void)state;
	NUMBERS({ "a / 0", -1 }, { "n / 0", 255 }, { "s / 0", -1 }, { "w / (w - w)", 0xffffffff }, { "flag / 0", 1 },
		{ "u8(5 / 0)", 255 });
	TRUTHS({ "a == 5 / 0", 'F' }, { "b == 5 / 0", 'T' });
}

static void remainder_by_zero_is_the_dividend(void **state)
{
	(void)state;
	NUMBERS({ "a % 0", 7 }, { "s % 0", -5 }, { "5 % 0", 5 });
}

static void the_smallest_number_divided_by_minus_one_wraps(void **state)
{
	(void)state;
	NUMBERS({ "least / -1", INT64_MIN }, { "least % -1", 0 }, { "tiny / -1", -128 }, { "tiny % -1", 0 }, { "s / 2", -2 },
		{ "s % 2", -1 });
}

static void a_shift_by_the_width_or_more_leaves_nothing_but_the_sign(void **state)
{
	(void)state;
	NUMBERS({ "a << 64", 0 }, { "b >> 64", 0 }, { "b >> 63", 1 }, { "n >> 8", 0 }, { "n << 8", 0 }, { "s >> 32", -1 },
		{ "s >> 1000", -1 }, { "s >> 1", -3 }, { "a << b", 0 }, { "a >> -1", 0 }, { "u32(1) << 31", 0x80000000 },
		{ "u32(1) << 32", 0 });
}

static void a_literal_takes_the_type_of_the_other_side(void **state)
{
	(void)state;
	NUMBERS({ "(1 << a) & n", 128 }, { "w & ~1", 0xfffffffe }, { "b & ~7", -8 }, { "n & ~0", 200 },
		{ "(returned ? 255 : 1) + n", 199 });
	TRUTHS({ "w == 0xfffffffe", 'T' }, { "error == SBI_ERR_NOT_SUPPORTED", 'T' }, { "a + XLEN == 71", 'T' },
	       { "1 << 3 == 8", 'T' });
}

static void arithmetic_over_literals_is_exact(void **state)
{
	(void)state;
	TRUTHS({ "255 + 1 == 256", 'T' }, { "(1 << 40) - 1 == 0xffffffffff", 'T' }, { "-1 < 0xffffffffffffffff", 'T' },
	       { "-1 == 0xffffffffffffffff", 'F' }, { "7 / 2 == 3", 'T' }, { "-7 >> 1 == -4", 'T' }, { "1 >> 100 == 0", 'T' },
	       { "0 << 100 == 0", 'T' }, { "(6 ^ 3) + (6 | 1) - (6 & 3) + 7 % 4 == 13", 'T' });
}

static void comparison_is_by_value_whatever_the_signs(void **state)
{
	(void)state;
	TRUTHS({ "error < a", 'T' }, { "error < b", 'T' }, { "b > error", 'T' }, { "s == b", 'F' }, { "s != b", 'T' },
	       { "least == big", 'F' }, { "least < big", 'T' }, { "big <= least", 'F' }, { "big >= least", 'T' },
	       { "s == s64(-5)", 'T' }, { "tiny < s", 'T' }, { "w > s", 'T' }, { "n == u64(200)", 'T' }, { "s >= s", 'T' },
	       { "a <= 7", 'T' }, { "a > 7", 'F' }, { "u64(s) == s", 'F' });
}

static void casts_cut_or_extend(void **state)
{
	(void)state;
	NUMBERS({ "u8(w)", 0xfe }, { "s8(w)", -2 }, { "u64(s)", -5 }, { "u32(s)", 0xfffffffb }, { "s64(w)", 0xfffffffe },
		{ "s32(w)", -2 }, { "u64(-1)", -1 }, { "u1(a)", 1 }, { "s2(3)", -1 }, { "u12(0x12345)", 0x345 },
		{ "u64(returned)", 1 }, { "u8(returned ? -1 : 3)", 255 });
}

static void kleene_and(void **state)
{
	(void)state;
	TRUTHS({ "true && true", 'T' }, { "true && false", 'F' }, { "true && never", '?' }, { "false && true", 'F' },
	       { "false && false", 'F' }, { "false && never", 'F' }, { "never && true", '?' }, { "never && false", 'F' },
	       { "never && never", '?' });
}

static void kleene_or(void **state)
{
	(void)state;
	TRUTHS({ "true || true", 'T' }, { "true || false", 'T' }, { "true || never", 'T' }, { "false || true", 'T' },
	       { "false || false", 'F' }, { "false || never", '?' }, { "never || true", 'T' }, { "never || false", '?' },
	       { "never || never", '?' });
}

static void kleene_implication(void **state)
{
	(void)state;
	TRUTHS({ "true => true", 'T' }, { "true => false", 'F' }, { "true => never", '?' }, { "false => true", 'T' },
	       { "false => false", 'T' }, { "false => never", 'T' }, { "never => true", 'T' }, { "never => false", '?' },
	       { "never => never", '?' });
}

static void kleene_not_and_choice(void **state)
{
	(void)state;
	TRUTHS({ "!never", '?' }, { "!true", 'F' }, { "never ? true : true", 'T' }, { "never ? true : false", '?' },
	       { "(never ? 3 : 3) == 3", 'T' }, { "(never ? 3 : 4) == 3", '?' }, { "true ? never : true", '?' },
	       { "false ? never : true", 'T' });
}

static void an_unknown_operand_makes_the_result_unknown(void **state)
{
	(void)state;
	check_unknown("nothing + 1");
	check_unknown("a * nothing");
	check_unknown("-nothing");
	check_unknown("~nothing");
	check_unknown("u8(nothing)");
	check_unknown("nothing - nothing");
	check_unknown("nothing & 0");
	check_unknown("min(nothing, 1)");
	check_unknown("state[nothing]");
	check_unknown("bytes[nothing]");
	TRUTHS({ "nothing == nothing", '?' }, { "nothing < 1", '?' }, { "nothing in { 1 }", '?' },
	       { "nothing not in { 1 }", '?' });
}

static void known_asks(void **state)
{
	(void)state;
	TRUTHS({ "known(a)", 'T' }, { "known(nothing)", 'F' }, { "known(never)", 'F' }, { "known(nothing + 1)", 'F' },
	       { "known(5)", 'T' }, { "known(nothing) && nothing == 1", 'F' }, { "known(lost[0])", 'F' });
}

static void sets_hold_numbers_ranges_and_constants(void **state)
{
	(void)state;
	TRUTHS({ "a in { 7 }", 'T' }, { "a in { 1, 3..6 }", 'F' }, { "a in { 1, 3..7 }", 'T' }, { "a not in { 1, 3..7 }", 'F' },
	       { "a not in { 8 }", 'T' }, { "a in {1,2,3,4,5,6,7,8,9}", 'T' },
	       { "error in { SBI_SUCCESS, SBI_ERR_NOT_SUPPORTED }", 'T' }, { "b in { 0xffffffffffffffff }", 'T' },
	       { "b in { 0..0xffffffffffffffff }", 'T' }, { "a in { XLEN - 57 }", 'T' }, { "a & 3 in { 3 }", 'T' });
}

static void sets_with_values_below_zero(void **state)
{
	(void)state;
	TRUTHS({ "s in { -5 }", 'T' }, { "s in { -10..-1 }", 'T' }, { "s in { -4..4 }", 'F' }, { "s in { -5..5 }", 'T' },
	       { "tiny in { -128..127 }", 'T' }, { "least in { -9223372036854775808..0 }", 'T' },
	       { "error not in { -1, -20000 + 19990..-3 }", 'T' });
}

static void a_set_may_have_a_name(void **state)
{
	(void)state;
	TRUTHS({ "a in some", 'F' }, { "16 in some", 'T' }, { "error in some", 'T' }, { "s in some", 'F' },
	       { "s not in some", 'T' }, { "u64(1500) in some", 'T' });
}

static void state_is_looked_up_by_key(void **state)
{
	(void)state;
	NUMBERS({ "state[3]", 30 }, { "state[a + 1]", 80 }, { "hsm.state[1]", 2 }, { "grid[2][5]", 25 }, { "grid[2, 5]", 25 },
		{ "state[state[1]]", 100 }, { "before.sip", 0x20 }, { "trap.cause", 12 });
	TRUTHS({ "ipis[1] == 1", 'T' }, { "state[2] == 20 && hsm.state[2] == 3", 'T' });
}

static void loops_over_a_range(void **state)
{
	(void)state;
	TRUTHS({ "all(i, 0, 4, state[i] == i * 10)", 'T' }, { "all(i, 0, 4, i < 3)", 'F' }, { "any(i, 0, 4, i == 3)", 'T' },
	       { "any(i, 0, 4, i == 4)", 'F' }, { "all(i, 4, 4, false)", 'T' }, { "any(i, 4, 0, true)", 'F' },
	       { "all(i, -3, 3, i < 3)", 'T' }, { "any(i, -3, 3, i == s + 2)", 'T' }, { "all(i, 0, n, i < 200)", 'T' });
}

static void loops_may_be_nested(void **state)
{
	(void)state;
	TRUTHS({ "all(i, 0, 3, any(j, 0, 30, grid[i][0] == j))", 'T' },
	       { "any(i, 0, 3, all(j, 0, 3, grid[i][j] == 20 + j))", 'T' }, { "all(i, 0, 3, all(i, 5, 6, i == 5))", 'T' },
	       { "all(i, 0, 3, any(j, i, 3, j == 2))", 'T' });
}

static void loops_are_three_valued(void **state)
{
	(void)state;
	TRUTHS({ "all(i, 0, 4, never)", '?' }, { "all(i, 0, 4, i == 3 ? false : never)", 'F' },
	       { "any(i, 0, 4, i == 3 ? true : never)", 'T' }, { "any(i, 0, 4, i == 3 && never)", '?' },
	       { "all(i, 0, nothing, true)", '?' }, { "any(i, nothing, 4, true)", '?' });
}

static void a_loop_of_too_many_steps_is_unknown(void **state)
{
	(void)state;
	TRUTHS({ "all(i, 0, 4096, true)", 'T' }, { "all(i, 0, 4097, true)", '?' }, { "any(i, 0, 4097, true)", '?' },
	       { "all(i, 0, b, true)", '?' }, { "all(i, least, 1, true)", '?' },
	       { "all(i, 0, 4096, all(j, 0, 4096, all(k, 0, 4096, true)))", '?' });
}

/* Each with its twin that says the same, but not in a way that lets the evaluator pass over the steps whose bit is clear. */
static void check_twins(const char *quantifier, const char *neutral, const struct truth *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		char twins[2][200], explanation[500];
		const char *range = rows[i].text, *condition = strchr(strchr(range, ',') + 1, ',') + 1;
		struct truth truths[2] = { { twins[0], rows[i].expected }, { twins[1], rows[i].expected } };

		snprintf(twins[0], sizeof(twins[0]), "%s(i, %s)", quantifier, range);
		snprintf(twins[1], sizeof(twins[1]), "%s(i, %.*s %s (%s))", quantifier, (int)(condition - range), range, neutral,
			 condition);
		check_truths(truths, 2);
		snprintf(explanation, sizeof(explanation), "%s", world_explanation(twins[0]));
		assert_string_equal(world_explanation(twins[1]), explanation);
	}
}

static void any_of_the_members_of_a_set(void **state)
{
	static const struct truth rows[] = {
		{ "0, 64, bit(a, i) && i == 2", 'T' },
		{ "0, 64, bit(a, i) && i == 3", 'F' },
		{ "0, 64, bit(b, i) && i == 63", 'T' },
		{ "0, 64, bit(a, i) && state[i] == 10 && true", 'T' },
		{ "0, 64, bit(a - 7, i) && true", 'F' },
		{ "0, 64, !!bit(a, i) && i == 2", 'T' },
		{ "0, 64, !(bit(a, i) => i == 2)", 'T' },
		{ "0, 64, bit(a, i)", 'T' },
		{ "3, 64, bit(a, i)", 'F' },
		{ "2, 3, bit(a, i)", 'T' },
		{ "0, 2, bit(a, i) && i == 2", 'F' },
		{ "60, 100, bit(b, i) && i > 63", 'F' },
		{ "70, 100, bit(b, i)", 'F' },
		{ "-3, 3, bit(a, i) && i < 0", 'F' },
		{ "-3, 3, bit(a, i) && i == 2", 'T' },
		{ "-9, -3, bit(b, i)", 'F' },
		{ "0, 64, bit(s, i) && i > 31", 'F' },
		{ "0, 64, bit(s, i) && i == 31", 'T' },
		{ "0, 64, bit(tiny, i) && i != 7", 'F' },
		{ "0, 64, bit(words[3], i) && i == 27", 'T' },
		{ "0, 64, bit(a - 7, i) || i == 5", 'T' },
		{ "0, 64, bit(a, i) => false", 'T' },
		{ "0, 64, bit(a, 2) && i == 50", 'T' },
	};

	(void)state;
	check_twins("any", "true &&", rows, COUNT(rows));
}

static void all_of_the_members_of_a_set(void **state)
{
	static const struct truth rows[] = {
		{ "0, 64, bit(a, i) => i < 3", 'T' },
		{ "0, 64, bit(a, i) => i < 2", 'F' },
		{ "0, 64, !bit(a, i) || i < 3", 'T' },
		{ "0, 64, !bit(a, i) || i < 2", 'F' },
		{ "0, 64, !(bit(a, i) && i >= 2)", 'F' },
		{ "0, 64, !bit(a, i) || i < 2 || i == 2", 'T' },
		{ "0, 64, bit(a, i) && i < 3 => i < 2", 'F' },
		{ "0, 64, bit(a - 7, i) => false", 'T' },
		{ "3, 64, !bit(a, i)", 'T' },
		{ "2, 64, !bit(a, i)", 'F' },
		{ "-3, 3, bit(b, i) => i >= 0", 'T' },
		{ "0, 64, bit(s, i) => i != 31", 'F' },
		{ "0, 64, !bit(a - 7, i) && i < 60", 'F' },
		{ "0, 64, bit(b, i)", 'T' },
		{ "0, 64, bit(a, i)", 'F' },
	};

	(void)state;
	check_twins("all", "false ||", rows, COUNT(rows));
}

static void members_are_three_valued(void **state)
{
	static const struct truth any[] = {
		{ "0, 64, bit(a, i) && never", '?' },	   { "0, 64, bit(a - 7, i) && never", 'F' },
		{ "3, 64, bit(a, i) && never", 'F' },	   { "0, 64, bit(a, i) && (i == 2 || never)", 'T' },
		{ "0, 64, bit(nothing, i) && true", '?' }, { "0, 64, bit(nothing, i) && i == 70", 'F' },
		{ "0, nothing, bit(a, i)", '?' },	   { "0, 64, never && bit(a, i)", '?' },
	};
	static const struct truth all[] = {
		{ "0, 64, bit(a, i) => never", '?' },
		{ "0, 64, bit(a - 7, i) => never", 'T' },
		{ "0, 64, bit(a, i) => (i == 2 ? false : never)", 'F' },
		{ "0, 64, bit(nothing, i) => false", '?' },
		{ "0, 64, bit(nothing, i) => i < 64", 'T' },
		{ "0, 64, !bit(nothing, i) || never", '?' },
	};

	(void)state;
	check_twins("any", "true &&", any, COUNT(any));
	check_twins("all", "false ||", all, COUNT(all));
}

static void a_set_may_change_from_step_to_step(void **state)
{
	(void)state;
	TRUTHS({ "any(i, 0, 64, bit(u64(1) << i, i) && i == 40)", 'T' }, { "any(i, 0, 64, bit(i, i) && true)", 'F' },
	       { "any(i, 0, 3, any(j, 0, 64, bit(i, j) && i == 2 && j == 1))", 'T' },
	       { "any(j, 0, 4, any(i, 0, 64, bit(a, j) && i == 5 && j == 2))", 'T' },
	       { "all(j, 0, 4, any(i, 0, 64, bit(a, j) && i == 5))", 'F' }, { "any(i, 0, 64, bit(a, i + 1) && i == 1)", 'T' });
}

/* The mask once, and then two names for each of its three members. */
static void only_the_members_of_a_set_are_looked_at(void **state)
{
	(void)state;
	world_reads = 0;
	TRUTHS({ "any(i, 0, 64, bit(a, i) && state[i] == 1)", 'F' });
	assert_int_equal(world_reads, 1 + 2 * 3);
	world_reads = 0;
	TRUTHS({ "all(i, 0, 64, bit(a, i) => state[i] < 20)", 'F' });
	assert_int_equal(world_reads, 1 + 2 * 3);
}

/* Loops inside loops may take 65536 steps: 4096 + 4096 * 15. */
static void steps_that_are_passed_over_count(void **state)
{
	(void)state;
	TRUTHS({ "all(i, 0, 4096, all(j, 0, 15, bit(a - 7, j) => never))", 'T' },
	       { "all(i, 0, 4096, all(j, 0, 16, bit(a - 7, j) => never))", '?' },
	       { "all(i, 0, 4096, all(j, 0, 15, bit(0x4000, j) => true))", 'T' },
	       { "all(i, 0, 4096, all(j, 0, 16, bit(0x4000, j) => true))", '?' },
	       { "all(i, 0, 4096, all(j, 0, 16, bit(1, j) => true))", '?' },
	       { "any(i, 0, 4096, any(j, 0, 15, bit(0x4000, j) && i == 4095))", 'T' },
	       { "any(i, 0, 4096, any(j, 0, 16, bit(0x4000, j) && i == 4095))", '?' },
	       { "all(i, 0, 4096, all(j, 0, 15, true)) && all(k, 0, 1, bit(a - 7, k) => never)", '?' },
	       { "any(i, 0, 64, bit(u64(all(j, 0, 1023, true)), i) && i >= 60)", 'F' },
	       { "any(i, 0, 64, bit(u64(all(j, 0, 1024, true)), i) && i >= 60)", '?' },
	       { "any(i, 0, 64, bit(u64(zero(lost, 0, 0x20000) || true) << 60, i) && zero(bytes, 0, 1))", '?' },
	       { "any(i, 0, 4096, bit(b, i) && i == 64)", 'F' }, { "any(i, 0, 4097, bit(b, i) && true)", '?' });
	assert_string_equal(world_explanation("all(i, 0, 4096, all(j, 0, 15, true)) && any(k, 0, 1, bit(a, k))"), "");
}

static void bit_functions(void **state)
{
	(void)state;
	NUMBERS({ "bits(w, 7, 0)", 0xfe }, { "bits(w, 31, 28)", 15 }, { "bits(b, 63, 0)", -1 }, { "bits(b, 100, 60)", 15 },
		{ "bits(a, 0, 1)", 0 }, { "bits(a, 70, 64)", 0 }, { "bits(s, 31, 0)", 0xfffffffb },
		{ "bits(n, 7, 4) << 4", 0xc0 }, { "popcount(w)", 31 }, { "popcount(s)", 31 }, { "popcount(0)", 0 },
		{ "popcount(b)", 64 });
	TRUTHS({ "bit(a, 2)", 'T' }, { "bit(a, 3)", 'F' }, { "bit(b, 64)", 'F' }, { "bit(n, 7) == 1", 'T' },
	       { "bit(a, 3) == 0", 'T' });
}

static void arithmetic_functions(void **state)
{
	(void)state;
	NUMBERS({ "min(a, n)", 7 }, { "max(a, n)", 200 }, { "min(error, s)", -5 }, { "max(error, s)", -2 }, { "min(a, 3)", 3 },
		{ "max(-1, 1)", 1 }, { "min(-1, 1)", -1 }, { "min(a, b)", 7 });
	TRUTHS({ "aligned(0x1000, 4096)", 'T' }, { "aligned(a, 8)", 'F' }, { "aligned(a, 7)", 'T' }, { "aligned(a, 0)", 'F' },
	       { "aligned(0, 0)", 'T' });
}

static void questions_about_cpus(void **state)
{
	(void)state;
	TRUTHS({ "is_hart(0)", 'T' }, { "is_hart(5)", 'T' }, { "is_hart(2)", 'F' }, { "is_hart(nothing)", '?' },
	       { "harts_in(3, 0)", 'T' }, { "harts_in(0x23, 0)", 'T' }, { "harts_in(4, 0)", 'F' }, { "harts_in(1, 5)", 'T' },
	       { "harts_in(0, 77)", 'T' }, { "harts_in(b, b)", 'T' }, { "harts_in(8, b - 1)", 'F' },
	       { "harts_in(1, u32(0xffffffff))", 'T' }, { "harts_in(4, -1)", 'T' });
	TRUTHS({ "targets(0, 1, 0)", 'T' }, { "targets(1, 1, 0)", 'F' }, { "targets(5, 1, 5)", 'T' }, { "targets(5, b, 6)", 'F' },
	       { "targets(64, b, 0)", 'F' }, { "targets(63, b, 0)", 'T' }, { "targets(5, 0, b)", 'T' },
	       { "targets(2, 0, b)", 'F' });
}

static void questions_about_the_machine(void **state)
{
	(void)state;
	TRUTHS({ "accessible(0, 8, 8)", 'T' }, { "accessible(1, 8, 8)", 'F' }, { "accessible(0, 0x1000, 8)", '?' },
	       { "present(hsm)", 'T' }, { "present(pmu)", 'F' }, { "accessible(0, nothing, 8)", '?' });
}

static void memory_is_read_in_units_of_its_type(void **state)
{
	(void)state;
	NUMBERS({ "bytes[3]", 3 }, { "words[1]", 0x07060504 }, { "records[1].kind", 8 }, { "records[1].size", 0x0f0e0d0c },
		{ "bytes[bytes[3] + 1]", 4 }, { "records[bytes[0]].kind", 0 });
	check_unknown("bytes[16]");
	check_unknown("bytes[-1]");
	check_unknown("words[4]");
	check_unknown("words[0x4000000000000000]");
	check_unknown("lost[0]");
}

static void old_reads_memory_before_the_call(void **state)
{
	(void)state;
	NUMBERS({ "old(bytes[0])", 15 }, { "old(words[0])", 0x0c0d0e0f }, { "old(records[0].kind)", 15 },
		{ "bytes[0] + old(bytes[1])", 14 }, { "old(bytes[1] + bytes[2])", 27 }, { "old(bytes[bytes[15]])", 15 });
	TRUTHS({ "all(i, 0, 16, old(bytes[i]) == 15 - i)", 'T' }, { "old(bytes[0]) != bytes[0]", 'T' });
}

static void a_pointer_without_an_index_is_its_address(void **state)
{
	(void)state;
	NUMBERS({ "bytes", 0x1000 }, { "words + 8", 0x2008 });
	TRUTHS({ "aligned(bytes, 16)", 'T' }, { "accessible(0, bytes, 1)", '?' });
}

static void memory_may_be_compared_with_what_it_was(void **state)
{
	(void)state;
	TRUTHS({ "unchanged(same)", 'T' }, { "unchanged(bytes)", 'F' }, { "unchanged(lost)", '?' },
	       { "unchanged(same, 0, 40)", 'T' }, { "unchanged(same, 3, 20)", 'T' }, { "unchanged(same, 0, 41)", '?' },
	       { "unchanged(bytes, 0, 41)", 'F' }, { "unchanged(bytes, 3, 0)", 'T' }, { "unchanged(lost, 0, 0)", 'T' },
	       { "unchanged(same, b, 2)", '?' }, { "unchanged(same, 0, b)", '?' }, { "unchanged(same, 0, nothing)", '?' });
}

static void memory_may_be_compared_with_zero(void **state)
{
	(void)state;
	TRUTHS({ "zero(same, 0, 33)", 'T' }, { "zero(same, 0, 34)", 'F' }, { "zero(same, 1, 7)", 'T' },
	       { "zero(bytes, 0, 1)", 'T' }, { "zero(bytes, 0, 2)", 'F' }, { "zero(lost, 0, 8)", '?' },
	       { "old(zero(bytes, 15, 1))", 'T' }, { "zero(same)", 'F' });
	TRUTHS({ "zero(lost, 0, 0x100000000)", '?' }, { "all(i, 0, 4096, zero(bytes, 0, 1))", 'T' },
	       { "all(i, 0, 4096, zero(lost, 0, 0x10000) || true)", 'T' });
}

static void memory_of_which_nothing_is_known_is_not_read(void **state)
{
	(void)state;
	world_loads = 0;
	TRUTHS({ "unchanged(lost, 0, 0x10000)", '?' }, { "zero(lost, 8, 0x10000)", '?' }, { "old(zero(lost, 8, 1))", '?' });
	assert_int_equal(world_loads, 0);
	/* It counts all the same: what is compared in one evaluation has a limit. */
	TRUTHS({ "zero(lost, 0, 0x3fffff) || zero(bytes, 0, 1)", 'T' }, { "zero(lost, 0, 0x400000) || zero(bytes, 0, 1)", '?' },
	       { "zero(lost, b, 0x400000) || zero(bytes, 0, 1)", 'T' });
}

static void bytes_of_a_structure_are_summed_modulo_256(void **state)
{
	(void)state;
	NUMBERS({ "sum8(0, 16)", 120 }, { "sum8(15, 1) + 250", 9 }, { "sum8(3, 0)", 0 });
	TRUTHS({ "sum8(0, 1) == 0", 'T' }, { "sum8(0, 17) == 0", '?' }, { "sum8(0, b) == 0", '?' });
}

static void truth_values_count_as_one_bit(void **state)
{
	(void)state;
	TRUTHS({ "flag", 'T' }, { "flag && returned", 'T' }, { "flag == returned", 'T' }, { "returned == 1", 'T' },
	       { "trapped == 0", 'T' }, { "trapped != returned", 'T' }, { "(returned ? flag : trapped) == true", 'T' });
	NUMBERS({ "returned", 1 }, { "a == 8", 0 }, { "flag", 1 });
}

static void a_range_of_a_set_counts_upwards_in_64_bits(void **state)
{
	struct int_range ranges[] = { { INT64_MIN, -1 }, { 3, 5 } };
	struct int_set set = { NULL, 2, ranges };

	(void)state;
	assert_true(int_set_has(&set, UINT64_C(1) << 63));
	assert_true(int_set_has(&set, ~UINT64_C(0)));
	assert_true(int_set_has(&set, 4));
	assert_false(int_set_has(&set, 2));
	assert_false(int_set_has(&set, (UINT64_C(1) << 63) - 1));
}

static void a_cast_of_a_value_keeps_what_is_unknown(void **state)
{
	(void)state;
	assert_false(value_cast(value_unknown(), (struct int_type){ 8, false }).known);
	assert_int_equal(value_cast(value_of(0x1ff, (struct int_type){ 64, false }), (struct int_type){ 8, true }).bits,
			 (uint64_t)-1);
	assert_int_equal(value_cast(value_of(4, (struct int_type){ 64, false }), (struct int_type){ 0, false }).bits, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_may_be_decimal_hexadecimal_or_binary),
		cmocka_unit_test(multiplication_binds_tighter_than_addition),
		cmocka_unit_test(shifts_bind_looser_than_addition),
		cmocka_unit_test(bitwise_operators_bind_tighter_than_comparison),
		cmocka_unit_test(and_binds_tighter_than_exclusive_or_and_that_than_or),
		cmocka_unit_test(order_comparison_binds_tighter_than_equality),
		cmocka_unit_test(logic_binds_loosest_and_implication_goes_to_the_right),
		cmocka_unit_test(choice_binds_loosest_of_all_and_goes_to_the_right),
		cmocka_unit_test(prefixes_bind_tighter_than_every_operator),
		cmocka_unit_test(arithmetic_wraps_in_the_wider_type),
		cmocka_unit_test(signed_arithmetic_wraps_too),
		cmocka_unit_test(division_by_zero_is_all_ones),
		cmocka_unit_test(remainder_by_zero_is_the_dividend),
		cmocka_unit_test(the_smallest_number_divided_by_minus_one_wraps),
		cmocka_unit_test(a_shift_by_the_width_or_more_leaves_nothing_but_the_sign),
		cmocka_unit_test(a_literal_takes_the_type_of_the_other_side),
		cmocka_unit_test(arithmetic_over_literals_is_exact),
		cmocka_unit_test(comparison_is_by_value_whatever_the_signs),
		cmocka_unit_test(casts_cut_or_extend),
		cmocka_unit_test(kleene_and),
		cmocka_unit_test(kleene_or),
		cmocka_unit_test(kleene_implication),
		cmocka_unit_test(kleene_not_and_choice),
		cmocka_unit_test(an_unknown_operand_makes_the_result_unknown),
		cmocka_unit_test(known_asks),
		cmocka_unit_test(sets_hold_numbers_ranges_and_constants),
		cmocka_unit_test(sets_with_values_below_zero),
		cmocka_unit_test(a_set_may_have_a_name),
		cmocka_unit_test(state_is_looked_up_by_key),
		cmocka_unit_test(loops_over_a_range),
		cmocka_unit_test(loops_may_be_nested),
		cmocka_unit_test(loops_are_three_valued),
		cmocka_unit_test(a_loop_of_too_many_steps_is_unknown),
		cmocka_unit_test(any_of_the_members_of_a_set),
		cmocka_unit_test(all_of_the_members_of_a_set),
		cmocka_unit_test(members_are_three_valued),
		cmocka_unit_test(a_set_may_change_from_step_to_step),
		cmocka_unit_test(only_the_members_of_a_set_are_looked_at),
		cmocka_unit_test(steps_that_are_passed_over_count),
		cmocka_unit_test(bit_functions),
		cmocka_unit_test(arithmetic_functions),
		cmocka_unit_test(questions_about_cpus),
		cmocka_unit_test(questions_about_the_machine),
		cmocka_unit_test(memory_is_read_in_units_of_its_type),
		cmocka_unit_test(old_reads_memory_before_the_call),
		cmocka_unit_test(a_pointer_without_an_index_is_its_address),
		cmocka_unit_test(memory_may_be_compared_with_what_it_was),
		cmocka_unit_test(memory_may_be_compared_with_zero),
		cmocka_unit_test(memory_of_which_nothing_is_known_is_not_read),
		cmocka_unit_test(bytes_of_a_structure_are_summed_modulo_256),
		cmocka_unit_test(truth_values_count_as_one_bit),
		cmocka_unit_test(a_range_of_a_set_counts_upwards_in_64_bits),
		cmocka_unit_test(a_cast_of_a_value_keeps_what_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
