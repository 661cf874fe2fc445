/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#define CR0_HOME	 0x80010031u
#define MSR_SYSENTER_CS	 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define PIC_MASKS	 0xff
#define PIT_CHANNEL_0	 0x40
#define PIT_OUT		 0x80
#define HPET		 0xfed00000u
#define IO_APIC		 0xfec00000u
#define HPET_TICK	 10u /* ticks of the time-stamp counter: both count QEMU's time, in 10 ns and in 1 ns */
#define WAKE_TICKS	 20000000u
#define PAGE		 4096u
#define TABLES		 64u /* of pages: 256 MiB */
#define PAGE_FLAGS	 0x67u /* present, writable, user's, accessed, dirty */
#define BUSY		 0x200u /* in the upper half of a task's descriptor */

#define WAKE_COUNT  (*(volatile uint32_t *)(APIC + 0x380))
#define WAKE_VECTOR (*(volatile uint32_t *)(APIC + 0x320))
#define WAKE_DIVIDE (*(volatile uint32_t *)(APIC + 0x3e0))

struct __attribute__((packed)) table_register {
	uint16_t limit;
	uint32_t base;
};

/* Intel SDM volume 3, 7.2.1 */
struct task {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi, es, cs, ss, ds, fs, gs, ldt;
	uint32_t io_map;
};

void arch_load_segments(void);
extern char trap_entries[][16], interrupt_entries[][8], landing_entry[], fault_task_entry[], fault_stack_top[], trap_stack_top[];

struct descriptor descriptor_table[GDT_ENTRIES] __attribute__((section(".fixed.descriptor_table"))) = {
	[KERNEL_CODE / 8] = { 0x0000ffff, 0x00cf9b00 }, [KERNEL_DATA / 8] = { 0x0000ffff, 0x00cf9300 },
	[USER_CODE / 8] = { 0x0000ffff, 0x00cffb00 },	[USER_DATA / 8] = { 0x0000ffff, 0x00cff300 },
	[FAR_DATA / 8] = { 0x0000ffff, 0x80cff300 },
};
static struct descriptor idt[256] __attribute__((aligned(4096)));
static struct descriptor ldt[2] __attribute__((aligned(4096)));
static struct task task __attribute__((aligned(128))), spare_task __attribute__((aligned(128))),
	fault_task __attribute__((aligned(128)));
static uint32_t directory[1024] __attribute__((section(".fixed.page_directory")));
static uint32_t tables[TABLES][1024] __attribute__((aligned(4096)));
static uint32_t device_table[1024] __attribute__((aligned(4096)));

#define read_register(name)                                                                                                      \
	({                                                                                                                       \
		uint32_t value_;                                                                                                 \
		asm volatile("movl %%" name ", %0" : "=r"(value_) : : "memory");                                                 \
		value_;                                                                                                          \
	})
#define write_register(name, value) asm volatile("movl %0, %%" name : : "r"((uint32_t)(value)) : "memory")
#define restore(number, name)                                                                                                    \
	do {                                                                                                                     \
		if (found[number] != home[number])                                                                               \
			write_register(name, home[number]);                                                                      \
	} while (0)

static uint32_t read_msr(uint32_t number)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number) : "memory");
	return low;
}

static void write_msr(uint32_t number, uint32_t value)
{
	asm volatile("wrmsr" : : "a"(value), "d"(0), "c"(number) : "memory");
}

