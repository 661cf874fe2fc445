/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/tree.h"
#include "guest/turns.h"
#include "base/words.h"

/* Where QEMU finds what it inherits. */
enum {
	FD_IN,
	FD_OUT,
	FD_ERR,
	FD_QMP,
	FD_RSP,
	FD_STOPS,
	FD_BOARD,
	FD_RAM,
	FD_STATE,
	FD_TREE,
	FD_BLOB,
	FD_PROBE,
	FD_STOPPER,
	FD_GDB,
	FD_TRACE,
	FD_TRAPS,
	FD_END
};

#define ADDRESS_SPACE (UINT64_C(4) << 30) /* besides the guest's RAM */
#define COPY_CHUNK    (1u << 20)

static const char *const safety[] = {
	"-nodefaults",
	"-no-user-config",
	"-nic",
	"none",
	"-display",
	"none",
	/* a reset ends the run and every end leaves the machine standing, to be looked at */
	"-action",
	"reboot=shutdown,shutdown=pause,panic=pause",
};

/* See SANDBOX_QEMU. */
#define OWN_FILTER "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

/* A file that QEMU inherits, or finds by its own name when it runs without us. */
static const char *file_word(struct words *words, const struct launch *launch, const char *name, int descriptor)
{
	return launch->ram < 0 ? name : words_printf(words, "/proc/self/fd/%d", descriptor);
}

/* The board and what is on it. */
static void add_board(struct words *words, const struct launch *launch, const char *more_options)
{
	const struct machine *machine = launch->machine;
	const struct template_value values[] = {
		{ "harts", words_printf(words, "%u", machine->harts) },
		{ "ram_mib", words_printf(words, "%llu", (unsigned long long)(machine->ram_size >> 20)) },
		{ "blob", file_word(words, launch, launch->blob, FD_BLOB) },
		{ "probe", file_word(words, launch, launch->probe, FD_PROBE) },
		{ "ram_object", "ram" },
		{ "cpu", machine->cpu },
		{ "machine_options", words_printf(words, "%s%s", machine->options, more_options) },
		{ NULL, NULL },
	};

	for (const char *const *arg = machine->args; *arg; arg++)
		words_add_template(words, *arg, values);
	words_add_pair(words, "-m", "%llu", (unsigned long long)(machine->ram_size >> 20));
}

static void add_machine(struct words *words, const struct launch *launch, const struct sandbox *sandbox, const char *more_options)
{
	const unsigned long long ram_size = launch->machine->ram_size;

	for (size_t i = 0; i < sizeof(safety) / sizeof(safety[0]); i++)
		words_add(words, safety[i]);
	/* tells people, and tests, whose QEMU it is */
	if (launch->ram >= 0)
		words_add_pair(words, "-name", "assay-%d,debug-threads=on", (int)getpid());
	if (sandbox->layers & SANDBOX_QEMU)
		words_add_pair(words, "-sandbox", "%s", OWN_FILTER);
	add_board(words, launch, more_options);
	if (launch->ram < 0)
		words_add_pair(words, "-object", "memory-backend-ram,id=ram,size=%llu", ram_size);
	else
		words_add_pair(words, "-object", "memory-backend-file,id=ram,share=on,mem-path=/proc/self/fd/%d,size=%llu",
			       FD_RAM, ram_size);
}

/* Who executes, and by which clock. */
static void add_accelerator(struct words *words, const struct launch *launch)
{
	words_add_pair(words, "-accel", "%s",
		       launch->machine->accelerator ? launch->machine->accelerator
		       : launch->icount		    ? "tcg,thread=single"
						    : "tcg");
	if (launch->icount) {
		words_add_pair(words, "-icount", "shift=0,sleep=off");
		turns_add(words, launch->machine);
	}
	words_add_pair(words, "-rtc", "base=2026-01-01,clock=vm"); /* no time of day and no chance but ours */
	words_add_pair(words, "-seed", "1");
}

/* What lets a person look inside, when the time has come (debug.h). */
static void add_sight(struct words *words, const struct launch *launch)
{
	if (launch->gdb >= 0)
		words_add_pair(words, "-chardev", "socket,id=gdb,server=on,wait=off,fd=%d", FD_GDB);
	if (launch->trace >= 0) {
		words_add_pair(words, "-D", "/proc/self/fd/%d", FD_TRACE);
		words_add_pair(words, "-dfilter", "%s", launch->trace_filter);
	} else if (launch->traps >= 0) {
		words_add_pair(words, "-D", "/proc/self/fd/%d", FD_TRAPS);
		if (launch->machine->crash_words)
			words_add_pair(words, "-d", "cpu_reset");
	}
}

