/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ram.h - the guest's RAM as host and guest share it: an anonymous file that QEMU maps too.
 *
 * After the probe's image, and some room for what a boot loader leaves behind it, come, in this order: steps, what was seen of them, landings, and memory for buffers. The top of RAM is
 * left alone, for firmware and machine put things there (the device tree).
 */
#ifndef ASSAY_GUEST_RAM_H
#define ASSAY_GUEST_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/image.h"

struct ram {
	int fd;
	unsigned char *map;
	uint64_t base, size;
	uint64_t step_at, seen_at, landing_at, alloc_at, end; /* guest addresses; end: of the memory for buffers */
	uint64_t alloc_next;
	uint32_t capacity, landings_max;
	size_t seen_size, landing_size; /* of one record, in bytes: the architecture's */
};

/* The parts of RAM that held something at one moment, and their content. */
struct ram_part {
	uint64_t from, to; /* offsets in RAM, multiples of a page */
};

struct ram_image {
	size_t part_count;
	struct ram_part *parts; /* in ascending order */
	unsigned char *content; /* of all parts, one after the other */
};

/* controls: how many control registers the architecture has, see wire.h. */
int ram_new(struct ram *ram, uint64_t base, uint64_t size, const struct image *image, size_t controls, struct err *err);
void ram_free(struct ram *ram);
/* Every byte is zero again, and the pages are given back. */
int ram_clear(struct ram *ram, struct err *err);
/* Replaces what *image held. What was never written to costs nothing: the file has holes there. */
int ram_save(const struct ram *ram, struct ram_image *image, struct err *err);
/*
 * Every byte is as it was saved; the batch's memory, `steps` steps and what was allocated, is empty. Other pages that were holes then
 * are given back, so this takes as long as what was written since was large.
 */
int ram_restore(struct ram *ram, const struct ram_image *image, size_t steps, struct err *err);
void ram_image_free(struct ram_image *image);
/* Where an address of the guest is in our map; NULL when the range is not all in RAM. */
void *ram_at(const struct ram *ram, uint64_t address, uint64_t size);
void *ram_alloc(struct ram *ram, size_t size, size_t align, uint64_t *address);

#endif
