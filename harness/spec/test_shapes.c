/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_shapes.c - interfaces that are nothing like SBI, written in the same language (spec/fixtures): they load without a
 * finding, what is peculiar about each arrives in the model, and their rules tell right from wrong.
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

static struct findings *findings;
static struct spec *spec;

static void load(const char *name)
{
	struct err err = { .message = "" };
	char path[300];

	snprintf(path, sizeof(path), "%s/spec/fixtures/%s.yaml", ASSAY_SOURCE, name);
	findings = findings_new();
	spec = spec_load(path, findings, &err);
	if (!spec)
		fail_msg("%s", err.message);
	if (findings->count)
		fail_msg("%s:%u: %s", path, findings->list[0].where.line, findings->list[0].message);
	assert_string_equal(spec->name, name);
}

static int unload(void **state)
{
	(void)state;
	spec_free(spec);
	findings_free(findings);
	spec = NULL;
	findings = NULL;
	return 0;
}

static const struct entry *entry(const char *name)
{
	const struct entry *found = spec_find_entry(spec, name);

	if (!found)
		fail_msg("no entry %s", name);
	return found;
}

static const struct arg *arg(const struct entry *of, const char *name)
{
	size_t i;

	for (i = 0; i < of->arg_count; i++)
		if (!strcmp(of->args[i].name, name))
			return &of->args[i];
	fail_msg("no argument %s", name);
	return NULL;
}

/* What one call showed, as a rule would see it. */
struct shown {
	struct {
		const char *name; /* NULL ends the list; what is not in it is unknown */
		uint64_t value;
	} names[12];
	const uint8_t *bytes; /* behind every buffer, and of a structure */
	size_t size;
	bool big_endian;
};

static struct value read_name(void *context, const struct name *name, const struct value keys[2])
{
	const struct shown *shown = context;
	size_t i;

	(void)keys;
	for (i = 0; shown->names[i].name; i++)
		if (!strcmp(shown->names[i].name, name->text))
			return value_of(shown->names[i].value, name->type);
	return value_unknown();
}

static struct value read_memory(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct shown *shown = context;
	uint64_t bits = 0;
	unsigned i;

	(void)buffer;
	(void)old;
	if (offset > shown->size || size > shown->size - offset)
		return value_unknown();
	for (i = 0; i < size; i++)
		bits = bits << 8 | shown->bytes[offset + (shown->big_endian ? i : size - 1 - i)];
	return value_of(bits, (struct int_type){ 64, false });
}

static struct value is_hart(void *context, uint64_t hart)
{
	(void)context;
	return value_bool(hart < 2);
}

/* 'T' holds, 'F' fails, '-' has nothing to say about this call */
static char judge(const char *rule_id, const struct shown *shown)
{
	const struct expr_env env = { .context = (void *)shown, .read = read_name, .load = read_memory, .is_hart = is_hart };
	size_t i;

	for (i = 0; i < spec->rule_count; i++) {
		const struct rule *rule = spec->rules[i];
		struct value held;

		if (strcmp(rule->full_id, rule_id))
			continue;
		if (rule->when && !value_is_true(expr_eval(rule->when, &env)))
			return '-';
		held = expr_eval(rule->must, &env);
		return !held.known ? '-' : held.bits ? 'T' : 'F';
	}
	fail_msg("no rule %s", rule_id);
	return 0;
}

static void vmi_has_stack_arguments_and_addresses_that_the_rom_returns(void **state)
{
	const struct entry *call;

	(void)state;
	load("vmi");
	call = entry("mmu.set_pxe_long");
	assert_int_equal(arg(call, "flags")->place.kind, PLACE_STACK);
	assert_int_equal(arg(call, "flags")->place.offset, 4);
	assert_string_equal(arg(call, "entry")->place.reg, "ecx");
	assert_int_equal(arg(call, "target")->role, ROLE_HANDLE);
	assert_string_equal(entry("rom.get_relocation_info")->results[0].produces, arg(call, "target")->handle);
	assert_ptr_equal(call->prepare[0].entry, entry("rom.get_relocation_info"));
}

static void vmi_says_of_every_call_what_the_caller_is_like(void **state)
{
	const struct entry *last;

	(void)state;
	load("vmi");
	last = entry("mmu.set_pxe_long");
	assert_int_equal(arg(last, "interrupts")->role, ROLE_CALLER);
	assert_string_equal(last->args[last->arg_count - 1].name, "interrupts");
	assert_string_equal(arg(last, "interrupts")->place.reg, "caller_interrupts");
	/* also of one that has no arguments of its own, and of none that is a structure */
	for (size_t i = 0; i < spec->entry_count; i++)
		assert_int_equal(spec->entries[i]->arg_count == 0, spec->entries[i]->is_structure);
}

