/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_term.h - an expression as a tree of typed terms. Private to the expression language, and to the prover that translates it.
 *
 * The parser makes terms, the typing gives each its type (and refuses the ones that have none), the evaluator walks them.
 * A term whose parts are all literals *adapts*: it has no type of its own yet and takes the one of the other side.
 */
#ifndef ASSAY_SPEC_EXPR_TERM_H
#define ASSAY_SPEC_EXPR_TERM_H

#include "spec/expr.h"

#define TERM_ARGS 4

enum term_op {
	TERM_CONSTANT,
	TERM_READ,
	TERM_LOAD,
	TERM_LOOP,
	TERM_CALL,
	TERM_CAST,
	TERM_KNOWN,
	TERM_ALL,
	TERM_ANY,
	TERM_IN,
	TERM_NOT_IN,
	TERM_NOT,
	TERM_AND,
	TERM_OR,
	TERM_IMPLIES,
	TERM_CHOOSE,
	TERM_EQUAL,
	TERM_NOT_EQUAL,
	TERM_LESS,
	TERM_LESS_EQUAL,
	TERM_GREATER,
	TERM_GREATER_EQUAL,
	TERM_NEGATE,
	TERM_INVERT,
	TERM_MULTIPLY,
	TERM_DIVIDE,
	TERM_REMAINDER,
	TERM_ADD,
	TERM_SUBTRACT,
	TERM_LEFT,
	TERM_RIGHT,
	TERM_BIT_AND,
	TERM_BIT_XOR,
	TERM_BIT_OR,
};

struct function;

struct term {
	uint8_t op, argc;
	struct int_type type;
	bool adapts;
	bool pattern; /* a constant that is a bit pattern, such as ~7: it is cut to fit */
	bool old; /* TERM_LOAD, TERM_CALL: memory before the call */
	uint8_t bytes; /* TERM_LOAD: size in memory */
	unsigned at; /* offset in the text */
	unsigned stride, offset; /* TERM_LOAD: address = index * stride + offset */
	unsigned number; /* TERM_LOOP, TERM_ALL, TERM_ANY: slot of the variable; TERM_CALL: buffer or chapter */
	uint64_t bits; /* TERM_CONSTANT */
	bool negative; /* TERM_CONSTANT that adapts: `bits` is below zero */
	const char *text; /* TERM_READ, TERM_LOAD: the name as written; TERM_LOAD of a field: that */
	const char *field; /* TERM_LOAD: field of the element, or NULL */
	union {
		const struct name *name; /* TERM_READ, TERM_LOAD; TERM_CALL with a buffer */
		const struct int_set *set; /* TERM_IN, TERM_NOT_IN */
	};
	const struct function *function; /* TERM_CALL */
	const struct term *mask; /* TERM_ALL, TERM_ANY: see loop_mask(); NULL: there is none */
	struct term *arg[TERM_ARGS];
};

struct expr {
	const struct term *root;
	const char *text;
	struct where where;
};

static const struct int_type type_bool = { 0, false };
static const struct int_type type_u64 = { 64, false };
static const struct int_type type_s64 = { 64, true };

static inline bool term_is_truth(const struct term *term)
{
	return !term->adapts && (term->type.bits == 0 || (term->type.bits == 1 && !term->type.is_signed));
}

/* Where a mistake goes; the first one stays. */
struct complaint {
	struct where where; /* of the first character of the text */
	struct expr_mistake *mistake;
	bool made;
};

/* Returns NULL, so that `return expr_complain(...)` reads well. */
struct term *expr_complain(struct complaint *complaint, unsigned at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Typing (expr_type.c). Each takes terms that are already typed, completes `term` (whose op, at and args are set) and
 * returns it, or complains and returns NULL.
 */
struct term *type_unary(struct complaint *complaint, struct term *term);
struct term *type_binary(struct complaint *complaint, struct term *term);
struct term *type_choose(struct complaint *complaint, struct term *term);
struct term *type_cast(struct complaint *complaint, struct term *term, struct int_type type);
/* The two operands get one type between them, as for arithmetic. */
bool type_unify(struct complaint *complaint, struct term *a, struct term *b, unsigned at, struct int_type *type);
/* The same, and the type is settled if both adapt. */
bool type_common(struct complaint *complaint, struct term *a, struct term *b, unsigned at, struct int_type *type);
/* An adapting term takes this type (or complains that it does not fit). */
bool type_adapt(struct complaint *complaint, struct term *term, struct int_type type);
/* An adapting term that met no other side: s64 if there is a value below zero in it, else u64. */
bool type_settle(struct complaint *complaint, struct term *term);
bool type_want_truth(struct complaint *complaint, const struct term *term);
bool type_want_integer(struct complaint *complaint, const struct term *term);
bool type_holds(struct int_type type, uint64_t bits, bool negative);

struct type_text {
	char text[8];
};
struct type_text type_name(struct int_type type); /* "u32", "bool" */

/* Constant folding (expr_fold.c): arithmetic over literals alone, exact, before any type is known. False: more than 64 bits. */
bool fold_unary(struct term *term);
bool fold_binary(struct term *term);

/* Evaluation (expr_eval.c). */
typedef void trace_function(void *context, const struct term *term, const struct value keys[2], struct value value);

struct evaluation {
	const struct expr_env *env;
	uint64_t loop[EXPR_LOOPS];
	unsigned steps, bytes; /* spent so far, of EXPR_STEPS_ALL and EXPR_BYTES */
	trace_function *trace; /* expr_explain: told of every value that was read; else NULL */
	void *trace_context;
};

typedef struct value evaluator(const struct term *term, struct evaluation *evaluation);
extern evaluator *const term_evaluators[]; /* by operator */

static inline struct value term_eval(const struct term *term, struct evaluation *evaluation)
{
	return term_evaluators[term->op](term, evaluation);
}

static inline bool type_is_negative(struct int_type type, uint64_t bits)
{
	return type.is_signed && bits >> 63;
}

/* Comparison by mathematical value: below zero is less than anything that is not; else the bits decide. */
static inline bool term_is_less(const struct term *a, uint64_t a_bits, const struct term *b, uint64_t b_bits)
{
	bool a_negative = type_is_negative(a->type, a_bits), b_negative = type_is_negative(b->type, b_bits);

	return a_negative != b_negative ? a_negative : a_bits < b_bits;
}

/* Loops (expr_loop.c). `decisive` is the value at one step that settles the whole: false of all(), true of any(). */
struct value loop_eval(const struct term *loop, struct evaluation *evaluation, bool decisive);
/* The mask whose clear bits are steps at which this condition settles nothing; NULL: there is none. For the parser. */
const struct term *loop_mask(const struct term *loop, const struct term *condition);

#endif
