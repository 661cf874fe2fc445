/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formula of a term and the evaluator's value of it are the same, for random terms in random worlds.
 */
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

#include "base/rng.h"
#include "prove/encode.h"

/* --- a scope --- */

static const struct {
	const char *text;
	enum name_kind kind;
	unsigned keys;
	struct int_type type;
} names[] = {
	{ "a", NAME_ARG, 0, { 64, false } },	    { "b", NAME_ARG, 0, { 64, false } },
	{ "w", NAME_ARG, 0, { 32, false } },	    { "n", NAME_ARG, 0, { 8, false } },
	{ "f", NAME_ARG, 0, { 1, false } },	    { "odd", NAME_ARG, 0, { 13, false } },
	{ "error", NAME_ARG, 0, { 64, true } },	    { "s", NAME_ARG, 0, { 32, true } },
	{ "t", NAME_ARG, 0, { 8, true } },	    { "returned", NAME_ARG, 0, { 0, false } },
	{ "never", NAME_ARG, 0, { 0, false } },	    { "state", NAME_STATE, 1, { 64, false } },
	{ "grid", NAME_STATE, 2, { 8, false } },    { "debt", NAME_STATE, 1, { 16, true } },
	{ "bytes", NAME_BUFFER, 0, { 64, false } }, { "words", NAME_BUFFER, 0, { 64, false } },
};

static bool find(const void *context, const char *text, struct name *found)
{
	(void)context;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].text, text))
			continue;
		*found = (struct name){
			.kind = names[i].kind, .index = i, .keys = names[i].keys, .text = text, .type = names[i].type
		};
		found->arg = i;
		return true;
	}
	return false;
}

static int find_chapter(const void *context, const char *name)
{
	(void)context;
	return !strcmp(name, "hsm") ? 1 : -1;
}

static bool element(const void *context, unsigned buffer, unsigned *size, struct int_type *type)
{
	(void)context;
	*size = strcmp(names[buffer].text, "words") ? 1 : 4;
	*type = (struct int_type){ (uint8_t)(8 * *size), false };
	return true;
}

static const struct expr_scope scope = { .find = find, .find_chapter = find_chapter, .element = element };

/* --- a world: every value is a function of the seed and of what is asked for --- */

struct random_world {
	uint64_t seed, harts, own_low, own_high, map_low, map_high;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ (b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2))) * UINT64_C(0xff51afd7ed558ccd);
	return a ^ a >> 33;
}

static struct value any_value(uint64_t hash, struct int_type type)
{
	static const uint64_t edges[] = {
		0, 1, 2, 63, 64, 127, 128, 255, 0xffffffff, INT64_MAX, (uint64_t)INT64_MIN, ~UINT64_C(0)
	};

	if (hash % 11 == 0)
		return value_unknown();
	if (hash % 3)
		return value_of(edges[hash / 64 % (sizeof(edges) / sizeof(edges[0]))], type);
	return value_of(hash % 2 ? hash >> 8 & 7 : mix(hash, 5), type);
}

static struct value world_read(void *context, const struct name *name, const struct value keys[2])
{
	const struct random_world *world = context;
	uint64_t hash = mix(world->seed, name->index);

	for (unsigned i = 0; i < name->keys; i++)
		hash = mix(hash, keys[i].bits);
	return any_value(hash, name->type);
}

static struct value world_load(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct random_world *world = context;

	return any_value(mix(mix(world->seed, offset + 1), buffer * 2 + old), (struct int_type){ (uint8_t)(8 * size), false });
}

static struct value world_is_hart(void *context, uint64_t hart)
{
	return value_bool(hart < 64 && ((const struct random_world *)context)->harts >> hart & 1);
}

/* As a judge answers: judge/world.c. */
static struct value world_accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	const struct random_world *world = context;
	uint64_t last = low + (length - 1);

	if (!length)
		return value_unknown();
	if (high || last < low)
		return value_bool(false);
	if (low >= world->own_low && last <= world->own_high)
		return value_bool(true);
	return low < world->map_low || last > world->map_high ? value_bool(false) : value_unknown();
}

static struct value world_present(void *context, unsigned chapter)
{
	return value_bool(mix(((const struct random_world *)context)->seed, chapter) & 1);
}

/* --- random texts --- */

struct text {
	struct rng rng;
	char out[3000];
	size_t length;
	unsigned loops;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text->length += (size_t)vsnprintf(text->out + text->length, sizeof(text->out) - text->length, format, args);
	va_end(args);
	assert_true(text->length < sizeof(text->out));
}

