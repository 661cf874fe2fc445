/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_equal.c - do two expressions, perhaps of two specifications, say the same? White space, the names of constants, sets and
 * loop variables, and how a number was written, do not count.
 */
#include <string.h>

#include "spec/expr_functions.h"
#include "spec/expr_term.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_set(const struct int_set *a, const struct int_set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->ranges[i].low != b->ranges[i].low || a->ranges[i].high != b->ranges[i].high)
			return false;
	return true;
}

/* Numbers of things (arguments, states) are the specification's own; their names are what two have in common. */
static bool same_name(const struct name *a, const struct name *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	if (a->kind == NAME_CONSTANT)
		return a->value.bits == b->value.bits;
	return same_text(a->text, b->text);
}

/* The word in brackets behind a function's name: `present(hsm)`. */
static bool same_word(const struct expr *a, const struct term *x, const struct expr *b, const struct term *y)
{
	const char *p = strchr(a->text + x->at, '('), *q = strchr(b->text + y->at, '(');
	size_t length = p ? strcspn(p, ")") : 0;

	return p && q && length == strcspn(q, ")") && !strncmp(p, q, length);
}

static bool same_call(const struct expr *a, const struct term *x, const struct expr *b, const struct term *y)
{
	if (x->function != y->function)
		return false;
	return !x->function || !strchr(x->function->parameters, PARAMETER_CHAPTER) || same_word(a, x, b, y);
}

static bool same_term(const struct expr *a, const struct term *x, const struct expr *b, const struct term *y)
{
	if (x->op != y->op || x->argc != y->argc || x->type.bits != y->type.bits || x->type.is_signed != y->type.is_signed)
		return false;
	if (x->op == TERM_CONSTANT && x->bits != y->bits)
		return false;
	if (x->op == TERM_LOOP && x->number != y->number)
		return false;
	if (x->op == TERM_IN || x->op == TERM_NOT_IN) {
		if (!same_set(x->set, y->set))
			return false;
	} else if (!same_name(x->name, y->name)) {
		return false;
	}
	if (x->old != y->old || x->bytes != y->bytes || x->stride != y->stride || x->offset != y->offset ||
	    !same_call(a, x, b, y))
		return false;
	for (unsigned i = 0; i < x->argc; i++)
		if (!same_term(a, x->arg[i], b, y->arg[i]))
			return false;
	return true;
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
	if (!a || !b)
		return a == b;
	return same_term(a, a->root, b, b->root);
}
