/* SPDX-License-Identifier: BSD-2-Clause */
/* From bytes in memory to verdicts: a VMI ROM made here, whole and with one fault at a time, is looked for, recorded and judged. */
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

#include "judge/perturb.h"
#include "run/structures.h"

#define BASE	0xc0000u
#define SIZE	0x20000u
#define ROM	0xc8000u
#define BLOCKS	4u
#define PCI_AT	0x40u
#define LICENSE 0x60u
#define SAID	64

static const struct spec *vmi;
static uint8_t memory[SIZE], file[BLOCKS * 512];
static size_t file_size;
static struct arena *arena;
static struct structures structures;
static struct recording_head head;

static struct {
	char rule[64], got[256];
	enum verdict verdict;
} sayings[SAID];
static size_t saying_count;

/* ---- a ROM ---- */

static void put(uint8_t *to, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void fill_checksum(uint8_t *rom)
{
	uint8_t sum = 0;

	rom[BLOCKS * 512 - 1] = 0;
	for (unsigned i = 0; i < BLOCKS * 512; i++)
		sum = (uint8_t)(sum + rom[i]);
	rom[BLOCKS * 512 - 1] = (uint8_t)-sum;
}

static void make_rom(uint8_t *rom)
{
	memset(rom, 0, BLOCKS * 512);
	put(rom, 0xaa55, 2);
	rom[2] = BLOCKS;
	memcpy(rom + 8, "cVmi", 4);
	rom[13] = 3;
	rom[14] = 2;
	put(rom + 22, LICENSE, 2);
	put(rom + 24, PCI_AT, 2);
	memcpy(rom + PCI_AT, "PCIR", 4);
	put(rom + PCI_AT + 4, 0x15ad, 2);
	put(rom + PCI_AT + 6, 0x0801, 2);
	memcpy(rom + LICENSE, "GPL v2", 7);
	fill_checksum(rom);
}

static uint8_t *rom(void)
{
	return memory + (ROM - BASE);
}

/* ---- found and judged ---- */

static void hear(void *context, const struct judgement *judgement)
{
	(void)context;
	if (saying_count == SAID)
		return;
	snprintf(sayings[saying_count].rule, sizeof(sayings->rule), "%s", judgement->rule_id);
	snprintf(sayings[saying_count].got, sizeof(sayings->got), "%s", judgement->got ? judgement->got : "");
	sayings[saying_count++].verdict = judgement->verdict;
}

static void look(void)
{
	const struct memory guest = { BASE, memory, SIZE }, of_file = { ROM, file, file_size };

	structures_find(arena, vmi, &guest, &of_file, &structures);
}

static void claim(void)
{
	struct structure_view view;

	head = (struct recording_head){ .claimed_major = -1, .claimed_minor = -1 };
	if (!structure_first(&structures, vmi->claim, &view))
		return;
	head.claimed_major = (int64_t)structure_eval(vmi->claim_major, &view).bits;
	head.claimed_minor = (int64_t)structure_eval(vmi->claim_minor, &view).bits;
}

static void judge_all(void)
{
	struct err err = { 0 };
	struct judge *judge;

	look();
	claim();
	judge = judge_new(&(struct judge_config){ vmi, &head, NULL, hear }, &err);
	assert_non_null(judge);
	saying_count = 0;
	for (size_t i = 0; i < vmi->entry_count; i++)
		if (structures.cases[i])
			judge_case(judge, structures.cases[i]);
	judge_free(judge);
}

#define NOTHING VERDICT_COUNT

/* The last verdict on a rule: "header:checksum". */
static enum verdict said(const char *rule)
{
	for (size_t i = saying_count; i-- > 0;)
		if (!strcmp(sayings[i].rule + strlen("vmi.rom."), rule))
			return sayings[i].verdict;
	return NOTHING;
}

static const char *got(const char *rule)
{
	for (size_t i = saying_count; i-- > 0;)
		if (!strcmp(sayings[i].rule + strlen("vmi.rom."), rule))
			return sayings[i].got;
	return "";
}

static size_t failures(void)
{
	size_t count = 0;

	for (size_t i = 0; i < saying_count; i++)
		count += sayings[i].verdict == VERDICT_FAIL;
	return count;
}

/* ---- set-up ---- */

static int load(void **state)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };

	(void)state;
	vmi = spec_load(ASSAY_SOURCE "/spec/vmi", findings, &err);
	if (!vmi)
		fprintf(stderr, "%s\n", err.message);
	findings_free(findings);
	return vmi ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	spec_free((struct spec *)vmi);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	memset(memory, 0, sizeof(memory));
	make_rom(rom());
	make_rom(file);
	file_size = sizeof(file);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- tests ---- */

