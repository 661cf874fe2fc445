/* SPDX-License-Identifier: BSD-2-Clause */
/* How programs end inside of the walls, and what is said where walls cannot be built. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "sandbox/sandbox.h"

#define PROGRAM "/usr/bin/dash" /* stands for QEMU: it ends as it is told to */
#define MEMORY	(UINT64_C(4) << 30)

static char scratch[] = "/tmp/assay-sandbox-XXXXXX";

/* The walls for dash, which has no --version to be tried out with: another's, with dash in the place of its program. */
static const struct sandbox *find_walls(void)
{
	static struct sandbox walls;
	struct err err;
	const struct sandbox *found = walls.program ? NULL : sandbox_find(SANDBOX_REQUIRE, "ls", NULL, &err);

	if (found) {
		walls = *found;
		walls.program = PROGRAM;
		walls.mounts = sandbox_mounts_new(PROGRAM, &err);
	}
	return walls.mounts ? &walls : NULL;
}

static struct sandboxed start_script(const struct sandbox *sandbox, const char *script, int output)
{
	const int fds[] = { -1, output, output };
	struct words *words = words_new();
	struct sandboxed sandboxed;
	struct err err;

	sandbox_add_words(sandbox, words, 3, NULL);
	words_add_pair(words, "-c", "%s", script);
	if (sandbox_start(&(struct sandbox_start){ sandbox, words_list(words), fds, 3, MEMORY, SANDBOX_PATIENCE_MS }, &sandboxed,
			  &err))
		fail_msg("%s", err.message);
	words_free(words);
	return sandboxed;
}

static int wait_for(const struct sandbox *sandbox, struct sandboxed sandboxed)
{
	int status;

	assert_int_equal(waitpid(sandboxed.keeper, &status, 0), sandboxed.keeper);
	return sandbox_status(sandbox, status);
}

static int end_of(unsigned layers, const char *script)
{
	const struct sandbox *walls = find_walls();
	int output = memfd_create("output", MFD_CLOEXEC), status;
	struct sandbox some;

	if (!walls)
		skip();
	some = *walls;
	some.layers &= layers;
	status = wait_for(&some, start_script(&some, script, output));
	close(output);
	return status;
}

static void an_exit_is_an_exit(void **state)
{
	static const unsigned layers[] = { SANDBOX_ALL, SANDBOX_ALL & ~SANDBOX_NAMESPACES, SANDBOX_LIMITS };

	(void)state;
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++) {
		assert_int_equal(end_of(layers[i], "exit 0"), W_EXITCODE(0, 0));
		assert_int_equal(end_of(layers[i], "exit 1"), W_EXITCODE(1, 0));
		assert_int_equal(end_of(layers[i], "exit 127"), W_EXITCODE(127, 0));
	}
}

/* A board may let the firmware choose QEMU's exit status. */
static void an_exit_that_looks_like_a_signal_is_an_exit(void **state)
{
	(void)state;
	assert_true(WIFEXITED(end_of(SANDBOX_ALL, "exit 137")));
	assert_true(WIFEXITED(end_of(SANDBOX_ALL, "exit 139")));
	assert_true(WIFEXITED(end_of(SANDBOX_ALL, "exit 255")));
	assert_true(WIFEXITED(end_of(SANDBOX_ALL & ~SANDBOX_NAMESPACES, "exit 137")));
}

static void a_signal_is_a_signal(void **state)
{
	const struct sandbox *walls = find_walls();
	int output = memfd_create("output", MFD_CLOEXEC), status;
	struct sandboxed sandboxed;

	(void)state;
	if (!walls)
		skip();
	sandboxed = start_script(walls, "while :; do :; done", output);
	assert_int_not_equal(sandboxed.pid, sandboxed.keeper);
	assert_int_equal(kill(sandboxed.pid, SIGKILL), 0);
	status = wait_for(walls, sandboxed);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	close(output);
}

static void what_bubblewrap_says_is_read_as_it_is_meant(void **state)
{
	const struct sandbox walled = { .layers = SANDBOX_ALL }, unfiltered = { .layers = SANDBOX_NAMESPACES }, bare = { 0 };

	(void)state;
	assert_int_equal(sandbox_status(&walled, W_EXITCODE(128 + SIGSEGV, 0)), W_EXITCODE(0, SIGSEGV));
	assert_int_equal(sandbox_status(&walled, W_EXITCODE(128 + SIGSYS, 0)), W_EXITCODE(255, 0));
	assert_int_equal(sandbox_status(&unfiltered, W_EXITCODE(128 + SIGSYS, 0)), W_EXITCODE(0, SIGSYS));
	assert_int_equal(sandbox_status(&walled, W_EXITCODE(128, 0)), W_EXITCODE(128, 0));
	assert_int_equal(sandbox_status(&walled, W_EXITCODE(0, SIGKILL)), W_EXITCODE(0, SIGKILL));
	assert_int_equal(sandbox_status(&bare, W_EXITCODE(139, 0)), W_EXITCODE(139, 0));
}

static bool is_alive(pid_t pid)
{
	return !kill(pid, 0);
}

