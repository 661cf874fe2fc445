/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * term_text.c - a term as text. Brackets are set wherever two operators meet: nobody has to know the precedences.
 */
#include "prove/term_text.h"

#include <ctype.h>
#include <inttypes.h>

#include "spec/expr_functions.h"

static const char *const operators[] = {
	[TERM_AND] = "&&",	  [TERM_OR] = "||",	   [TERM_IMPLIES] = "=>",
	[TERM_EQUAL] = "==",	  [TERM_NOT_EQUAL] = "!=", [TERM_LESS] = "<",
	[TERM_LESS_EQUAL] = "<=", [TERM_GREATER] = ">",	   [TERM_GREATER_EQUAL] = ">=",
	[TERM_MULTIPLY] = "*",	  [TERM_DIVIDE] = "/",	   [TERM_REMAINDER] = "%",
	[TERM_ADD] = "+",	  [TERM_SUBTRACT] = "-",   [TERM_LEFT] = "<<",
	[TERM_RIGHT] = ">>",	  [TERM_BIT_AND] = "&",	   [TERM_BIT_XOR] = "^",
	[TERM_BIT_OR] = "|",
};

static const char *operator_of(const struct term *term)
{
	return term->op < sizeof(operators) / sizeof(operators[0]) ? operators[term->op] : NULL;
}

static void print_number(FILE *out, uint64_t bits, struct int_type type)
{
	if (type_is_negative(type, bits) || bits < 10)
		fprintf(out, "%" PRId64, (int64_t)bits);
	else
		fprintf(out, "0x%" PRIx64, bits);
}

static void print_constant(FILE *out, const struct term *term, const char *whole)
{
	size_t length = 0;

	while (isalnum((unsigned char)whole[term->at + length]) || whole[term->at + length] == '_' ||
	       (length && whole[term->at + length] == '.' && isalpha((unsigned char)whole[term->at + length + 1])))
		length++;
	if (length && !(isalpha((unsigned char)whole[term->at]) && whole[term->at + length] == '('))
		fprintf(out, "%.*s", (int)length, whole + term->at);
	else
		print_number(out, term->bits, term->type);
}

static void print_set(FILE *out, const struct int_set *set, struct int_type type)
{
	if (set->name) {
		fprintf(out, "%s", set->name);
		return;
	}
	fprintf(out, "{ ");
	for (size_t i = 0; i < set->count; i++) {
		fprintf(out, "%s", i ? ", " : "");
		print_number(out, (uint64_t)set->ranges[i].low, type);
		if (set->ranges[i].high != set->ranges[i].low) {
			fprintf(out, "..");
			print_number(out, (uint64_t)set->ranges[i].high, type);
		}
	}
	fprintf(out, " }");
}

static void print_inner(FILE *out, const struct term *term, const char *whole)
{
	bool bare = !operator_of(term) && term->op != TERM_CHOOSE && term->op != TERM_IN && term->op != TERM_NOT_IN;

	fprintf(out, "%s", bare ? "" : "(");
	term_print(out, term, whole);
	fprintf(out, "%s", bare ? "" : ")");
}

static void print_args(FILE *out, const struct term *term, const char *whole, unsigned from, bool comma)
{
	for (unsigned i = from; i < term->argc; i++) {
		fprintf(out, "%s", comma || i > from ? ", " : "");
		term_print(out, term->arg[i], whole);
	}
	fprintf(out, ")");
}

static void print_keys(FILE *out, const struct term *term, const char *whole)
{
	fprintf(out, "%s%s", term->old ? "old(" : "", term->text);
	for (unsigned i = 0; i < term->argc; i++) {
		fprintf(out, "[");
		term_print(out, term->arg[i], whole);
		fprintf(out, "]");
	}
	fprintf(out, "%s%s%s", term->field ? "." : "", term->field ? term->field : "", term->old ? ")" : "");
}

static void print_call(FILE *out, const struct term *term, const char *whole)
{
	const char *subject = term->name ? term->name->text : NULL;

	fprintf(out, "%s%s(%s", term->old ? "old " : "", term->function->name, subject ? subject : "");
	print_args(out, term, whole, 0, subject != NULL);
}

void term_print(FILE *out, const struct term *term, const char *whole)
{
	static const char *const prefixes[] = { [TERM_NOT] = "!", [TERM_NEGATE] = "-", [TERM_INVERT] = "~" };

	switch ((enum term_op)term->op) {
	case TERM_CONSTANT:
		print_constant(out, term, whole);
		return;
	case TERM_READ:
	case TERM_LOAD:
		print_keys(out, term, whole);
		return;
	case TERM_LOOP:
		fprintf(out, "i%u", term->number);
		return;
	case TERM_CALL:
		print_call(out, term, whole);
		return;
	case TERM_CAST:
		fprintf(out, "%s(", type_name(term->type).text);
		print_args(out, term, whole, 0, false);
		return;
	case TERM_KNOWN:
		fprintf(out, "known(");
		print_args(out, term, whole, 0, false);
		return;
	case TERM_ALL:
	case TERM_ANY:
		fprintf(out, "%s(i%u", term->op == TERM_ALL ? "all" : "any", term->number);
		print_args(out, term, whole, 0, true);
		return;
	case TERM_IN:
	case TERM_NOT_IN:
		print_inner(out, term->arg[0], whole);
		fprintf(out, " %sin ", term->op == TERM_IN ? "" : "not ");
		print_set(out, term->set, term->arg[0]->type);
		return;
	case TERM_NOT:
	case TERM_NEGATE:
	case TERM_INVERT:
		fprintf(out, "%s", prefixes[term->op]);
		print_inner(out, term->arg[0], whole);
		return;
	case TERM_CHOOSE:
		print_inner(out, term->arg[0], whole);
		fprintf(out, " ? ");
		print_inner(out, term->arg[1], whole);
		fprintf(out, " : ");
		print_inner(out, term->arg[2], whole);
		return;
	default:
		print_inner(out, term->arg[0], whole);
		fprintf(out, " %s ", operator_of(term));
		print_inner(out, term->arg[1], whole);
		return;
	}
}
