/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox_start.c - from our process to one inside the walls.
 *
 * With namespaces it takes two steps: a child that gives up what root can do, and a child of that one which is process 1 of new
 * user and process namespaces (and whose parent is us: CLONE_PARENT). The second one becomes bubblewrap, which starts the program
 * in namespaces of its own. Why one more than bubblewrap's: the kernel ends a process namespace with its process 1, and it ends
 * that one with us, so there is no moment at which our death leaves anything behind.
 *
 * What runs between fork() and exec() calls only what is safe there in a program with threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "sandbox/sandbox.h"

#define STANDARD_FDS  3
#define FILES_MAX     256u
#define FILE_SIZE_MAX (16u << 20) /* bytes of any file it writes: console, device state, complaints */
#define THREADS_MAX   256u
#define NOBODY	      65534u
#define BWRAP_SIGNAL  128 /* what bubblewrap adds to a signal's number to make an exit status of it */
#define INNER_FDS     32

enum stage { STAGE_PID, STAGE_ROOT, STAGE_UID, STAGE_NAMESPACE, STAGE_FILTER, STAGE_EXEC, STAGE_SILENT };

static const char *const stage_words[] = {
	[STAGE_ROOT] = "this system allows root neither user nor mount namespaces",
	[STAGE_UID] = "root cannot become another user, who may enter /",
	[STAGE_NAMESPACE] =
		"this system allows no user namespace (see sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone)",
	[STAGE_FILTER] = "the system call filter cannot be set",
	[STAGE_SILENT] = "the walls around it were not up in time",
};

struct report {
	enum stage stage;
	int value; /* a pid, or errno */
};

/* All that the child needs, made before there is one. */
struct plan {
	const struct sandbox_start *start;
	unsigned layers;
	int ours; /* the end of the report that a child does not keep */
	int report, filter, info; /* descriptors; -1: none */
	char uid_map[64], gid_map[64];
	struct sock_fprog program;
};

static _Noreturn void give_up(const struct plan *plan, enum stage stage)
{
	struct report report = { stage, errno };

	if (write(plan->report, &report, sizeof(report)) < 0)
		_exit(126);
	_exit(127);
}

static void limit(int what, uint64_t most)
{
	struct rlimit rlimit = { most, most };

	setrlimit((__rlimit_resource_t)what, &rlimit);
}

static void set_limits(uint64_t memory)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_SIZE_MAX);
	signal(SIGXFSZ, SIG_IGN); /* what is over the limit is lost, and no more than that */
	limit(RLIMIT_NOFILE, FILES_MAX);
	limit(RLIMIT_AS, memory);
}

/* Puts the program's descriptors at 0, 1 ..., bubblewrap's behind them, and closes everything else but the report. */
static bool place_descriptors(struct plan *plan)
{
	const struct sandbox_start *start = plan->start;
	int high[INNER_FDS], count = (int)start->count, null = open("/dev/null", O_RDWR), next = count + 2;

	/* first out of the way, for sources and destinations may overlap */
	for (int i = 0; i < next; i++) {
		int fd = i < count ? start->fds[i] : i == count ? plan->filter : plan->info;

		fd = fd < 0 && i < STANDARD_FDS ? null : fd;
		high[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD, 64);
	}
	plan->report = fcntl(plan->report, F_DUPFD_CLOEXEC, 64);
	for (int i = 0; i < next; i++)
		if (high[i] < 0)
			close(i);
		else if (dup2(high[i], i) < 0)
			return false;
	if (dup3(plan->report, next, O_CLOEXEC) < 0)
		return false;
	plan->report = next;
	return !syscall(SYS_close_range, next + 1, ~0u, 0);
}

/* Dies when we do. We may be dead by now: then nobody holds the other end of the report. */
static void bind_life(const struct plan *plan)
{
	struct pollfd report = { .fd = plan->report };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&report, 1, 0) < 0 || report.revents & POLLERR)
		_exit(127);
}

/* In the process that becomes the program, or bubblewrap. */
static _Noreturn void become_program(struct plan *plan)
{
	bind_life(plan);
	setsid(); /* Ctrl-C on the terminal is for us alone */
	if (plan->layers & SANDBOX_LIMITS)
		set_limits(plan->start->memory);
	if (!place_descriptors(plan))
		give_up(plan, STAGE_EXEC);
	/* bubblewrap sets both itself, when it needs neither new rights nor other calls any more */
	if (!(plan->layers & SANDBOX_NAMESPACES)) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (plan->layers & SANDBOX_FILTER && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &plan->program))
			give_up(plan, STAGE_FILTER);
	}
	/* the system call itself: in a build that counts coverage, execv() first writes files, and says on stderr that it may not */
	syscall(SYS_execve, plan->start->argv[0], plan->start->argv, environ);
	give_up(plan, STAGE_EXEC);
}

/*
 * A process whose root is not its mount namespace's must not make user namespaces. So the chroot becomes the root of a mount
 * namespace that only we have: a copy of it is laid over that namespace's root.
 */
