/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chance.c - the one thing on this machine that is another one each time: the number that the harness makes up for every batch. No
 * firmware has any business with it; here it makes one that fails now and then.
 */
#include "firmware.h"
#include "wire.h"

#define PROBE 0x80200000u
#define PAGE  4096u
#define PAGES 64u

static struct wire_batch *mailbox(void)
{
	for (unsigned page = 0; page < PAGES; page++) {
		struct wire_batch *batch = (struct wire_batch *)(uintptr_t)(PROBE + page * PAGE);

		if (batch->magic == WIRE_MAGIC)
			return batch;
	}
	return NULL;
}

uint64_t chance(void)
{
	const struct wire_batch *batch = mailbox();

	return batch ? batch->nonce : 0;
}

void lose_the_mailbox(void)
{
	struct wire_batch *batch = mailbox();

	if (batch)
		batch->magic = 0;
}
