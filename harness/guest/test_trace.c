/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made of QEMU's log: one call's instructions, loops folded, and never more than fits. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/trace.h"
#include "guest/trace_fold.h"

/* ---- folding ---- */

static void write_address(void *out, uint64_t number, uint64_t address, const char *note)
{
	fprintf(out, "%" PRIu64 ":%" PRIx64 "%s%s ", number, address, note ? "/" : "", note ? note : "");
}

static void write_repeat(void *out, size_t length, uint64_t times)
{
	fprintf(out, "(%zu x%" PRIu64 ") ", length, times);
}

static void write_gap(void *out, uint64_t left_out)
{
	fprintf(out, "[%" PRIu64 "] ", left_out);
}

static void write_all(const struct fold *fold, char **text)
{
	size_t size;
	FILE *out = open_memstream(text, &size);
	const struct fold_printer printer = { out, write_address, write_repeat, write_gap };

	fold_print(fold, &printer);
	fclose(out);
}

static void assert_written(struct fold *fold, const char *expected)
{
	char *text = NULL;

	write_all(fold, &text);
	assert_string_equal(text, expected);
	free(text);
	fold_free(fold);
}

static void add_rounds(struct fold *fold, unsigned rounds, const char *addresses)
{
	while (rounds--)
		for (const char *at = addresses; *at; at++)
			fold_add(fold, (uint64_t)(*at - 'a') + 0xa);
}

static void what_does_not_repeat_is_kept_as_it_is(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	add_rounds(fold, 1, "abcab");
	assert_written(fold, "1:a 2:b 3:c 4:a 5:b ");
}

static void a_loop_is_kept_once_and_counted(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	add_rounds(fold, 1000, "bcd");
	add_rounds(fold, 1, "f");
	assert_int_equal(fold_count(fold), 3001);
	assert_written(fold, "1:b 2:c 3:d (3 x998) 2998:b 2999:c 3000:d 3001:f ");
}

static void a_jump_to_itself_is_a_loop(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	add_rounds(fold, 50, "c");
	assert_written(fold, "1:c (1 x48) 50:c ");
}

static void loops_in_loops_fold_from_the_inside(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		add_rounds(fold, 1, "a");
		add_rounds(fold, 10, "bc");
		add_rounds(fold, 1, "d");
	}
	/* the last round of each loop is never compared: nothing goes back after it */
	assert_written(fold, "1:a 2:b 3:c (2 x8) 20:b 21:c 22:d (7 x18) 419:a 420:b 421:c (2 x8) 438:b 439:c 440:d ");
}

static void a_round_that_differs_is_no_repeat(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	add_rounds(fold, 1, "bdbcdbd");
	assert_written(fold, "1:b 2:d 3:b 4:c 5:d 6:b 7:d ");
}

static void what_was_not_executed_is_taken_back(void **state)
{
	struct fold *fold = fold_new();

	(void)state;
	add_rounds(fold, 1, "ab");
	fold_take_back(fold, 0xb);
	fold_take_back(fold, 0xf);
	add_rounds(fold, 1, "b");
	assert_written(fold, "1:a 2:b ");
}

static void what_never_repeats_keeps_its_beginning_and_its_end(void **state)
{
	struct fold *fold = fold_new();
	const char *gap, *behind;
	uint64_t left_out, next;
	char *text = NULL;

	(void)state;
	for (uint64_t i = 1; i <= 1000000; i++)
		fold_add(fold, i);
	assert_true(fold_size(fold) <= 120000);
	write_all(fold, &text);
	gap = strchr(text, '[');
	assert_non_null(gap);
	assert_null(strchr(gap + 1, '['));
	left_out = strtoull(gap + 1, NULL, 10);
	behind = strchr(gap, ' ') + 1;
	next = strtoull(behind, NULL, 10);
	/* the numbers tell the truth: 40000 before the gap, what was left out, and all the rest */
	assert_int_equal(next, 40000 + left_out + 1);
	assert_non_null(strstr(behind, "1000000:f4240 "));
	free(text);
	fold_free(fold);
}

