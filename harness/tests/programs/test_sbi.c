/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sbi.c - a guest that knows the firmware by the header alone (`assay header spec/sbi`): it says who answers, and switches off. */
#include "sbi.h"

__asm__(".text\n"
	".globl _start\n"
	"_start: la sp, stack_end\n"
	"\tcall run\n"
	"1:\twfi\n"
	"\tj 1b\n"
	".section .bss\n"
	".balign 16\n"
	"\t.skip 4096\n"
	"stack_end:\n"
	".text\n");

static int has_console;

static void put(const char *text)
{
	unsigned length = 0;

	while (text[length])
		length++;
	if (has_console && sbi_dbcn_debug_console_write(length, text, 0).error == SBI_SUCCESS)
		return;
	for (; *text; text++)
		sbi_legacy_console_putchar((uint64_t)(unsigned char)*text);
}

static void put_number(const char *label, uint64_t number)
{
	char text[17];

	for (int i = 0; i < 16; i++)
		text[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
	text[16] = '\0';
	put(label);
	put(text);
	put("\n");
}

void run(void);
void run(void)
{
	struct sbi_result probe = sbi_base_probe_extension(SBI_DBCN_DEBUG_CONSOLE_WRITE_EID);

	has_console = probe.error == SBI_SUCCESS && probe.value;
	put(has_console ? "debug console\n" : "legacy console\n");
	put_number("version ", sbi_base_get_spec_version().value);
	put_number("implementation ", sbi_base_get_impl_id().value);
	/* a negative id has to arrive with its sign */
	put_number("nobody ", sbi_base_probe_extension(-1).value);
	put_number("status ", (uint64_t)sbi_hsm_hart_get_status(0x12345).error);
	sbi_srst_system_reset(SBI_SRST_SHUTDOWN, SBI_SRST_NO_REASON);
}
