/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/tree.h"
#include "guest/words.h"

/* Where QEMU finds what it inherits. */
enum { FD_IN, FD_OUT, FD_ERR, FD_QMP, FD_RSP, FD_STOPS, FD_RAM, FD_STATE, FD_TREE, FD_END };

#define FILE_MAX      (16u << 20) /* bytes QEMU may write to any file: console, device state, complaints */
#define TURN_US	      200u /* guest time */
#define ADDRESS_SPACE (UINT64_C(4) << 30) /* besides the guest's RAM */

static const char *const safety[] = {
	"-nodefaults",
	"-no-user-config",
	"-nic",
	"none",
	"-display",
	"none",
	"-name",
	"debug-threads=on",
	"-sandbox",
	"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
	/* a reset ends the run and every end leaves the machine standing, to be looked at */
	"-action",
	"reboot=shutdown,shutdown=pause,panic=pause",
};

static void add_machine(struct words *words, const struct launch *launch, const char *more_options)
{
	const struct machine *machine = launch->machine;
	const struct template_value values[] = {
		{ "harts", words_printf(words, "%u", machine->harts) },
		{ "ram_mib", words_printf(words, "%llu", (unsigned long long)(machine->ram_size >> 20)) },
		{ "blob", launch->blob },
		{ "probe", launch->probe },
		{ "ram_object", "ram" },
		{ "cpu", machine->cpu },
		{ "machine_options", words_printf(words, "%s%s", machine->options, more_options) },
		{ NULL, NULL },
	};

	words_add(words, machine->qemu);
	for (size_t i = 0; i < sizeof(safety) / sizeof(safety[0]); i++)
		words_add(words, safety[i]);
	for (const char *const *arg = machine->args; *arg; arg++)
		words_add_template(words, *arg, values);
	words_add_pair(words, "-m", "%llu", (unsigned long long)(machine->ram_size >> 20));
	words_add_pair(words, "-object", "memory-backend-file,id=ram,share=on,mem-path=/proc/self/fd/%d,size=%llu", FD_RAM,
		       (unsigned long long)machine->ram_size);
}

/*
 * With -icount QEMU runs one CPU until the next timer is due, 100 ms when there is none: a CPU that spins for good would make every
 * other one wait that long at each turn. A timer that does nothing else (a network filter without a network) makes turns short.
 */
static void add_clock(struct words *words)
{
	words_add_pair(words, "-icount", "shift=0,sleep=off");
	words_add_pair(words, "-rtc", "base=2026-01-01,clock=vm"); /* no time of day and no chance but ours */
	words_add_pair(words, "-seed", "1");
	words_add_pair(words, "-netdev", "hubport,id=nowhere,hubid=0");
	words_add_pair(words, "-object", "filter-buffer,id=turns,netdev=nowhere,queue=rx,interval=%u", TURN_US);
}

static void add_channels(struct words *words, const struct launch *launch)
{
	words_add_pair(words, "-accel", "%s", launch->icount ? "tcg,thread=single" : "tcg");
	if (launch->icount)
		add_clock(words);
	words_add_pair(words, "-chardev", "socket,id=qmp,fd=%d", FD_QMP);
	words_add_pair(words, "-mon", "chardev=qmp,mode=control");
	words_add_pair(words, "-chardev", "stdio,id=console,signal=off");
	words_add_pair(words, "-serial", "chardev:console");
	words_add_pair(words, "-chardev", "socket,id=rsp,fd=%d", FD_RSP);
	words_add_pair(words, "-gdb", "chardev:rsp");
	words_add_pair(words, "-plugin", "%s,stop=0x%llx,fd=%d", launch->stopper, (unsigned long long)launch->stop, FD_STOPS);
	if (launch->tree >= 0)
		words_add_pair(words, "-dtb", "/proc/self/fd/%d", FD_TREE);
	words_add(words, "-S");
}

static void limit(int what, uint64_t most)
{
	struct rlimit rlimit = { most, most };

	setrlimit((__rlimit_resource_t)what, &rlimit);
}

/*
 * Puts fds[i] at i, /dev/null or a gap where it is -1, and closes everything else but `report`, which exec closes. Returns where
 * that is.
 */
static int place_descriptors(const int fds[FD_END], int report)
{
	int high[FD_END], null = open("/dev/null", O_RDWR);

	/* first out of the way, for sources and destinations may overlap */
	for (int i = 0; i < FD_END; i++)
		high[i] = fds[i] >= 0 ? fcntl(fds[i], F_DUPFD, 64) : i < FD_QMP ? fcntl(null, F_DUPFD, 64) : -1;
	report = fcntl(report, F_DUPFD_CLOEXEC, 64);
	for (int i = 0; i < FD_END; i++)
		if (high[i] < 0)
			close(i);
		else if (dup2(high[i], i) < 0)
			return -1;
	if (dup3(report, FD_END, O_CLOEXEC) < 0)
		return -1;
	return syscall(SYS_close_range, FD_END + 1, ~0u, 0) ? -1 : FD_END;
}