/* ---- reading ---- */

static void feed(struct trace *trace, const char *text)
{
	/* in pieces, as a pipe delivers it */
	for (size_t i = 0; i < strlen(text); i += 7)
		trace_feed(trace, text + i, strlen(text + i) < 7 ? strlen(text + i) : 7);
}

static void assert_printed(struct trace *trace, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trace_print(trace, NULL, out);
	fclose(out);
	if (!strstr(text, expected))
		fail_msg("`%s` is not in:\n%s", expected, text);
	free(text);
}

#define EXEC(cpu, pc) "Trace " #cpu ": 0x7f8a4014bd40 [0000000000000000/00000000800" #pc "/00209003/ff020201] \n"
#define DUMP(a0)      " V      =   0\n pc       0000000080000804\n x0/zero  0000000000000000 x10/a0   000000000000000" #a0 "\n"

static void a_call_begins_at_the_gate_and_ends_behind_it(void **state)
{
	struct trace *trace = trace_new(0x80000100, 1000);

	(void)state;
	feed(trace, EXEC(0, 00010));
	assert_int_equal(trace_state(trace), TRACE_BEFORE);
	feed(trace, EXEC(1, 00100) EXEC(0, 00020) EXEC(1, 00030));
	assert_int_equal(trace_state(trace), TRACE_INSIDE);
	feed(trace, EXEC(0, 00104) EXEC(1, 00104) EXEC(1, 00040));
	assert_int_equal(trace_state(trace), TRACE_RETURNED);
	assert_int_equal(trace_count(trace), 2);
	trace_free(trace);
}

static void instructions_have_their_text_and_what_they_changed(void **state)
{
	struct trace *trace = trace_new(0x80000100, 1000);

	(void)state;
	feed(trace,
	     "----------------\nIN: \nPriv: 1; Virt: 0\n0x0000000080000100:  00000073          ecall                   \n\n");
	feed(trace, EXEC(0, 00100) DUMP(1));
	feed(trace, "0x0000000080000200:  0505              addi                    a0,a0,1\n" EXEC(0, 00200) DUMP(1));
	feed(trace, EXEC(0, 00202) DUMP(2));
	assert_printed(trace, "80000200                                   addi a0,a0,1\t; a0=0x2\n");
	assert_printed(trace, " ecall \n");
	trace_free(trace);
}

/* Other architectures print bytes one by one. */
static void the_bytes_of_an_instruction_are_left_out(void **state)
{
	struct trace *trace = trace_new(0x80000100, 1000);

	(void)state;
	feed(trace, "0x80000100:  0f 06                    clts     \n" EXEC(0, 00100));
	feed(trace, "0x80000102:  c3                       retl     \n" EXEC(0, 00200));
	assert_printed(trace, "80000100                                   clts ");
	trace_free(trace);
}

static void another_cpu_changes_nothing(void **state)
{
	struct trace *trace = trace_new(0x80000100, 1000);

	(void)state;
	feed(trace, EXEC(0, 00100) DUMP(1) EXEC(1, 00200) DUMP(5) EXEC(0, 00300) DUMP(1));
	assert_int_equal(trace_count(trace), 2);
	assert_printed(trace, "80000100                                   ?\n");
	trace_free(trace);
}

static void a_chain_that_was_stopped_did_not_execute(void **state)
{
	struct trace *trace = trace_new(0x80000100, 1000);

	(void)state;
	feed(trace, EXEC(0, 00100) EXEC(0, 00200) "Stopped execution of TB chain before 0x7f8a4014bd40 [0000000080000200] \n");
	assert_int_equal(trace_count(trace), 1);
	trace_free(trace);
}

static void a_call_that_goes_on_and_on_is_cut_off(void **state)
{
	struct trace *trace = trace_new(0x80000100, 5);

	(void)state;
	feed(trace, EXEC(0, 00100));
	for (unsigned i = 0; i < 10; i++)
		feed(trace, EXEC(0, 00200));
	assert_int_equal(trace_state(trace), TRACE_FULL);
	assert_int_equal(trace_count(trace), 5);
	trace_free(trace);
}

