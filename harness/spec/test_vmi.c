/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_vmi.c - is spec/vmi complete? Every number of both ABIs is one entry, and every entry says what is known of it.
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

#include "spec/spec.h"

#define CALLS	    74u /* of ABI 3.0: numbers 0 to 73 */
#define CALLS_13    81u /* of ABI 13.0: numbers 4 to 84 */
#define FIRST_13    4u
#define OPEN_PLACES 70u /* rows of the README's table */
#define SLOT_BYTES  32u

enum { ABI_13, ABI_3 };

static struct spec *spec;

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	spec = spec_load(ASSAY_SOURCE "/spec/vmi", findings, &err);
	for (size_t i = 0; i < findings->count; i++)
		print_message("%s:%u: %s\n", findings->list[i].where.file, findings->list[i].where.line,
			      findings->list[i].message);
	return spec && !findings->count ? findings_free(findings), 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free(spec);
	return 0;
}

/* What takes another processor is calls that other entries are already. */
static bool is_call_of(const struct entry *entry, int version)
{
	return !entry->is_structure && !entry->chapter->presence && spec_in_version(entry->since, entry->until, version);
}

/* The number that has to be asked for to reach the entry; -1: it is not reached so. */
static int number_of(const struct entry *entry)
{
	static const struct expr_env nothing;
	const struct spec_call *question = spec_question(entry);

	return question ? (int)expr_eval(question->value[0], &nothing).bits : -1;
}

static void every_number_of_3_0_is_one_entry(void **state)
{
	unsigned seen[CALLS] = { 0 }, unnumbered = 0;

	(void)state;
	for (size_t i = 0; i < spec->entry_count; i++) {
		int number = number_of(spec->entries[i]);

		if (!is_call_of(spec->entries[i], ABI_3))
			continue;
		unnumbered += number < 0;
		if (number >= 0)
			seen[number]++;
	}
	for (unsigned number = 0; number < CALLS; number++)
		if (seen[number] != 1)
			fail_msg("%u entries have the number %u", seen[number], number);
	assert_int_equal(unnumbered, 2); /* Init and GetRelocationInfo */
}

static void every_number_of_13_0_is_one_slot(void **state)
{
	unsigned seen[FIRST_13 + CALLS_13] = { 0 };

	(void)state;
	for (size_t i = 0; i < spec->entry_count; i++) {
		uint64_t offset = spec->entries[i]->selector[0];

		if (!is_call_of(spec->entries[i], ABI_13))
			continue;
		assert_int_equal(offset % SLOT_BYTES, 0);
		assert_in_range(offset / SLOT_BYTES, FIRST_13, FIRST_13 + CALLS_13 - 1);
		seen[offset / SLOT_BYTES]++;
	}
	for (unsigned number = FIRST_13; number < FIRST_13 + CALLS_13; number++)
		if (seen[number] != 1)
			fail_msg("%u entries have the slot %u", seen[number], number);
}

static void slots_are_those_of_the_patches(void **state)
{
	static const struct {
		const char *entry;
		unsigned number;
	} known[] = { { "core.Init", 4 },
		      { "information.CPUID", 5 },
		      { "descriptor.SetGDT", 8 },
		      { "cpu.SetCR0", 20 },
		      { "io.INVD", 28 },
		      { "processor.Pause", 41 },
		      { "stack.IRET", 39 },
		      { "mmu_13.SwapPxE", 47 },
		      { "mmu.AllocatePage", 53 },
		      { "io.INL", 59 },
		      { "io.SetIOPLMask", 71 },
		      { "apic.APICRead", 77 },
		      { "timer.WallclockUpdated", 84 },
		      { "mmu.SetLinearMapping", 58 } };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(spec_find_entry(spec, known[i].entry)->selector[0], known[i].number * SLOT_BYTES);
}

static unsigned count_of(const struct entry *entry, bool (*is)(const struct rule *rule))
{
	unsigned count = 0;

	for (size_t i = 0; i < entry->rule_count; i++)
		count += is(entry->rules[i]);
	return count;
}

static bool is_demand(const struct rule *rule)
{
	return rule->strength <= SHOULD;
}

static bool has_reason(const struct rule *rule)
{
	return rule->strength == UNOBSERVABLE && rule->reason && *rule->reason;
}

static void every_call_has_a_rule_or_a_reason_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct entry *entry = spec->entries[i];

		if (!entry->is_structure && !count_of(entry, is_demand) && !count_of(entry, has_reason))
			fail_msg("%s has neither", entry->full_id);
	}
}

