/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_eval.c - the value of a term.
 *
 * Total: no operand, and no answer of the environment, makes it fail. Values are kept extended to 64 bits by their type's sign,
 * so a narrower value is a value of the wider type as it stands, and only results have to be cut.
 */
#include "spec/expr_functions.h"
#include "spec/expr_term.h"

static bool is_equal(const struct term *a, uint64_t a_bits, const struct term *b, uint64_t b_bits)
{
	return a_bits == b_bits && type_is_negative(a->type, a_bits) == type_is_negative(b->type, b_bits);
}

static bool compare(const struct term *term, uint64_t a_bits, uint64_t b_bits)
{
	const struct term *a = term->arg[0], *b = term->arg[1];

	switch (term->op) {
	case TERM_EQUAL:
		return is_equal(a, a_bits, b, b_bits);
	case TERM_NOT_EQUAL:
		return !is_equal(a, a_bits, b, b_bits);
	case TERM_LESS:
		return term_is_less(a, a_bits, b, b_bits);
	case TERM_LESS_EQUAL:
		return !term_is_less(b, b_bits, a, a_bits);
	case TERM_GREATER:
		return term_is_less(b, b_bits, a, a_bits);
	default:
		return !term_is_less(a, a_bits, b, b_bits);
	}
}

/* The quotient of the smallest number and -1 wraps, as all arithmetic does; C leaves it open. */
static uint64_t divide(struct int_type type, uint64_t a, uint64_t b)
{
	if (b == 0)
		return ~UINT64_C(0);
	if (!type.is_signed)
		return a / b;
	return b == ~UINT64_C(0) ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t remainder_of(struct int_type type, uint64_t a, uint64_t b)
{
	if (b == 0)
		return a;
	if (!type.is_signed)
		return a % b;
	return b == ~UINT64_C(0) ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

static uint64_t shift_right(struct int_type type, uint64_t a, uint64_t count)
{
	if (type.is_signed)
		return (uint64_t)((int64_t)a >> (count < type.bits ? count : 63));
	return count < type.bits ? a >> count : 0;
}

static uint64_t arithmetic(enum term_op op, struct int_type type, uint64_t a, uint64_t b)
{
	switch (op) {
	case TERM_MULTIPLY:
		return a * b;
	case TERM_DIVIDE:
		return divide(type, a, b);
	case TERM_REMAINDER:
		return remainder_of(type, a, b);
	case TERM_ADD:
		return a + b;
	case TERM_SUBTRACT:
		return a - b;
	case TERM_LEFT:
		return b < type.bits ? a << b : 0;
	case TERM_RIGHT:
		return shift_right(type, a, b);
	case TERM_BIT_AND:
		return a & b;
	case TERM_BIT_XOR:
		return a ^ b;
	default:
		return a | b;
	}
}

static struct value read_name(const struct term *term, struct evaluation *evaluation)
{
	/* cppcheck-suppress ctuuninitvar ; expr_eval sets it, and leaves the slots of loops alone */
	const struct expr_env *env = evaluation->env;
	struct value keys[2] = { { .known = false }, { .known = false } }, value;
	unsigned i;

	for (i = 0; i < term->argc; i++) {
		keys[i] = term_eval(term->arg[i], evaluation);
		if (!keys[i].known)
			return keys[i];
	}
	value = env->read ? env->read(env->context, term->name, keys) : value_unknown();
	if (value.known)
		value = value_of(value.bits, term->type);
	if (evaluation->trace)
		evaluation->trace(evaluation->trace_context, term, keys, value);
	return value;
}

static struct value load(const struct term *term, struct evaluation *evaluation)
{
	const struct expr_env *env = evaluation->env;
	struct value keys[2] = { term_eval(term->arg[0], evaluation), { .known = false } }, value;
	uint64_t offset;

	if (!keys[0].known || type_is_negative(term->arg[0]->type, keys[0].bits) || !env->load ||
	    __builtin_mul_overflow(keys[0].bits, (uint64_t)term->stride, &offset) ||
	    __builtin_add_overflow(offset, (uint64_t)term->offset, &offset))
		return value_unknown();
	value = env->load(env->context, term->number, offset, term->bytes, term->old);
	if (value.known)
		value = value_of(value.bits, term->type);
	if (evaluation->trace)
		evaluation->trace(evaluation->trace_context, term, keys, value);
	return value;
}

static struct value call(const struct term *term, struct evaluation *evaluation)
{
	struct value args[TERM_ARGS];
	unsigned i;

	for (i = 0; i < term->argc; i++) {
		args[i] = term_eval(term->arg[i], evaluation);
		if (!args[i].known)
			return args[i];
	}
	return term->function->eval(term, evaluation, args);
}

/* `decisive` is the value of one side that settles the whole, whatever the other is. */
static struct value logic(const struct term *term, struct evaluation *evaluation, bool decisive)
{
	struct value a, b;

	a = term_eval(term->arg[0], evaluation);
	if (a.known && (a.bits != 0) == decisive)
		return value_bool(decisive);
	b = term_eval(term->arg[1], evaluation);
	if (b.known && (b.bits != 0) == decisive)
		return value_bool(decisive);
	return a.known && b.known ? value_bool(!decisive) : value_unknown();
}

static struct value implies(const struct term *term, struct evaluation *evaluation)
{
	struct value a, b;

	a = term_eval(term->arg[0], evaluation);
	if (value_is_false(a))
		return value_bool(true);
	b = term_eval(term->arg[1], evaluation);
	if (value_is_true(b))
		return value_bool(true);
	return a.known && b.known ? value_bool(false) : value_unknown();
}

static struct value choose(const struct term *term, struct evaluation *evaluation)
{
	struct value condition = term_eval(term->arg[0], evaluation), yes, no;

	if (condition.known) {
		yes = term_eval(term->arg[condition.bits ? 1 : 2], evaluation);
		return yes.known ? value_of(yes.bits, term->type) : yes;
	}
	yes = term_eval(term->arg[1], evaluation);
	no = term_eval(term->arg[2], evaluation);
	return yes.known && no.known && yes.bits == no.bits ? value_of(yes.bits, term->type) : value_unknown();
}

static struct value unary(const struct term *term, struct evaluation *evaluation)
{
	struct value a = term_eval(term->arg[0], evaluation);

	switch (term->op) {
	case TERM_KNOWN:
		return value_bool(a.known);
	case TERM_NOT:
		return a.known ? value_bool(!a.bits) : a;
	case TERM_NEGATE:
		return a.known ? value_of(-a.bits, term->type) : a;
	case TERM_INVERT:
		return a.known ? value_of(~a.bits, term->type) : a;
	case TERM_IN:
		return a.known ? value_bool(int_set_has(term->set, a.bits)) : a;
	case TERM_NOT_IN:
		return a.known ? value_bool(!int_set_has(term->set, a.bits)) : a;
	default: /* a cast */
		return a.known ? value_of(a.bits, term->type) : a;
	}
}

static struct value comparison(const struct term *term, struct evaluation *evaluation)
{
	struct value a = term_eval(term->arg[0], evaluation), b;

	if (!a.known)
		return a;
	b = term_eval(term->arg[1], evaluation);
	return b.known ? value_bool(compare(term, a.bits, b.bits)) : b;
}

static struct value binary(const struct term *term, struct evaluation *evaluation)
{
	struct value a = term_eval(term->arg[0], evaluation), b;

	if (!a.known)
		return a;
	b = term_eval(term->arg[1], evaluation);
	if (!b.known)
		return b;
	return value_of(arithmetic(term->op, term->type, a.bits, b.bits), term->type);
}

static struct value constant(const struct term *term, struct evaluation *evaluation)
{
	(void)evaluation;
	return (struct value){ true, term->type, term->bits };
}

static struct value loop_variable(const struct term *term, struct evaluation *evaluation)
{
	return value_of(evaluation->loop[term->number], term->type);
}

static struct value both(const struct term *term, struct evaluation *evaluation)
{
	return logic(term, evaluation, false);
}

static struct value either(const struct term *term, struct evaluation *evaluation)
{
	return logic(term, evaluation, true);
}

static struct value all(const struct term *term, struct evaluation *evaluation)
{
	return loop_eval(term, evaluation, false);
}

static struct value any(const struct term *term, struct evaluation *evaluation)
{
	return loop_eval(term, evaluation, true);
}

/* By operator. A table and not a switch, so that a constant does not pay for the registers and arrays of the others. */
evaluator *const term_evaluators[] = {
	[TERM_CONSTANT] = constant,
	[TERM_READ] = read_name,
	[TERM_LOAD] = load,
	[TERM_LOOP] = loop_variable,
	[TERM_CALL] = call,
	[TERM_CAST] = unary,
	[TERM_KNOWN] = unary,
	[TERM_ALL] = all,
	[TERM_ANY] = any,
	[TERM_IN] = unary,
	[TERM_NOT_IN] = unary,
	[TERM_NOT] = unary,
	[TERM_AND] = both,
	[TERM_OR] = either,
	[TERM_IMPLIES] = implies,
	[TERM_CHOOSE] = choose,
	[TERM_EQUAL] = comparison,
	[TERM_NOT_EQUAL] = comparison,
	[TERM_LESS] = comparison,
	[TERM_LESS_EQUAL] = comparison,
	[TERM_GREATER] = comparison,
	[TERM_GREATER_EQUAL] = comparison,
	[TERM_NEGATE] = unary,
	[TERM_INVERT] = unary,
	[TERM_MULTIPLY] = binary,
	[TERM_DIVIDE] = binary,
	[TERM_REMAINDER] = binary,
	[TERM_ADD] = binary,
	[TERM_SUBTRACT] = binary,
	[TERM_LEFT] = binary,
	[TERM_RIGHT] = binary,
	[TERM_BIT_AND] = binary,
	[TERM_BIT_XOR] = binary,
	[TERM_BIT_OR] = binary,
};