static void vmi_has_a_clobber_class_for_each_call(void **state)
{
	(void)state;
	load("vmi");
	assert_false(spec->convention.preserve_all_but);
	assert_int_equal(spec->convention.preserved_count, 5);
	assert_null(entry("cpu.get_gdt")->preserved);
	assert_true(entry("cpu.get_interrupt_mask")->preserved->all_but);
	assert_int_equal(entry("cpu.get_interrupt_mask")->preserved->count, 2);
}

static void vmi_rules_see_descriptor_tables_and_page_tables(void **state)
{
	static const uint8_t table[] = { 0x7f, 0x00, 0x00, 0x10, 0x20, 0xc0 }, page[] = { 0x63, 0x50, 0x00, 0x80, 1, 0, 0, 0 };
	struct shown gdt = { { { "before.gdtr_limit", 0x7f }, { "before.gdtr_base", 0xc0201000 } }, table, sizeof(table), false };
	struct shown pte = { { { "value_low", 0x80005063 }, { "value_high", 1 }, { "flags", 1 } }, page, sizeof(page), false };

	(void)state;
	load("vmi");
	assert_int_equal(judge("vmi.cpu.get_gdt:limit", &gdt), 'T');
	assert_int_equal(judge("vmi.cpu.get_gdt:base", &gdt), 'T');
	gdt.names[1].value ^= 1u << 31;
	assert_int_equal(judge("vmi.cpu.get_gdt:base", &gdt), 'F');
	assert_int_equal(judge("vmi.mmu.set_pxe_long:stores-both-halves", &pte), 'T');
	pte.names[1].value = 0;
	assert_int_equal(judge("vmi.mmu.set_pxe_long:stores-both-halves", &pte), 'F');
	pte.names[2].value = 0x20;
	assert_int_equal(judge("vmi.mmu.set_pxe_long:stores-both-halves", &pte), '-');
}

static void papr_has_arguments_and_results_in_a_block_of_memory(void **state)
{
	const struct entry *call;

	(void)state;
	load("papr");
	assert_true(spec->convention.big_endian);
	assert_string_equal(spec->convention.block->reg, "r4");
	call = entry("rtas.query_cpu_stopped_state");
	assert_int_equal(arg(call, "cpu")->place.kind, PLACE_BLOCK);
	assert_int_equal(arg(call, "cpu")->place.offset, 12);
	assert_int_equal(arg(call, "cpu")->place.bits, 32);
	assert_int_equal(call->results[2].place.kind, PLACE_BLOCK);
	assert_int_equal(call->results[2].place.offset, 20);
	assert_int_equal(call->selector[0], 0xf000);
}

static void papr_rules_see_characters_in_registers(void **state)
{
	struct shown shown = { { { "unit", 0x71000000 },
				 { "count", 2 },
				 { "first", 0x6162000000000000 },
				 { "second", 0 },
				 { "status", 0 },
				 { "console", 0x61 },
				 { "console.length", 2 } } };

	(void)state;
	load("papr");
	assert_int_equal(judge("papr.hcall.h_put_term_char:characters", &shown), 'F');
	shown.names[2].value = 0x6161000000000000;
	assert_int_equal(judge("papr.hcall.h_put_term_char:characters", &shown), 'T');
	assert_int_equal(judge("papr.hcall.h_put_term_char:all-or-nothing", &shown), 'T');
	shown.names[4].value = 1;
	assert_int_equal(judge("papr.hcall.h_put_term_char:all-or-nothing", &shown), 'F');
	shown.names[1].value = 17;
	assert_int_equal(judge("papr.hcall.h_put_term_char:too-many", &shown), 'F');
}

static void opal_has_a_length_that_goes_in_and_comes_back(void **state)
{
	static const uint8_t length[] = { 0, 0, 0, 0, 0, 0, 0, 64 };
	struct shown shown = { { { "status", 0 } }, length, sizeof(length), true };
	const struct entry *call;

	(void)state;
	load("opal");
	call = entry("console.console_write");
	assert_int_equal(arg(call, "length")->direction, DIRECTION_INOUT);
	assert_int_equal(arg(call, "length")->of->base.bits, 64);
	assert_int_equal(call->samples[2].content[1][0], 64);
	assert_non_null(call->chapter->presence);
	assert_int_equal(judge("opal.console.console_write:no-more-than-asked", &shown), 'T');
}

