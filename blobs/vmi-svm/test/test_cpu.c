/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cpu.c - control, debug and model-specific registers. */
#include "kernel.h"

enum { GET_CR0 = 19, GET_CR2, GET_CR3, GET_CR4, SET_CR0 = 15, SET_CR2, SET_CR3, SET_CR4, CLTS = 28, SET_DR = 24, GET_DR };
enum { SYSENTER_CS = 0x174, EFER = 0xc0000080, UNKNOWN_MSR = 0xffffffff };

static uint32_t read_cr0(void)
{
	uint32_t value;

	__asm__ volatile("movl %%cr0, %0" : "=r"(value));
	return value;
}

static void test_control(void)
{
	check(vmi(GET_CR0, 0, 0, 0).eax == 0x80010031, "GetCR0");
	vmi(SET_CR0, 0x80010039, 0, 0);
	check(vmi(GET_CR0, 0, 0, 0).eax == 0x80010039 && read_cr0() == 0x80010039, "SetCR0 sets TS, for the processor too");
	vmi(CLTS, 0, 0, 0);
	check(read_cr0() == 0x80010031, "CLTS clears it");
	vmi(SET_CR0, 0x31, 0, 0);
	check(vmi(GET_CR0, 0, 0, 0).eax == 0x80010031, "SetCR0 leaves paging and write protection on");
	vmi(SET_CR2, 0x12345678, 0, 0);
	check(vmi(GET_CR2, 0, 0, 0).eax == 0x12345678, "SetCR2, GetCR2");
	uint32_t cr3 = vmi(GET_CR3, 0, 0, 0).eax;
	check(cr3 == (uint32_t)directory - HIGH, "GetCR3");
	vmi(SET_CR3, cr3, 0, 0);
	check(vmi(GET_CR4, 0, 0, 0).eax == CR4_AT_START, "GetCR4");
	vmi(SET_CR4, CR4_AT_START | 0x8c, 0, 0);
	check(vmi(GET_CR4, 0, 0, 0).eax == (CR4_AT_START | 0x8c), "SetCR4 sets TSD, DE and PGE");
	vmi(SET_CR4, 0, 0, 0);
	check(vmi(GET_CR4, 0, 0, 0).eax == (CR4_AT_START | 0x80), "SetCR4 leaves PGE on, and what paging there is");
	check(vmi(SET_CR4, 0x80000000, 0, 0).vector == GP, "SetCR4 faults for bits that nobody knows");
}

static void test_debug(void)
{
	for (uint32_t number = 0; number < 4; number++) {
		vmi(SET_DR, number, 0x1000 + number, 0);
		check(vmi(GET_DR, number, 0, 0).eax == 0x1000 + number, "SetDR, GetDR");
	}
	check(vmi(GET_DR, 8, 0, 0).vector == GP, "there is no DR8");
}

static void test_msrs(void)
{
	vmi(1, 0x18, 0, SYSENTER_CS);
	check(vmi(2, 0, 0, SYSENTER_CS).eax == 0x18, "WRMSR, RDMSR");
	check((vmi(2, 0, 0, EFER).eax & 0x1000) == 0, "RDMSR shows nothing of SVM");
	struct call unknown = vmi(2, 0, 0, UNKNOWN_MSR);
	check(unknown.vector == GP, "RDMSR of a register that is not there faults");
	check(unknown.eip - (uint32_t)rom < rom[2] * 512u, "in the ROM");
}

static void test_cpuid(void)
{
	struct call leaf = vmi(0, 1, 0, 0);
	uint32_t a = 0x80000001, b, c = 0, d;

	check(leaf.eax != 0 && (leaf.edx & 1 << 7) == 0, "CPUID has leaf 1, without machine checks");
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	check((c & 4) == 0, "a native CPUID hides SVM");
}

void test_cpu(void)
{
	test_control();
	test_debug();
	test_msrs();
	test_cpuid();
}
