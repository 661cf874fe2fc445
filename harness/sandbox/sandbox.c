/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.c - finds out which walls this system can build, and in which words bubblewrap is told to build them.
 */
#include "sandbox/sandbox.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

#define TRIAL_MS     30000 /* for `--version` on a loaded machine */
#define TRIAL_MEMORY (UINT64_C(4) << 30)
#define WRAPPED	     "/usr/libexec"

static const char *const walls[] = { "--unshare-all", "--unshare-user", "--die-with-parent",
				     "--new-session", "--as-pid-1",	"--cap-drop",
				     "ALL",	      "--clearenv" };

/* In /proc QEMU finds what it has open; on /dev/null it tries out how to lock a file. There is no other device, and no /tmp. */
static const char *const rest[] = {
	"--dev-bind", "/dev/null", "/dev/null", "--proc", "/proc", "--remount-ro", "/", "--chdir", "/"
};

static const char *const names[] = { "namespaces", "filter", "uid", "qemu", "limits" };

/* What was found out, for as long as the process lives. There are few programs and three policies. */
struct known {
	struct known *next;
	char *name;
	enum sandbox_policy policy;
	struct sandbox sandbox;
};

static struct known *all_known;

const char *sandbox_names(unsigned layers, char *text)
{
	size_t used = 0;

	*text = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (layers & 1u << i)
			used += (size_t)snprintf(text + used, SANDBOX_NAMES_SIZE - used, "%s%s", used ? " " : "", names[i]);
	return text;
}

static void add_all(struct words *words, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words_add(words, list[i]);
}

void sandbox_add_words(const struct sandbox *sandbox, struct words *words, int first, const char *writable)
{
	if (sandbox->layers & SANDBOX_NAMESPACES) {
		words_add(words, sandbox->bwrap);
		add_all(words, walls, sizeof(walls) / sizeof(*walls));
		for (char *const *word = words_list(sandbox->mounts); *word; word++)
			words_add(words, *word);
		if (sandbox->device) {
			words_add_pair(words, "--dev-bind-try", "%s", sandbox->device);
			words_add(words, sandbox->device);
		}
		if (writable) {
			words_add_pair(words, "--bind", "%s", writable);
			words_add(words, writable);
		}
		add_all(words, rest, sizeof(rest) / sizeof(*rest));
		if (sandbox->layers & SANDBOX_FILTER)
			words_add_pair(words, "--seccomp", "%d", first);
		words_add_pair(words, "--info-fd", "%d", first + 1);
		words_add(words, "--");
	}
	words_add(words, sandbox->program);
}

/* malloc'ed absolute path of a program in $PATH; NULL: there is none. */
static char *find_in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = xstrdup(path ? path : ""), *rest_of = copy, *directory, candidate[PATH_MAX], *found = NULL;
	struct stat status;

	if (strchr(name, '/'))
		found = realpath(name, NULL);
	while (!found && (directory = strsep(&rest_of, ":"))) {
		snprintf(candidate, sizeof(candidate), "%s/%s", directory, name);
		if (*directory == '/' && !access(candidate, X_OK) && !stat(candidate, &status) && S_ISREG(status.st_mode))
			found = realpath(candidate, NULL);
	}
	free(copy);
	return found;
}

static bool is_script(const char *path)
{
	char start[2] = "";
	FILE *file = fopen(path, "re");
	bool script = file && fread(start, 1, 2, file) == 2 && !memcmp(start, "#!", 2);

	if (file)
		fclose(file);
	return script;
}

/* Debian puts a script in front of some programs, whose own place is another then. Inside of the walls there is no shell. */
static char *find_program(const char *name)
{
	char *path = find_in_path(name), wrapped[PATH_MAX];

	if (!path || !is_script(path))
		return path;
	snprintf(wrapped, sizeof(wrapped), WRAPPED "/%s", strrchr(path, '/') + 1);
	if (!access(wrapped, X_OK)) {
		free(path);
		path = xstrdup(wrapped);
	}
	return path;
}

static int wait_for(pid_t keeper)
{
	int status = -1;

	for (unsigned waited = 0; waitpid(keeper, &status, WNOHANG) != keeper; waited++) {
		if (waited == TRIAL_MS)
			kill(keeper, SIGKILL);
		poll(NULL, 0, 1);
	}
	return status;
}

static void last_line(int fd, char *line, size_t size)
{
	char text[1024], *rest_of = text, *next;
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = 0;
	*line = 0;
	while ((next = strsep(&rest_of, "\n")))
		if (*next)
			snprintf(line, size, "%s", next);
}

