/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/whole.h"

#define DEFAULT_PARENT "assay-runs"

const char *rundir_file(struct arena *arena, const char *rundir, const char *name)
{
	return arena_printf(arena, "%s/%s", rundir, name);
}

static bool is_empty(const char *path)
{
	DIR *directory = opendir(path);
	unsigned names = 0;

	if (!directory)
		return false;
	while (readdir(directory))
		names++;
	closedir(directory);
	return names == 2; /* . and .. */
}

/* An empty directory, as a run that was killed before its first record leaves it, is as good as a new one. */
static int make_directory(const char *path, struct err *err)
{
	if (!mkdir(path, 0777))
		return 0;
	if (errno != EEXIST)
		return err_set(err, EXIT_BROKEN, "%s: cannot make the run directory: %s", path, strerror(errno));
	if (is_empty(path))
		return 0;
	return err_set(err, EXIT_USAGE,
		       "%s: exists already; name another directory with -o, or go on with a run in it: --resume %s", path, path);
}

/* The first free number: two runs at the same moment get different ones because mkdir is atomic. */
static const char *numbered_directory(struct arena *arena, const char *blob, struct err *err)
{
	if (mkdir(DEFAULT_PARENT, 0777) && errno != EEXIST)
		return err_null(err, EXIT_BROKEN, "%s: cannot make the directory for runs: %s; name one with -o", DEFAULT_PARENT,
				strerror(errno));
	for (unsigned number = 1; number < 1000000; number++) {
		const char *path = arena_printf(arena, "%s/%s-%u", DEFAULT_PARENT, blob, number);

		if (!mkdir(path, 0777))
			return path;
		if (errno != EEXIST)
			return err_null(err, EXIT_BROKEN, "%s: cannot make the run directory: %s", path, strerror(errno));
	}
	return err_null(err, EXIT_BROKEN, "%s: too many runs; remove some", DEFAULT_PARENT);
}

const char *rundir_create(struct arena *arena, const char *wanted, const char *blob, struct err *err)
{
	if (!wanted)
		return numbered_directory(arena, blob, err);
	return make_directory(wanted, err) ? NULL : wanted;
}

static int write_report(struct arena *arena, const char *rundir, const struct report_format *format, const struct matrix *matrix,
			struct err *err)
{
	const struct report_options plain = { 0 };
	struct whole_file file;

	if (whole_begin(&file, arena, rundir_file(arena, rundir, format->file), err))
		return -1;
	format->run(matrix, file.out, &plain);
	return whole_finish(&file, err);
}

/* NULL: of a run that was read back. */
static json_t *audit_of(const struct matrix *matrix)
{
	return matrix->audit.known ? json_pack("{s:I, s:I}", "calls", (json_int_t)matrix->audit.calls, "mismatches",
					       (json_int_t)matrix->audit.mismatches)
				   : NULL;
}

static json_t *head_of(const struct matrix *matrix)
{
	const struct recording_head *head = matrix->head;
	json_t *options = json_loads(head->options ? head->options : "{}", 0, NULL);

	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s}, s:s, s:s, s:s?, s:s?, s:I, s:s, s:o, s:s?, s:o*}", "schema",
			 "assay-run-1", "assay", head->assay, "blob", "name", head->blob, "version", head->blob_version, "sha256",
			 head->blob_sha256, "spec", "name", head->spec, "sha256", head->spec_sha256, "probe_sha256",
			 head->probe_sha256, "qemu", head->qemu, "qemu_sha256", head->qemu_sha256, "machine", head->machine,
			 "seed", (json_int_t)head->seed, "command", head->command, "options", options ? options : json_object(),
			 "sandbox", head->sandbox, "audit", audit_of(matrix));
}

static int write_head(struct arena *arena, const char *rundir, const struct matrix *matrix, struct err *err)
{
	json_t *root = head_of(matrix);
	struct whole_file file;
	int failed;

	if (whole_begin(&file, arena, rundir_file(arena, rundir, "run.json"), err)) {
		json_decref(root);
		return -1;
	}
	failed = !root || json_dumpf(root, file.out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(root);
	fputc('\n', file.out);
	if (!failed || ferror(file.out))
		return whole_finish(&file, err);
	whole_drop(&file);
	return err_set(err, EXIT_BROKEN, "%s: cannot be written", file.path);
}

int rundir_write(struct arena *arena, const char *rundir, const struct matrix *matrix, struct err *err)
{
	if (write_head(arena, rundir, matrix, err))
		return -1;
	for (const struct report_format *format = report_formats; format->name; format++)
		if (format->file && write_report(arena, rundir, format, matrix, err))
			return -1;
	return 0;
}

static const char *absolute(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = arena_strdup(arena, real ? real : path);

	free(real);
	return copy;
}

const char *request_to_text(struct arena *arena, const struct plan_request *request, const struct subject *subject)
{
	const char *blob = subject->blob->manifest ? subject->blob->manifest : subject->blob->name;
	json_t *root =
		json_pack("{s:s, s:s, s:I, s:I, s:i, s:b, s:i, s:s*, s:s*}", "blob", absolute(arena, blob), "spec",
			  absolute(arena, subject->spec->directory), "seed", (json_int_t)request->seed, "cases",
			  (json_int_t)request->random_cases, "effort", request->effort, "isolate_case", request->isolate_case,
			  "audit", (int)request->audit, "filter", request->filter, "claim", request->claim);
	char *text = json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER);
	const char *copy = arena_strdup(arena, text);

	free(text);
	json_decref(root);
	return copy;
}

static const char *text_of(struct arena *arena, const json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));

	return text ? arena_strdup(arena, text) : NULL;
}

int request_from_text(struct arena *arena, const char *text, struct plan_request *request, struct err *err)
{
	json_t *root = json_loads(text ? text : "", 0, NULL);

	if (!root)
		return err_set(err, EXIT_USAGE, "the recording does not say with which options it was made");
	request->blob = text_of(arena, root, "blob");
	request->spec = text_of(arena, root, "spec");
	request->filter = text_of(arena, root, "filter");
	request->claim = text_of(arena, root, "claim");
	request->seed = (uint64_t)json_integer_value(json_object_get(root, "seed"));
	request->random_cases = (uint64_t)json_integer_value(json_object_get(root, "cases"));
	request->effort = (enum effort)json_integer_value(json_object_get(root, "effort"));
	if (json_object_get(root, "audit"))
		request->audit = (unsigned)json_integer_value(json_object_get(root, "audit"));
	request->isolate_case = json_is_true(json_object_get(root, "isolate_case"));
	json_decref(root);
	return 0;
}

int subject_claim(const struct subject *subject, const char *claim, struct survey *survey, struct recording_head *head,
		  struct err *err)
{
	const struct spec *spec = subject->spec;
	unsigned major, minor;

	if (!claim)
		return 0;
	for (size_t i = 0; i < spec->version_count; i++) {
		if (strcmp(spec->versions[i], claim) != 0)
			continue;
		if (sscanf(claim, "%u.%u", &major, &minor) != 2)
			break;
		survey->version = (int)i;
		survey->claimed_major = major;
		survey->claimed_minor = minor;
		head->claimed_major = major;
		head->claimed_minor = minor;
		return 0;
	}
	return err_set(err, EXIT_USAGE, "--claim: the specification has no version `%s`", claim);
}