static void add_channels(struct words *words, const struct launch *launch)
{
	add_accelerator(words, launch);
	words_add_pair(words, "-chardev", "socket,id=qmp,fd=%d", FD_QMP);
	words_add_pair(words, "-mon", "chardev=qmp,mode=control");
	words_add_pair(words, "-chardev", "stdio,id=console,signal=off");
	words_add_pair(words, "-serial", "chardev:console");
	words_add_pair(words, "-chardev", "socket,id=rsp,fd=%d", FD_RSP);
	words_add_pair(words, "-gdb", "chardev:rsp");
	if (launch->stopper)
		words_add_pair(words, "-plugin", "/proc/self/fd/%d,stop=0x%llx,fd=%d,board=%d", FD_STOPPER,
			       (unsigned long long)launch->stop, FD_STOPS, FD_BOARD);
	if (launch->tree >= 0)
		words_add_pair(words, "-dtb", "/proc/self/fd/%d", FD_TREE);
	add_sight(words, launch);
	words_add(words, "-S");
}

void qemu_init(struct qemu *qemu)
{
	*qemu = (struct qemu){ .complaints = -1, .blob = -1, .probe = -1, .stopper = -1 };
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* A copy that nobody can change any more, in a file without a name: whoever may not read the path can read this. */
static int sealed_copy(const char *path, struct err *err)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t got = from < 0 || to < 0 ? -1 : 1;

	while (got > 0)
		got = sendfile(to, from, NULL, COPY_CHUNK);
	if (got || fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)) {
		err_set(err, EXIT_BROKEN, "%s: cannot be given to QEMU: %s", path, strerror(errno));
		close_if_open(to);
		to = -1;
	}
	close_if_open(from);
	return to;
}

static int copy_once(int *copy, const char *path, struct err *err)
{
	if (*copy < 0 && path)
		*copy = sealed_copy(path, err);
	return *copy < 0 && path ? -1 : 0;
}

/* What all starts of this QEMU share. */
static int prepare(struct qemu *qemu, const struct launch *launch, struct err *err)
{
	const struct machine *machine = launch->machine;
	const struct sandbox *sandbox = sandbox_find(launch->policy, machine->qemu, machine->package, err);

	if (!sandbox)
		return -1;
	qemu->sandbox = *sandbox;
	qemu->sandbox.layers &= ~launch->without;
	qemu->sandbox.device = machine->accelerator && !strncmp(machine->accelerator, "kvm", 3) ? "/dev/kvm" : NULL;
	if (qemu->complaints < 0)
		qemu->complaints = memfd_create("qemu-stderr", MFD_CLOEXEC);
	if (qemu->complaints < 0 || ftruncate(qemu->complaints, 0) || lseek(qemu->complaints, 0, SEEK_SET))
		return err_set(err, EXIT_BROKEN, "QEMU cannot be started: %s", strerror(errno));
	return copy_once(&qemu->blob, launch->blob, err) || copy_once(&qemu->probe, launch->probe, err) ||
			       copy_once(&qemu->stopper, launch->stopper, err)
		       ? -1
		       : 0;
}

/* fds: what QEMU inherits, -1 for nothing; its complaints and what it loads are added. */
static int spawn(struct qemu *qemu, struct words *words, int fds[FD_END], const struct machine *machine, struct err *err)
{
	const struct sandbox_start start = {
		.sandbox = &qemu->sandbox,
		.argv = words_list(words),
		.fds = fds,
		.count = FD_END,
		.memory = machine->ram_size + ADDRESS_SPACE,
		.patience_ms = SANDBOX_PATIENCE_MS,
	};
	struct sandboxed sandboxed;
	struct err why;

	qemu->ended = qemu->silent = false;
	fds[FD_ERR] = qemu->complaints;
	fds[FD_BLOB] = qemu->blob;
	fds[FD_PROBE] = qemu->probe;
	fds[FD_STOPPER] = qemu->stopper;
	if (sandbox_start(&start, &sandboxed, &why)) {
		qemu->silent = sandboxed.silent;
		return err_set(err, EXIT_BROKEN, "%s cannot be started: %s", machine->qemu, why.message);
	}
	qemu->keeper = sandboxed.keeper;
	qemu->pid = sandboxed.pid;
	return 0;
}

