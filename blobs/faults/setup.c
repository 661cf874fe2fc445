/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.c - from reset to supervisor mode. The device tree says which harts there are and where RAM ends. */
#include "firmware.h"

#define TREE_BEGIN_NODE 1
#define TREE_END_NODE	2
#define TREE_PROPERTY	3
#define TREE_NOP	4

#define INFO_NEXT 2 /* words of the structure in a2 */
#define PMP_NAPOT 0x18u
#define PMP_ALL	  0x7u

extern char trap_entry[], stacks[];

struct hart harts[HARTS_MAX];
static uint64_t ram_end;
static uint32_t booting, ready;

static uint32_t tree_word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static bool begins_with(const char *name, const char *start)
{
	while (*start)
		if (*name++ != *start++)
			return false;
	return true;
}

static unsigned length_of(const char *text)
{
	unsigned length = 0;

	while (text[length])
		length++;
	return length;
}

static uint64_t hex(const char *digits)
{
	uint64_t number = 0;

	for (; *digits; digits++)
		number = number << 4 | (*digits <= '9' ? *digits - '0' : *digits - 'a' + 10);
	return number;
}

/* Walks the tree: nodes cpu@ID below /cpus, and `reg` of /memory@ADDRESS (two words each of address and size). */
static void read_tree(const uint8_t *tree)
{
	const uint8_t *at = tree + tree_word(tree + 8);
	const char *strings = (const char *)tree + tree_word(tree + 12);
	bool memory = false;

	for (;;) {
		uint32_t token = tree_word(at), length;

		at += 4;
		if (token == TREE_BEGIN_NODE) {
			const char *name = (const char *)at;

			memory = begins_with(name, "memory@");
			if (begins_with(name, "cpu@") && hex(name + 4) < HARTS_MAX)
				harts[hex(name + 4)].present = true;
			at += (length_of(name) + 4) & ~3u;
		} else if (token == TREE_PROPERTY) {
			length = tree_word(at);
			if (memory && begins_with(strings + tree_word(at + 4), "reg"))
				ram_end = ((uint64_t)tree_word(at + 8) << 32 | tree_word(at + 12)) +
					  ((uint64_t)tree_word(at + 16) << 32 | tree_word(at + 20));
			at += 8 + ((length + 3) & ~3u);
		} else if (token != TREE_END_NODE && token != TREE_NOP) {
			return;
		}
	}
}

struct hart *find_hart(uint64_t id)
{
	return id < HARTS_MAX && harts[id].present ? &harts[id] : NULL;
}

bool caller_memory(uint64_t high, uint64_t low, uint64_t length)
{
	return high == 0 && low >= FIRMWARE_BASE + FIRMWARE_SIZE && low <= ram_end && length <= ram_end - low;
}

void go_to(struct hart *hart, uint64_t address, uint64_t opaque)
{
	uint64_t status = csr_read(mstatus) & ~(uint64_t)(MSTATUS_MPP | MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP);

	csr_write(mstatus, status | MSTATUS_MPP_SUPERVISOR | MSTATUS_FS_INITIAL);
	csr_write(mepc, address);
	csr_write(satp, 0);
	hart->registers[A0] = hart->id;
	hart->registers[A1] = opaque;
}

/* What every hart needs before it goes to supervisor mode for the first time. */
static void set_up(struct hart *hart)
{
	csr_write(mscratch, hart);
	csr_write(mtvec, trap_entry);
	csr_write(medeleg, 0xf0b5ff); /* all but calls from supervisor and machine mode */
	csr_write(mideleg, SUPERVISOR_INTERRUPTS);
	csr_write(mcounteren, 7);
	csr_write(scounteren, 7);
	csr_write(pmpaddr0, (FIRMWARE_BASE >> 2) | (FIRMWARE_SIZE / 8 - 1));
	csr_write(pmpaddr1, -1);
	csr_write(pmpcfg0, PMP_NAPOT | (PMP_NAPOT | PMP_ALL) << 8);
	asm volatile("sfence.vma" ::: "memory");
	csr_write(mie, MACHINE_SOFTWARE);
}

void *enter(uint64_t id, const void *tree, const uint64_t *info)
{
	struct hart *hart = &harts[id];
	bool first = !__atomic_exchange_n(&booting, 1, __ATOMIC_ACQ_REL);

	if (first) {
		read_tree(tree);
		for (unsigned i = 0; i < HARTS_MAX; i++) {
			harts[i].id = i;
			harts[i].stack_top = stacks + (i + 1) * STACK_SIZE;
			harts[i].state = STOPPED;
		}
		hart->state = STARTED;
		__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	}
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		;
	set_up(hart);
	if (!first) {
		wait_for_start(hart);
		return hart;
	}
	timer_set(hart, -1);
	go_to(hart, info[INFO_NEXT], (uint64_t)tree);
	return hart;
}
