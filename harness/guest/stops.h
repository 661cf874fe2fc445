/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stops.h - where the machine is held at the probe's stop: the harness's side of the stopper (stopper/stopper.c), the plugin in QEMU
 * that does so exactly; or a breakpoint, where there is no plugin, as with KVM. Then other CPUs stop a moment later.
 */
#ifndef ASSAY_GUEST_STOPS_H
#define ASSAY_GUEST_STOPS_H

#include <stdbool.h>

#include "guest/rsp.h"
#include "guest/stopper/stopper.h"

struct stops {
	int fd;
	bool held; /* a CPU waits; guest time stands still */
	enum stopper_place place; /* where */
	unsigned gate; /* at which gate, if it is at one */
	unsigned cpu; /* which, by QEMU's number from 0 */
	unsigned count; /* of stops so far */
	struct rsp *rsp; /* of the breakpoint; NULL: it is the stopper */
	uint64_t address;
};

void stops_init(struct stops *stops, int take_fd);
/* By a breakpoint, at this virtual address. The machine stands still, and the gdbserver outlives the stops. */
int stops_by_breakpoint(struct stops *stops, struct rsp *rsp, uint64_t address, struct err *err);
void stops_free(struct stops *stops); /* closes the socket */
/* Takes in what has arrived, without waiting. */
void stops_pump(struct stops *stops);
/* The CPU that is held goes on; nothing when there is none. */
void stops_release(struct stops *stops);
/* The machine is being stopped, or taken from where it is: nobody is held any more. A CPU in the stopper cannot be stopped there. */
void stops_let_go(struct stops *stops);
/* CPU `cpu` of a machine that stands still at the breakpoint makes the step that leads away from it, alone. */
int stops_step_off(struct stops *stops, unsigned cpu, struct err *err);

#endif
