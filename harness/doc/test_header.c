/* SPDX-License-Identifier: BSD-2-Clause */
/* test_header.c - which registers a call stub loads, reads and gives up, and what has no stub. Compiling and running: tests/. */
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
#include "doc/header.h"

static const char toy[] = "assay: 1\n"
			  "interface: toy\n"
			  "title: A toy\n"
			  "document: { title: The toy, revision: '1' }\n"
			  "versions: ['1', '2']\n"
			  "convention:\n"
			  "  gate: trap\n"
			  "  word: 64\n"
			  "  byte_order: little\n"
			  "  selector: { fid: a7 }\n"
			  "  arguments: [a0, a1]\n"
			  "  results: [{ name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 }]\n"
			  "  preserved: { only: [a7, s0], cite: '1' }\n"
			  "  success: { error: OK }\n"
			  "  status: error\n"
			  "  deadline: 1ms\n"
			  "  cites: { returns: '1' }\n"
			  "errors: { OK: 0, TOY_BAD: -2 }\n"
			  "chapters:\n"
			  "  - chapter: box\n"
			  "    title: Boxes\n"
			  "    cite: '1'\n"
			  "    entries:\n"
			  "      - name: open\n"
			  "        cite: '1'\n"
			  "        call: { fid: 3 }\n"
			  "        args:\n"
			  "          - { name: delete, type: { base: s32, enum: { RED: 1, TOY_BOX_BLUE: -1 } } }\n"
			  "          - { name: to, type: u64, buffer: { size: 8, direction: in, of: u16 } }\n"
			  "        errors: [OK]\n"
			  "        rules: [{ id: opens, cite: '1', must: 'error == OK' }]\n"
			  "      - name: kept\n"
			  "        cite: '1'\n"
			  "        call: { fid: 4 }\n"
			  "        args: [{ name: x, type: { base: u64, flags: { BIG: 4 } } }]\n"
			  "        results: [{ name: status, type: s32, in: a0 }, { name: flags, type: u64, in: psw }]\n"
			  "        preserved: { all_but: [a0, psw], cite: '1' }\n"
			  "        rules: [{ id: works, cite: '1', must: 'status == 0' }]\n"
			  "      - name: odd\n"
			  "        cite: '1'\n"
			  "        since: '2'\n"
			  "        call: { fid: 5 }\n"
			  "        args: [{ name: x, type: u64, in: stack+8 }]\n"
			  "        rules: [{ id: works, cite: '1', must: 'error == OK' }]\n"
			  "      - name: unknown\n"
			  "        cite: '1'\n"
			  "        args: [{ name: fid, type: { base: u32, except: [3..5] }, in: a7 }]\n"
			  "        rules: [{ id: says-so, cite: '1', must: 'error == TOY_BAD' }]\n";

static const struct gate_stub stub = {
	.condition = "defined(__toy__)",
	.call = "trap",
	.word = 64,
	.register_count = 4,
	.registers = { "a0", "a1", "a7", "t0" },
};

static char *header(int version, size_t stubs)
{
	static const struct gate_stub *const list[] = { &stub };
	char path[] = "/tmp/assay-header-XXXXXX.yaml", *text = NULL;
	struct findings *findings = findings_new();
	struct err err = { .message = "" };
	int file = mkstemps(path, 5);
	struct spec *spec;
	size_t size;
	FILE *out;

	assert_true(file >= 0);
	assert_int_equal(write(file, toy, strlen(toy)), strlen(toy));
	close(file);
	spec = spec_load(path, findings, &err);
	unlink(path);
	findings_free(findings);
	if (!spec)
		fail_msg("%s", err.message);
	out = open_memstream(&text, &size);
	assert_int_equal(header_write(spec, version, list, stubs, out), 0);
	fclose(out);
	spec_free(spec);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no `%s` in\n%s", part, text);
}

