/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr.c - the public face of the expression language: text in, values out.
 */
#include <string.h>

#include "spec/expr_parse.h"
#include "spec/expr_term.h"

static struct term *parse_all(struct parser *parser, bool wanted_bool)
{
	struct term *root;

	if (strnlen(parser->text, EXPR_TEXT + 1) > EXPR_TEXT)
		return expr_complain(&parser->complaint, 0, "an expression has at most %d characters", EXPR_TEXT);
	parser->token = expr_token(parser->text, 0);
	root = parse_expression(parser);
	if (!root)
		return NULL;
	if (parser->token.kind != TOKEN_END)
		return parser_expected(parser, "an operator or the end");
	if (wanted_bool)
		return type_want_truth(&parser->complaint, root) ? root : NULL;
	return type_settle(&parser->complaint, root) ? root : NULL;
}

const struct expr *expr_compile(struct arena *arena, const char *text, struct where where, bool wanted_bool,
				const struct expr_scope *scope, struct expr_mistake *mistake)
{
	struct parser parser = { .arena = arena, .scope = scope };
	const struct term *root;
	struct expr *expr;

	parser.text = arena_strdup(arena, text);
	parser.complaint.where = where;
	parser.complaint.mistake = mistake;
	root = parse_all(&parser, wanted_bool);
	if (!root)
		return NULL;
	expr = arena_alloc(arena, sizeof(*expr));
	expr->root = root;
	expr->text = parser.text;
	expr->where = where;
	return expr;
}

const struct expr *expr_parse(struct arena *arena, const char *text, struct where where, bool wanted_bool,
			      const struct expr_scope *scope, struct err *err)
{
	struct expr_mistake mistake;
	const struct expr *expr = expr_compile(arena, text, where, wanted_bool, scope, &mistake);

	if (expr)
		return expr;
	return err_null(err, EXIT_USAGE, "%s:%u:%u: %s", mistake.where.file, mistake.where.line, mistake.where.column,
			mistake.message);
}

struct value expr_eval(const struct expr *expr, const struct expr_env *env)
{
	struct evaluation evaluation;

	/* The slots of loop variables stay as they are: a loop sets its own before anything reads it. */
	evaluation.env = env;
	evaluation.steps = evaluation.bytes = 0;
	evaluation.trace = NULL;
	return term_eval(expr->root, &evaluation);
}

struct value value_cast(struct value value, struct int_type type)
{
	return value.known ? value_of(value.bits, type) : value;
}

struct int_type expr_type(const struct expr *expr)
{
	return expr->root->type;
}

const char *expr_text(const struct expr *expr)
{
	return expr->text;
}

struct where expr_where(const struct expr *expr)
{
	return expr->where;
}

static void visit_names(const struct term *term, void (*visit)(void *context, const struct name *name), void *context)
{
	unsigned i;

	if (term->op == TERM_READ || term->op == TERM_LOAD || (term->op == TERM_CALL && term->name))
		visit(context, term->name);
	for (i = 0; i < term->argc; i++)
		visit_names(term->arg[i], visit, context);
}

void expr_names(const struct expr *expr, void (*visit)(void *context, const struct name *name), void *context)
{
	visit_names(expr->root, visit, context);
}

static void visit_literals(const struct term *term, void (*visit)(void *context, uint64_t bits), void *context)
{
	size_t i;

	if (term->op == TERM_CONSTANT && term->type.bits)
		visit(context, term->bits);
	for (i = 0; i < term->argc; i++)
		visit_literals(term->arg[i], visit, context);
	if (term->op != TERM_IN && term->op != TERM_NOT_IN)
		return;
	for (i = 0; i < term->set->count; i++) {
		visit(context, (uint64_t)term->set->ranges[i].low);
		if (term->set->ranges[i].high != term->set->ranges[i].low)
			visit(context, (uint64_t)term->set->ranges[i].high);
	}
}

void expr_literals(const struct expr *expr, void (*visit)(void *context, uint64_t bits), void *context)
{
	visit_literals(expr->root, visit, context);
}