#define PICK(text, list) (list)[rng_below(&(text)->rng, sizeof(list) / sizeof((list)[0]))]

static void add_truth(struct text *text, unsigned depth);

static void add_leaf(struct text *text, bool is_signed)
{
	static const char *const plain[] = { "a", "b", "w", "n", "odd", "u64(f)", "0", "1", "3", "64", "0x80", "a", "b" };
	static const char *const signs[] = { "error", "s", "t", "s64(-1)", "s64(2)", "s64(a)", "s8(n)" };

	if (text->loops && !rng_below(&text->rng, 3))
		add(text, is_signed ? "s64(i%u)" : "u64(i%u)", (unsigned)rng_below(&text->rng, text->loops));
	else
		add(text, "%s", is_signed ? PICK(text, signs) : PICK(text, plain));
}

static void add_number(struct text *text, bool is_signed, unsigned depth)
{
	static const char *const operators[] = { "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^" };
	static const char *const casts[][4] = { { "u64", "u32", "u5", "u8" }, { "s64", "s32", "s5", "s8" } };
	static const char *const reads[][4] = { { "state[", "bytes[", "words[", "old(words[" },
						{ "debt[", "debt[", "debt[", "debt[" } };
	const char *word;

	if (!depth) {
		add_leaf(text, is_signed);
		return;
	}
	switch (rng_below(&text->rng, 9)) {
	case 0:
		add_leaf(text, is_signed);
		return;
	case 1:
		add(text, "%s(", PICK(text, casts[is_signed]));
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		break;
	case 2:
		word = PICK(text, reads[is_signed]);
		add(text, "%s", word);
		add_number(text, false, depth - 1);
		add(text, "%s", word[0] == 'o' ? "])" : "]");
		return;
	case 3:
		add(text, "(");
		add_truth(text, depth - 1);
		add(text, " ? ");
		add_number(text, is_signed, depth - 1);
		add(text, " : ");
		add_number(text, is_signed, depth - 1);
		break;
	case 4:
		add(text, is_signed ? "s64(bits(" : "(bits(");
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		add(text, rng_below(&text->rng, 2) ? ", %u, %u)" : ", %u, n - %u)", (unsigned)rng_below(&text->rng, 70),
		    (unsigned)rng_below(&text->rng, 66));
		break;
	case 5:
		add(text, "%s(", rng_below(&text->rng, 2) ? "min" : "max");
		add_number(text, is_signed, depth - 1);
		add(text, ", ");
		add_number(text, is_signed, depth - 1);
		break;
	case 6:
		if (!is_signed)
			add(text, "(grid[popcount(");
		else
			add(text, "s64(u64(");
		add_number(text, !is_signed, depth - 1);
		add(text, is_signed ? ")" : ")][n]");
		break;
	case 7:
		add(text, "%s(", rng_below(&text->rng, 2) ? "-" : "~");
		add_number(text, is_signed, depth - 1);
		break;
	default:
		add(text, "(");
		add_number(text, is_signed, depth - 1);
		add(text, " %s ", PICK(text, operators));
		add_number(text, is_signed, depth - 1);
		break;
	}
	add(text, ")");
}

static void add_loop(struct text *text, unsigned depth)
{
	unsigned number = text->loops++;

	add(text, "%s(i%u, ", rng_below(&text->rng, 2) ? "all" : "any", number);
	switch (rng_below(&text->rng, 4)) {
	case 0:
		add(text, "s64(-2), 3, ");
		break;
	case 1:
		add(text, "0, n & 7, ");
		break;
	case 2:
		add(text, "n, n + %u, ", (unsigned)rng_below(&text->rng, 5));
		break;
	default:
		add(text, "%u, 6, ", (unsigned)rng_below(&text->rng, 8));
		break;
	}
	add_truth(text, depth);
	add(text, ")");
	text->loops--;
}

static void add_call(struct text *text, unsigned depth)
{
	static const char *const calls[] = { "is_hart(", "bit(", "aligned(", "harts_in(", "targets(", "accessible(", "aligned(" };
	const unsigned counts[] = { 1, 2, 2, 2, 3, 3, 1 };
	unsigned which = (unsigned)rng_below(&text->rng, 7);

	add(text, "%s", calls[which]);
	for (unsigned i = 0; i < counts[which]; i++) {
		add(text, i ? ", " : "");
		add_number(text, which == 1 && !i, depth);
	}
	add(text, which == 6 ? ", 8)" : ")");
}

