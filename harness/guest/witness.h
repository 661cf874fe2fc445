/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.h - what QEMU itself saw of the calls, in memory that the guest does not have: the harness's side of the stopper's board.
 */
#ifndef ASSAY_GUEST_WITNESS_H
#define ASSAY_GUEST_WITNESS_H

#include "guest/image.h"
#include "guest/stopper/stopper.h"

struct witness {
	int fd; /* of the board, for QEMU */
	struct stopper_board *board;
	size_t size;
};

int witness_open(struct witness *witness, const struct image *image, struct err *err);
void witness_free(struct witness *witness);
/* Nothing has been seen yet. While the machine stands still. */
void witness_begin(struct witness *witness);
/*
 * Finds the registers by their names in what QEMU's monitor prints of a CPU: NAME, or OTHER-NAME/NAME, then `=` or blanks, then
 * a hexadecimal number. -1: one of them is not there.
 */
int witness_parse(const char *text, const struct arch *arch, uint64_t registers[WIRE_REGISTERS]);

#endif
