/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cpu.c - processor state, CPU control and processor information. */
#include "kernel.h"

#define READ(register)                                                                                                           \
	({                                                                                                                       \
		uint32_t value_;                                                                                                 \
		__asm__ volatile("mov %%" register ", %0" : "=r"(value_));                                                       \
		value_;                                                                                                          \
	})

static bool flags_only(struct call made)
{
	return made.ecx == 0x5eed0002 && made.edx == 0x5eed0003;
}

void test_processor(void)
{
	struct call made;

	made = call("processor.EnableInterrupts", 29, 35, (struct call){ 0 });
	check("processor.EnableInterrupts", made.eflags & IF, "enabled");
	check("processor.EnableInterrupts", flags_only(made) && made.eax == 0x5eed0000, "changes flags only");
	made = call("processor.DisableInterrupts", 30, 36, (struct call){ .eflags = IF });
	check("processor.DisableInterrupts", !(made.eflags & IF), "disabled");
	check("processor.DisableInterrupts", flags_only(made) && made.eax == 0x5eed0000, "changes flags only");
	for (uint32_t mask = 0; mask <= IF; mask += IF) {
		made = call("processor.GetInterruptMask", 31, 37, (struct call){ .eflags = mask | ARITHMETIC });
		check("processor.GetInterruptMask", (made.eax & IF) == mask && (made.eflags & IF) == mask, "interrupt flag");
		check("processor.GetInterruptMask", flags_only(made), "changes flags only");
		made = call("processor.SetInterruptMask", 32, 38,
			    (struct call){ .eax = mask ? mask : ZERO, .eflags = (IF - mask) | DF | IOPL });
		check("processor.SetInterruptMask", (made.eflags & (IF | IOPL)) == (mask | IOPL), "interrupt flag");
		check("processor.SetInterruptMask", flags_only(made) && made.eax == mask, "changes flags only");
	}
	ticks = 0;
	made = call("processor.Halt", 35, 42, (struct call){ 0 });
	check("processor.Halt", ticks > 0 && made.eflags & IF, "ends with an interrupt");
	static uint8_t state[92];
	made = call("processor.SetInitialAPState", 62, 75, (struct call){ .eax = (uint32_t)state, .edx = 1 });
	check("processor.SetInitialAPState", made.vector == NO_TRAP, "good memory");
}

static void test_control_registers(void)
{
	struct call made;

	for (uint32_t value = 0x80010031; value <= 0x8001003b; value += 10) {
		made = call("cpu.SetCR0", 15, 20, (struct call){ .eax = value });
		check("cpu.SetCR0", READ("cr0") == value, "written");
		check("cpu.GetCR0", call("cpu.GetCR0", 19, 24, (struct call){ 0 }).eax == READ("cr0"), "read");
	}
	made = call("cpu.CLTS", 28, 34, (struct call){ 0 });
	check("cpu.CLTS", READ("cr0") == 0x80010033, "TS and nothing else");
	made = call("cpu.SetCR2", 16, 21, (struct call){ .eax = 0x12345678 });
	check("cpu.SetCR2", READ("cr2") == 0x12345678, "written");
	check("cpu.GetCR2", call("cpu.GetCR2", 20, 25, (struct call){ 0 }).eax == 0x12345678, "read");
	made = call("cpu.SetCR3", 17, 22, (struct call){ .eax = (uint32_t)directory | 8 });
	check("cpu.SetCR3", READ("cr3") == ((uint32_t)directory | 8), "written");
	check("cpu.GetCR3", call("cpu.GetCR3", 21, 26, (struct call){ 0 }).eax == ((uint32_t)directory | 8), "read");
	for (uint32_t value = 0x10; value <= 0x9c; value += 0x8c) {
		made = call("cpu.SetCR4", 18, 23, (struct call){ .eax = value });
		check("cpu.SetCR4", READ("cr4") == value, "written");
		check("cpu.GetCR4", call("cpu.GetCR4", 22, 27, (struct call){ 0 }).eax == value, "read");
	}
	made = call("cpu.SetCR4", 18, 23, (struct call){ .eax = 0x10 });
	(void)made;
}

static void test_debug_registers(void)
{
	for (uint32_t number = 0; number < 4; number++) {
		uint32_t value = 0x1000 * (number + 1), was;
		uint32_t seen[4];

		call("cpu.SetDR", 24, 30, (struct call){ .eax = number ? number : ZERO, .edx = value });
		was = call("cpu.GetDR", 25, 31, (struct call){ .eax = number ? number : ZERO }).eax;
		seen[0] = READ("dr0");
		seen[1] = READ("dr1");
		seen[2] = READ("dr2");
		seen[3] = READ("dr3");
		check("cpu.SetDR", seen[number] == value, "written");
		check("cpu.GetDR", was == seen[number], "read");
	}
	check("cpu.SetDR", call("cpu.SetDR", 24, 30, (struct call){ .eax = 8 }).vector == 6, "there is no register 8");
	check("cpu.GetDR", call("cpu.GetDR", 25, 31, (struct call){ .eax = 0x80000001 }).vector == 6,
	      "there is no register 80000001h");
	check("cpu.GetDR", call("cpu.GetDR", 25, 31, (struct call){ .eax = 7 }).eax == READ("dr7"), "read");
}

static uint64_t value_of(struct call made)
{
	return (uint64_t)made.edx << 32 | made.eax;
}

void test_cpu(void)
{
	struct call made;
	uint32_t a = 0, b, c = 0, d;

	test_control_registers();
	test_debug_registers();
	made = call("cpu.WRMSR", 1, 6, (struct call){ .ecx = 0x175, .eax = 0x89abcdef, .edx = ZERO });
	__asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(0x175));
	check("cpu.WRMSR", a == 0x89abcdef, "written");
	check("cpu.RDMSR", value_of(call("cpu.RDMSR", 2, 7, (struct call){ .ecx = 0x175 })) == 0x89abcdef, "read");
	check("cpu.WRMSR", made.vector == NO_TRAP, "no trap");
	a = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	made = call("information.CPUID", 0, 5, (struct call){ .eax = ZERO, .ecx = ZERO, .ebx = b });
	check("information.CPUID", made.eax == a && made.ebx == b && made.ecx == c && made.edx == d, "as the instruction");
	made = call("information.RDTSC", 27, 33, (struct call){ 0 });
	check("information.RDTSC", value_of(call("information.RDTSC", 27, 33, (struct call){ 0 })) > value_of(made), "goes on");
	made = call("information.RDPMC", 26, 32, (struct call){ .ecx = 0x12345 });
	check("information.RDPMC", made.vector == 13 || made.vector == 6 || made.vector == NO_TRAP, "as the instruction");
}
