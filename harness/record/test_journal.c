/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "record/format.h"

static char directory[] = "/tmp/assay-journal-XXXXXX";
static char path[64];

static int setup_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/journal", directory);
	return 0;
}

static int remove_journal(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static const uint64_t map[][2] = { { 0x1000, 0x1fff }, { 0x80000000, 0x87ffffff } };
static const char *const chapters[] = { "base", "hsm" };
static const bool present[] = { true, false };
static const char *const registers[] = { "zero", "ra", "sp" };
static const char *const control[] = { "sie", "satp" };

static const struct recording_head head = {
	.assay = "0.1.0",
	.qemu = "7.2",
	.sandbox = "uid limits",
	.qemu_sha256 = "fedc",
	.machine = "qemu -M virt",
	.blob = "b",
	.blob_version = NULL,
	.blob_sha256 = "aa",
	.spec = "sbi",
	.spec_sha256 = "bb",
	.probe_sha256 = "",
	.command = "assay run",
	.arch = "riscv64",
	.seed = UINT64_MAX,
	.ram_base = 0x80000000,
	.ram_size = 0x8000000,
	.clock_hz = 10000000,
	.boot_hart = 3,
	.harts = 2,
	.hart_ids = { 3, 0xffffffff },
	.claimed_major = -1,
	.claimed_minor = INT64_MAX,
	.own_low = 0x81000000,
	.own_high = 0x81ffffff,
	.map_count = 2,
	.map = map,
	.chapter_count = 2,
	.chapters = chapters,
	.present = present,
	.register_count = 3,
	.control_count = 2,
	.registers = registers,
	.control = control,
	.control_mask = { 0x8000000000000000, 7 },
	.options = "{}",
};

static uint8_t before[48], after[48];
static const struct recorded_landing landings[] = { { 1, 2, 0x81000000, { [10] = 7, [31] = UINT64_MAX }, { 1, [7] = 9 } },
						    { 0xffffffff, 0, 0, { 0 }, { 0 } } };

static struct recorded_step full_steps[] = {
	{ .entry = "sbi.base.get_spec_version",
	  .outcome = RECORD_RETURNED,
	  .hart = 3,
	  .result_count = 2,
	  .results = { 0, 0x1000000 },
	  .start = 100,
	  .end = 112,
	  .before = { 1, 2, 3 },
	  .after = { 1, 2, 3 } },
	{ .entry = "sbi.dbcn.console_write",
	  .outcome = RECORD_TRAPPED,
	  .hart = 0xffffffff,
	  .arg_count = 12,
	  .result_count = 4,
	  .buffer_count = 3,
	  .landing_count = 2,
	  .args = { 1, UINT64_MAX, 1ull << 63, INT64_MAX, [11] = 5 },
	  .results = { (uint64_t)-3, 1, 2, 3 },
	  .start = 90,
	  .end = UINT64_MAX,
	  .cause = 5,
	  .pc = 0x80200000,
	  .trap_value = 1,
	  .clobbered = 0x80000004,
	  .registers = { [2] = 22, [31] = 33 },
	  .expected = { [2] = 44, [31] = 55 },
	  .has_later = true,
	  .before = { 1, 5, 3, [7] = 8 },
	  .after = { 2, 5 },
	  .later = { 1, 5, 4 },
	  .ipis = { 1, 0, 255, [7] = 9 },
	  .buffers = { { 0x81000100, 16, 16, before, after }, { 5, 0, 0, NULL, NULL }, { 0, 40, 4, before, before } },
	  .landings = landings,
	  .has_console = true,
	  .console = (const uint8_t *)"hello",
	  .console_length = 5 },
	{ .entry = "sbi.base.get_spec_version", .outcome = RECORD_BROKEN, .hart = 0xffffffff, .has_console = true },
};

static const struct recorded_case full = {
	"sbi.dbcn.console_write:boundary:all", "boundary", "sbi.dbcn.console_write:x", 7, 2, 3, 1, full_steps, RECORD_SHORTER
};
static struct recorded_step small_step = {
	.entry = "sbi.hsm.hart_stop", .outcome = RECORD_STOPPED, .buffer_count = 1, .buffers = { { 0x1000, 8, 8, before, after } }
};
static const struct recorded_case small = { "sbi.dbcn.hart_stop:random:1", NULL, NULL, 5, 0, 1, 0, &small_step };
static const struct recorded_case empty = { "", "random", NULL, 5, 0, 0, 0, NULL };

static void fill_buffers(void)
{
	memset(before, 0xa5, sizeof(before));
	memcpy(after, before, sizeof(after));
	memcpy(before + 16, "0123456789abcdef", 16);
	after[20] = 1;
}

static void same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void same_content(const uint8_t *a, const uint8_t *b, size_t size)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_memory_equal(a, b, size);
}

