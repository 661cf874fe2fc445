/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_documents.c - versions of published interfaces against each other. What is expected is what their change logs and headers
 * say, not what the program printed.
 *
 * SBI: "Change Log" of the documents 0.3-rc1, 2.0-rc1 to 2.0-rc4, and the texts where they differ (spec/sbi/README.md).
 * VMI: vmi.h and vmiCalls.h of API 3.0 against patches 3/24 and 5/24 of March 2006 (spec/vmi/README.md).
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

#include "compare/search.h"

struct expected {
	const char *old, *new;
	const char *subject;
	enum change_kind kind;
	const char *what; /* in the change's text; NULL: anything */
	enum impact callers, implementers;
	bool shown; /* by a call */
};

#define FREE	 IMPACT_COMPATIBLE, IMPACT_COMPATIBLE
#define WEAKER	 IMPACT_BREAKING, IMPACT_COMPATIBLE
#define STRONGER IMPACT_COMPATIBLE, IMPACT_BREAKING
#define BOTH	 IMPACT_BREAKING, IMPACT_BREAKING

static const struct expected sbi_facts[] = {
	/* 0.3-rc1: "Added SBI system reset extension", "Added performance monitoring unit extension" */
	{ "0.2", "1.0", "sbi.srst", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "0.2", "1.0", "sbi.pmu", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	/* "Added suspend function to SBI hart state management extension"; an extension is there as a whole */
	{ "0.2", "1.0", "sbi.hsm.hart_suspend", CHANGED_ENTRY_ADDED, NULL, STRONGER, false },
	/* with it came three states that a hart may be in */
	{ "0.2", "1.0", "sbi.hsm.hart_get_status", CHANGED_RULE_REMOVED, "known-state-of-0-2", WEAKER, true },
	/* 0.3: calls that are not there answer SBI_ERR_NOT_SUPPORTED */
	{ "0.2", "1.0", "sbi.base.unsupported_extension", CHANGED_ENTRY_ADDED, NULL, STRONGER, false },
	/* 1.0: legacy calls return something */
	{ "0.2", "1.0", "sbi.legacy.set_timer", CHANGED_RULE_ADDED, "zero-or-negative", STRONGER, true },
	/* 2.0-rc1: five extensions, and functions of the PMU */
	{ "1.0", "2.0", "sbi.dbcn", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "1.0", "2.0", "sbi.susp", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "1.0", "2.0", "sbi.cppc", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "1.0", "2.0", "sbi.nacl", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "1.0", "2.0", "sbi.sta", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "1.0", "2.0", "sbi.pmu.counter_fw_read_hi", CHANGED_ENTRY_ADDED, NULL, STRONGER, false },
	{ "1.0", "2.0", "sbi.pmu.snapshot_set_shmem", CHANGED_ENTRY_ADDED, NULL, FREE, false },
	/* 2.0-rc4: "Return error code SBI_ERR_NO_SHMEM in SBI PMU extension wherever applicable" */
	{ "1.0", "2.0", "sbi.pmu.counter_start", CHANGED_RULE_ADDED, "no-snapshot-memory", STRONGER, true },
	/* 2.0-rc4: "more clarification for firmware/vendor/experimental extension space" */
	{ "1.0", "2.0", "sbi.base.probe_extension", CHANGED_RULE_ADDED, "vendor-space-of-another-vendor", STRONGER, true },
	/* 3.0: four extensions */
	{ "2.0", "3.0", "sbi.sse", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "2.0", "3.0", "sbi.fwft", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "2.0", "3.0", "sbi.dbtr", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "2.0", "3.0", "sbi.mpxy", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	/* 3.0, 6.1: set_timer always succeeds */
	{ "2.0", "3.0", "sbi.time.set_timer", CHANGED_RULE_ADDED, "always-succeeds", STRONGER, true },
	/* 3.0, 4.1: bits above 31 of the version are zero */
	{ "2.0", "3.0", "sbi.base.get_spec_version", CHANGED_RULE_ADDED, "upper-half-zero", STRONGER, true },
	/* 3.0, 7.1: failing for reasons of its own is listed; a base need not be a hart */
	{ "2.0", "3.0", "sbi.ipi.send_ipi", CHANGED_RULE_REMOVED, "running-harts-from-a-hart", WEAKER, true },
	{ "2.0", "3.0", "sbi.ipi.send_ipi", CHANGED_RULE_ADDED, "base-alone-need-not-exist", STRONGER, true },
	{ "2.0", "3.0", "sbi.rfence.remote_sfence_vma", CHANGED_RULE_ADDED, "running-harts", STRONGER, true },
	/* 3.0, 12: memory that is not accessible is INVALID_ADDRESS, a code that 2.0 did not list */
	{ "2.0", "3.0", "sbi.dbcn.debug_console_write", CHANGED_RULE_REMOVED, "code-not-listed-before-3-0", WEAKER, true },
	/* the whole way */
	{ "0.2", "3.0", "sbi.mpxy", CHANGED_CHAPTER_ADDED, NULL, FREE, false },
	{ "0.2", "3.0", "sbi.time.set_timer", CHANGED_RULE_ADDED, "always-succeeds", STRONGER, true },
	{ 0 },
};

static const struct expected vmi_facts[] = {
	/* jump points and relocations took the place of slots */
	{ "13.0", "3.0", "vmi.rom.GetRelocationInfo", CHANGED_ENTRY_ADDED, NULL, STRONGER, false },
	{ "13.0", "3.0", "vmi.processor.EnableInterrupts", CHANGED_SELECTOR, NULL, BOTH, false },
	{ "13.0", "3.0", "vmi.timer.SetAlarm", CHANGED_SELECTOR, NULL, BOTH, false },
	/* a call may be of kind NONE */
	{ "13.0", "3.0", "vmi.cpu.RDMSR", CHANGED_PRESENCE, NULL, WEAKER, false },
	/* pointer and value before, value, pointer and flags now */
	{ "13.0", "3.0", "vmi.mmu.SetPxE", CHANGED_ARGUMENT, "`value` moved", BOTH, false },
	{ "13.0", "3.0", "vmi.mmu.SetPxE", CHANGED_ARGUMENT, "`entry` moved", BOTH, false },
	{ "13.0", "3.0", "vmi.mmu.SetPxE", CHANGED_ARGUMENT, "`flags` added", BOTH, false },
	/* the header names the ABI */
	{ "13.0", "3.0", "vmi.rom.header", CHANGED_RULE_ADDED, "`version`", STRONGER, true },
	/* 13.0 only: calls 28 and 41, and those of the page tables */
	{ "13.0", "3.0", "vmi.io.INVD", CHANGED_ENTRY_REMOVED, NULL, WEAKER, false },
	{ "13.0", "3.0", "vmi.processor.Pause", CHANGED_ENTRY_REMOVED, NULL, WEAKER, false },
	{ "13.0", "3.0", "vmi.mmu_13.GetPxE", CHANGED_ENTRY_REMOVED, NULL, WEAKER, false },
	{ "13.0", "3.0", "vmi.mmu_13.SwapPxE", CHANGED_ENTRY_REMOVED, NULL, WEAKER, false },
	{ "13.0", "3.0", "vmi.mmu_13.FlushDeferredCalls", CHANGED_ENTRY_REMOVED, NULL, WEAKER, false },
	/* 3.0 only */
	{ "13.0", "3.0", "vmi.mmu.UpdatePxE", CHANGED_ENTRY_ADDED, NULL, FREE, false },
	{ "13.0", "3.0", "vmi.mmu.SetLazyMode", CHANGED_ENTRY_ADDED, NULL, FREE, false },
	{ 0 },
};

struct interface {
	const char *name;
	const struct expected *facts;
};

static const struct interface sbi = { "sbi", sbi_facts }, vmi = { "vmi", vmi_facts };

static struct spec *load(const char *name)
{
	struct findings *findings = findings_new();
	struct err err = { .message = "" };
	char path[300];
	struct spec *spec;

	snprintf(path, sizeof(path), "%s/spec/%s", ASSAY_SOURCE, name);
	spec = spec_load(path, findings, &err);
	findings_free(findings);
	if (!spec)
		fail_msg("%s", err.message);
	return spec;
}

static struct side side_of(const struct spec *spec, const char *version)
{
	for (size_t i = 0; i < spec->version_count; i++)
		if (!strcmp(spec->versions[i], version))
			return (struct side){ spec, (int)i };
	fail_msg("no version %s", version);
	return (struct side){ spec, -1 };
}

static struct comparison *compare(const struct spec *old, const struct spec *new, const char *from, const char *to)
{
	struct search *search = search_new();
	struct witness_finder finder = search_finder(search);
	struct side a = side_of(old, from), b = side_of(new, to);
	struct comparison *comparison = compare_specs(&a, &b, &finder);

	search_free(search);
	return comparison;
}

static const struct change *find(const struct comparison *comparison, const struct expected *expected)
{
	for (size_t i = 0; i < comparison->count; i++) {
		const struct change *change = comparison->changes[i];

		if (change->kind == expected->kind && !strcmp(change->subject, expected->subject) &&
		    (!expected->what || strstr(change->what, expected->what)))
			return change;
	}
	fail_msg("%s to %s: no %s of %s", expected->old, expected->new, change_kind_names[expected->kind], expected->subject);
	return NULL;
}

static void holds(const struct comparison *comparison, const struct expected *expected)
{
	const struct change *change = find(comparison, expected);

	if (change->on[PARTY_CALLERS].impact != expected->callers ||
	    change->on[PARTY_IMPLEMENTERS].impact != expected->implementers)
		fail_msg("%s: `%s` is %s for callers, %s for implementers", expected->subject, change->what,
			 impact_names[change->on[PARTY_CALLERS].impact], impact_names[change->on[PARTY_IMPLEMENTERS].impact]);
	if (expected->shown && !change->on[PARTY_CALLERS].witness && !change->on[PARTY_IMPLEMENTERS].witness)
		fail_msg("%s: no call shows `%s`", expected->subject, change->what);
}

static void what_the_change_logs_say_is_found(void **state)
{
	const struct interface *interface = *state;
	struct spec *old = load(interface->name), *new = load(interface->name);

	const struct expected *last = NULL;
	struct comparison *comparison = NULL;

	for (const struct expected *expected = interface->facts; expected->old; last = expected++) {
		if (!last || strcmp(last->old, expected->old) || strcmp(last->new, expected->new)) {
			comparison_free(comparison);
			comparison = compare(old, new, expected->old, expected->new);
		}
		holds(comparison, expected);
	}
	comparison_free(comparison);
	spec_free(old);
	spec_free(new);
}

/* The extensions of a version are not part of the one before. */
static void nothing_is_new_between_a_version_and_itself(void **state)
{
	const struct interface *interface = *state;
	struct spec *spec = load(interface->name);

	for (size_t i = 0; i < spec->version_count; i++) {
		struct comparison *comparison = compare(spec, spec, spec->versions[i], spec->versions[i]);

		assert_int_equal(comparison->count, 0);
		comparison_free(comparison);
	}
	spec_free(spec);
}

static void a_comparison_comes_out_the_same_every_time(void **state)
{
	const struct interface *interface = *state;
	struct spec *spec = load(interface->name);
	const char *from = spec->versions[0], *to = spec->versions[spec->version_count - 1];
	struct comparison *one = compare(spec, spec, from, to), *two = compare(spec, spec, from, to);

	assert_int_equal(one->count, two->count);
	for (size_t i = 0; i < one->count; i++) {
		const struct witness *a = one->changes[i]->on[PARTY_CALLERS].witness,
				     *b = two->changes[i]->on[PARTY_CALLERS].witness;

		assert_string_equal(one->changes[i]->what, two->changes[i]->what);
		assert_int_equal(!a, !b);
		if (a)
			assert_string_equal(a->answer, b->answer);
	}
	comparison_free(one);
	comparison_free(two);
	spec_free(spec);
}

#define BOTH_OF(test) cmocka_unit_test_prestate(test, (void *)&sbi), cmocka_unit_test_prestate(test, (void *)&vmi)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OF(what_the_change_logs_say_is_found),
		BOTH_OF(nothing_is_new_between_a_version_and_itself),
		BOTH_OF(a_comparison_comes_out_the_same_every_time),
	};

	return cmocka_run_group_tests_name("published documents", tests, NULL, NULL);
}
