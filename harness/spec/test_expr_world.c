/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_expr_world.c - a small world for the tests of the expression language.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

#include "spec/test_expr_world.h"

unsigned world_reads, world_loads;

enum { BUFFER_BYTES, BUFFER_WORDS, BUFFER_RECORDS, BUFFER_SAME, BUFFER_LOST };

struct known_name {
	struct name name;
	bool known;
	uint64_t bits;
};

#define U(width)                                                                                                                 \
	{                                                                                                                        \
		width, false                                                                                                     \
	}
#define S(width)                                                                                                                 \
	{                                                                                                                        \
		width, true                                                                                                      \
	}
#define VALUE(label, text_type, number)                                                                                          \
	{                                                                                                                        \
		{ .kind = NAME_ARG, .text = label, .type = text_type }, true, (uint64_t)(number)                                 \
	}
#define UNKNOWN(label, text_type)                                                                                                \
	{                                                                                                                        \
		{ .kind = NAME_ARG, .text = label, .type = text_type }, false, 0                                                 \
	}
#define CONSTANT(label, number, sign)                                                                                            \
	{                                                                                                                        \
		{ .kind = NAME_CONSTANT, .text = label, .value = { true, { 64, sign }, (uint64_t)(number) } }, true, 0           \
	}
#define KEYED(label, name_kind, text_type, key_count)                                                                            \
	{                                                                                                                        \
		{ .kind = name_kind, .text = label, .type = text_type, .keys = key_count }, true, 0                              \
	}
#define BUFFER(label, number)                                                                                                    \
	{                                                                                                                        \
		{ .kind = NAME_BUFFER, .text = label, .type = U(64), .index = number, .arg = 100 + number }, true,               \
			0x1000 * (number + 1)                                                                                    \
	}

/* clang-format off */
static const struct known_name names[] = {
	VALUE("a", U(64), 7), VALUE("b", U(64), -1), VALUE("big", U(64), INT64_MIN), VALUE("w", U(32), 0xfffffffe),
	VALUE("n", U(8), 200), VALUE("flag", U(1), 1), VALUE("error", S(64), -2), VALUE("least", S(64), INT64_MIN),
	VALUE("s", S(32), -5), VALUE("tiny", S(8), -128), VALUE("returned", U(0), 1), VALUE("trapped", U(0), 0),
	VALUE("before.sip", U(64), 0x20), VALUE("trap.cause", U(64), 12), VALUE("hartid", U(64), 0xff),
	UNKNOWN("nothing", U(64)), UNKNOWN("never", U(0)),
	CONSTANT("SBI_SUCCESS", 0, true), CONSTANT("SBI_ERR_NOT_SUPPORTED", -2, true), CONSTANT("XLEN", 64, false),
	KEYED("state", NAME_STATE, U(64), 1), KEYED("hsm.state", NAME_STATE, U(64), 1), KEYED("grid", NAME_STATE, U(64), 2),
	KEYED("ipis", NAME_IPIS, U(8), 1),
	BUFFER("bytes", BUFFER_BYTES), BUFFER("words", BUFFER_WORDS), BUFFER("records", BUFFER_RECORDS), BUFFER("same", BUFFER_SAME),
	BUFFER("lost", BUFFER_LOST),
};
/* clang-format on */

#define NAMES (sizeof(names) / sizeof(names[0]))

static struct int_range some_ranges[] = { { 0x10, 0x10 }, { -3, 5 }, { 1000, 2000 } };
static const struct int_set some_set = { "some", 3, some_ranges };

static bool find(const void *context, const char *text, struct name *found)
{
	size_t i;

	(void)context;
	for (i = 0; i < NAMES; i++) {
		if (strcmp(names[i].name.text, text))
			continue;
		*found = names[i].name;
		return true;
	}
	return false;
}

static const struct int_set *find_set(const void *context, const char *name)
{
	(void)context;
	return strcmp(name, "some") ? NULL : &some_set;
}

static int find_chapter(const void *context, const char *name)
{
	(void)context;
	return !strcmp(name, "hsm") ? 1 : !strcmp(name, "pmu") ? 2 : -1;
}

static bool find_field(const void *context, unsigned buffer, const char *field, unsigned *offset, struct int_type *type)
{
	(void)context;
	if (buffer != BUFFER_RECORDS || (strcmp(field, "kind") && strcmp(field, "size")))
		return false;
	*offset = field[0] == 'k' ? 0 : 4;
	*type = (struct int_type){ field[0] == 'k' ? 8 : 32, false };
	return true;
}

