/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ASSAY_GUEST_THREADS_H
#define ASSAY_GUEST_THREADS_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Time that QEMU's CPU threads have run or waited for a processor of the host, together. When it stands still they all sleep by
 * their own choice, however loaded the host is. Threads have names only with `-name debug-threads=on`.
 */
uint64_t threads_awake_ns(pid_t pid);

#endif
