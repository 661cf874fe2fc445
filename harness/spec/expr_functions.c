/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_functions.c - the functions of the expression language, one line each in the table at the end.
 *
 * An evaluator here sees known arguments only; an argument that is unknown makes the call unknown before it gets here.
 */
#include <string.h>

#include "spec/expr_functions.h"

static struct value eval_bits(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	uint64_t high = args[1].bits, low = args[2].bits, bits;

	(void)evaluation;
	if (low > high || low >= 64)
		return value_of(0, term->type);
	bits = args[0].bits & (term->type.bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << term->type.bits) - 1);
	bits >>= low;
	if (high - low < 63)
		bits &= (UINT64_C(1) << (high - low + 1)) - 1;
	return value_of(bits, term->type);
}

static struct value eval_bit(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	(void)evaluation;
	return value_bool(args[1].bits < term->arg[0]->type.bits && (args[0].bits >> args[1].bits & 1));
}

static struct value eval_popcount(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	const struct int_type unsigned_type = { term->arg[0]->type.bits, false };

	(void)evaluation;
	return value_of((uint64_t)__builtin_popcountll(int_truncate(args[0].bits, unsigned_type)), term->type);
}

static struct value eval_aligned(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	(void)term;
	(void)evaluation;
	return value_bool((args[1].bits ? args[0].bits % args[1].bits : args[0].bits) == 0);
}

static bool is_less(const struct term *term, const struct value *args)
{
	return term->type.is_signed ? (int64_t)args[0].bits < (int64_t)args[1].bits : args[0].bits < args[1].bits;
}

static struct value eval_min(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	(void)evaluation;
	return value_of(args[is_less(term, args) ? 0 : 1].bits, term->type);
}

static struct value eval_max(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	(void)evaluation;
	return value_of(args[is_less(term, args) ? 1 : 0].bits, term->type);
}

/* What an environment answers is taken as a truth value, whatever type it carries. */
static struct value truth(struct value value)
{
	return value.known ? value_bool(value.bits != 0) : value;
}

static struct value ask_hart(const struct evaluation *evaluation, uint64_t hart)
{
	return evaluation->env->is_hart ? truth(evaluation->env->is_hart(evaluation->env->context, hart)) : value_unknown();
}

static struct value eval_is_hart(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	(void)term;
	return ask_hart(evaluation, args[0].bits);
}

static bool is_all_ones(const struct term *term, struct value value)
{
	return value.bits == int_truncate(~UINT64_C(0), term->type);
}

static struct value eval_harts_in(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	const struct int_type unsigned_type = { term->arg[0]->type.bits, false };
	uint64_t mask = int_truncate(args[0].bits, unsigned_type), base = args[1].bits;
	struct value all = value_bool(true);

	if (is_all_ones(term->arg[1], args[1]))
		return all;
	for (; mask; mask &= mask - 1) {
		uint64_t hart = base + (unsigned)__builtin_ctzll(mask);
		struct value one = hart < base ? value_bool(false) : ask_hart(evaluation, hart);

		if (value_is_false(one))
			return one;
		if (!one.known)
			all = one;
	}
	return all;
}

static struct value eval_targets(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	uint64_t hart = args[0].bits, mask = args[1].bits, base = args[2].bits;
	uint64_t width = term->arg[1]->type.bits;

	if (is_all_ones(term->arg[2], args[2]))
		return ask_hart(evaluation, hart);
	return value_bool(hart >= base && hart - base < width && (mask >> (hart - base) & 1));
}

static struct value eval_accessible(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	const struct expr_env *env = evaluation->env;

	(void)term;
	return env->accessible ? truth(env->accessible(env->context, args[0].bits, args[1].bits, args[2].bits)) : value_unknown();
}

static struct value eval_present(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	const struct expr_env *env = evaluation->env;

	(void)args;
	return env->present ? truth(env->present(env->context, term->number)) : value_unknown();
}

static struct value load(const struct evaluation *evaluation, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct expr_env *env = evaluation->env;

	return env->load ? env->load(env->context, buffer, offset, size, old) : value_unknown();
}

/* A range of memory that is too long is unknown rather than slow, and so is a short one asked for too often. */
static bool spend(struct evaluation *evaluation, uint64_t length)
{
	if (length > EXPR_BYTES - evaluation->bytes)
		return false;
	evaluation->bytes += (unsigned)length;
	return true;
}