static bool element(const void *context, unsigned buffer, unsigned *size, struct int_type *type)
{
	(void)context;
	*size = buffer == BUFFER_RECORDS ? 8 : buffer == BUFFER_WORDS ? 4 : 1;
	*type = (struct int_type){ (uint8_t)(*size * 8), false };
	return buffer != BUFFER_RECORDS;
}

static void each_name(const void *context, void (*visit)(void *ctx, const char *name), void *ctx)
{
	size_t i;

	(void)context;
	for (i = 0; i < NAMES; i++)
		visit(ctx, names[i].name.text);
	visit(ctx, "some");
	visit(ctx, "hsm");
}

static struct value read_name(void *context, const struct name *name, const struct value keys[2])
{
	size_t i;

	(void)context;
	world_reads++;
	if (name->kind == NAME_IPIS)
		return value_of(keys[0].bits, (struct int_type)U(8));
	if (name->kind == NAME_STATE)
		return value_of(!strcmp(name->text, "hsm.state") ? keys[0].bits + 1
				: name->keys == 2		 ? keys[0].bits * 10 + keys[1].bits
								 : keys[0].bits * 10,
				name->type);
	if (name->index >= 100)
		return value_of(0x1000 * (name->index - 99), name->type);
	for (i = 0; i < NAMES; i++)
		if (!strcmp(names[i].name.text, name->text))
			return names[i].known ? value_of(names[i].bits, name->type) : value_unknown();
	return value_unknown();
}

static bool byte_at(unsigned buffer, uint64_t offset, bool old, uint8_t *byte)
{
	if (buffer == BUFFER_LOST || offset >= (buffer == BUFFER_SAME ? 40 : 16))
		return false;
	if (buffer == BUFFER_SAME)
		*byte = offset < 33 ? 0 : 0xee;
	else
		*byte = (uint8_t)(old ? 15 - offset : offset);
	return true;
}

static struct value load(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	uint64_t bits = 0;
	unsigned i;

	(void)context;
	world_loads++;
	for (i = size; i-- > 0;) {
		uint8_t byte;

		if (offset + i < offset || !byte_at(buffer, offset + i, old, &byte))
			return value_unknown();
		bits = bits << 8 | byte;
	}
	return value_of(bits, (struct int_type)U(64));
}

static struct value is_hart(void *context, uint64_t hart)
{
	(void)context;
	return value_bool(hart < 2 || hart == 5);
}

static struct value accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	(void)context;
	(void)length;
	return high ? value_bool(false) : low < 0x100 ? value_bool(true) : value_unknown();
}

static struct value present(void *context, unsigned chapter)
{
	(void)context;
	return value_bool(chapter == 1);
}

static const char *constant_name(void *context, const struct name *name, uint64_t bits)
{
	(void)context;
	return !strcmp(name->text, "error") && bits == (uint64_t)-2 ? "SBI_ERR_NOT_SUPPORTED" : NULL;
}

static bool blank(void *context, unsigned buffer, bool old)
{
	(void)context;
	(void)old;
	return buffer == BUFFER_LOST;
}

const struct expr_scope world_scope = { NULL, find, find_set, find_chapter, find_field, element, each_name, false };
const struct expr_scope world_scope_of_structure = { NULL, find, find_set, find_chapter, find_field, element, each_name, true };
const struct expr_env world_env = { NULL, read_name, load, is_hart, accessible, present, constant_name, blank };

static const struct where here = { "spec.yaml", 3, 1 };

static struct value evaluate(const char *text, bool wanted_bool)
{
	arena_auto struct arena *arena = arena_new();
	struct err err = { 0 };
	const struct expr *expr = expr_parse(arena, text, here, wanted_bool, &world_scope_of_structure, &err);

	if (!expr)
		fail_msg("`%s`: %s", text, err.message);
	return expr_eval(expr, &world_env);
}

struct value world_integer(const char *text)
{
	return evaluate(text, false);
}

char world_truth(const char *text)
{
	struct value value = evaluate(text, true);

	return !value.known ? '?' : value.bits ? 'T' : 'F';
}

const char *world_mistake(const char *text, bool wanted_bool)
{
	static char message[500];
	arena_auto struct arena *arena = arena_new();
	struct expr_mistake mistake;

	if (expr_compile(arena, text, here, wanted_bool, &world_scope, &mistake))
		fail_msg("`%s` should be a mistake", text);
	snprintf(message, sizeof(message), "%u: %s", mistake.where.column, mistake.message);
	return message;
}

const char *world_explanation(const char *text)
{
	static char out[500];
	arena_auto struct arena *arena = arena_new();
	struct err err = { 0 };
	const struct expr *expr = expr_parse(arena, text, here, true, &world_scope, &err);

	if (!expr)
		fail_msg("`%s`: %s", text, err.message);
	expr_explain(expr, &world_env, out, sizeof(out));
	return out;
}
