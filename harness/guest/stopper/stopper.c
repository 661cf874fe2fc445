/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stopper.c - a QEMU plugin that holds the machine at one instruction, the probe's `wire_stop`, until the harness lets it go on.
 *
 * A CPU that waits in a plugin takes no time of the guest's, and with -icount no other CPU runs meanwhile: all CPUs are served by
 * one thread. Neither the monitor nor a breakpoint can do that. Both stop one CPU at once and the others a moment later, which is
 * the host's moment, so that nothing after it could be repeated exactly.
 *
 * Arguments: stop=ADDRESS (virtual), fd=NUMBER (of the socket).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu_plugin.h"
#include "stopper.h"

int qemu_plugin_version = 1;

static uint64_t stop_at;
static int channel = -1;

/* Nobody is left to say when to go on: nor is there anybody to run for. */
static void at_the_stop(unsigned int cpu, void *unused)
{
	const struct stopper_news news = { .cpu = cpu };
	char go;
	ssize_t got;

	(void)unused;
	if (send(channel, &news, sizeof(news), MSG_NOSIGNAL) != sizeof(news))
		_exit(1);
	do
		got = recv(channel, &go, 1, 0);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(1);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);

		if (qemu_plugin_insn_vaddr(instruction) == stop_at)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_the_stop, QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "stop=", 5))
			stop_at = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "fd=", 3))
			channel = atoi(argv[i] + 3);
	}
	if (!stop_at || channel < 0)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
