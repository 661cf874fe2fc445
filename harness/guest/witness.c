/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/witness.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(ARCH_NAMES *WIRE_HARTS <= STOPPER_GATES, "every gate has its place on the board");

static void fill(struct stopper_board *board, const struct image *image)
{
	memcpy(board->gates, image->gates, sizeof(image->gates));
	memcpy(board->backs, image->backs, sizeof(image->backs));
	board->text_at = image->text_at;
	board->text_size = image->text_size;
	memcpy(board->text, image->text, image->text_size);
}

int witness_open(struct witness *witness, const struct image *image, struct err *err)
{
	void *map;

	*witness = (struct witness){ .fd = memfd_create("board", MFD_CLOEXEC | MFD_ALLOW_SEALING) };
	witness->size = sizeof(*witness->board) + image->text_size;
	if (witness->fd < 0 || ftruncate(witness->fd, (off_t)witness->size) ||
	    fcntl(witness->fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW))
		return err_set(err, EXIT_BROKEN, "no memory for the witness: %s", strerror(errno));
	map = mmap(NULL, witness->size, PROT_READ | PROT_WRITE, MAP_SHARED, witness->fd, 0);
	if (map == MAP_FAILED)
		return err_set(err, EXIT_BROKEN, "the witness's memory cannot be mapped: %s", strerror(errno));
	witness->board = map;
	fill(witness->board, image);
	return 0;
}

void witness_free(struct witness *witness)
{
	if (witness->board)
		munmap(witness->board, witness->size);
	if (witness->fd >= 0)
		close(witness->fd);
	*witness = (struct witness){ .fd = -1 };
}

void witness_begin(struct witness *witness)
{
	struct stopper_board *board = witness->board;

	memset(board->calls, 0, sizeof(board->calls));
	memset(board->waiting, 0, sizeof(board->waiting));
	board->total = board->foreign = board->foreign_at = 0;
}

/* The value of `name` in the text; NULL when it is not there. */
static const char *find_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; *at; at++) {
		if ((at > text && isalnum((unsigned char)at[-1])) || strncasecmp(at, name, length) || !at[length] ||
		    !strchr(" =", at[length]))
			continue;
		at += length;
		return at + strspn(at, " =");
	}
	return NULL;
}

int witness_parse(const char *text, const struct arch *arch, uint64_t registers[WIRE_REGISTERS])
{
	for (size_t i = 0; i < arch->register_count; i++) {
		const char *value = arch->monitor[i] ? find_value(text, arch->monitor[i]) : NULL;
		char *end;

		if (!arch->monitor[i])
			continue;
		if (!value)
			return -1;
		registers[i] = strtoull(value, &end, 16);
		if (end == value)
			return -1;
	}
	return 0;
}
