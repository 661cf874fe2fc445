/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - finds the blob, its specification and the probe that goes with its machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "spec/consumer.h"
#include "spec/lint.h"

int complain(const struct err *err)
{
	fprintf(stderr, "assay: %s\n", err->message);
	return err->code;
}

static const char *rooted(struct arena *arena, const char *variable, const char *fallback, const char *relative)
{
	const char *root = getenv(variable);

	return arena_printf(arena, "%s/%s", root && *root ? root : fallback, relative);
}

const char *home_path(struct arena *arena, const char *relative)
{
	return rooted(arena, "ASSAY_HOME", ASSAY_SOURCE, relative);
}

const char *build_path(struct arena *arena, const char *relative)
{
	return rooted(arena, "ASSAY_BUILD", ASSAY_BUILD, relative);
}

struct spec *load_spec(const char *path)
{
	struct findings *findings = findings_new();
	struct err err = { 0 };
	struct spec *spec = spec_load(path, findings, &err);

	if (!spec) {
		lint_print(stderr, findings);
		if (!findings->count)
			complain(&err);
		else
			fprintf(stderr, "assay: %s: %zu error%s; nothing was run\n", path, findings->errors,
				findings->errors == 1 ? "" : "s");
	}
	findings_free(findings);
	return spec;
}

struct consumers *load_consumers(struct spec *spec)
{
	struct findings *findings = findings_new();
	struct consumers *consumers = consumers_load(spec, consumers_directory(spec), findings);

	lint_print(stderr, findings);
	findings_free(findings);
	return consumers;
}

/* What the user named, or what the manifest names: there as it stands, or below the installation. */
static const char *spec_path(struct arena *arena, const char *wanted, const char *declared)
{
	const char *path = wanted ? wanted : declared;

	if (!path || *path == '/' || !access(path, F_OK))
		return path;
	return home_path(arena, path);
}

static int find_machine(struct subject *subject, struct err *err)
{
	const char *arch = subject->blob->machine->arch;
	const char *directory = home_path(subject->arena, arena_printf(subject->arena, "probes/arch/%s", arch));

	subject->arch = arch_load(subject->arena, directory, err);
	if (!subject->arch)
		return -1;
	subject->probe = build_path(subject->arena, arena_printf(subject->arena, "probes/%s.elf", arch));
	subject->stopper = build_path(subject->arena, "harness/guest/stopper.so");
	if (access(subject->probe, R_OK))
		return err_set(err, EXIT_BROKEN, "%s: the probe is not built; run ./dev build", subject->probe);
	if (access(subject->stopper, R_OK))
		return err_set(err, EXIT_BROKEN, "%s: is not built; run ./dev build", subject->stopper);
	return 0;
}

int subject_find(struct subject *subject, const struct plan_request *request)
{
	struct err err = { 0 };
	const char *path;

	*subject = (struct subject){ .arena = arena_new() };
	if (request->blob || !request->spec) {
		const char *library = home_path(subject->arena, "blobs");

		subject->blob = blob_find(subject->arena, library, request->blob ? request->blob : DEFAULT_BLOB, &err);
		if (!subject->blob || find_machine(subject, &err))
			return complain(&err);
	}
	path = spec_path(subject->arena, request->spec, subject->blob ? subject->blob->spec : NULL);
	if (!path) {
		err_set(&err, EXIT_USAGE, "%s: the manifest names no specification; say which with --spec",
			subject->blob ? subject->blob->name : "-");
		return complain(&err);
	}
	subject->spec = load_spec(path);
	return subject->spec ? 0 : EXIT_USAGE;
}

void subject_free(struct subject *subject)
{
	spec_free(subject->spec);
	arena_free(subject->arena);
}
