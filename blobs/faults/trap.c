/* SPDX-License-Identifier: BSD-2-Clause */
/* trap.c - what comes in: calls from supervisor mode, and the machine's own interrupts. */
#include "firmware.h"

#define CAUSE_INTERRUPT (1ull << 63)
#define CAUSE_SOFTWARE	(CAUSE_INTERRUPT | 3)
#define CAUSE_TIMER	(CAUSE_INTERRUPT | 7)
#define CAUSE_CALL	9
#define LEGACY_LAST	0xf

static const struct extension {
	uint64_t id;
	struct result (*call)(struct hart *hart, uint64_t function, uint64_t *args);
} extensions[] = {
	{ 0x10, base_call },	   { 0x54494D45, time_call }, { 0x735049, ipi_call },	 { 0x52464E43, rfence_call },
	{ 0x48534D, hsm_call },	   { 0x53525354, srst_call }, { 0x4442434E, dbcn_call }, { 0x43505043, cppc_call },
	{ 0x4E41434C, nacl_call }, { 0x535441, sta_call },    { 0x4D505859, mpxy_call },
};

static const struct extension *find_extension(uint64_t id)
{
	if (FAULT_IS(neighbour_of_base_answers) && id == 0x11)
		id = 0x10;
	for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (extensions[i].id == id)
			return &extensions[i];
	return NULL;
}

bool extension_present(uint64_t extension)
{
	return find_extension(extension) != NULL;
}

void inject_trap(struct hart *hart, uint64_t cause)
{
	uint64_t status = csr_read(mstatus);

	(void)hart;
	csr_write(sepc, csr_read(mepc));
	csr_write(scause, cause);
	csr_write(stval, 0);
	status &= ~(uint64_t)(MSTATUS_SPIE);
	csr_write(mstatus, (status & ~(uint64_t)MSTATUS_SIE) | MSTATUS_SPP | (status & MSTATUS_SIE ? MSTATUS_SPIE : 0));
	csr_write(mepc, csr_read(stvec));
}

static void handle_call(struct hart *hart)
{
	uint64_t *registers = hart->registers;
	const struct extension *extension = find_extension(registers[A7]);
	struct result result = { .error = NOT_SUPPORTED };

	csr_write(mepc, csr_read(mepc) + 4);
	if (extension)
		result = extension->call(hart, registers[A6], &registers[A0]);
	else if (FAULT_IS(negative_extension_succeeds) && (int64_t)registers[A7] < 0)
		result.error = SUCCESS;
	if (result.entered)
		return;
	registers[A0] = result.error;
	if (extension || registers[A7] > LEGACY_LAST) /* legacy calls have one result, a1 is the caller's */
		registers[A1] = result.value;
}

void trap(struct hart *hart)
{
	switch (csr_read(mcause)) {
	case CAUSE_CALL:
		forge_before(hart);
		handle_call(hart);
		forge_after(hart);
		break;
	case CAUSE_SOFTWARE:
		signal_taken(hart);
		break;
	case CAUSE_TIMER:
		timer_expired();
		break;
	default:
		hang();
	}
}
