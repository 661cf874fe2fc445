/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_lex.h - an expression's text as tokens. Private to the expression language.
 */
#ifndef ASSAY_SPEC_EXPR_LEX_H
#define ASSAY_SPEC_EXPR_LEX_H

#include <stdint.h>

enum token_kind {
	TOKEN_END,
	TOKEN_BAD,
	TOKEN_NUMBER,
	TOKEN_NAME,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OPEN_INDEX,
	TOKEN_CLOSE_INDEX,
	TOKEN_OPEN_SET,
	TOKEN_CLOSE_SET,
	TOKEN_COMMA,
	TOKEN_DOT,
	TOKEN_RANGE,
	TOKEN_QUESTION,
	TOKEN_COLON,
	TOKEN_NOT,
	TOKEN_INVERT,
	TOKEN_MULTIPLY,
	TOKEN_DIVIDE,
	TOKEN_REMAINDER,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_BIT_AND,
	TOKEN_BIT_XOR,
	TOKEN_BIT_OR,
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_GREATER,
	TOKEN_GREATER_EQUAL,
	TOKEN_IN,
	TOKEN_NOT_IN,
	TOKEN_EQUAL,
	TOKEN_NOT_EQUAL,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_IMPLIES,
};

struct token {
	enum token_kind kind;
	unsigned at, length; /* in the text */
	uint64_t number; /* TOKEN_NUMBER */
	const char *mistake; /* TOKEN_BAD: what is wrong with it */
};

/* The token that begins at or after offset `at`. Any bytes give a token; the end and a bad token come again and again. */
struct token expr_token(const char *text, unsigned at);

#endif
