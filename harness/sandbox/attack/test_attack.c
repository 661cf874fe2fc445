/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_sandbox_attack.c - lets sandbox_attacker.c loose inside of QEMU and counts what it is allowed, without walls, behind each
 * wall alone, and behind all of them.
 *
 * Whatever it can do it does in a jail that is thrown away: this program starts itself again as nobody in namespaces of its own,
 * where there is nothing but /usr (read-only) and what the test laid out, under a time limit that ends in SIGKILL. In there it
 * plays the harness. TAP on standard output; skipped where no such jail can be made.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "guest/launch.h"
#include "guest/ram.h"
#include "sandbox/attack/attack.h"

#define FIRMWARE    "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
#define QEMU	    "qemu-system-riscv64"
#define PLACE	    "/attack" /* of the test's files in the jail */
#define JAIL_MS	    240000u
#define PROBE_MS    10000u /* host time that one probe may take; more is a hang, which is no way out */
#define PROBES_MAX  128
#define PROBES_MIN  23
#define ALLOWED_MIN 20 /* without any wall: fewer would mean that the attacker is no good */

enum result { UNKNOWN, TRIED, DENIED, ALLOWED };

struct attack {
	struct launch launch;
	struct machine machine;
	const char *args[16];
	char plugin[256];
	enum result results[PROBES_MAX];
	char names[PROBES_MAX][40];
	unsigned count; /* probes heard of */
	bool ended; /* the attacker has come to its end */
};

struct told {
	int victim;
	unsigned port;
	uint64_t mount, network;
};

static const char *secret = ATTACK_SECRET;
static unsigned points, failures;

static void point(bool ok, const char *name)
{
	failures += !ok;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++points, name);
	fflush(stdout);
}

static _Noreturn void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- one attack */

/* Takes in what the attacker has written so far. */
static void hear(struct attack *attack, const struct qemu *qemu)
{
	static char text[65536];
	ssize_t size = pread(qemu->complaints, text, sizeof(text) - 1, 0);
	char *rest = text, *line, name[40];
	unsigned number;

	text[size > 0 ? size : 0] = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "try %u %39s", &number, name) == 2 && number < PROBES_MAX) {
			strcpy(attack->names[number], name);
			attack->count = number >= attack->count ? number + 1 : attack->count;
			if (!attack->results[number])
				attack->results[number] = TRIED;
		} else if (sscanf(line, "allowed %u", &number) == 1 && number < PROBES_MAX) {
			attack->results[number] = ALLOWED;
		} else if (sscanf(line, "denied %u", &number) == 1 && number < PROBES_MAX) {
			attack->results[number] = DENIED;
		}
		attack->ended |= !strcmp(line, "end");
	}
}

static unsigned done(const struct attack *attack)
{
	unsigned count = 0;

	while (count < attack->count && attack->results[count] > TRIED)
		count++;
	return count;
}

/* From one probe on, until a wall ends QEMU, or the attacker is through. Returns false when it could not even begin. */
static bool attack_from(struct attack *attack, unsigned first, const struct told *told)
{
	static const char go[] = "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"cont\"}";
	int qmp[2], rsp[2];
	uint64_t moved = clock_ms();
	unsigned last = first;
	struct qemu qemu;
	struct err err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, rsp))
		die("socketpair");
	snprintf(attack->plugin, sizeof(attack->plugin), "{probe},first=%u,victim=%d,secret=%llu,port=%u,mount=%llu,network=%llu",
		 first, told->victim, (unsigned long long)(uintptr_t)secret, told->port, (unsigned long long)told->mount,
		 (unsigned long long)told->network);
	attack->launch.qmp = qmp[1];
	attack->launch.rsp = rsp[1];
	qemu_init(&qemu);
	if (qemu_start(&qemu, &attack->launch, &err)) {
		printf("# %s\n", err.message);
		return false;
	}
	if (write(qmp[0], go, sizeof(go) - 1) < 0)
		die("write");
	while (!attack->ended && !qemu_ended(&qemu, 20) && clock_ms() - moved < PROBE_MS) {
		hear(attack, &qemu);
		if (done(attack) != last)
			moved = clock_ms();
		last = done(attack);
	}
	hear(attack, &qemu);
	if (attack->count <= first) {
		char why[256];

		qemu_complaint(&qemu, why, sizeof(why));
		printf("# the attacker never began: %s\n", why);
	}
	qemu_free(&qemu);
	close(qmp[0]), close(qmp[1]), close(rsp[0]), close(rsp[1]);
	return attack->count > first;
}

