/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/test_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char interface[] =
	"assay: 1\ninterface: toy\ntitle: A part of SBI\n"
	"document: { title: Toy, short: Toy, revision: \"1.0\", url: \"https://example.org\" }\n"
	"versions: [\"0.2\", \"0.3\", \"2.0\"]\n"
	"claim: { entry: base.get_spec_version, major: \"bits(value, 30, 24)\", minor: \"bits(value, 23, 0)\" }\n"
	"convention:\n  gate: ecall\n  word: 64\n  byte_order: little\n  selector: { eid: a7, fid: a6 }\n  arguments: [a0, a1, a2, a3, a4, a5]\n"
	"  results: [{ name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 }]\n"
	"  preserved: { all_but: [a0, a1], cite: \"3\" }\n"
	"  control: { preserved: [sie], watched: [sip], cite: \"3\" }\n"
	"  success: { error: SUCCESS }\n  status: error\n  deadline: 20ms\n"
	"  cites: { returns: \"3\" }\n"
	"errors: { SUCCESS: 0, FAILED: -1 }\n"
	"facts: [boot_hart]\n"
	"chapters:\n"
	"  - chapter: base\n    title: Base\n    cite: \"4\"\n    call: { eid: 0x10 }\n    entries:\n"
	"      - { name: get_spec_version, cite: \"4.1\", call: { fid: 0 } }\n"
	"      - { name: probe_extension, cite: \"4.4\", call: { fid: 3 }, args: [{ name: extension_id, type: s64 }] }\n"
	"      - { name: asked, cite: \"4.5\", call: { fid: 100 }, prepare: [\n"
	"          { entry: base.probe_extension, args: { extension_id: 0x53525354 }, when: \"value != 0\" }] }\n"
	"      - { name: asked_in_vain, cite: \"4.5\", call: { fid: 101 }, prepare: [\n"
	"          { entry: base.probe_extension, args: { extension_id: 0x77777777 }, when: \"value != 0\" }] }\n"
	"  - chapter: there\n    title: There\n    cite: \"5\"\n    call: { eid: 0x53525354, fid: 0 }\n"
	"    presence: { entry: base.probe_extension, args: { extension_id: 0x53525354 }, when: \"value != 0\" }\n    entries:\n"
	"      - { name: power_off, cite: \"5.1\", args: [{ name: type, type: u32 }, { name: reason, type: u32 }], outcomes: [shutdown, returns] }\n"
	"  - chapter: missing\n    title: Missing\n    cite: \"6\"\n    call: { eid: 0x77777777, fid: 0 }\n"
	"    presence: { entry: base.probe_extension, args: { extension_id: 0x77777777 }, when: \"value != 0\" }\n    entries:\n"
	"      - name: share\n        cite: \"6.1\"\n        args:\n"
	"          - { name: memory, type: u64, buffer: { size: \"16\", direction: out, align: 64 } }\n"
	"          - { name: length, type: u64, length_of: memory }\n"
	"  - chapter: harts\n    title: Harts\n    cite: \"7\"\n    call: { eid: 0x48534d }\n    entries:\n"
	"      - { name: stop, cite: \"7.1\", call: { fid: 1 } }\n"
	"      - name: start\n        cite: \"7.2\"\n        call: { fid: 0 }\n        settle: 100us\n        args:\n"
	"          - { name: hartid, type: u64, role: hart }\n          - { name: start_addr, type: u64, code: park }\n"
	"          - { name: opaque, type: u64 }\n"
	"  - chapter: old\n    title: Old\n    cite: \"9\"\n    entries:\n"
	"      - { name: surprise, cite: \"9.1\", call: { eid: 8, fid: 0 } }\n"
	"  - chapter: console\n    title: Console\n    cite: \"8\"\n    entries:\n"
	"      - { name: mutter, cite: \"8.1\", call: { eid: 1, fid: 0 }, args: [{ name: c, type: u64 }] }\n"
	"      - { name: say, cite: \"8.2\", call: { eid: 1, fid: 1 }, args: [{ name: c, type: u64 }], console: { output: any } }\n"
	"      - { name: listen, cite: \"8.3\", call: { eid: 2, fid: 0 }, console: { input: \"x\" } }\n";

static int load_spec(struct world *world)
{
	char path[] = "/tmp/assay-toy-XXXXXX";
	struct findings *findings = findings_new();
	int fd = mkstemp(path);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out) {
		fputs(interface, out);
		fclose(out);
		world->spec = spec_load(path, findings, &world->err);
		unlink(path);
	}
	if (!world->spec)
		fprintf(stderr, "%s\n", world->err.message);
	findings_free(findings);
	return world->spec ? 0 : -1;
}

