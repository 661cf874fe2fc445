/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/ram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "wire.h"

#define PAGE	      4096u
#define BEHIND	      16384u /* bytes behind the probe that its boot loader may use */
#define TOP_KEPT      (UINT64_C(16) << 20) /* at most an eighth of RAM; QEMU puts the device tree at the last 2 MiB */
#define CAPACITY_MAX  100000u /* steps; beyond that a longer batch saves nothing */
#define LANDING_SHARE 32 /* one thirty-second of the memory is for landings */
#define ALLOC_SHARE   4
#define BATCH_PARTS   3

static uint64_t page_up(uint64_t address)
{
	return (address + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static int lay_out(struct ram *ram, const struct image *image, struct err *err)
{
	uint64_t top = ram->size / 8 < TOP_KEPT ? ram->size / 8 : TOP_KEPT, begin = page_up(image->high + 1) + BEHIND, room,
		 steps;

	ram->end = (ram->base + ram->size - top) & ~(uint64_t)(PAGE - 1);
	if (image->low < ram->base || begin >= ram->end || ram->end - begin < (UINT64_C(4) << 20))
		return err_set(err, EXIT_USAGE, "the probe at 0x%llx and a batch do not fit into %llu MiB of RAM at 0x%llx",
			       (unsigned long long)image->low, (unsigned long long)(ram->size >> 20),
			       (unsigned long long)ram->base);
	room = ram->end - begin;
	ram->landings_max = (uint32_t)(room / LANDING_SHARE / ram->landing_size);
	steps = (room - room / ALLOC_SHARE - room / LANDING_SHARE) / (sizeof(struct wire_step) + ram->seen_size);
	ram->capacity = (uint32_t)(steps - 64 < CAPACITY_MAX ? steps - 64 : CAPACITY_MAX);
	ram->step_at = begin;
	ram->seen_at = page_up(begin + ram->capacity * sizeof(struct wire_step));
	ram->landing_at = page_up(ram->seen_at + ram->capacity * ram->seen_size);
	ram->alloc_at = page_up(ram->landing_at + ram->landings_max * ram->landing_size);
	ram->alloc_next = ram->alloc_at;
	return 0;
}

int ram_new(struct ram *ram, uint64_t base, uint64_t size, const struct image *image, size_t controls, struct err *err)
{
	*ram = (struct ram){ .fd = -1,
			     .base = base,
			     .size = size,
			     .seen_size = wire_seen_size(controls),
			     .landing_size = wire_landing_size(controls) };
	if (lay_out(ram, image, err))
		return -1;
	ram->fd = memfd_create("guest-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* QEMU shares it, and must not be able to take away from under us what we have mapped */
	if (ram->fd < 0 || ftruncate(ram->fd, (off_t)size) ||
	    fcntl(ram->fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW))
		return err_set(err, EXIT_BROKEN, "no %llu MiB of memory for the guest: %s", (unsigned long long)(size >> 20),
			       strerror(errno));
	ram->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ram->fd, 0);
	if (ram->map == MAP_FAILED) {
		ram->map = NULL;
		return err_set(err, EXIT_BROKEN, "the guest's memory cannot be mapped: %s", strerror(errno));
	}
	return 0;
}

void ram_free(struct ram *ram)
{
	if (ram->map)
		munmap(ram->map, ram->size);
	if (ram->fd >= 0)
		close(ram->fd);
	*ram = (struct ram){ .fd = -1 };
}

/* Makes a hole of [from, to). */
static int give_back(const struct ram *ram, uint64_t from, uint64_t to, struct err *err)
{
	if (from >= to || !fallocate(ram->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from)))
		return 0;
	return err_set(err, EXIT_BROKEN, "the guest's memory cannot be cleared: %s", strerror(errno));
}

int ram_clear(struct ram *ram, struct err *err)
{
	ram->alloc_next = ram->alloc_at;
	return give_back(ram, 0, ram->size, err);
}

/* The next part at or after `from` that is no hole. False: there is none. */
static bool next_part(const struct ram *ram, uint64_t from, struct ram_part *part)
{
	off_t data = from < ram->size ? lseek(ram->fd, (off_t)from, SEEK_DATA) : -1;
	off_t hole = data < 0 ? -1 : lseek(ram->fd, data, SEEK_HOLE);

	*part = (struct ram_part){ (uint64_t)data, hole < 0 ? ram->size : (uint64_t)hole };
	return data >= 0;
}

int ram_save(const struct ram *ram, struct ram_image *image, struct err *err)
{
	struct ram_image saved = { 0 };
	struct ram_part part;
	size_t room = 0, size = 0;

	for (uint64_t at = 0; next_part(ram, at, &part); at = part.to) {
		if (saved.part_count == room) {
			room = room ? 2 * room : 16;
			saved.parts = xrealloc(saved.parts, room * sizeof(*saved.parts));
		}
		saved.parts[saved.part_count++] = part;
		size += part.to - part.from;
	}
	saved.content = xmalloc(size + 1);
	for (size_t i = 0, at = 0; i < saved.part_count; at += saved.parts[i].to - saved.parts[i].from, i++)
		memcpy(saved.content + at, ram->map + saved.parts[i].from, saved.parts[i].to - saved.parts[i].from);
	ram_image_free(image);
	*image = saved;
	return size ? 0 : err_set(err, EXIT_BROKEN, "the guest's memory is empty after its start");
}

/* What the host laid out for a batch of so many steps, and what the probe has seen of them. */
static size_t batch_parts(const struct ram *ram, size_t steps, struct ram_part parts[BATCH_PARTS])
{
	const struct ram_part used[BATCH_PARTS] = {
		{ ram->step_at, ram->step_at + steps * sizeof(struct wire_step) },
		{ ram->seen_at, ram->seen_at + steps * ram->seen_size },
		{ ram->alloc_at, ram->alloc_next },
	};
	size_t count = 0;

	for (size_t i = 0; i < BATCH_PARTS; i++)
		if (used[i].from < used[i].to)
			parts[count++] = (struct ram_part){ used[i].from - ram->base, page_up(used[i].to) - ram->base };
	return count;
}

/* The first of the parts that goes on after `from`, or one beyond everything. */
static struct ram_part first_after(const struct ram_part *parts, size_t count, uint64_t from)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].to > from)
			return parts[i];
	return (struct ram_part){ UINT64_MAX, UINT64_MAX };
}

