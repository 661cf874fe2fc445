/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox_mounts.c - what a program of QEMU's loads, as bubblewrap's options.
 *
 * The program, the directories its shared libraries lie in (the loader says which), and QEMU's firmware: files that a package
 * manager brought, all read-only. Directories rather than single libraries, because each mount costs a start 0.3 ms.
 */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

extern char **environ;

/* Where QEMU may look for what a machine needs beside its firmware, and libraries; what is not there is not shown. */
static const char *const data[] = { "/etc/ld.so.cache", "/usr/share/qemu", "/usr/share/seabios", "/usr/lib/ipxe/qemu" };

/* The program's loader; "" when it has none. */
static void read_loader(const char *program, char *loader, size_t size)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	size_t count = 0;
	Elf *elf;

	*loader = 0;
	elf_version(EV_CURRENT);
	elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	if (elf && !elf_getphdrnum(elf, &count))
		for (size_t i = 0; i < count; i++) {
			GElf_Phdr header;

			if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_INTERP && header.p_filesz <= size &&
			    pread(fd, loader, header.p_filesz, (off_t)header.p_offset) != (ssize_t)header.p_filesz)
				*loader = 0;
		}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	loader[size - 1] = 0;
}

/* Starts the loader to list what it would load. NULL when that fails. */
static FILE *open_list(const char *loader, const char *program, pid_t *pid)
{
	char *const argv[] = { (char *)loader, (char *)"--list", (char *)program, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], failed;

	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	failed = posix_spawn(pid, loader, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!failed)
		return fdopen(ends[0], "r");
	close(ends[0]);
	return NULL;
}

static bool is_listed(struct words *mounts, const char *path)
{
	for (char *const *word = words_list(mounts); *word; word++)
		if (!strcmp(*word, path))
			return true;
	return false;
}

/* Shows a directory under its own name, and under the one by which the loader knows it. */
static void add_directory(struct words *mounts, const char *path)
{
	char *real = realpath(path, NULL);

	if (real && !is_listed(mounts, path)) {
		if (!is_listed(mounts, real)) {
			words_add_pair(mounts, "--ro-bind", "%s", real);
			words_add(mounts, real);
		}
		if (strcmp(real, path) != 0) {
			words_add_pair(mounts, "--symlink", "%s", real);
			words_add(mounts, path);
		}
	}
	free(real);
}

/* A line of the list: "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f...)", or without the arrow. */
static void add_library(struct words *mounts, char *line)
{
	char *path = strchr(line, '/'), *slash;

	if (!path)
		return;
	path[strcspn(path, " \n")] = 0;
	slash = strrchr(path, '/');
	*slash = 0;
	if (*path)
		add_directory(mounts, path);
}

static int add_libraries(struct words *mounts, const char *program, struct err *err)
{
	char loader[PATH_MAX], *line = NULL;
	size_t size = 0;
	int status = 0;
	FILE *list;
	pid_t pid;

	read_loader(program, loader, sizeof(loader));
	if (!*loader)
		return 0;
	list = open_list(loader, program, &pid);
	while (list && getline(&line, &size, list) > 0)
		add_library(mounts, line);
	free(line);
	if (list)
		fclose(list);
	if (!list || waitpid(pid, &status, 0) != pid || status)
		return err_set(err, EXIT_BROKEN, "%s: %s cannot tell which libraries it needs", program, loader);
	add_library(mounts, loader);
	return 0;
}

struct words *sandbox_mounts_new(const char *program, struct err *err)
{
	struct words *mounts = words_new();

	if (add_libraries(mounts, program, err)) {
		words_free(mounts);
		return NULL;
	}
	words_add_pair(mounts, "--ro-bind", "%s", program);
	words_add(mounts, program);
	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++) {
		words_add_pair(mounts, "--ro-bind-try", "%s", data[i]);
		words_add(mounts, data[i]);
	}
	return mounts;
}