static void a_cpu_that_stops_while_others_go_on_is_seen(void **state)
{
	struct trace *trace = trace_new(0x80000100, 500000);

	(void)state;
	feed(trace, EXEC(0, 00100) EXEC(0, 00200));
	for (unsigned i = 0; i < 250000; i++) {
		trace_feed(trace, EXEC(1, 00300), strlen(EXEC(1, 00300)));
		if (i == 100000)
			feed(trace, EXEC(0, 00204));
		assert_int_equal(trace_state(trace), TRACE_INSIDE);
	}
	for (unsigned i = 0; i < 50001; i++)
		trace_feed(trace, EXEC(1, 00300), strlen(EXEC(1, 00300)));
	assert_int_equal(trace_state(trace), TRACE_STILL);
	assert_int_equal(trace_count(trace), 3);
	trace_free(trace);
}

static void what_is_no_log_does_no_harm(void **state)
{
	struct trace *trace = trace_new(0x80000100, 5);
	char line[5000];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = 0;
	feed(trace, "Trace\nTrace 1: nothing [/\n0x\n0xzz:\n0x5:\nStopped\n\n = = =\n");
	feed(trace, EXEC(0, 00100));
	for (unsigned i = 0; i < 400; i++)
		feed(trace, "name 0123456789abcdef other 0123456789abcdef\n");
	feed(trace, line);
	feed(trace, "\nTrace 0: 0x1 [0/80000200/1/1]\n");
	assert_int_equal(trace_count(trace), 2);
	trace_free(trace);
}

/* ---- names ---- */

static void addresses_get_the_names_of_an_elf_file(void **state)
{
	static const char path[] = ASSAY_BUILD "/probes/riscv64.elf";
	uint64_t offset = 1, moved;
	struct symbols *symbols;
	struct err err = { 0 };

	(void)state;
	if (access(path, R_OK))
		skip();
	symbols = symbols_new(path, 0x1000, &err);
	assert_non_null(symbols);
	assert_int_equal(symbols_moved(path, 0x1000, &moved), 0);
	assert_int_equal(0x80200000 + moved, 0x1000);
	assert_string_equal(symbols_find(symbols, 0x1000, &offset), "_start");
	assert_int_equal(offset, 0);
	assert_non_null(symbols_find(symbols, 0x1002, &offset));
	assert_int_equal(offset, 2);
	assert_null(symbols_find(symbols, 0xfff, &offset));
	assert_null(symbols_find(symbols, UINT64_MAX, &offset));
	assert_null(symbols_find(NULL, 0x1000, &offset));
	symbols_free(symbols);
	assert_null(symbols_new("/dev/null", 0, &err));
	assert_null(symbols_new("/nowhere", 0, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_repeat_is_kept_as_it_is),
		cmocka_unit_test(a_loop_is_kept_once_and_counted),
		cmocka_unit_test(a_jump_to_itself_is_a_loop),
		cmocka_unit_test(loops_in_loops_fold_from_the_inside),
		cmocka_unit_test(a_round_that_differs_is_no_repeat),
		cmocka_unit_test(what_was_not_executed_is_taken_back),
		cmocka_unit_test(what_never_repeats_keeps_its_beginning_and_its_end),
		cmocka_unit_test(a_call_begins_at_the_gate_and_ends_behind_it),
		cmocka_unit_test(instructions_have_their_text_and_what_they_changed),
		cmocka_unit_test(the_bytes_of_an_instruction_are_left_out),
		cmocka_unit_test(another_cpu_changes_nothing),
		cmocka_unit_test(a_chain_that_was_stopped_did_not_execute),
		cmocka_unit_test(a_call_that_goes_on_and_on_is_cut_off),
		cmocka_unit_test(a_cpu_that_stops_while_others_go_on_is_seen),
		cmocka_unit_test(what_is_no_log_does_no_harm),
		cmocka_unit_test(addresses_get_the_names_of_an_elf_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
