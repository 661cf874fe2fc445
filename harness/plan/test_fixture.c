/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "plan/test_fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] =
	"assay: 1\n"
	"interface: toy\n"
	"title: A toy\n"
	"document: { title: The toy, short: Toy, revision: '2', url: 'https://example.org/toy' }\n"
	"versions: ['1', '2', '3']\n"
	"convention:\n"
	"  gate: ecall\n"
	"  word: 64\n"
	"  byte_order: little\n"
	"  selector: { fid: a7 }\n"
	"  arguments: [a0, a1, a2, a3, a4, a5]\n"
	"  results: [{ name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 }]\n"
	"  preserved: { all_but: [a0, a1], cite: '1' }\n"
	"  success: { error: OK }\n"
	"  status: error\n"
	"  unsupported: { must: 'error == NO_CALL', cite: '1' }\n"
	"  bring_up: { entry: cpu.start, args: { cpu: hart, entry: park } }\n"
	"  deadline: 1ms\n"
	"  cites: { returns: '1' }\n"
	"errors: { OK: 0, NO_CALL: -1, BAD_ARGUMENT: -2, BAD_STATE: -3 }\n"
	"types: { run: { base: u8, enum: { CLOSED: 0, OPEN: 1, RUNNING: 2 } } }\n"
	"facts: [boot_hart, self]\n"
	"chapters:\n"
	"  - chapter: cpu\n"
	"    title: Processors\n"
	"    cite: '2'\n"
	"    state: { on: { index: [u64], type: u1, init: 'key == boot_hart' } }\n"
	"    entries:\n"
	"      - name: start\n"
	"        cite: '2.1'\n"
	"        call: { fid: 1 }\n"
	"        args: [{ name: cpu, type: u64, role: hart }, { name: entry, type: u64, code: park }]\n"
	"        errors: [OK, BAD_ARGUMENT, BAD_STATE]\n"
	"        rules:\n"
	"          - { id: unknown-cpu, cite: '2.1', when: '!is_hart(cpu)', must: 'error == BAD_ARGUMENT' }\n"
	"          - { id: already-on, cite: '2.1', when: 'is_hart(cpu) && on[cpu] == 1', must: 'error == BAD_STATE' }\n"
	"          - { id: off, cite: '2.1', when: 'is_hart(cpu) && on[cpu] == 0 && accessible(0, entry, 4)', must: 'error == OK' }\n"
	"        effects: [{ when: 'error == OK', set: { 'on[cpu]': '1' } }]\n"
	"      - name: stop\n"
	"        cite: '2.2'\n"
	"        call: { fid: 2 }\n"
	"        caller: secondary\n"
	"        outcomes: [stops, returns]\n"
	"        errors: [BAD_STATE]\n"
	"        rules: [{ id: stops, cite: '2.2', must: 'stopped' }]\n"
	"        effects: [{ when: stopped, set: { 'on[self]': '0' } }]\n"
	"  - chapter: box\n"
	"    title: Boxes\n"
	"    cite: '3'\n"
	"    state: { box_run: { index: [u64], type: run, init: CLOSED } }\n"
	"    entries:\n"
	"      - name: open\n"
	"        cite: '3.1'\n"
	"        call: { fid: 3 }\n"
	"        args: [{ name: flags, type: { base: u32, flags: { BIG: 0, RED: 4 }, except: [0x10000..0xffffffff] } }]\n"
	"        results: [{}, { name: value, type: u64, produces: box }]\n"
	"        errors: [OK, BAD_ARGUMENT]\n"
	"        rules: [{ id: reserved, cite: '3.1', when: '(flags & 0xffee) != 0', must: 'error == BAD_ARGUMENT' }]\n"
	"        effects: [{ when: 'error == OK', set: { 'box_run[value]': OPEN } }]\n"
	"      - name: run\n"
	"        cite: '3.2'\n"
	"        call: { fid: 4 }\n"
	"        args: [{ name: box, type: u64, handle: box }, { name: speed, type: u16 }]\n"
	"        errors: [OK, BAD_ARGUMENT, BAD_STATE]\n"
	"        rules:\n"
	"          - { id: closed, cite: '3.2', when: 'box_run[box] == CLOSED', must: 'error == BAD_ARGUMENT' }\n"
	"          - { id: running, cite: '3.2', when: 'box_run[box] == RUNNING', must: 'error == BAD_STATE' }\n"
	"          - { id: open, cite: '3.2', when: 'box_run[box] == OPEN && speed < 1000', must: 'error == OK' }\n"
	"          - { id: later-rule, cite: '3.2', since: '3', when: 'speed == 7', must: 'error == OK' }\n"
	"        effects: [{ when: 'error == OK', set: { 'box_run[box]': RUNNING } }]\n"
	"      - name: halt\n"
	"        cite: '3.3'\n"
	"        call: { fid: 5 }\n"
	"        args: [{ name: box, type: u64, handle: box }]\n"
	"        errors: [OK, BAD_ARGUMENT, BAD_STATE]\n"
	"        rules:\n"
	"          - { id: running, cite: '3.3', when: 'box_run[box] == RUNNING', must: 'error == OK' }\n"
	"          - { id: not-running, cite: '3.3', when: 'box_run[box] == OPEN', must: 'error == BAD_STATE' }\n"
	"        effects: [{ when: 'error == OK', set: { 'box_run[box]': OPEN } }]\n"
	"      - name: shut\n"
	"        cite: '3.4'\n"
	"        call: { fid: 6 }\n"
	"        args: [{ name: box, type: u64, handle: box }]\n"
	"        errors: [OK, BAD_ARGUMENT, BAD_STATE]\n"
	"        rules:\n"
	"          - { id: open, cite: '3.4', when: 'box_run[box] == OPEN', must: 'error == OK' }\n"
	"          - { id: busy, cite: '3.4', when: 'box_run[box] == RUNNING', must: 'error == BAD_STATE' }\n"
	"        effects: [{ when: 'error == OK', set: { 'box_run[box]': CLOSED } }]\n"
	"      - name: fill\n"
	"        cite: '3.5'\n"
	"        call: { fid: 7 }\n"
	"        args:\n"
	"          - { name: where, type: u64, buffer: { size: 'length * 4', direction: in, align: 4, high: upper, of: u32 } }\n"
	"          - { name: upper, type: u64, high_of: where }\n"
	"          - { name: length, type: u64, length_of: where, unit: 4 }\n"
	"        errors: [OK, BAD_ARGUMENT]\n"
	"        rules:\n"
	"          - { id: holds-nine, cite: '3.5', when: 'length == 1 && where[0] == 256', must: 'error == OK' }\n"
	"          - { id: nowhere, cite: '3.5', when: '!accessible(upper, where, length)', must: 'error == BAD_ARGUMENT' }\n"
	"        samples: [{ length: 2, where: [5, 6] }]\n"
	"      - name: explode\n"
	"        cite: '3.6'\n"
	"        call: { fid: 8 }\n"
	"        args: [{ name: how, type: { base: u32, enum: { LOUD: 0, QUIET: 1 } } }]\n"
	"        outcomes: [returns, reset]\n"
	"        errors: [BAD_ARGUMENT]\n"
	"        rules: [{ id: unknown-how, cite: '3.6', when: 'how > QUIET', must: 'returned && error == BAD_ARGUMENT' }]\n"
	"      - { name: newer, cite: '3.7', since: '3', call: { fid: 9 }, errors: [OK], rules: [{ id: ok, cite: '3.7', must: 'error == OK' }] }\n"
	"  - chapter: gone\n"
	"    title: Not there\n"
	"    cite: '4'\n"
	"    presence: { entry: box.open, args: { flags: 0 }, when: 'error == OK' }\n"
	"    entries:\n"
	"      - { name: one, cite: '4.1', call: { fid: 10 }, args: [{ name: x, type: u32 }], errors: [OK],\n"
	"          rules: [{ id: ok, cite: '4.1', must: 'error == OK' }] }\n"
	"      - { name: two, cite: '4.2', call: { fid: 11 }, errors: [OK], rules: [{ id: ok, cite: '4.2', must: 'error == OK' }] }\n";

