/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox_attacker.c - whoever has broken out of the guest: code in QEMU's own process that tries to get any further.
 *
 * A plugin of QEMU's, loaded by test_sandbox_attack alone. It does nothing unless it runs without privilege in user, process,
 * mount and network namespaces that are not the host's: attack_refused() says why not. It touches only what the test laid out for
 * it, and what it makes it makes in the test's own jail.
 *
 * For every probe it writes "try N", then "allowed N" or "denied N"; a wall may also end QEMU between the two.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/attack/attack.h"

/* What qemu-plugin.h declares, which Debian does not package. */
#define PLUGIN __attribute__((visibility("default")))
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
PLUGIN extern int qemu_plugin_version;
PLUGIN int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*callback)(plugin_id id, struct qemu_plugin_tb *tb));

int qemu_plugin_version = 1;

#define USER_OF_THE_HOST    "user:[4026531837]" /* namespaces that the kernel makes first have fixed numbers */
#define PROCESS_OF_THE_HOST "pid:[4026531836]"

static struct {
	unsigned first; /* probe to begin with */
	int victim; /* a process of the test's */
	uint64_t secret; /* address of its secret */
	unsigned port; /* TCP, on the loopback device */
	uint64_t mount, network; /* numbers of the host's namespaces */
} told;

/* --- may it run at all? */

static bool is_namespace(const char *kind, const char *name)
{
	char path[64], is[64];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	size = readlink(path, is, sizeof(is) - 1);
	is[size > 0 ? size : 0] = 0;
	return !*is || !strcmp(is, name); /* what it cannot see it takes for the host's */
}

static bool is_number(const char *kind, uint64_t number)
{
	char name[64];

	snprintf(name, sizeof(name), "%s:[%llu]", kind, (unsigned long long)number);
	return !number || is_namespace(kind, name);
}

PLUGIN const char *attack_refused(uint64_t host_mount, uint64_t host_network)
{
	if (!geteuid() || !getuid())
		return "it is root";
	if (is_namespace("user", USER_OF_THE_HOST))
		return "its user namespace is the host's";
	if (is_namespace("pid", PROCESS_OF_THE_HOST))
		return "its process namespace is the host's";
	if (is_number("mnt", host_mount))
		return "its mount namespace is the host's";
	if (is_number("net", host_network))
		return "its network namespace is the host's";
	return NULL;
}

/* --- the probes: true when it worked */

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool valid(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

static bool read_passwd(void)
{
	return opens("/etc/passwd", O_RDONLY);
}
static bool read_home(void)
{
	return opens(ATTACK_HOME "/secret", O_RDONLY);
}
static bool read_run(void)
{
	return opens(ATTACK_RUN "/journal", O_RDONLY);
}
static bool write_run(void)
{
	return opens(ATTACK_RUN "/forged", O_WRONLY | O_CREAT);
}
static bool change_run(void)
{
	return opens(ATTACK_RUN "/journal", O_WRONLY);
}
static bool write_tmp(void)
{
	return opens("/tmp/attack", O_WRONLY | O_CREAT);
}
static bool make_directory(void)
{
	return !mkdir("/new", 0700) || !mkdir("/tmp/new", 0700) || !mkdir("/dev/new", 0700);
}
static bool see_shell(void)
{
	return !access("/bin/sh", X_OK) || !access("/usr/bin/sh", X_OK);
}
static bool make_fifo(void)
{
	return !mknod("/tmp/fifo", S_IFIFO | 0600, 0) || !mknod("/fifo", S_IFIFO | 0600, 0);
}
static bool make_device(void)
{
	return !mknod("/tmp/null", S_IFCHR | 0666, 0x103) || !mknod("/null", S_IFCHR | 0666, 0x103);
}
static bool make_link(void)
{
	return !symlink("/etc", "/tmp/link") || !symlink("/etc", "/link");
}

/* The test's copy of the blob is also the next guest's. */
static bool change_blob(void)
{
	int fd = open("/proc/self/fd/" ATTACK_BLOB_FD, O_RDWR | O_CLOEXEC);
	bool written = fd >= 0 && pwrite(fd, "x", 1, 0) == 1;

	return valid(fd) && written;
}

/* The harness has mapped it: what is cut off there would be a bus error here. */
static bool cut_ram(void)
{
	int fd = open("/proc/self/fd/" ATTACK_RAM_FD, O_RDWR | O_CLOEXEC);
	bool changed = fd >= 0 && (!ftruncate(fd, 4096) || !ftruncate(fd, (off_t)1 << 32));

	return valid(fd) && changed;
}

/* Does anything that was open lead to a directory or a file that has a name? */
static bool find_descriptor(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		char path[32], name[256];
		struct stat status;
		ssize_t size;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		size = readlink(path, name, sizeof(name) - 1);
		name[size > 0 ? size : 0] = 0;
		if (fstat(fd, &status) || !strcmp(name, "/dev/null") || !strncmp(name, "/memfd:", 7))
			continue;
		if (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode) || S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
			return true;
	}
	return false;
}

static bool connects(int family, const void *address, size_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected = fd >= 0 && !connect(fd, address, (socklen_t)size);

	return valid(fd) && connected;
}