static void a_whole_rom_fails_nothing(void **state)
{
	(void)state;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_PASS);
	assert_int_equal(said("header:checksum"), VERDICT_PASS);
	assert_int_equal(said("header:version"), VERDICT_PASS);
	assert_int_equal(said("pci:found"), VERDICT_PASS);
	assert_int_equal(said("license:found"), VERDICT_PASS);
	assert_int_equal(failures(), 0);
	assert_int_equal(head.claimed_major, 3);
	assert_false(structures_are_missing(&structures, vmi, judge_version(vmi, &head)));
}

static void a_wrong_checksum_fails_the_rule_and_nothing_else(void **state)
{
	(void)state;
	rom()[BLOCKS * 512 - 1]++;
	judge_all();
	assert_int_equal(said("header:checksum"), VERDICT_FAIL);
	assert_string_equal(got("header:checksum"), "blocks = 4, sum8(...) = 1");
	assert_int_equal(failures(), 1);
}

static void a_byte_behind_the_rom_is_not_in_its_sum(void **state)
{
	(void)state;
	rom()[BLOCKS * 512] = 1;
	judge_all();
	assert_int_equal(said("header:checksum"), VERDICT_PASS);
}

static void no_length_fails(void **state)
{
	(void)state;
	rom()[2] = 0;
	judge_all();
	assert_int_equal(said("header:has-a-length"), VERDICT_FAIL);
}

static void the_rules_of_the_claimed_version_are_judged(void **state)
{
	(void)state;
	rom()[13] = 13;
	rom()[12] = 3;
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("header:version"), VERDICT_SKIP);
	assert_int_equal(said("header:version-13"), VERDICT_PASS);
	assert_int_equal(failures(), 0);
	assert_int_equal(head.claimed_minor, 3);
}

static void an_abi_of_another_number_fails(void **state)
{
	(void)state;
	rom()[13] = 5;
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("header:version"), VERDICT_FAIL);
	rom()[13] = 2;
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("header:version-13"), VERDICT_FAIL);
}

static void what_is_no_rom_is_not_found(void **state)
{
	(void)state;
	rom()[9] = 'W';
	file[9] = 'W';
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_FAIL);
	assert_string_equal(got("header:found"), "nothing, neither in the guest's memory nor in the blob's file");
	assert_int_equal(said("header:checksum"), NOTHING);
	assert_int_equal(said("header:where-to-scan"), NOTHING);
	assert_int_equal(said("pci:found"), NOTHING);
	assert_int_equal(said("pci:vmwares-device"), VERDICT_SKIP);
	assert_int_equal(head.claimed_major, -1);
	assert_true(structures_are_missing(&structures, vmi, judge_version(vmi, &head)));
}

static void what_the_firmware_did_not_take_is_judged_in_the_file(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	file[BLOCKS * 512 - 1]++;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_FAIL);
	assert_string_equal(got("header:found"), "nothing in the guest's memory, 2048 of its 2048 bytes in the blob's file");
	assert_int_equal(said("header:checksum"), VERDICT_FAIL);
	assert_int_equal(said("pci:vmwares-device"), VERDICT_PASS);
	assert_int_equal(head.claimed_major, 3);
	assert_true(structures_are_missing(&structures, vmi, judge_version(vmi, &head)));
}

static void a_file_that_ends_early_is_seen(void **state)
{
	(void)state;
	file_size = 1000;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_FAIL);
	assert_string_equal(got("header:found"),
			    "2048 of its 2048 bytes in the guest's memory, 1000 of its 2048 bytes in the blob's file");
}

static void a_rom_beside_the_steps_of_the_scan_is_not_found(void **state)
{
	(void)state;
	memmove(rom() + 512, rom(), BLOCKS * 512);
	memset(rom(), 0, 512);
	file_size = 0;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_FAIL);
}

static void a_rom_below_the_range_is_observed(void **state)
{
	(void)state;
	judge_all();
	assert_int_equal(said("header_below:below-the-range"), VERDICT_SKIP);
	assert_int_equal(said("header_below:found"), NOTHING);
	make_rom(memory);
	judge_all();
	assert_int_equal(said("header_below:below-the-range"), VERDICT_OBSERVED);
	assert_int_equal(said("header_below:found"), VERDICT_PASS);
	assert_int_equal(failures(), 0);
}

static void every_rom_is_judged(void **state)
{
	(void)state;
	make_rom(rom() + 0x1000);
	rom()[0x1000 + BLOCKS * 512 - 1]++;
	judge_all();
	assert_int_equal(structures.cases[vmi->claim->number]->step_count, 2);
	assert_int_equal(structures.cases[vmi->claim->number]->steps[1].args[0], ROM + 0x1000);
	assert_int_equal(failures(), 1);
	/* many of them do not make a recording without end */
	for (uint32_t at = 0; at < SIZE; at += 2048)
		make_rom(memory + at);
	judge_all();
	assert_int_equal(structures.cases[vmi->claim->number]->step_count, STRUCTURE_PLACES);
}

