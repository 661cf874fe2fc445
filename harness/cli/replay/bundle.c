/* SPDX-License-Identifier: BSD-2-Clause */
/* bundle.c - `assay replay --bundle DIR`: a failure as a directory that needs nothing but QEMU and a shell. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/replay/replay.h"
#include "cli/replay/script.h"
#include "guest/save.h"

/* A new file of the bundle. */
static FILE *open_file(const struct arena *arena, const char *directory, const char *name, struct err *err)
{
	const char *path = arena_printf((struct arena *)arena, "%s/%s", directory, name);
	FILE *file = fopen(path, "wx");

	if (!file)
		err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", path, strerror(errno));
	return file;
}

static int close_file(FILE *file, const char *directory, const char *name, struct err *err)
{
	bool failed = ferror(file);

	failed |= fclose(file) != 0;
	return failed ? err_set(err, EXIT_BROKEN, "%s/%s: cannot be written: %s", directory, name, strerror(errno)) : 0;
}

/* ---- README.txt ---- */

static void tell_failures(const struct replay *replay, FILE *out)
{
	const struct judged *judged = &replay->trial.judged;

	if (!judged->count)
		fputs("No rule fails here: this shows what the case does.\n", out);
	for (size_t i = 0; i < judged->count; i++) {
		const struct failing *failing = &judged->list[i];

		fprintf(out, "%s at call %u, rule %s\n    citation: %s\n    expected: %s\n    got:      %s\n\n",
			verdict_names[failing->verdict], failing->step + 1, failing->rule, failing->cite, failing->expected,
			failing->got);
	}
}

static bool wants_input(const struct asked_case *asked)
{
	for (unsigned i = 0; i < asked->step_count; i++)
		if (!asked->steps[i].join && asked->steps[i].code->entry->console_input)
			return true;
	return false;
}

static const char how[] =
	"How to reproduce it\n"
	"-------------------\n"
	"    sh run.sh\n\n"
	"It starts QEMU with the firmware (blob.bin) and a small program (probe.elf) in the place of an operating system. The program\n"
	"makes the calls that are prepared in memory (steps.bin, and buffers.bin for memory that is handed over), one after the other, and\n"
	"stores what comes back. run.sh then reads that out of the stopped machine, and prints it beside what was seen when this was\n"
	"recorded. Exit status: 0 the same, 1 something else, 2 it could not be tried.\n\n"
	"With a debugger: words after run.sh go to QEMU, and it waits without limit then:\n\n"
	"    sh run.sh -S -gdb tcp:127.0.0.1:1234\n"
	"    gdb-multiarch probe.elf -ex 'target remote :1234'\n\n";

static int write_readme(const struct replay *replay, const struct asked_case *asked, const char *directory, struct err *err)
{
	const struct subject *subject = &replay->again.subject;
	const struct recording_head *head = &replay->again.head;
	FILE *out = open_file(replay->again.arena, directory, "README.txt", err);

	if (!out)
		return -1;
	fprintf(out, "%s\n%s\n\n", subject->blob->title, replay->again.id);
	tell_failures(replay, out);
	fprintf(out,
		"The calls (the one marked with > is what the case is about)\n"
		"-----------------------------------------------------------\n%s\n",
		replay->trial.shown);
	if (replay->before_count)
		fprintf(out, "It takes %zu case%s before that in the same machine, which are made here, too:\n",
			replay->before_count, replay->before_count == 1 ? "" : "s");
	for (size_t i = 0; i < replay->before_count; i++)
		fprintf(out, "    %s\n", replay->before[i]);
	fputs(replay->before_count ? "\n" : "", out);
	fputs(how, out);
	if (wants_input(asked))
		fputs("This case types at the console while it runs. run.sh does not: what depends on that is not reproduced.\n\n",
		      out);
	fprintf(out, "Made by assay %s from a run with QEMU %s.\nblob   sha256 %s\nspec   %s, sha256 %s\n", ASSAY_VERSION,
		head->qemu, head->blob_sha256, head->spec, head->spec_sha256);
	return close_file(out, directory, "README.txt", err);
}

/* ---- the whole ---- */

static int write_script(const struct replay *replay, const struct script *script, const char *directory, struct err *err)
{
	FILE *out = open_file(replay->again.arena, directory, "case.sh", err);

	if (!out)
		return -1;
	script_write(script, out);
	return close_file(out, directory, "case.sh", err);
}

/* Steps of the batch. Where the recording ended, nothing more is made: we had ended the guest ourselves, perhaps. */
static size_t steps_made(const struct script *script)
{
	const struct asked_case *asked = script->asked;

	for (unsigned i = 0; i < script->step_count; i++)
		if (script->steps[i].outcome == RECORD_NOT_RUN)
			return asked->first + script_last_step(script) + 1;
	return asked->first + asked->step_count;
}

static int save(struct replay *replay, struct rerun *rerun, const char *directory, struct words *words, struct err *err)
{
	const struct rerun_request request = replay_request(replay, replay->before, replay->before_count);
	struct script script = {
		.words = words,
		.asked = rerun_case(rerun, replay->before_count),
		.steps = replay->trial.steps,
		.step_count = replay->trial.step_count,
		.subject = &replay->again.subject,
	};
	struct guest *guest = rerun_lay_out(rerun, &request, err);

	if (save_copy(home_path(replay->again.arena, "harness/cli/replay/bundle.sh"), directory, "run.sh", err))
		return -1;
	if (!guest || guest_save(guest, steps_made(&script), directory, words, &script.layout, err))
		return -1;
	if (replay->again.subject.blob->symbols && save_copy(replay->again.subject.blob->symbols, directory, "blob.elf", err))
		return -1;
	return write_readme(replay, script.asked, directory, err) || write_script(replay, &script, directory, err) ? -1 : 0;
}

int replay_bundle(struct replay *replay, const char *directory, struct err *err)
{
	const struct again_guests plain = { 0 };
	struct words *words;
	struct rerun *rerun;
	int failed;

	if (mkdir(directory, 0777))
		return err_set(err, errno == EEXIST ? EXIT_USAGE : EXIT_BROKEN, "%s: %s", directory,
			       errno == EEXIST ? "exists already; name a new directory" : strerror(errno));
	rerun = again_prepare(&replay->again, replay->before, replay->before_count, plain, err);
	if (!rerun)
		return -1;
	words = words_new();
	failed = save(replay, rerun, directory, words, err);
	words_free(words);
	rerun_free(rerun);
	if (!failed)
		printf("bundle: %s; `sh %s/run.sh` reproduces it\n", directory, directory);
	return failed;
}
