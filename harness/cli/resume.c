/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/resume.h"

#include <stddef.h>
#include <string.h>

/* What may not differ between the parts of a run. */
static const struct {
	const char *name;
	size_t at; /* a string of the head */
} identities[] = {
	{ "blob", offsetof(struct recording_head, blob_sha256) },
	{ "specification", offsetof(struct recording_head, spec_sha256) },
	{ "probe", offsetof(struct recording_head, probe_sha256) },
	{ "QEMU", offsetof(struct recording_head, qemu) },
	{ "build of QEMU", offsetof(struct recording_head, qemu_sha256) },
	{ "machine", offsetof(struct recording_head, machine) },
	{ "assay", offsetof(struct recording_head, assay) },
};

#define IDENTITIES (sizeof(identities) / sizeof(identities[0]))

static const char **identity(const struct recording_head *head, size_t number)
{
	return (const char **)((char *)head + identities[number].at);
}

/* The journal goes, its head stays. */
static void keep_identities(struct arena *arena, const struct recording_head *head, struct recording_head *past)
{
	*past = (struct recording_head){ 0 };
	for (size_t i = 0; i < IDENTITIES; i++) {
		const char *text = *identity(head, i);

		*identity(past, i) = text ? arena_strdup(arena, text) : NULL;
	}
}

int resume_check(const char *rundir, const struct recording_head *past, const struct recording_head *now, struct err *err)
{
	for (size_t i = 0; rundir && i < IDENTITIES; i++) {
		const char *was = *identity(past, i), *is = *identity(now, i);

		if (was && is && strcmp(was, is) != 0)
			return err_set(err, EXIT_USAGE, "%s: was recorded with another %s (%.16s, now %.16s); begin a new run",
				       rundir, identities[i].name, was, is);
	}
	return 0;
}

/* How a recording ends is known at its end. */
static int read_to_the_end(struct journal_reader *reader, enum journal_state *state, struct err *err)
{
	const struct recorded_case *recorded;
	int more;

	do {
		more = journal_next(reader, &recorded, err);
	} while (more > 0);
	*state = journal_state(reader);
	return more;
}

int resume_open(struct arena *arena, struct plan_request *request, struct recording_head *past, struct journal_writer **journal)
{
	const char *path = rundir_file(arena, request->resume, "journal");
	struct journal_reader *reader;
	enum journal_state state;
	struct err err = { 0 };
	int failed;

	reader = journal_open(path, &err);
	if (!reader)
		return complain(&err);
	keep_identities(arena, journal_head(reader), past);
	failed = read_to_the_end(reader, &state, &err);
	if (!failed && state == JOURNAL_COMPLETE) {
		failed = err_set(&err, EXIT_USAGE, "%s is complete; `assay judge %s` shows it", request->resume, request->resume);
	} else if (!failed) {
		*journal = journal_append(path, &err);
		failed = !*journal || request_from_text(arena, journal_head(reader)->options, request, &err);
	}
	journal_free(reader);
	return failed ? complain(&err) : 0;
}
