/* SPDX-License-Identifier: BSD-2-Clause */
/* image.h - what the host has to know of the probe's ELF file: where it lies, and where its symbols are. */
#ifndef ASSAY_GUEST_IMAGE_H
#define ASSAY_GUEST_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/arch.h"

struct image {
	uint64_t low, high; /* addresses of its first and last byte in memory */
	uint64_t batch, batch_size; /* wire_batch, and its size in bytes */
	uint64_t stop; /* wire_stop: where the probe is to be stopped */
	uint64_t pads[ARCH_NAMES]; /* wire_pad_NAME, in the order of the architecture's pads */
	/* wire_gate_NUMBER_HART: the instruction that makes the call, in the order of the architecture's gates; 0: no such hart */
	uint64_t gates[ARCH_NAMES][WIRE_HARTS];
	uint64_t backs[ARCH_NAMES][WIRE_HARTS]; /* wire_back_NUMBER_HART: where such a call returns to */
	uint64_t fixed
		[WIRE_REGISTERS]; /* wire_fixed_NAME: what the probe puts into registers that are fixed; 0: it is not there */
	uint64_t text_at;
	size_t text_size;
	uint8_t *text; /* its code, as it has to be in memory */
};

int image_read(const char *path, const struct arch *arch, struct image *image, struct err *err);
void image_free(struct image *image);

#endif
