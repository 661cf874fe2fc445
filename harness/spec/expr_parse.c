/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_parse.c - operators and brackets: precedence climbing over the table below.
 */
#include <stdio.h>

#include "spec/expr_parse.h"

enum { LEVEL_LOWEST = 1, LEVEL_COMPARISON = 4 };

/* Tightest first, as spec/README.md lists them. */
static const struct {
	enum token_kind token;
	enum term_op op;
	unsigned level;
} operators[] = {
	{ TOKEN_MULTIPLY, TERM_MULTIPLY, 10 },
	{ TOKEN_DIVIDE, TERM_DIVIDE, 10 },
	{ TOKEN_REMAINDER, TERM_REMAINDER, 10 },
	{ TOKEN_PLUS, TERM_ADD, 9 },
	{ TOKEN_MINUS, TERM_SUBTRACT, 9 },
	{ TOKEN_LEFT, TERM_LEFT, 8 },
	{ TOKEN_RIGHT, TERM_RIGHT, 8 },
	{ TOKEN_BIT_AND, TERM_BIT_AND, 7 },
	{ TOKEN_BIT_XOR, TERM_BIT_XOR, 6 },
	{ TOKEN_BIT_OR, TERM_BIT_OR, 5 },
	{ TOKEN_LESS, TERM_LESS, LEVEL_COMPARISON },
	{ TOKEN_LESS_EQUAL, TERM_LESS_EQUAL, LEVEL_COMPARISON },
	{ TOKEN_GREATER, TERM_GREATER, LEVEL_COMPARISON },
	{ TOKEN_GREATER_EQUAL, TERM_GREATER_EQUAL, LEVEL_COMPARISON },
	{ TOKEN_IN, TERM_IN, LEVEL_COMPARISON },
	{ TOKEN_NOT_IN, TERM_NOT_IN, LEVEL_COMPARISON },
	{ TOKEN_EQUAL, TERM_EQUAL, 3 },
	{ TOKEN_NOT_EQUAL, TERM_NOT_EQUAL, 3 },
	{ TOKEN_AND, TERM_AND, 2 },
	{ TOKEN_OR, TERM_OR, LEVEL_LOWEST },
};

static const struct {
	enum token_kind token;
	enum term_op op;
} prefixes[] = {
	{ TOKEN_MINUS, TERM_NEGATE },
	{ TOKEN_INVERT, TERM_INVERT },
	{ TOKEN_NOT, TERM_NOT },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void parser_advance(struct parser *parser)
{
	parser->token = expr_token(parser->text, parser->token.at + parser->token.length);
}

struct term *parser_expected(struct parser *parser, const char *what)
{
	const struct token *token = &parser->token;
	unsigned char first = (unsigned char)parser->text[token->at];

	if (token->kind == TOKEN_END)
		return expr_complain(&parser->complaint, token->at, "%s expected, got the end", what);
	if (token->kind != TOKEN_BAD)
		return expr_complain(&parser->complaint, token->at, "%s expected, got `%.*s`", what, (int)token->length,
				     parser->text + token->at);
	if (first < 0x20 || first > 0x7e)
		return expr_complain(&parser->complaint, token->at, "%s expected, got byte 0x%02x: %s", what, first,
				     token->mistake);
	return expr_complain(&parser->complaint, token->at, "%s expected, got `%.*s`: %s", what,
			     token->length > 40 ? 40 : (int)token->length, parser->text + token->at, token->mistake);
}

bool parser_take(struct parser *parser, enum token_kind kind, const char *what)
{
	if (parser->token.kind != kind) {
		parser_expected(parser, what);
		return false;
	}
	parser_advance(parser);
	return true;
}

struct term *parser_term(struct parser *parser, enum term_op op, unsigned at)
{
	struct term *term = arena_alloc(parser->arena, sizeof(*term));

	term->op = op;
	term->at = at;
	return term;
}

bool parser_enter(struct parser *parser)
{
	if (parser->nesting >= EXPR_NESTING) {
		expr_complain(&parser->complaint, parser->token.at, "nested more than %d levels deep", EXPR_NESTING);
		return false;
	}
	parser->nesting++;
	return true;
}

void parser_leave(struct parser *parser)
{
	parser->nesting--;
}

static struct term *parse_number(struct parser *parser)
{
	struct term *term = parser_term(parser, TERM_CONSTANT, parser->token.at);

	term->adapts = true;
	term->bits = parser->token.number;
	parser_advance(parser);
	return term;
}

static struct term *parse_truth(struct parser *parser)
{
	struct term *term = parser_term(parser, TERM_CONSTANT, parser->token.at);

	term->type = type_bool;
	term->bits = parser->token.kind == TOKEN_TRUE;
	parser_advance(parser);
	return term;
}

static struct term *parse_brackets(struct parser *parser)
{
	struct term *term;

	parser_advance(parser);
	term = parse_expression(parser);
	return term && parser_take(parser, TOKEN_CLOSE, "an operator or `)`") ? term : NULL;
}

static struct term *parse_primary(struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_NUMBER:
		return parse_number(parser);
	case TOKEN_TRUE:
	case TOKEN_FALSE:
		return parse_truth(parser);
	case TOKEN_OPEN:
		return parse_brackets(parser);
	case TOKEN_NAME:
		return parse_named(parser);
	default:
		return parser_expected(parser, "a value");
	}
}

