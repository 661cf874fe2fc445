/* SPDX-License-Identifier: BSD-2-Clause */
/* startup.c - document 2.0, Appendix A, VMI_SetInitialAPState: the state is kept where startup.S looks for it. */
#include "clock.h"
#include "startup.inc"

/* Document 2.0, Appendix B */
struct state {
	uint32_t cr0, cr2, cr3, cr4;
	uint64_t efer;
	uint32_t eip, eflags;
	uint32_t eax, ebx, ecx, edx, esp, ebp, esi, edi;
	uint16_t cs, ss, ds, es, fs, gs, ldtr;
	uint16_t gdtr_limit;
	uint32_t gdtr_base, idtr_base;
	uint16_t idtr_limit, fill;
};

/* The last instructions before the state's own: what they load is in them, for no register is left to find it by. */
struct __attribute__((packed)) leave {
	uint8_t mov_ebx;
	uint32_t ebx;
	uint8_t mov_esi;
	uint32_t esi;
	uint8_t mov_esp;
	uint32_t esp;
	uint8_t ljmp;
	uint32_t eip;
	uint16_t cs;
};

struct slot {
	struct state state;
	uint32_t unused;
	struct leave leave;
	uint8_t stack[START_SLOT_SIZE - SLOT_LEAVE - sizeof(struct leave)];
};

_Static_assert(sizeof(struct state) == 92 && __builtin_offsetof(struct slot, leave) == SLOT_LEAVE, "startup.inc");
_Static_assert(__builtin_offsetof(struct state, idtr_limit) == SLOT_IDTR_LIMIT && __builtin_offsetof(struct state, ss) == SLOT_SS,
	       "startup.inc");
_Static_assert(sizeof(struct slot) == START_SLOT_SIZE && START_SLOT_SIZE == 3 << START_SLOT_SHIFT, "startup.inc");
_Static_assert(START_SLOTS + START_PROCESSORS * START_SLOT_SIZE <= 4096, "one page");

/*
 * NULL where there are none. A guest of 13.0 may have copied the ROM to memory of its own, from which
 * there is no way to the page: then no processor starts.
 */
static struct slot *slots(void)
{
#if ABI == 13
	static volatile uint32_t written;

	written = 1;
	if (written)
		return 0;
#endif
	return set_aside(START_PAGE + START_SLOTS);
}

/* Memory that is not there faults here, whatever becomes of the state. */
static void copy(void *to, const void *from, unsigned bytes)
{
	__asm__ volatile("cld\n\trep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

ENTRY(void, SetInitialAPState, const struct state *given, uint32_t apic_id)
{
	struct slot *slot = slots();
	struct state state;

	copy(&state, given, sizeof(state));
	if (!slot || apic_id >= START_PROCESSORS)
		return;
	slot += apic_id;
	copy(&slot->state, &state, sizeof(state));
	slot->leave = (struct leave){ 0xbb, state.ebx, 0xbe, state.esi, 0xbc, state.esp, 0xea, state.eip, state.cs };
}
