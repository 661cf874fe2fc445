/* SPDX-License-Identifier: BSD-2-Clause */
/* stopper.h - what the stopper and the harness say to each other, over a connected stream socket. */
#ifndef ASSAY_STOPPER_H
#define ASSAY_STOPPER_H

#include <stdint.h>

/* A CPU has come to the stop, and waits there until one byte has arrived. */
struct stopper_news {
	uint32_t cpu; /* QEMU's number of it, from 0 */
	uint32_t reserved;
};

#endif