static struct term *parse_unary(struct parser *parser)
{
	struct term *term = NULL;
	size_t i;

	for (i = 0; i < COUNT(prefixes) && !term; i++)
		if (parser->token.kind == prefixes[i].token)
			term = parser_term(parser, prefixes[i].op, parser->token.at);
	if (!term)
		return parse_primary(parser);
	if (!parser_enter(parser))
		return NULL;
	parser_advance(parser);
	term->argc = 1;
	term->arg[0] = parse_unary(parser);
	parser_leave(parser);
	return term->arg[0] ? type_unary(&parser->complaint, term) : NULL;
}

static int find_operator(enum token_kind token, unsigned lowest)
{
	size_t i;

	for (i = 0; i < COUNT(operators); i++)
		if (operators[i].token == token && operators[i].level >= lowest)
			return (int)i;
	return -1;
}

static struct term *parse_binary(struct parser *parser, unsigned lowest)
{
	struct term *left = parse_unary(parser);
	int found;

	while (left && (found = find_operator(parser->token.kind, lowest)) >= 0) {
		struct term *term = parser_term(parser, operators[found].op, parser->token.at);

		parser_advance(parser);
		term->argc = 1;
		term->arg[0] = left;
		if (term->op == TERM_IN || term->op == TERM_NOT_IN) {
			left = parse_set(parser, term);
			continue;
		}
		term->argc = 2;
		term->arg[1] = parse_binary(parser, operators[found].level + 1);
		left = term->arg[1] ? type_binary(&parser->complaint, term) : NULL;
	}
	return left;
}

struct term *parse_set_element(struct parser *parser)
{
	return parse_binary(parser, LEVEL_COMPARISON + 1);
}

/* To the right, as in a => b => c: a, then b, then c. */
static struct term *parse_implication(struct parser *parser)
{
	struct term *left = parse_binary(parser, LEVEL_LOWEST), *term;

	if (!left || parser->token.kind != TOKEN_IMPLIES)
		return left;
	if (!parser_enter(parser))
		return NULL;
	term = parser_term(parser, TERM_IMPLIES, parser->token.at);
	parser_advance(parser);
	term->argc = 2;
	term->arg[0] = left;
	term->arg[1] = parse_implication(parser);
	parser_leave(parser);
	return term->arg[1] ? type_binary(&parser->complaint, term) : NULL;
}

static struct term *parse_choice(struct parser *parser, struct term *condition)
{
	struct term *term = parser_term(parser, TERM_CHOOSE, parser->token.at);

	parser_advance(parser);
	term->argc = 3;
	term->arg[0] = condition;
	term->arg[1] = parse_expression(parser);
	if (!term->arg[1] || !parser_take(parser, TOKEN_COLON, "an operator or `:`"))
		return NULL;
	term->arg[2] = parse_expression(parser);
	return term->arg[2] ? type_choose(&parser->complaint, term) : NULL;
}

struct term *parse_expression(struct parser *parser)
{
	struct term *term;

	if (!parser_enter(parser))
		return NULL;
	term = parse_implication(parser);
	if (term && parser->token.kind == TOKEN_QUESTION)
		term = parse_choice(parser, term);
	parser_leave(parser);
	return term;
}