static bool make_own_root(void)
{
	int tree, self;

	if (unshare(CLONE_NEWNS))
		return false;
	tree = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	self = pidfd_open(getpid(), 0);
	return tree >= 0 && self >= 0 && !setns(self, CLONE_NEWNS) && /* leaves the chroot */
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) && !fchdir(tree) && !chroot(".");
}

static bool become_nobody(void)
{
	/* a process that changed its uid is not its own in /proc until it says so */
	return !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY) &&
	       !prctl(PR_SET_DUMPABLE, 1) && !access("/", X_OK);
}

int sandbox_give(const char *path, struct err *err)
{
	if (!geteuid() && chown(path, NOBODY, NOBODY))
		return err_set(err, EXIT_BROKEN, "%s: cannot be given to the sandbox's user: %s", path, strerror(errno));
	return 0;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* In the first child. */
static _Noreturn void go_inside(struct plan *plan)
{
	struct report report = { .stage = STAGE_PID };

	close(plan->ours);
	if (plan->start->sandbox->own_root && plan->layers & SANDBOX_NAMESPACES && !make_own_root())
		give_up(plan, STAGE_ROOT);
	if (plan->layers & SANDBOX_UID && !geteuid() && !become_nobody())
		give_up(plan, STAGE_UID);
	if (!(plan->layers & SANDBOX_NAMESPACES))
		become_program(plan);
#ifdef __s390x__
	report.value = (int)syscall(SYS_clone, NULL, CLONE_PARENT | CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL);
#else
	report.value = (int)syscall(SYS_clone, CLONE_PARENT | CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
#endif
	if (report.value < 0)
		give_up(plan, STAGE_NAMESPACE);
	if (report.value)
		_exit(write(plan->report, &report, sizeof(report)) < 0);
	if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", plan->uid_map) ||
	    !write_text("/proc/self/gid_map", plan->gid_map))
		give_up(plan, STAGE_NAMESPACE);
	become_program(plan);
}

static void map_itself(char *map, size_t size, unsigned id)
{
	snprintf(map, size, "%u %u 1", id, id);
}

/* bubblewrap reads the filter from a file, from where the last reader stopped: each start has its own. */
static int filter_file(const struct sandbox *sandbox)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, sandbox->filter, sandbox->filter_size) == (ssize_t)sandbox->filter_size &&
	    !lseek(fd, 0, SEEK_SET))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Our ends and the child's of what is said on the way. */
struct lines {
	int report[2], info[2];
};

