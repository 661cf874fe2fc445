/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * err.h - how a fallible function says what went wrong.
 *
 * A fallible function takes a `struct err *` last and returns 0/-1 or a pointer/NULL. The caller owns the struct; only cli
 * prints it. The message is one line: where, what, and what was expected. `code` is the exit status it should lead to.
 * A function that succeeds leaves no error behind: who gets over one clears it.
 */
#ifndef ASSAY_BASE_ERR_H
#define ASSAY_BASE_ERR_H

#include <stdarg.h>

enum exit_code {
	EXIT_CONFORMANT = 0, /* or clean */
	EXIT_DEVIANT = 1, /* not conformant */
	EXIT_USAGE = 2, /* usage, spec or manifest error */
	EXIT_BROKEN = 3, /* ours: the harness, QEMU or the disk failed */
	EXIT_INTERRUPTED = 130,
};

struct err {
	enum exit_code code;
	char message[512];
};

/* Sets the message (truncated to fit) and code. Returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum exit_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int err_setv(struct err *err, enum exit_code code, const char *format, va_list args);
void err_clear(struct err *err);

/* The same, returning NULL. */
#define err_null(...) (err_set(__VA_ARGS__), NULL)

#endif