static void add_truth(struct text *text, unsigned depth)
{
	static const char *const leaves[] = { "returned", "never", "f", "true", "present(hsm)", "known(a)", "returned" };
	static const char *const logic[] = { "&&", "||", "=>" }, *const order[] = { "<", "<=", ">", ">=", "==", "!=" };
	static const char *const sets[] = { "{ 0..7 }", "{ 1, 3, 64..100 }", "{ 1, 127 }" };

	if (!depth) {
		add(text, "%s", PICK(text, leaves));
		return;
	}
	switch (rng_below(&text->rng, 8)) {
	case 0:
		add(text, "!");
		add_truth(text, 0);
		return;
	case 1:
		add(text, "known(");
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		break;
	case 2:
		add(text, "(");
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		add(text, " %s %s", rng_below(&text->rng, 2) ? "in" : "not in", PICK(text, sets));
		break;
	case 3:
		add_loop(text, depth - 1);
		return;
	case 4:
		add_call(text, depth - 1);
		return;
	case 5:
		add(text, "(");
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		add(text, " %s ", PICK(text, order));
		add_number(text, rng_below(&text->rng, 2), depth - 1);
		break;
	default:
		add(text, "(");
		add_truth(text, depth - 1);
		add(text, " %s ", PICK(text, logic));
		add_truth(text, depth - 1);
		break;
	}
	add(text, ")");
}

/* --- the formula in a world --- */

struct binding {
	struct encoder *encoder;
	size_t count;
	Z3_ast from[2 * ENCODE_LEAVES + 8], to[2 * ENCODE_LEAVES + 8];
};

static void bind(struct binding *binding, Z3_ast variable, Z3_ast value)
{
	binding->from[binding->count] = variable;
	binding->to[binding->count++] = value;
}

static uint64_t value_in(struct binding *binding, Z3_ast ast)
{
	struct encoder *encoder = binding->encoder;
	uint64_t bits = 0;
	Z3_ast found = Z3_substitute(encoder->z3, ast, (unsigned)binding->count, binding->from, binding->to);

	found = Z3_simplify(encoder->z3, found);
	if (!ast_constant(encoder, found, &bits))
		fail_msg("no number: %s", Z3_ast_to_string(encoder->z3, found));
	return bits;
}

static void bind_leaf(struct binding *binding, struct random_world *world, const struct leaf *leaf)
{
	struct encoder *encoder = binding->encoder;
	struct value keys[2] = { value_unknown(), value_unknown() }, value = value_bool(false);
	struct symbol found;

	for (unsigned i = 0; leaf->kind != LEAF_HART && i < leaf->keys; i++)
		keys[i] = value_of(value_in(binding, leaf->key[i]), leaf->key_type[i]);
	if (leaf->kind == LEAF_NAME)
		value = world_read(world, leaf->name, keys);
	if (leaf->kind == LEAF_MEMORY)
		value = world_load(world, leaf->buffer, keys[0].bits, leaf->bytes, leaf->old);
	found = symbol_constant(encoder, value.known ? value.bits : 0, leaf->symbol.type);
	bind(binding, leaf->symbol.known, value.known ? encoder->yes : encoder->no);
	bind(binding, leaf->symbol.bits, found.bits);
}

static void bind_all(struct binding *binding, struct random_world *world)
{
	struct encoder *encoder = binding->encoder;
	struct machine *machine = &encoder->machine;

	bind(binding, machine->harts, ast_number(encoder, world->harts, 64));
	bind(binding, machine->own_low, ast_number(encoder, world->own_low, 64));
	bind(binding, machine->own_high, ast_number(encoder, world->own_high, 64));
	bind(binding, machine->map_low, ast_number(encoder, world->map_low, 64));
	bind(binding, machine->map_high, ast_number(encoder, world->map_high, 64));
	if (machine->present[1])
		bind(binding, machine->present[1], world_present(world, 1).bits ? encoder->yes : encoder->no);
	for (size_t i = 0; i < encoder->leaf_count; i++)
		bind_leaf(binding, world, &encoder->leaves[i]);
}

static bool is_exact(struct binding *binding)
{
	for (size_t i = 0; i < binding->encoder->exact_count; i++)
		if (!value_in(binding, binding->encoder->exact[i]))
			return false;
	return true;
}