static bool make_plan(struct plan *plan, struct lines *lines)
{
	const struct sandbox *sandbox = plan->start->sandbox;
	bool nobody = !geteuid() && plan->layers & SANDBOX_UID, walled = plan->layers & SANDBOX_NAMESPACES;

	map_itself(plan->uid_map, sizeof(plan->uid_map), nobody ? NOBODY : geteuid());
	map_itself(plan->gid_map, sizeof(plan->gid_map), nobody ? NOBODY : getegid());
	plan->program.len = (unsigned short)(sandbox->filter_size / sizeof(struct sock_filter));
	plan->program.filter = (struct sock_filter *)sandbox->filter;
	if (plan->start->count + 2 > INNER_FDS || pipe2(lines->report, O_CLOEXEC))
		return false;
	plan->ours = lines->report[0];
	plan->report = lines->report[1];
	if (!walled)
		return true;
	if (pipe2(lines->info, O_CLOEXEC))
		return false;
	plan->info = lines->info[1];
	plan->filter = plan->layers & SANDBOX_FILTER ? filter_file(sandbox) : -1;
	return plan->filter >= 0 || !(plan->layers & SANDBOX_FILTER);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Has something been said, or is nobody left to say it? False: neither in time; the host may have stopped the one who should. */
static bool is_told(int fd, uint64_t end_ms)
{
	struct pollfd news = { .fd = fd, .events = POLLIN };

	for (uint64_t now = clock_ms(); now < end_ms; now = clock_ms())
		if (poll(&news, 1, clock_slice(end_ms - now)) > 0)
			return true;
	return false;
}

/* Waits until everybody has said what they have to say: exec closes the report. */
static struct report hear(int fd, uint64_t end_ms, struct sandboxed *sandboxed)
{
	struct report report, bad = { 0 };

	while (is_told(fd, end_ms)) {
		if (TEMP_FAILURE_RETRY(read(fd, &report, sizeof(report))) != sizeof(report))
			return bad;
		if (report.stage == STAGE_PID)
			sandboxed->keeper = report.value;
		else
			bad = report;
	}
	return (struct report){ STAGE_SILENT, ETIMEDOUT };
}

/* The only child of a process; 0: none yet. */
static pid_t only_child(pid_t parent)
{
	char path[64];
	int child = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	file = fopen(path, "re");
	if (file && fscanf(file, "%d", &child) != 1)
		child = 0;
	if (file)
		fclose(file);
	return child;
}

/* Threads count by user and user namespace, as they should, since Linux 5.14. */
static void limit_threads(pid_t pid)
{
	const struct rlimit rlimit = { THREADS_MAX, THREADS_MAX };
	struct utsname system;
	unsigned major = 0, minor = 0;

	if (!uname(&system) && sscanf(system.release, "%u.%u", &major, &minor) == 2 && (major > 5 || (major == 5 && minor >= 14)))
		prlimit(pid, RLIMIT_NPROC, &rlimit, NULL);
}

/* bubblewrap has a child when it says that it has one. */
static struct report find_program(const struct plan *plan, int info, uint64_t end_ms, struct sandboxed *sandboxed)
{
	char text[256];

	do
		if (!is_told(info, end_ms))
			return (struct report){ STAGE_SILENT, ETIMEDOUT };
	while (TEMP_FAILURE_RETRY(read(info, text, sizeof(text))) > 0);
	sandboxed->pid = only_child(sandboxed->keeper);
	if (sandboxed->pid && plan->layers & SANDBOX_LIMITS)
		limit_threads(sandboxed->pid);
	if (!sandboxed->pid)
		sandboxed->pid = sandboxed->keeper; /* it has failed already, as will be seen */
	return (struct report){ 0 };
}

static void close_pair(int pair[2])
{
	close_if_open(pair[0]);
	close_if_open(pair[1]);
	pair[0] = pair[1] = -1;
}

/* In the parent: hears what became of the child, which may have made another one in its place. */
static struct report follow(const struct plan *plan, pid_t child, struct lines *lines, struct sandboxed *sandboxed)
{
	const bool walled = plan->layers & SANDBOX_NAMESPACES;
	const uint64_t end_ms = clock_ms() + plan->start->patience_ms;
	struct report bad;

	close_if_open(lines->report[1]);
	close_if_open(lines->info[1]);
	lines->report[1] = lines->info[1] = -1;
	sandboxed->keeper = walled ? 0 : child;
	bad = hear(lines->report[0], end_ms, sandboxed);
	sandboxed->pid = sandboxed->keeper;
	if (bad.stage == STAGE_SILENT)
		kill(child, SIGKILL);
	if (walled)
		TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
	if (!sandboxed->keeper && !bad.stage)
		bad = (struct report){ STAGE_NAMESPACE, ECHILD }; /* it died on the way */
	if (walled && !bad.stage)
		bad = find_program(plan, lines->info[0], end_ms, sandboxed);
	return bad;
}

static int explain(const struct sandbox_start *start, struct report bad, struct err *err)
{
	if (bad.stage == STAGE_EXEC)
		return err_set(err, EXIT_BROKEN, "%s cannot be executed: %s", start->argv[0], strerror(bad.value));
	return err_set(err, EXIT_BROKEN, "%s: %s", stage_words[bad.stage], strerror(bad.value));
}

static int start_one(const struct sandbox_start *start, struct sandboxed *sandboxed, struct err *err)
{
	struct plan plan = { .start = start, .layers = start->sandbox->layers, .report = -1, .filter = -1, .info = -1 };
	struct lines lines = { { -1, -1 }, { -1, -1 } };
	struct report bad = { STAGE_EXEC, 0 };
	pid_t child;

	*sandboxed = (struct sandboxed){ 0 };
	child = make_plan(&plan, &lines) ? fork() : -1;
	if (!child)
		go_inside(&plan);
	bad.value = errno;
	if (child > 0)
		bad = follow(&plan, child, &lines, sandboxed);
	close_pair(lines.report);
	close_pair(lines.info);
	close_if_open(plan.filter);
	if (!bad.stage)
		return 0;
	if (sandboxed->keeper > 0) {
		kill(sandboxed->keeper, SIGKILL);
		TEMP_FAILURE_RETRY(waitpid(sandboxed->keeper, NULL, 0));
	}
	*sandboxed = (struct sandboxed){ .silent = bad.stage == STAGE_SILENT };
	return explain(start, bad, err);
}

/*
 * One after the other: a child that has not come to its exec() holds copies of all that we have open, and another child would not see
 * that we are gone (bind_life()).
 */
int sandbox_start(const struct sandbox_start *start, struct sandboxed *sandboxed, struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int result;

	pthread_mutex_lock(&lock);
	result = start_one(start, sandboxed, err);
	pthread_mutex_unlock(&lock);
	return result;
}

int sandbox_status(const struct sandbox *sandbox, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (!(sandbox->layers & SANDBOX_NAMESPACES))
		/* see sandbox_filter.c */
		return sandbox->layers & SANDBOX_FILTER && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? W_EXITCODE(255, 0)
													     : status;
	if (code <= BWRAP_SIGNAL)
		return status;
	return sandbox->layers & SANDBOX_FILTER && code == BWRAP_SIGNAL + SIGSYS ? W_EXITCODE(255, 0)
										 : W_EXITCODE(0, code - BWRAP_SIGNAL);
}