static void same_step(const struct recorded_step *a, const struct recorded_step *b)
{
	struct recorded_step x = *a, y = *b;

	same_text(a->entry, b->entry);
	for (unsigned i = 0; i < a->buffer_count; i++) {
		size_t whole = a->buffers[i].size + 2 * (size_t)a->buffers[i].guard;

		same_content(a->buffers[i].before, b->buffers[i].before, whole);
		same_content(a->buffers[i].after, b->buffers[i].after, whole);
		x.buffers[i].before = x.buffers[i].after = y.buffers[i].before = y.buffers[i].after = NULL;
	}
	assert_int_equal(a->landing_count, b->landing_count);
	if (a->landing_count)
		assert_memory_equal(a->landings, b->landings, a->landing_count * sizeof(*a->landings));
	same_content(a->console, b->console, a->console_length);
	x.entry = y.entry = NULL;
	x.landings = y.landings = NULL;
	x.console = y.console = NULL;
	assert_memory_equal(&x, &y, sizeof(x));
}

static void same_case(const struct recorded_case *a, const struct recorded_case *b)
{
	same_text(a->id, b->id);
	same_text(a->strategy, b->strategy);
	same_text(a->rule, b->rule);
	assert_int_equal(a->boot, b->boot);
	assert_int_equal(a->attempt, b->attempt);
	assert_int_equal(a->main, b->main);
	assert_int_equal(a->role, b->role);
	assert_int_equal(a->step_count, b->step_count);
	for (unsigned i = 0; i < a->step_count; i++)
		same_step(&a->steps[i], &b->steps[i]);
}

static void write_cases(const struct recorded_case *const *cases, size_t count, bool finish)
{
	struct err err = { 0 };
	struct journal_writer *writer = journal_create(path, &head, &err);

	assert_non_null(writer);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(journal_write(writer, cases[i], &err), 0);
	if (finish)
		assert_int_equal(journal_finish(writer, &err), 0);
	assert_int_equal(journal_close(writer, &err), 0);
}

static const struct recorded_case *const three[] = { &small, &full, &empty };

/* Reads everything; the first cases must be those of `three`. Returns how many there were. */
static size_t read_back(enum journal_state expected)
{
	struct err err = { 0 };
	struct journal_reader *reader = journal_open(path, &err);
	const struct recorded_case *recorded;
	size_t count = 0;

	assert_non_null(reader);
	while (journal_next(reader, &recorded, &err) > 0)
		same_case(three[count++ % 3], recorded);
	assert_int_equal(journal_state(reader), expected);
	journal_free(reader);
	return count;
}

