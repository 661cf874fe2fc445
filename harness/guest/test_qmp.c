/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's client against a peer that we play ourselves. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}}, \"capabilities\": []}}\r\n"

struct wire {
	struct qmp qmp;
	int peer;
	struct err err;
};

static int set_up(void **state)
{
	struct wire *wire = xcalloc(1, sizeof(*wire));
	int pair[2];

	*state = wire;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	qmp_init(&wire->qmp, pair[0]);
	wire->peer = pair[1];
	return 0;
}

static int tear_down(void **state)
{
	struct wire *wire = *state;

	qmp_free(&wire->qmp);
	if (wire->peer >= 0)
		close(wire->peer);
	free(wire);
	return 0;
}

static void say(struct wire *wire, const char *text)
{
	assert_int_equal(write(wire->peer, text, strlen(text)), (ssize_t)strlen(text));
}

/* Answers the first command it hears. */
static void *answer_once(void *context)
{
	static const char answer[] = "{\"return\": {}, \"id\": 1}\r\n";
	struct wire *wire = context;
	char heard[256];

	return read(wire->peer, heard, sizeof(heard)) > 0 && write(wire->peer, answer, strlen(answer)) > 0 ? wire : NULL;
}

static void the_greeting_tells_the_version(void **state)
{
	struct wire *wire = *state;
	pthread_t peer;

	say(wire, GREETING);
	assert_int_equal(pthread_create(&peer, NULL, answer_once, wire), 0);
	assert_int_equal(qmp_greet(&wire->qmp, 1000, &wire->err), 0);
	assert_int_equal(pthread_join(peer, NULL), 0);
	assert_string_equal(wire->qmp.version, "7.2.22");
}

static void an_answer_belongs_to_its_question(void **state)
{
	struct wire *wire = *state;
	json_t *answer;

	say(wire, "{\"return\": 5, \"id\": 99}\r\n{\"return\": 6, \"id\": 1}\r\n");
	answer = qmp_execute(&wire->qmp, "query", NULL, 1000, &wire->err);
	assert_int_equal(json_integer_value(answer), 6);
	json_decref(answer);
}

static void a_command_is_sent_with_its_arguments(void **state)
{
	struct wire *wire = *state;
	char sent[256] = "", out[32];

	say(wire, "{\"return\": \"hello\", \"id\": 1}\r\n");
	assert_int_equal(qmp_human(&wire->qmp, "info cpus", out, sizeof(out), 1000, &wire->err), 0);
	assert_string_equal(out, "hello");
	assert_true(read(wire->peer, sent, sizeof(sent) - 1) > 0);
	assert_non_null(strstr(sent, "\"human-monitor-command\""));
	assert_non_null(strstr(sent, "\"info cpus\""));
}

static void a_refusal_is_quoted(void **state)
{
	struct wire *wire = *state;

	say(wire, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not today\"}, \"id\": 1}\r\n");
	assert_null(qmp_execute(&wire->qmp, "cont", NULL, 1000, &wire->err));
	assert_string_equal(wire->err.message, "QEMU refused cont: not today");
	assert_int_equal(wire->err.code, EXIT_BROKEN);
}

static void events_wait_until_they_are_taken(void **state)
{
	struct wire *wire = *state;
	struct qmp_event event;
	json_t *answer;

	say(wire, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\n"
		  "{\"return\": {}, \"id\": 1}\r\n{\"event\": \"STOP\"}\r\n");
	answer = qmp_execute(&wire->qmp, "query", NULL, 1000, &wire->err);
	json_decref(answer);
	assert_true(qmp_event(&wire->qmp, &event));
	assert_string_equal(event.name, "SHUTDOWN");
	assert_string_equal(event.reason, "guest-reset");
	assert_true(qmp_event(&wire->qmp, &event));
	assert_string_equal(event.name, "STOP");
	assert_false(qmp_event(&wire->qmp, &event));
}

static void a_message_may_come_in_pieces(void **state)
{
	struct wire *wire = *state;
	struct qmp_event event;

	say(wire, "{\"event\": \"ST");
	qmp_pump(&wire->qmp);
	assert_false(qmp_event(&wire->qmp, &event));
	say(wire, "OP\"}\r\n");
	qmp_pump(&wire->qmp);
	assert_true(qmp_event(&wire->qmp, &event));
}

static void silence_ends_with_the_timeout(void **state)
{
	struct wire *wire = *state;

	assert_null(qmp_execute(&wire->qmp, "query", NULL, 30, &wire->err));
	assert_non_null(strstr(wire->err.message, "no answer for 30 ms"));
	assert_false(wire->qmp.closed);
}

static void a_peer_that_goes_is_noticed(void **state)
{
	struct wire *wire = *state;

	close(wire->peer);
	wire->peer = -1;
	assert_int_equal(qmp_greet(&wire->qmp, 1000, &wire->err), -1);
	assert_true(wire->qmp.closed);
	assert_null(qmp_execute(&wire->qmp, "query", NULL, 1000, &wire->err));
}

static void what_is_no_json_ends_the_conversation(void **state)
{
	struct wire *wire = *state;

	say(wire, "Segmentation fault\r\n");
	assert_int_equal(qmp_greet(&wire->qmp, 1000, &wire->err), -1);
	assert_true(wire->qmp.closed);
}

int main(void)
{
#define WIRE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WIRE_TEST(the_greeting_tells_the_version),	  WIRE_TEST(an_answer_belongs_to_its_question),
		WIRE_TEST(a_command_is_sent_with_its_arguments),  WIRE_TEST(a_refusal_is_quoted),
		WIRE_TEST(events_wait_until_they_are_taken),	  WIRE_TEST(a_message_may_come_in_pieces),
		WIRE_TEST(silence_ends_with_the_timeout),	  WIRE_TEST(a_peer_that_goes_is_noticed),
		WIRE_TEST(what_is_no_json_ends_the_conversation),
	};

	return cmocka_run_group_tests_name("qmp", tests, NULL, NULL);
}
