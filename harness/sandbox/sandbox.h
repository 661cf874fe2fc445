/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.h - the walls around QEMU.
 *
 * The blob is hostile, and TCG is no security boundary: whoever breaks out of the guest is inside of QEMU's process. So that
 * process can do as little as possible. Each layer holds on its own; `require` demands all of them.
 *
 *     namespaces  bubblewrap: no host path but what QEMU loads, all of it read-only; no network, no other process, no device.
 *                 QEMU is process 1 of a process namespace inside another one whose process 1 the kernel kills when we die,
 *                 at whatever moment and by whatever signal: nothing of a run is left then.
 *     filter      our own seccomp filter: the system calls that QEMU needs and no others
 *     uid         not root, even when we are
 *     qemu        QEMU's own seccomp filter, which closes exec and fork when QEMU has started
 *     limits      memory, file size, open files, threads, no core
 *
 * What QEMU works on it gets as open descriptors (launch.c), so no host path is writable, and paths that only we may read are no
 * obstacle.
 */
#ifndef ASSAY_SANDBOX_SANDBOX_H
#define ASSAY_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/words.h"

enum sandbox_policy {
	SANDBOX_REQUIRE, /* all layers, or nothing is started */
	SANDBOX_BEST, /* as many layers as this system offers */
	SANDBOX_OFF, /* qemu and limits alone */
};

enum sandbox_layer {
	SANDBOX_NAMESPACES = 1 << 0,
	SANDBOX_FILTER = 1 << 1,
	SANDBOX_UID = 1 << 2,
	SANDBOX_QEMU = 1 << 3,
	SANDBOX_LIMITS = 1 << 4,
	SANDBOX_ALL = (1 << 5) - 1,
};

#define SANDBOX_NAMES_SIZE 64

struct sandbox {
	unsigned layers; /* enum sandbox_layer */
	bool own_root; /* we are in a chroot, which has to become a root of its own before there can be namespaces */
	const char *bwrap, *program; /* absolute paths; bwrap is NULL without it */
	struct words *mounts; /* bubblewrap's options that show what the program loads */
	const char *device; /* a device that it may open, or NULL; for who starts it to set */
	const void *filter; /* a BPF program */
	size_t filter_size;
};

/*
 * The sandbox for a program of QEMU's (a name in $PATH; package: Debian's, or NULL), tried out with `--version` the first time and remembered until the
 * process ends. NULL, with a message that says what is missing and how to get it, when the policy cannot be met.
 */
const struct sandbox *sandbox_find(enum sandbox_policy policy, const char *program, const char *package, struct err *err);
/* "namespaces filter uid": the layers' names, in a buffer of SANDBOX_NAMES_SIZE, which is returned. */
const char *sandbox_names(unsigned layers, char *names);

/*
 * The words before the program's own. `first` is the number of the first descriptor the program does not inherit; `writable` is
 * a directory it may write to, or NULL.
 */
void sandbox_add_words(const struct sandbox *sandbox, struct words *words, int first, const char *writable);

#define SANDBOX_PATIENCE_MS 20000u /* on a busy machine it takes a second */

struct sandbox_start {
	const struct sandbox *sandbox;
	char *const *argv; /* begins with sandbox_add_words() */
	const int *fds; /* the program gets fds[i] as descriptor i; -1: nothing, which is /dev/null for the first three */
	size_t count; /* at least 3 */
	uint64_t memory; /* bytes of address space */
	unsigned patience_ms; /* for the program's begin, walls included */
};

struct sandboxed {
	pid_t keeper; /* our child: kill it and everything inside is gone, wait for it and you know how the program ended */
	pid_t pid; /* the program, as /proc here shows it */
	bool silent; /* of one that could not be started: it did not come up in time, and is gone */
};

int sandbox_start(const struct sandbox_start *start, struct sandboxed *sandboxed, struct err *err);
/* How the program ended, in the terms of waitpid(), from what waitpid() tells of its keeper. */
int sandbox_status(const struct sandbox *sandbox, int status);

/* Makes a file or directory belong to the one who runs inside. */
int sandbox_give(const char *path, struct err *err);

/* sandbox_filter.c: builds the BPF program; *size in bytes. The caller frees it. */
void *sandbox_filter_new(size_t *size, struct err *err);
/* sandbox_mounts.c: see struct sandbox. NULL and err when the program's libraries cannot be told. */
struct words *sandbox_mounts_new(const char *program, struct err *err);

#endif