static off_t file_size(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void every_field_of_a_case_comes_back(void **state)
{
	(void)state;
	write_cases(three, 3, true);
	assert_int_equal(read_back(JOURNAL_COMPLETE), 3);
}

static void every_field_of_the_head_comes_back(void **state)
{
	struct err err = { 0 };
	struct journal_reader *reader;
	const struct recording_head *got;

	(void)state;
	write_cases(three, 0, false);
	reader = journal_open(path, &err);
	assert_non_null(reader);
	got = journal_head(reader);
	same_text(got->assay, head.assay);
	same_text(got->qemu, head.qemu);
	same_text(got->blob, head.blob);
	same_text(got->blob_version, head.blob_version);
	same_text(got->blob_sha256, head.blob_sha256);
	same_text(got->spec, head.spec);
	same_text(got->spec_sha256, head.spec_sha256);
	same_text(got->probe_sha256, head.probe_sha256);
	same_text(got->command, head.command);
	same_text(got->arch, head.arch);
	same_text(got->options, head.options);
	same_text(got->sandbox, head.sandbox);
	same_text(got->qemu_sha256, head.qemu_sha256);
	same_text(got->machine, head.machine);
	assert_memory_equal(&got->seed, &head.seed,
			    offsetof(struct recording_head, map_count) - offsetof(struct recording_head, seed));
	assert_int_equal(got->map_count, 2);
	assert_memory_equal(got->map, map, sizeof(map));
	assert_int_equal(got->chapter_count, 2);
	assert_string_equal(got->chapters[1], "hsm");
	assert_memory_equal(got->present, present, sizeof(present));
	assert_int_equal(got->register_count, 3);
	assert_string_equal(got->registers[2], "sp");
	assert_int_equal(got->control_count, 2);
	assert_string_equal(got->control[0], "sie");
	assert_memory_equal(got->control_mask, head.control_mask, sizeof(head.control_mask));
	journal_free(reader);
}

static void how_the_audit_stood_is_known_at_every_case(void **state)
{
	const struct recorded_audit stood[] = { { 7, 0, "" }, { 300, 2, "call 5 was made twice" } };
	struct err err = { 0 };
	struct journal_writer *writer = journal_create(path, &head, &err);
	const struct recorded_case *recorded;
	struct journal_reader *reader;
	struct recorded_audit audit;

	(void)state;
	assert_non_null(writer);
	assert_int_equal(journal_write(writer, &small, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(journal_audit(writer, &stood[i], &err), 0);
		assert_int_equal(journal_write(writer, &small, &err), 0);
	}
	assert_int_equal(journal_close(writer, &err), 0);
	reader = journal_open(path, &err);
	assert_int_equal(journal_next(reader, &recorded, &err), 1);
	assert_false(journal_audited(reader, &audit));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(journal_next(reader, &recorded, &err), 1);
		assert_true(journal_audited(reader, &audit));
		assert_int_equal(audit.calls, stood[i].calls);
		assert_int_equal(audit.mismatches, stood[i].mismatches);
		assert_string_equal(audit.first, stood[i].first);
	}
	journal_free(reader);
}

static void searches_are_read_back_in_order(void **state)
{
	const struct recorded_search written[] = { { "t.base.x", 64 }, { "t.base.y", 1 }, { "t.base.x", UINT32_MAX } };
	const struct recorded_search *read;
	struct err err = { 0 };
	struct journal_writer *writer = journal_create(path, &head, &err);
	const struct recorded_case *recorded;
	struct journal_reader *reader;

	(void)state;
	assert_non_null(writer);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(journal_write(writer, &small, &err), 0);
		assert_int_equal(journal_search(writer, &written[i], &err), 0);
	}
	assert_int_equal(journal_close(writer, &err), 0);
	reader = journal_open(path, &err);
	assert_int_equal(journal_next(reader, &recorded, &err), 1);
	assert_int_equal(journal_searches(reader, &read), 0);
	while (journal_next(reader, &recorded, &err) > 0)
		;
	assert_int_equal(journal_searches(reader, &read), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(read[i].entry, written[i].entry);
		assert_int_equal(read[i].tries, written[i].tries);
	}
	journal_free(reader);
}

static void a_journal_without_an_end_is_unfinished(void **state)
{
	(void)state;
	write_cases(three, 3, false);
	assert_int_equal(read_back(JOURNAL_UNFINISHED), 3);
}

