/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_call.c - calls of functions and casts: their arguments as the table of functions wants them.
 */
#include <stdio.h>

#include "spec/expr_functions.h"
#include "spec/expr_parse.h"

static struct term *parse_cast(struct parser *parser, struct int_type type, unsigned at)
{
	struct term *term = parser_term(parser, TERM_CAST, at);

	parser_advance(parser);
	term->argc = 1;
	term->arg[0] = parse_expression(parser);
	if (!term->arg[0] || !parser_take(parser, TOKEN_CLOSE, "`)`"))
		return NULL;
	return type_cast(&parser->complaint, term, type);
}

static struct term *wrong_arguments(struct parser *parser, const struct function *function)
{
	char what[120];

	snprintf(what, sizeof(what), "%s", function->usage);
	return parser_expected(parser, what);
}

static bool parse_buffer(struct parser *parser, struct term *term)
{
	unsigned at = parser->token.at;
	struct name name;

	if (parser->token.kind != TOKEN_NAME) {
		parser_expected(parser, "the name of a buffer");
		return false;
	}
	term->text = parse_dotted(parser);
	if (!name_is_known(parser, term->text, at, &name))
		return false;
	if (name.kind != NAME_BUFFER) {
		expr_complain(&parser->complaint, at, "`%.80s` is no buffer", term->text);
		return false;
	}
	term->name = arena_copy(parser->arena, &name, sizeof(name));
	term->number = name.index;
	parser->loads++;
	return true;
}

static bool parse_chapter(struct parser *parser, struct term *term)
{
	const struct expr_scope *scope = parser->scope;
	unsigned at = parser->token.at;
	const char *name;
	int number;

	if (parser->token.kind != TOKEN_NAME) {
		parser_expected(parser, "the name of a chapter");
		return false;
	}
	name = parse_dotted(parser);
	number = scope->find_chapter ? scope->find_chapter(scope->context, name) : -1;
	if (number < 0)
		complain_unknown(parser, WANTED_CHAPTER, name, at);
	term->number = (unsigned)number;
	return number >= 0;
}

static bool parse_variable(struct parser *parser, struct term *term)
{
	if (parser->token.kind != TOKEN_NAME) {
		parser_expected(parser, "the name of a variable");
		return false;
	}
	if (parser->loop_count == EXPR_LOOPS) {
		expr_complain(&parser->complaint, parser->token.at, "more than %d loops inside each other", EXPR_LOOPS);
		return false;
	}
	term->text = parse_dotted(parser);
	return true;
}

/* The body of all() and any(), in which the variable is known. It has the sign of its bounds, and room for all of them. */
static struct term *parse_body(struct parser *parser, struct term *loop)
{
	struct int_type type;
	struct term *body;

	if (!type_common(&parser->complaint, loop->arg[0], loop->arg[1], loop->at, &type))
		return NULL;
	loop->number = parser->loop_count;
	parser->loops[parser->loop_count].name = loop->text;
	parser->loops[parser->loop_count].is_signed = type.is_signed;
	parser->loop_count++;
	body = parse_expression(parser);
	parser->loop_count--;
	if (!body || !type_want_truth(&parser->complaint, body))
		return NULL;
	loop->mask = loop_mask(loop, body);
	return body;
}

static struct term *parse_old(struct parser *parser)
{
	unsigned loads = parser->loads, at = parser->token.at;
	bool outer = parser->old;
	struct term *term;

	parser->old = true;
	term = parse_expression(parser);
	parser->old = outer;
	if (term && parser->loads == loads)
		return expr_complain(&parser->complaint, at,
				     "old() is for memory, as in old(buf[0]): nothing else changes in a call");
	return term;
}

static bool parse_argument(struct parser *parser, struct term *call, enum parameter parameter)
{
	struct term *term;

	switch (parameter) {
	case PARAMETER_BUFFER:
		return parse_buffer(parser, call);
	case PARAMETER_CHAPTER:
		return parse_chapter(parser, call);
	case PARAMETER_VARIABLE:
		return parse_variable(parser, call);
	case PARAMETER_OLD:
		term = parse_old(parser);
		break;
	case PARAMETER_TRUTH:
		term = parse_body(parser, call);
		break;
	default:
		term = parse_expression(parser);
		if (term && parameter == PARAMETER_INTEGER && !type_want_integer(&parser->complaint, term))
			return false;
		break;
	}
	if (term)
		call->arg[call->argc++] = term;
	return term;
}

static bool parse_arguments(struct parser *parser, struct term *call)
{
	const char *parameter = call->function->parameters;

	for (; *parameter; parameter++) {
		if (*parameter == PARAMETER_REST) {
			if (parser->token.kind == TOKEN_CLOSE)
				break;
			continue;
		}
		if (parameter != call->function->parameters && parser->token.kind != TOKEN_COMMA)
			return wrong_arguments(parser, call->function);
		if (parameter != call->function->parameters)
			parser_advance(parser);
		if (!parse_argument(parser, call, (enum parameter) * parameter))
			return false;
	}
	return parser->token.kind == TOKEN_CLOSE || wrong_arguments(parser, call->function);
}

struct term *parse_call(struct parser *parser, const char *name, unsigned at)
{
	struct term *call;
	struct int_type type;

	if (cast_find(name, &type))
		return parse_cast(parser, type, at);
	call = parser_term(parser, TERM_CALL, at);
	call->function = function_find(name);
	call->old = parser->old;
	if (!call->function)
		return complain_unknown(parser, WANTED_FUNCTION, name, at);
	if (call->function->of_structure && !parser->scope->is_structure)
		return expr_complain(&parser->complaint, at, "%s is for rules over a structure", call->function->usage);
	call->op = call->function->op;
	parser_advance(parser);
	if (!parse_arguments(parser, call))
		return NULL;
	parser_advance(parser);
	if (call->function->parameters[0] == PARAMETER_OLD)
		return call->arg[0];
	return function_type(&parser->complaint, call);
}
