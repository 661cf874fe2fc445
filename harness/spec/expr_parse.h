/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_parse.h - the state of a parser, and its parts. Private to the expression language.
 *
 * Each parse_* function begins at the current token, leaves the one behind what it took, and returns a typed term, or NULL
 * when it has complained.
 */
#ifndef ASSAY_SPEC_EXPR_PARSE_H
#define ASSAY_SPEC_EXPR_PARSE_H

#include "spec/expr_lex.h"
#include "spec/expr_term.h"

struct parser {
	struct arena *arena;
	const struct expr_scope *scope;
	const char *text;
	struct token token;
	struct complaint complaint;
	unsigned nesting;
	bool old; /* inside old() */
	unsigned loads; /* memory accesses so far */
	unsigned loop_count;
	struct {
		const char *name;
		bool is_signed;
	} loops[EXPR_LOOPS];
};

void parser_advance(struct parser *parser);
/* Takes the token if it is of this kind; else complains that `what` was expected. */
bool parser_take(struct parser *parser, enum token_kind kind, const char *what);
struct term *parser_expected(struct parser *parser, const char *what);
struct term *parser_term(struct parser *parser, enum term_op op, unsigned at);
/* One level deeper; false, with a complaint, when that is too deep. */
bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);

struct term *parse_expression(struct parser *parser);
struct term *parse_set_element(struct parser *parser); /* what binds tighter than a comparison */

/* expr_name.c: what begins with a name */
struct term *parse_named(struct parser *parser);
/* A name with its dots, as one string in the arena; the current token must be a name. */
const char *parse_dotted(struct parser *parser);
bool name_is_known(struct parser *parser, const char *text, unsigned at, struct name *found);
enum wanted { WANTED_NAME, WANTED_SET, WANTED_CHAPTER, WANTED_FUNCTION };
struct term *complain_unknown(struct parser *parser, enum wanted wanted, const char *name, unsigned at);

/* expr_call.c: functions and casts; the current token is the bracket */
struct term *parse_call(struct parser *parser, const char *name, unsigned at);

/* expr_set.c: what stands behind `in`; `term` is the TERM_IN or TERM_NOT_IN with its left side */
struct term *parse_set(struct parser *parser, struct term *term);

#endif