static struct spec *spec;

const struct spec *fixture_spec(void)
{
	char path[] = "/tmp/assay-plan-XXXXXX";
	struct findings *findings;
	struct err err = { 0 };
	int file;

	if (spec)
		return spec;
	file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, text, sizeof(text) - 1), sizeof(text) - 1);
	close(file);
	findings = findings_new();
	spec = spec_load(path, findings, &err);
	unlink(path);
	for (size_t i = 0; !spec && i < findings->count; i++)
		print_message("%u: %s\n", findings->list[i].where.line, findings->list[i].message);
	findings_free(findings);
	assert_non_null(spec);
	return spec;
}

void fixture_free(void)
{
	spec_free(spec);
	spec = NULL;
}

const struct survey *fixture_survey(void)
{
	static const bool present[] = { true, true, false };
	static const struct survey survey = {
		.version = 1,
		.claimed_major = 2,
		.present = present,
		.harts = 2,
		.hart_ids = { 0, 1 },
		.ram_base = 0x80000000,
		.ram_size = 128u << 20,
		.clock_hz = 10000000,
	};

	return &survey;
}

struct plan *fixture_plan(enum effort effort, uint64_t seed, const char *filter)
{
	struct plan_options options = { .effort = effort, .seed = seed, .filter = filter };
	struct err err = { 0 };
	struct plan *plan = plan_new(fixture_spec(), fixture_survey(), &options, &err);

	if (!plan)
		print_message("%s\n", err.message);
	assert_non_null(plan);
	return plan;
}

char *plan_text(struct plan *plan)
{
	const struct plan_case *plan_case;
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	while ((plan_case = plan_next(plan)))
		plan_print(plan_case, out);
	fclose(out);
	return bytes;
}

bool plan_has(struct plan *plan, const char *pattern)
{
	const struct plan_case *plan_case;

	plan_rewind(plan);
	while ((plan_case = plan_next(plan)))
		if (!fnmatch(pattern, plan_case->id, FNM_NOESCAPE))
			return true;
	return false;
}