/* Did the world say "greater ids, there are none" where the encoder left it open? Then all is as it is there. */
static void check_world(struct encoder *encoder, const struct expr *expr, struct symbol symbol, uint64_t seed)
{
	struct random_world world = { seed, mix(seed, 1) & mix(seed, 2), 0, 0, 0, 0 };
	const struct expr_env env = {
		&world, world_read, world_load, world_is_hart, world_accessible, world_present, NULL, NULL
	};
	struct binding *binding = calloc(1, sizeof(*binding));
	struct value value;

	world.map_low = mix(seed, 3) % 4;
	world.own_low = world.map_low + mix(seed, 4) % 4;
	world.own_high = world.own_low + mix(seed, 6) % 200;
	world.map_high = world.own_high + mix(seed, 7) % 1000;
	binding->encoder = encoder;
	bind_all(binding, &world);
	for (size_t i = 0; i < encoder->axiom_count; i++)
		if (!value_in(binding, encoder->axioms[i]))
			fail_msg("`%s`: equal keys with different values", expr_text(expr));
	if (is_exact(binding)) {
		value = expr_eval(expr, &env);
		if (value.known != value_in(binding, symbol.known))
			fail_msg("`%s`: %s for the evaluator, world %llx", expr_text(expr), value.known ? "known" : "unknown",
				 (unsigned long long)seed);
		if (value.known && value.bits != int_truncate(value_in(binding, symbol.bits), symbol.type))
			fail_msg("`%s`: %llx for the evaluator, %llx for z3, world %llx", expr_text(expr),
				 (unsigned long long)value.bits, (unsigned long long)value_in(binding, symbol.bits),
				 (unsigned long long)seed);
	}
	free(binding);
}

#define TEXTS  900
#define WORLDS 6

static void check_text(const char *text, bool wanted_bool, uint64_t seed, unsigned *checked)
{
	arena_auto struct arena *arena = arena_new();
	struct expr_mistake mistake;
	const struct expr *expr = expr_compile(arena, text, (struct where){ "spec.yaml", 1, 1 }, wanted_bool, &scope, &mistake);
	struct encoder encoder;
	struct symbol symbol;
	Z3_config config;
	Z3_context z3;

	if (!expr)
		return;
	++*checked;
	config = Z3_mk_config();
	z3 = Z3_mk_context(config);
	encoder_init(&encoder, z3, 64);
	symbol = encode(&encoder, expr->root);
	assert_false(encoder.exhausted);
	assert_int_equal(Z3_get_error_code(z3), Z3_OK);
	for (unsigned i = 0; i < WORLDS; i++)
		check_world(&encoder, expr, symbol, mix(seed, i));
	encoder_free(&encoder);
	Z3_del_context(z3);
	Z3_del_config(config);
}

static void random_terms_mean_the_same(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (unsigned i = 0; i < TEXTS; i++) {
		struct text text = { .rng = { mix(42, i) } };
		bool wanted_bool = i % 2;

		if (wanted_bool)
			add_truth(&text, 1 + i % 4);
		else
			add_number(&text, i % 4 == 0, 1 + i % 4);
		check_text(text.out, wanted_bool, i, &checked);
	}
	print_message("%u terms\n", checked);
	assert_true(checked > TEXTS / 2);
}

static void mistaken_formulas_are_seen(void **state)
{
	struct expr_mistake mistake;
	arena_auto struct arena *arena = arena_new();
	const struct expr *less = expr_compile(arena, "error < w", (struct where){ "spec.yaml", 1, 1 }, true, &scope, &mistake);
	struct encoder encoder;
	struct random_world world = { 0 };
	struct binding *binding = calloc(1, sizeof(*binding));
	struct symbol symbol;
	const struct expr_env env = {
		&world, world_read, world_load, world_is_hart, world_accessible, world_present, NULL, NULL
	};
	Z3_config config = Z3_mk_config();
	Z3_context z3 = Z3_mk_context(config);
	bool differs = false;

	(void)state;
	encoder_init(&encoder, z3, 64);
	symbol = encode(&encoder, less->root);
	for (world.seed = 0; world.seed < 40 && !differs; world.seed++) {
		struct value value = expr_eval(less, &env);

		binding->encoder = &encoder;
		binding->count = 0;
		bind_all(binding, &world);
		/* the other way round: what the test above would say if the encoder had it wrong */
		differs = value.known && value.bits != (value_in(binding, symbol.bits) ^ 1);
	}
	assert_true(differs);
	free(binding);
	encoder_free(&encoder);
	Z3_del_context(z3);
	Z3_del_config(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_terms_mean_the_same),
		cmocka_unit_test(mistaken_formulas_are_seen),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