/* Makes a hole of what is in the part, and neither in the image nor in the batch. */
static int trim(const struct ram *ram, const struct ram_image *image, const struct ram_part *batch, size_t batch_count,
		struct ram_part part, struct err *err)
{
	while (part.from < part.to) {
		struct ram_part saved = first_after(image->parts, image->part_count, part.from);
		struct ram_part laid = first_after(batch, batch_count, part.from);
		struct ram_part kept = saved.from < laid.from ? saved : laid;

		if (give_back(ram, part.from, kept.from < part.to ? kept.from : part.to, err))
			return -1;
		part.from = kept.to;
	}
	return 0;
}

int ram_restore(struct ram *ram, const struct ram_image *image, size_t steps, struct err *err)
{
	const unsigned char *content = image->content;
	struct ram_part part, batch[BATCH_PARTS];
	size_t batch_count = batch_parts(ram, steps, batch);

	ram->alloc_next = ram->alloc_at;
	for (uint64_t at = 0; next_part(ram, at, &part); at = part.to)
		if (trim(ram, image, batch, batch_count, part, err))
			return -1;
	/* the next batch needs these pages: to take them away and to ask for them again is far slower than to clear them */
	for (size_t i = 0; i < batch_count; i++)
		memset(ram->map + batch[i].from, 0, batch[i].to - batch[i].from);
	for (size_t i = 0; i < image->part_count; i++) {
		uint64_t size = image->parts[i].to - image->parts[i].from;

		memcpy(ram->map + image->parts[i].from, content, size);
		content += size;
	}
	return 0;
}

void ram_image_free(struct ram_image *image)
{
	free(image->parts);
	free(image->content);
	*image = (struct ram_image){ 0 };
}

void *ram_at(const struct ram *ram, uint64_t address, uint64_t size)
{
	if (address < ram->base || address - ram->base > ram->size || size > ram->size - (address - ram->base))
		return NULL;
	return ram->map + (address - ram->base);
}

void *ram_alloc(struct ram *ram, size_t size, size_t align, uint64_t *address)
{
	uint64_t at;

	if (align > PAGE * 512u || size > ram->end - ram->alloc_at)
		return NULL;
	align = align < 16 ? 16 : align;
	at = (ram->alloc_next + align - 1) & ~(uint64_t)(align - 1);
	if (at > ram->end || size > ram->end - at)
		return NULL;
	ram->alloc_next = at + size;
	*address = at;
	return ram_at(ram, at, size);
}
