/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.c - which call is which function. A call is VMMCALL in the ROM, with its number in the byte behind it: so only the ROM can make one, and
 * none of the caller's registers is taken for it.
 */
#include "hypervisor.h"

enum { VMMCALL_SIZE = 3, INIT = 0x80, STATISTICS = 0x81 };

bool nothing(void)
{
	return true;
}

static bool init(void)
{
	guest.rax = 0;
	return true;
}

/* No call of the interface: the ROM's own test asks what has come to the hypervisor. EAX says which figure. */
static bool tell(void)
{
	const uint32_t *figures = (const uint32_t *)&statistics;

	guest.rax = guest.rax < sizeof statistics / 4 ? figures[guest.rax] : 0;
	return true;
}

/* By number in ABI 3.0. What is not here the ROM does itself, or has not got. */
static handler *const calls[] = {
	[0] = cpuid_call,
	[1] = wrmsr_call,
	[2] = rdmsr_call,
	[3] = set_gdt,
	[4] = set_ldt,
	[5] = set_idt,
	[6] = set_tr,
	[7] = get_gdt,
	[8] = get_ldt,
	[9] = get_idt,
	[10] = get_tr,
	[11] = write_segment,
	[12] = write_segment,
	[13] = write_entry,
	[14] = nothing,
	[15] = set_cr0,
	[16] = set_cr2,
	[17] = set_cr3,
	[18] = set_cr4,
	[19] = get_cr0,
	[20] = get_cr2,
	[21] = get_cr3,
	[22] = get_cr4,
	[23] = nothing,
	[24] = set_dr,
	[25] = get_dr,
	[26] = rdpmc,
	[27] = rdtsc,
	[28] = clts,
	[29] = enable_interrupts,
	[30] = disable_interrupts,
	[31] = get_mask,
	[32] = set_mask,
	[33] = iret_frame,
	[36] = reboot,
	[37] = shutdown,
	[38] = set_pxe,
	[39] = set_pxe_long,
	[40] = nothing,
	[41] = nothing,
	[44] = nothing,
	[45] = nothing,
	[46] = flush,
	[47] = flush,
	[48] = nothing,
	[61] = set_iopl,
	[62] = set_ap_state,
	[63] = apic_write,
	[64] = apic_read,
	[65] = nothing,
	[73] = set_lazy_mode,
	[INIT] = init,
	[STATISTICS] = tell,
};

#ifdef WRONG /* a seeded fault: the number of a call, and who answers it */
handler WRONG;
#else
#define WRONG_CALL 0xff
#define WRONG	   nothing
#endif

/* The byte behind the instruction, if that is the ROM's. */
static bool number_of_call(uint8_t *number)
{
	uint32_t address;

	if (guest.cpl != 0 || !guest_physical((uint32_t)guest.cs.base + guest.rip + VMMCALL_SIZE, false, &address))
		return false;
	if (address - boot_parameters.rom >= boot_parameters.rom_size)
		return false;
	*number = *(const uint8_t *)at(address);
	return *number < sizeof calls / sizeof *calls && calls[*number];
}

void call(void)
{
	uint8_t number;

	if (!number_of_call(&number)) {
		fault(UD, 0);
		return;
	}
	statistics.calls += number < INIT;
	if (number == WRONG_CALL ? WRONG() : calls[number]())
		guest.rip += VMMCALL_SIZE + 1;
}