/* --- a machine on which anything may come out, of the numbers that a rule speaks of --- */

#define POOL  64
#define TRIES 300000

struct chance {
	uint64_t pool[POOL];
	unsigned count;
	uint32_t try;
	bool is_structure;
};

static void keep_literal(void *context, uint64_t bits)
{
	struct chance *chance = context;

	if (chance->count < POOL)
		chance->pool[chance->count++] = bits;
}

/* The same thing has the same value as long as the try is the same. */
static uint64_t draw(const struct chance *chance, const char *name, uint64_t key)
{
	uint64_t hash = 0xcbf29ce484222325 ^ chance->try * UINT64_C(0x9e3779b97f4a7c15) ^ key * UINT64_C(0xff51afd7ed558ccd);

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3;
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9;
	return hash ^ hash >> 32;
}

/* In every other try most things have the same value: rules often ask for what stays. */
static uint64_t anything(const struct chance *chance, uint64_t hash)
{
	if (chance->try & 1 && hash & 3)
		return chance->pool[chance->try / 2 % chance->count];
	return hash & 4 ? chance->pool[(hash >> 8) % chance->count] : hash >> (hash & 31);
}

static struct value read_anything(void *context, const struct name *name, const struct value keys[2])
{
	const struct chance *chance = context;
	if (name->kind == NAME_CONSTANT)
		return name->value;
	return value_of(anything(chance, draw(chance, name->text, keys ? keys[0].bits : 0)), name->type);
}

#define BUFFER 128 /* no buffer of the interface is larger */

/* Memory that nobody wrote to is as it was. */
static struct value load_anything(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct chance *chance = context;
	const char *what = old && !(chance->try & 1) ? "before" : "after";
	uint64_t hash = draw(chance, what, offset * 8 + size + ((uint64_t)buffer << 60));

	if (!chance->is_structure && offset + size > BUFFER)
		return value_unknown();
	return value_of(anything(chance, hash), (struct int_type){ 64, false });
}

static struct value always_accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	(void)context;
	(void)high;
	(void)low;
	(void)length;
	return value_bool(true);
}

/*
 * Does some try make the rule come out as wanted? One whose `when` takes more luck than there are tries does if its `must` does: that
 * there are calls for it is lint's to prove.
 */
static bool comes_out(const struct rule *rule, bool wanted)
{
	static const uint64_t common[] = { 0, 1, 2, 3, 4, 8, 0xffffffff, 0x41414141 };
	struct chance chance = { .count = sizeof(common) / sizeof(common[0]), .is_structure = rule->entry->is_structure };
	const struct expr_env env = {
		.context = &chance, .read = read_anything, .load = load_anything, .accessible = always_accessible
	};
	bool applied = false, came_out_so = false;

	memcpy(chance.pool, common, sizeof(common));
	if (rule->when)
		expr_literals(rule->when, keep_literal, &chance);
	expr_literals(rule->must, keep_literal, &chance);
	for (chance.try = 0; chance.try < TRIES; chance.try++) {
		bool applies = !rule->when || value_is_true(expr_eval(rule->when, &env));
		struct value held;

		applied |= applies;
		if (!applies && (applied || came_out_so))
			continue;
		held = expr_eval(rule->must, &env);
		came_out_so |= held.known && (bool)held.bits == wanted;
		if (applies && held.known && (bool)held.bits == wanted)
			return true;
	}
	return !applied && came_out_so;
}

static void every_rule_can_hold_and_can_be_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < spec->rule_count; i++) {
		const struct rule *rule = spec->rules[i];

		if (!rule->must)
			continue;
		if (!comes_out(rule, false))
			fail_msg("%s: nothing breaks it", rule->full_id);
		if (!comes_out(rule, true))
			fail_msg("%s: nothing keeps it", rule->full_id);
	}
}

static void what_is_likely_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < spec->rule_count; i++)
		if (spec->rules[i]->likely && !spec->rules[i]->note)
			fail_msg("%s has no note", spec->rules[i]->full_id);
}

static const struct rule *rule_named(const char *name, size_t length)
{
	for (size_t i = 0; i < spec->rule_count; i++) {
		const char *id = spec->rules[i]->full_id + strlen("vmi.");

		if (strlen(id) == length && !strncmp(id, name, length))
			return spec->rules[i];
	}
	return NULL;
}

