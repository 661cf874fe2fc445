/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_functions.h - the functions of the expression language. Private to it.
 */
#ifndef ASSAY_SPEC_EXPR_FUNCTIONS_H
#define ASSAY_SPEC_EXPR_FUNCTIONS_H

#include "spec/expr_term.h"

/* What a parameter is, one letter each in `struct function`: */
enum parameter {
	PARAMETER_INTEGER = 'i',
	PARAMETER_ANY = 'x', /* integer or truth value */
	PARAMETER_OLD = 'o', /* the same, reading memory before the call */
	PARAMETER_TRUTH = 'b',
	PARAMETER_BUFFER = 'B', /* the name of a buffer argument */
	PARAMETER_CHAPTER = 'C', /* the name of a chapter */
	PARAMETER_VARIABLE = 'V', /* the name of a loop's variable, which the last parameter may use */
	PARAMETER_REST = '|', /* the parameters behind it come together or not at all */
};

enum result_rule {
	RESULT_TRUTH,
	RESULT_U8,
	RESULT_U64,
	RESULT_UNSIGNED, /* as wide as the first argument, without sign */
	RESULT_COMMON, /* the type the arguments have in common */
};

struct function {
	const char *name, *usage;
	const char *parameters;
	enum result_rule result;
	enum term_op op; /* TERM_CALL, or the operator it is another way to write */
	bool of_structure; /* only in rules over a structure */
	/* all arguments known */
	struct value (*eval)(const struct term *term, struct evaluation *evaluation, const struct value *args);
};

extern const struct function functions[]; /* ends with name NULL */
const struct function *function_find(const char *name);
/* "u1" ... "u64", "s2" ... "s64" */
bool cast_find(const char *name, struct int_type *type);
/* Gives a call, whose arguments are typed, its own type. */
struct term *function_type(struct complaint *complaint, struct term *term);

#endif