static void nothing_is_demanded_of_what_nothing_points_to(void **state)
{
	(void)state;
	put(rom() + 24, 0, 2);
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("pci:found"), NOTHING);
	assert_int_equal(said("header:has-a-pci-header"), VERDICT_OBSERVED);
	assert_int_equal(failures(), 0);
}

static void what_is_pointed_to_has_to_be_what_it_is_called(void **state)
{
	(void)state;
	put(rom() + PCI_AT, 0x53494350, 4);
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("header:pci-header-is-inside"), VERDICT_PASS);
	assert_int_equal(said("pci:found"), VERDICT_FAIL);
}

static void a_header_behind_the_end_of_its_rom_fails(void **state)
{
	(void)state;
	put(rom() + 24, BLOCKS * 512 - 23, 2);
	fill_checksum(rom());
	judge_all();
	assert_int_equal(said("header:pci-header-is-inside"), VERDICT_FAIL);
}

static void a_pointer_out_of_memory_fails(void **state)
{
	(void)state;
	memcpy(memory + SIZE - 2048, rom(), 2048);
	memset(rom(), 0, 2048);
	put(memory + SIZE - 2048 + 24, 0x900, 2);
	file_size = 0;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_PASS);
	assert_int_equal(said("pci:found"), VERDICT_FAIL);
}

static void all_of_a_structure_has_to_be_in_memory(void **state)
{
	(void)state;
	memcpy(memory + SIZE - 2048, rom(), 2048);
	memset(rom(), 0, 2048);
	memory[SIZE - 2048 + 2] = 255;
	file_size = 0;
	judge_all();
	assert_int_equal(said("header:found"), VERDICT_FAIL);
	assert_string_equal(got("header:found"), "2048 of its 130560 bytes in the guest's memory");
	assert_int_equal(said("header:checksum"), NOTHING);
}

/* Any memory is a structure or none: nothing is read that is not there, and there is an end. */
static void any_bytes_come_to_an_end(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		make_rom(rom());
		for (unsigned i = 0; i < 8; i++) {
			random = random * 1103515245u + 12345u;
			rom()[random >> 8 & 0x7f] = (uint8_t)(random >> 24);
		}
		if (round % 2)
			memcpy(memory + SIZE - 2048, rom(), 2048); /* what it leads to lies behind the memory */
		judge_all();
		assert_non_null(structures.cases[vmi->claim->number]);
		arena_reset(arena);
	}
}

/* ---- can the rules fail at all? ---- */

static size_t toothless, tried;

static void note_teeth(void *context, const struct perturbed *perturbed)
{
	(void)context;
	tried++;
	if (perturbed->failed_by)
		return;
	print_message("nothing fails %s\n", perturbed->rule_id);
	toothless++;
}

static void every_rule_that_passed_could_have_failed(void **state)
{
	struct perturb *perturb;
	struct err err = { 0 };

	(void)state;
	look();
	claim();
	perturb = perturb_new(&(struct judge_config){ vmi, &head, NULL, NULL }, &err);
	assert_non_null(perturb);
	for (size_t i = 0; i < vmi->entry_count; i++)
		if (structures.cases[i])
			perturb_case(perturb, structures.cases[i]);
	toothless = tried = 0;
	perturb_each(perturb, note_teeth, NULL);
	perturb_free(perturb);
	assert_int_equal(toothless, 0);
	assert_true(tried >= 8);
}

int main(void)
{
#define STRUCTURE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		STRUCTURE_TEST(a_whole_rom_fails_nothing),
		STRUCTURE_TEST(a_wrong_checksum_fails_the_rule_and_nothing_else),
		STRUCTURE_TEST(a_byte_behind_the_rom_is_not_in_its_sum),
		STRUCTURE_TEST(no_length_fails),
		STRUCTURE_TEST(the_rules_of_the_claimed_version_are_judged),
		STRUCTURE_TEST(an_abi_of_another_number_fails),
		STRUCTURE_TEST(what_is_no_rom_is_not_found),
		STRUCTURE_TEST(what_the_firmware_did_not_take_is_judged_in_the_file),
		STRUCTURE_TEST(a_file_that_ends_early_is_seen),
		STRUCTURE_TEST(a_rom_beside_the_steps_of_the_scan_is_not_found),
		STRUCTURE_TEST(a_rom_below_the_range_is_observed),
		STRUCTURE_TEST(every_rom_is_judged),
		STRUCTURE_TEST(nothing_is_demanded_of_what_nothing_points_to),
		STRUCTURE_TEST(what_is_pointed_to_has_to_be_what_it_is_called),
		STRUCTURE_TEST(a_header_behind_the_end_of_its_rom_fails),
		STRUCTURE_TEST(a_pointer_out_of_memory_fails),
		STRUCTURE_TEST(all_of_a_structure_has_to_be_in_memory),
		STRUCTURE_TEST(any_bytes_come_to_an_end),
		STRUCTURE_TEST(every_rule_that_passed_could_have_failed),
	};

	return cmocka_run_group_tests_name("structures", tests, load, unload);
}
