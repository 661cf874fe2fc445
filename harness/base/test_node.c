/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/node.h"

static struct arena *arena;
static struct err err;

static int new_arena(void **state)
{
	(void)state;
	arena = arena_new();
	err = (struct err){ 0 };
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct node *parse(const char *text)
{
	return node_parse(arena, "file", text, strlen(text), &node_limits_default, &err);
}

static const struct node *parse_within(const char *text, struct node_limits limits)
{
	return node_parse(arena, "file", text, strlen(text), &limits, &err);
}

static void assert_refused(const struct node *node, const char *message)
{
	assert_null(node);
	assert_int_equal(err.code, EXIT_USAGE);
	if (strncmp(err.message, message, strlen(message)))
		fail_msg("got `%s`, expected `%s`", err.message, message);
}

static void every_node_knows_its_place(void **state)
{
	const struct node *root = parse("a: 1\nlist:\n  - one\n  - { b: two }\n");
	const struct node *list, *mapping;

	(void)state;
	assert_non_null(root);
	assert_int_equal(root->kind, NODE_MAPPING);
	assert_int_equal(root->where.line, 1);
	assert_int_equal(root->where.column, 1);
	assert_string_equal(root->where.file, "file");
	list = node_get(root, "list");
	assert_int_equal(list->kind, NODE_SEQUENCE);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->items[0]->where.line, 3);
	assert_int_equal(list->items[0]->where.column, 5);
	mapping = list->items[1];
	assert_int_equal(mapping->keys[0]->where.column, 7);
	assert_string_equal(node_get(mapping, "b")->text, "two");
	assert_int_equal(node_get(mapping, "b")->where.column, 10);
}

static void pairs_keep_the_order_of_the_file(void **state)
{
	const struct node *root = parse("z: 1\na: 2\nm: 3\n");

	(void)state;
	assert_int_equal(root->count, 3);
	assert_string_equal(root->keys[0]->text, "z");
	assert_string_equal(root->keys[1]->text, "a");
	assert_string_equal(root->items[2]->text, "3");
}

static void quotes_are_remembered(void **state)
{
	const struct node *root = parse("a: '1'\nb: \"2\"\nc: 3\nd:\n");

	(void)state;
	assert_true(node_get(root, "a")->quoted);
	assert_true(node_get(root, "b")->quoted);
	assert_false(node_get(root, "c")->quoted);
	assert_string_equal(node_get(root, "d")->text, "");
	assert_false(node_get(root, "d")->quoted);
}

static void a_missing_key_is_null(void **state)
{
	const struct node *root = parse("a: [1]\n");

	(void)state;
	assert_null(node_get(root, "b"));
	assert_null(node_get(node_get(root, "a"), "b"));
	assert_null(node_get(NULL, "b"));
}

static void an_alias_is_the_node_itself(void **state)
{
	const struct node *root = parse("a: &x { b: 1 }\nc: *x\nd: [*x, *x]\n");

	(void)state;
	assert_non_null(root);
	assert_ptr_equal(node_get(root, "a"), node_get(root, "c"));
	assert_ptr_equal(node_get(root, "d")->items[1], node_get(root, "a"));
}

static void an_anchor_may_be_given_again(void **state)
{
	const struct node *root = parse("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");

	(void)state;
	assert_string_equal(node_get(root, "b")->text, "1");
	assert_string_equal(node_get(root, "d")->text, "2");
}

static void an_alias_inside_its_own_anchor_is_an_error(void **state)
{
	(void)state;
	assert_refused(parse("a: &x [*x]\n"), "file:1:8: no finished node before this place has the anchor `x`");
}

static void aliases_count_as_often_as_they_are_used(void **state)
{
	(void)state;
	assert_refused(parse("a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			     "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
			     "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"),
		       "file:5:29: more than 100000 nodes");
}

static void the_limit_of_nodes_is_exact(void **state)
{
	const struct node_limits limits = { .bytes = 1000, .nodes = 4, .depth = 8 };

	(void)state;
	assert_non_null(parse_within("[1, 2, 3]", limits));
	assert_refused(parse_within("[1, 2, 3, 4]", limits), "file:1:11: more than 4 nodes");
	assert_refused(parse_within("[&a 1, *a, *a, *a]", limits), "file:1:16: more than 4 nodes");
}

static void the_limit_of_depth_is_exact(void **state)
{
	const struct node_limits limits = { .bytes = 1000, .nodes = 100, .depth = 3 };

	(void)state;
	assert_non_null(parse_within("[[1]]", limits));
	assert_refused(parse_within("[[[1]]]", limits), "file:1:4: nested deeper than 3 levels");
}

static void depth_counts_through_aliases(void **state)
{
	const struct node_limits limits = { .bytes = 1000, .nodes = 100, .depth = 4 };

	(void)state;
	assert_non_null(parse_within("[&a [[1]], *a]", limits));
	assert_refused(parse_within("[&a [[1]], [*a]]", limits), "file:1:13: nested deeper than 4 levels");
}

static void the_limit_of_size_is_exact(void **state)
{
	const struct node_limits limits = { .bytes = 5, .nodes = 100, .depth = 8 };

	(void)state;
	assert_non_null(parse_within("a: b\n", limits));
	assert_refused(parse_within("a: bc\n", limits), "file:1:1: larger than 5 bytes");
}

