/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"
#include "probe.h"

#define csr_read(csr)                                                                                                            \
	({                                                                                                                       \
		uint64_t csr_value_;                                                                                             \
		asm volatile("csrr %0, %1" : "=r"(csr_value_) : "i"(csr) : "memory");                                            \
		csr_value_;                                                                                                      \
	})
#define csr_write(csr, value) asm volatile("csrw %0, %1" : : "i"(csr), "r"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits)    asm volatile("csrs %0, %1" : : "i"(csr), "r"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits)  asm volatile("csrc %0, %1" : : "i"(csr), "r"((uint64_t)(bits)) : "memory")

/* For arch_control_restore(): the number of a control register must be part of the instruction. */
#define restore(index, csr)                                                                                                      \
	do {                                                                                                                     \
		if (found[index] != want[index]) {                                                                               \
			csr_write(csr, want[index]);                                                                             \
			changed = true;                                                                                          \
		}                                                                                                                \
	} while (0)

#define CSR_SSTATUS    0x100
#define CSR_SIE	       0x104
#define CSR_STVEC      0x105
#define CSR_SCOUNTEREN 0x106
#define CSR_SSCRATCH   0x140
#define CSR_SEPC       0x141
#define CSR_SCAUSE     0x142
#define CSR_STVAL      0x143
#define CSR_SIP	       0x144
#define CSR_SATP       0x180
#define CSR_TIME       0xc01

#define SSTATUS_SIE 2
#define SOFTWARE    2 /* bits in sie and sip */
#define TIMER	    0x20

#define HART_MARK 0x617373617900u /* in vsscratch, plus the hart */
#define DELAY	  128

enum { SSTATUS, SIE, SIP, STVEC, SSCRATCH, SATP, SCOUNTEREN, SEPC }; /* arch.yaml's `control` */
enum { A0 = 10, A1 = 11, A6 = 16, A7 = 17 }; /* arch.yaml's `registers` */

_Noreturn void arch_run_on(unsigned hart, void *stack_top, struct slot *slot);
void arch_arrived(struct slot *slot);
extern const void *const gate_table[GATE_COUNT][WIRE_HARTS];
extern const void *const trap_table[WIRE_HARTS];
extern char _start[], wire_pad_park[], wire_pad_handler[];

struct frame frames[WIRE_HARTS];
struct slot slots[SLOT_COUNT];

static uint64_t known[WIRE_HARTS][WIRE_CONTROL]; /* control registers between calls */
static uint8_t stacks[WIRE_HARTS][STACK_SIZE] __attribute__((aligned(16)));
static uint32_t booted;
static bool hypervisor; /* the harts have the hypervisor extension */

uint64_t arch_now(void)
{
	return csr_read(CSR_TIME);
}

/* Four instructions either way. */
void arch_look(bool stop)
{
	asm volatile("	beqz	%0, 1f\n"
		     "	jal	wire_stop\n"
		     "	j	2f\n"
		     "1:	nop\n"
		     "	nop\n"
		     "	nop\n"
		     "2:"
		     :
		     : "r"((uint64_t)stop)
		     : "ra", "memory");
}

static void read_all_but_scratch(uint64_t control[WIRE_CONTROL])
{
	control[SSTATUS] = csr_read(CSR_SSTATUS);
	control[SIE] = csr_read(CSR_SIE);
	control[SIP] = csr_read(CSR_SIP);
	control[STVEC] = csr_read(CSR_STVEC);
	control[SATP] = csr_read(CSR_SATP);
	control[SCOUNTEREN] = csr_read(CSR_SCOUNTEREN);
	control[SEPC] = csr_read(CSR_SEPC);
}

void arch_control_read(uint64_t control[WIRE_CONTROL])
{
	read_all_but_scratch(control);
	control[SSCRATCH] = csr_read(CSR_SSCRATCH);
}

/*
 * Only what can have changed since the last look is read: an access to a control register is by far the slowest thing that an
 * emulated hart does around a call.
 */
void arch_control_prepare(unsigned hart, bool wake, uint64_t control[WIRE_CONTROL])
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < WIRE_CONTROL; i++)
		control[i] = known[hart][i];
	control[SIP] = csr_read(CSR_SIP);
	if (!wake)
		return;
	csr_set(CSR_SIE, SOFTWARE | TIMER);
	control[SIE] = csr_read(CSR_SIE);
}