static void out(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* ---- looking ---- */

uint32_t machine_cr2(void)
{
	return read_register("cr2");
}

/* SMSW tells all of CR0, and does not end a stretch of translated code as a read of it does. */
#define read_cr0()                                                                                                               \
	({                                                                                                                       \
		uint32_t value_;                                                                                                 \
		asm volatile("smsw %0" : "=r"(value_) : : "memory");                                                             \
		value_;                                                                                                          \
	})

uint32_t machine_read(const uint64_t home[WIRE_CONTROL], uint64_t control[WIRE_CONTROL])
{
	struct table_register table;
	uint32_t selector = 0, value, different = 0;

#define KEEP(number, expression)                                                                                                 \
	(value = (expression), different |= value ^ get_low(&home[number]), put_low(&control[number], value))
	KEEP(CR0, read_cr0());
	KEEP(CR2, read_register("cr2"));
	KEEP(CR3, read_register("cr3"));
	KEEP(CR4, read_register("cr4"));
	asm volatile("sgdt %0" : "=m"(table) : : "memory");
	KEEP(GDTR_BASE, table.base);
	KEEP(GDTR_LIMIT, table.limit);
	asm volatile("sidt %0" : "=m"(table) : : "memory");
	KEEP(IDTR_BASE, table.base);
	KEEP(IDTR_LIMIT, table.limit);
	asm volatile("sldt %0" : "+r"(selector) : : "memory");
	KEEP(LDTR, (uint16_t)selector);
	asm volatile("str %0" : "+r"(selector) : : "memory");
	KEEP(TR, (uint16_t)selector);
	KEEP(DR0, read_register("dr0"));
	KEEP(DR1, read_register("dr1"));
	KEEP(DR2, read_register("dr2"));
	KEEP(DR3, read_register("dr3"));
	KEEP(DR7, read_register("dr7"));
	KEEP(SYSENTER_CS, read_msr(MSR_SYSENTER_CS));
#undef KEEP
	return different;
}

/* ---- bringing back ---- */

static void load_tables(void)
{
	const struct table_register gdtr = { sizeof(descriptor_table) - 1, (uintptr_t)descriptor_table },
				    idtr = { sizeof(idt) - 1, (uintptr_t)idt };

	asm volatile("lgdt %0\n\tlidt %1" : : "m"(gdtr), "m"(idtr) : "memory");
	arch_load_segments();
}

static void load_task(void)
{
	descriptor_table[TASK / 8].high &= ~BUSY;
	descriptor_table[SPARE_TASK / 8].high &= ~BUSY;
	descriptor_table[FAULT_TASK / 8].high &= ~BUSY;
	asm volatile("ltr %w0" : : "r"(TASK) : "memory");
}

bool machine_stands_on(unsigned number)
{
	return number == CR3 || (number >= GDTR_BASE && number <= IDTR_LIMIT) || (number >= CS && number < CS + SEGMENTS);
}

void machine_stand(const uint64_t home[WIRE_CONTROL], const uint64_t found[WIRE_CONTROL])
{
	uint64_t tables_differ = (found[GDTR_BASE] ^ home[GDTR_BASE]) | (found[GDTR_LIMIT] ^ home[GDTR_LIMIT]) |
				 (found[IDTR_BASE] ^ home[IDTR_BASE]) | (found[IDTR_LIMIT] ^ home[IDTR_LIMIT]) |
				 (found[CS] ^ home[CS]) | (found[CS + SEGMENT_SS] ^ home[CS + SEGMENT_SS]);

	if (tables_differ)
		load_tables();
	restore(CR3, "cr3");
}

void machine_restore(const uint64_t home[WIRE_CONTROL], const uint64_t found[WIRE_CONTROL])
{
	restore(CR0, "cr0");
	restore(CR2, "cr2");
	restore(CR4, "cr4");
	if (found[LDTR] != home[LDTR])
		asm volatile("lldt %w0" : : "r"((uint32_t)home[LDTR]) : "memory");
	if (found[TR] != home[TR])
		load_task();
	restore(DR7, "dr7");
	restore(DR0, "dr0");
	restore(DR1, "dr1");
	restore(DR2, "dr2");
	restore(DR3, "dr3");
	if (found[SYSENTER_CS] != home[SYSENTER_CS])
		write_msr(MSR_SYSENTER_CS, home[SYSENTER_CS]);
}

/* ---- waking up ---- */

void machine_wake_soon(void)
{
	WAKE_DIVIDE = 0xb; /* by 1 */
	WAKE_VECTOR = TIMER;
	WAKE_COUNT = WAKE_TICKS;
}

void machine_wake_not(void)
{
	WAKE_VECTOR = 0x10000 | TIMER;
	WAKE_COUNT = 0;
}

/* ---- faults on a bad stack ---- */

void machine_take_fault(struct frame *frame)
{
	const struct task *from = fault_task.link == SPARE_TASK ? &spare_task : &task;
	const uint32_t registers[] = { from->eax, from->ecx, from->edx, from->ebx, from->esp, from->ebp, from->esi, from->edi };
	const uint32_t segments[] = { from->cs, from->ss, from->ds, from->es, from->fs, from->gs };

	for (unsigned i = 0; i < 8; i++)
		frame->registers[i] = registers[i];
	for (unsigned i = 0; i < SEGMENTS; i++)
		frame->segments[i] = segments[i];
	frame->eflags = from->eflags;
	frame->cause = DOUBLE_FAULT;
	frame->error = 0;
	frame->pc = from->eip;
	fault_task.eip = (uintptr_t)fault_task_entry;
	fault_task.esp = (uintptr_t)fault_stack_top;
	/* the switch has set CR0.TS and the flag NT */
	asm volatile("clts\n\tpushl $2\n\tpopfl" : : : "memory", "cc");
	load_task();
}

/* ---- setting up ---- */

static void set_gate(unsigned vector, const char *entry, uint32_t kind)
{
	uint32_t address = (uintptr_t)entry;

	idt[vector].low = KERNEL_CODE << 16 | (address & 0xffff);
	idt[vector].high = (address & 0xffff0000) | kind;
}

static void set_up_traps(void)
{
	for (unsigned vector = 0; vector < 256; vector++)
		set_gate(vector, vector < TRAPS ? trap_entries[vector] : interrupt_entries[vector - TRAPS], 0x8e00);
	set_gate(LANDING, landing_entry, 0xee00);
	idt[DOUBLE_FAULT].low = FAULT_TASK << 16;
	idt[DOUBLE_FAULT].high = 0x8500;
}

static void set_segment(unsigned selector, const void *at, uint32_t size, uint32_t kind)
{
	uint32_t base = (uintptr_t)at;

	descriptor_table[selector / 8].low = base << 16 | (size - 1);
	descriptor_table[selector / 8].high = (base & 0xff000000) | (base >> 16 & 0xff) | kind << 8;
}

static void set_up_segments(void)
{
	task = spare_task =
		(struct task){ .esp0 = (uintptr_t)trap_stack_top, .ss0 = KERNEL_DATA, .io_map = sizeof(struct task) << 16 };
	fault_task = (struct task){ .cr3 = (uintptr_t)directory,
				    .eip = (uintptr_t)fault_task_entry,
				    .eflags = 2,
				    .esp = (uintptr_t)fault_stack_top,
				    .es = KERNEL_DATA,
				    .cs = KERNEL_CODE,
				    .ss = KERNEL_DATA,
				    .ds = KERNEL_DATA,
				    .fs = KERNEL_DATA,
				    .gs = KERNEL_DATA,
				    .io_map = sizeof(struct task) << 16 };
	task.cr3 = spare_task.cr3 = (uintptr_t)directory;
	set_segment(TASK, &task, sizeof(task), 0x89);
	set_segment(SPARE_TASK, &spare_task, sizeof(task), 0x89);
	set_segment(FAULT_TASK, &fault_task, sizeof(task), 0x89);
	set_segment(SPARE_LDT, ldt, sizeof(ldt), 0x82);
	load_tables();
	load_task();
}

static void map(uint32_t *table, uint32_t from, uint32_t to)
{
	for (; from < to; from += PAGE)
		table[from / PAGE % 1024] = from | PAGE_FLAGS;
}

/* RAM, and the devices that a caller has. Everything else is not there. */
static void set_up_pages(uint32_t ram)
{
	for (unsigned i = 0; i < TABLES && i * (PAGE * 1024) < ram; i++) {
		map(tables[i], i * (PAGE * 1024), (i + 1) * (PAGE * 1024));
		directory[i] = (uintptr_t)tables[i] | PAGE_FLAGS;
	}
	map(device_table, IO_APIC, IO_APIC + PAGE);
	map(device_table, HPET, HPET + PAGE);
	map(device_table, APIC, APIC + PAGE);
	directory[APIC / PAGE / 1024] = (uintptr_t)device_table | PAGE_FLAGS;
	write_register("cr3", directory);
	write_register("cr4", 0);
	write_register("cr0", CR0_HOME);
}

static void set_up_pic(uint16_t command, uint8_t vectors, uint8_t cascade)
{
	out(command, 0x11); /* begins anew: forgets what was on its way, takes three more words */
	out(command + 1, vectors);
	out(command + 1, cascade);
	out(command + 1, 0x01);
	out(command + 1, PIC_MASKS);
}

/* The BIOS has channel 0 tick: it counts once more, and then stands still. */
static void stop_pit(void)
{
	uint8_t status;

	out(PIT_CHANNEL_0 + 3, 0x30); /* channel 0, both bytes, one shot */
	out(PIT_CHANNEL_0, 1);
	out(PIT_CHANNEL_0, 0);
	do {
		out(PIT_CHANNEL_0 + 3, 0xe2); /* its status */
		asm volatile("inb %1, %0" : "=a"(status) : "Nd"((uint16_t)PIT_CHANNEL_0));
	} while (!(status & PIT_OUT));
}

/* Nobody interrupts but who is asked to. The clock that the host reads begins where the counter is. */
static void set_up_devices(void)
{
	uint64_t now;

	stop_pit();
	set_up_pic(PIC_COMMAND, PIC_VECTORS, 1 << 2);
	set_up_pic(PIC_2, PIC_VECTORS + 8, 2);
	*(volatile uint32_t *)(APIC + 0xf0) = 0x1ff;
	*(volatile uint32_t *)(APIC + 0x80) = 0;
	machine_wake_not();
	asm volatile("rdtsc" : "=A"(now));
	*(volatile uint32_t *)(HPET + 0xf0) = (uint32_t)(now >> 1) / (HPET_TICK / 2);
	*(volatile uint32_t *)(HPET + 0xf4) = 0;
	*(volatile uint32_t *)(HPET + 0x10) = 1;
}

void machine_set_up(uint32_t multiboot)
{
	uint32_t ram = ((const uint32_t *)multiboot)[2] * 1024 + 0x100000; /* mem_upper; Multiboot Specification 0.6.96, 3.3 */

	set_up_traps();
	set_up_segments();
	set_up_pages(ram);
	write_msr(MSR_SYSENTER_CS, KERNEL_CODE);
	write_msr(MSR_SYSENTER_ESP, (uintptr_t)trap_stack_top);
	write_msr(MSR_SYSENTER_EIP, (uintptr_t)interrupt_entries);
	set_up_devices();
	write_register("dr7", 0x400);
}
