/* SPDX-License-Identifier: BSD-2-Clause */
/* stops.h - the harness's side of the stopper (stopper/stopper.c), the plugin in QEMU that holds the machine at the probe's stop. */
#ifndef ASSAY_GUEST_STOPS_H
#define ASSAY_GUEST_STOPS_H

#include <stdbool.h>

#include "guest/stopper/stopper.h"

struct stops {
	int fd;
	bool held; /* a CPU waits; guest time stands still */
	enum stopper_place place; /* where */
	unsigned gate; /* at which gate, if it is at one */
	unsigned cpu; /* which, by QEMU's number from 0 */
	unsigned count; /* of stops so far */
};

void stops_init(struct stops *stops, int take_fd);
void stops_free(struct stops *stops); /* closes the socket */
/* Takes in what has arrived, without waiting. */
void stops_pump(struct stops *stops);
/* The CPU that is held goes on; nothing when there is none. */
void stops_release(struct stops *stops);

#endif
