/* SPDX-License-Identifier: BSD-2-Clause */
/* step.h - one call on the hart it runs on, and what was seen of it. */
#ifndef ASSAY_PROBE_STEP_H
#define ASSAY_PROBE_STEP_H

#include "probe.h"

#define load_acquire(pointer) __atomic_load_n(pointer, __ATOMIC_ACQUIRE)
/* Not __atomic_store_n(): compilers make an atomic exchange of it on some architectures. */
#define store_release(pointer, value)                                                                                            \
	do {                                                                                                                     \
		__typeof__(*(pointer)) value_ = (value);                                                                         \
		__atomic_thread_fence(__ATOMIC_RELEASE);                                                                         \
		*(volatile __typeof__(*(pointer)) *)(pointer) = value_;                                                          \
	} while (0)

/* Software interrupts received by each hart since power-on; only the hart itself writes its own. */
extern uint32_t ipis_received[WIRE_HARTS];

/* Counts a pending software interrupt of the hart it runs on, and clears it. */
void step_poll_ipi(unsigned hart);

/* Makes the call and looks at its results, up to the end of `settle`. *seen is complete but for `ipis`; `outcome` is set last. */
void step_call(unsigned hart, const struct wire_step *step, struct wire_seen *seen);
/*
 * The same for a call that nearly every call is: on the boot hart, with nothing to wait for and nothing to work out. An emulator
 * pays for every jump and every function, so it has a way of its own, which does the same things in the same order.
 */
bool step_is_plain(const struct wire_step *step);
void step_call_plain(const struct wire_step *step, struct wire_seen *seen);
/*
 * The hart came out at a pad while it made the call: completes what step_call() began. `registers`, `after` and `end` are those
 * of the landing already.
 */
void step_landed(unsigned hart, const struct wire_step *step, struct wire_seen *seen);
/* A record of a call that is not made on this hart. */
void step_begin(const struct wire_step *step, unsigned hart, struct wire_seen *seen);
void step_capture(const struct wire_step *step);

void copy_words(void *to, const void *from, size_t bytes);
void clear_words(void *at, size_t bytes);

#endif
