/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stopper.c - a QEMU plugin that holds the machine at one instruction, the probe's `wire_stop`, until the harness lets it go on; and
 * the witness of what the blob, which shares all of the guest's memory with the probe, can make the probe's records say.
 *
 * A CPU that waits in a plugin takes no time of the guest's, and with -icount no other CPU runs meanwhile: all CPUs are served by
 * one thread. Neither the monitor nor a breakpoint can do that. Both stop one CPU at once and the others a moment later, which is
 * the host's moment, so that nothing after it could be repeated exactly.
 *
 * The witness counts the calls, holds the machine before and after the ones that the harness wants to look at, and compares each
 * instruction of the probe's with the probe's file when it is translated. QEMU translates anew what has been written to, so code
 * that was changed, executed and put right again is found, too. The guest can see nothing of all this.
 *
 * Arguments: stop=ADDRESS (virtual), fd=NUMBER (of the socket), board=NUMBER (of the board's file).
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu_plugin.h"
#include "stopper.h"

int qemu_plugin_version = 1;

static uint64_t stop_at;
static int channel = -1;
static struct stopper_board *board;

/* Nobody is left to say when to go on: nor is there anybody to run for. */
static void hold(unsigned int cpu, enum stopper_place place, size_t gate)
{
	const struct stopper_news news = { .cpu = cpu, .place = (uint16_t)place, .gate = (uint16_t)gate };
	char go;
	ssize_t got;

	if (send(channel, &news, sizeof(news), MSG_NOSIGNAL) != sizeof(news))
		_exit(1);
	do
		got = recv(channel, &go, 1, 0);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(1);
}

static void at_the_stop(unsigned int cpu, void *unused)
{
	(void)unused;
	hold(cpu, STOPPER_STOP, 0);
}

static void at_a_gate(unsigned int cpu, void *number)
{
	size_t gate = (size_t)number;

	board->calls[gate]++;
	/* a call before this one that has not returned never will */
	board->waiting[gate] = ++board->total == board->hold_at;
	if (board->waiting[gate])
		hold(cpu, STOPPER_CALL, gate);
}

static void back_from_a_gate(unsigned int cpu, void *number)
{
	size_t gate = (size_t)number;

	if (!board->waiting[gate])
		return;
	board->waiting[gate] = 0;
	hold(cpu, STOPPER_BACK, gate);
}

static void compare(const struct qemu_plugin_insn *instruction, uint64_t address)
{
	uint64_t offset = address - board->text_at, size = qemu_plugin_insn_size(instruction);

	if (size <= board->text_size - offset && !memcmp(board->text + offset, qemu_plugin_insn_data(instruction), size))
		return;
	if (!board->foreign++)
		board->foreign_at = address;
}

static void witness(struct qemu_plugin_insn *instruction, uint64_t address)
{
	if (address - board->text_at >= board->text_size)
		return;
	compare(instruction, address);
	for (size_t gate = 0; gate < STOPPER_GATES; gate++) {
		if (board->gates[gate] == address)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_a_gate, QEMU_PLUGIN_CB_NO_REGS, (void *)gate);
		if (board->backs[gate] == address)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, back_from_a_gate, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)gate);
	}
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(instruction);

		if (address == stop_at)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_the_stop, QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (board)
			witness(instruction, address);
	}
}

/*
 * The harness may be killed while QEMU comes up, before anything else would tell QEMU so (a parent's death is not told to a process
 * that has just got new rights). Then this socket has nobody at its other end.
 */
static void *watch_harness(void *unused)
{
	struct pollfd harness = { .fd = channel, .events = POLLRDHUP };

	(void)unused;
	while (poll(&harness, 1, -1) < 0 || !(harness.revents & (POLLRDHUP | POLLHUP | POLLERR)))
		;
	_exit(1);
}

/* Signals are QEMU's affair. */
static bool start_watch(void)
{
	sigset_t all, before;
	pthread_t thread;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = !pthread_create(&thread, NULL, watch_harness, NULL) && !pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static bool open_board(int fd)
{
	struct stat status;

	if (fstat(fd, &status) || (size_t)status.st_size < sizeof(*board))
		return false;
	board = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return board != MAP_FAILED;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "stop=", 5))
			stop_at = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "fd=", 3))
			channel = atoi(argv[i] + 3);
		else if (!strncmp(argv[i], "board=", 6) && !open_board(atoi(argv[i] + 6)))
			return 1;
	}
	if (!stop_at || channel < 0 || !start_watch())
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
