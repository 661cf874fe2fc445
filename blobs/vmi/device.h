/* SPDX-License-Identifier: BSD-2-Clause */
/* device.h - what interrupts when a counter has got somewhere. Times are cycles of the time stamp counter. */
#pragma once
#include <stdbool.h>

#include "clock.h"

/* Where an alarm is wired to: which device, and which interrupt the guest gets. */
enum wiring { IRQ0, LVTT, WIRINGS };

/* A device counts no more than so many ticks in so many cycles. */
struct rate {
	uint32_t ticks, cycles;
};

/*
 * An interrupt after so many cycles and never before, or (again) one each time that they have gone by. false: none will come, for they
 * are more than the device can count (55 ms for IRQ 0, minutes for the LVTT), or there is no device. `rate` is the APIC's for this processor, which is measured where
 * it is all zero.
 */
HIDDEN bool device_start(enum wiring wiring, struct rate *rate, uint64_t after, bool again);
/* None after all. What is on its way has been swallowed when this returns, if the wiring is IRQ 0. */
HIDDEN void device_stop(enum wiring wiring);