/* One sum instead of many comparisons, for it is made after every call. */
bool arch_control_is_usual(unsigned hart, const uint64_t found[WIRE_CONTROL])
{
	const uint64_t *want = known[hart];

	return !((found[SSTATUS] ^ want[SSTATUS]) | (found[SIE] ^ want[SIE]) | (found[STVEC] ^ want[STVEC]) |
		 (found[SSCRATCH] ^ want[SSCRATCH]) | (found[SATP] ^ want[SATP]) | (found[SCOUNTEREN] ^ want[SCOUNTEREN]) |
		 (found[SEPC] ^ want[SEPC]) | (found[SIP] & SOFTWARE));
}

void arch_control_restore(unsigned hart, const uint64_t found[WIRE_CONTROL], bool last)
{
	uint64_t *want = known[hart];
	uint64_t now[WIRE_CONTROL];
	bool changed = false;

	(void)last;
	restore(SSTATUS, CSR_SSTATUS);
	restore(SIE, CSR_SIE);
	restore(STVEC, CSR_STVEC);
	restore(SSCRATCH, CSR_SSCRATCH);
	restore(SATP, CSR_SATP);
	restore(SCOUNTEREN, CSR_SCOUNTEREN);
	restore(SEPC, CSR_SEPC);
	if (changed) { /* not everything can be brought back */
		arch_control_read(now);
		for (unsigned i = 0; i < WIRE_CONTROL; i++)
			want[i] = now[i];
	}
}

bool arch_ipi_pending_and_clear(void)
{
	if (!(csr_read(CSR_SIP) & SOFTWARE))
		return false;
	csr_clear(CSR_SIP, SOFTWARE);
	return true;
}

/*
 * Under a deterministic QEMU one hart runs until its share of time is over, unless it waits for an interrupt. Waiting with one
 * already pending comes back at once, but lets the others run first. It should not be one that a call could see: a virtual
 * supervisor's is not.
 */
static void yield(void)
{
	csr_set(CSR_HIE, VIRTUAL_SOFTWARE);
	csr_set(CSR_HVIP, VIRTUAL_SOFTWARE);
	asm volatile("wfi" ::: "memory");
	csr_clear(CSR_HVIP, VIRTUAL_SOFTWARE);
	csr_clear(CSR_HIE, VIRTUAL_SOFTWARE);
}

/* The same without the hypervisor extension: its own software interrupt has to do, and hides one that comes from elsewhere. */
static void yield_unwatched(void)
{
	uint64_t enabled = csr_read(CSR_SIE);
	bool pending = csr_read(CSR_SIP) & SOFTWARE;

	csr_set(CSR_SIE, SOFTWARE);
	if (!pending)
		csr_set(CSR_SIP, SOFTWARE);
	asm volatile("wfi" ::: "memory");
	if (!pending)
		csr_clear(CSR_SIP, SOFTWARE);
	csr_write(CSR_SIE, enabled);
}

/*
 * QEMU 7.2 gives a hart that was asleep a share of nothing when the hart before it has used up its own. The boot hart is the
 * first and is always served: it may sleep, and has to, so that the others are served. They must not, or they would not hear
 * from a boot hart that waits for them inside the firmware.
 */
void arch_relax(unsigned hart, bool watched)
{
	if (hart == 0 && hypervisor)
		yield();
	else if (hart == 0 && !watched)
		yield_unwatched();
	for (unsigned i = 0; i < DELAY; i++)
		asm volatile("" ::: "memory");
}

void arch_idle(void)
{
	csr_write(CSR_SIE, 0);
	for (;;)
		asm volatile("wfi" ::: "memory");
}

/*
 * gate_enter() keeps no register but sp: the compiler knows best which ones it needs. *scratch: sscratch as it was found. gp and
 * tp are nobody's.
 */
static inline enum wire_outcome call_gate(unsigned hart, unsigned gate, const uint64_t inputs[WIRE_INPUTS], uint64_t seed,
					  uint64_t out[WIRE_REGISTERS], uint64_t *scratch)
{
	register uint64_t a0 asm("a0") = (uint64_t)&frames[hart], a1 asm("a1") = (uint64_t)gate_table[gate][hart];
	register uint64_t a2 asm("a2") = (uint64_t)inputs, a3 asm("a3") = seed, a4 asm("a4") = (uint64_t)out;

	asm volatile("call	gate_enter"
		     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4)
		     :
		     : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a5", "a6", "a7", "s0", "s1", "s2", "s3", "s4", "s5", "s6",
		       "s7", "s8", "s9", "s10", "s11", "memory");
	*scratch = a1;
	return (enum wire_outcome)a0;
}

