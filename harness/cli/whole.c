/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/whole.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int whole_begin(struct whole_file *file, struct arena *arena, const char *path, struct err *err)
{
	struct stat status;

	if (!lstat(path, &status) && !S_ISREG(status.st_mode))
		return err_set(err, EXIT_USAGE, "%s: exists, and is no regular file", path);
	file->path = arena_strdup(arena, path);
	file->scratch = arena_printf(arena, "%s.new", path);
	file->out = fopen(file->scratch, "we");
	if (file->out)
		return 0;
	return err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", file->scratch, strerror(errno));
}

int whole_finish(struct whole_file *file, struct err *err)
{
	bool failed = fflush(file->out) || ferror(file->out) || fsync(fileno(file->out));

	failed |= fclose(file->out) != 0;
	if (!failed && !rename(file->scratch, file->path))
		return 0;
	err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", file->path, strerror(errno));
	unlink(file->scratch);
	return -1;
}

void whole_drop(struct whole_file *file)
{
	fclose(file->out);
	unlink(file->scratch);
}