/* The rules that a row of the README names: `CHAPTER.ENTRY:ID`, in backticks. One that only says what cannot be seen decides nothing. */
static unsigned rules_in(const char *row)
{
	unsigned count = 0;

	for (const char *at = row; (at = strchr(at, '`')); count++) {
		size_t length = strcspn(++at, "`");
		const struct rule *rule = rule_named(at, length);

		if (!rule || rule->strength == UNOBSERVABLE)
			fail_msg("README.md names `%.*s`", (int)length, at);
		at += length + 1;
	}
	return count;
}

static void every_open_place_of_the_sources_is_in_the_spec(void **state)
{
	FILE *in = fopen(ASSAY_SOURCE "/spec/vmi/README.md", "r");
	unsigned number, next = 1;
	char row[1024];

	(void)state;
	assert_non_null(in);
	while (fgets(row, sizeof(row), in)) {
		if (sscanf(row, "| A%u |", &number) != 1)
			continue;
		assert_int_equal(number, next++);
		assert_true(rules_in(row) > 0);
	}
	fclose(in);
	assert_int_equal(next, OPEN_PLACES + 1);
}

static bool is_kept(const char *entry, const char *reg)
{
	const struct entry *found = spec_find_entry(spec, entry);
	const struct convention *convention = &spec->convention;
	const char *const *names = found->preserved ? found->preserved->names : convention->preserved;
	size_t count = found->preserved ? found->preserved->count : convention->preserved_count;
	bool listed = false;

	for (size_t i = 0; i < count; i++)
		listed |= !strcmp(names[i], reg);
	return listed != (found->preserved ? found->preserved->all_but : convention->preserve_all_but);
}

static void calls_have_their_clobber_class(void **state)
{
	(void)state;
	assert_false(is_kept("cpu.SetCR0", "ecx")); /* Standard */
	assert_true(is_kept("cpu.SetCR0", "ebx"));
	assert_true(is_kept("processor.EnableInterrupts", "ecx")); /* Flags only */
	assert_false(is_kept("processor.EnableInterrupts", "eflags"));
	assert_true(is_kept("processor.SetInterruptMask", "eax"));
	assert_true(is_kept("processor.GetInterruptMask", "edx"));
	assert_false(is_kept("information.CPUID", "ebx"));
	assert_true(is_kept("information.CPUID", "esi"));
	assert_true(is_kept("io.OUTSB", "edx"));
	assert_false(is_kept("io.OUTSB", "esi"));
}

static void rom_versions_are_told_by_their_numbers(void **state)
{
	(void)state;
	assert_int_equal(spec_version(spec, 13, 0), ABI_13);
	assert_int_equal(spec_version(spec, 13, 3), ABI_13);
	assert_int_equal(spec_version(spec, 3, 0), ABI_3);
	assert_int_equal(spec_version(spec, 3, 1), ABI_3);
	assert_int_equal(spec_version(spec, 2, 9), -1);
}

static void the_frame_of_iret_lies_above_the_return_address(void **state)
{
	static const char *const words[] = { "new_eip", "new_cs", "new_flags" };
	const struct entry *iret = spec_find_entry(spec, "stack.IRET");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct arg *arg = &iret->args[2 + i];

		assert_string_equal(arg->name, words[i]);
		assert_int_equal(arg->place.kind, PLACE_STACK);
		assert_int_equal(arg->place.offset, 4 + 4 * i);
	}
	assert_int_equal(iret->outcomes & OUTCOME_RETURNS, 0);
	assert_true(iret->outcomes & OUTCOME_LANDS);
}

static void a_sub_header_lies_where_the_header_says(void **state)
{
	const struct structure *pci = spec_find_entry(spec, "rom.pci")->structure;

	(void)state;
	assert_string_equal(pci->pointer, "header.pci_header");
	assert_true(pci->is_offset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_of_3_0_is_one_entry),
		cmocka_unit_test(every_number_of_13_0_is_one_slot),
		cmocka_unit_test(slots_are_those_of_the_patches),
		cmocka_unit_test(every_call_has_a_rule_or_a_reason_why_not),
		cmocka_unit_test(every_rule_can_hold_and_can_be_broken),
		cmocka_unit_test(what_is_likely_says_why),
		cmocka_unit_test(every_open_place_of_the_sources_is_in_the_spec),
		cmocka_unit_test(calls_have_their_clobber_class),
		cmocka_unit_test(rom_versions_are_told_by_their_numbers),
		cmocka_unit_test(the_frame_of_iret_lies_above_the_return_address),
		cmocka_unit_test(a_sub_header_lies_where_the_header_says),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
