/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/stops.h"

#include <sys/socket.h>
#include <unistd.h>

#define STEP_MS 10000u /* for QEMU to answer */

void stops_init(struct stops *stops, int take_fd)
{
	*stops = (struct stops){ .fd = take_fd };
}

int stops_by_breakpoint(struct stops *stops, struct rsp *rsp, uint64_t address, struct err *err)
{
	stops->rsp = rsp;
	stops->address = address;
	return rsp_breakpoint(rsp, address, true, STEP_MS, err);
}

void stops_free(struct stops *stops)
{
	if (stops->fd >= 0)
		close(stops->fd);
	*stops = (struct stops){ .fd = -1 };
}

static void pump_breakpoint(struct stops *stops)
{
	if (stops->held || !stops->rsp->trapped)
		return;
	stops->held = true;
	stops->cpu = stops->rsp->thread - 1;
	stops->place = STOPPER_STOP;
	stops->count++;
}

void stops_pump(struct stops *stops)
{
	struct stopper_news news;

	if (stops->rsp) {
		pump_breakpoint(stops);
		return;
	}
	if (stops->fd < 0 || stops->held || recv(stops->fd, &news, sizeof(news), MSG_DONTWAIT) != sizeof(news))
		return;
	stops->held = true;
	stops->cpu = news.cpu;
	stops->place = news.place;
	stops->gate = news.gate;
	stops->count++;
}

/* A breakpoint is met again by who goes on from it. */
int stops_step_off(struct stops *stops, unsigned cpu, struct err *err)
{
	stops->held = false;
	return rsp_breakpoint(stops->rsp, stops->address, false, STEP_MS, err) || rsp_step(stops->rsp, cpu + 1, STEP_MS, err) ||
			       rsp_breakpoint(stops->rsp, stops->address, true, STEP_MS, err)
		       ? -1
		       : 0;
}

void stops_let_go(struct stops *stops)
{
	if (stops->rsp) {
		stops->held = false;
		return;
	}
	stops_pump(stops);
	stops_release(stops);
}

void stops_release(struct stops *stops)
{
	struct err err; /* when QEMU is gone, others notice */

	if (stops->rsp) {
		if (stops->held && !stops_step_off(stops, stops->cpu, &err))
			rsp_continue(stops->rsp, &err);
		return;
	}
	if (stops->held && send(stops->fd, "", 1, MSG_NOSIGNAL) == 1)
		stops->held = false;
}
