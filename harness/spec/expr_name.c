/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_name.c - what a name stands for: a value, memory behind a pointer, a loop's variable.
 */
#include <string.h>

#include "spec/expr_functions.h"
#include "spec/expr_parse.h"
#include "spec/near.h"

const char *parse_dotted(struct parser *parser)
{
	unsigned start = parser->token.at, end = start + parser->token.length;
	char *name;

	parser_advance(parser);
	while (parser->token.kind == TOKEN_DOT && parser->token.at == end) {
		struct token next = expr_token(parser->text, end + 1);

		if (next.kind != TOKEN_NAME || next.at != end + 1)
			break;
		end = next.at + next.length;
		parser->token = next;
		parser_advance(parser);
	}
	name = arena_alloc(parser->arena, end - start + 1);
	memcpy(name, parser->text + start, end - start);
	return name;
}

bool name_is_known(struct parser *parser, const char *text, unsigned at, struct name *found)
{
	const struct expr_scope *scope = parser->scope;

	memset(found, 0, sizeof(*found));
	if (scope->find && scope->find(scope->context, text, found))
		return true;
	complain_unknown(parser, WANTED_NAME, text, at);
	return false;
}

/* Hints: a name is offered only where it would be good. */
struct hint {
	struct near near;
	const struct parser *parser;
	enum wanted wanted;
};

static bool is_wanted(const struct hint *hint, const char *name)
{
	const struct expr_scope *scope = hint->parser->scope;
	struct name found = { .keys = 0 };

	switch (hint->wanted) {
	case WANTED_SET:
		return scope->find_set && scope->find_set(scope->context, name);
	case WANTED_CHAPTER:
		return scope->find_chapter && scope->find_chapter(scope->context, name) >= 0;
	case WANTED_NAME:
		return scope->find && scope->find(scope->context, name, &found);
	default:
		return false;
	}
}

/* A name of which more than half must change is no hint. */
static bool consider(struct near *near, const char *name)
{
	struct near nearer = *near;

	near_consider(&nearer, name);
	if (nearer.best == near->best || nearer.distance * 2 > strlen(near->wanted))
		return false;
	*near = nearer;
	return true;
}

static void offer(void *context, const char *name)
{
	struct hint *hint = context;
	struct near before = hint->near;

	if (consider(&hint->near, name) && !is_wanted(hint, name))
		hint->near = before;
}

static void find_hint(struct hint *hint)
{
	const struct expr_scope *scope = hint->parser->scope;
	const struct function *function;
	unsigned i;

	for (i = 0; i < hint->parser->loop_count && hint->wanted == WANTED_NAME; i++)
		consider(&hint->near, hint->parser->loops[i].name);
	for (function = functions; function->name && hint->wanted == WANTED_FUNCTION; function++)
		consider(&hint->near, function->name);
	if (scope->each_name)
		scope->each_name(scope->context, offer, hint);
}

struct term *complain_unknown(struct parser *parser, enum wanted wanted, const char *name, unsigned at)
{
	static const char *const what[] = { "name", "set", "chapter", "function" };
	struct hint hint = { { .wanted = name }, parser, wanted };

	if (!strcmp(name, "unknown"))
		return expr_complain(&parser->complaint, at,
				     "`unknown` is the value of an effect as a whole: ask with known(...)");
	find_hint(&hint);
	return expr_complain(&parser->complaint, at, "no %s `%.80s` is known here%s", what[wanted], name,
			     near_hint(parser->arena, &hint.near));
}

static struct term *constant_term(struct parser *parser, const struct name *name, unsigned at)
{
	struct term *term = parser_term(parser, TERM_CONSTANT, at);

	term->adapts = true;
	term->bits = name->value.bits;
	term->negative = name->value.type.is_signed && name->value.bits >> 63;
	return term;
}

static struct term *parse_key(struct parser *parser)
{
	struct term *term = parse_expression(parser);

	return term && type_want_integer(&parser->complaint, term) && type_settle(&parser->complaint, term) ? term : NULL;
}