/* In the child: never returns. Only calls that are safe after fork() in a program with threads. */
static _Noreturn void become_qemu(char *const *argv, const int fds[FD_END], int report, uint64_t ram, pid_t parent)
{
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setsid(); /* Ctrl-C on the terminal is for us alone */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_MAX);
	signal(SIGXFSZ, SIG_IGN); /* what is over the limit is lost, and no more than that */
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_AS, ram + ADDRESS_SPACE);
	report = place_descriptors(fds, report);
	if (report >= 0)
		execvp(argv[0], argv);
	error = errno;
	if (report >= 0 && write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

void qemu_init(struct qemu *qemu)
{
	*qemu = (struct qemu){ .complaints = -1 };
}

static int explain_start(const struct machine *machine, int error, struct err *err)
{
	if (error == ENOENT && machine->package)
		return err_set(err, EXIT_BROKEN, "%s is not installed; on Debian: apt install %s", machine->qemu,
			       machine->package);
	return err_set(err, EXIT_BROKEN, "%s cannot be started: %s", machine->qemu, strerror(error));
}

/* fds: what QEMU inherits, -1 for nothing; its complaints are added. */
static int spawn(struct qemu *qemu, char *const *argv, int fds[FD_END], const struct machine *machine, struct err *err)
{
	int report[2], error = 0;
	pid_t parent = getpid();

	qemu->ended = false;
	qemu->complaints = qemu->complaints >= 0 ? qemu->complaints : memfd_create("qemu-stderr", MFD_CLOEXEC);
	if (qemu->complaints < 0 || ftruncate(qemu->complaints, 0) || lseek(qemu->complaints, 0, SEEK_SET) ||
	    pipe2(report, O_CLOEXEC))
		return err_set(err, EXIT_BROKEN, "QEMU cannot be started: %s", strerror(errno));
	fds[FD_ERR] = qemu->complaints;
	qemu->pid = fork();
	if (!qemu->pid)
		become_qemu(argv, fds, report[1], machine->ram_size, parent);
	error = qemu->pid < 0 ? errno : 0;
	close(report[1]);
	if (!error && read(report[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(report[0]);
	if (!error)
		return 0;
	qemu_kill(qemu);
	return explain_start(machine, error, err);
}

int qemu_start(struct qemu *qemu, const struct launch *launch, struct err *err)
{
	int fds[FD_END] = {
		[FD_IN] = launch->console_in, [FD_OUT] = launch->console_out, [FD_QMP] = launch->qmp,	  [FD_RSP] = launch->rsp,
		[FD_STOPS] = launch->stops,   [FD_RAM] = launch->ram,	      [FD_STATE] = launch->state, [FD_TREE] = launch->tree
	};
	struct words *words = words_new();
	int result;

	add_machine(words, launch, "");
	add_channels(words, launch);
	result = spawn(qemu, words_list(words), fds, launch->machine, err);
	words_free(words);
	return result;
}

int qemu_state_descriptor(void)
{
	return FD_STATE;
}

bool qemu_ended(struct qemu *qemu, unsigned timeout_ms)
{
	for (unsigned waited = 0; qemu->pid > 0; waited++) {
		pid_t pid = waitpid(qemu->pid, &qemu->status, WNOHANG);

		if (pid == qemu->pid) {
			qemu->pid = 0;
			qemu->ended = true;
		} else if (waited >= timeout_ms) {
			return false;
		} else {
			poll(NULL, 0, 1);
		}
	}
	return qemu->ended;
}

void qemu_kill(struct qemu *qemu)
{
	if (qemu->pid <= 0)
		return;
	kill(qemu->pid, SIGKILL);
	while (waitpid(qemu->pid, &qemu->status, 0) < 0 && errno == EINTR)
		;
	qemu->pid = 0;
}

void qemu_free(struct qemu *qemu)
{
	qemu_kill(qemu);
	if (qemu->complaints >= 0)
		close(qemu->complaints);
	qemu->complaints = -1;
}

void qemu_complaint(const struct qemu *qemu, char *out, size_t size)
{
	char text[4096], *line, *rest = text;
	off_t end = lseek(qemu->complaints, 0, SEEK_END);
	off_t from = end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0;
	ssize_t got = pread(qemu->complaints, text, sizeof(text) - 1, from);

	*out = 0;
	text[got > 0 ? got : 0] = 0;
	while ((line = strsep(&rest, "\r\n")))
		if (*line && !strstr(line, ": warning: ") && !strstr(line, ": info: "))
			snprintf(out, size, "%s", line);
}

static int dump_tree(struct qemu *qemu, const struct launch *launch, const char *path, struct err *err)
{
	int fds[FD_END] = { -1, -1, -1, -1, -1, -1, -1, -1, -1 };
	struct words *words = words_new();
	char why[256];
	int result;

	fds[FD_RAM] = launch->ram;
	add_machine(words, launch, words_printf(words, ",dumpdtb=%s", path));
	result = spawn(qemu, words_list(words), fds, launch->machine, err);
	words_free(words);
	if (result)
		return -1;
	if (qemu_ended(qemu, 10000) && WIFEXITED(qemu->status) && !WEXITSTATUS(qemu->status))
		return 0;
	qemu_complaint(qemu, why, sizeof(why));
	return err_set(err, EXIT_BROKEN, "QEMU gave no device tree to change: %s", why);
}

int qemu_make_tree(const struct launch *launch, const char *directory, struct err *err)
{
	char path[PATH_MAX];
	struct qemu qemu;
	int fd = -1;

	snprintf(path, sizeof(path), "%s/device-tree.XXXXXX", directory);
	if (strpbrk(directory, ","))
		return err_set(err, EXIT_USAGE, "%s: a run directory with a comma in its name cannot be given to QEMU",
			       directory);
	fd = mkstemp(path);
	if (fd < 0)
		return err_set(err, EXIT_BROKEN, "%s: %s", path, strerror(errno));
	close(fd);
	qemu_init(&qemu);
	fd = dump_tree(&qemu, launch, path, err) ? -1 : tree_merge(path, launch->machine, err);
	qemu_free(&qemu);
	unlink(path);
	return fd;
}