/* All probes, with QEMU started anew after each that ended it. Returns how many were allowed. */
static unsigned attack_behind(struct attack *attack, unsigned layers, const struct told *told)
{
	char names[SANDBOX_NAMES_SIZE];
	unsigned allowed = 0;

	memset(attack->results, 0, sizeof(attack->results));
	attack->count = 0;
	attack->ended = false;
	attack->launch.without = SANDBOX_ALL & ~layers;
	for (unsigned first = 0; !attack->ended && attack_from(attack, first, told); first = attack->count)
		if (attack->results[attack->count - 1] == TRIED)
			attack->results[attack->count - 1] = DENIED;
	printf("# behind %s:", *sandbox_names(layers, names) ? names : "nothing");
	for (unsigned i = 0; i < attack->count; i++)
		if (attack->results[i] == ALLOWED) {
			allowed++;
			printf(" %s", attack->names[i]);
		}
	printf(": %u of %u allowed%s\n", allowed, attack->count,
	       attack->ended ? "" : ", and the attacker did not come to its end");
	return allowed;
}

static void prepare_launch(struct attack *attack)
{
	static const char *const args[] = { "-M",     "virt,memory-backend={ram_object}{machine_options}",
					    "-cpu",   "{cpu}",
					    "-smp",   "{harts}",
					    "-bios",  "{blob}",
					    "-plugin" };
	size_t count = sizeof(args) / sizeof(*args);
	static struct ram ram;
	struct err err;

	memcpy(attack->args, args, sizeof(args));
	attack->args[count] = attack->plugin;
	attack->machine = (struct machine){ .qemu = QEMU,
					    .args = attack->args,
					    .cpu = "rv64",
					    .options = "",
					    .harts = 1,
					    .ram_base = 0x80000000,
					    .ram_size = 64 << 20 };
	attack->launch = (struct launch){ .machine = &attack->machine,
					  .blob = PLACE "/blob",
					  .probe = PLACE "/attacker.so",
					  .stops = -1,
					  .state = -1,
					  .console_in = -1,
					  .console_out = -1,
					  .tree = -1,
					  .gdb = -1,
					  .trace = -1,
					  .traps = -1,
					  .icount = true };
	if (ram_new(&ram, attack->machine.ram_base, attack->machine.ram_size, &(struct image){ .low = attack->machine.ram_base },
		    0, &err))
		die(err.message);
	attack->launch.ram = ram.fd;
}

/* --- in the jail: things worth attacking */

static void lay_out_file(const char *directory, const char *name)
{
	char path[128];
	int fd;

	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, secret, strlen(secret)) < 0)
		die(path);
	close(fd);
}

static int listen_at(int family, const void *address, size_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, address, (socklen_t)size) || listen(fd, 64))
		die("a socket to attack");
	return fd;
}

static unsigned listen_everywhere(void)
{
	struct sockaddr_in inet = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_un path = { AF_UNIX, ATTACK_RUN "/socket" }, abstract = { AF_UNIX, "\0" ATTACK_ABSTRACT };
	socklen_t size = sizeof(inet);
	int tcp = listen_at(AF_INET, &inet, sizeof(inet));

	listen_at(AF_UNIX, &path, sizeof(path));
	listen_at(AF_UNIX, &abstract, offsetof(struct sockaddr_un, sun_path) + sizeof(ATTACK_ABSTRACT));
	if (getsockname(tcp, (struct sockaddr *)&inet, &size))
		die("a port to attack");
	return ntohs(inet.sin_port);
}

static struct told lay_out(char **argv)
{
	struct told told = { .mount = strtoull(argv[2], NULL, 10), .network = strtoull(argv[3], NULL, 10) };

	lay_out_file(ATTACK_HOME, "secret");
	lay_out_file(ATTACK_RUN, "journal");
	told.port = listen_everywhere();
	told.victim = fork();
	if (!told.victim)
		for (;;)
			pause();
	return told;
}

static int jailed(char **argv)
{
	struct told told = lay_out(argv);
	struct attack attack = { 0 };
	unsigned nothing, all;
	static const unsigned walls[] = { SANDBOX_QEMU, SANDBOX_NAMESPACES, SANDBOX_FILTER, SANDBOX_LIMITS };
	char name[128], layers[SANDBOX_NAMES_SIZE];

	setenv("PATH", "/usr/bin", 1);
	prepare_launch(&attack);
	nothing = attack_behind(&attack, 0, &told);
	point(attack.ended && attack.count >= PROBES_MIN, "an attacker in QEMU's process tries at least 23 ways out");
	point(nothing >= ALLOWED_MIN, "without walls most of the ways that need no privilege are open");
	for (size_t i = 0; i < sizeof(walls) / sizeof(*walls); i++) {
		snprintf(name, sizeof(name), "the wall `%s` alone closes some of them", sandbox_names(walls[i], layers));
		point(attack_behind(&attack, walls[i], &told) < nothing && attack.ended, name);
	}
	point(attack_behind(&attack, SANDBOX_ALL & ~SANDBOX_QEMU, &told) <= 1 && attack.ended,
	      "without QEMU's own filter nothing is left but to execute QEMU itself again, behind the same walls");
	all = attack_behind(&attack, SANDBOX_ALL, &told);
	point(attack.ended && !all, "behind all walls none is open");
	printf("1..%u\n", points);
	return failures != 0;
}

/* --- outside: the jail */