static bool is_blank(const struct evaluation *evaluation, unsigned buffer, bool old)
{
	const struct expr_env *env = evaluation->env;

	return env->blank && env->blank(env->context, buffer, old);
}

/* How memory is compared: with zero, or with what it was. */
static struct value is_zero(const struct evaluation *evaluation, const struct term *term, uint64_t offset, unsigned size)
{
	struct value now = load(evaluation, term->number, offset, size, term->old);

	return now.known ? value_bool(now.bits == 0) : now;
}

static struct value is_unchanged(const struct evaluation *evaluation, const struct term *term, uint64_t offset, unsigned size)
{
	struct value now = load(evaluation, term->number, offset, size, false);
	struct value before = load(evaluation, term->number, offset, size, true);

	return now.known && before.known ? value_bool(now.bits == before.bits) : value_unknown();
}

typedef struct value (*compare)(const struct evaluation *evaluation, const struct term *term, uint64_t offset, unsigned size);

/* For explanations: the first byte that decided against it. */
static void tell_byte(const struct evaluation *evaluation, const struct term *term, uint64_t offset, unsigned size, compare same)
{
	const struct int_type byte = { 8, false };
	struct value keys[2] = { { .known = false } }, found;
	unsigned i = 0;

	if (!evaluation->trace)
		return;
	while (i + 1 < size && !value_is_false(same(evaluation, term, offset + i, 1)))
		i++;
	keys[0] = value_of(offset + i, type_u64);
	found = load(evaluation, term->number, offset + i, 1, term->old);
	evaluation->trace(evaluation->trace_context, term, keys, found.known ? value_of(found.bits, byte) : found);
}

/* Eight bytes at a time while they are all there, else one. False wins over unknown. `blank`: all of it is unknown. */
static struct value compare_range(struct evaluation *evaluation, const struct term *term, uint64_t at, uint64_t length,
				  compare same, bool blank)
{
	struct value all = value_bool(true);
	uint64_t end;

	if (__builtin_add_overflow(at, length, &end) || !spend(evaluation, length) || (blank && length))
		return value_unknown();
	while (at < end) {
		unsigned step = 8;
		struct value one = end - at >= 8 ? same(evaluation, term, at, 8) : value_unknown();

		if (!one.known) {
			step = 1;
			one = same(evaluation, term, at, 1);
		}
		if (value_is_false(one)) {
			tell_byte(evaluation, term, at, step, same);
			return one;
		}
		if (!one.known)
			all = one;
		at += step;
	}
	return all;
}

/* The whole buffer: up to where nothing is known any more; nothing known at all is unknown. */
static struct value compare_whole(struct evaluation *evaluation, const struct term *term, compare same)
{
	uint64_t at = 0;

	while (spend(evaluation, 8)) {
		unsigned step = 8;
		struct value one = same(evaluation, term, at, 8);

		if (!one.known) {
			step = 1;
			one = same(evaluation, term, at, 1);
		}
		if (!one.known)
			return at ? value_bool(true) : one;
		if (!one.bits) {
			tell_byte(evaluation, term, at, step, same);
			return one;
		}
		at += step;
	}
	return value_unknown();
}

static struct value compare_buffer(struct evaluation *evaluation, const struct term *term, const struct value *args, compare same,
				   bool blank)
{
	return term->argc ? compare_range(evaluation, term, args[0].bits, args[1].bits, same, blank)
			  : compare_whole(evaluation, term, same);
}

static struct value eval_unchanged(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	bool blank = is_blank(evaluation, term->number, false) || is_blank(evaluation, term->number, true);

	return compare_buffer(evaluation, term, args, is_unchanged, blank);
}

static struct value eval_zero(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	return compare_buffer(evaluation, term, args, is_zero, is_blank(evaluation, term->number, term->old));
}

/* A sum cannot be seen in the values that were read. */
static void tell_sum(struct evaluation *evaluation, struct value sum)
{
	static const struct term told = { .op = TERM_CALL, .text = "sum8(...)" };
	const struct value no_keys[2] = { { 0 } };

	if (evaluation->trace)
		evaluation->trace(evaluation->trace_context, &told, no_keys, sum);
}

static struct value eval_sum8(const struct term *term, struct evaluation *evaluation, const struct value *args)
{
	uint64_t at, end, sum = 0;

