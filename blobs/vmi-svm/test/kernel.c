/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.c - finds the ROM, enters the interface and runs the tests. */
#include "kernel.h"

enum { DEBUG_CONSOLE = 0xe9, EXIT = 0xf4, PIC_1_MASK = 0x21, PIC_2_MASK = 0xa1, CANARY = 0x5eed0000 };

uint8_t *rom;
static uint64_t idt[15];
static uint32_t tss[26], other_tss[26];
static unsigned checks, failures;

static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void say(const char *text)
{
	while (*text)
		out(DEBUG_CONSOLE, *text++);
}

static void say_number(unsigned number)
{
	if (number >= 10)
		say_number(number / 10);
	out(DEBUG_CONSOLE, '0' + number % 10);
}

void check(bool good, const char *what)
{
	say(good ? "ok " : "not ok ");
	say_number(++checks);
	say(" - ");
	say(what);
	say("\n");
	failures += !good;
}

static _Noreturn void leave(void)
{
	say("1..");
	say_number(checks);
	say("\n");
	for (;;)
		out(EXIT, failures != 0);
}

static uint64_t descriptor(uint32_t base, uint32_t limit, uint8_t type)
{
	return limit | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)type << 40 | (uint64_t)(base >> 24) << 56;
}

static void make_tables(void)
{
	struct table_register idtr = { sizeof idt - 1, (uint32_t)idt };

	for (unsigned i = 0; i < 15; i++) {
		uint32_t code = (uint32_t)exceptions + i * 16;
		idt[i] = (code & 0xffff) | 8 << 16 | (uint64_t)0x8e00 << 32 | (uint64_t)(code >> 16) << 48;
	}
	gdt[5] = descriptor((uint32_t)tss, sizeof tss - 1, 0x89);
	gdt[6] = descriptor((uint32_t)other_tss, sizeof other_tss - 1, 0x89);
	gdt[7] = descriptor((uint32_t)gdt, 63, 0x82);
	__asm__ volatile("lidt %0; ltr %w1" : : "m"(idtr), "r"(0x28));
}

static bool find_rom(void)
{
	for (uint32_t at = HIGH + 0xc0000; at < HIGH + 0xe0000; at += 2048)
		if (*(uint16_t *)at == 0xaa55 && *(uint32_t *)(at + 8) == 0x696d5663) {
			rom = (uint8_t *)at;
			return true;
		}
	return false;
}

static struct call go(uint32_t target, uint32_t eax, uint32_t edx, uint32_t ecx, uint32_t fourth)
{
	struct call call = { eax, ecx, edx, CANARY + 1, CANARY + 2, CANARY + 3, 0, 2, { fourth, CANARY + 4 }, target, 0, 0, 0 };

	gate(&call);
	return call;
}

struct call vmi_stack(unsigned number, uint32_t eax, uint32_t edx, uint32_t ecx, uint32_t fourth)
{
	uint32_t target = go((uint32_t)rom + 0x88, number, 0, 0, 0).eax;
	struct call call = go(target, eax, edx, ecx, fourth);

	if (target == 0)
		check(false, "a call is missing");
	if ((number != 0 && call.ebx != CANARY + 1) || call.esi != CANARY + 2 || call.edi != CANARY + 3)
		check(false, "a register was not kept");
	return call;
}

struct call vmi(unsigned number, uint32_t eax, uint32_t edx, uint32_t ecx)
{
	return vmi_stack(number, eax, edx, ecx, 0);
}

struct call native(const char *code, uint32_t eax)
{
	return go((uint32_t)code, eax, 0, 0, 0);
}

/* The ROM's private entry: VMMCALL, and 81h behind it. */
uint32_t figure(unsigned which)
{
	for (uint8_t *at = rom;; at++)
		if (at[0] == 0x0f && at[1] == 0x01 && at[2] == 0xd9 && at[3] == 0x81)
			return go((uint32_t)at, which, 0, 0, 0).eax;
}

void kernel_main(void)
{
	out(PIC_1_MASK, 0xff);
	out(PIC_2_MASK, 0xff);
	make_tables();
	if (!find_rom()) {
		check(false, "there is a ROM");
		leave();
	}
	test_header();
	if (go((uint32_t)rom + 0x80, 0, 0, 0, 0).eax != 0) {
		check(false, "VMI_Init succeeds");
		leave();
	}
	test_deprivileged();
	test_cpu();
	test_descriptors();
	test_processor();
	test_pages();
	leave();
}