static void numbers_have_upstreams_names_with_the_interfaces_before_them(void **state)
{
	char *text = header(1, 1);

	(void)state;
	has(text, "#define TOY_OK                                           0\n");
	has(text, "#define TOY_BAD                                          (-2)\n");
	has(text, "#define TOY_BOX_RED                                      1\n");
	has(text, "#define TOY_BOX_BLUE                                     (-1)\n");
	has(text, "#define TOY_BOX_BIG                                      0x10\n");
	has(text, "#define TOY_BOX_OPEN_FID                                 3\n");
	free(text);
}

/* All but a7 and s0 may change: t0, which the call does not use, is given up; a7 is only read. */
static void what_is_not_kept_is_an_output_or_given_up(void **state)
{
	char *text = header(1, 1);

	(void)state;
	has(text, "static __inline__ struct toy_result toy_box_open(int32_t delete_, const uint16_t *to)\n");
	has(text, "register uint64_t r_a0 __asm__(\"a0\") = (uint64_t)(int64_t)delete_;\n");
	has(text, "register uint64_t r_a1 __asm__(\"a1\") = (uint64_t)(uintptr_t)to;\n");
	has(text, "\t\t: \"+r\"(r_a0), \"+r\"(r_a1)\n\t\t: \"r\"(r_a7)\n\t\t: \"memory\", \"t0\");\n");
	free(text);
}

static void an_entry_may_keep_more_and_return_less(void **state)
{
	char *text = header(1, 1);

	(void)state;
	has(text, "/* flags is in psw, which is no register of C's, and is not returned. */\n");
	has(text, "static __inline__ int32_t toy_box_kept(uint64_t x)\n");
	has(text, "\t\t: \"+r\"(r_a0)\n\t\t: \"r\"(r_a7)\n\t\t: \"memory\");\n\treturn (int32_t)r_a0;\n");
	free(text);
}

static void what_c_cannot_do_is_said(void **state)
{
	char *text = header(1, 1), *old = header(0, 1), *none = header(1, 0);

	(void)state;
	has(text, "/* box.odd has no function: an argument is where C puts none. */\n");
	has(text, "/* box.unknown has no function: it says what unknown calls do. */\n");
	assert_null(strstr(old, "box.odd"));
	has(none, "how C gets to the gate `trap`");
	assert_null(strstr(none, "__asm__"));
	free(text);
	free(old);
	free(none);
}

static void a_file_of_stubs_is_read_and_its_mistakes_are_found(void **state)
{
	static const char *const wrong[] = { "trap: { call: x }\n", "trap: [1]\n",
					     "trap: { condition: c, word: 64, call: x, registers: y }\n",
					     "trap: { condition: c, word: 64, call: x, only: 1 }\n", "{" };
	char path[] = "/tmp/assay-stubs-XXXXXX";
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		arena_auto struct arena *arena = arena_new();
		struct err err = { .message = "" };

		assert_int_equal(ftruncate(file, 0), 0);
		assert_int_equal(pwrite(file, wrong[i], strlen(wrong[i]), 0), strlen(wrong[i]));
		assert_null(stub_load(arena, path, "trap", &err));
		assert_int_equal(err.code, EXIT_USAGE);
	}
	close(file);
	unlink(path);
}

static void the_stubs_of_the_tree_are_sound(void **state)
{
	static const char *const known[][2] = { { "riscv64", "ecall" }, { "i386", "vmi_rom" } };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		arena_auto struct arena *arena = arena_new();
		struct err err = { .message = "" };
		const char *path = arena_printf(arena, "%s/probes/arch/%s/stubs.yaml", ASSAY_SOURCE, known[i][0]);

		assert_non_null(stub_load(arena, path, known[i][1], &err));
		assert_null(stub_load(arena, path, "nothing", &err));
		assert_null(stub_load(arena, "/nowhere", "nothing", &err));
		assert_int_equal(err.code, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_upstreams_names_with_the_interfaces_before_them),
		cmocka_unit_test(what_is_not_kept_is_an_output_or_given_up),
		cmocka_unit_test(an_entry_may_keep_more_and_return_less),
		cmocka_unit_test(what_c_cannot_do_is_said),
		cmocka_unit_test(a_file_of_stubs_is_read_and_its_mistakes_are_found),
		cmocka_unit_test(the_stubs_of_the_tree_are_sound),
	};

	return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