static void an_existing_journal_is_not_written_over(void **state)
{
	struct err err = { 0 };

	(void)state;
	write_cases(three, 1, false);
	assert_null(journal_create(path, &head, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(read_back(JOURNAL_UNFINISHED), 1);
}

static uint8_t *slurp(size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;

	assert_non_null(file);
	*size = (size_t)file_size();
	bytes = xmalloc(*size);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static void spill(const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Reads whatever is there; every case handed out must be one that was written. Returns how many, or -1 when it does not open. */
static int read_anything(enum journal_state *how)
{
	struct err err = { 0 };
	struct journal_reader *reader = journal_open(path, &err);
	const struct recorded_case *recorded;
	int count = 0;

	if (!reader)
		return -1;
	while (journal_next(reader, &recorded, &err) > 0)
		same_case(three[count++ % 3], recorded);
	*how = journal_state(reader);
	journal_free(reader);
	return count;
}

static void a_journal_cut_at_any_byte_keeps_what_was_before_the_cut(void **state)
{
	size_t size;
	uint8_t *bytes;
	int last = -1;

	(void)state;
	write_cases(three, 3, true);
	bytes = slurp(&size);
	for (size_t cut = 0; cut < size; cut++) {
		enum journal_state how = JOURNAL_COMPLETE;
		int count;

		spill(bytes, cut);
		count = read_anything(&how);
		assert_true(count >= last);
		assert_true(count < 0 || how != JOURNAL_COMPLETE);
		last = count;
	}
	assert_int_equal(last, 3);
	free(bytes);
}

static void a_flipped_bit_is_noticed_wherever_it_is(void **state)
{
	size_t size;
	uint8_t *bytes;

	(void)state;
	write_cases(three, 3, true);
	bytes = slurp(&size);
	/* every bit of the first records, one of each later byte */
	for (size_t bit = 0; bit < size * 8; bit += bit < 1024 ? 1 : 9) {
		enum journal_state how = JOURNAL_DAMAGED;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill(bytes, size);
		if (read_anything(&how) >= 0)
			assert_int_equal(how, JOURNAL_DAMAGED);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
}

/* Without the checksum's help: whatever the bytes, decoding ends, stays inside them, and either succeeds or says no. */
static void a_record_made_to_do_harm_is_refused_without_harm(void **state)
{
	struct sink sink = { 0 };
	struct history history = { 0 };
	const uint32_t numbers[] = { 1, 2, 1 };
	const char *texts[] = { "a", "b" };
	const struct string_table strings = { texts, 2, 2, NULL };
	struct arena *arena = arena_new();
	struct rng rng = { 1 };

	(void)state;
	encode_case(&sink, &history, &full, &(struct case_names){ 1, 2, numbers });
	history_free(&history);
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = round % 2 ? rng_below(&rng, sink.used) : sink.used - 1;
		uint8_t *copy = xmalloc(size ? size : 1);
		struct cursor cursor = { copy, copy + size, 1 << 20, false };

		memcpy(copy, sink.data + 1, size);
		for (unsigned flips = 0; flips < round % 5 && size; flips++)
			copy[rng_below(&rng, size)] ^= (uint8_t)(1 << rng_below(&rng, 8));
		if (decode_case(&cursor, arena, &history, &strings))
			assert_false(cursor.bad);
		arena_reset(arena);
		history_free(&history);
		free(copy);
	}
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t noise[64];
		struct cursor cursor = { noise, noise + sizeof(noise), 1 << 20, false };

		for (unsigned i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)rng_below(&rng, round % 2 ? 256 : 8);
		(void)decode_head(&cursor, arena);
		arena_reset(arena);
	}
	arena_free(arena);
	sink_free(&sink);
}

static void appending_cuts_off_a_damaged_tail_and_goes_on(void **state)
{
	struct err err = { 0 };
	size_t size;
	uint8_t *bytes;

	(void)state;
	write_cases(three, 3, true);
	bytes = slurp(&size);
	for (size_t cut = size; cut > size - 40; cut--) {
		enum journal_state how;
		struct journal_writer *writer;
		int count;

		spill(bytes, cut);
		count = read_anything(&how);
		assert_true(count > 0);
		writer = journal_append(path, &err);
		assert_non_null(writer);
		for (int i = 0; i < 6; i++)
			assert_int_equal(journal_write(writer, three[(count + i) % 3], &err), 0);
		assert_int_equal(journal_finish(writer, &err), 0);
		assert_int_equal(journal_close(writer, &err), 0);
		assert_int_equal(read_back(JOURNAL_COMPLETE), count + 6);
	}
	free(bytes);
}

static void two_writers_of_one_journal_are_refused(void **state)
{
	struct err err = { 0 };
	struct journal_writer *writer = journal_create(path, &head, &err);

	(void)state;
	assert_non_null(writer);
	assert_null(journal_append(path, &err));
	assert_non_null(strstr(err.message, "another run"));
	assert_int_equal(journal_close(writer, &err), 0);
}

/* In a child, because a limit cannot be raised again. Exit status: 0 when everything was as it should be. */
static int write_until_full(rlim_t limit)
{
	struct rlimit size = { limit, limit };
	struct journal_writer *writer;
	struct err err = { 0 };
	int result = 0;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &size);
	writer = journal_create(path, &head, &err);
	for (size_t i = 0; writer && i < 100000 && !result; i++)
		result = journal_write(writer, three[i % 3], &err);
	if (!writer || !result || err.code != EXIT_BROKEN || !strstr(err.message, "disk full") || !strstr(err.message, path))
		return 1;
	err.message[0] = 0;
	if (journal_sync(writer, &err) == 0 || !strstr(err.message, "disk full"))
		return 2;
	return journal_close(writer, &err) == 0 ? 3 : 0;
}

static int in_child(int (*function)(rlim_t), rlim_t limit)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(function(limit));
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_full_disk_is_an_error_and_leaves_whole_records(void **state)
{
	(void)state;
	for (rlim_t limit = (1 << 20) + 4096; limit < (1 << 20) + 4110; limit++) {
		assert_int_equal(in_child(write_until_full, limit), 0);
		assert_true(read_back(JOURNAL_UNFINISHED) > 1000);
		unlink(path);
	}
}

static int create_when_full(rlim_t limit)
{
	struct rlimit size = { limit, limit };
	struct err err = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &size);
	return journal_create(path, &head, &err) || !strstr(err.message, "disk full");
}

static void a_head_that_finds_no_room_leaves_no_file(void **state)
{
	(void)state;
	assert_int_equal(in_child(create_when_full, 20), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_case_that_no_journal_could_hold_is_refused(void **state)
{
	struct err err = { 0 };
	struct recorded_case wrong = small;
	struct journal_writer *writer = journal_create(path, &head, &err);

	(void)state;
	wrong.main = 1;
	assert_int_equal(journal_write(writer, &wrong, &err), -1);
	assert_non_null(strstr(err.message, "main step"));
	assert_int_equal(journal_close(writer, &err), -1);
	assert_int_equal(read_back(JOURNAL_UNFINISHED), 0);
}

static void what_is_no_journal_is_refused_by_name(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(journal_open(path, &err));
	assert_non_null(strstr(err.message, path));
	assert_null(journal_append(path, &err));
	assert_null(journal_open(directory, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	spill((const uint8_t *)"assayJ9\nxxxxxxxxxxxxxx", 20);
	assert_null(journal_open(path, &err));
	assert_non_null(strstr(err.message, "no journal"));
}

static void a_typical_call_takes_less_than_a_hundred_bytes(void **state)
{
	struct err err = { 0 };
	struct journal_writer *writer = journal_create(path, &head, &err);
	struct recorded_step step = { .entry = "sbi.pmu.counter_config_matching",
				      .outcome = RECORD_RETURNED,
				      .arg_count = 5,
				      .result_count = 2,
				      .results = { (uint64_t)-3, 0 },
				      .before = { 0x8000000000006000, 0, 0, 0x80200000, 0, 0, 7, 0x80200100 } };
	char id[96];
	struct recorded_case recorded = { id, "boundary", "sbi.pmu.counter_config_matching:bad-mask", 1, 0, 1, 0, &step };
	struct rng rng = { 3 };
	off_t empty_size = file_size();

	(void)state;
	memcpy(step.after, step.before, sizeof(step.after));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "sbi.pmu.counter_config_matching:boundary:config_flags=bit-%u,event_idx=max", i % 64);
		for (unsigned k = 0; k < 5; k++)
			step.args[k] = rng_next(&rng) >> (k * 13);
		step.start += 40;
		step.end = step.start + 17;
		assert_int_equal(journal_write(writer, &recorded, &err), 0);
	}
	assert_int_equal(journal_close(writer, &err), 0);
	assert_true((file_size() - empty_size) / 1000 <= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_field_of_a_case_comes_back, remove_journal),
		cmocka_unit_test_teardown(every_field_of_the_head_comes_back, remove_journal),
		cmocka_unit_test_teardown(how_the_audit_stood_is_known_at_every_case, remove_journal),
		cmocka_unit_test_teardown(searches_are_read_back_in_order, remove_journal),
		cmocka_unit_test_teardown(a_journal_without_an_end_is_unfinished, remove_journal),
		cmocka_unit_test_teardown(an_existing_journal_is_not_written_over, remove_journal),
		cmocka_unit_test_teardown(a_journal_cut_at_any_byte_keeps_what_was_before_the_cut, remove_journal),
		cmocka_unit_test_teardown(a_flipped_bit_is_noticed_wherever_it_is, remove_journal),
		cmocka_unit_test(a_record_made_to_do_harm_is_refused_without_harm),
		cmocka_unit_test_teardown(appending_cuts_off_a_damaged_tail_and_goes_on, remove_journal),
		cmocka_unit_test_teardown(two_writers_of_one_journal_are_refused, remove_journal),
		cmocka_unit_test_teardown(a_full_disk_is_an_error_and_leaves_whole_records, remove_journal),
		cmocka_unit_test_teardown(a_head_that_finds_no_room_leaves_no_file, remove_journal),
		cmocka_unit_test_teardown(a_case_that_no_journal_could_hold_is_refused, remove_journal),
		cmocka_unit_test_teardown(what_is_no_journal_is_refused_by_name, remove_journal),
		cmocka_unit_test_teardown(a_typical_call_takes_less_than_a_hundred_bytes, remove_journal),
	};

	fill_buffers();
	return cmocka_run_group_tests(tests, setup_directory, remove_directory);
}