static void ten_thousand_open_brackets_are_an_error_at_once(void **state)
{
	char *text = malloc(10001);

	(void)state;
	memset(text, '[', 10000);
	text[10000] = 0;
	assert_refused(parse(text), "file:1:33: nested deeper than 32 levels");
	free(text);
}

static void a_duplicate_key_is_an_error(void **state)
{
	(void)state;
	assert_refused(parse("a: 1\nb: 2\na: 3\n"), "file:3:1: the key `a` is here for the second time");
}

static void note_problem(void *context, struct where where, const char *code, const char *message)
{
	unsigned *lines = context;

	(void)message;
	assert_string_equal(code, "duplicate-key");
	*lines = *lines * 10 + where.line;
}

static void every_duplicate_key_is_reported_and_the_rest_is_read(void **state)
{
	const char *text = "a: 1\na: 2\nb: 3\na: 4\nb: 5\n";
	unsigned lines = 0;
	const struct node_listener listener = { &lines, note_problem };
	const struct node *root = node_parse_all(arena, "file", text, strlen(text), &node_limits_default, &listener);

	(void)state;
	assert_int_equal(lines, 245);
	assert_int_equal(root->count, 2);
	assert_string_equal(node_get(root, "a")->text, "1");
	assert_string_equal(node_get(root, "b")->text, "3");
}

static void many_keys_are_compared_quickly(void **state)
{
	struct node_limits limits = { .bytes = 1u << 20, .nodes = 200000, .depth = 4 };
	char *text = malloc(1u << 20);
	size_t size = 0;
	const struct node *root;

	(void)state;
	for (unsigned i = 0; i < 60000; i++)
		size += (size_t)sprintf(text + size, "k%u: 0\n", i);
	root = node_parse(arena, "file", text, size, &limits, &err);
	assert_non_null(root);
	assert_int_equal(root->count, 60000);
	free(text);
}

static void wrong_yaml_is_an_error_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "a:\n\tb: 1\n", "file:2:1: a tab cannot indent" },
		{ "a: [1, 2\nb: 3\n", "file:2:2: not YAML" },
		{ "a: \"open\n", "file:2:1: not YAML" },
		{ "a: 1\n---\nb: 2\n", "file:2:1: a second document" },
		{ "? [a]\n: 1\n", "file:1:3: a key is a list" },
		{ "a: !!int 1\n", "file:1:4: the tag `tag:yaml.org,2002:int`" },
		{ "a: \"\\0\"\n", "file:1:4: a 0 byte" },
		{ "a: \xff\xfe\n", "file:1:4: not UTF-8" },
		{ "a: 1\nb: \x01\n", "file:2:4: not UTF-8" },
		{ "", "file:1:1: the file is empty" },
		{ "# only a comment\n", "file:1:1: the file is empty" },
		{ "a: *b\n", "file:1:4: no finished node" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(parse(wrong[i].text), wrong[i].message);
}

static void a_file_is_read_like_text(void **state)
{
	char path[] = "/tmp/assay-node-XXXXXX";
	int fd = mkstemp(path);
	const struct node *root;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\n", 5), 5);
	close(fd);
	root = node_load(arena, path, NULL, &err);
	unlink(path);
	assert_non_null(root);
	assert_string_equal(root->where.file, path);
}

static void what_is_no_file_gets_one_clear_line(void **state)
{
	char directory[] = "/tmp/assay-node-XXXXXX";
	char pipe_path[64], message[128];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", directory);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	snprintf(message, sizeof(message), "%s: is a directory, a file was expected", directory);
	assert_refused(node_load(arena, directory, NULL, &err), message);
	snprintf(message, sizeof(message), "%s: is no regular file, a file was expected", pipe_path);
	assert_refused(node_load(arena, pipe_path, NULL, &err), message);
	unlink(pipe_path);
	snprintf(message, sizeof(message), "%s: cannot be read: No such file or directory", pipe_path);
	assert_refused(node_load(arena, pipe_path, NULL, &err), message);
	rmdir(directory);
}

static void a_file_over_the_limit_is_not_read(void **state)
{
	const struct node_limits limits = { .bytes = 4, .nodes = 100, .depth = 8 };
	char path[] = "/tmp/assay-node-XXXXXX", message[64];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "a: 1\n", 5), 5);
	close(fd);
	snprintf(message, sizeof(message), "%s:1:1: larger than 4 bytes", path);
	assert_refused(node_load(arena, path, &limits, &err), message);
	unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_node_knows_its_place),
		TEST(pairs_keep_the_order_of_the_file),
		TEST(quotes_are_remembered),
		TEST(a_missing_key_is_null),
		TEST(an_alias_is_the_node_itself),
		TEST(an_anchor_may_be_given_again),
		TEST(an_alias_inside_its_own_anchor_is_an_error),
		TEST(aliases_count_as_often_as_they_are_used),
		TEST(the_limit_of_nodes_is_exact),
		TEST(the_limit_of_depth_is_exact),
		TEST(depth_counts_through_aliases),
		TEST(the_limit_of_size_is_exact),
		TEST(ten_thousand_open_brackets_are_an_error_at_once),
		TEST(a_duplicate_key_is_an_error),
		TEST(every_duplicate_key_is_reported_and_the_rest_is_read),
		TEST(many_keys_are_compared_quickly),
		TEST(wrong_yaml_is_an_error_with_its_place),
		TEST(a_file_is_read_like_text),
		TEST(what_is_no_file_gets_one_clear_line),
		TEST(a_file_over_the_limit_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
