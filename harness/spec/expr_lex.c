/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_lex.c - an expression's text as tokens.
 */
#include <stdbool.h>
#include <string.h>

#include "spec/expr_lex.h"

/* Longer marks first: the first that fits is taken. */
static const struct {
	const char *text;
	enum token_kind kind;
} marks[] = {
	{ "..", TOKEN_RANGE },	    { "<<", TOKEN_LEFT },	   { ">>", TOKEN_RIGHT },
	{ "<=", TOKEN_LESS_EQUAL }, { ">=", TOKEN_GREATER_EQUAL }, { "==", TOKEN_EQUAL },
	{ "!=", TOKEN_NOT_EQUAL },  { "&&", TOKEN_AND },	   { "||", TOKEN_OR },
	{ "=>", TOKEN_IMPLIES },    { "(", TOKEN_OPEN },	   { ")", TOKEN_CLOSE },
	{ "[", TOKEN_OPEN_INDEX },  { "]", TOKEN_CLOSE_INDEX },	   { "{", TOKEN_OPEN_SET },
	{ "}", TOKEN_CLOSE_SET },   { ",", TOKEN_COMMA },	   { ".", TOKEN_DOT },
	{ "?", TOKEN_QUESTION },    { ":", TOKEN_COLON },	   { "!", TOKEN_NOT },
	{ "~", TOKEN_INVERT },	    { "*", TOKEN_MULTIPLY },	   { "/", TOKEN_DIVIDE },
	{ "%", TOKEN_REMAINDER },   { "+", TOKEN_PLUS },	   { "-", TOKEN_MINUS },
	{ "&", TOKEN_BIT_AND },	    { "^", TOKEN_BIT_XOR },	   { "|", TOKEN_BIT_OR },
	{ "<", TOKEN_LESS },	    { ">", TOKEN_GREATER },
};

static const struct {
	const char *text;
	enum token_kind kind;
} words[] = {
	{ "true", TOKEN_TRUE },
	{ "false", TOKEN_FALSE },
	{ "in", TOKEN_IN },
};

/* The C library's tests depend on the locale. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned skip_blanks(const char *text, unsigned at)
{
	return at + (unsigned)strspn(text + at, " \t\r\n");
}

static unsigned word_length(const char *text, unsigned at)
{
	unsigned end = at;

	while (is_letter(text[end]) || is_digit(text[end]))
		end++;
	return end - at;
}

static bool word_is(const char *text, unsigned at, unsigned length, const char *word)
{
	return strlen(word) == length && !memcmp(text + at, word, length);
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

static struct token bad(struct token token, const char *mistake)
{
	token.kind = TOKEN_BAD;
	token.mistake = mistake;
	return token;
}

static struct token number_token(const char *text, struct token token)
{
	unsigned base = 10, i = 0;
	const char *digits = text + token.at;

	token.kind = TOKEN_NUMBER;
	token.length = word_length(text, token.at);
	if (digits[0] == '0' && token.length > 1) {
		base = digits[1] == 'x' || digits[1] == 'X' ? 16 : digits[1] == 'b' || digits[1] == 'B' ? 2 : 0;
		i = 2;
	}
	if (base == 0)
		return bad(token, "a number does not begin with 0, except as 0x... or 0b...");
	if (i == token.length)
		return bad(token, "digits expected behind the prefix");
	for (; i < token.length; i++) {
		unsigned digit = digit_value(digits[i]);

		if (digit >= base)
			return bad(token, "this is no number");
		if (__builtin_mul_overflow(token.number, (uint64_t)base, &token.number) ||
		    __builtin_add_overflow(token.number, (uint64_t)digit, &token.number))
			return bad(token, "a number has at most 64 bits");
	}
	return token;
}

static struct token word_token(const char *text, struct token token)
{
	size_t i;

	token.kind = TOKEN_NAME;
	token.length = word_length(text, token.at);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_is(text, token.at, token.length, words[i].text))
			token.kind = words[i].kind;
	if (word_is(text, token.at, token.length, "not")) {
		unsigned next = skip_blanks(text, token.at + token.length);

		if (word_is(text, next, word_length(text, next), "in")) {
			token.kind = TOKEN_NOT_IN;
			token.length = next + 2 - token.at;
		}
	}
	return token;
}

struct token expr_token(const char *text, unsigned at)
{
	struct token token = { TOKEN_END, skip_blanks(text, at), 0, 0, NULL };
	const char *rest = text + token.at;
	size_t i;

	if (!*rest)
		return token;
	if (is_digit(*rest))
		return number_token(text, token);
	if (is_letter(*rest))
		return word_token(text, token);
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		token.length = (unsigned)strlen(marks[i].text);
		if (!strncmp(rest, marks[i].text, token.length)) {
			token.kind = marks[i].kind;
			return token;
		}
	}
	token.length = 1;
	return bad(token, "this character has no meaning here");
}
