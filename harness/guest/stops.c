/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/stops.h"

#include <sys/socket.h>
#include <unistd.h>

void stops_init(struct stops *stops, int take_fd)
{
	*stops = (struct stops){ .fd = take_fd };
}

void stops_free(struct stops *stops)
{
	if (stops->fd >= 0)
		close(stops->fd);
	*stops = (struct stops){ .fd = -1 };
}

void stops_pump(struct stops *stops)
{
	struct stopper_news news;

	if (stops->fd < 0 || stops->held || recv(stops->fd, &news, sizeof(news), MSG_DONTWAIT) != sizeof(news))
		return;
	stops->held = true;
	stops->cpu = news.cpu;
	stops->place = news.place;
	stops->gate = news.gate;
	stops->count++;
}

void stops_release(struct stops *stops)
{
	/* when QEMU is gone, others notice */
	if (stops->held && send(stops->fd, "", 1, MSG_NOSIGNAL) == 1)
		stops->held = false;
}