	if (__builtin_add_overflow(args[0].bits, args[1].bits, &end) || !spend(evaluation, args[1].bits))
		return value_unknown();
	for (at = args[0].bits; at < end; at++) {
		struct value byte = load(evaluation, 0, at, 1, false);

		if (!byte.known)
			return byte;
		sum += byte.bits;
	}
	tell_sum(evaluation, value_of(sum, term->type));
	return value_of(sum, term->type);
}

/* clang-format off */
const struct function functions[] = {
	{ "bits", "bits(x, high, low)", "iii", RESULT_UNSIGNED, TERM_CALL, false, eval_bits },
	{ "bit", "bit(x, n)", "ii", RESULT_TRUTH, TERM_CALL, false, eval_bit },
	{ "popcount", "popcount(x)", "i", RESULT_U64, TERM_CALL, false, eval_popcount },
	{ "aligned", "aligned(x, n)", "ii", RESULT_TRUTH, TERM_CALL, false, eval_aligned },
	{ "min", "min(a, b)", "ii", RESULT_COMMON, TERM_CALL, false, eval_min },
	{ "max", "max(a, b)", "ii", RESULT_COMMON, TERM_CALL, false, eval_max },
	{ "known", "known(x)", "x", RESULT_TRUTH, TERM_KNOWN, false, NULL },
	{ "old", "old(buf[i])", "o", RESULT_TRUTH, TERM_CALL, false, NULL },
	{ "all", "all(i, low, high, condition)", "Viib", RESULT_TRUTH, TERM_ALL, false, NULL },
	{ "any", "any(i, low, high, condition)", "Viib", RESULT_TRUTH, TERM_ANY, false, NULL },
	{ "unchanged", "unchanged(buf) or unchanged(buf, offset, length)", "B|ii", RESULT_TRUTH, TERM_CALL, false, eval_unchanged },
	{ "zero", "zero(buf) or zero(buf, offset, length)", "B|ii", RESULT_TRUTH, TERM_CALL, false, eval_zero },
	{ "is_hart", "is_hart(x)", "i", RESULT_TRUTH, TERM_CALL, false, eval_is_hart },
	{ "harts_in", "harts_in(mask, base)", "ii", RESULT_TRUTH, TERM_CALL, false, eval_harts_in },
	{ "targets", "targets(h, mask, base)", "iii", RESULT_TRUTH, TERM_CALL, false, eval_targets },
	{ "accessible", "accessible(high, low, length)", "iii", RESULT_TRUTH, TERM_CALL, false, eval_accessible },
	{ "present", "present(chapter)", "C", RESULT_TRUTH, TERM_CALL, false, eval_present },
	{ "sum8", "sum8(offset, length)", "ii", RESULT_U8, TERM_CALL, true, eval_sum8 },
	{ .name = NULL },
};
/* clang-format on */

const struct function *function_find(const char *name)
{
	const struct function *function;

	for (function = functions; function->name; function++)
		if (!strcmp(function->name, name))
			return function;
	return NULL;
}

bool cast_find(const char *name, struct int_type *type)
{
	unsigned bits = 0, i;

	if ((name[0] != 'u' && name[0] != 's') || name[1] < '1' || name[1] > '9')
		return false;
	for (i = 1; name[i] >= '0' && name[i] <= '9' && i < 3; i++)
		bits = bits * 10 + (unsigned)(name[i] - '0');
	type->bits = (uint8_t)bits;
	type->is_signed = name[0] == 's';
	return !name[i] && bits <= 64 && (bits > 1 || !type->is_signed);
}

static bool settle_args(struct complaint *complaint, const struct term *term)
{
	unsigned i;

	for (i = 0; i < term->argc; i++)
		if (!type_settle(complaint, term->arg[i]))
			return false;
	return true;
}

struct term *function_type(struct complaint *complaint, struct term *term)
{
	struct term *const *arg = term->arg;

	if (term->function->result == RESULT_COMMON)
		return type_common(complaint, arg[0], arg[1], term->at, &term->type) ? term : NULL;
	if (!settle_args(complaint, term))
		return NULL;
	switch (term->function->result) {
	case RESULT_U8:
		term->type = (struct int_type){ 8, false };
		break;
	case RESULT_U64:
		term->type = type_u64;
		break;
	case RESULT_UNSIGNED:
		term->type = (struct int_type){ arg[0]->type.bits, false };
		break;
	default:
		term->type = type_bool;
		break;
	}
	return term;
}