/* Starts the program inside, to say its version. */
static int try_out(const struct sandbox *sandbox, struct err *err)
{
	const int output = memfd_create("trial", MFD_CLOEXEC);
	const int fds[] = { -1, output, output };
	struct words *words = words_new();
	struct sandboxed sandboxed;
	char line[256];
	int result;

	sandbox_add_words(sandbox, words, 3, NULL);
	words_add(words, "--version");
	result = sandbox_start(&(struct sandbox_start){ sandbox, words_list(words), fds, 3, TRIAL_MEMORY, SANDBOX_PATIENCE_MS },
			       &sandboxed, err);
	if (!result && wait_for(sandboxed.keeper)) {
		last_line(output, line, sizeof(line));
		result = err_set(err, EXIT_BROKEN, "%s", *line ? line : "it ends without a word");
	}
	words_free(words);
	close(output);
	return result;
}

/* Whether the kernel tells which process is the one inside, which the watchdog has to watch. */
static bool shows_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
	return !access(path, R_OK);
}

/* What is tried, the best first. `require` is content with the first two alone. */
static const struct attempt {
	unsigned layers;
	bool own_root; /* for root alone: a user namespace can only be made outside of a chroot, which it can leave */
	bool required;
} attempts[] = {
	{ SANDBOX_ALL, false, true },
	{ SANDBOX_ALL, true, true },
	{ SANDBOX_ALL & ~SANDBOX_UID, false, false }, /* root of a container that has no other user */
	{ SANDBOX_ALL & ~SANDBOX_NAMESPACES, false, false },
	{ SANDBOX_ALL & ~SANDBOX_NAMESPACES & ~SANDBOX_UID, false, false },
	{ SANDBOX_QEMU | SANDBOX_LIMITS, false, false },
};

/* What namespaces need beside the kernel's consent. */
static int find_tools(struct sandbox *sandbox, struct err *err)
{
	sandbox->bwrap = find_in_path("bwrap");
	if (!sandbox->bwrap)
		return err_set(err, EXIT_BROKEN, "bubblewrap is not installed; on Debian: apt install bubblewrap");
	if (!shows_children())
		return err_set(err, EXIT_BROKEN, "/proc is not mounted, or this kernel does not list a process's children there");
	sandbox->mounts = sandbox_mounts_new(sandbox->program, err);
	return sandbox->mounts ? 0 : -1;
}

static int attempt_all(struct sandbox *sandbox, bool required, struct err *err)
{
	const bool walled = !find_tools(sandbox, err);

	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		const struct attempt *attempt = &attempts[i];

		if ((required && !attempt->required) || (attempt->own_root && geteuid()) ||
		    (attempt->layers & SANDBOX_NAMESPACES && !walled))
			continue;
		sandbox->layers = attempt->layers;
		sandbox->own_root = attempt->own_root;
		if (!try_out(sandbox, err))
			return 0;
	}
	return -1;
}

static int build(struct sandbox *sandbox, enum sandbox_policy policy, struct err *err)
{
	sandbox->layers = SANDBOX_QEMU | SANDBOX_LIMITS;
	if (policy == SANDBOX_OFF)
		return 0;
	sandbox->filter = sandbox_filter_new(&sandbox->filter_size, err);
	return sandbox->filter ? attempt_all(sandbox, policy == SANDBOX_REQUIRE, err) : -1;
}

static void forget(struct known *known)
{
	if (known->sandbox.mounts)
		words_free(known->sandbox.mounts);
	free((void *)known->sandbox.filter);
	free((void *)known->sandbox.bwrap);
	free((void *)known->sandbox.program);
	free(known->name);
	free(known);
}

static int explain_missing(const char *name, const char *package, struct err *err)
{
	if (!package)
		return err_set(err, EXIT_BROKEN, "%s is not installed", name);
	return err_set(err, EXIT_BROKEN, "%s is not installed; on Debian: apt install %s", name, package);
}

static struct known *find_out(enum sandbox_policy policy, const char *name, const char *package, struct err *err)
{
	struct known *known = xcalloc(1, sizeof(*known));
	struct err why = { 0 };

	known->name = xstrdup(name);
	known->policy = policy;
	known->sandbox.program = find_program(name);
	if (!known->sandbox.program)
		explain_missing(name, package, err);
	else if (!build(&known->sandbox, policy, &why))
		return known;
	else
		err_set(err, EXIT_BROKEN, "no sandbox for %s, and the blob may be hostile: %s (--sandbox best does without)",
			name, why.message);
	forget(known);
	return NULL;
}

static const struct sandbox *find_or_find_out(enum sandbox_policy policy, const char *program, const char *package,
					      struct err *err)
{
	struct known *known = all_known;

	while (known && (known->policy != policy || strcmp(known->name, program) != 0))
		known = known->next;
	if (known)
		return &known->sandbox;
	known = find_out(policy, program, package, err);
	if (!known)
		return NULL;
	known->next = all_known;
	all_known = known;
	return &known->sandbox;
}

/* Guests start at the same time; what one of them finds out the others need not. */
const struct sandbox *sandbox_find(enum sandbox_policy policy, const char *program, const char *package, struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const struct sandbox *sandbox;

	pthread_mutex_lock(&lock);
	sandbox = find_or_find_out(policy, program, package, err);
	pthread_mutex_unlock(&lock);
	return sandbox;
}