static void copy_file(const char *from, const char *directory, const char *name, mode_t mode)
{
	char to[256];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;

	snprintf(to, sizeof(to), "%s/%s", directory, name);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (in < 0 || out < 0 || fchmod(out, mode))
		die(from);
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		continue;
	close(in), close(out);
}

static void write_word(const char *directory, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file || fputs(secret, file) < 0 || fclose(file))
		die(path);
}

static const char *namespace_number(struct words *words, const char *kind)
{
	struct stat status;

	return words_printf(words, "%llu", stat(kind, &status) ? 0 : (unsigned long long)status.st_ino);
}

static struct words *jail_mounts(const char *directory)
{
	static const char *const fixed[] = { "--ro-bind",
					     "/usr",
					     "/usr",
					     "--symlink",
					     "usr/lib",
					     "/lib",
					     "--symlink",
					     "usr/lib64",
					     "/lib64",
					     "--symlink",
					     "usr/bin",
					     "/bin",
					     "--dev",
					     "/dev",
					     "--tmpfs",
					     "/tmp",
					     "--tmpfs",
					     "/home",
					     "--ro-bind-try",
					     "/etc/ld.so.cache",
					     "/etc/ld.so.cache",
					     "--setenv",
					     "ATTACK_SECRET",
					     ATTACK_SECRET };
	struct words *words = words_new();

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		words_add(words, fixed[i]);
	words_add_pair(words, "--ro-bind", "%s", directory);
	words_add(words, PLACE);
	words_add_pair(words, "--ro-bind", "%s/passwd", directory);
	words_add(words, "/etc/passwd");
	return words;
}

/* Prints what is said inside, until it ends or its time is over. */
static int follow(pid_t keeper, int output)
{
	int status = 0;
	off_t shown = 0;
	bool ended = false;

	for (unsigned waited = 0; !ended; waited += 20) {
		char text[4096];
		ssize_t size;

		ended = waitpid(keeper, &status, WNOHANG) == keeper;
		if (!ended && waited >= JAIL_MS)
			kill(keeper, SIGKILL);
		while ((size = pread(output, text, sizeof(text), shown)) > 0) {
			fwrite(text, 1, (size_t)size, stdout);
			shown += size;
		}
		fflush(stdout);
		if (!ended)
			poll(NULL, 0, 20);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int run_jail(const struct sandbox *known, const char *directory)
{
	struct sandbox jail = *known;
	struct words *words = words_new();
	int output = memfd_create("output", MFD_CLOEXEC), code;
	struct sandboxed sandboxed;
	struct err err;

	/* no filter: the jail has to be able to build walls inside. No limit on files: it has several QEMUs' */
	jail.layers = SANDBOX_NAMESPACES | SANDBOX_UID;
	jail.program = PLACE "/test";
	jail.mounts = jail_mounts(directory);
	sandbox_add_words(&jail, words, 3, NULL);
	words_add(words, ATTACK_JAILED);
	words_add(words, namespace_number(words, "/proc/self/ns/mnt"));
	words_add(words, namespace_number(words, "/proc/self/ns/net"));
	if (sandbox_start(&(struct sandbox_start){ &jail, words_list(words), (const int[]){ -1, output, output }, 3, 0,
						   SANDBOX_PATIENCE_MS },
			  &sandboxed, &err)) {
		printf("Bail out! %s\n", err.message);
		return 1;
	}
	words_free(words);
	words_free(jail.mounts);
	code = follow(sandboxed.keeper, output);
	close(output);
	return code;
}

static void remove_all(const char *directory)
{
	static const char *const names[] = { "test", "attacker.so", "blob", "passwd" };
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

/* Here, where nothing holds it, the attacker must not want to run. */
static bool refuses_here(const char *attacker)
{
	void *library = dlopen(attacker, RTLD_LAZY);
	__typeof__(&attack_refused) refused = library ? (__typeof__(&attack_refused))dlsym(library, "attack_refused") : NULL;
	const char *why = refused ? refused(0, 0) : NULL;

	printf("# the attacker refuses to run here: %s\n", why ? why : "no, it does not");
	return why;
}

static int skip(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/assay-attack-XXXXXX";
	const struct sandbox *known;
	struct err err;
	int code;

	if (argc == 4 && !strcmp(argv[1], ATTACK_JAILED))
		return jailed(argv);
	if (argc != 2)
		return skip("name the attacker");
	if (access(FIRMWARE, R_OK))
		return skip("opensbi is not installed");
	known = sandbox_find(SANDBOX_REQUIRE, QEMU, NULL, &err);
	if (!known)
		return skip(err.message);
	if (!refuses_here(argv[1])) {
		printf("Bail out! the attacker would attack this machine\n");
		return 1;
	}
	if (!mkdtemp(directory) || chmod(directory, 0755))
		die(directory);
	copy_file("/proc/self/exe", directory, "test", 0755);
	copy_file(argv[1], directory, "attacker.so", 0755);
	copy_file(FIRMWARE, directory, "blob", 0644);
	write_word(directory, "passwd");
	code = run_jail(known, directory);
	remove_all(directory);
	return code;
}
