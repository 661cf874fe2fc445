/* SPDX-License-Identifier: BSD-2-Clause */
/* Manifests: what they may say, and the line each bad one gets. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/arch.h"
#include "guest/blob.h"
#include "guest/digest.h"

#define MACHINE                                                                                                                  \
	"machine: board\narch: riscv64\nqemu: qemu-system-riscv64\nargs: [-M, \"virt{machine_options}\"]\ncpu: rv64\nharts: 2\n" \
	"ram: { base: 0x80000000, mib: 128 }\nclock: { address: 0x200bff8, hz: 10000000 }\nhart_ids: [0, 1, 2, 3]\n"             \
	"blob_at: 0x80000000\nmemory_map: [[0, 0xfff], [0x1000, 0x1fff]]\n"

/* A library of our own in a new directory, with one blob file of 100 bytes. */
struct library {
	struct arena *arena;
	char directory[64], sha256[65];
	struct err err;
};

static const char *file(struct library *library, const char *name)
{
	return arena_printf(library->arena, "%s/%s", library->directory, name);
}

static void put(struct library *library, const char *name, const char *text)
{
	FILE *out = fopen(file(library, name), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int set_up(void **state)
{
	struct library *library = xcalloc(1, sizeof(*library));
	uint64_t size;

	*state = library;
	library->arena = arena_new();
	strcpy(library->directory, "/tmp/assay-blob-XXXXXX");
	if (!mkdtemp(library->directory) || mkdir(file(library, "machines"), 0700))
		return -1;
	put(library, "machines/board.yaml", MACHINE);
	put(library, "fw.bin", arena_printf(library->arena, "%0100d", 7));
	setenv("ASSAY_CACHE", file(library, "cache"), 1);
	return digest_file(file(library, "fw.bin"), library->sha256, &size, &library->err);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct library *library = *state;

	nftw(library->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(library->arena);
	free(library);
	return 0;
}

static const struct blob *find(struct library *library, const char *name)
{
	return blob_find(library->arena, library->directory, name, &library->err);
}

/* The manifest `text` is refused with EXIT_USAGE, at `place` in its file, and the message holds `part`. */
static void refused(struct library *library, const char *text, const char *place, const char *part)
{
	put(library, "bad.yaml", text);
	assert_null(find(library, "bad"));
	assert_int_equal(library->err.code, EXIT_USAGE);
	if (!strstr(library->err.message, part) ||
	    !strstr(library->err.message, arena_printf(library->arena, "/bad.yaml%s", place)))
		fail_msg("expected \"%s\" at \"%s\", got: %s", part, place, library->err.message);
	assert_null(strchr(library->err.message, '\n'));
}

static void a_manifest_may_say_everything(void **state)
{
	struct library *library = *state;
	const struct blob *blob;

	put(library, "fw.elf", "symbols");
	put(library, "full.yaml",
	    arena_printf(
		    library->arena,
		    "blob: full\ntitle: A firmware\nversion: 1.10\nspec: spec/sbi\nmachine: board\nlicence: BSD-2-Clause\n"
		    "upstream: https://example.org\npackage: { name: fw, version: \"1\", suite: sid, path: usr/lib/fw.bin }\n"
		    "sha256: %s\npath: fw.bin\nsymbols: fw.elf\ncpu: max\nharts: 4\nram_mib: 64\nmachine_options: \",aia=aplic\"\n"
		    "device_tree_set: { /pmu: { compatible: \"riscv,pmu\", cells: [1, 2], on: true } }\n"
		    "deviations: known.yaml\nsigning_key: key.pem\n",
		    library->sha256));
	blob = find(library, "full");
	if (!blob)
		fail_msg("%s", library->err.message);
	assert_string_equal(blob->version, "1.10");
	assert_string_equal(blob->sha256, library->sha256);
	assert_int_equal(blob->size, 100);
	assert_string_equal(blob->package, "fw 1");
	assert_non_null(strstr(blob->symbols, "/fw.elf"));
	assert_int_equal(blob->path[0], '/');
	assert_string_equal(blob->machine->cpu, "max");
	assert_int_equal(blob->machine->harts, 4);
	assert_int_equal(blob->machine->ram_size, 64 << 20);
	assert_string_equal(blob->machine->options, ",aia=aplic");
	assert_int_equal(blob->machine->map_count, 2);
	assert_int_equal(blob->machine->map[1].high, 0x1fff);
	assert_int_equal(blob->machine->tree_count, 3);
	assert_memory_equal(blob->machine->tree[1].value, "\0\0\0\1\0\0\0\2", 8);
	assert_int_equal(blob->machine->tree[2].size, 0);
}

static void two_lines_beside_a_file_are_enough(void **state)
{
	struct library *library = *state;
	const struct blob *blob;

	put(library, "fw.bin.yaml", "machine: board\nspec: spec/sbi\n");
	blob = find(library, file(library, "fw.bin"));
	if (!blob)
		fail_msg("%s", library->err.message);
	assert_string_equal(blob->name, "fw.bin");
	assert_non_null(strstr(blob->path, "/fw.bin"));
	assert_non_null(find(library, file(library, "fw.bin.yaml")));
}

static void a_bare_file_is_told_to_get_a_manifest(void **state)
{
	struct library *library = *state;

	assert_null(find(library, file(library, "fw.bin")));
	assert_int_equal(library->err.code, EXIT_USAGE);
	assert_non_null(strstr(library->err.message, "fw.bin.yaml with two lines"));
}

static void the_cache_is_the_last_place(void **state)
{
	struct library *library = *state;
	const char *text = arena_printf(library->arena,
					"blob: cached\nmachine: board\nsha256: %s\ninstalled: %s\n"
					"package: { name: fw, version: \"1\", suite: sid, path: usr/lib/fw.bin }\n",
					library->sha256, file(library, "other.bin"));

	put(library, "other.bin", arena_printf(library->arena, "%0100d", 8));
	put(library, "cached.yaml", text);
	assert_null(find(library, "cached"));
	assert_non_null(strstr(library->err.message, "./dev blobs cached"));
	mkdir(file(library, "cache"), 0700);
	mkdir(file(library, "cache/cached"), 0700);
	put(library, "cache/cached/fw.bin", arena_printf(library->arena, "%0100d", 9));
	assert_null(find(library, "cached"));
	assert_non_null(strstr(library->err.message, "is another file"));
	put(library, "cache/cached/fw.bin", arena_printf(library->arena, "%0100d", 7));
	assert_non_null(find(library, "cached"));
	put(library, "other.bin", arena_printf(library->arena, "%0100d", 7));
	assert_non_null(strstr(find(library, "cached")->path, "/other.bin"));
}

static void a_bad_manifest_is_refused_at_its_place(void **state)
{
	struct library *library = *state;
	static const struct {
		const char *text, *place, *part;
	} bad[] = {
		{ "machine: board\nfoo: 1\n", ":2:1:", "unknown key `foo`" },
		{ "blob: x\n", ":1:1:", "`machine` is missing" },
		{ "- a\n", ":1:1:", "a mapping" },
		{ "machine: [a]\n", ":1:10:", "a text is expected" },
		{ "machine: board\nharts: many\n", ":2:8:", "a number is expected" },
		{ "machine: board\nharts: 9\n", ":2:8:", "1 to 8 CPUs" },
		{ "machine: board\nram_mib: 1\n", ":2:10:", "MiB of RAM" },
		{ "machine: board\nsha256: abc\n", ":2:9:", "64 lower-case hex digits" },
		{ "machine: board\npackage: { name: x }\n", ":2:10:", "`version` is missing" },
		{ "machine: board\npackage: { nom: x }\n", ":2:12:", "unknown key `nom`" },
		{ "machine: board\npublished: 1\n", ":2:12:", "true or false" },
		{ "machine: board\nblob: ../x\n", ":2:7:", "no name for a blob" },
		{ "machine: board\ndevice_tree_set: { pmu: { a: 1 } }\n", ":2:20:", "/node" },
		{ "machine: board\ndevice_tree_set: { /pmu: { a: 0x100000000 } }\n", ":2:31:", "32 bits" },
		{ "machine: board\n", ":1:1:", "`path: FILE` is expected" },
		{ "machine: \"board\n", "", "bad.yaml" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(library, bad[i].text, bad[i].place, bad[i].part);
}

/* `path: NAME` is refused with a message that holds `part`. */
static void bad_file(struct library *library, const char *name, const char *part)
{
	put(library, "bad.yaml", arena_printf(library->arena, "machine: board\npath: %s\n", name));
	assert_null(find(library, "bad"));
	assert_int_equal(library->err.code, EXIT_USAGE);
	if (!strstr(library->err.message, part) || !strstr(library->err.message, name))
		fail_msg("expected \"%s\", got: %s", part, library->err.message);
}

static void a_blob_that_is_no_firmware_is_refused(void **state)
{
	struct library *library = *state;

	put(library, "empty.bin", "");
	put(library, "short.bin", "only a few bytes");
	bad_file(library, "missing.bin", "No such file");
	bad_file(library, "machines", "is a directory");
	bad_file(library, "empty.bin", "is empty");
	bad_file(library, "short.bin", "truncated");
	bad_file(library, "/dev/null", "is a device");
	if (geteuid() && !chmod(file(library, "fw.bin"), 0))
		bad_file(library, "fw.bin", "Permission denied");
}

static void a_directory_or_nothing_as_a_bare_file_is_refused(void **state)
{
	struct library *library = *state;

	assert_null(find(library, file(library, "machines")));
	assert_non_null(strstr(library->err.message, "is a directory"));
	assert_null(find(library, "nothing"));
	assert_non_null(strstr(library->err.message, "no blob `nothing`"));
	assert_null(find(library, ""));
}

static void a_file_with_another_digest_is_refused(void **state)
{
	struct library *library = *state;

	refused(library,
		"machine: board\npath: fw.bin\nsha256: 0000000000000000000000000000000000000000000000000000000000000000\n",
		" wants", "is another file");
}

static void a_bad_machine_is_refused(void **state)
{
	struct library *library = *state;
	static const struct {
		const char *line, *part;
	} bad[] = {
		{ "memory_map: [[5, 1]]\n", "comes before" },
		{ "memory_map: [5]\n", "[first, last]" },
		{ "memory_map: 5\n", "a list" },
		{ "hart_ids: [0,1,2,3,4,5,6,7,8]\n", "at most 8" },
		{ "clock: { hz: 0 }\n", "no clock" },
		{ "ram: { base: 0 }\n", "`mib` is missing" },
		{ "args: x\n", "a list" },
	};

	assert_null(machine_load(library->arena, library->directory, "none", &library->err));
	assert_non_null(strstr(library->err.message, "no machine `none`"));
	assert_null(machine_load(library->arena, library->directory, "../machines/board", &library->err));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(library, "machines/bad.yaml", bad[i].line);
		assert_null(machine_load(library->arena, library->directory, "bad", &library->err));
		if (!strstr(library->err.message, bad[i].part))
			fail_msg("expected \"%s\", got: %s", bad[i].part, library->err.message);
	}
}

static void every_manifest_of_the_library_can_be_read(void **state)
{
	struct library *library = *state;
	const struct machine *machine = machine_load(library->arena, ASSAY_SOURCE "/blobs", "riscv-virt", &library->err);

	if (!machine)
		fail_msg("%s", library->err.message);
	assert_int_equal(machine->clock_hz, 10000000);
	assert_true(machine->off_by_exit);
	assert_string_equal(machine->package, "qemu-system-misc");
}

static void an_architecture_is_a_file(void **state)
{
	struct library *library = *state;
	const struct arch *arch = arch_load(library->arena, ASSAY_SOURCE "/probes/arch/riscv64", &library->err);

	if (!arch)
		fail_msg("%s", library->err.message);
	assert_string_equal(arch->inputs[arch_input(arch, "a7")], "a7");
	assert_true(arch->constant[arch_register(arch, "zero")]);
	assert_int_equal(arch_gate(arch, "ecall"), 1);
	assert_int_equal(arch_pad(arch, "handler"), 2);
	assert_int_equal(arch_pad(arch, "nowhere"), -1);
	assert_int_equal(arch_input(arch, "s0"), -1);
	assert_true(arch->control_mask[arch_control(arch, "sepc")] == UINT64_MAX);
	assert_true(arch->control_mask[arch_control(arch, "sstatus")] == 0x80000003000de162u);
}

static void a_bad_architecture_is_refused(void **state)
{
	struct library *library = *state;
	static const char good[] =
		"arch: x\nword: 64\nbyte_order: little\ninputs: [a]\nregisters: [a, b]\ncontrol: [c]\ngates: { g: 1 }\npads: { p: 1 }\n";
	static const struct {
		const char *more, *part;
	} bad[] = {
		{ "constant: [z]\n", "not in `registers`" },
		{ "control_mask: { z: 1 }\n", "not in `control`" },
		{ "control_mask: 1\n", "pairs" },
		{ "register_mask: { z: 1 }\n", "not in `registers`" },
		{ "fixed: { a: x }\n", "number" },
		{ "beside: [z]\n", "not in `registers`" },
		{ "monitor: { z: Z }\n", "not in `registers`" },
		{ "weight: 1\n", "unknown key" },
	};

	put(library, "arch.yaml", good);
	assert_non_null(arch_load(library->arena, library->directory, &library->err));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(library, "arch.yaml", arena_printf(library->arena, "%s%s", good, bad[i].more));
		assert_null(arch_load(library->arena, library->directory, &library->err));
		if (!strstr(library->err.message, bad[i].part))
			fail_msg("expected \"%s\", got: %s", bad[i].part, library->err.message);
	}
	put(library, "arch.yaml",
	    "arch: x\nword: 8\nbyte_order: little\ninputs: []\nregisters: []\ncontrol: []\ngates: {}\npads: {}\n");
	assert_null(arch_load(library->arena, library->directory, &library->err));
	put(library, "arch.yaml",
	    "arch: x\nword: 64\nbyte_order: pdp\ninputs: []\nregisters: []\ncontrol: []\ngates: {}\npads: {}\n");
	assert_null(arch_load(library->arena, library->directory, &library->err));
	put(library, "arch.yaml",
	    "arch: x\nword: 64\nbyte_order: big\ninputs: [q]\nregisters: []\ncontrol: []\ngates: {}\npads: {}\n");
	assert_null(arch_load(library->arena, library->directory, &library->err));
}

int main(void)
{
#define BLOB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		BLOB_TEST(a_manifest_may_say_everything),
		BLOB_TEST(two_lines_beside_a_file_are_enough),
		BLOB_TEST(a_bare_file_is_told_to_get_a_manifest),
		BLOB_TEST(the_cache_is_the_last_place),
		BLOB_TEST(a_bad_manifest_is_refused_at_its_place),
		BLOB_TEST(a_blob_that_is_no_firmware_is_refused),
		BLOB_TEST(a_directory_or_nothing_as_a_bare_file_is_refused),
		BLOB_TEST(a_file_with_another_digest_is_refused),
		BLOB_TEST(a_bad_machine_is_refused),
		BLOB_TEST(every_manifest_of_the_library_can_be_read),
		BLOB_TEST(an_architecture_is_a_file),
		BLOB_TEST(a_bad_architecture_is_refused),
	};

	return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