enum wire_outcome arch_call(unsigned hart, unsigned gate, const uint64_t inputs[WIRE_INPUTS], uint64_t seed,
			    struct wire_seen *seen)
{
	enum wire_outcome outcome;
	uint64_t scratch;

	if (gate == GATE_TRY_HYPERVISOR || gate >= GATE_COUNT) {
		seen->cause = UINT64_MAX;
		seen->end = arch_now();
		arch_control_read(seen->after);
		return WIRE_TRAPPED;
	}
	outcome = call_gate(hart, gate, inputs, seed, seen->registers, &scratch);
	seen->end = arch_now();
	read_all_but_scratch(seen->after);
	seen->after[SSCRATCH] = scratch;
	if (outcome == WIRE_TRAPPED) {
		seen->cause = csr_read(CSR_SCAUSE);
		seen->pc = csr_read(CSR_SEPC);
		seen->trap_value = csr_read(CSR_STVAL);
	}
	return outcome;
}

/*
 * Which hart came in. A hart that was here before carries its mark; a new one is who a0 says, if that can be true, and else the
 * first that has not come in yet: a firmware that gets a0 wrong shall not confuse us.
 */
static unsigned identify(uint64_t claimed)
{
	unsigned hart = loop_hart_index(claimed);
	uint64_t mark;

	if (hypervisor) {
		mark = csr_read(CSR_VSSCRATCH);
		if (mark >= HART_MARK && mark < HART_MARK + WIRE_HARTS)
			return mark - HART_MARK;
	}
	if (hart < WIRE_HARTS && (!hypervisor || loop_hart_free(hart)))
		return hart;
	for (hart = 1; hart < WIRE_HARTS - 1 && !loop_hart_free(hart);)
		hart++;
	return hart;
}

static bool has_hypervisor(unsigned hart)
{
	static const uint64_t none[WIRE_INPUTS];
	uint64_t out[WIRE_REGISTERS], scratch;

	return call_gate(hart, GATE_TRY_HYPERVISOR, none, 0, out, &scratch) == WIRE_RETURNED;
}

static void set_up(unsigned hart)
{
	uint64_t found[WIRE_CONTROL];

	csr_write(CSR_SIE, 0);
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	csr_write(CSR_SATP, 0);
	csr_write(CSR_STVEC, trap_table[hart]);
	csr_write(CSR_SSCRATCH, SCRATCH_KNOWN);
	arch_control_read(known[hart]);
	frames[hart].out = NULL;
	frames[hart].scratch = 0;
	if (hart == 0 && !hypervisor)
		hypervisor = has_hypervisor(hart);
	if (hypervisor)
		csr_write(CSR_VSSCRATCH, HART_MARK + hart);
	arch_control_read(found);
	arch_control_restore(hart, found, true);
}

static void leave_handler(struct slot *slot)
{
	slot->registers[A6] = wire_batch.leave[6];
	slot->registers[A7] = wire_batch.leave[7];
}

void arch_arrived(struct slot *slot)
{
	static const char *const pads[] = { _start, wire_pad_park, wire_pad_handler };
	uint64_t control[WIRE_CONTROL];
	unsigned hart = 0;

	arch_control_read(control);
	slot->registers[0] = 0;
	if (!__atomic_exchange_n(&booted, 1, __ATOMIC_ACQ_REL)) {
		loop_boot(slot->registers[A0], slot->registers[A1], slot->registers, control);
	} else {
		hart = identify(slot->registers[slot->pad == PAD_HANDLER ? A6 : A0]);
		loop_land(hart, slot->pad, (uint64_t)pads[slot->pad], slot->registers, control);
		if (slot->pad == PAD_HANDLER) {
			leave_handler(slot);
			return;
		}
		loop_back(hart, slot->registers, control);
	}
	set_up(hart);
	arch_run_on(hart, stacks[hart] + STACK_SIZE, slot);
}
