/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox_filter.c - the system calls that QEMU needs: what it was seen to use while it started, ran, saved, loaded and talked to
 * a debugger under TCG, and near relatives of these that do no more. Every other call does not exist (ENOSYS, which libraries
 * know how to live with).
 *
 * Three things no filter of this kind can do. It cannot forbid the exec that starts QEMU (the `qemu` layer does, later; and
 * inside of the namespaces there is nothing to execute but QEMU). It cannot look at paths (the namespaces show none). It cannot
 * count threads (a limit does).
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "sandbox/sandbox.h"

static const char *const allowed[] = {
	/* memory */
	"brk",
	"mmap",
	"mmap2",
	"munmap",
	"mprotect",
	"mremap",
	"madvise",
	"msync",
	"mincore",
	"membarrier",
	/* what is open, and what can be opened */
	"read",
	"write",
	"readv",
	"writev",
	"pread64",
	"pwrite64",
	"preadv",
	"pwritev",
	"preadv2",
	"pwritev2",
	"lseek",
	"_llseek",
	"open",
	"openat",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"fcntl",
	"fcntl64",
	"ftruncate",
	"ftruncate64",
	"fallocate",
	"fsync",
	"fdatasync",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"fstat",
	"fstat64",
	"newfstatat",
	"fstatat64",
	"statx",
	"statfs",
	"statfs64",
	"fstatfs",
	"fstatfs64",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getdents",
	"getdents64",
	"getcwd",
	"chdir",
	"fchdir",
	"rename",
	"renameat",
	"renameat2", /* -dumpdtb */
	/* waiting */
	"poll",
	"ppoll",
	"ppoll_time64",
	"select",
	"_newselect",
	"pselect6",
	"pselect6_time64",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"eventfd",
	"eventfd2",
	"signalfd",
	"signalfd4",
	"pipe",
	"pipe2",
	/* sockets that it was given */
	"recvmsg",
	"sendmsg",
	"recvfrom",
	"sendto",
	"recv",
	"send",
	"getsockopt",
	"setsockopt",
	"getsockname",
	"getpeername",
	"accept",
	"accept4",
	"listen",
	"shutdown",
	/* threads, and its own signals */
	"futex",
	"futex_time64",
	"set_robust_list",
	"get_robust_list",
	"set_tid_address",
	"rseq",
	"gettid",
	"getpid",
	"getppid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getresuid",
	"getresgid",
	"sched_yield",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"tgkill",
	"rt_sigaction",
	"sigaction",
	"rt_sigprocmask",
	"sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"sigaltstack",
	"rt_sigpending",
	"rt_sigtimedwait",
	"rt_sigsuspend",
	"restart_syscall",
	"exit",
	"arch_prctl",
	"set_thread_area",
	"seccomp",
	"execve",
	/* time, chance and the machine */
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_getres_time64",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	"gettimeofday",
	"time",
	"times",
	"getrandom",
	"sysinfo",
	"uname",
	"getrusage",
	"getrlimit",
	"ugetrlimit",
	"get_mempolicy",
};

struct narrow {
	const char *name;
	uint32_t action;
	struct scmp_arg_cmp when;
};

#define WHEN(argument, mask, value)                                                                                              \
	{                                                                                                                        \
		argument, SCMP_CMP_MASKED_EQ, mask, value                                                                        \
	}
#define ONLY(call, argument, value)                                                                                              \
	{                                                                                                                        \
		call, SCMP_ACT_ALLOW,                                                                                            \
		{                                                                                                                \
			argument, SCMP_CMP_EQ, value, 0                                                                          \
		}                                                                                                                \
	}
#define ONLY_MASKED(call, argument, mask, bit)                                                                                   \
	{                                                                                                                        \
		call, SCMP_ACT_ALLOW, WHEN(argument, mask, bit)                                                                  \
	}

#ifdef __s390x__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif
#define NEW_NAMESPACE (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Calls that are allowed with one value of one argument. */
static const struct narrow narrowed[] = {
	/* threads, not processes. clone3 hides its flags in memory: it does not exist, and libc takes clone */
	ONLY_MASKED("clone", CLONE_FLAGS, CLONE_THREAD | NEW_NAMESPACE, CLONE_THREAD),
	ONLY("socketpair", 0, AF_UNIX),
	ONLY("ioctl", 1, FIONBIO),
	ONLY("ioctl", 1, FIONREAD),
	ONLY("ioctl", 1, TCGETS), /* isatty() */
	ONLY_MASKED("ioctl", 1, 0xff00, KVMIO << 8), /* of /dev/kvm, which is only there where the blob's manifest wants it */
	ONLY("prlimit64", 2, 0), /* reading limits */
	ONLY("prctl", 0, PR_SET_NAME),
	ONLY("prctl", 0, PR_GET_NAME),
	ONLY("prctl", 0, PR_SET_TIMERSLACK),
	ONLY("prctl", 0, PR_SET_NO_NEW_PRIVS), /* can only be set, and is */
	ONLY("prctl", 0, PR_GET_DUMPABLE),
	/*
	 * bubblewrap exits with 128 + n when signal n ended the program. A program that exits like that of its own accord would
	 * be taken for one: it is ended by a signal that nothing else here sends, so that sandbox_status() can tell the two.
	 */
	ONLY_MASKED("exit_group", 0, 0x80, 0),
	{ "exit_group", SCMP_ACT_KILL_PROCESS, WHEN(0, 0x80, 0x80) },
};

static int add_rules(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);

		if (number >= 0) /* else this architecture has no such call */
			failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	for (size_t i = 0; i < sizeof(narrowed) / sizeof(*narrowed); i++)
		failed |= seccomp_rule_add_array(filter, narrowed[i].action, seccomp_syscall_resolve_name(narrowed[i].name), 1,
						 &narrowed[i].when);
	return failed;
}

/* libseccomp writes a program to a descriptor only. */
static void *exported(scmp_filter_ctx filter, size_t *size)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	void *program = NULL;
	off_t end;

	if (fd >= 0 && !seccomp_export_bpf(filter, fd) && (end = lseek(fd, 0, SEEK_END)) > 0) {
		program = xmalloc((size_t)end);
		*size = (size_t)end;
		if (pread(fd, program, *size, 0) != end) {
			free(program);
			program = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return program;
}

void *sandbox_filter_new(size_t *size, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	void *program = NULL;

	/* another architecture's calls have other numbers */
	if (filter && !seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) &&
	    !seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) && !add_rules(filter))
		program = exported(filter, size);
	seccomp_release(filter);
	if (!program)
		err_set(err, EXIT_BROKEN, "the system call filter cannot be built");
	return program;
}