static bool connect_tcp(void)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = htons((uint16_t)told.port),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return connects(AF_INET, &address, sizeof(address));
}

static bool connect_path(void)
{
	const struct sockaddr_un address = { AF_UNIX, ATTACK_RUN "/socket" };

	return connects(AF_UNIX, &address, sizeof(address));
}

static bool connect_abstract(void)
{
	const struct sockaddr_un address = { AF_UNIX, "\0" ATTACK_ABSTRACT };

	return connects(AF_UNIX, &address, offsetof(struct sockaddr_un, sun_path) + sizeof(ATTACK_ABSTRACT));
}

static bool make_netlink(void)
{
	return valid(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
}
static bool make_alg(void)
{
	return valid(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}
static bool make_packet(void)
{
	return valid(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static bool holds(const char *file, const char *text)
{
	char path[64], found[8192];
	ssize_t size = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", told.victim, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		size = read(fd, found, sizeof(found));
	valid(fd);
	return size > 0 && memmem(found, (size_t)size, text, strlen(text));
}

static bool see_process(void)
{
	return holds("cmdline", ATTACK_JAILED);
}
static bool read_environment(void)
{
	return holds("environ", ATTACK_SECRET);
}

/* The number may mean another process here, or a thread of ours. */
static bool is_other(void)
{
	return told.victim != getpid() && syscall(SYS_tgkill, getpid(), told.victim, 0);
}
static bool signal_process(void)
{
	return is_other() && !kill(told.victim, 0);
}
static bool open_process(void)
{
	return is_other() && valid(syscall(SYS_pidfd_open, told.victim, 0));
}

static bool trace_process(void)
{
	bool traced = is_other() && !ptrace(PTRACE_SEIZE, told.victim, NULL, NULL);

	if (traced)
		ptrace(PTRACE_DETACH, told.victim, NULL, NULL);
	return traced;
}

static bool read_process(void)
{
	char secret[sizeof(ATTACK_SECRET)];
	struct iovec here = { secret, sizeof(secret) }, there = { (void *)(uintptr_t)told.secret, sizeof(secret) };

	return process_vm_readv(told.victim, &here, 1, &there, 1, 0) == sizeof(secret) && !strcmp(secret, ATTACK_SECRET);
}

/* Ends at once; what it was is all that counts. */
static bool makes_process(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid > 0;
}

static bool make_process(void)
{
	return makes_process(0);
}
static bool make_user_namespace(void)
{
	return makes_process(CLONE_NEWUSER);
}
static bool make_namespaces(void)
{
	return !unshare(CLONE_NEWNS) || !unshare(CLONE_NEWNET) || !unshare(CLONE_FILES | CLONE_FS);
}

static bool enter_namespace(void)
{
	char path[64];
	int fd;
	bool entered;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", told.victim);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	entered = fd >= 0 && !setns(fd, 0);
	return valid(fd) && entered;
}

/* Instead of QEMU the shell goes on, and says so. */
static bool execute_shell(void)
{
	char number[16];
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)"echo \"allowed $0\" >&2", number, NULL };

	snprintf(number, sizeof(number), "%u", told.first);
	execv("/bin/sh", argv);
	return false;
}

/* QEMU again complains under the name that it is called by. */
static bool execute_itself(void)
{
	char name[32];
	char *const argv[] = { name, (char *)"-no-such-option", NULL };

	snprintf(name, sizeof(name), "allowed %u", told.first);
	execv("/proc/self/exe", argv);
	return false;
}

static bool make_memory_file(void)
{
	return valid(syscall(SYS_memfd_create, "attack", MFD_CLOEXEC));
}
static bool mount_something(void)
{
	return !mount("none", "/tmp", "tmpfs", 0, NULL);
}
static bool mount_new(void)
{
	return valid(syscall(SYS_fsopen, "tmpfs", 0)) || valid(open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE));
}
static bool change_root(void)
{
	return !chroot("/");
}
static bool use_keys(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) >= 0;
}
static bool add_key(void)
{
	return syscall(SYS_add_key, "user", "attack", "x", 1, KEY_SPEC_PROCESS_KEYRING) >= 0;
}

static bool make_ring(void)
{
	struct io_uring_params parameters = { 0 };

	return valid(syscall(SYS_io_uring_setup, 4, &parameters));
}

static bool use_bpf(void)
{
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	return valid(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static bool use_perf(void)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes), .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1
	};

	return valid(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static bool handle_faults(void)
{
	return valid(syscall(SYS_userfaultfd, 1 /* of user mode only */ | O_CLOEXEC));
}

static bool watch_files(void)
{
	return valid(syscall(SYS_inotify_init1, O_CLOEXEC)) || valid(fanotify_init(FAN_REPORT_FID, 0));
}
static bool share_memory(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return id >= 0;
}

static bool change_limit(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_CORE, &limit) && !setrlimit(RLIMIT_CORE, &limit);
}

static bool raise_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return !setrlimit(RLIMIT_FSIZE, &limit) || !prlimit(getpid(), RLIMIT_NPROC, &limit, NULL);
}