int world_set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	const char *probe = getenv("ASSAY_PROBE");
	const struct blob *blob;

	*state = world;
	world->arena = arena_new();
	if (load_spec(world))
		return -1;
	world->config = (struct run_config){
		.spec = world->spec,
		.stopper = ASSAY_BUILD "/harness/guest/stopper.so",
		.probe = probe ? probe : ASSAY_BUILD "/probes/riscv64.elf",
		.directory = "/tmp",
		.jobs = 1,
		.interrupt = &world->interrupt,
	};
	world->config.arch = arch_load(world->arena, ASSAY_SOURCE "/probes/arch/riscv64", &world->err);
	blob = blob_find(world->arena, ASSAY_SOURCE "/blobs", "opensbi-1.1", &world->err);
	if (blob && !access(world->config.probe, R_OK))
		world->config.blob = blob;
	return world->config.arch ? 0 : -1;
}

int world_tear_down(void **state)
{
	struct world *world = *state;

	spec_free(world->spec);
	arena_free(world->arena);
	free(world->heard);
	free(world);
	return 0;
}

struct case_step *world_step(struct world *world, struct plan_case *plan_case, const char *entry)
{
	struct case_step *step = &plan_case->steps[plan_case->step_count++];

	step->entry = spec_find_entry(world->spec, entry);
	if (!step->entry)
		abort();
	return step;
}

struct plan_case *world_case(struct world *world, const char *id, const char *entry)
{
	struct plan_case *plan_case = &world->cases[world->case_count++];

	plan_case->id = id;
	plan_case->entry = world_step(world, plan_case, entry)->entry;
	return plan_case;
}

/* ---- what the layer is linked with instead of a real plan ---- */

const char *const strategy_names[STRATEGY_COUNT] = {
	"rule", "boundary", "reserved", "pairwise", "random", "sequence", "sample", "absent",
};

const struct plan_case *plan_next(struct plan *plan)
{
	struct world *world = (struct world *)plan;

	return world->next < world->case_count ? &world->cases[world->next++] : NULL;
}

void plan_rewind(struct plan *plan)
{
	((struct world *)plan)->next = 0;
}

const struct plan_case *plan_find(struct plan *plan, const char *id)
{
	struct world *world = (struct world *)plan;

	for (size_t i = 0; i < world->case_count; i++)
		if (!strcmp(world->cases[i].id, id))
			return &world->cases[i];
	return NULL;
}

/* ---- the sink ---- */

static const char *const outcome_words[] = {
	"not-run", "returned", "trapped", "landed", "stopped", "shutdown", "reset",
	"crash",   "hang",     "no-hart", "broken", "forged",  "read",
};

static bool listen_to(struct world *world, const struct recorded_case *recorded)
{
	fprintf(world->out, "%s/%u", recorded->id, recorded->attempt);
	for (unsigned i = 0; i < recorded->step_count; i++) {
		const struct recorded_step *step = &recorded->steps[i];

		fprintf(world->out, " %s", outcome_words[step->outcome]);
		if (step->outcome != RECORD_NOT_RUN && !step->has_console)
			fputs("[?]", world->out);
		if (step->console_length)
			fprintf(world->out, "[%.*s]", (int)step->console_length, (const char *)step->console);
	}
	fputs("\n", world->out);
	world->heard_cases++;
	world->boots += world->heard_cases == 1 || recorded->boot != world->last_boot;
	world->last_boot = recorded->boot;
	world->interrupt = world->stop_after && world->heard_cases >= world->stop_after;
	return world->confirm && !strcmp(world->confirm, recorded->id);
}

static bool know(void *context, const struct recorded_case *recorded)
{
	struct world *world = context;

	fputs("known ", world->out);
	return listen_to(world, recorded);
}

static bool hear(void *context, const struct recorded_case *recorded)
{
	struct world *world = context;

	if (world->writer && journal_write(world->writer, recorded, &world->err))
		abort();
	return listen_to(world, recorded);
}

int world_run(struct world *world, const char *past, struct run_stats *stats)
{
	const struct run_sink sink = { .context = world, .recorded = hear, .known = know };
	int result;

	free(world->heard);
	world->out = open_memstream(&world->heard, &world->heard_size);
	world->next = 0;
	result = run_plan(&world->config, &world->survey, (struct plan *)world, past, &sink, stats, &world->err);
	fclose(world->out);
	return result;
}
