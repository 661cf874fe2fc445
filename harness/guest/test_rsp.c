/* SPDX-License-Identifier: BSD-2-Clause */
/* A gdbserver that is not QEMU's: what it says is laid into the socket before it is asked. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/rsp.h"

#define WAIT_MS 20u

struct world {
	int server;
	struct rsp rsp;
	struct err err;
	char answer[64];
};

static int set_up(void **state)
{
	static struct world world;
	int pair[2];

	memset(&world, 0, sizeof(world));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	world.server = pair[0];
	rsp_init(&world.rsp, pair[1]);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	rsp_free(&world->rsp);
	close(world->server);
	return 0;
}

static void says(struct world *world, const char *text)
{
	assert_int_equal(write(world->server, text, strlen(text)), strlen(text));
}

/* What the server got since it was last asked for. */
static void assert_got(struct world *world, const char *expected)
{
	char got[512];
	ssize_t length = recv(world->server, got, sizeof(got) - 1, MSG_DONTWAIT);

	got[length > 0 ? length : 0] = 0;
	assert_string_equal(got, expected);
}

static void a_command_is_framed_and_its_answer_is_acknowledged(void **state)
{
	struct world *world = *state;

	says(world, "+");
	assert_int_equal(rsp_ask(&world->rsp, "m10,4", world->answer, sizeof(world->answer), WAIT_MS, &world->err), -1);
	assert_got(world, "$m10,4#2e");
	says(world, "$deadbeef#20");
	rsp_pump(&world->rsp);
	assert_got(world, "+");
	assert_string_equal(world->rsp.reply, "deadbeef");
}

static void no_answer_is_an_error(void **state)
{
	struct world *world = *state;

	assert_int_equal(rsp_ask(&world->rsp, "g", world->answer, sizeof(world->answer), WAIT_MS, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
	assert_non_null(strstr(world->err.message, "no answer for 20 ms"));
}

static void a_closed_server_is_an_error(void **state)
{
	struct world *world = *state;

	shutdown(world->server, SHUT_RDWR);
	assert_int_equal(rsp_ask(&world->rsp, "g", world->answer, sizeof(world->answer), WAIT_MS, &world->err), -1);
	assert_int_equal(world->err.code, EXIT_BROKEN);
}

/* Answers come when they are asked for: the server speaks on a process of its own. */
static void answer_in_the_background(struct world *world, const char *text)
{
	if (!fork()) {
		char command[512];

		_exit(recv(world->server, command, sizeof(command), 0) <= 0 ||
		      write(world->server, text, strlen(text)) != (ssize_t)strlen(text));
	}
}

static void a_line_of_the_monitor_goes_in_hexadecimal(void **state)
{
	struct world *world = *state;

	assert_int_equal(rsp_monitor(&world->rsp, "loadvm begin", WAIT_MS, &world->err), -1);
	assert_got(world, "$qRcmd,6c6f6164766d20626567696e#dc");
}

static void a_line_that_nothing_is_said_to_is_done(void **state)
{
	struct world *world = *state;

	answer_in_the_background(world, "+$OK#9a");
	assert_int_equal(rsp_monitor(&world->rsp, "loadvm begin", 5000, &world->err), 0);
}

static void what_the_monitor_complains_of_is_told(void **state)
{
	struct world *world = *state;

	/* "Error: no such snapshot", in two parts */
	answer_in_the_background(world, "+$O4572726f723a206e6f20#00$O7375636820736e617073686f740d0a#00$OK#9a");
	assert_int_equal(rsp_monitor(&world->rsp, "loadvm begin", 5000, &world->err), -1);
	assert_string_equal(world->err.message, "QEMU refused loadvm begin: Error: no such snapshot");
}

static void a_refusal_of_the_server_itself_is_told(void **state)
{
	struct world *world = *state;

	answer_in_the_background(world, "+$E22#a9");
	assert_int_equal(rsp_monitor(&world->rsp, "savevm begin", 5000, &world->err), -1);
	assert_string_equal(world->err.message, "QEMU refused savevm begin: E22");
}

static void more_than_fits_is_cut_off(void **state)
{
	struct world *world = *state;
	static char text[2048];

	strcpy(text, "+$O");
	memset(text + 3, '4', 1200); /* 600 times "D" */
	strcpy(text + 1203, "#00$OK#9a");
	answer_in_the_background(world, text);
	assert_int_equal(rsp_monitor(&world->rsp, "info", 5000, &world->err), -1);
	assert_int_equal(strlen(world->rsp.output), sizeof(world->rsp.output) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_command_is_framed_and_its_answer_is_acknowledged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_answer_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_closed_server_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_line_of_the_monitor_goes_in_hexadecimal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_line_that_nothing_is_said_to_is_done, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_monitor_complains_of_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refusal_of_the_server_itself_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_fits_is_cut_off, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