static void the_end_of_the_keeper_is_the_end_of_all(void **state)
{
	const struct sandbox *walls = find_walls();
	int output = memfd_create("output", MFD_CLOEXEC);
	struct sandboxed sandboxed;

	(void)state;
	if (!walls)
		skip();
	sandboxed = start_script(walls, "while :; do :; done", output);
	assert_true(is_alive(sandboxed.pid));
	kill(sandboxed.keeper, SIGKILL);
	waitpid(sandboxed.keeper, NULL, 0);
	assert_false(is_alive(sandboxed.pid));
	close(output);
}

static void the_program_is_not_root(void **state)
{
	int output = memfd_create("output", MFD_CLOEXEC);
	const struct sandbox *walls = find_walls();
	struct sandboxed sandboxed;
	struct stat status;
	char path[64];

	(void)state;
	if (!walls)
		skip();
	sandboxed = start_script(walls, "while :; do :; done", output);
	snprintf(path, sizeof(path), "/proc/%d", (int)sandboxed.pid);
	assert_int_equal(stat(path, &status), 0);
	assert_int_not_equal(status.st_uid, 0);
	kill(sandboxed.keeper, SIGKILL);
	waitpid(sandboxed.keeper, NULL, 0);
	close(output);
}

/* --- where walls cannot be built: $PATH leads to a place of the test's */

static void put_program(const char *name, const char *script)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(script, file);
	fclose(file);
	chmod(path, 0755);
}

static int set_path(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(strcpy(scratch, "/tmp/assay-sandbox-XXXXXX")))
		return -1;
	chmod(scratch, 0755);
	snprintf(path, sizeof(path), "%s/ls", scratch);
	setenv("PATH", scratch, 1);
	return symlink("/usr/bin/ls", path);
}

static int restore_path(void **state)
{
	static const char *const names[] = { "ls", "bwrap" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch, names[i]);
		unlink(path);
	}
	setenv("PATH", "/usr/bin:/bin", 1);
	return rmdir(scratch);
}

/* Each asks for the program by another name: what was found out is remembered. */
/* As when the host stops bubblewrap before it has said anything. */
static void what_does_not_come_up_is_not_waited_for(void **state)
{
	const struct sandbox *walls = find_walls();
	char *const argv[] = { (char[]){ "/bin/sleep" }, (char[]){ "60" }, NULL };
	const int fds[] = { -1, -1, -1 };
	struct sandboxed sandboxed;
	struct err err;

	(void)state;
	if (!walls || !(walls->layers & SANDBOX_NAMESPACES))
		skip();
	assert_int_not_equal(sandbox_start(&(struct sandbox_start){ walls, argv, fds, 3, MEMORY, 300 }, &sandboxed, &err), 0);
	assert_true(sandboxed.silent);
	assert_int_equal(sandboxed.keeper, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void without_bubblewrap_nothing_is_started(void **state)
{
	char name[128];
	struct err err;

	(void)state;
	snprintf(name, sizeof(name), "%s/ls", scratch);
	assert_null(sandbox_find(SANDBOX_REQUIRE, name, NULL, &err));
	assert_int_equal(err.code, EXIT_BROKEN);
	assert_non_null(strstr(err.message, "apt install bubblewrap"));
	assert_non_null(strstr(err.message, "--sandbox best"));
}

static void a_bubblewrap_that_fails_is_quoted(void **state)
{
	char name[128];
	struct err err;

	(void)state;
	put_program("bwrap", "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
	snprintf(name, sizeof(name), "%s/ls", scratch);
	assert_null(sandbox_find(SANDBOX_REQUIRE, name, NULL, &err));
	assert_non_null(strstr(err.message, "No permissions to create new namespace"));
}

static void the_best_without_bubblewrap_is_all_the_rest(void **state)
{
	char name[128], names[SANDBOX_NAMES_SIZE];
	const struct sandbox *found;
	struct err err;

	(void)state;
	snprintf(name, sizeof(name), "%s/ls", scratch);
	found = sandbox_find(SANDBOX_BEST, name, NULL, &err);
	assert_non_null(found);
	assert_string_equal(sandbox_names(found->layers, names), "filter uid qemu limits");
	found = sandbox_find(SANDBOX_OFF, name, NULL, &err);
	assert_string_equal(sandbox_names(found->layers, names), "qemu limits");
}

static void a_program_that_is_not_there_is_named_with_its_package(void **state)
{
	struct err err;

	(void)state;
	assert_null(sandbox_find(SANDBOX_OFF, "nowhere", "some-package", &err));
	assert_non_null(strstr(err.message, "apt install some-package"));
}

int main(void)
{
#define ELSEWHERE(name) cmocka_unit_test_setup_teardown(name, set_path, restore_path)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exit_is_an_exit),
		cmocka_unit_test(an_exit_that_looks_like_a_signal_is_an_exit),
		cmocka_unit_test(a_signal_is_a_signal),
		cmocka_unit_test(what_bubblewrap_says_is_read_as_it_is_meant),
		cmocka_unit_test(the_end_of_the_keeper_is_the_end_of_all),
		cmocka_unit_test(the_program_is_not_root),
		cmocka_unit_test(what_does_not_come_up_is_not_waited_for),
		ELSEWHERE(without_bubblewrap_nothing_is_started),
		ELSEWHERE(a_bubblewrap_that_fails_is_quoted),
		ELSEWHERE(the_best_without_bubblewrap_is_all_the_rest),
		ELSEWHERE(a_program_that_is_not_there_is_named_with_its_package),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