/* Into its complaints, which are a file of ours. */
static bool write_much(void)
{
	return pwrite(STDERR_FILENO, "", 1, 64 << 20) == 1;
}

static bool take_memory(void)
{
	void *memory = mmap(NULL, (size_t)16 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory != MAP_FAILED && !munmap(memory, (size_t)16 << 30);
}

static volatile bool threads_may_end;

static void *wait_a_while(void *nothing)
{
	while (!threads_may_end)
		sched_yield(), usleep(1000);
	return nothing;
}

static bool make_threads(void)
{
	enum { MANY = 600 };
	static pthread_t threads[MANY];
	pthread_attr_t small;
	int count = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	while (count < MANY && !pthread_create(&threads[count], &small, wait_a_while, NULL))
		count++;
	threads_may_end = true;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return count == MANY;
}

static bool clear_no_new_rights(void)
{
	return !prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
}
static bool outlive_harness(void)
{
	return !prctl(PR_SET_PDEATHSIG, 0);
}
static bool change_priority(void)
{
	return !setpriority(PRIO_PROCESS, 0, 19) || !setpriority(PRIO_PROCESS, 0, -5);
}
static bool change_personality(void)
{
	return personality(ADDR_NO_RANDOMIZE) >= 0;
}
static bool become_root(void)
{
	return !setresuid(0, 0, 0) && !geteuid();
}
static bool change_group(void)
{
	return !setresgid(getgid(), getgid(), getgid());
}

static bool type_into_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	bool typed = !ioctl(fd >= 0 ? fd : 0, TIOCSTI, "x");

	valid(fd);
	return typed;
}

static bool make_terminal(void)
{
	return opens("/dev/ptmx", O_RDWR | O_NOCTTY);
}
static bool load_module(void)
{
	return !syscall(SYS_init_module, "", 0, "") || errno == ENOEXEC;
}

static const struct {
	const char *name;
	bool (*works)(void);
} probes[] = {
#define PROBE(function)                                                                                                          \
	{                                                                                                                        \
#function, function                                                                                              \
	}
	PROBE(read_passwd),
	PROBE(read_home),
	PROBE(read_run),
	PROBE(write_run),
	PROBE(change_run),
	PROBE(write_tmp),
	PROBE(make_directory),
	PROBE(see_shell),
	PROBE(make_fifo),
	PROBE(make_device),
	PROBE(make_link),
	PROBE(change_blob),
	PROBE(cut_ram),
	PROBE(find_descriptor),
	PROBE(connect_tcp),
	PROBE(connect_path),
	PROBE(connect_abstract),
	PROBE(make_netlink),
	PROBE(make_alg),
	PROBE(make_packet),
	PROBE(see_process),
	PROBE(read_environment),
	PROBE(signal_process),
	PROBE(open_process),
	PROBE(trace_process),
	PROBE(read_process),
	PROBE(make_process),
	PROBE(make_user_namespace),
	PROBE(make_namespaces),
	PROBE(enter_namespace),
	PROBE(execute_shell),
	PROBE(execute_itself),
	PROBE(make_memory_file),
	PROBE(mount_something),
	PROBE(mount_new),
	PROBE(change_root),
	PROBE(use_keys),
	PROBE(add_key),
	PROBE(make_ring),
	PROBE(use_bpf),
	PROBE(use_perf),
	PROBE(handle_faults),
	PROBE(watch_files),
	PROBE(share_memory),
	PROBE(change_limit),
	PROBE(raise_limit),
	PROBE(write_much),
	PROBE(take_memory),
	PROBE(make_threads),
	PROBE(clear_no_new_rights),
	PROBE(outlive_harness),
	PROBE(change_priority),
	PROBE(change_personality),
	PROBE(become_root),
	PROBE(change_group),
	PROBE(type_into_terminal),
	PROBE(make_terminal),
	PROBE(load_module),
};

static void attack(plugin_id id, struct qemu_plugin_tb *tb)
{
	static bool begun;

	(void)id, (void)tb;
	if (__atomic_exchange_n(&begun, true, __ATOMIC_SEQ_CST))
		return;
	for (; told.first < sizeof(probes) / sizeof(*probes); told.first++) {
		dprintf(STDERR_FILENO, "try %u %s\n", told.first, probes[told.first].name);
		dprintf(STDERR_FILENO, "%s %u\n", probes[told.first].works() ? "allowed" : "denied", told.first);
	}
	dprintf(STDERR_FILENO, "end\n");
}

static uint64_t value_of(int argc, char **argv, const char *key)
{
	size_t length = strlen(key);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], key, length) && argv[i][length] == '=')
			return strtoull(argv[i] + length + 1, NULL, 0);
	return 0;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	const char *refused;

	(void)info;
	told.first = (unsigned)value_of(argc, argv, "first");
	told.victim = (int)value_of(argc, argv, "victim");
	told.secret = value_of(argc, argv, "secret");
	told.port = (unsigned)value_of(argc, argv, "port");
	refused = attack_refused(value_of(argc, argv, "mount"), value_of(argc, argv, "network"));
	if (refused) {
		dprintf(STDERR_FILENO, "refused: %s\n", refused);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, attack);
	return 0;
}
