/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ASSAY_GUEST_THREADS_H
#define ASSAY_GUEST_THREADS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct threads_state {
	uint64_t ran_ns, awake_ns; /* that they have run; that they have run or waited for a processor of the host; together */
	bool runnable; /* one of them runs or waits right now; awake_ns counts a wait only when it is over */
};

/*
 * What QEMU's CPU threads do. When none of them is runnable and the time stands still, they all sleep by their own choice,
 * however loaded the host is. Threads have names only with `-name debug-threads=on`.
 */
struct threads_state threads_look(pid_t pid);

#endif
