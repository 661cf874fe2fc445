/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.c - the board: timer and software interrupts (CLINT), serial line, test finisher. */
#include "firmware.h"

#define CLINT		  0x2000000u
#define CLINT_COMPARE	  (CLINT + 0x4000)
#define UART		  0x10000000u
#define UART_STATUS	  (UART + 5)
#define UART_HAS_INPUT	  0x01
#define UART_TAKES_OUTPUT 0x20
#define FINISHER	  0x100000u
#define FINISHER_OFF	  0x5555
#define FINISHER_RESET	  0x7777

#define device8(address)  (*(volatile uint8_t *)(uintptr_t)(address))
#define device32(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define device64(address) (*(volatile uint64_t *)(uintptr_t)(address))

void timer_set(struct hart *hart, uint64_t time)
{
	device64(CLINT_COMPARE + 8 * hart->id) = time;
	csr_set(mie, MACHINE_TIMER);
}

void timer_expired(void)
{
	csr_clear(mie, MACHINE_TIMER);
	csr_set(mip, SUPERVISOR_TIMER);
}

void signal_hart(struct hart *hart, uint32_t what)
{
	__atomic_fetch_or(&hart->pending, what, __ATOMIC_ACQ_REL);
	device32(CLINT + 4 * hart->id) = 1;
}

static void fence(void)
{
	asm volatile("fence.i; sfence.vma" ::: "memory");
	if (csr_read(misa) & 1 << ('H' - 'A'))
		asm volatile(".word 0x62000073; .word 0x22000073" ::: "memory"); /* hfence.gvma, hfence.vvma */
}

void signal_taken(struct hart *hart)
{
	uint32_t what;

	device32(CLINT + 4 * hart->id) = 0;
	what = __atomic_exchange_n(&hart->pending, 0, __ATOMIC_ACQ_REL);
	if (what & PENDING_SOFTWARE)
		csr_set(mip, SUPERVISOR_SOFTWARE);
	if (what & PENDING_FENCE)
		fence();
}

void console_put(uint8_t byte)
{
	while (!(device8(UART_STATUS) & UART_TAKES_OUTPUT))
		;
	device8(UART) = byte;
}

bool console_get(uint8_t *byte)
{
	if (!(device8(UART_STATUS) & UART_HAS_INPUT))
		return false;
	*byte = device8(UART);
	return true;
}

void hang(void)
{
	for (;;)
		asm volatile("" ::: "memory");
}

void power_off(void)
{
	device32(FINISHER) = FINISHER_OFF;
	hang();
}

void power_reset(void)
{
	device32(FINISHER) = FINISHER_RESET;
	hang();
}