static void palcode_has_its_selector_in_the_instruction(void **state)
{
	struct shown shown = { { { "function", 0x3b }, { "trapped", 1 }, { "trap.cause", 4 } } };
	const struct entry *call;

	(void)state;
	load("palcode");
	call = entry("opcdec.unimplemented");
	assert_int_equal(spec->convention.selector[0].kind, PLACE_INSTRUCTION);
	assert_int_equal(spec->convention.selector[0].high, 25);
	assert_int_equal(entry("privileged.swpipl")->selector[0], 0x35);
	assert_int_equal(call->outcomes, OUTCOME_TRAPS);
	assert_false(call->selector_known & 1);
	assert_int_equal(judge("palcode.opcdec.unimplemented:traps", &shown), 'T');
	assert_int_equal(judge("palcode.opcdec.unimplemented:as-opcode-reserved-to-digital", &shown), 'T');
	shown.names[0].value = 0x35;
	assert_int_equal(judge("palcode.opcdec.unimplemented:traps", &shown), '-');
}

static void palcode_remembers_the_interrupt_level(void **state)
{
	struct shown shown = { { { "ipl", 7 }, { "v0", 7 } } };

	(void)state;
	load("palcode");
	assert_int_equal(entry("privileged.swpipl")->effect_count, 2);
	assert_null(entry("privileged.swpipl")->effects[1].value);
	assert_int_equal(judge("palcode.privileged.swpipl:returns-the-old-level", &shown), 'T');
	shown.names[1].value = 1;
	assert_int_equal(judge("palcode.privileged.swpipl:returns-the-old-level", &shown), 'F');
}

static void psci_ignores_the_upper_half_of_an_argument(void **state)
{
	struct shown shown = { { { "target_affinity", 0xffffffff00000001 },
				 { "lowest_affinity_level", 0x100000000 },
				 { "power_state", 1 },
				 { "status", 1 } } };

	(void)state;
	load("psci");
	assert_int_equal(judge("psci.power.affinity_info:state-of-a-cpu", &shown), 'T');
	assert_int_equal(judge("psci.power.affinity_info:unknown-cpu", &shown), '-');
	shown.names[3].value = (uint64_t)-2;
	assert_int_equal(judge("psci.power.affinity_info:state-of-a-cpu", &shown), 'F');
}

static void psci_starts_another_cpu(void **state)
{
	const struct entry *call;

	(void)state;
	load("psci");
	call = entry("power.cpu_on");
	assert_ptr_equal(spec->convention.bring_up->entry, call);
	assert_int_equal(arg(call, "target_cpu")->role, ROLE_HART);
	assert_string_equal(arg(call, "entry_point_address")->pad, "park");
	assert_true(entry("power.cpu_off")->secondary);
	assert_true(entry("power.cpu_off")->outcomes & OUTCOME_STOPS);
}

static void acpi_has_structures_with_checksums(void **state)
{
	uint8_t rsdp[36] = "RSD PTR ";
	struct shown shown = {
		{ { "revision", 2 }, { "length", 36 }, { "rsdt_address", 0x7fe0000 } }, rsdp, sizeof(rsdp), false
	};
	const struct structure *structure;
	unsigned sum = 0, i;

	(void)state;
	load("acpi");
	structure = entry("tables.rsdp")->structure;
	assert_int_equal(structure->step, 16);
	assert_int_equal(structure->range_low, 0xe0000);
	assert_string_equal(entry("tables.rsdt")->structure->pointer, "rsdp.rsdt_address");
	rsdp[9] = 'Q';
	for (i = 0; i < 20; i++)
		sum += rsdp[i];
	rsdp[8] = (uint8_t)-sum;
	assert_int_equal(judge("acpi.tables.rsdp:checksum", &shown), 'T');
	assert_int_equal(judge("acpi.tables.rsdp:extended-checksum", &shown), 'T');
	rsdp[30] = 1;
	assert_int_equal(judge("acpi.tables.rsdp:extended-checksum", &shown), 'F');
	assert_int_equal(judge("acpi.tables.rsdp:a-table-to-go-on-with", &shown), 'T');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(vmi_has_stack_arguments_and_addresses_that_the_rom_returns, unload),
		cmocka_unit_test_teardown(vmi_has_a_clobber_class_for_each_call, unload),
		cmocka_unit_test_teardown(vmi_says_of_every_call_what_the_caller_is_like, unload),
		cmocka_unit_test_teardown(vmi_rules_see_descriptor_tables_and_page_tables, unload),
		cmocka_unit_test_teardown(papr_has_arguments_and_results_in_a_block_of_memory, unload),
		cmocka_unit_test_teardown(papr_rules_see_characters_in_registers, unload),
		cmocka_unit_test_teardown(opal_has_a_length_that_goes_in_and_comes_back, unload),
		cmocka_unit_test_teardown(palcode_has_its_selector_in_the_instruction, unload),
		cmocka_unit_test_teardown(palcode_remembers_the_interrupt_level, unload),
		cmocka_unit_test_teardown(psci_ignores_the_upper_half_of_an_argument, unload),
		cmocka_unit_test_teardown(psci_starts_another_cpu, unload),
		cmocka_unit_test_teardown(acpi_has_structures_with_checksums, unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
