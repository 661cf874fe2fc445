/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.c - finds the ROM, calls all of it, and says on port E9h what was wrong. Ends QEMU through isa-debug-exit. */
#include "kernel.h"

#define CANARY 0x5eed0000u

struct tss {
	uint32_t link, esp0, ss0, rest[22];
	uint16_t trap, io_map;
};

uint8_t *rom;
unsigned abi;
static unsigned checks, failures;
static struct tss tss __attribute__((aligned(128))), spare_tss __attribute__((aligned(128)));
static uint64_t idt[256];
static uint8_t trap_stack[4096] __attribute__((aligned(16)));

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void text(const char *line)
{
	for (; *line; line++)
		out8(0xe9, (uint8_t)*line);
}

static void number(uint32_t value)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		out8(0xe9, (uint8_t) "0123456789abcdef"[value >> shift & 15]);
}

void check(const char *entry, bool ok, const char *what)
{
	checks++;
	if (ok)
		return;
	failures++;
	text("not ok ");
	text(entry);
	text(": ");
	text(what);
	text("\n");
}

/* As GetRelocationInfo says it in 3.0, a slot in 13.0. */
static void find_target(struct call *call, unsigned three, unsigned thirteen)
{
	struct call ask = { .eax = three, .target = (uint32_t)rom + 0x88, .kind = CALL_REL, .eflags = 2 };

	if (abi == 13) {
		call->target = (uint32_t)rom + 32 * thirteen;
		call->kind = CALL_REL;
		return;
	}
	gate(&ask);
	call->target = ask.eax;
	call->kind = ask.edx & 0xff;
}

static void check_kept(const char *entry, const struct call *in, const struct call *out)
{
	if (out->vector != NO_TRAP) {
		check(entry, out->vector != 8, "double fault");
		return;
	}
	check(entry, out->ebx == in->ebx, "ebx is lost");
	check(entry, out->ebp == in->ebp, "ebp is lost");
	check(entry, in->moves || out->esi == in->esi, "esi is lost");
	check(entry, in->moves || out->edi == in->edi, "edi is lost");
	check(entry, (out->eflags & DF) == (in->eflags & DF), "the direction flag is lost");
	check(entry, out->esp == in->esp, "esp is lost");
}

struct call call(const char *entry, unsigned three, unsigned thirteen, struct call inputs)
{
	struct call made = inputs;
	uint32_t *register_of[] = { &made.eax, &made.ebx, &made.ecx, &made.edx, &made.esi, &made.edi, &made.ebp };

	for (unsigned i = 0; i < 7; i++)
		if (!*register_of[i])
			*register_of[i] = CANARY + i;
	for (unsigned i = 0; i < 7; i++)
		if (*register_of[i] == ZERO)
			*register_of[i] = 0;
	made.eflags |= 2;
	made.vector = NO_TRAP;
	made.esp = 0;
	find_target(&made, three, thirteen);
	inputs = made;
	if (made.kind != CALL_REL && made.kind != JUMP_REL) {
		check(entry, false, "cannot be called");
		return made;
	}
	gate(&made);
	if (!inputs.ends_elsewhere) {
		inputs.esp = made.esp_before;
		check_kept(entry, &inputs, &made);
	}
	return made;
}

static void scan(void)
{
	for (uint32_t at = 0xc8000; at < 0xe0000; at += 2048) {
		uint8_t *here = (uint8_t *)at;

		if (*(uint16_t *)here == 0xaa55 && *(uint32_t *)(here + 8) == 0x696d5663)
			rom = here + 0xc0000000;
	}
	abi = rom ? rom[13] : 0;
}

static void set_gate(unsigned vector, const void *handler, unsigned level)
{
	uint32_t address = (uint32_t)handler;

	idt[vector] = (uint64_t)(address >> 16) << 48 | (uint64_t)(0x8e00 | level << 13) << 32 | 8 << 16 | (address & 0xffff);
}

static uint64_t segment_of(const struct tss *segment)
{
	uint32_t base = (uint32_t)segment;

	return (uint64_t)(base >> 24) << 56 | (uint64_t)0x89 << 40 | (uint64_t)(base & 0xffffff) << 16 | (sizeof *segment - 1);
}

extern const char trap_1[], trap_3[], trap_6[], trap_8[], trap_10[], trap_11[], trap_12[], trap_13[], trap_14[], irq0[];

static void prepare(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) idtr = { sizeof idt - 1, (uint32_t)idt };

	tss = (struct tss){ .esp0 = (uint32_t)(trap_stack + sizeof trap_stack), .ss0 = 0x10, .io_map = sizeof tss };
	gdt[5] = segment_of(&tss);
	gdt[6] = segment_of(&spare_tss);
	set_gate(1, trap_1, 0);
	set_gate(3, trap_3, 3);
	set_gate(6, trap_6, 0);
	set_gate(8, trap_8, 0);
	set_gate(10, trap_10, 0);
	set_gate(11, trap_11, 0);
	set_gate(12, trap_12, 0);
	set_gate(13, trap_13, 0);
	set_gate(14, trap_14, 0);
	set_gate(0x20, irq0, 0);
	__asm__ volatile("lidt %0; ltr %w1; wrmsr" : : "m"(idtr), "r"(0x28), "c"(0x174), "a"(8), "d"(0));
}

/* The timer's interrupts go to vector 20h; nothing else is let through. */
static void let_the_timer_through(void)
{
	static const uint8_t words[][2] = { { 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 0x20 }, { 0xa1, 0x28 }, { 0x21, 4 },
					    { 0xa1, 2 },    { 0x21, 1 },    { 0xa1, 1 },    { 0x21, 0xfe }, { 0xa1, 0xff },
					    { 0x43, 0x34 }, { 0x40, 0 },    { 0x40, 4 } };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		out8(words[i][0], words[i][1]);
}

/* A guest of 13.0 uses a copy. */
static void copy_the_rom(void)
{
	static uint8_t copy[65536] __attribute__((aligned(4096)));

	if (abi != 13)
		return;
	for (uint32_t i = 0; i < rom[2] * 512u && i < sizeof copy; i++)
		copy[i] = rom[i];
	rom = copy;
	test_clock();
}

void kernel(void);
void kernel(void)
{
	prepare();
	let_the_timer_through();
	scan();
	check("rom.header", rom, "not found");
	if (rom) {
		text("ROM at ");
		number((uint32_t)rom);
		text("\n");
		test_header();
		test_relocations();
		test_processor();
		test_cpu();
		test_descriptors();
		test_stack();
		test_io();
		test_mmu();
		test_clock();
		copy_the_rom();
	}
	number(checks);
	text(" checks, ");
	number(failures);
	text(" failed\n");
	out8(0xf4, failures ? 1 : 0);
}
