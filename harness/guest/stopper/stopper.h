/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stopper.h - what the stopper and the harness say to each other: over a connected stream socket when a CPU is held, and on a board,
 * memory that both have mapped and no guest has.
 */
#ifndef ASSAY_STOPPER_H
#define ASSAY_STOPPER_H

#include <stdint.h>

enum stopper_place {
	STOPPER_STOP, /* the probe's `wire_stop` */
	STOPPER_CALL, /* at the instruction that makes a call; it has not been executed */
	STOPPER_BACK, /* at the instruction that such a call returns to */
};

/* A CPU has come to a place where it is held, and waits there until one byte has arrived. */
struct stopper_news {
	uint32_t cpu; /* QEMU's number of it, from 0 */
	uint16_t place; /* enum stopper_place */
	uint16_t gate; /* at a call, and back from one: which, on the board */
};

#define STOPPER_GATES 64

/* Written by the harness before QEMU starts or while the machine stands still, except where it says otherwise. */
struct stopper_board {
	uint64_t hold_at; /* the call to be held at, and where it returns to: from 1, counted on all CPUs together; 0: none */
	uint64_t calls[STOPPER_GATES]; /* by the stopper: how often each gate's instruction was come to */
	uint64_t total; /* by the stopper: of all of them */
	uint64_t foreign; /* by the stopper: instructions in the text, about to be executed, that are not the probe's */
	uint64_t foreign_at; /* by the stopper: address of the first */
	uint8_t waiting[STOPPER_GATES]; /* by the stopper: a call that was held has not returned */
	uint64_t gates[STOPPER_GATES], backs[STOPPER_GATES]; /* addresses; 0: none */
	uint64_t text_at, text_size; /* the probe's code; ... */
	uint8_t text[]; /* ... what it has to be */
};

#endif