int qemu_start(struct qemu *qemu, const struct launch *launch, struct err *err)
{
	int fds[FD_END] = { [FD_IN] = launch->console_in, [FD_OUT] = launch->console_out, [FD_QMP] = launch->qmp,
			    [FD_RSP] = launch->rsp,	  [FD_STOPS] = launch->stops,	  [FD_BOARD] = launch->board,
			    [FD_RAM] = launch->ram,	  [FD_STATE] = launch->state,	  [FD_TREE] = launch->tree,
			    [FD_GDB] = launch->gdb,	  [FD_TRACE] = launch->trace,	  [FD_TRAPS] = launch->traps };
	struct words *words;
	int result;

	if (prepare(qemu, launch, err))
		return -1;
	words = words_new();
	sandbox_add_words(&qemu->sandbox, words, FD_END, NULL);
	add_machine(words, launch, &qemu->sandbox, "");
	add_channels(words, launch);
	result = spawn(qemu, words, fds, launch->machine, err);
	words_free(words);
	return result;
}

void qemu_words_alone(struct words *words, const struct launch *launch, const char *tree)
{
	const struct sandbox own = { .layers = SANDBOX_QEMU };

	add_machine(words, launch, &own, "");
	add_accelerator(words, launch);
	if (launch->tree >= 0)
		words_add_pair(words, "-dtb", "%s", tree);
}

void qemu_words_of_machine(struct words *words, const struct launch *launch)
{
	add_board(words, launch, "");
	add_accelerator(words, launch);
}

int qemu_state_descriptor(void)
{
	return FD_STATE;
}

bool qemu_ended(struct qemu *qemu, unsigned timeout_ms)
{
	for (unsigned waited = 0; qemu->keeper > 0; waited++) {
		int status;

		if (waitpid(qemu->keeper, &status, WNOHANG) == qemu->keeper) {
			qemu->status = sandbox_status(&qemu->sandbox, status);
			qemu->keeper = qemu->pid = 0;
			qemu->ended = true;
		} else if (waited >= timeout_ms) {
			return false;
		} else {
			poll(NULL, 0, 1);
		}
	}
	return qemu->ended;
}

bool qemu_was_killed(struct qemu *qemu, unsigned timeout_ms)
{
	return qemu_ended(qemu, timeout_ms) && WIFSIGNALED(qemu->status) && WTERMSIG(qemu->status) == SIGKILL;
}

void qemu_kill(struct qemu *qemu)
{
	if (qemu->keeper <= 0)
		return;
	kill(qemu->keeper, SIGKILL);
	while (waitpid(qemu->keeper, &qemu->status, 0) < 0 && errno == EINTR)
		;
	qemu->keeper = qemu->pid = 0;
}

void qemu_free(struct qemu *qemu)
{
	qemu_kill(qemu);
	close_if_open(qemu->complaints);
	close_if_open(qemu->blob);
	close_if_open(qemu->probe);
	close_if_open(qemu->stopper);
	qemu_init(qemu);
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

static int dump_tree(struct qemu *qemu, const struct launch *launch, const char *directory, const char *path, struct err *err)
{
	int fds[FD_END];
	struct words *words;
	char why[256];
	int result;

	if (prepare(qemu, launch, err))
		return -1;
	if (qemu->sandbox.layers & SANDBOX_UID && sandbox_give(directory, err))
		return -1;
	words = words_new();
	sandbox_add_words(&qemu->sandbox, words, FD_END, directory);
	add_machine(words, launch, &qemu->sandbox, words_printf(words, ",dumpdtb=%s", path));
	for (int i = 0; i < FD_END; i++)
		fds[i] = i == FD_RAM ? launch->ram : -1;
	result = spawn(qemu, words, fds, launch->machine, err);
	words_free(words);
	if (result)
		return -1;
	if (qemu_ended(qemu, 10000) && WIFEXITED(qemu->status) && !WEXITSTATUS(qemu->status))
		return 0;
	qemu_complaint(qemu, why, sizeof(why));
	return err_set(err, EXIT_BROKEN, "QEMU gave no device tree to change: %s", why);
}

/* QEMU writes the tree to a file that it makes itself: the one time that it gets a directory. No CPU runs then. */
int qemu_make_tree(const struct launch *launch, struct err *err)
{
	char directory[] = P_tmpdir "/assay-tree-XXXXXX", path[sizeof(directory) + 8];
	struct qemu qemu;
	int fd;

	if (!mkdtemp(directory))
		return err_set(err, EXIT_BROKEN, "%s: %s", directory, strerror(errno));
	snprintf(path, sizeof(path), "%s/tree", directory);
	qemu_init(&qemu);
	fd = dump_tree(&qemu, launch, directory, path, err) ? -1 : tree_merge(path, launch->machine, err);
	qemu_free(&qemu);
	unlink(path);
	rmdir(directory);
	return fd;
}