/* name[key], name[key][key], name[key, key] */
static bool parse_keys(struct parser *parser, struct term *term, unsigned wanted)
{
	if (!parser_take(parser, TOKEN_OPEN_INDEX, "`[` and an index"))
		return false;
	for (;;) {
		struct term *key = parse_key(parser);

		if (!key)
			return false;
		term->arg[term->argc++] = key;
		if (term->argc == wanted)
			return parser_take(parser, TOKEN_CLOSE_INDEX, "`]`");
		if (parser->token.kind == TOKEN_CLOSE_INDEX) {
			parser_advance(parser);
			if (!parser_take(parser, TOKEN_OPEN_INDEX, "a second index"))
				return false;
		} else if (!parser_take(parser, TOKEN_COMMA, "`,` and a second index")) {
			return false;
		}
	}
}

static struct term *read_term(struct parser *parser, const struct name *name, const char *text, unsigned at)
{
	struct term *term = parser_term(parser, TERM_READ, at);

	term->name = arena_copy(parser->arena, name, sizeof(*name));
	term->text = text;
	term->type = name->type;
	if (name->keys && !parse_keys(parser, term, name->keys > 2 ? 2 : name->keys))
		return NULL;
	if (parser->token.kind == TOKEN_OPEN_INDEX)
		return expr_complain(&parser->complaint, parser->token.at, "`%.80s` takes no %sindex", text,
				     name->keys ? "further " : "");
	return term;
}

static uint8_t bytes_of(struct int_type type)
{
	return type.bits <= 8 ? 1 : type.bits <= 16 ? 2 : type.bits <= 32 ? 4 : 8;
}

static struct term *parse_field(struct parser *parser, struct term *term)
{
	const struct expr_scope *scope = parser->scope;
	unsigned at;

	parser_advance(parser);
	if (parser->token.kind != TOKEN_NAME)
		return parser_expected(parser, "the name of a field");
	at = parser->token.at;
	term->field = parse_dotted(parser);
	if (!scope->find_field || !scope->find_field(scope->context, term->number, term->field, &term->offset, &term->type))
		return expr_complain(&parser->complaint, at, "what `%.80s` points to has no field `%.80s`", term->text,
				     term->field);
	return term;
}

/* The current token is the bracket behind a buffer's name. */
static struct term *parse_load(struct parser *parser, const struct name *name, const char *text, unsigned at)
{
	const struct expr_scope *scope = parser->scope;
	struct term *term = parser_term(parser, TERM_LOAD, at);
	bool plain = true;

	term->name = arena_copy(parser->arena, name, sizeof(*name));
	term->text = text;
	term->number = name->index;
	term->old = parser->old;
	term->stride = 1;
	term->type = (struct int_type){ 8, false };
	parser->loads++;
	if (!parse_keys(parser, term, 1))
		return NULL;
	if (scope->element)
		plain = scope->element(scope->context, name->index, &term->stride, &term->type);
	if (parser->token.kind == TOKEN_DOT) {
		if (!parse_field(parser, term))
			return NULL;
	} else if (!plain || !term->type.bits) {
		return expr_complain(&parser->complaint, at, "`%.80s[...]` is a struct: name a field, as in %.80s[0].field", text,
				     text);
	}
	term->bytes = bytes_of(term->type);
	return term;
}

/* Without an index a pointer is the address that was passed. */
static struct term *buffer_term(struct parser *parser, struct name *name, const char *text, unsigned at)
{
	if (parser->token.kind == TOKEN_OPEN_INDEX)
		return parse_load(parser, name, text, at);
	name->kind = NAME_ARG;
	name->index = name->arg;
	name->keys = 0;
	return read_term(parser, name, text, at);
}

static struct term *loop_term(struct parser *parser, const char *text, unsigned at)
{
	unsigned i = parser->loop_count;

	while (i-- > 0) {
		struct term *term;

		if (strcmp(parser->loops[i].name, text))
			continue;
		term = parser_term(parser, TERM_LOOP, at);
		term->number = i;
		term->type = parser->loops[i].is_signed ? type_s64 : type_u64;
		return term;
	}
	return NULL;
}

struct term *parse_named(struct parser *parser)
{
	unsigned at = parser->token.at;
	const char *text = parse_dotted(parser);
	struct term *loop = loop_term(parser, text, at);
	struct name name;

	if (parser->token.kind == TOKEN_OPEN)
		return parse_call(parser, text, at);
	if (loop)
		return loop;
	if (!name_is_known(parser, text, at, &name))
		return NULL;
	if (name.kind == NAME_CONSTANT)
		return constant_term(parser, &name, at);
	if (name.kind == NAME_BUFFER)
		return buffer_term(parser, &name, text, at);
	return read_term(parser, &name, text, at);
}
