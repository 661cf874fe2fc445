/* SPDX-License-Identifier: BSD-2-Clause */
/* whole.h - files that are there whole or not at all: written beside their place, on disk, and then renamed. */
#ifndef ASSAY_CLI_WHOLE_H
#define ASSAY_CLI_WHOLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

struct whole_file {
	FILE *out; /* to be written to */
	const char *path, *scratch; /* in the arena */
};

/* What stands at the path may be a regular file, which is replaced, or nothing. */
int whole_begin(struct whole_file *file, struct arena *arena, const char *path, struct err *err);
/* Readers see the old file or the whole new one; after an error, the old one. Closes in any case. */
int whole_finish(struct whole_file *file, struct err *err);
/* Nobody wants it any more: the old file stays. */
void whole_drop(struct whole_file *file);

#endif
